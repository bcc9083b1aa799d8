# SPDX-License-Identifier: LGPL-2.1-or-later
"""What is typed and pasted here, compared with what the computer's own input devices say."""
import asyncio
import contextlib
import json
import random
import struct
import threading
import time

import pytest
from conftest import eventually
from figures import record
from kvm import CONFIG, UP, Kvm, key

CHARACTERS = 10_000
# As fast as the computer fetches reports; other tests type at the default pace.
HURRIED = CONFIG.replace("/dev/hidg2}", "/dev/hidg2, stroke_ms: 3}")
PORT = "/sys/bus/usb/devices/usb1/1-0:1.0/usb1-port1/disable"
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
KEYBOARD_NODE = "/dev/hidg0"
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
    with Kvm(machine, config=HURRIED) as kvm, kvm.daemon("typing"):
        kvm.becomes("on")
        kvm.types()
        yield kvm


def test_a_paste_of_ten_thousand_characters_loses_none(kvm):
    text = "".join(random.Random(1).choices(TYPEABLE, k=CHARACTERS))
    first, sent = kvm.received("keyboard"), kvm.node(KEYBOARD_NODE)["sent"]
    with one_processor(kvm.machine):
        before, begun = len(kvm.seen()), time.monotonic()
        assert kvm.call("/api/hid/paste", {"content": text}, seconds=600) is None
        seconds = time.monotonic() - begun
        # Who prints what was read may be behind.
        eventually(lambda: kvm.received("keyboard") - first >= 2 * CHARACTERS, 60, "all reports")
        received = kvm.received("keyboard") - first
        sent = kvm.node(KEYBOARD_NODE)["sent"] - sent
        kvm.settle()
    assert "overrun" not in kvm.seen()[before:], "this test's own reader was too slow"
    arrived, down = as_text(kvm.seen()[before:])
    assert arrived == text
    assert down == 0
    record("paste-characters-sent", len(text), "characters")
    record("paste-characters-received", len(arrived), "characters")
    assert received == sent == 2 * CHARACTERS, "a key down and up again for each"
    record("paste-reports-sent", sent, "reports")
    record("paste-reports-received", received, "reports")
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
    assert answers[0]["code"] == -3 and "cancelled" in answers[0]["reason"], answers
    assert kvm.call("/api/hid/paste/cancel", {}) == {"cancelled": False}
    kvm.settle()
    arrived, down = as_text(kvm.seen()[before:])
    assert text.startswith(arrived) and len(arrived) < len(text)
    assert down == 0


def test_a_paste_says_how_far_it_got_when_the_cable_is_pulled(kvm):
    answers = []
    before = len(kvm.seen())
    paste = threading.Thread(
        target=lambda: answers.append(kvm.ask("/api/hid/paste", {"content": "xyz" * 9000}))
    )
    paste.start()
    eventually(lambda: len(kvm.seen()) > before + 20, 30, "the first characters")
    kvm.machine.run(f"echo 1 >{PORT}")
    paste.join(30)
    kvm.machine.run(f"echo 0 >{PORT}")
    assert answers[0]["code"] == -3 and "of 27000 keystrokes" in answers[0]["reason"], answers
    kvm.types()


def test_a_paste_while_the_cable_is_out_is_refused_and_not_typed_later(kvm):
    kvm.machine.run(f"echo 1 >{PORT}")
    at_once = kvm.ask("/api/hid/paste", {"content": "q"})  # perhaps before the node has said so
    kvm.node_becomes("/dev/hidg0", "offline")
    answer = kvm.ask("/api/hid/paste", {"content": "q" * 100})
    kvm.machine.run(f"echo 0 >{PORT}")
    assert at_once["code"] == answer["code"] == -3, (at_once, answer)
    assert "/dev/hidg0 is offline: no computer" in answer["reason"], answer
    before = len(kvm.seen())
    kvm.types()
    assert not any("KEY_Q" in line for line in kvm.seen()[before:])
    record("paste-refused-without-a-computer", 2, "pastes")


def test_the_volume_keys_of_a_keyboard_are_the_computers(kvm):
    for usage, name in ((0x7F, "KEY_MUTE"), (0x80, "KEY_VOLUMEUP"), (0x81, "KEY_VOLUMEDOWN")):
        kvm.types(usage, name)


def relative(buttons=0, x=0, y=0, wheel=0):
    return b"\x02" + bytes(v & 0xFF for v in (buttons, x, y, wheel))


def absolute(x, y, buttons=0, wheel=0):
    return b"\x02" + struct.pack("<BHHB", buttons, x, y, wheel & 0xFF)


BUTTONS = dict(zip((1, 2, 4, 8, 16), ("LEFT", "RIGHT", "MIDDLE", "SIDE", "EXTRA")))


def pointer_strokes():
    """(report, the events that it is to become), of both pointers."""
    yield relative(x=100, y=-3), ["relative REL_X 100", "relative REL_Y -3"]
    yield relative(x=-127, y=127), ["relative REL_X -127", "relative REL_Y 127"]
    yield relative(wheel=1), ["relative REL_WHEEL 1"]
    yield relative(wheel=-5), ["relative REL_WHEEL -5"]
    for bit, name in BUTTONS.items():
        yield relative(bit), [f"relative BTN_{name} 1"]
        yield relative(0), [f"relative BTN_{name} 0"]
    yield absolute(1, 2), ["absolute ABS_X 1", "absolute ABS_Y 2"]
    yield absolute(0x7FFF, 0x7FFE), ["absolute ABS_X 32767", "absolute ABS_Y 32766"]
    yield absolute(0x1234, 0x7FFE), ["absolute ABS_X 4660"]
    yield absolute(0x1234, 0x7FFE, wheel=-1), ["absolute REL_WHEEL -1"]
    for bit, name in BUTTONS.items():
        yield absolute(0x1234, 0x7FFE, bit), [f"absolute BTN_{name} 1"]
        yield absolute(0x1234, 0x7FFE, 0), [f"absolute BTN_{name} 0"]


def test_each_report_of_a_pointer_is_what_the_computer_makes_of_it(kvm):
    strokes = list(pointer_strokes())
    kvm.node_becomes("/dev/hidg2", "online")

    async def one_by_one(socket):
        for report, wanted in strokes:
            before = len(kvm.seen())
            await socket.send_bytes(report)
            end = time.monotonic() + 30
            while len(kvm.seen()) < before + len(wanted) and time.monotonic() < end:
                await asyncio.sleep(0.01)
            assert kvm.seen()[before:] == wanted, report

    kvm.sockets(one_by_one)
    record("pointer-reports-sent", len(strokes), "reports")
    record("pointer-events-received", sum(len(wanted) for _, wanted in strokes), "events")


def test_a_hurried_pointer_ends_where_its_steps_add_up_to(kvm):
    steps = [random.Random(2).randint(-20, 20) for _ in range(400)]
    before = len(kvm.seen())

    async def at_once(socket):
        for step in steps:
            await socket.send_bytes(relative(x=step, y=1, wheel=1))

    kvm.sockets(at_once)

    def moved(axis):
        lines = [line.split() for line in kvm.seen()[before:]]
        return sum(int(line[2]) for line in lines if line[:2] == ["relative", axis])

    eventually(lambda: moved("REL_WHEEL") == len(steps), 60, "all steps of the wheel")
    assert (moved("REL_X"), moved("REL_Y")) == (sum(steps), len(steps))


def test_six_keys_are_held_at_once(kvm):
    six = b"\x01" + bytes([0, 0, 4, 5, 6, 7, 8, 9])

    def whole():
        seen = kvm.delivered(six, UP)
        return len(seen) == 12 and seen

    seen = eventually(whole, 60, "six keys down and up")
    assert seen[:6] == [f"keyboard KEY_{c} 1" for c in "ABCDEF"]
    assert sorted(seen[6:]) == [f"keyboard KEY_{c} 0" for c in "ABCDEF"]


def test_a_burst_that_the_computer_is_too_slow_for_leaves_no_key_down(kvm):
    async def burst(socket):
        for stroke in range(1500):
            await socket.send_bytes(key(4 + stroke % 26))
            await socket.send_bytes(UP)
        await socket.send_bytes(key(0x1D))  # and goes with a key down

    received, before = kvm.received("keyboard"), kvm.node(KEYBOARD_NODE)
    kvm.sockets(burst)
    eventually(lambda: not kvm.held(), 5, "all up")
    kvm.types()
    assert not kvm.held()
    after = kvm.node(KEYBOARD_NODE)
    received = kvm.received("keyboard") - received
    sent = after["sent"] - before["sent"]
    record("burst-reports-asked-for", 3001, "reports")
    record("burst-reports-sent", sent, "reports")
    record("burst-reports-received", received, "reports")


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
