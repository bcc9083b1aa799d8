# SPDX-License-Identifier: LGPL-2.1-or-later
"""kvmsrc on an emulated V4L2 device that does whatever a test wants of it."""
import io
import subprocess
import time

import PIL.Image
import pytest
from video import TOOLS, Watch


@pytest.fixture
def watch(tmp_path):
    running = []

    def start(*args, **kwargs):
        running.append(Watch(tmp_path, *args, **kwargs))
        return running[-1]

    yield start
    for w in running:
        w.close()


def jpegs(folder, width, height):
    """A file of two concatenated JPEGs."""
    file = folder / "frames.mjpg"
    with open(file, "wb") as f:
        for grey in (40, 90):
            PIL.Image.new("RGB", (width, height), (grey, grey, grey)).save(f, "JPEG")
    return file


def test_hands_on_the_devices_picture_in_its_own_format(watch):
    w = watch()
    caps = w.next("caps")["text"]
    assert "format=(string)YUY2" in caps and "width=(int)640" in caps
    assert "framerate=(fraction)30/1" in caps and "colorimetry=(string)bt709" in caps
    assert w.live()["bytes"] == 640 * 480 * 2
    signal = w.next("signal")
    assert (signal["state"], signal["width"], signal["height"]) == ("ok", 640, 480)
    assert signal["fps"] == 30


def test_stamps_frames_with_the_kernels_time(watch):
    w = watch()
    frames = w.frames(20, w.mark())
    for f in frames:  # the barcode was drawn when the driver took its time stamp
        assert abs(f["wall_age_ms"] - f["stamp_age_ms"]) < 20
    between = sorted(b["pts_ms"] - a["pts_ms"] for a, b in zip(frames, frames[1:]))
    assert 30 < between[len(between) // 2] < 37


@pytest.mark.parametrize(
    "command, back, state",
    [
        ("signal 0", "signal 1", "no-cable"),
        ("asleep 1", "asleep 0", "no-signal"),
        ("lock 0", "lock 1", "no-sync"),
        ("range 0", "range 1", "out-of-range"),
    ],
)
def test_draws_why_there_is_no_picture_until_it_is_back(watch, command, back, state):
    w = watch()
    w.live()
    since = w.mark()
    w.device(command)
    lost = w.next("signal", since, state=state)
    assert (lost["state"], lost["width"], lost["fps"]) == (state, 0, 0)
    drawn = w.frames(6, since + 4)[2:]  # a frame or two may still have been on its way
    assert all("stamp_age_ms" not in f and f["bytes"] == 640 * 480 * 2 for f in drawn)
    assert 600 < drawn[-1]["pts_ms"] - drawn[0]["pts_ms"] < 1500  # three times a quarter second
    since = w.mark()
    w.device(back)
    assert w.next("signal", since)["state"] == "ok"
    w.live(since)


def test_brings_the_picture_back_within_a_second(watch):
    w = watch()
    w.live()
    w.device("signal 0")
    w.next("signal", state="no-cable")
    since, began = w.mark(), time.monotonic()
    w.device("signal 1")
    w.live(since)
    assert time.monotonic() - began < 1


def test_follows_the_source_to_another_mode(watch):
    w = watch()
    w.live()
    since = w.mark()
    w.device("mode 1280x720@60")
    caps = w.next("caps", since)["text"]
    assert "width=(int)1280" in caps and "framerate=(fraction)60/1" in caps
    assert w.next("signal", since, state="ok")["width"] == 1280
    assert w.next("frame", since, bytes=1280 * 720 * 2)
    w.live(since)


def test_follows_many_changes_of_mode_while_frames_of_the_old_ones_are_held(watch):
    w = watch(size="640x480")
    w.live()
    w.say("hold 3")
    for width, height in [(800, 600), (1280, 720), (640, 480), (320, 240)] * 3:
        since = w.mark()
        w.device(f"mode {width}x{height}")
        w.next("frame", since, bytes=width * height * 2)
    assert w.quit()[1] == 0


def test_notices_a_change_of_a_device_that_sends_no_events(watch):
    w = watch(events=0)
    w.live()
    since = w.mark()
    w.device("mode 800x600")
    assert w.next("signal", since, state="ok", width=800)
    since = w.mark()
    w.device("signal 0")
    w.next("signal", since, state="no-cable")
    w.device("signal 1")
    w.next("signal", since, state="ok")


def test_calls_a_device_without_frames_stalled_and_recovers(watch):
    w = watch()
    w.live()
    since, began = w.mark(), time.monotonic()
    w.device("stall 1500")
    w.next("signal", since, state="stalled")
    assert 0.4 < time.monotonic() - began < 2
    since = w.mark()
    assert w.next("signal", since, state="ok")
    w.live(since)
    assert w.stats()["restarts"] == 0, "a stream that goes on by itself is not begun anew"


def test_begins_a_mute_stream_anew_with_growing_patience(watch):
    w = watch()
    w.live()
    w.device("silent 1")
    time.sleep(7)  # 2 s, then 4 s more
    assert w.stats()["restarts"] == 2
    since = w.mark()
    w.device("silent 0")
    w.live(since)


@pytest.mark.parametrize("device", [{"timings": 0}, {"events": 0}, {}])
def test_is_not_taken_in_by_noise_that_comes_without_a_signal(watch, device):
    w = watch(**device)
    w.live()
    since = w.mark()
    w.device("noise 1;signal 0")
    state = "no-signal" if "timings" in device else "no-cable"
    told = w.next("signal", since, state=state)
    drawn = w.frames(6, w.mark())
    assert all("stamp_age_ms" not in f for f in drawn), "noise instead of the drawn frame"
    assert told["reason"] and told["cure"]
    since = w.mark()
    w.device("signal 1")
    w.next("signal", since, state="ok")
    w.live(since)


def test_notices_that_a_silent_receiver_has_lost_its_signal_though_no_event_told(watch):
    w = watch(events=0)
    w.live()
    since = w.mark()
    w.device("silent 1;asleep 1")
    assert w.next("signal", since, state="no-signal")


def test_says_which_modes_it_takes_when_one_is_out_of_range(watch):
    w = watch()
    w.live()
    w.device("range 0")
    assert (
        "at most 1920x1200 and a pixel clock of 165 MHz"
        in w.next("signal", state="out-of-range")["cure"]
    )


def test_recovers_from_a_stream_that_breaks_off_without_a_word(watch):
    w = watch()
    w.live()
    since = w.mark()
    w.device("fail 1")
    w.frames(30, since)
    assert w.stats()["restarts"] == 1
    assert [s["state"] for s in w.all("signal")] == ["ok"]


def test_drops_frames_that_the_driver_calls_broken(watch):
    w = watch()
    w.live()
    w.device("broken 5")
    w.frames(10, w.mark())
    assert w.stats()["dropped"] >= 5


def test_lives_through_a_device_that_goes_away_and_comes_back(watch):
    w = watch()
    w.live()
    since = w.mark()
    w.device("gone 1")
    w.next("signal", since, state="device-lost")
    w.frames(3, since)
    since = w.mark()
    w.device("gone 0")
    w.next("signal", since, state="ok")
    w.live(since)


def test_names_the_missing_device_and_the_cure(watch):
    w = watch(gone=1)
    error = w.next("error")["text"]
    assert w.node in error and "No such device" in error and "wait-for-device" in error


def test_waits_for_the_device_when_told_so(watch):
    w = watch("wait-for-device=true width=800 height=600", gone=1)
    assert w.next("signal")["state"] == "device-lost"
    assert w.next("frame")
    assert "width=(int)800" in w.next("caps")["text"]
    since = w.mark()
    w.device("gone 0")
    assert w.next("signal", since, state="ok")["width"] == 640
    w.live(since)


def test_says_what_is_no_capture_device(tmp_path):
    command = [TOOLS / "watch-video", "kvmsrc device=/dev/null wait-for-device=true"]
    done = subprocess.run(
        command, stdin=subprocess.PIPE, capture_output=True, text=True, timeout=60
    )
    assert "/dev/null is no video device" in done.stdout and done.returncode == 1


def test_waits_while_another_program_has_the_device(watch):
    w = watch()
    w.live()
    since = w.mark()
    w.device("busy 1")
    w.device("mode 800x600")
    w.next("signal", since, state="busy")
    w.device("busy 0")
    w.next("signal", since, state="ok", width=800)


def test_copies_a_frame_rather_than_starve_the_capture(watch):
    w = watch("buffers=4")
    w.live()
    w.say("hold 8")
    since = w.mark()
    w.frames(40, since)
    stats = w.stats()
    assert stats["copied"] > 0
    w.say("hold 0")
    w.frames(20, w.mark())
    after = w.stats()["copied"]
    w.frames(20, w.mark())
    assert w.stats()["copied"] == after  # none once the driver has its memory back


def test_copies_nothing_for_one_frame_that_is_kept_one_that_waits_and_one_that_is_encoded(watch):
    w = watch()
    w.live()
    w.say("hold 3")
    w.frames(40, w.mark())
    assert w.stats()["copied"] == 0


def test_gives_a_late_downstream_the_newest_frame(watch):
    w = watch(fps=100)
    w.live()
    w.say("slow 100")
    late = w.frames(12, w.mark())[4:]
    assert w.stats()["dropped"] > 20
    ages = sorted(f["stamp_age_ms"] for f in late)
    assert ages[len(ages) // 2] < 150  # two wait in the sink; a queue of old ones would show


@pytest.mark.parametrize("format_, fourcc", [("YUY2", "YUYV"), ("UYVY", "UYVY"), ("NV12", "NV12")])
@pytest.mark.parametrize("pad", [0, 64])
def test_describes_rows_with_padding_behind_them(watch, format_, fourcc, pad):
    plain = watch(formats=fourcc, pad=pad)  # downstream knows no GstVideoMeta: rearranged
    assert plain.live()["bytes"] == 640 * 480 * (1.5 if format_ == "NV12" else 2)
    with_meta = watch(filter_="videoconvert ! video/x-raw,format=I420", formats=fourcc, pad=pad)
    assert with_meta.live()


@pytest.mark.parametrize("format_", ["I420", "NV12", "BGR"])
def test_leaves_the_format_to_a_caps_filter(watch, format_):
    w = watch(filter_=f"video/x-raw,format={format_}", formats="YUYV,BGR3,NV12,YU12")
    assert f"format=(string){format_}" in w.next("caps")["text"]
    w.device("signal 0")
    w.next("signal", state="no-cable")
    assert f"format=(string){format_}" in w.all("caps")[-1]["text"]


def test_prefers_what_an_encoder_takes_as_it_is(watch):
    w = watch(formats="BGR3,YUYV,NV12,UYVY")
    assert "format=(string)NV12" in w.next("caps")["text"]


def test_takes_another_format_when_the_best_one_does_not_fit_its_memory(watch):
    w = watch(formats="YUYV,YU12", tight="YU12")
    assert w.live()["bytes"] == 640 * 480 * 2
    assert "format=(string)YUY2" in w.all("caps")[-1]["text"]


def test_takes_a_stick_without_timings_at_its_own_size(watch):
    w = watch("width=1920 height=1080", timings=0, size="800x600")
    assert w.next("signal", state="ok")["width"] == 800
    w.live()


def test_hands_on_jpeg_and_draws_in_jpeg_without_a_signal(watch, tmp_path):
    file = jpegs(tmp_path, 640, 480)
    w = watch(filter_="image/jpeg", mjpg=file, formats="YUYV,MJPG", stamp=0)
    assert "width=(int)640" in w.next("caps")["text"]
    w.next("frame")
    since = w.mark()
    w.device("signal 0")
    w.next("signal", since, state="no-cable")
    w.frames(2, w.mark())
    w.say(f"save {tmp_path / 'drawn.jpg'}")
    w.next("saved")
    drawn = PIL.Image.open(io.BytesIO((tmp_path / "drawn.jpg").read_bytes()))
    assert (drawn.format, drawn.size) == ("JPEG", (640, 480))
    dark, light = drawn.convert("L").getextrema()
    assert dark < 50 and light > 200  # a dark card with words on it


def test_exports_descriptors_when_told_so(watch):
    w = watch("io-mode=dmabuf")
    assert w.live()["dmabuf"] is True
    w.say("hold 3")
    w.frames(30, w.mark())


def test_shows_no_stale_frame_after_a_pause(watch):
    w = watch()
    w.live()
    w.say("pause")
    w.next("state", to="PAUSED")
    time.sleep(1)  # the driver fills all its buffers meanwhile
    since = w.mark()
    w.say("play")
    w.next("state", since, to="PLAYING")
    for frame in w.frames(6, since)[1:]:  # the first one waited in the sink
        assert frame["stamp_age_ms"] < 500


def test_pauses_at_once_while_no_frame_comes(watch):
    w = watch()
    w.live()
    w.device("stall 5000")
    w.stats()
    time.sleep(0.3)  # the last frame is through, and the source waits for the next
    w.say("pause")
    assert w.next("state", to="PAUSED")["took_ms"] < 100


@pytest.mark.parametrize("trouble", [None, "signal 0", "stall 5000", "gone 1", "busy 1"])
def test_stops_at_once_whatever_the_device_does(watch, trouble):
    w = watch()
    w.live()
    if trouble:
        w.device(trouble)
        w.device("fps 30")  # both are obeyed in order,
        w.say("stats")  # and by then the source has had a moment to notice
        w.next("stats")
    took_ms, status = w.quit()
    assert took_ms < 500 and status == 0
