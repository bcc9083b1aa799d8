# SPDX-License-Identifier: LGPL-2.1-or-later
"""kvmsrc on Linux's own HDMI receiver driver, fed by that driver's HDMI output."""
import random

import pytest
from conftest import eventually

SOURCE = "kvmsrc device=/dev/video0"
MODES = [("640x480p59", 640, 480), ("1280x720p60", 1280, 720)]
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
        eventually(lambda: capture.log().count("state=(string)ok") == 2, 60, "the signal's return")
        assert capture.alive()
