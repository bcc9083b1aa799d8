# SPDX-License-Identifier: LGPL-2.1-or-later
"""pantographd --doctor on real drivers: each fault is put in, named with its cure, and gone again."""
import re
import time

import pytest
from conftest import BUILD, ROOT

LINE = re.compile(r"^(ok|absent|warning|broken) +(\S+) +(.*)$")


class Doctor:
    """Walks the chain in the lab machine."""

    def __init__(self, machine):
        self.machine = machine
        (machine.share / "doctor.yaml").write_text("video: {device: /dev/video0}\n")

    def walk(self, settings="/lab/doctor.yaml", before="", state="/tmp"):
        """{link: (state, what, cure)}"""
        status, out = self.machine.attempt(
            f"{before}\n{BUILD}/daemon/pantographd --doctor --config {settings} --state {state}"
            f" --pipelines {ROOT}/pipelines --web-root {ROOT}/data/web --port 8181"
        )
        found, link = {}, None
        for line in out.splitlines():
            if match := LINE.match(line):
                link = match[2]
                found[link] = (match[1], match[3], "")
            elif "-> " in line:
                found[link] = (*found[link][:2], line.strip().removeprefix("-> "))
        assert (status == 1) == ("broken" in {state for state, _, _ in found.values()}), out
        return found

    def names(self, link, what, cure, **more):
        state, said, told = self.walk(**more)[link]
        assert state == "broken" and what in said and cure in told, (state, said, told)

    def finds_well(self, link, what, **more):
        state, said, told = self.walk(**more)[link]
        assert state == "ok" and what in said and not told, (state, said, told)


@pytest.fixture(scope="module")
def doctor(machine):
    machine.run("vivid_up; hdmi 1280x720p60")
    return Doctor(machine)


def test_finds_a_receiver_with_a_signal_well(doctor):
    found = doctor.walk()
    assert [found[link][0] for link in ("capture", "signal", "edid")] == ["ok"] * 3, found
    assert "vivid" in found["capture"][1]
    assert found["signal"][1] == "1280x720"


HDMI = {
    "unplugged": ("no-cable", "cable"),
    "unstable": ("no-sync", "HDMI cable"),
    "unsupported": ("out-of-range", "1280x720"),
}


@pytest.mark.parametrize("fault", HDMI)
def test_names_what_is_wrong_with_the_signal(doctor, fault):
    what, cure = HDMI[fault]
    doctor.names("signal", what, cure, before=f"hdmi {fault}")
    doctor.finds_well("signal", "1280x720", before="hdmi back")


def test_names_an_edid_that_is_not_there(doctor):
    doctor.names(
        "edid", "sees no monitor", "preset", before="v4l2-ctl -d 0 --clear-edid >/dev/null"
    )
    doctor.finds_well("edid", "2 blocks", before="v4l2-ctl -d 0 --set-edid=type=hdmi >/dev/null")


def test_names_the_program_that_captures_from_the_same_node(doctor):
    with doctor.machine.running("other", "v4l2-ctl -d 0 --stream-mmap") as other:
        doctor.machine.run(f"wait_for 20 sh -c 'ls -l /proc/{other.pid}/fd | grep -q video0'")
        doctor.names("capture", f"v4l2-ctl (pid {other.pid})", "end that program")
    doctor.finds_well("capture", "vivid")


def test_names_a_capture_chip_that_is_gone(doctor):
    doctor.names("capture", "No such file", "driver loaded", before="modprobe -r vivid")
    doctor.finds_well("capture", "vivid", before="vivid_up; hdmi 1280x720p60")


def test_names_a_node_that_captures_nothing(doctor):
    (doctor.machine.share / "output.yaml").write_text("video: {device: /dev/video1}\n")
    doctor.names("capture", "captures no video", "/dev/video0", settings="/lab/output.yaml")


def test_names_a_clock_that_has_lost_its_battery(doctor):
    doctor.names("clock", "2000-01-01", "set-ntp", before="now=$(date +%s); date -s 2000-01-01")
    doctor.machine.run(f"date -s @{int(time.time())}")
    assert doctor.walk()["clock"][0] != "broken"


def test_names_a_disk_that_is_full(doctor):
    fill = "mkdir -p /full; mount -t tmpfs -o size=64k none /full"
    doctor.names("disk", "MB left", "remove files", before=fill, state="/full")
    doctor.finds_well("disk", "MB left", before="umount /full", state="/full")
