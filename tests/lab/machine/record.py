# SPDX-License-Identifier: LGPL-2.1-or-later
"""Runs in the lab machine: prints every event of the three devices our gadget is to the computer,
one line each, as `keyboard KEY_A 1`."""
import selectors
import time

import evdev

KINDS = {"input0": "keyboard", "input1": "relative", "input2": "absolute"}  # USB interface
LISTENED_TO = (evdev.ecodes.EV_KEY, evdev.ecodes.EV_REL, evdev.ecodes.EV_ABS)
VENDOR = 0x1D6B  # as lib.sh writes it
AUTOREPEAT = 2


def devices():
    found = {}
    for path in evdev.list_devices():
        device = evdev.InputDevice(path)
        if device.info.vendor == VENDOR:
            found[KINDS[device.phys.rsplit("/", 1)[-1]]] = device
    return found


while len(opened := devices()) < len(KINDS):
    time.sleep(0.05)
selector = selectors.DefaultSelector()
for kind, device in opened.items():
    selector.register(device, selectors.EVENT_READ, kind)
print("recording", flush=True)
while True:
    for ready, _ in selector.select():
        for event in ready.fileobj.read():
            name = evdev.ecodes.bytype[event.type].get(event.code)
            name = name[0] if isinstance(name, list) else name
            repeated = event.type == evdev.ecodes.EV_KEY and event.value == AUTOREPEAT
            if event.type in LISTENED_TO and not repeated and not name.endswith("HI_RES"):
                print(ready.data, name, event.value, flush=True)
