# SPDX-License-Identifier: LGPL-2.1-or-later
"""pantographd in the lab machine with a USB gadget of its own, and what the computer gets of it."""
import asyncio
import contextlib
import itertools
import time

import aiohttp
from conftest import eventually
from served import Served

CONFIG = """
video: {width: 320, height: 200, fps: 5, stamp: true}
hid: {keyboard: /dev/hidg0, relative: /dev/hidg1, absolute: /dev/hidg2}
usb: {gadget: on}
storage: {directory: /tmp/usb-images, reserve_mib: 0}
"""
STATE = "/tmp/state-usb"
OURS = "/sys/kernel/config/usb_gadget/pantograph"
DEVICE = "/sys/bus/usb/devices/1-1"
FOLLOW = "/usr/bin/python3 tests/lab/machine/follow.py"
HELD = "/usr/bin/python3 tests/lab/machine/held.py"
KEYBOARD = b"\x01"
UP = KEYBOARD + bytes(8)
MARKS = [(0x39 + n, f"F{n}") for n in range(1, 13)]  # keys that no test is about
CONSOLE = {"client": "the one console of this test"}


def key(usage, modifiers=0):
    return KEYBOARD + bytes([modifiers, 0, usage, 0, 0, 0, 0, 0])


class Kvm(Served):
    def __init__(self, machine, clear="gadget_down", config=CONFIG, name="usb", state=STATE):
        super().__init__(machine, name, config, state)
        self._clear = clear
        self._stack = contextlib.ExitStack()
        self.events = None

    def __enter__(self):
        self.machine.run(f"{self._clear}; computer_usb_up")
        self.events = self._stack.enter_context(self.machine.running("follow", FOLLOW))
        self.events.says("following")
        return self

    def __exit__(self, *failure):
        self._stack.close()

    def becomes(self, state, seconds=180):
        """Waits until the gadget is in that state; returns all that is said of it."""

        def there():
            usb = self.call("/api/usb")
            return usb["state"] == state and usb

        return eventually(there, seconds, f"the gadget {state}")

    def node(self, path):
        """What the daemon says of that device node."""
        (told,) = [node for node in self.call("/api/usb")["hid"] if node["node"] == path]
        return told

    def node_becomes(self, node, state, seconds=180):
        eventually(lambda: self.node(node)["state"] == state, seconds, f"{node} {state}")

    def sockets(self, work, count=1, seconds=180):
        """Runs work(socket, ...), a coroutine, with so many lines of one operator's console.

        One console: the daemon need not have noticed the end of the lines before, to let these type.
        Each is closed as the protocol has it: with what it was told yet unread, the daemon would
        see it broken off, and lose what it was sent."""

        async def connected():
            base = f"http://127.0.0.1:{self.machine.http_port}"
            async with aiohttp.ClientSession(base, headers={"Cookie": self._cookie}) as session:
                sockets = [await session.ws_connect("/api/ws") for _ in range(count)]
                for socket in sockets:
                    await socket.send_json(CONSOLE)
                result = await asyncio.wait_for(work(*sockets), seconds)
                for socket in sockets:
                    await socket.close()
                return result

        return asyncio.run(connected())

    def seen(self):
        return self.events.log().splitlines()

    def held(self):
        """The keys that the computer's kernel has down."""
        return self.machine.run(HELD).split()

    def received(self, device):
        """How many reports of that device the computer's kernel has made events of."""
        before = len(self.seen())
        self.machine.run(f"kill -USR1 {self.events.pid}")
        told = lambda: [line for line in self.seen()[before:] if line.startswith("reports ")]
        counts = dict(word.split("=") for word in eventually(told, 30, "counts")[0].split()[1:])
        return int(counts[device])

    def delivered(self, *reports, seconds=180):
        """Sends reports; what the computer saw of them, and nothing of what was sent before.

        Reports keep their order, so between two strokes of a key that nothing else presses is all
        that these became. A computer that does not listen yet loses some: then all is sent again,
        between strokes of another key."""
        end = time.monotonic() + seconds
        for attempt, (usage, name) in enumerate(itertools.cycle(MARKS), 1):
            before, released = len(self.seen()), f"keyboard KEY_{name} 0"

            async def send(socket):
                for report in (key(usage), UP, *reports, key(usage), UP):
                    await socket.send_bytes(report)

            self.sockets(send)
            give_up = min(end, time.monotonic() + min(2, 0.3 * attempt))
            while time.monotonic() < give_up:
                lines = self.seen()[before:]
                if lines.count(released) == 2:
                    first = lines.index(released)
                    last = lines.index(f"keyboard KEY_{name} 1", first)
                    return [line for line in lines[first + 1 : last] if "plugged" not in line]
                time.sleep(0.02)
            assert time.monotonic() < end, f"nothing arrives: {self.call('/api/usb')}"

    def settle(self):
        """Waits until the computer has seen all that is on its way."""
        self.delivered()

    def types(self, usage=0x04, name="KEY_A", seconds=180):
        """Presses a key until the computer sees it, as somebody would; fails if it never does, or
        if anything but that key comes."""
        stroke = [f"keyboard {name} 1", f"keyboard {name} 0"]

        def arrived():
            seen = self.delivered(key(usage), UP, seconds=seconds)
            assert set(seen) <= set(stroke), seen
            return seen == stroke

        eventually(arrived, seconds, f"{name} at the computer")


class Drives:
    """The gadget's second drive with an image in it, as both sides see it."""

    def __init__(self, kvm, mib=1):
        self._kvm = kvm
        make = f"mkdir -p /tmp/usb-images && head -c {mib}M /dev/urandom >/tmp/usb-images/noise.img"
        kvm.machine.run(make)
        self._sum = kvm.machine.run("sha256sum </tmp/usb-images/noise.img").split()[0]

    def put_in(self):
        wish = {"file": "noise.img", "drive": 1, "readOnly": True}
        self._kvm.call("/api/storage/image/mount", wish)

    def check(self):
        """The daemon says what is in it, and the computer reads it to its last byte."""
        drives = lambda: self._kvm.call("/api/storage/drives")["drives"]
        there = lambda: [d["file"] for d in drives()] == ["", "/tmp/usb-images/noise.img"]
        eventually(there, 60, "the image in the second drive")
        # Past the computer's cache: what the drive held before may still be in it.
        read = f"echo 3 >/proc/sys/vm/drop_caches; sha256sum <$(second_drive) | grep {self._sum}"
        eventually(lambda: self._kvm.machine.attempt(read)[0] == 0, 60, "its bytes at the computer")


def attributes(kvm, *names):
    eventually(lambda: kvm.machine.attempt(f"test -e {DEVICE}/serial")[0] == 0, 30, "enumeration")
    return [kvm.machine.run(f"cat {DEVICE}/{name} || true").strip() for name in names]


def shape(kvm, profile, network="off"):
    return kvm.ask("/api/usb", {"profile": profile, "network": network})
