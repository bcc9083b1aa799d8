# SPDX-License-Identifier: LGPL-2.1-or-later
"""What is typed and pasted here, compared with what the computer's own input devices say."""
import contextlib
import json
import random
import threading
import time

import pytest
from conftest import eventually
from figures import record
from kvm import UP, Kvm, key

CHARACTERS = 10_000
SECOND_PROCESSOR = "/sys/devices/system/cpu/cpu1/online"
SHIFTED = {
    **dict(zip("!@#$%^&*()", "1234567890")),
    **dict(zip('_+{}|:"~<>?', "-=[]\\;'`,./")),
}
NAMES = {
    "\n": "ENTER",
    "\t": "TAB",
    " ": "SPACE",
    **dict(zip("-=[]\\;'`,./", "MINUS EQUAL LEFTBRACE RIGHTBRACE BACKSLASH SEMICOLON".split())),
}
NAMES |= dict(zip("'`,./", "APOSTROPHE GRAVE COMMA DOT SLASH".split()))
TYPEABLE = "".join(chr(c) for c in range(0x20, 0x7F)) + "\n\t"


def as_text(lines):
    """The text that a US keyboard's events stand for, and how many keys are still down."""
    characters = {f"KEY_{name}": c for c, name in NAMES.items()}
    characters |= {f"KEY_{c.upper()}": c for c in "abcdefghijklmnopqrstuvwxyz0123456789"}
    shifts = {plain: shifted for shifted, plain in SHIFTED.items()}
    text, down = [], set()
    for line in lines:
        if not line.startswith("keyboard "):
            continue
        _, name, *value = line.split()
        if value == ["0"]:
            down.discard(name)
            continue
        down.add(name)
        if name in characters:
            c = characters[name]
            text.append(shifts.get(c, c.upper()) if "KEY_LEFTSHIFT" in down else c)
    return "".join(text), len(down)


@contextlib.contextmanager
def one_processor(machine):
    """The lab with a single processor, so that nothing is typed while its reader cannot run.

    With two, the host may hold back the one that the reader is on while keys come in on the other:
    the kernel keeps a few for a reader, and drops them all when these are too many."""
    machine.run(f"echo -1 >/proc/sys/kernel/sched_rt_runtime_us; echo 0 >{SECOND_PROCESSOR}")
    try:
        yield
    finally:
        machine.run(f"echo 1 >{SECOND_PROCESSOR}")


@pytest.fixture(scope="module")
def kvm(machine):
    with Kvm(machine) as kvm, kvm.daemon("typing"):
        kvm.becomes("on")
        kvm.types()
        yield kvm


def test_a_paste_of_ten_thousand_characters_loses_none(kvm):
    text = "".join(random.Random(1).choices(TYPEABLE, k=CHARACTERS))
    with one_processor(kvm.machine):
        before, begun = len(kvm.seen()), time.monotonic()
        assert kvm.call("/api/hid/paste", {"content": text}, seconds=600) is None
        seconds = time.monotonic() - begun
        kvm.settle()
    assert "overrun" not in kvm.seen()[before:], "this test's own reader was too slow"
    arrived, down = as_text(kvm.seen()[before:])
    assert arrived == text
    assert down == 0
    record("paste-characters-sent", CHARACTERS, "characters")
    record("paste-characters-received", len(arrived), "characters")
    record("paste-reports-sent", 2 * CHARACTERS, "reports")
    record("paste-key-events-received", len(kvm.seen()) - before, "events")
    record("paste-rate", round(CHARACTERS / seconds), "characters/s")


def test_a_running_paste_can_be_cancelled(kvm):
    answers = []
    text = "abcdefghij" * 3000
    before = len(kvm.seen())
    paste = threading.Thread(
        target=lambda: answers.append(kvm.ask("/api/hid/paste", {"content": text}))
    )
    paste.start()
    eventually(lambda: len(kvm.seen()) > before + 20, 30, "the first characters")
    assert kvm.call("/api/hid/paste/cancel", {}) == {"cancelled": True}
    paste.join(30)
    assert answers[0]["code"] == -3 and "cancelled" in answers[0]["msg"], answers
    assert kvm.call("/api/hid/paste/cancel", {}) == {"cancelled": False}
    kvm.settle()
    arrived, down = as_text(kvm.seen()[before:])
    assert text.startswith(arrived) and len(arrived) < len(text)
    assert down == 0


def test_a_paste_says_how_far_it_got_when_the_cable_is_pulled(kvm):
    port = "/sys/bus/usb/devices/usb1/1-0:1.0/usb1-port1/disable"
    answers = []
    before = len(kvm.seen())
    paste = threading.Thread(
        target=lambda: answers.append(kvm.ask("/api/hid/paste", {"content": "xyz" * 9000}))
    )
    paste.start()
    eventually(lambda: len(kvm.seen()) > before + 20, 30, "the first characters")
    kvm.machine.run(f"echo 1 >{port}")
    paste.join(30)
    kvm.machine.run(f"echo 0 >{port}")
    assert answers[0]["code"] == -3 and "of 27000 keystrokes" in answers[0]["msg"], answers
    kvm.types()


def test_the_volume_keys_of_a_keyboard_are_the_computers(kvm):
    for usage, name in ((0x7F, "KEY_MUTE"), (0x80, "KEY_VOLUMEUP"), (0x81, "KEY_VOLUMEDOWN")):
        kvm.types(usage, name)


def test_six_keys_are_held_at_once(kvm):
    six = b"\x01" + bytes([0, 0, 4, 5, 6, 7, 8, 9])

    def whole():
        seen = kvm.delivered(six, UP)
        return len(seen) == 12 and seen

    seen = eventually(whole, 60, "six keys down and up")
    assert seen[:6] == [f"keyboard KEY_{c} 1" for c in "ABCDEF"]
    assert sorted(seen[6:]) == [f"keyboard KEY_{c} 0" for c in "ABCDEF"]


def test_the_computers_lights_are_told_to_every_viewer(kvm):
    async def both(first, second):
        async def caps(socket):
            async for message in socket:
                status = json.loads(message.data)
                lights = json.loads(status["data"])
                if status["type"] == "hid-led-status" and lights["known"] and lights["capsLock"]:
                    return True

        await first.send_bytes(key(0x39))
        await first.send_bytes(UP)
        return await caps(first) and await caps(second)

    assert kvm.sockets(both, count=2)
    assert kvm.call("/api/hid/leds")["capsLock"]
