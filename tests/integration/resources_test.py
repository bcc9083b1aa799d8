# SPDX-License-Identifier: LGPL-2.1-or-later
"""The device's swap file and the daemon's memory limit: what is asked of the system's own tools, in
which order, and what is answered when one of them fails."""
import os

import pytest
import wire
from daemon import Daemon

SWAP = "/api/vm/swap"
LIMIT = "/api/vm/memory/limit"

# Each tool writes down how it was called; what is in use is what swapon was asked for.
TOOL = """#!/bin/sh
case "$0 $1" in
*swapon\\ --show*) test -e {folder}/on && echo "{file} $(($(stat -c %s {file}) - 4096))"; exit 0;;
esac
echo "${{0##*/}} $*" >> {folder}/calls
if test -e {folder}/fail-"${{0##*/}}"; then echo "${{0##*/}}: cannot" >&2; exit 1; fi
case "$0" in
*swapon) touch {folder}/on;;
*swapoff) rm -f {folder}/on;;
esac
"""


class Device:
    """A daemon among such tools."""

    def __init__(self, folder, disk=None):
        self.folder = folder
        self.file = (disk or folder) / "swapfile"
        tools = folder / "bin"
        tools.mkdir()
        for name in ("swapon", "swapoff", "mkswap"):
            (tools / name).write_text(TOOL.format(folder=folder, file=self.file))
            (tools / name).chmod(0o755)
        self.daemon = Daemon(
            folder / "daemon",
            {"system": {"swap_file": self.file}},
            env={"PATH": f"{tools}:{os.environ['PATH']}"},
        )

    def fail(self, tool):
        (self.folder / f"fail-{tool}").touch()

    def calls(self):
        calls = self.folder / "calls"
        text = calls.read_text() if calls.exists() else ""
        calls.unlink(missing_ok=True)
        return text.replace(str(self.file), "FILE").splitlines()

    def size(self):
        return self.owner.get(SWAP).json()["data"]["size"]

    def set(self, size):
        answer = self.owner.post(SWAP, {"size": size}, limit=60).json()
        return answer["code"], wire.words(answer)


@pytest.fixture
def device(tmp_path):
    made = Device(tmp_path)
    with made.daemon as daemon:
        made.owner = daemon.admin()
        yield made


def test_there_is_no_swap_file_at_first(device):
    assert device.owner.get(SWAP).json() == {"code": 0, "msg": "success", "data": {"size": 0}}
    assert device.calls() == []


def test_a_swap_file_is_made_without_holes_for_our_eyes_only_and_switched_on(device):
    assert device.set(8) == (0, "success")
    assert device.calls() == ["mkswap FILE", "swapon FILE"]
    state = device.file.stat()
    assert (state.st_size, state.st_mode & 0o777) == (8 << 20, 0o600)
    assert state.st_blocks * 512 >= 8 << 20
    assert device.size() == 8


def test_another_size_is_another_file(device):
    device.set(8)
    device.calls()
    assert device.set(4) == (0, "success")
    assert device.calls() == ["swapoff FILE", "mkswap FILE", "swapon FILE"]
    assert device.file.stat().st_size == 4 << 20


def test_size_0_switches_it_off_and_removes_it(device):
    device.set(8)
    device.calls()
    assert device.set(0) == (0, "success")
    assert device.calls() == ["swapoff FILE"]
    assert not device.file.exists() and device.size() == 0
    assert device.set(0) == (0, "success")


def test_no_size_is_none(device):
    device.set(8)
    assert device.owner.post(SWAP, {}, limit=60).json()["code"] == 0
    assert device.size() == 0


def test_one_that_cannot_be_switched_off_stays(device):
    device.set(8)
    device.fail("swapoff")
    for size in (0, 4):
        assert device.set(size) == (-2, "disable swap failed: swapoff: swapoff: cannot")
    assert device.file.stat().st_size == 8 << 20 and device.size() == 8


@pytest.mark.parametrize("tool", ["mkswap", "swapon"])
def test_one_that_cannot_be_switched_on_is_removed(device, tool):
    device.fail(tool)
    assert device.set(8) == (-4, f"enable swap failed: {tool}: {tool}: cannot")
    assert not device.file.exists() and device.size() == 0


def test_the_disk_is_not_filled_up(tmp_path, small_disk):
    device = Device(tmp_path, small_disk)
    with device.daemon as daemon:
        device.owner = daemon.admin()
        code, why = device.set(16)
        assert code == -4 and "MiB free" in why
        assert device.calls() == [] and not device.file.exists()


def test_a_size_that_cannot_be_is_refused(device):
    for size in (-1, 65537, "much"):
        assert device.set(size)[0] == -1
    assert device.calls() == []


def test_it_is_switched_on_again_when_the_device_starts(tmp_path):
    device = Device(tmp_path)
    with device.daemon as daemon:
        device.owner = daemon.admin()
        device.set(8)
        (tmp_path / "on").unlink()  # what a start of the device does
        device.calls()
    with device.daemon as daemon:
        device.owner = daemon.admin()
        assert device.size() == 8
    assert device.calls() == ["swapon FILE"]


def test_no_limit_is_there_at_first_and_none_can_be_taken_away(device):
    assert device.owner.get(LIMIT).json()["data"] == {"enabled": False, "limit": 0}
    answer = device.owner.post(LIMIT, {"enabled": False}).json()
    assert answer == {"code": 0, "msg": "success", "data": None}


def test_less_than_the_daemon_needs_is_refused(device):
    answer = device.owner.post(LIMIT, {"enabled": True, "limit": 20}).json()
    assert answer["code"] == -1 and "must be 64.." in wire.words(answer)


def test_where_no_control_group_is_ours_a_limit_is_refused_with_the_cure(device):
    groups = open("/proc/self/cgroup", encoding="utf-8").read()
    answer = device.owner.post(LIMIT, {"enabled": True, "limit": 75}).json()
    if answer["code"] == 0:
        assert device.owner.get(LIMIT).json()["data"] == {"enabled": True, "limit": 75}
        assert device.owner.post(LIMIT, {"enabled": False}).json()["code"] == 0
    else:
        assert (
            answer["code"] == -2
            and "control group" in wire.words(answer)
            or "memory.high" in wire.words(answer)
        ), (answer, groups)
