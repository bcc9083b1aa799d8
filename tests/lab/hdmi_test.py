# SPDX-License-Identifier: LGPL-2.1-or-later
"""kvmsrc on Linux's own HDMI receiver driver, fed by that driver's HDMI output."""
import itertools
import json
import os
import random

import pytest
from conftest import eventually
from figures import record, record_times
from served import Served

SOURCE = "kvmsrc device=/dev/video0"
MODES = [("640x480p59", 640, 480), ("1280x720p60", 1280, 720)]
ROWS_DIFFER = {"alternating lines": 15, "one cross": 17}  # the receiver's own test patterns
NOT_TAKEN = "720x480i29"  # in the driver's menu, but of a clock below the lowest it takes
FORMATS = 8  # of those that kvmsrc knows, the driver has so many
FAULTY = ("no-cable", "no-signal", "no-sync", "out-of-range", "stalled", "device-lost", "busy")
FAULTS = {"unplugged": "no-cable", "unstable": "no-sync", "unsupported": "out-of-range"}


@pytest.fixture(scope="module")
def hdmi(machine):
    machine.run("vivid_up")
    return machine


@pytest.mark.parametrize("mode, width, height", MODES)
def test_captures_exactly_what_the_computer_shows(hdmi, mode, width, height):
    hdmi.run(f"hdmi {mode}")
    shown = random.Random(mode).randbytes(width * height * 2)  # no two pixels' neighbours alike
    (hdmi.share / "shown").write_bytes(shown)
    show = "v4l2-ctl -d 1 --stream-out-mmap --stream-from=/lab/shown --stream-loop"
    capture = f"""
        gst-launch-1.0 -q {SOURCE} num-buffers=10 ! video/x-raw,format=YUY2 ! \
            filesink location=/dev/shm/frames
        test $(stat -c %s /dev/shm/frames) -eq {10 * len(shown)}
        tail -c {len(shown)} /dev/shm/frames | cmp - /lab/shown"""
    hdmi.run("v4l2-ctl -d 1 --set-fmt-video-out=pixelformat=YUYV")
    with hdmi.running("computer", show):
        eventually(lambda: hdmi.attempt(capture)[0] == 0, 30, "the same bytes")


@pytest.fixture
def own_patterns(hdmi):
    """The receiver draws by itself: what it loops through in fields has rows that nobody sent."""
    hdmi.run("v4l2-ctl -d 0 -c loop_video=0")
    yield hdmi
    hdmi.run("v4l2-ctl -d 0 -c loop_video=1,test_pattern=0")


@pytest.mark.parametrize("pattern", ROWS_DIFFER)
def test_an_interlaced_signal_gives_the_same_picture_as_a_progressive_one(own_patterns, pattern):
    pictures = []
    for mode in ("1920x1080p30", "1920x1080i30"):
        said = own_patterns.run(
            f"""
            hdmi {mode}; v4l2-ctl -d 0 -c test_pattern={ROWS_DIFFER[pattern]}
            gst-launch-1.0 -m {SOURCE} num-buffers=3 ! filesink location=/dev/shm/frames
            rm -f /lab/picture; tail -c {1920 * 1080 * 3 // 2} /dev/shm/frames >/lab/picture"""
        )
        assert "state=(string)ok, width=(uint)1920, height=(uint)1080, fps=(double)30" in said
        interlaced = "true" if "i" in mode else "false"
        assert f"interlaced=(boolean){interlaced}" in said
        pictures.append((own_patterns.share / "picture").read_bytes())
    progressive, woven = pictures
    assert len({progressive[n : n + 1920] for n in range(0, 1920 * 1080, 1920)}) == 2, "rows differ"
    assert woven == progressive


def test_a_mode_that_the_receiver_refuses_is_named_and_asked_for_ever_less_often(hdmi):
    hdmi.run("hdmi 640x480p59")
    watch = f"env GST_DEBUG=kvmsrc:5 gst-launch-1.0 -m {SOURCE} ! fakesink"
    with hdmi.running("capture", watch) as capture:
        capture.says("kvm-signal, state=(string)ok")
        hdmi.run(f"hdmi {NOT_TAKEN}")
        capture.says("kvm-signal, state=(string)out-of-range")
        assert "another\\ resolution:\\ the\\ device\\ does\\ not\\ take" in capture.log()

        def tries():
            return capture.log().count("does not take its timings")

        eventually(lambda: tries() >= FORMATS + 1 + 3, 120, "more tries")
        assert tries() < 3 * FORMATS, "all formats once, then with growing pauses"
        hdmi.run("hdmi 1280x720p60")
        capture.says("kvm-signal, state=(string)ok, width=(uint)1280")
        assert capture.alive()


def test_follows_a_change_of_mode_while_it_plays(hdmi):
    hdmi.run("hdmi 640x480p59")
    with hdmi.running("capture", f"gst-launch-1.0 -v {SOURCE} ! fakesink") as capture:
        capture.says("fakesink0.GstPad:sink: caps = video/x-raw")
        assert "width=(int)640, height=(int)480" in capture.log()
        hdmi.run("hdmi 1280x720p60")
        capture.says("width=(int)1280, height=(int)720")


@pytest.mark.parametrize("what, state", FAULTS.items())
def test_names_a_fault_and_goes_on_when_it_is_gone(hdmi, what, state):
    hdmi.run("hdmi 640x480p59")
    with hdmi.running("capture", f"gst-launch-1.0 -m {SOURCE} ! fakesink") as capture:
        capture.says("kvm-signal, state=(string)ok, width=(uint)640, height=(uint)480")
        hdmi.run(f"hdmi {what}")
        capture.says(f"kvm-signal, state=(string){state}")
        hdmi.run("hdmi back")
        eventually(lambda: capture.log().count("state=(string)ok") >= 2, 60, "the signal's return")
        assert capture.alive()


def test_lives_through_the_unloading_of_the_driver(hdmi):
    hdmi.run("hdmi 640x480p59")
    with hdmi.running("capture", f"gst-launch-1.0 -m {SOURCE} ! fakesink") as capture:
        capture.says("kvm-signal, state=(string)ok")
        hdmi.run("echo vivid.0 >/sys/bus/platform/drivers/vivid/unbind")
        capture.says("kvm-signal, state=(string)device-lost")
        hdmi.run("wait_for 30 modprobe -r vivid; vivid_up; hdmi 640x480p59")
        eventually(lambda: capture.log().count("state=(string)ok") >= 2, 60, "the picture's return")
        assert capture.alive()


def signals(hdmi, what, seconds):
    """What tests/lab/machine/signals.py found out."""
    output = hdmi.run(f"/usr/bin/python3 tests/lab/machine/signals.py {what}", seconds)
    return json.loads(output.splitlines()[-1])


def test_every_change_between_any_two_states_is_shown_and_survived(hdmi):
    done = signals(hdmi, "transitions", 400)
    tried = {f"{a} to {b}" for a, b in itertools.permutations(("ok", *FAULTY), 2)}
    survived = {*done["said_ms"], *done["back_ms"]}
    assert survived == tried
    assert not done["errors"] and done["status"] == 0
    record("hdmi.transitions-tried", len(tried), "transitions")
    record("hdmi.transitions-survived", len(survived), "transitions")
    record("hdmi.taken-by-the-host", round(done["taken_percent"]), "%")
    assert record_times("hdmi.said-why", done["said_ms"].values()).max < 1000, done["said_ms"]
    assert record_times("hdmi.picture-back", done["back_ms"].values()).max < 1500, done["back_ms"]


def test_a_viewer_stays_connected_through_every_state_of_the_signal(hdmi):
    hdmi.run("hdmi 640x480p59")
    room = Served(hdmi, "hdmi", "video: {device: /dev/video0}\n", "/tmp/state-hdmi")
    with room.daemon() as daemon:
        command = f"/usr/bin/python3 tests/lab/machine/watched.py {daemon.pid} /lab/hdmi-daemon.log"
        done = json.loads(hdmi.run(f"{command} {room.token()}", 400).splitlines()[-1])
        assert done["through"] == sorted(("ok", *FAULTY)) and done["back"] == "ok"
        assert done["doctor"].pop("ok") == "ok: 640x480"
        named = [s for s, said in done["doctor"].items() if said.startswith(f"broken: {s}: ")]
        assert sorted(named) == sorted(FAULTY), done["doctor"]
        assert done["viewer"] == "connected once"
        assert done["captures"] == 1, "the capture's pipeline was begun anew"
        assert " warning media " not in daemon.log() and "error" not in daemon.log()
    record("hdmi.states-one-viewer-saw", len(done["through"]), "of 8")
    record("hdmi.faults-injected", len(done["through"]) - 1, "faults")
    record("hdmi.faults-named-by-the-doctor", len(named), "faults")


def test_a_thousand_random_modes_leave_no_stuck_picture_and_no_leak(hdmi):
    count = int(os.environ.get("PANTOGRAPH_SOAK_MODES", 1000))
    done = signals(hdmi, f"soak {count} {random.randrange(1 << 30)}", 900)
    assert len(done["took_ms"]) == count
    assert not done["errors"] and done["status"] == 0
    record("hdmi.mode-switches", count, "survived")
    record_times("hdmi.mode-switch", done["took_ms"])
    late = sorted(ms for ms in done["took_ms"] if ms >= 1500)  # a busy host may be late itself
    record("hdmi.mode-switches-in-1500-ms", count - len(late), f"of {count}")
    assert len(late) <= count // 200, late
    assert done["last"]["has_its_size"] and done["last"]["is_the_drivers"], done["last"]
    feet = done["feet"]
    first, last = feet[len(feet) // 4], feet[-1]
    assert last["fds"] <= first["fds"] and last["threads"] <= first["threads"], feet
    # Every picture has another size, so the memory goes up and down; a leak only goes up.
    quarter = len(feet) // 4
    early, late = (
        [f["rss_kb"] for f in part] for part in (feet[quarter : 2 * quarter], feet[-quarter:])
    )
    record("hdmi.soak-rss-early", min(early), "KiB")
    record("hdmi.soak-rss-late", min(late), "KiB")
    assert min(late) < max(early) + 8 * 1024, feet
