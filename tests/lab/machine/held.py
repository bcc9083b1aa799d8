# SPDX-License-Identifier: LGPL-2.1-or-later
"""Prints the keys that the computer's kernel has down on the devices of the gadget.

By the kernel's own calls: it is asked again and again, and python3-evdev takes seconds to be loaded on
an emulated processor."""
import fcntl
import glob
import re
import struct

CODES = "/usr/include/linux/input-event-codes.h"
VENDORS = (0x3346, 0x1D6B)
KEYS = 0x300
EVIOCGID = 0x80084502
EVIOCGKEY = 0x80004518 | KEYS // 8 << 16

for path in glob.glob("/dev/input/event*"):
    try:
        with open(path, "rb", buffering=0) as device:
            _, vendor, _, _ = struct.unpack("=4H", fcntl.ioctl(device, EVIOCGID, bytes(8)))
            if vendor not in VENDORS:
                continue
            down = int.from_bytes(fcntl.ioctl(device, EVIOCGKEY, bytes(KEYS // 8)), "little")
    except OSError:
        continue  # it went while we looked
    if down:
        with open(CODES) as header:
            text = header.read()
        for name, code in re.findall(r"^#define ((?:KEY|BTN)_\w+)\s+(0x[0-9a-f]+|\d+)", text, re.M):
            if down >> int(code, 0) & 1:
                print(name)
