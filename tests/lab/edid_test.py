# SPDX-License-Identifier: LGPL-2.1-or-later
"""The EDID on the kernel's HDMI receiver driver: what is set by HTTP is what the computer reads from
its own end of the cable, and is there again after a restart.

That driver fills in where it sits in the tree of HDMI devices, and mends the checksum of that block;
everything else must be as it was written."""
import pytest
from conftest import eventually
from figures import record
from served import Served

CONFIG = """
video: {device: /dev/video0}
audio: {device: "hw:CARD=Loopback,DEV=1"}
"""
STATE = "/tmp/state-edid"
BLOCK = 128
HDMI = bytes.fromhex("030c00")  # before the place in the tree
RELOADS = 3
VIVID = "/sys/bus/platform/drivers/vivid"
MJPEG = "http://127.0.0.1:8080/api/stream/mjpeg"
PRESETS = ["640x480", "800x600", "1024x768", "1280x720"]
PRESETS += ["1280x1024", "1920x1080", "1920x1200", "2560x1440"]


def sealed(block):
    """The block with the checksum it should have."""
    return block[:-1] + bytes([-sum(block[:-1]) % 256])


def anywhere(edid):
    """The EDID with nothing said about its place in the tree."""
    at = edid.find(HDMI) + len(HDMI)
    assert at > BLOCK, "an HDMI monitor"
    return edid[:BLOCK] + sealed(edid[BLOCK:at] + bytes(2) + edid[at + 2 :])


class Monitor(Served):
    """The daemon as the computer's monitor."""

    def shown(self):
        """What it says that the computer sees."""
        return self.call("/api/vm/edid")

    def set(self, **wish):
        answer = self.ask("/api/vm/edid", wish)
        assert answer["code"] == 0, answer

    def read(self, node):
        self.machine.run(f"v4l2-ctl -d {node} --get-edid=format=raw,file=/lab/edid.read")
        return (self.machine.share / "edid.read").read_bytes()

    def at_both_ends(self):
        """What our driver gives, which is what the computer's graphics driver gets."""
        ours, computers = self.read(0), self.read(1)
        assert anywhere(ours) == anywhere(computers)
        return ours

    def kept(self):
        self.machine.run(f"cp {STATE}/edid.bin /lab/edid.kept")
        return (self.machine.share / "edid.kept").read_bytes()

    def is_faultless(self):
        found = self.machine.run("edid-decode --check /lab/edid.kept")
        assert "PASS" in found and "Warnings" not in found and "Failures" not in found, found
        assert "Basic audio support" in found and "Linear PCM" in found, found


@pytest.fixture
def monitor(machine):
    machine.run("vivid_up; hdmi 640x480p59; v4l2-ctl -d 0 --set-edid=type=hdmi")
    yield Monitor(machine, "edid", CONFIG, STATE)
    machine.run("v4l2-ctl -d 0 --set-edid=type=hdmi")


def test_every_preset_is_what_the_computer_reads(monitor):
    with monitor.daemon():
        assert monitor.shown()["presets"] == PRESETS, "this driver takes up to 4096x2160"
        for preset in PRESETS:
            monitor.set(preset=preset)
            shown, read = monitor.shown(), monitor.at_both_ends()
            assert shown["preset"] == preset
            assert shown["edid"] == read.hex()
            assert anywhere(read) == anywhere(monitor.kept())
            monitor.is_faultless()
    record("edid.presets-read-back", len(PRESETS), f"of {len(PRESETS)}")


def named(edid, old, new):
    """That monitor with another name."""
    at = edid.index(old)
    text = new.ljust(len(old))
    return sealed(edid[:at] + text + edid[at + len(old) : BLOCK]) + edid[BLOCK:]


def test_an_edid_of_ones_own_is_what_the_computer_reads_and_after_a_restart_too(monitor):
    with monitor.daemon("edid-daemon-first"):
        monitor.set(preset="1280x720")
        own = named(monitor.kept(), b"Pantograph", b"Of one own")
        monitor.set(edid=own.hex())
        shown, read = monitor.shown(), monitor.at_both_ends()
        assert shown["preset"] == "" and shown["edid"] == read.hex()
        assert anywhere(read) == anywhere(own)
        assert monitor.kept() == own
        monitor.is_faultless()
    monitor.machine.run("wait_for 30 modprobe -r vivid; vivid_up; hdmi 640x480p59")
    assert anywhere(monitor.at_both_ends()) != anywhere(own), "the driver has its own again"
    with monitor.daemon("edid-daemon-again"):
        eventually(lambda: anywhere(monitor.at_both_ends()) == anywhere(own), 30, "its return")
        monitor.set(preset="1920x1080")
    monitor.machine.run("v4l2-ctl -d 0 --set-edid=type=hdmi")
    with monitor.daemon("edid-daemon-once-more"):
        eventually(lambda: monitor.shown()["preset"] == "1920x1080", 30, "the preset's return")


def test_a_driver_that_is_loaded_anew_gets_it_back_while_the_daemon_runs(monitor):
    with monitor.daemon("edid-daemon-stays"):
        monitor.set(preset="1280x1024")
        set_before = anywhere(monitor.at_both_ends())
        for _ in range(RELOADS):
            monitor.machine.run("wait_for 30 modprobe -r vivid; vivid_up; hdmi 640x480p59")
            eventually(lambda: anywhere(monitor.at_both_ends()) == set_before, 60, "its return")
    record("edid.restored-after-reload", RELOADS, f"of {RELOADS}")


def test_a_device_that_the_capture_had_first_gets_it_back_below_a_viewer(monitor):
    """The driver takes no EDID while it streams, and whoever watches may be the quicker."""
    machine, pictures = monitor.machine, monitor.machine.share / "pictures"

    def becomes(edid):
        seen = pictures.stat().st_size
        eventually(lambda: anywhere(monitor.read(1)) == edid, 60, "its place")
        eventually(lambda: pictures.stat().st_size > seen, 60, "the picture's return")

    with monitor.daemon("edid-daemon-watched"):
        kept = []
        for preset in ("1280x720", "1280x1024"):
            monitor.set(preset=preset)
            machine.run(f"cp {STATE}/edid.bin /tmp/{len(kept)}.edid")
            kept.append(anywhere(monitor.kept()))
        watch = f"curl -sN -o /lab/pictures -H 'Cookie: nano-kvm-token={monitor.token()}'"
        with machine.running("edid-viewer", f"{watch} {MJPEG}") as viewer:
            eventually(lambda: pictures.exists() and pictures.stat().st_size, 120, "a picture")
            for n, edid in enumerate(kept):  # as if the capture had been quicker
                machine.run(f"cp /tmp/{n}.edid {STATE}/edid.bin")
                machine.run("touch /dev/video-came; rm /dev/video-came")
                becomes(edid)
            for _ in range(RELOADS):
                machine.run(f"echo vivid.0 >{VIVID}/unbind; wait_for 30 modprobe -r vivid")
                machine.run("vivid_up; hdmi 640x480p59")
                becomes(kept[-1])
            monitor.set(preset="1280x720")
            becomes(kept[0])
            assert viewer.alive()
    record("edid.restored-below-a-viewer", len(kept) + RELOADS, f"of {len(kept) + RELOADS}")
