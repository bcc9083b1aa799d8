# SPDX-License-Identifier: LGPL-2.1-or-later
"""The device's swap file and the daemon's memory limit, as the kernel has them."""
import contextlib

import pytest
from served import Served

MIB = 1 << 20
CONFIG = """
video: {width: 320, height: 200, fps: 5}
system: {swap_file: /tmp/disk/swapfile}
"""
GROUP = "/sys/fs/cgroup/kvm"
DISK = """
modprobe loop && modprobe ext4
truncate -s 600M /tmp/disk.img && mkfs.ext4 -q -F /tmp/disk.img
mkdir -p /tmp/disk && mount -o loop /tmp/disk.img /tmp/disk
"""
NO_DISK = "swapoff -a; umount /tmp/disk; rm -f /tmp/disk.img; true"
CONTROL_GROUP = f"""
mount -t cgroup2 none /sys/fs/cgroup
echo +memory >/sys/fs/cgroup/cgroup.subtree_control && mkdir {GROUP}
"""
NO_CONTROL_GROUP = f"rmdir {GROUP}; umount /sys/fs/cgroup"


@contextlib.contextmanager
def between(machine, before, after):
    machine.run(before)
    try:
        yield
    finally:
        machine.run(after)


@pytest.fixture
def kvm(machine):
    return Served(machine, "resources", CONFIG, "/tmp/state-resources")


def swaps(machine):
    """{file: MiB} of all that the kernel swaps to."""
    lines = machine.run("cat /proc/swaps").splitlines()[1:]
    return {line.split()[0]: round(int(line.split()[2]) / 1024) for line in lines}


def test_the_kernel_swaps_to_the_file_that_was_asked_for_and_again_after_a_restart(machine, kvm):
    with between(machine, DISK, NO_DISK):
        with kvm.daemon():
            assert kvm.call("/api/vm/swap") == {"size": 0} and swaps(machine) == {}
            kvm.call("/api/vm/swap", {"size": 64})
            assert swaps(machine) == {"/tmp/disk/swapfile": 64}
            assert kvm.call("/api/vm/swap") == {"size": 64}
        machine.run("swapoff /tmp/disk/swapfile")  # as a restart of the device does
        with kvm.daemon():
            machine.run("wait_for 60 grep -q swapfile /proc/swaps")
            kvm.call("/api/vm/swap", {"size": 0})
            assert swaps(machine) == {}
            machine.run("test ! -e /tmp/disk/swapfile")


def test_a_swap_file_that_the_kernel_will_not_have_is_an_error_and_leaves_nothing(machine, kvm):
    with between(machine, "mkdir -p /tmp/disk; mount -t tmpfs tmpfs /tmp/disk", NO_DISK):
        with kvm.daemon():
            answer = kvm.ask("/api/vm/swap", {"size": 64})
            assert answer["code"] != 0 and "swapon" in answer["reason"], answer
            assert swaps(machine) == {}
            machine.run("test ! -e /tmp/disk/swapfile")


def test_the_memory_limit_is_the_one_of_the_daemons_control_group(machine, kvm):
    with between(machine, CONTROL_GROUP, NO_CONTROL_GROUP):
        with kvm.daemon() as daemon:
            machine.run(f"echo {daemon.pid} >{GROUP}/cgroup.procs")
            kvm.call("/api/vm/memory/limit", {"enabled": True, "limit": 200})
            assert int(machine.run(f"cat {GROUP}/memory.high")) == 200 * MIB
            assert kvm.call("/api/vm/memory/limit") == {"enabled": True, "limit": 200}
            kvm.call("/api/vm/memory/limit", {"enabled": False, "limit": 0})
            assert machine.run(f"cat {GROUP}/memory.high").strip() == "max"
