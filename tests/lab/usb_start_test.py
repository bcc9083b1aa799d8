# SPDX-License-Identifier: LGPL-2.1-or-later
"""How pantographd's USB gadget begins and ends, and what it says when it cannot begin."""
import pytest
from figures import record
from kvm import CONFIG, OURS, STATE, Kvm, attributes, shape
from served import NOBODY, READABLE


@pytest.fixture(scope="module")
def kvm(machine):
    with Kvm(machine) as kvm:
        yield kvm


def identity(kvm):
    """What a computer knows the device by: its serial number and its network card's two addresses."""
    files = f"{OURS}/functions/ncm.usb0/dev_addr {OURS}/functions/ncm.usb0/host_addr"
    return [*attributes(kvm, "serial"), *kvm.machine.run(f"cat {files}").split()]


def test_nothing_is_left_when_the_daemon_ends_and_all_of_a_killed_one_is_cleared(machine, kvm):
    with kvm.daemon("ends"):
        kvm.becomes("on")
        assert shape(kvm, "normal", "ncm")["code"] == 0
        kvm.types()
        known = identity(kvm)
    assert machine.attempt(f"test -e {OURS}")[0] == 1
    with kvm.daemon("killed") as daemon:
        kvm.becomes("on")
        kvm.types()
        assert identity(kvm) == known, "the computer takes it for the same device"
        machine.run(f"kill -9 {daemon.pid}")
        assert machine.attempt(f"test -e {OURS}/functions/ncm.usb0")[0] == 0
    machine.run(f"rm {STATE}/usb")
    with kvm.daemon("next") as daemon:
        assert kvm.becomes("on")["network"] == "off"
        daemon.says("removed the gadget that an earlier process left")
        kvm.types(0x0A, "KEY_G")
        assert machine.attempt(f"test -e {OURS}/functions/ncm.usb0")[0] == 1
    serial, *addresses = known
    assert len(serial) == 16 and len(set(addresses)) == 2, known


def test_says_whose_gadget_holds_the_port_and_takes_it_once_it_is_free(machine, kvm):
    machine.run("gadget_up")
    with kvm.daemon("taken"):
        said = kvm.becomes("udc-taken")
        assert "taken by the gadget lab" in said["reason"], said
        assert said["cure"]
        machine.run("gadget_down")
        kvm.becomes("on")
        kvm.types(0x0B, "KEY_H")


FOREIGN = "/sys/kernel/config/usb_gadget/foreign"


def test_types_into_its_own_nodes_where_another_gadget_has_the_first_one(machine, kvm):
    machine.run(f"modprobe libcomposite; mkdir -p {FOREIGN}/functions/hid.usb0")
    try:
        with kvm.daemon("shifted"):
            kvm.becomes("on")
            numbers = machine.run(f"cat {FOREIGN}/functions/hid.usb0/dev {OURS}/functions/*/dev")
            minors = [int(number.split(":")[1]) for number in numbers.split()]
            assert minors == [0, 1, 2, 3], "else nothing was shifted"
            kvm.types(0x0C, "KEY_I")
    finally:
        machine.run(f"rmdir {FOREIGN}/functions/* {FOREIGN}")


def test_says_who_has_the_hid_functions_and_begins_when_they_are_free(machine, kvm):
    machine.run(f"modprobe libcomposite; mkdir -p {FOREIGN}/functions/hid.usb{{0,1}}")
    with kvm.daemon("no-node-left"):
        said = kvm.becomes("hid-taken")
        assert "foreign/hid.usb0, foreign/hid.usb1" in said["reason"], said
        assert "HID functions of other gadgets" in said["cure"], said
        machine.run(f"rmdir {FOREIGN}/functions/* {FOREIGN}")
        kvm.becomes("on")
        kvm.types(0x0D, "KEY_J")


def test_names_each_fault_at_the_start_and_begins_once_it_is_gone(machine, kvm):
    no_module = "echo 'install usb_f_hid /bin/false' >/etc/modprobe.d/refuse.conf"
    no_module = f"modprobe -r usb_f_hid; {no_module}"
    faults = [
        ("no-udc", "modprobe -r dummy_hcd", "modprobe dummy_hcd"),
        ("no-function", no_module, "rm /etc/modprobe.d/refuse.conf"),
    ]
    named = 0
    for number, (state, broken, mended) in enumerate(faults):
        machine.run(broken)
        with kvm.daemon(f"fault{number}"):
            said = kvm.becomes(state)
            assert said["reason"] and said["cure"], said
            named += 1
            machine.run(mended)
            kvm.becomes("on")
            kvm.types()
    record("usb-faults-named", named, "faults")


def test_without_the_right_to_make_a_gadget_it_says_so_and_what_to_do(machine, kvm):
    machine.run(f"modprobe libcomposite; {READABLE}")
    readable = CONFIG.replace("video: {", 'video: {pipelines_dir: "", ')  # its default is root's
    nobodys = Kvm(machine, config=readable, name="nobody", state="/tmp/state-nobody")
    with nobodys.daemon(user=NOBODY):
        said = nobodys.becomes("no-permission")
        assert "Permission denied" in said["reason"] and "as root" in said["cure"], said
        typed = nobodys.ask("/api/hid/paste", {"content": "a"})
        assert typed["code"] == -3 and "/dev/hidg0 is gone" in typed["reason"], typed


def test_a_second_daemon_leaves_the_gadget_alone_until_the_first_is_no_more(machine, kvm):
    with kvm.daemon("first") as first:
        kvm.becomes("on")
        kvm.types()
        plugged = kvm.seen().count("plugged keyboard")
        with machine.running("second", kvm.command("/tmp/state-second", port=8081)) as second:
            second.says("state=in-use")
            assert "another pantographd runs and has the gadget" in second.log()
            assert kvm.becomes("on")
            kvm.types(0x05, "KEY_B")
            assert kvm.seen().count("plugged keyboard") == plugged, "nobody pulled the cable"
            machine.run(f"kill -9 {first.pid}")
            second.says("removed the gadget that an earlier process left")
            second.says("state=on")
        assert machine.attempt(f"test -e {OURS}")[0] == 1
