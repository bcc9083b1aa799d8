# SPDX-License-Identifier: LGPL-2.1-or-later
"""The gadget's network card: packets go both ways, and go again after it was plugged in anew.

The computer's end is in a network namespace of its own, else the one kernel would answer itself."""
import re

import pytest
from conftest import eventually
from figures import record
from kvm import DEVICE, OURS, Kvm, shape

DEVICE_ADDRESS, COMPUTER_ADDRESS = "10.55.0.1", "10.55.0.2"
COMPUTER = "ip netns exec computer"
ECHO = "/usr/bin/python3 tests/lab/machine/echo.py"
PACKETS = 100
UP_AGAIN_AFTER = 5


class Cable:
    """The two ends of the network over USB."""

    def __init__(self, kvm, function):
        self.machine = kvm.machine
        self._ours = f"{OURS}/functions/{function}/ifname"
        self.again = self.asked_again = 0

    def connect(self):
        """Both ends up. A computer may miss that the cable is in when our end was up before its
        own: then our end says so again."""
        found = f"ls {DEVICE}:1.0/net | grep ."
        eventually(lambda: self.machine.attempt(found)[0] == 0, 180, "the computer's card")
        theirs, ours = (self.machine.run(c).strip() for c in (found, f"cat {self._ours}"))
        self.machine.run(
            f"ip netns add computer 2>/dev/null || true; ip link set {theirs} netns computer;"
            f" {COMPUTER} ip addr add {COMPUTER_ADDRESS}/30 dev {theirs};"
            f" {COMPUTER} ip link set {theirs} up;"
            f" ip addr replace {DEVICE_ADDRESS}/30 dev {ours}; ip link set {ours} up"
        )
        carrier = f"{COMPUTER} ip link show {theirs} | grep -q LOWER_UP"
        while self.machine.attempt(f"wait_for {UP_AGAIN_AFTER} sh -c '{carrier}'")[0]:
            self.machine.run(f"ip link set {ours} down; ip link set {ours} up")
            self.again += 1
            assert self.again < 10, "the computer never finds the cable in"
        show = f"ip -o link show {ours}; {COMPUTER} ip -o link show {theirs}"
        lines = self.machine.run(show).splitlines()
        return [line.split("link/ether ")[1].split()[0] for line in lines]

    def echoes(self):
        """Sends packets both ways; each must come back as it was."""
        ways = (("", COMPUTER_ADDRESS, COMPUTER), (COMPUTER, DEVICE_ADDRESS, ""))
        for asks, address, answers in ways:
            with self.machine.running("echo", f"{answers} {ECHO} answer {address}") as server:
                server.says("answering")
                said = self.machine.run(f"{asks} {ECHO} ask {address} {PACKETS}", seconds=180)
            whole, again = re.fullmatch(r"(.*), (\d+) again", said.strip()).groups()
            assert whole == f"{PACKETS} of {PACKETS}"
            self.asked_again += int(again)


@pytest.fixture(scope="module")
def running(machine):
    with Kvm(machine) as kvm, kvm.daemon("network"):
        kvm.becomes("on")
        yield kvm


@pytest.mark.parametrize("network", ["ncm", "rndis"])
def test_packets_go_both_ways_and_go_again_after_a_new_plug(running, network):
    assert shape(running, "no-storage", network)["code"] == 0
    cable = Cable(running, f"{network}.usb0")
    addresses = cable.connect()
    assert addresses[0].startswith("48:da:35:6e:") and addresses[1].startswith("48:da:35:6d:")
    cable.echoes()
    assert running.ask("/api/hid/reset", {})["code"] == 0
    assert cable.connect() == addresses
    cable.echoes()
    assert shape(running, "normal")["code"] == 0
    record(f"usb-{network}-packets-echoed", 4 * PACKETS, "packets")
    record(f"usb-{network}-packets-asked-again", cable.asked_again, "packets")
    assert cable.asked_again <= 4 * PACKETS // 10
    record(f"usb-{network}-announced-again-by-hand", cable.again, "times")
