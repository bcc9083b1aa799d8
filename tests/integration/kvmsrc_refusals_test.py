# SPDX-License-Identifier: LGPL-2.1-or-later
"""A capture stick, which has modes of its own, that refuses to stream: kvmsrc says so, and asks again
until it does."""
import pytest
import wire
from capture_test import Rig
from video import Watch

STICK = {"timings": 0, "events": 0}
NO_FORMAT, NO_STREAM = 1, 2
REFUSALS = {
    NO_FORMAT: "cannot set the format: Input/output error",
    NO_STREAM: "cannot start the stream: No space left on device",
}


@pytest.fixture
def watch(tmp_path):
    running = []

    def start(**device):
        running.append(Watch(tmp_path, **STICK, **device))
        return running[-1]

    yield start
    for w in running:
        w.close()


def is_told(w, why, since=0):
    told = w.next("signal", since, state="stalled", reason="Capture does not start")
    assert why in told["cure"] and "plug it in again" in told["cure"], told
    assert "stamp_age_ms" not in w.frames(3, w.mark())[2], "the drawn frame says so meanwhile"


def goes_on(w):
    since = w.mark()
    w.device("refuse 0")
    w.next("signal", since, state="ok")
    w.live(since)
    assert not w.all("error")


@pytest.mark.parametrize("refusal", REFUSALS)
def test_a_stick_that_refuses_its_first_stream_is_told_and_asked_again(watch, refusal):
    w = watch(refuse=refusal)
    is_told(w, REFUSALS[refusal])
    goes_on(w)


@pytest.mark.parametrize("refusal", REFUSALS)
def test_a_stick_that_refuses_to_begin_anew_is_told_and_asked_again(watch, refusal):
    w = watch()
    w.live()
    since = w.mark()
    w.device(f"refuse {refusal};fail 1")
    is_told(w, REFUSALS[refusal], since)
    goes_on(w)


def test_a_stick_that_does_not_do_what_it_offers_is_no_fault_of_the_computers(watch):
    is_told(watch(formats="YU12", tight="YU12"), "too small for their format")


def test_viewers_of_a_daemon_stay_and_are_told(tmp_path):
    with Rig(tmp_path, **STICK, refuse=NO_STREAM) as rig:
        with wire.WebSocket(rig.admin, "/api/stream/h264/direct"):
            with wire.WebSocket(rig.admin, "/api/ws") as board:
                told = board.status("signal", lambda s: s["state"] == "stalled" and s["cure"])
                assert REFUSALS[NO_STREAM] in told["cure"]
                rig.device.order("refuse 0")
                board.status("signal", lambda s: s["state"] == "ok")
        assert "warning media" not in rig.daemon.log()
