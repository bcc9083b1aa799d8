# SPDX-License-Identifier: LGPL-2.1-or-later
"""How the picture is sent, changed while it is watched; and the capture's own switch."""
import concurrent.futures
import io
import pathlib
import threading
import time

import pytest
from capture_test import Rig
from daemon import Daemon, eventually
from PIL import Image
from states import change
from stream_test import Direct, Mjpeg, rate

SCREEN = "/api/vm/screen"
HDMI = "/api/vm/hdmi"
DETECT = "/api/stream/mjpeg/detect"


@pytest.fixture(scope="module")
def clock(tmp_path_factory):
    """A screen of which every picture differs from the one before."""
    with Daemon(tmp_path_factory.mktemp("clock"), {"video": {"stamp": True}}) as daemon:
        yield daemon.admin()


@pytest.fixture(scope="module")
def still(tmp_path_factory):
    with Daemon(tmp_path_factory.mktemp("still")) as daemon:
        yield daemon.admin()


def data(reply):
    answer = reply.json()
    assert (answer["code"], answer["msg"]) == (0, "success"), answer
    return answer["data"]


def set_to(client, kind, value):
    assert data(client.post(SCREEN, {"type": kind, "value": value})) is None


def size_of(picture):
    return Image.open(io.BytesIO(picture)).size


def comes(stream, wanted, seconds=20):
    end = time.monotonic() + seconds
    while not wanted(stream.picture()):
        assert time.monotonic() < end, f"not within {seconds} s"


@pytest.mark.parametrize("height, size", [(480, (640, 480)), (600, (800, 600)), (720, (1280, 720))])
def test_the_resolution_changes_while_somebody_watches(clock, height, size):
    with Mjpeg(clock) as stream:
        set_to(clock, "resolution", height)
        comes(stream, lambda picture: size_of(picture) == size)
        set_to(clock, "resolution", 0)
        comes(stream, lambda picture: size_of(picture) == (1280, 720))


def test_a_lower_quality_is_a_smaller_picture(clock):
    with Mjpeg(clock) as stream:
        set_to(clock, "quality", 100)
        large = [len(stream.picture()) for _ in range(20)][-1]
        set_to(clock, "quality", 20)
        comes(stream, lambda picture: len(picture) < large * 0.7)
        set_to(clock, "quality", 80)


def test_fewer_pictures_per_second_are_fewer(clock):
    with Mjpeg(clock) as stream:
        set_to(clock, "fps", 10)
        rate(stream, 0.5)
        assert 4 < rate(stream, 2.0) < 14
        set_to(clock, "fps", 1)  # as 10
        rate(stream, 0.5)
        assert 4 < rate(stream, 2.0) < 14
        set_to(clock, "fps", 60)
        rate(stream, 0.5)
        assert rate(stream, 2.0) > 14


def test_a_shorter_group_has_more_key_frames(clock):
    set_to(clock, "gop", 10)
    with Direct(clock) as stream:
        keys = sum(stream.unit()[0] for _ in range(45))
        assert keys >= 4
        set_to(clock, "gop", 100)
    with Direct(clock) as stream:
        keys = sum(stream.unit()[0] for _ in range(45))
        assert keys <= 2


def test_a_bit_rate_is_taken_while_somebody_watches(clock):
    with Direct(clock) as stream:
        stream.unit()
        for kbps in (1000, 5000, 3000):
            set_to(clock, "quality", kbps)
            assert stream.unit()


def test_what_clients_send_at_each_load_is_answered(clock):
    for kind, value in (("type", 0), ("type", 1), ("resolution", 0), ("fps", 30), ("quality", 80)):
        set_to(clock, kind, value)


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"type": "size", "value": 1},
        {"type": "resolution", "value": 9},
        {"type": "fps", "value": "many"},
    ],
)
def test_what_cannot_be_set_is_refused(clock, body):
    answer = clock.post(SCREEN, body).json()
    assert answer["code"] == -1 and answer["msg"].startswith("invalid arguments")


# A picture that stands still.


def pictures(stream, seconds):
    return rate(stream, seconds) * seconds


def test_a_picture_that_stands_still_is_not_sent_again_where_that_is_wanted(still):
    assert data(still.get(DETECT)) == {"enabled": False}
    assert data(still.post(DETECT, {"enabled": True})) == {"enabled": True}
    assert data(still.get(DETECT)) == {"enabled": True}
    with Mjpeg(still) as stream:
        stream.picture()
        stream.socket.settimeout(4)
        with pytest.raises(TimeoutError):
            for _ in range(3):  # one more may be on its way
                stream.picture()
    assert data(still.post(DETECT, {"enabled": False})) == {"enabled": False}
    with Mjpeg(still) as stream:
        for _ in range(3):
            stream.picture()


def test_an_empty_body_turns_it_over(still):
    assert data(still.post(DETECT)) == {"enabled": True}
    assert data(still.post(DETECT)) == {"enabled": False}


@pytest.mark.parametrize("body", [{}, {"other": 1}, b"Other=1"])
def test_a_body_that_says_nothing_of_it_switches_it_off(still, body):
    data(still.post(DETECT, {"enabled": True}))
    for _ in range(2):  # the second does not turn it over
        assert data(still.post(DETECT, body)) == {"enabled": False}
        assert data(still.get(DETECT)) == {"enabled": False}


def test_it_is_off_for_so_long_and_on_afterwards(still):
    begun = time.monotonic()
    assert data(still.post(f"{DETECT}/stop", {"duration": 1})) is None
    assert time.monotonic() - begun > 0.9
    assert data(still.get(DETECT)) == {"enabled": True}
    data(still.post(DETECT, {"enabled": False}))


def test_it_may_be_off_for_longer_than_a_client_waits(still):
    with pytest.raises(TimeoutError):
        still.post(f"{DETECT}/stop", {"duration": 100}, limit=1)
    data(still.post(DETECT, {"enabled": False}))


def test_those_who_pause_it_at_a_time_are_all_answered(still):
    found = []
    pauses = [
        threading.Thread(
            target=lambda: found.append(still.post(f"{DETECT}/stop", {"duration": 1}).json())
        )
        for _ in range(3)
    ]
    for pause in pauses:
        pause.start()
    for pause in pauses:
        pause.join()
    assert found == [{"code": 0, "msg": "success", "data": None}] * 3
    assert data(still.get(DETECT)) == {"enabled": True}
    data(still.post(DETECT, {"enabled": False}))


@pytest.mark.parametrize("body", [{"duration": -1}, {"duration": "long"}])
def test_no_other_time_is_taken(still, body):
    answer = still.post(f"{DETECT}/stop", body).json()
    assert answer["code"] == -1 and answer["msg"].startswith("invalid parameters")


# The capture's switch.


def snapshot(client):
    return client.get("/api/stream/snapshot").status


def test_the_capture_is_told_as_all_clients_read_it(still):
    assert snapshot(still) == 200
    told = data(still.get(HDMI))
    assert told == {
        "enabled": True,
        "signal": True,
        "idleTimeout": 1,
        "state": 1,
        "width": 1280,
        "height": 720,
    }


def test_while_it_is_switched_off_a_snapshot_is_refused_at_once_and_says_why(still):
    assert data(still.post(HDMI + "/disable")) is None
    try:
        refused = [still.get("/api/stream/snapshot" + wish) for wish in ("", "?format=png")]
        assert {reply.status for reply in refused} == {503}
        assert all(b"switched off" in reply.body for reply in refused)
    finally:
        assert data(still.post(HDMI + "/enable")) is None
    assert snapshot(still) == 200


def test_the_virtual_computers_signal_is_there_though_nobody_has_watched(tmp_path):
    with Daemon(tmp_path, {"video": {"width": 800, "height": 600}}) as daemon:
        told = data(daemon.admin().get(HDMI))
        assert (told["signal"], told["state"]) == (True, 1)
        assert (told["width"], told["height"]) == (800, 600)


def test_the_device_is_asked_for_its_signal_while_nobody_watches(tmp_path):
    with Rig(tmp_path) as rig:

        def told():
            found = data(rig.admin.get(HDMI))
            return found["signal"], found["state"], found["width"], found["height"]

        assert told() == (True, 1, 640, 480)
        before = "ok"
        for state in ("no-cable", "no-signal", "no-sync", "out-of-range", "device-lost", "ok"):
            rig.device.order(change(before, state))
            wanted = (True, 1, 640, 480) if state == "ok" else (False, 0, 0, 0)
            eventually(lambda: told() == wanted, 5, f"the word of {state}")
            before = state
        with concurrent.futures.ThreadPoolExecutor(20) as pool:
            assert set(pool.map(lambda _: told(), range(40))) == {(True, 1, 640, 480)}
        data(rig.admin.post(f"{HDMI}/disable"))
        assert told()[:2] == (False, 0), "nobody asks a device that is switched off"


def test_a_stick_that_tells_nothing_has_a_signal_of_no_known_size(tmp_path):
    with Rig(tmp_path, timings=0, events=0) as rig:
        told = data(rig.admin.get(HDMI))
        assert (told["signal"], told["width"], told["height"]) == (True, 0, 0)


def test_switched_off_there_is_no_picture_until_it_is_on_again(still):
    assert data(still.post(f"{HDMI}/disable")) is None
    told = data(still.get(HDMI))
    assert not told["enabled"] and not told["signal"] and told["state"] == 0
    eventually(lambda: snapshot(still) != 200, 20, "no picture")
    assert data(still.post(f"{HDMI}/reset")) is None
    assert not data(still.get(HDMI))["enabled"], "a reset switches nothing on"
    assert data(still.post(f"{HDMI}/enable")) is None
    assert snapshot(still) == 200 and data(still.get(HDMI))["enabled"]


def test_switched_off_during_a_reset_it_stays_off(still):
    reset = threading.Thread(target=still.post, args=(f"{HDMI}/reset",))
    reset.start()
    eventually(lambda: not data(still.get(HDMI))["enabled"], 5, "the reset's first half")
    data(still.post(f"{HDMI}/disable"))
    reset.join()
    assert not data(still.get(HDMI))["enabled"]
    data(still.post(f"{HDMI}/enable"))


def test_a_viewer_lives_through_a_reset(clock):
    with Mjpeg(clock) as stream:
        stream.picture()
        begun = time.monotonic()
        assert data(clock.post(f"{HDMI}/reset")) is None
        assert time.monotonic() - begun > 0.9
        for _ in range(30):
            stream.picture()


def test_the_switch_and_the_idle_time_are_kept(tmp_path):
    with Daemon(tmp_path) as daemon:
        admin = daemon.admin()
        data(admin.post(f"{HDMI}/disable"))
        assert data(admin.post(f"{HDMI}/timeout", {"minutes": 30})) is None
    with Daemon(tmp_path) as daemon:
        told = data(daemon.admin().get(HDMI))
        assert (told["enabled"], told["idleTimeout"]) == (False, 30)


def captures(daemon):
    """Whether the thread of the source runs."""

    def name(task):
        try:
            return (task / "comm").read_text()
        except (FileNotFoundError, ProcessLookupError):
            return ""  # it has ended

    tasks = pathlib.Path(f"/proc/{daemon.process.pid}/task")
    return any(name(task) == "src:src\n" for task in tasks.iterdir())


def test_a_capture_that_never_rests_goes_on_with_nobody_there(tmp_path):
    with Daemon(tmp_path) as daemon:
        admin = daemon.admin()
        eventually(lambda: not captures(daemon), 20, "rest, as nobody has chosen")
        assert data(admin.post(f"{HDMI}/timeout", {"minutes": 0})) is None
        eventually(lambda: captures(daemon), 20, "the capture")
        assert data(admin.get(HDMI))["idleTimeout"] == 0
    with Daemon(tmp_path) as daemon:
        eventually(lambda: captures(daemon), 20, "the capture after a start")
        assert data(daemon.admin().get(HDMI))["idleTimeout"] == 0


@pytest.mark.parametrize("minutes", [-1, 10081, "long"])
def test_no_other_idle_time_is_taken(still, minutes):
    assert still.post(f"{HDMI}/timeout", {"minutes": minutes}).json()["code"] == -1


def test_what_cannot_be_kept_is_not_done(tmp_path):
    with Daemon(tmp_path) as daemon:
        admin = daemon.admin()
        before = data(admin.get(HDMI))
        for note in ("hdmi_disable", "hdmi_idle_timeout"):
            (tmp_path / "state" / note).mkdir()  # no file can be written there
        assert admin.post(f"{HDMI}/disable").json()["code"] == -1
        assert admin.post(f"{HDMI}/timeout", {"minutes": 9}).json()["code"] == -1
        now = data(admin.get(HDMI))
        assert (now["enabled"], now["idleTimeout"]) == (before["enabled"], before["idleTimeout"])
