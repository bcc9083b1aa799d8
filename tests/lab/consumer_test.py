# SPDX-License-Identifier: LGPL-2.1-or-later
"""Consumer keys: one device more on the gadget, which the configuration must ask for."""
import pytest
from conftest import eventually
from figures import record
from kvm import CONFIG, DEVICE, Kvm, shape

WITH_CONSUMER = CONFIG.replace("/dev/hidg2}", "/dev/hidg2, consumer: /dev/hidg3}").replace(
    "gadget: on", "gadget: on, consumer: on"
)
NODE = "/dev/hidg3"
KEYS = {  # Source: HID Usage Tables 1.12, page 0x0c; Linux drivers/hid/hid-input.c
    0x0CD: "PLAYPAUSE",
    0x0B5: "NEXTSONG",
    0x0B6: "PREVIOUSSONG",
    0x0B7: "STOPCD",
    0x0B8: "EJECTCD",
    0x0E2: "MUTE",
    0x0E9: "VOLUMEUP",
    0x0EA: "VOLUMEDOWN",
    0x18A: "MAIL",
    0x192: "CALC",
    0x221: "SEARCH",
    0x223: "HOMEPAGE",
    0x224: "BACK",
    0x225: "FORWARD",
    0x226: "STOP",
    0x227: "REFRESH",
    0x22A: "BOOKMARKS",
}


@pytest.fixture(scope="module")
def running(machine):
    with Kvm(machine, config=WITH_CONSUMER) as kvm, kvm.daemon("consumer"):
        kvm.becomes("on")
        listens(kvm)
        yield kvm


def listens(kvm, plugs=1):
    """Waits until the computer has taken the device for itself so many times, and takes keys."""
    eventually(
        lambda: kvm.seen().count("plugged consumer") >= plugs, 180, "the device at the computer"
    )
    kvm.node_becomes(NODE, "online")
    kvm.types()


def report(usage):
    return b"\x03" + usage.to_bytes(2, "little")


def strokes(kvm, *reports):
    """What the computer made of these reports, once the last of them was heard."""
    before = len(kvm.seen())

    async def send(socket):
        for each in reports:
            await socket.send_bytes(each)

    kvm.sockets(send)

    def heard():
        lines = [line for line in kvm.seen()[before:] if line.startswith("consumer ")]
        return len(lines) >= len(reports) and lines

    return eventually(heard, 60, f"{len(reports)} events of consumer keys")


def test_each_consumer_key_is_the_computers(running):
    for usage, name in KEYS.items():
        seen = strokes(running, report(usage), report(0))
        assert seen == [f"consumer KEY_{name} 1", f"consumer KEY_{name} 0"]
    record("consumer-keys-compared", len(KEYS), "keys")


def test_a_consumer_key_is_let_go_when_who_holds_it_goes(running):
    before = len(running.seen())

    async def hold(socket):
        await socket.send_bytes(report(0xE9))

    running.sockets(hold)
    wanted = ["consumer KEY_VOLUMEUP 1", "consumer KEY_VOLUMEUP 0"]
    eventually(lambda: running.seen()[before:] == wanted, 60, "the volume key up again")


def test_other_profiles_do_without_and_it_is_back_with_the_normal_one(running):
    assert shape(running, "hid-only")["code"] == 0
    plugs = running.seen().count("plugged consumer")
    running.types()
    running.node_becomes(NODE, "gone")
    assert running.machine.attempt(f"ls -d {DEVICE}:1.3")[0] != 0
    assert shape(running, "normal")["code"] == 0
    listens(running, plugs + 1)
    answer = running.ask("/api/hid/consumer", {"usage": 0xCD})
    assert answer["code"] == 0, answer
    last = lambda: [line for line in running.seen() if line.startswith("consumer ")][-2:]
    wanted = ["consumer KEY_PLAYPAUSE 1", "consumer KEY_PLAYPAUSE 0"]
    eventually(lambda: last() == wanted, 60, "the key of the request")
