# SPDX-License-Identifier: LGPL-2.1-or-later
"""pantographd in the lab machine with a USB gadget of its own, and what the computer gets of it."""
import asyncio
import contextlib

import aiohttp
from conftest import eventually
from served import Served

CONFIG = """
video: {width: 320, height: 200, fps: 5, stamp: true}
hid: {keyboard: /dev/hidg0, relative: /dev/hidg1, absolute: /dev/hidg2, stroke_ms: 3}
usb: {gadget: on}
"""
STATE = "/tmp/state-usb"
OURS = "/sys/kernel/config/usb_gadget/pantograph"
DEVICE = "/sys/bus/usb/devices/1-1"
FOLLOW = "/usr/bin/python3 tests/lab/machine/follow.py"
KEYBOARD = b"\x01"
UP = KEYBOARD + bytes(8)


def key(usage, modifiers=0):
    return KEYBOARD + bytes([modifiers, 0, usage, 0, 0, 0, 0, 0])


class Kvm(Served):
    def __init__(self, machine, clear="gadget_down"):
        super().__init__(machine, "usb", CONFIG, STATE)
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

    def becomes(self, state, seconds=60):
        """Waits until the gadget is in that state; returns all that is said of it."""

        def there():
            usb = self.call("/api/usb")
            return usb["state"] == state and usb

        return eventually(there, seconds, f"the gadget {state}")

    def node_becomes(self, node, state, seconds=60):
        def there():
            return {"node": node, "state": state} in self.call("/api/usb")["hid"]

        eventually(there, seconds, f"{node} {state}")

    def sockets(self, work, count=1, seconds=60):
        """Runs work(socket, ...), a coroutine, with so many operators' sockets."""

        async def connected():
            base = f"http://127.0.0.1:{self.machine.http_port}"
            async with aiohttp.ClientSession(base, headers={"Cookie": self._cookie}) as session:
                sockets = [await session.ws_connect("/api/ws") for _ in range(count)]
                return await asyncio.wait_for(work(*sockets), seconds)

        return asyncio.run(connected())

    def seen(self):
        return self.events.log().splitlines()

    def types(self, usage=0x04, name="KEY_A", seconds=60):
        """Presses a key until the computer sees it, as somebody would; fails if it never does, or
        if anything but that key comes."""
        before = len(self.seen())

        async def press(socket):
            for report in (key(usage), UP):
                await socket.send_bytes(report)
            await asyncio.sleep(0.2)

        def arrived():
            self.sockets(press)
            return f"keyboard {name} 0" in self.seen()[before:]

        eventually(arrived, seconds, f"{name} at the computer")
        keys = [line for line in self.seen()[before:] if not line.startswith("plugged")]
        assert set(keys) <= {f"keyboard {name} 1", f"keyboard {name} 0"}, keys


def attributes(kvm, *names):
    eventually(lambda: kvm.machine.attempt(f"test -e {DEVICE}/serial")[0] == 0, 30, "enumeration")
    return [kvm.machine.run(f"cat {DEVICE}/{name} || true").strip() for name in names]


def shape(kvm, profile, network="off"):
    return kvm.ask("/api/usb", {"profile": profile, "network": network})
