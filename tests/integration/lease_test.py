# SPDX-License-Identifier: LGPL-2.1-or-later
"""No key stays down when whoever pressed it goes, however they go. The clients are processes of
their own, the keyboard is a node that the test reads."""
import contextlib
import os
import signal
import subprocess
import sys
import time

import pytest
from daemon import Daemon, Node

A_DOWN = bytes([0, 0, 4, 0, 0, 0, 0, 0])
ALL_UP = bytes(8)
PROMISE_S = 0.5
SLACK_S = 0.25  # for a busy machine to notice

CLIENT = """
import sys
sys.path.insert(0, sys.argv[1])
import wire
client = wire.Client(int(sys.argv[3]), token=sys.argv[4], host=sys.argv[2], source="")
socket = wire.WebSocket(client, "/api/ws")
socket.send(bytes([1, 0, 0, 4, 0, 0, 0, 0, 0]))
print("down", flush=True)
while sys.argv[5] == "reads":
    socket.receive(limit=60)
import time
time.sleep(60)
"""


class Held:
    """A daemon with a keyboard to look at, and clients that press A and keep it down."""

    def __init__(self, folder):
        self.keyboard = Node(8)
        nodes = {
            "keyboard": self.keyboard.path,
            "relative": Node(4).path,
            "absolute": Node(6).path,
        }
        self.daemon = Daemon(folder, {"hid": nodes}, host="0.0.0.0")

    @contextlib.contextmanager
    def client(self, reads=True, host="127.0.0.1", inside=()):
        command = [*inside, sys.executable, "-c", CLIENT, os.path.dirname(__file__), host]
        command += [str(self.daemon.port), self.token, "reads" if reads else "never reads"]
        process = subprocess.Popen(command, stdout=subprocess.PIPE)
        try:
            assert process.stdout.readline() == b"down\n"
            self.keyboard.expect(A_DOWN)
            yield process
        finally:
            process.kill()
            process.communicate()
        self.keyboard.expect(ALL_UP)


@pytest.fixture(scope="module")
def held(tmp_path_factory):
    made = Held(tmp_path_factory.mktemp("lease"))
    with made.daemon:
        made.token = made.daemon.admin().token
        yield made


@pytest.fixture
def other_host():
    """A host of its own on the other end of a cable that can be cut: (command prefix, cut)."""
    name = f"panto{os.getpid()}"
    ours, theirs = f"pa{os.getpid()}", f"pb{os.getpid()}"

    def ip(*args):
        subprocess.run(["ip", *args], check=True, timeout=10)

    ip("netns", "add", name)
    try:
        ip("link", "add", ours, "type", "veth", "peer", "name", theirs)
        ip("link", "set", theirs, "netns", name)
        ip("addr", "add", "10.98.0.1/24", "dev", ours)
        ip("link", "set", ours, "up")
        ip("-n", name, "addr", "add", "10.98.0.2/24", "dev", theirs)
        ip("-n", name, "link", "set", theirs, "up")
        yield ["ip", "netns", "exec", name], lambda: ip("link", "set", ours, "down")
    finally:
        ip("netns", "del", name)  # takes the cable along


def test_a_client_that_is_killed_lets_go(held):
    with held.client() as client:
        client.send_signal(signal.SIGKILL)
        killed = time.monotonic()
        assert held.keyboard.expect(ALL_UP) - killed < PROMISE_S + SLACK_S


def test_a_client_whose_network_is_gone_lets_go(held, other_host):
    inside, cut = other_host
    with held.client(host="10.98.0.1", inside=inside):
        time.sleep(1)
        assert held.keyboard.last() == A_DOWN, "it was let go while the cable was in"
        cut()
        gone = time.monotonic()
        assert held.keyboard.expect(ALL_UP) - gone < PROMISE_S + SLACK_S


@pytest.mark.parametrize("reads", [True, False], ids=["reads", "never reads"])
def test_a_client_that_is_there_keeps_its_key_down(held, reads):
    with held.client(reads=reads):
        time.sleep(2)  # five times the lease
        assert held.keyboard.last() == A_DOWN


def test_a_daemon_that_is_stopped_lets_go(tmp_path):
    made = Held(tmp_path)
    with made.daemon:
        made.token = made.daemon.admin().token
        with made.client():
            assert made.daemon.stop() == 0
            made.keyboard.expect(ALL_UP)
        made.daemon.start()
