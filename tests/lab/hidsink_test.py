# SPDX-License-Identifier: LGPL-2.1-or-later
"""hidsink on Linux's own USB gadget, with a computer at the other end that does not always listen."""
import pytest
from conftest import eventually

# The absolute pointer: the keyboard of this computer is always listened to, by its kernel's console.
LEFT = "010010001000"
RIGHT = "020010001000"
UP = "000010001000"
PORT = "/sys/bus/usb/devices/usb1/1-0:1.0/usb1-port1/disable"
UDC = "/sys/kernel/config/usb_gadget/lab/UDC"
RECORD = "/usr/bin/python3 tests/lab/machine/record.py"


class Pointer:
    """hidsink in a pipeline of its own, fed through a FIFO; its messages are in its log."""

    def __init__(self, machine, sink):
        self.machine = machine
        self._sink = sink
        self._heard = 0

    def send(self, *reports):
        for report in reports:
            self.machine.run(f"write_hex /tmp/reports {report}")

    def _messages(self):
        return [line for line in self._sink.log().splitlines() if "kvm-hid" in line]

    def becomes(self, *states):
        """Waits for the next messages about the host; the last of them must be states[-1]."""

        def settled():
            new = self._messages()[self._heard :]
            return new and f"state=(string){states[-1]}," in new[-1] and new

        new = eventually(settled, 60, f"the host {states[-1]}")
        self._heard += len(new)
        for line in new:
            assert any(f"state=(string){state}," in line for state in states), new


@pytest.fixture(scope="module")
def pointer(machine):
    machine.run("gadget_up; rm -f /tmp/reports; mkfifo /tmp/reports")
    launch = "gst-launch-1.0 -m fdsrc blocksize=6 ! hidsink device=/dev/hidg2"
    with machine.running("hidsink", f"sh -c 'exec {launch} <>/tmp/reports'") as sink:
        sink.says("Setting pipeline to PLAYING")
        yield Pointer(machine, sink)


def test_a_computer_that_does_not_listen_is_asleep_and_wakes_with_all_buttons_up(pointer):
    # Nobody has opened the input devices: the kernel takes a report or two, and then no more.
    pointer.send(LEFT, LEFT, LEFT, LEFT)
    pointer.becomes("asleep")
    with pointer.machine.running("events", RECORD) as events:
        events.says("recording")
        pointer.becomes("online")
        pointer.send(RIGHT, UP)
        events.says("BTN_RIGHT 0")
        assert "BTN_LEFT 1" not in events.log().split("BTN_RIGHT 1")[1]
        held = events.log().split("BTN_RIGHT 1")[0]
        assert held.count("BTN_LEFT 1") == held.count("BTN_LEFT 0"), "a button was left down"


def test_a_pulled_cable_is_survived_and_all_buttons_are_up_after_it(pointer):
    with pointer.machine.running("before", RECORD) as events:
        events.says("recording")
        pointer.send(LEFT)
        events.says("BTN_LEFT 1")
    pointer.machine.run(f"echo 1 >{PORT}")
    pointer.send(LEFT)
    pointer.becomes("offline")
    pointer.machine.run(f"echo 0 >{PORT}")
    pointer.becomes("online")
    with pointer.machine.running("after", RECORD) as events:
        events.says("recording")
        pointer.send(RIGHT, UP)
        events.says("BTN_RIGHT 0")
        assert "BTN_LEFT 1" not in events.log(), "the report of before the cable was pulled"


def test_a_node_that_vanishes_and_returns_is_used_again(pointer):
    pointer.machine.run(f"echo >{UDC}")
    pointer.send(LEFT)
    pointer.becomes("offline", "gone")
    pointer.machine.run(f"ls /sys/class/udc >{UDC}; wait_for 30 test -c /dev/hidg2")
    with pointer.machine.running("again", RECORD) as events:
        events.says("recording")
        pointer.becomes("offline", "online")  # there is a node before the computer is ready
        pointer.send(RIGHT, UP)
        events.says("BTN_RIGHT 0")
