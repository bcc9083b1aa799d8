# SPDX-License-Identifier: LGPL-2.1-or-later
"""How pantographd's USB gadget begins and ends, and what it says when it cannot begin."""
from figures import record
from kvm import OURS, STATE, Kvm, attributes, shape


def test_nothing_is_left_when_the_daemon_ends_and_all_of_a_killed_one_is_cleared(machine):
    with Kvm(machine) as kvm:
        with kvm.daemon("ends"):
            kvm.becomes("on")
            serial = attributes(kvm, "serial")
        assert machine.attempt(f"test -e {OURS}")[0] == 1
        with kvm.daemon("killed") as daemon:
            kvm.becomes("on")
            assert shape(kvm, "normal", "ncm")["code"] == 0
            kvm.types()
            machine.run(f"kill -9 {daemon.pid}")
            assert machine.attempt(f"test -e {OURS}/functions/ncm.usb0")[0] == 0
        machine.run(f"rm {STATE}/usb")
        with kvm.daemon("next") as daemon:
            assert kvm.becomes("on")["network"] == "off"
            daemon.says("removed the gadget that an earlier process left")
            kvm.types(0x0A, "KEY_G")
            assert machine.attempt(f"test -e {OURS}/functions/ncm.usb0")[0] == 1
    assert len(serial[0]) == 16


def test_says_whose_gadget_holds_the_port_and_takes_it_once_it_is_free(machine):
    machine.run("gadget_up")
    with Kvm(machine, clear="true") as kvm:
        with kvm.daemon("taken"):
            said = kvm.becomes("udc-taken")
            assert "taken by the gadget lab" in said["reason"], said
            assert said["cure"]
            machine.run("gadget_down")
            kvm.becomes("on")
            kvm.types(0x0B, "KEY_H")


def test_names_each_fault_at_the_start_and_begins_once_it_is_gone(machine):
    no_module = "echo 'install usb_f_hid /bin/false' >/etc/modprobe.d/refuse.conf"
    no_module = f"modprobe -r usb_f_hid; {no_module}"
    faults = [
        ("no-udc", "modprobe -r dummy_hcd", "modprobe dummy_hcd"),
        ("no-function", no_module, "rm /etc/modprobe.d/refuse.conf"),
    ]
    with Kvm(machine) as kvm:
        for number, (state, broken, mended) in enumerate(faults):
            machine.run(broken)
            with kvm.daemon(f"fault{number}"):
                said = kvm.becomes(state)
                assert said["reason"] and said["cure"], said
                machine.run(mended)
                kvm.becomes("on")
                kvm.types()
    record("usb-faults-named", len(faults) + 1, "faults")
