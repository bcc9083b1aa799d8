# SPDX-License-Identifier: LGPL-2.1-or-later
"""The EDID by HTTP, on an emulated receiver: what is set is shown and kept, and each refusal says why."""
import concurrent.futures
import pathlib

import pytest
import wire
from capture_test import Rig
from daemon import eventually
from stream_test import Direct

ROUTE = "/api/vm/edid"
OFFERED = ["640x480", "800x600", "1024x768", "1280x720"]
OFFERED += ["1280x1024", "1920x1080", "1920x1200"]  # up to 165 MHz


def read(rig):
    return rig.admin.get(ROUTE).json()


def set_to(rig, **wish):
    return rig.admin.post(ROUTE, wish).json()


@pytest.fixture
def rig(tmp_path):
    with Rig(tmp_path, edid=2) as running:
        yield running


@pytest.fixture
def own(rig):
    """An EDID that is no preset: a year older."""
    assert set_to(rig, preset="1280x720")["code"] == 0
    edid = bytearray.fromhex(read(rig)["data"]["edid"])
    edid[17] -= 1
    edid[127] = (edid[127] + 1) % 256
    return edid.hex()


def refusal(answer, code, *words):
    assert answer["code"] == code and answer["data"] is None, answer
    assert all(word in wire.words(answer) for word in words), answer


def test_a_receiver_without_an_edid_says_which_presets_it_takes(rig):
    assert read(rig) == {
        "code": 0,
        "msg": "success",
        "data": {"edid": "", "preset": "", "presets": OFFERED},
    }


@pytest.mark.parametrize("preset", OFFERED)
def test_a_preset_is_shown_once_it_is_set(rig, preset):
    assert set_to(rig, preset=preset) == {"code": 0, "msg": "success", "data": None}
    shown = read(rig)["data"]
    assert shown["preset"] == preset and len(shown["edid"]) == 2 * 256


@pytest.mark.parametrize("card, heard", {"hw:9": True, "off": False, "auto": False}.items())
def test_a_preset_announces_sound_if_there_is_a_card_for_it(tmp_path, card, heard):
    with Rig(tmp_path, edid=2, settings={"audio": {"device": card}}) as rig:
        assert set_to(rig, preset="1920x1080")["code"] == 0
        shown = read(rig)["data"]
        assert shown["preset"] == "1920x1080"
        says_basic_audio = bytes.fromhex(shown["edid"])[131] & 0x40
        assert bool(says_basic_audio) == heard


def test_what_is_kept_is_what_is_shown_however_many_set_one_at_once(rig):
    kept = pathlib.Path(rig.daemon.folder, "state/edid.bin")
    for n in range(10):
        wishes = [OFFERED[(n + i) % len(OFFERED)] for i in range(4)]
        with concurrent.futures.ThreadPoolExecutor(len(wishes)) as people:
            answers = list(people.map(lambda preset: set_to(rig, preset=preset), wishes))
        assert [answer["code"] for answer in answers] == [0] * len(wishes), answers
        assert kept.read_bytes().hex() == read(rig)["data"]["edid"], f"round {n}: {wishes}"


def test_an_edid_of_ones_own_is_shown_as_it_was_written(rig, own):
    spaced = " ".join(own[i : i + 2].upper() for i in range(0, len(own), 2))
    assert set_to(rig, edid=spaced)["code"] == 0
    assert read(rig)["data"] == {"edid": own, "preset": "", "presets": OFFERED}


BAD = {
    "neither": ({}, ["either preset or edid"]),
    "both": ({"preset": "1280x720", "edid": "00"}, ["either preset or edid"]),
    "a name that there is not": ({"preset": "720x576"}, ["no EDID preset 720x576"]),
    "a preset too large": ({"preset": "2560x1440"}, ["does not take", "2560x1440"]),
    "no hexadecimal digits": ({"edid": "zz"}, ["hexadecimal"]),
    "half a byte": ({"edid": "000"}, ["two hexadecimal digits"]),
    "too short": ({"edid": "00ffffffffffff00"}, ["8 bytes"]),
    "no header": ({"edid": "00" * 128}, ["does not begin"]),
}


FAULTS = {
    "no version": ({18: 9}, "version is 9"),
    "no manufacturer": ({8: 0, 9: 0}, "three letters"),
    "no pixels": ({56: 0, 58: 0}, "0x720 pixels"),
    "an unknown extension": ({128: 0x77}, "block 1 is of the kind 77"),
    "timings beyond the end": ({130: 250}, "begin at 250"),
    "data beyond the timings": ({132: 0xFF}, "data block"),
}


def sealed(edid):
    for block in range(0, len(edid), 128):
        edid[block + 127] = -sum(edid[block : block + 127]) % 256
    return edid.hex()


@pytest.mark.parametrize("what", FAULTS)
def test_what_no_computer_could_use_is_refused_in_words_and_nothing_changes(rig, own, what):
    changes, words = FAULTS[what]
    edid = bytearray.fromhex(own)
    for at, byte in changes.items():
        edid[at] = byte
    before = read(rig)
    refusal(set_to(rig, edid=sealed(edid)), -1, "invalid arguments", words)
    assert read(rig) == before


@pytest.mark.parametrize("what", BAD)
def test_a_wish_that_cannot_be_is_refused_and_nothing_changes(rig, own, what):
    wish, words = BAD[what]
    before = read(rig)
    refusal(set_to(rig, **wish), -1, "invalid arguments", *words)
    assert read(rig) == before


def test_a_wrong_checksum_is_refused_with_its_block(rig, own):
    bad = own[:300] + f"{int(own[300:302], 16) ^ 1:02x}" + own[302:]
    refusal(set_to(rig, edid=bad), -1, "checksum of block 1")


def test_an_edid_with_more_blocks_than_the_device_takes_is_refused(tmp_path):
    with Rig(tmp_path, edid=1) as rig:
        refusal(set_to(rig, preset="1280x720"), -1, "at most 1 blocks")


def test_it_is_changed_below_a_viewer_who_stays(rig, own):
    with Direct(rig.admin) as watching:
        watching.unit()
        assert set_to(rig, preset="1920x1080")["code"] == 0
        assert read(rig)["data"]["preset"] == "1920x1080"
        for _ in range(3):
            assert watching.unit(), "the picture goes on"


def test_a_stick_has_none_and_says_so(tmp_path):
    with Rig(tmp_path) as rig:
        refusal(read(rig), -2, "no EDID of its own")
        refusal(set_to(rig, preset="1280x720"), -2, "no EDID of its own")


def test_a_device_that_is_gone_is_named(rig):
    with Direct(rig.admin) as watching:  # the emulation obeys once somebody has opened it
        watching.unit()
        rig.device.order("gone 1")
        eventually(lambda: read(rig)["code"] != 0, 20, "its leaving")
        for answer in (read(rig), set_to(rig, preset="1280x720")):
            refusal(answer, -2, rig.device.node)


def test_the_virtual_computer_needs_none(admin):
    refusal(admin.get(ROUTE).json(), -2, "virtual computer")
    refusal(admin.post(ROUTE, {"preset": "1280x720"}).json(), -2, "virtual computer")


def test_only_who_signed_in_may_ask(daemon):
    stranger = daemon.client()
    assert stranger.get(ROUTE).status == 401
    assert stranger.post(ROUTE, {"preset": "1280x720"}).status == 401


def restarted(rig):
    assert rig.daemon.stop() == 0
    rig.daemon.start()
    rig.admin = rig.daemon.admin()


def test_what_was_set_is_back_after_a_restart(rig, own):
    assert set_to(rig, edid=own)["code"] == 0
    restarted(rig)  # the emulated device forgets with the process
    eventually(lambda: read(rig)["data"]["edid"] == own, 10, "the EDID's return")


def test_what_cannot_be_kept_is_told(rig):
    file = rig.daemon.folder / "state/edid.bin"
    file.mkdir()
    (file / "in the way").touch()
    refusal(set_to(rig, preset="1280x720"), -2, "it is set, but not kept")
    assert read(rig)["data"]["preset"] == "1280x720"


def test_a_kept_edid_that_is_damaged_is_told_and_nothing_else_suffers(rig, own):
    file = pathlib.Path(rig.daemon.folder / "state/edid.bin")
    file.write_bytes(file.read_bytes()[:-1] + b"x")
    restarted(rig)
    eventually(lambda: "the EDID set before is not back" in rig.daemon.log(), 10, "a warning")
    assert "checksum of block 1" in rig.daemon.log()
    assert read(rig)["data"]["edid"] == ""
