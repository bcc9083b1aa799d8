# SPDX-License-Identifier: LGPL-2.1-or-later
"""Images on Linux's own mass storage: what the computer reads is what was stored, byte by byte, and
each way that a medium can go wrong is told."""
import itertools
import random

from conftest import eventually
from figures import record
from images import empty_drives, lab  # noqa: F401

MIB, GIB = 1 << 20, 1 << 30
LARGE = 1152000 * 2048  # a DVD of 2.2 GiB: one block more than the kernel's CD has
PIECES = 32  # of 1 MiB, each of other noise, in the large disc; a half of them beyond 2 GiB
HELD = (
    'python3 -c \'import time; f = open("/dev/sr0", "rb"); print(1, flush=True); time.sleep(600)\''
)


def test_a_disc_is_read_to_its_last_byte(lab):
    lab.mounted("disc.iso", cdrom=True)
    lab.same("disc.iso", "/dev/sr0")
    assert lab.drives()[0]["cdrom"] and lab.drives()[0]["readOnly"]


def test_disks_are_read_to_their_last_byte_on_both_drives(lab):
    lab.mounted("noise.img", drive=0, readOnly=True)
    lab.mounted("stick.img", drive=1)
    lab.same("noise.img", lab.disk(0))
    lab.same("stick.img", lab.disk(1))
    assert [d["readOnly"] for d in lab.drives()] == [True, False]


def test_what_the_computer_writes_is_in_the_image(lab):
    lab.mounted("stick.img", drive=1)
    stick = lab.disk(1)
    lab.same("stick.img", stick)
    lab.machine.run(f"echo written | dd of={stick} bs=512 seek=100 conv=sync,fsync status=none")
    assert "written" in lab.machine.run("dd if=/tmp/images/stick.img bs=512 skip=100 count=1")


def test_a_disc_that_the_kernel_would_cut_is_offered_as_a_disk(lab):
    ends = [2 * GIB - MIB // 2, LARGE - MIB]  # of what a signed number holds, and of the disc
    lowest = itertools.islice(itertools.cycle((4 * MIB, 2 * GIB)), PIECES)
    anywhere = [random.randrange(at, LARGE - MIB) for at in lowest]
    lab.machine.run(
        f"cd /tmp/images; cp disc.iso large.iso; truncate -s {LARGE} large.iso; for at in"
        f" {' '.join(map(str, ends + anywhere))}; do head -c {MIB} /dev/urandom | dd of=large.iso"
        " bs=64k iflag=fullblock oflag=seek_bytes seek=$at conv=notrunc status=none; done"
    )
    lab.refuses("mount it as a disk", "large.iso", cdrom=True)
    lab.mounted("large.iso")
    disk = lab.disk(0)
    eventually(
        lambda: lab.machine.attempt(f"blockdev --getsize64 {disk}")[1].strip() == str(LARGE),
        30,
        "all of it as a disk",
    )
    offsets = [0, *ends, *anywhere]  # all of it would take minutes
    lab.machine.run(
        "echo 3 >/proc/sys/vm/drop_caches; cd /tmp/images; for at in"
        f" {' '.join(map(str, offsets))}; do"
        f" cmp --bytes={2 * MIB} --ignore-initial=$at large.iso {disk}; done",
        seconds=300,
    )
    lab.compared += sum(min(2 * MIB, LARGE - at) for at in offsets)
    record("storage-large-disc-pieces-compared", len(offsets), "pieces")
    lab.mounted("")
    lab.machine.run("rm /tmp/images/large.iso")


def test_a_held_disc_is_left_or_taken_by_force(lab):
    lab.mounted("disc.iso", cdrom=True)
    lab.same("disc.iso", "/dev/sr0")
    with lab.machine.running("held", HELD) as held:
        held.says("1")
        lab.refuses("the computer holds the medium", "", force=False)
        assert lab.drives()[0]["file"] == "/tmp/images/disc.iso"
        lab.mounted("")
        assert lab.drives()[0]["file"] == ""


def test_the_computers_own_eject_is_noticed(lab):
    lab.mounted("disc.iso", cdrom=True)
    lab.same("disc.iso", "/dev/sr0")
    lab.machine.run("python3 -c 'import fcntl, os;"
                    " fcntl.ioctl(os.open(\"/dev/sr0\", os.O_NONBLOCK), 0x5309)'")  # fmt: skip
    eventually(lambda: lab.drives()[0]["file"] == "", 10, "the eject to be noticed")


def test_a_disc_takes_no_disk_off_the_cable_unless_forced(lab):
    lab.mounted("noise.img", readOnly=True)  # so that the drive is a disk's
    lab.mounted("stick.img", drive=1)
    lab.refuses("in drive 1 can be written to", "disc.iso", cdrom=True, force=False)
    assert [d["file"] for d in lab.drives()] == ["/tmp/images/noise.img", "/tmp/images/stick.img"]
    lab.mounted("disc.iso", cdrom=True)


def test_a_change_of_the_gadget_takes_no_medium_that_is_in_use_unless_forced(lab):
    lab.mounted("disc.iso", cdrom=True)
    lab.mounted("stick.img", drive=1)
    before, disk = lab.drives(), lab.disk(1)
    lab.machine.run("wait_for 30 test -b /dev/sr0")
    with lab.machine.running("holder", HELD) as holder:
        holder.says("1")
        answer = lab.call("usb", profile="no-storage")
        assert answer["code"] == -3 and "the computer holds it" in answer["reason"], answer
    write = f"dd if=/dev/zero of={disk} bs=512 count=1 seek=100 oflag=direct conv=fsync,notrunc"
    lab.machine.run(write)
    answer = lab.call("usb", profile="no-storage")
    assert answer["code"] == -3 and "has just written to it" in answer["reason"], answer
    assert lab.drives() == before
    assert lab.call("usb", profile="no-storage", force=True)["code"] == 0
    lab.machine.run(f"wait_for 30 test ! -e {disk}")
    assert lab.call("usb", profile="normal")["code"] == 0
    eventually(lambda: lab.drives() == before, 30, "the media to be back")
    lab.same("stick.img", lab.disk(1))
