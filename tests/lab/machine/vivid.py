# SPDX-License-Identifier: LGPL-2.1-or-later
"""The kernel's HDMI receiver driver, put into each state that a signal can be in.

Some states can only be entered while nobody streams: the computer's EDID cannot be taken away, nor
another program have the buffers. There the stream breaks off first, and what makes the state comes
before the next one begins: the signal itself goes from the one state to the other."""
import ctypes
import errno
import fcntl
import os
import re
import struct
import time

NODE = "/dev/video0"
DRIVER = "/sys/bus/platform/drivers/vivid"
S_CTRL, QUERYCTRL, QUERYMENU = 0xC008561C, 0xC0445624, 0xC02C5625
REQBUFS, G_EDID, S_EDID = 0xC0145608, 0xC0285628, 0xC0285629
NEXT = 0x80000000
BREAK_AGAIN_SECONDS = 0.5  # a busy host may sleep through the moment without a stream
STILL, QUICK = 3, 5  # lines of the menu "horizontal movement"
MODE = re.compile(r"(\d+)x(\d+)([ip])(\d+)")
NO_CABLE, NO_SYNC, OUT_OF_RANGE, PICTURE = 1, 2, 3, 4  # lines of the menu "signal mode"
STATES = (
    "ok",
    "no-cable",
    "no-signal",
    "no-sync",
    "out-of-range",
    "stalled",
    "device-lost",
    "busy",
)


def eventually(condition, seconds, what):
    end = time.monotonic() + seconds
    while not (value := condition()):
        if time.monotonic() > end:
            raise TimeoutError(what)
        time.sleep(0.01)
    return value


class Receiver:
    def __init__(self):
        self._fd = os.open(NODE, os.O_RDWR)
        self._other = None
        self._ids = dict(self._controls())
        self._edid = self._get_edid()
        self.set("Loop Video", 0)
        self.set("OSD Text Mode", 2)

    def _controls(self):
        at = NEXT
        while True:
            c = bytearray(struct.pack("<II32s7I", at, 0, b"", *[0] * 7))
            try:
                fcntl.ioctl(self._fd, QUERYCTRL, c)
            except OSError:
                return
            at, _, name = struct.unpack_from("<II32s", c)
            yield name.rstrip(b"\0").decode(), at
            at |= NEXT

    def modes(self, scans="ip"):
        """The modes of the menu, interlaced or progressive: {index: (width, height, rate)}.

        Without the two of 1366 columns: Linux 6.1's driver writes past the end of their buffers.
        And without the two of a clock below the lowest that it takes."""
        found = {}
        for i in range(200):
            m = bytearray(struct.pack("<II32sI", self._ids["DV Timings"], i, b"", 0))
            try:
                fcntl.ioctl(self._fd, QUERYMENU, m)
            except OSError:
                continue
            name = struct.unpack_from("<II32s", m)[2].rstrip(b"\0").decode()
            width, height, interlaced, rate = MODE.fullmatch(name).groups()
            width = int(width)
            too_slow = interlaced == "i" and width == 720
            if width % 4 == 0 and not too_slow and interlaced in scans:
                found[i] = (width, int(height), int(rate))
        return found

    def set(self, name, value):
        fcntl.ioctl(self._fd, S_CTRL, struct.pack("<Ii", self._ids[name], value))

    def mode(self, index):
        self.set("DV Timings", index)

    def _get_edid(self):
        blocks = bytearray(256)
        self._edid_call(G_EDID, 2, blocks)
        return blocks

    def _edid_call(self, request, count, blocks):
        memory = (ctypes.c_uint8 * 256).from_buffer(blocks)
        e = struct.pack("<III5IQ", 0, 0, count, *[0] * 5, ctypes.addressof(memory))
        fcntl.ioctl(self._fd, request, bytearray(e))

    def _when_idle(self, work, now=time.monotonic):
        """Does what the driver refuses while somebody streams; when it did."""
        broken_off = 0

        def done():
            nonlocal broken_off
            began = now()
            try:
                work()
                return began
            except OSError as e:
                if e.errno != errno.EBUSY:
                    raise
            if time.monotonic() - broken_off > BREAK_AGAIN_SECONDS:
                self.set("Inject Fatal Streaming Error", 0)
                broken_off = time.monotonic()
            return None

        return eventually(done, 30, "a moment without a stream")

    def _take(self):
        fd = os.open(NODE, os.O_RDWR)
        try:
            fcntl.ioctl(fd, REQBUFS, bytearray(struct.pack("<IIIII", 2, 1, 1, 0, 0)))
        except OSError:
            os.close(fd)
            raise
        self._other = fd

    def _plug_in(self):
        if self._fd is None:
            with open(f"{DRIVER}/bind", "w") as f:
                f.write("vivid.0")
            eventually(lambda: os.path.exists(NODE), 10, "the node")
            self._fd = os.open(NODE, os.O_RDWR)
            self.set("Loop Video", 0)
            self.set("OSD Text Mode", 2)

    def as_found(self):
        """As lib.sh's vivid_up leaves it."""
        self.set("Percentage of Dropped Buffers", 0)
        self.set("Horizontal Movement", STILL)
        self.set("DV Timings Signal Mode", PICTURE)
        self.mode(0)
        self.set("Loop Video", 1)

    def _pull_out(self):
        os.close(self._fd)
        self._fd = None
        with open(f"{DRIVER}/unbind", "w") as f:
            f.write("vivid.0")

    def go(self, before, after, now=time.monotonic):
        """From one state to another, what makes the new one first where that can be. Returns when the
        new state began: loading the driver, or waiting for the capture to let go, comes before."""
        self._plug_in()
        if before == "busy":
            os.close(self._other)
        if before == "no-signal":
            self._when_idle(lambda: self._edid_call(S_EDID, 2, self._edid))
        began = now()
        if after == "device-lost":
            self._pull_out()
            return began
        if after == "no-signal":
            began = self._when_idle(lambda: self._edid_call(S_EDID, 0, bytearray(256)), now)
        if after == "busy":
            began = self._when_idle(self._take, now)
        self.set("Percentage of Dropped Buffers", 100 if after == "stalled" else 0)
        signal = {"no-cable": NO_CABLE, "no-sync": NO_SYNC, "out-of-range": OUT_OF_RANGE}
        self.set("DV Timings Signal Mode", signal.get(after, PICTURE))
        return began
