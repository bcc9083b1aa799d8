# SPDX-License-Identifier: LGPL-2.1-or-later
"""pantographd's own USB gadget on Linux's gadget drivers: what the computer sees of it, and that
neither a change nor a fault leaves the computer without it for good."""
import itertools
import random
import threading
import urllib.request

import pytest
from conftest import eventually
from figures import record, record_times
from kvm import DEVICE, OURS, Drives, Kvm, attributes, shape
from typing_test import TYPEABLE, as_text

PORT = "/sys/bus/usb/devices/usb1/1-0:1.0/usb1-port1/disable"
KEYBOARD_NODE = "/dev/hidg0"
OWN_TIME = "/usr/bin/python3 tests/lab/machine/own_time.py"
TYPES_AGAIN_WITHIN_MS = 10_000  # of the machine's own time: it enumerates all of the gadget anew
TEXTS, TEXT_LENGTH, READER_TRIES = 5, 200, 10
PROFILES = ["normal", "hid-only", "boot-only", "no-storage"]
# Source: the NanoKVM's report descriptors; of the relative mouse two buttons more
DESCRIPTORS = [
    "05010906a101050719e029e71500250175019508810295017508810395057501050819012905910295017503910395"
    "067508150025e70507190029e78100c0",
    "05010902a1010901a100050919012905150025019505750181029501750381030501093009310938158"
    "1257f750895038106c0c0",
    "05010902a1010901a1000509190129051500250195057501810295017503810105010930093115"
    "0026ff7f350046ff7f751095028102050109381581257f35004500750895018106c0c0",
]


@pytest.fixture(scope="module")
def kvm(machine):
    with Kvm(machine) as kvm:
        yield kvm


@pytest.fixture(scope="module")
def running(kvm):
    with kvm.daemon():
        kvm.becomes("on")
        yield kvm


@pytest.fixture(scope="module")
def own_seconds(machine):
    """A clock that stands still when the host does not let the machine run."""
    with machine.running("own-time", OWN_TIME) as clock:
        clock.says("\n")
        yield lambda: float(clock.log().rpartition("\n")[0].split()[-1])


def test_the_computer_sees_the_device_that_hosts_know(running):
    running.types()
    names = "idVendor idProduct bDeviceClass bDeviceSubClass bcdDevice manufacturer product"
    names += " bMaxPower bmAttributes"
    known = ["3346", "1009", "ef", "02", "0510", "sipeed", "NanoKVM", "120mA", "e0"]
    assert attributes(running, *names.split()) == known
    dump = "for d in $(ls -d /sys/bus/usb/devices/1-1:1.*/0003:3346:1009.* | sort); do"
    dump += " od -An -v -tx1 $d/report_descriptor | tr -d ' \\n'; echo; done"
    assert running.machine.run(dump).split() == DESCRIPTORS
    drives = "ls -d /sys/bus/usb/devices/1-1:1.3/host*/target*/*:*:*:[01]"
    eventually(lambda: running.machine.attempt(drives)[0] == 0, 30, "two drives")


def test_a_stream_and_the_daemon_live_through_every_change_of_profile(running, own_seconds):
    frames, stop = itertools.count(), threading.Event()

    def watch():
        request = urllib.request.Request(
            f"http://127.0.0.1:{running.machine.http_port}/api/stream/mjpeg",
            headers={"Cookie": running._cookie},
        )
        with urllib.request.urlopen(request, timeout=60) as stream:
            while not stop.is_set() and stream.read(2048):
                next(frames)

    watcher = threading.Thread(target=watch)
    watcher.start()
    shapes = [(profile, "off") for profile in PROFILES]
    shapes += [("normal", "ncm"), ("no-storage", "rndis"), ("normal", "off")]
    recovered = []
    for profile, network in shapes:
        before = next(frames)
        answer = shape(running, profile, network)
        assert answer["code"] == 0, (profile, network, answer)
        begun = own_seconds()
        running.types()
        recovered.append(own_seconds() - begun)
        assert (running.call("/api/usb")["profile"], running.becomes("on")["network"]) == (
            profile,
            network,
        )
        eventually(lambda: next(frames) > before + 3 and watcher.is_alive(), 30, "the stream")
    stop.set()
    watcher.join(60)
    record("usb-profile-changes", len(shapes), "changes")
    times = record_times("usb-typing-again-after-change", [1000 * s for s in recovered])
    assert times.max < TYPES_AGAIN_WITHIN_MS, recovered


def test_texts_typed_at_the_default_pace_lose_nothing_on_two_processors(running):
    characters = 0
    for seed in range(TEXTS):
        text = "".join(random.Random(seed).choices(TYPEABLE, k=TEXT_LENGTH))
        for _ in range(READER_TRIES):
            before = len(running.seen())
            assert running.call("/api/hid/paste", {"content": text}) is None
            running.settle()
            lines = running.seen()[before:]
            if "overrun" not in lines:
                break  # else it was this test's own reader that was too slow, on a busy host
        arrived, down = as_text(lines)
        assert (arrived, down) == (text, 0)
        characters += len(arrived)
    record("paste-default-pace-characters-sent", TEXTS * TEXT_LENGTH, "characters")
    record("paste-default-pace-characters-received", characters, "characters")


def test_a_network_card_has_the_same_address_at_each_start(running):
    def address():
        assert shape(running, "normal", "ncm")["code"] == 0
        look = f"cat {DEVICE}:1.0/net/*/address {DEVICE}/serial"
        eventually(lambda: running.machine.attempt(look)[0] == 0, 30, "a network card")
        found = running.machine.run(look).split()
        assert shape(running, "normal")["code"] == 0
        running.types()
        return found

    first = address()
    assert first[0].startswith("48:da:35:6d:")
    assert len(first[1]) == 16
    assert address() == first


def test_a_change_that_the_kernel_refuses_leaves_the_former_gadget_and_what_is_in_it(running):
    assert shape(running, "normal")["code"] == 0
    running.types()
    drives = Drives(running)
    drives.put_in()
    drives.check()
    plugged = running.seen().count("plugged keyboard")
    running.machine.run(
        "modprobe -r usb_f_ncm; echo 'install usb_f_ncm /bin/false' >/etc/modprobe.d/refuse.conf"
    )
    refused = [shape(running, profile, "ncm") for profile in ("normal", "no-storage")]
    running.machine.run("rm /etc/modprobe.d/refuse.conf")
    for answer in refused:
        assert answer["code"] == -3 and "ncm.usb0" in answer["reason"], answer
        assert "lost" not in answer["reason"], answer
    usb = running.becomes("on")
    assert (usb["profile"], usb["network"]) == ("normal", "off")
    running.types(0x05, "KEY_B")
    assert running.seen().count("plugged keyboard") == plugged, "the cable was not even pulled"
    drives.check()
    assert shape(running, "normal", "ncm")["code"] == 0, "once the kernel can"
    drives.check()
    assert shape(running, "normal")["code"] == 0
    record("usb-refused-changes-survived", len(refused), "changes")


def test_the_old_clients_switches_change_the_gadget(running):
    had = running.call("/api/vm/device/virtual")
    for device in ("network", "disk"):
        for on in (not had[device], had[device]):
            answer = running.ask("/api/vm/device/virtual", {"device": device})
            assert answer == {"code": 0, "msg": "success", "data": {"on": on}}
            assert running.call("/api/vm/device/virtual")[device] == on
    for mode in ("hid-only", "normal"):
        assert running.ask("/api/hid/mode", {"mode": mode})["code"] == 0
        assert running.call("/api/hid/mode") == {"mode": mode}
    running.becomes("on")
    running.types()


def test_a_reset_connects_it_anew(running):
    running.types()
    plugged = running.seen().count("plugged keyboard")
    assert running.ask("/api/hid/reset", {})["code"] == 0
    eventually(lambda: running.seen().count("plugged keyboard") > plugged, 60, "a new plug")
    running.types(0x06, "KEY_C")


def test_a_cable_pulled_while_nothing_is_typed_is_told_and_survived(running, own_seconds):
    running.types()
    times = []
    for _ in range(3):
        running.machine.run(f"echo 1 >{PORT}")
        running.node_becomes(KEYBOARD_NODE, "offline")
        running.machine.run(f"echo 0 >{PORT}")
        begun = own_seconds()
        running.node_becomes(KEYBOARD_NODE, "online")
        running.types(0x07, "KEY_D")
        times.append(own_seconds() - begun)
    record("usb-cable-pulls", len(times), "pulls")
    again = record_times("usb-typing-again-after-cable", [1000 * s for s in times])
    assert again.max < TYPES_AGAIN_WITHIN_MS, times


def test_a_gadget_taken_off_its_port_is_told_and_comes_back_with_a_reset(running):
    running.types()
    running.machine.run(f"echo >{OURS}/UDC")
    said = running.becomes("unbound")
    assert said["reason"] and said["cure"], said
    running.node_becomes(KEYBOARD_NODE, "gone")
    assert running.ask("/api/hid/reset", {})["code"] == 0
    running.becomes("on")
    running.node_becomes(KEYBOARD_NODE, "online")
    running.types(0x08, "KEY_E")


def test_a_port_that_goes_away_is_taken_again_when_it_is_back(running):
    drives = Drives(running)
    drives.put_in()
    drives.check()
    running.machine.run("modprobe -r dummy_hcd")
    said = running.becomes("no-udc")
    assert "USB device port" in said["reason"] and "driver" in said["cure"], said
    running.machine.run("modprobe dummy_hcd")
    running.becomes("on")
    running.types(0x09, "KEY_F")
    drives.check()
