# SPDX-License-Identifier: LGPL-2.1-or-later
"""A computer that suspends the USB device, as it does when it sleeps, and wakes up again."""
import pytest
from conftest import eventually
from figures import record
from kvm import DEVICE, UP, Kvm, key, shape

POINTER_NODE = "/dev/hidg1"
PRESS = b"\x02\x01\x05\x00\x00"  # the left button of the relative pointer, and a step
STATUS = f"cat {DEVICE}/power/runtime_status"


@pytest.fixture(scope="module")
def running(machine):
    with Kvm(machine) as kvm, kvm.daemon("sleep"):
        kvm.becomes("on")
        assert shape(kvm, "no-storage")["code"] == 0  # a disk that is in use never sleeps
        kvm.types()
        yield kvm
        assert shape(kvm, "normal")["code"] == 0


def falls_asleep(kvm):
    kvm.machine.run(f"cd {DEVICE}/power; echo 1000 >autosuspend_delay_ms; echo auto >control")
    eventually(lambda: kvm.machine.run(STATUS).strip() == "suspended", 180, "the device suspended")
    eventually(lambda: kvm.call("/api/usb")["host"] == "suspended", 180, "told")


def stays_awake(kvm):
    kvm.machine.run(f"echo on >{DEVICE}/power/control")
    eventually(lambda: kvm.call("/api/usb")["host"] != "suspended", 180, "awake")


def send(kvm, *reports):
    async def work(socket):
        for report in reports:
            await socket.send_bytes(report)

    kvm.sockets(work)


def test_a_key_wakes_a_computer_that_lets_it(running):
    falls_asleep(running)
    before = len(running.seen())
    send(running, key(0x0B), UP)
    seen = lambda: running.seen()[before:]
    eventually(lambda: "keyboard KEY_H 0" in seen(), 180, "the key that woke it")
    stays_awake(running)
    running.types(0x0C, "KEY_I")
    record("usb-sleeping-computers-woken", 1, "computers")


def test_what_a_sleeping_computer_does_not_take_is_dropped_and_it_wakes_with_all_up(running):
    falls_asleep(running)
    before = len(running.seen())
    send(running, *[PRESS] * 20)  # a pointer wakes nobody
    running.node_becomes(POINTER_NODE, "asleep")
    assert running.call("/api/usb")["host"] == "suspended"
    assert len(running.seen()) == before
    stays_awake(running)
    running.node_becomes(POINTER_NODE, "online")
    running.types(0x0D, "KEY_J")
    buttons = [line for line in running.seen()[before:] if "BTN_LEFT" in line]
    assert not buttons or buttons[-1].endswith(" 0"), buttons
    record("usb-sleeping-computers-found-with-all-up", 1, "computers")
