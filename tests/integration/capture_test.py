# SPDX-License-Identifier: LGPL-2.1-or-later
"""What viewers of a real daemon see of a capture device: of every trouble, and of a stick's JPEGs."""
import io

import pytest
import wire
from daemon import Daemon, eventually
from PIL import Image, ImageStat
from states import STATES, change
from stream_test import Direct, Mjpeg
from video import Emulation

SIZE = (640, 480)


class Rig:
    """A daemon with an emulated capture device."""

    def __init__(self, folder, settings=None, **device):
        self.device = Emulation(folder, **device)
        video = {"device": self.device.node, "width": 640, "height": 480}
        self.daemon = Daemon(folder, {"video": video, **(settings or {})}, env=self.device.env)

    def __enter__(self):
        self.daemon.start()
        self.admin = self.daemon.admin()
        return self

    def __exit__(self, *_):
        assert self.daemon.stop() == 0


def light(jpeg):
    return ImageStat.Stat(Image.open(io.BytesIO(jpeg)).convert("L")).mean[0]


def picture_that(stream, fits):
    """The first of the stream's pictures that fits; those before it are read on the way."""
    found = []

    def next_one():
        found[:] = [stream.picture()]
        return fits(found[0])

    eventually(next_one, 20, "a picture that fits")
    return found[0]


def test_viewers_live_through_every_state_and_see_it(tmp_path):
    with Rig(tmp_path) as rig, Mjpeg(rig.admin) as mjpeg, Direct(rig.admin) as direct:
        with wire.WebSocket(rig.admin, "/api/ws") as board:
            picture_that(mjpeg, lambda p: light(p) > 150)
            cards, before = {}, "ok"
            for state in [s for s in STATES if s != "ok"] + ["ok", "stalled", "ok"]:
                rig.device.order(change(before, state))
                told = board.status("signal", lambda s, state=state: s["state"] == state)
                assert bool(told["reason"]) == bool(told["cure"]) == (state != "ok")
                if state == "ok":
                    picture_that(mjpeg, lambda p: light(p) > 150)
                else:
                    seen = cards.values()
                    known = cards.get(state)
                    cards[state] = picture_that(
                        mjpeg, lambda p: light(p) < 80 and (p == known or p not in seen)
                    )
                assert direct.unit()[2], "an H.264 unit of what is shown"
                before = state
        assert len(set(cards.values())) == 7


def test_the_signal_of_before_is_not_told_when_nobody_watches(tmp_path):
    with Rig(tmp_path) as rig, wire.WebSocket(rig.admin, "/api/ws") as board:
        with Mjpeg(rig.admin) as mjpeg:
            mjpeg.picture()
            board.status("signal", lambda s: s["state"] == "ok")
        unseen = board.status("signal", lambda s: s["state"] == "unknown")
        assert (unseen["width"], unseen["reason"]) == (0, "nobody watches")
        assert rig.admin.get("/api/stream/stats").json()["data"]["capture"]["state"] == "unknown"
        rig.device.order("signal 0")
        with Mjpeg(rig.admin):
            assert board.status("signal")["state"] == "no-cable"


@pytest.mark.parametrize("formats", ["YUYV", "NV12"])
def test_a_size_that_is_odd_is_seen_by_every_viewer(tmp_path, formats):
    with Rig(tmp_path, formats=formats) as rig, Mjpeg(rig.admin) as mjpeg:
        with Direct(rig.admin) as direct:
            direct.unit()
            for size in [(853, 480), (801, 601), (640, 480)]:
                rig.device.order("mode {}x{}".format(*size))
                picture_that(mjpeg, lambda p: Image.open(io.BytesIO(p)).size == size)
                assert eventually(lambda: direct.unit()[0], 20, f"a key unit of {size}")


@pytest.fixture
def jpegs(tmp_path):
    """Three pictures of a stick, and the file that holds them."""
    made = []
    for level in (120, 160, 200):
        out = io.BytesIO()
        noise = Image.effect_noise(SIZE, 30).point(lambda v, level=level: min(255, v + level - 128))
        noise.convert("RGB").save(out, "JPEG")
        made.append(out.getvalue())
    (tmp_path / "frames.mjpg").write_bytes(b"".join(made))
    return made


@pytest.fixture
def stick(tmp_path, jpegs):
    """A USB stick that knows JPEG only."""
    file = tmp_path / "frames.mjpg"
    with Rig(tmp_path, formats="MJPG", mjpg=file, timings=0, events=0, stamp=0) as rig:
        rig.jpegs = jpegs
        yield rig


def test_a_sticks_own_jpegs_reach_mjpeg_viewers_untouched(stick):
    with Mjpeg(stick.admin) as stream:
        got = {stream.picture() for _ in range(12)}
    assert got == set(stick.jpegs)


def test_a_sticks_jpegs_are_decoded_for_h264_viewers(stick):
    with Direct(stick.admin) as direct:
        assert len([direct.unit() for _ in range(5)]) == 5


@pytest.mark.parametrize("order", ["short", "cut"])
def test_pictures_that_are_not_whole_are_not_shown_and_said(stick, order):
    with Mjpeg(stick.admin) as stream, wire.WebSocket(stick.admin, "/api/ws") as board:
        stream.picture()
        stick.device.order(f"{order} 1")
        assert board.status("signal", lambda s: s["state"] == "stalled")["reason"] == "No frames"
        picture_that(stream, lambda p: light(p) < 80)
        stick.device.order(f"{order} 0")
        picture_that(stream, lambda p: p in stick.jpegs)


def test_what_stands_behind_a_picture_is_cut_off(stick):
    with Mjpeg(stick.admin) as stream:
        assert stream.picture() in stick.jpegs
        stick.device.order("trail 1")
        for _ in range(30):
            assert stream.picture() in stick.jpegs


def test_scrambled_pictures_end_nobodys_stream(stick):
    with Mjpeg(stick.admin) as stream, Direct(stick.admin) as direct:
        stream.picture()
        direct.unit()
        stick.device.order("scramble 1")
        picture_that(stream, lambda p: p not in stick.jpegs)
        for _ in range(20):
            stream.picture()
        stick.device.order("scramble 0")
        picture_that(stream, lambda p: p in stick.jpegs)
        assert direct.unit() and direct.unit()
        assert " critical " not in stick.daemon.log()
