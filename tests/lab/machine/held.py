# SPDX-License-Identifier: LGPL-2.1-or-later
"""Prints the keys that the computer's kernel has down on the devices of the gadget."""
import evdev
from evdev import ecodes

VENDORS = (0x3346, 0x1D6B)

for path in evdev.list_devices():
    try:
        device = evdev.InputDevice(path)
        if device.info.vendor in VENDORS:
            print(*(ecodes.bytype[ecodes.EV_KEY].get(k) for k in device.active_keys()))
    except OSError:
        pass  # it went while we looked
