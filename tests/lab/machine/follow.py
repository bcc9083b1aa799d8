# SPDX-License-Identifier: LGPL-2.1-or-later
"""Runs in the lab machine as the computer's operating system: takes the input devices of the gadget
for itself whenever there are any, lights its keyboard's caps lock as one does, and prints each event
as `keyboard KEY_A 1`, and `plugged keyboard` when one has come.

Told SIGUSR1 it prints how many reports each device has delivered: `reports keyboard=2 relative=0`.

The kernel keeps 64 events for who reads them. So one process does nothing but read, before all
others, and a second one prints, many lines at once: each write to the host's file takes its time.
`overrun` in the output means that the first was too slow even so."""
import fcntl
import glob
import os
import selectors
import signal
import struct
import sys
import time

import evdev
from evdev import ecodes

VENDORS = (0x3346, 0x1D6B)  # of pantographd's gadget, and of lib.sh's
KINDS = ("keyboard", "relative", "absolute", "consumer")
LISTENED_TO = (ecodes.EV_KEY, ecodes.EV_REL, ecodes.EV_ABS)
EVENT = struct.Struct("=qqHHi")
HEADER = struct.Struct("=BI")
CAPS_PRESSED = struct.pack("=HHi", ecodes.EV_KEY, ecodes.KEY_CAPSLOCK, 1)
AUTOREPEAT = 2
LOOK_SECONDS = 0.1
GATHER_SECONDS = 0.02  # of what is printed at once
READ_BYTES = 64 * EVENT.size
PIPE_BYTES = 1 << 20


def kind_of(device):
    able = device.capabilities()
    if ecodes.EV_LED in able:
        return "keyboard"
    if ecodes.KEY_PLAYPAUSE in able.get(ecodes.EV_KEY, ()):
        return "consumer"
    return "absolute" if ecodes.EV_ABS in able else "relative"


def pass_on(pipe, kind, events):
    os.write(pipe, HEADER.pack(KINDS.index(kind), len(events)) + events)


def look_for_new(selector, known, pipe):
    for path in glob.glob("/dev/input/event*"):
        try:
            inode = os.stat(path).st_ino  # of a node that was made anew, another
            if known.get(path) == inode:
                continue
            known[path] = inode
            device = evdev.InputDevice(path)
            if device.info.vendor in VENDORS:
                device.grab()  # else this machine's console would act on it
                selector.register(device, selectors.EVENT_READ, kind_of(device))
                pass_on(pipe, kind_of(device), b"")
        except OSError:
            known.pop(path, None)


def read(pipe, parent):
    os.sched_setscheduler(0, os.SCHED_FIFO, os.sched_param(50))
    selector, known = selectors.DefaultSelector(), {}
    while os.getppid() == parent:
        ready = selector.select(LOOK_SECONDS)
        if not ready:
            look_for_new(selector, known, pipe)
        for key, _ in ready:
            device = key.fileobj
            try:
                events = os.read(device.fd, READ_BYTES)
                if CAPS_PRESSED in events:
                    device.set_led(ecodes.LED_CAPSL, ecodes.LED_CAPSL not in device.leds())
                pass_on(pipe, key.data, events)
            except OSError:
                selector.unregister(device)
                device.close()


def lines_of(kind, events):
    if not events:
        yield f"plugged {kind}"
    for _, _, type_, code, value in EVENT.iter_unpack(events):
        if (type_, code) == (ecodes.EV_SYN, ecodes.SYN_DROPPED):
            yield "overrun"
        if type_ not in LISTENED_TO or (type_ == ecodes.EV_KEY and value == AUTOREPEAT):
            continue
        name = ecodes.bytype[type_].get(code)
        if isinstance(name, (list, tuple)):
            name = "KEY_MUTE" if "KEY_MUTE" in name else name[0]
        if not name.endswith("HI_RES"):
            yield f"{kind} {name} {value}"


def reports_in(events):
    """The kernel ends what came of a report by an event of its own."""
    return sum(e[2:4] == (ecodes.EV_SYN, ecodes.SYN_REPORT) for e in EVENT.iter_unpack(events))


def show(pipe):
    reports = dict.fromkeys(KINDS, 0)

    def count(*_):
        text = " ".join(f"{kind}={n}" for kind, n in reports.items())
        os.write(sys.stdout.fileno(), f"reports {text}\n".encode())

    signal.signal(signal.SIGUSR1, count)
    print("following", flush=True)
    waiting = b""
    while more := os.read(pipe, PIPE_BYTES):
        waiting += more
        lines, at = [], 0
        while len(waiting) - at >= HEADER.size:
            kind, length = HEADER.unpack_from(waiting, at)
            if len(waiting) - at < HEADER.size + length:
                break
            at += HEADER.size + length
            events = waiting[at - length : at]
            reports[KINDS[kind]] += reports_in(events)
            lines += lines_of(KINDS[kind], events)
        waiting = waiting[at:]
        print(*lines, sep="\n", end="\n" if lines else "", flush=True)
        time.sleep(GATHER_SECONDS)


printer = os.getpid()
receive, send = os.pipe()
fcntl.fcntl(send, fcntl.F_SETPIPE_SZ, PIPE_BYTES)
if os.fork() == 0:
    os.close(receive)
    read(send, printer)
    sys.exit()
os.close(send)
show(receive)
