# SPDX-License-Identifier: LGPL-2.1-or-later
"""Wake-on-LAN in a network of its own: what its routes answer, and what really goes out.

Run as a program, it is what happens in that network, and prints what it saw.
"""
import errno
import json
import pathlib
import socket
import subprocess
import sys
import tempfile

import ledger
import pytest
from daemon import ROOT, Daemon

MAC = "52:54:00:12:34:56"
PACKET = bytes([0xFF] * 6) + bytes.fromhex("525400123456") * 16
ALL_FRAMES = 0x0003  # ETH_P_ALL
MAGIC_PORT = 9


class Wire:
    """One end of the pair of Ethernet ends: what arrives there."""

    def __init__(self, interface):
        self._socket = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(ALL_FRAMES))
        self._socket.bind((interface, 0))

    def frames(self):
        """Of what came in since the last call: destination, addresses, ports and payload of UDP."""
        self._socket.settimeout(0.5)
        found = []
        try:
            while True:
                try:
                    frame, (_, _, kind, _, _) = self._socket.recvfrom(2048)
                except OSError as e:
                    if e.errno == errno.ENETDOWN:  # told once when the interface goes down
                        continue
                    raise
                if kind == socket.PACKET_OUTGOING or frame[12:14] != b"\x08\x00":
                    continue
                header = 14 + (frame[14] & 15) * 4
                if frame[23] != socket.IPPROTO_UDP:
                    continue
                found.append(
                    {
                        "ethernet": frame[:6].hex(":"),
                        "to": socket.inet_ntoa(frame[30:34]),
                        "port": int.from_bytes(frame[header + 2 : header + 4], "big"),
                        "payload": frame[header + 8 :].hex(),
                    }
                )
        except TimeoutError:
            return found


def session(folder):
    """What each call answers, and which frames it makes arrive at the two ends."""
    with Daemon(folder) as daemon:
        admin = daemon.admin()
        ends = {name: Wire(name) for name in ("lan0", "lan1")}

        def call(method, path, body=None):
            answer = admin.request(method, path, body).json()
            return {"answer": answer, "frames": {n: e.frames() for n, e in ends.items()}}

        wol, macs = "/api/network/wol", "/api/network/wol/mac"
        seen = {"idle": {n: e.frames() for n, e in ends.items()}}
        seen["empty"] = call("GET", macs)
        seen["all"] = call("POST", wol, {"mac": "52-54-00-12-34-56"})
        seen["one"] = call("POST", wol, {"mac": MAC, "interface": "lan0"})
        seen["missing"] = call("POST", wol, {"mac": MAC, "interface": "lan9"})
        subprocess.run(["ip", "link", "set", "lan1", "down"], check=True)
        seen["down"] = call("POST", wol, {"mac": MAC, "interface": "lan1"})
        seen["none"] = call("POST", wol, {"mac": "aa:bb:cc:dd:ee:ff"})
        seen["name"] = call("POST", macs + "/name", {"mac": "525400123456", "name": "my desk"})
        seen["list"] = call("GET", macs)
        seen["file"] = (folder / "state/cache/wol").read_text()
        seen["forget"] = call("DELETE", macs, {"mac": MAC})
        seen["forgotten"] = call("GET", macs)
        seen["ledger"] = sorted(ledger.answers)
        return seen


@pytest.fixture(scope="module")
def seen():
    command = [ROOT / "tests/run/netns", sys.executable, __file__]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stdout + done.stderr
    told = json.loads(done.stdout)
    ledger.answers.update(map(tuple, told.pop("ledger")))
    return told


def success(data=None):
    return {"code": 0, "msg": "success", "data": data}


def failure(code, msg):
    return {"code": code, "msg": msg, "data": None}


def test_nothing_is_sent_that_nobody_asked_for(seen):
    for moment in ("empty", "missing", "down", "none", "name", "list", "forget"):
        assert seen[moment]["frames"] == {"lan0": [], "lan1": []}, moment
    assert seen["idle"] == {"lan0": [], "lan1": []}


def test_one_broadcast_with_the_magic_bytes_leaves_by_every_interface(seen):
    frame = {
        "ethernet": "ff:ff:ff:ff:ff:ff",
        "to": "255.255.255.255",
        "port": MAGIC_PORT,
        "payload": PACKET.hex(),
    }
    assert seen["all"]["answer"] == success()
    assert seen["all"]["frames"] == {"lan0": [frame], "lan1": [frame]}


def test_a_named_interface_alone_sends(seen):
    assert seen["one"]["answer"] == success()
    frames = seen["one"]["frames"]
    assert frames["lan0"] == []
    assert [f["payload"] for f in frames["lan1"]] == [PACKET.hex()]


def test_says_why_nothing_was_sent(seen):
    assert seen["missing"]["answer"] == failure(-3, "there is no network interface of that name")
    assert seen["down"]["answer"] == failure(
        -3, "lan1 is down, has no cable, or knows no broadcast"
    )
    assert seen["none"]["answer"] == failure(-3, "no network interface is up")


def test_remembers_names_and_forgets_on_request(seen):
    assert seen["empty"]["answer"] == success({"macs": []})
    assert seen["name"]["answer"] == success()
    assert seen["list"]["answer"] == success({"macs": [f"{MAC} my desk"]})
    assert seen["file"] == f"{MAC} my desk\n"
    assert seen["forget"]["answer"] == success()
    assert seen["forgotten"]["answer"] == success({"macs": []})


def main():
    with tempfile.TemporaryDirectory() as folder:
        print(json.dumps(session(pathlib.Path(folder))))


if __name__ == "__main__":
    main()
