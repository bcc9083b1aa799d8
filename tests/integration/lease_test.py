# SPDX-License-Identifier: LGPL-2.1-or-later
"""No key and no button stays down when whoever pressed it goes, however they go. The clients are
processes of their own, keyboard and pointer are nodes that the test reads. How long it took is the
daemon's own report: the test's clock would measure how busy this machine is, too."""
import contextlib
import fcntl
import os
import re
import signal
import socket
import subprocess
import sys
import threading
import time

import pytest
import wire
from daemon import Daemon, Node, eventually

A_DOWN = bytes([0, 0, 4, 0, 0, 0, 0, 0])
ALL_UP = bytes(8)
PRESSED, LET_GO = bytes([1, 0, 1, 0, 1, 0]), bytes([0, 0, 1, 0, 1, 0])
PROMISE_MS = 500
SEEN_LATE_MS = 50  # what came just after one look at the lease counts from the next
LOST = re.compile(r"owner lost what it held.*silent_ms=(\d+)")

CLIENT = """
import sys, time
sys.path.insert(0, sys.argv[1])
import wire
client = wire.Client(int(sys.argv[3]), token=sys.argv[4], host=sys.argv[2], source="")
socket = wire.WebSocket(client, "/api/ws")
if sys.argv[5] == "renews":
    socket.send({"client": "0123456789abcdef"})
socket.send(bytes([1, 0, 0, 4, 0, 0, 0, 0, 0]))
socket.send(bytes([2, 1, 0, 1, 0, 1, 0]))
print("down", flush=True)
while sys.argv[5] == "renews":
    socket.send(bytes(1))
    time.sleep(0.08)
while sys.argv[5] == "reads":
    socket.receive(limit=60)
time.sleep(60)
"""


class Held:
    """A daemon with keyboard and pointer to look at, and clients that press A and the left button
    and keep both down."""

    def __init__(self, folder):
        self.keyboard, self.pointer = Node(8), Node(6)
        nodes = {
            "keyboard": self.keyboard.path,
            "relative": Node(4).path,
            "absolute": self.pointer.path,
        }
        self.daemon = Daemon(folder, {"hid": nodes}, host="0.0.0.0")

    @contextlib.contextmanager
    def client(self, how="reads", host="127.0.0.1", port=None, inside=()):
        command = [*inside, sys.executable, "-c", CLIENT, os.path.dirname(__file__), host]
        command += [str(port or self.daemon.port), self.token, how]
        process = subprocess.Popen(command, stdout=subprocess.PIPE)
        try:
            assert process.stdout.readline() == b"down\n"
            self.keyboard.expect(A_DOWN)
            self.pointer.expect(PRESSED)
            yield process
        finally:
            process.kill()
            process.communicate()
        self.all_up()

    def all_up(self):
        self.keyboard.expect(ALL_UP)
        self.pointer.expect(LET_GO)

    def still_down(self):
        return self.keyboard.last() == A_DOWN and self.pointer.last() == PRESSED

    def reports(self):
        return [int(ms) for ms in LOST.findall(self.daemon.log())]

    @contextlib.contextmanager
    def lets_go_in_time(self):
        """What happens inside makes the daemon let go, within what is promised."""
        before = len(self.reports())
        yield
        self.all_up()
        reports = eventually(lambda: self.reports()[before:], 5, "the daemon's report")
        assert len(reports) == 1 and reports[0] + SEEN_LATE_MS <= PROMISE_MS, reports


class Relay:
    """A proxy that acknowledges all it gets, and goes on doing so when it forwards no more."""

    def __init__(self, port):
        self.target = port
        self.forwards = True
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        self.ends = [self.listener]
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self):
        near, _ = self.listener.accept()
        far = socket.create_connection(("127.0.0.1", self.target))
        self.ends += [near, far]
        for pair in ((near, far), (far, near)):
            threading.Thread(target=self._carry, args=pair, daemon=True).start()

    def _carry(self, source, target):
        with contextlib.suppress(OSError):
            while chunk := source.recv(4096):
                if self.forwards:
                    target.sendall(chunk)

    def close(self):
        for end in self.ends:
            end.close()


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
        ip("link", "del", ours)  # the kernel would take it along, some time later
        ip("netns", "del", name)


def test_a_client_that_is_killed_lets_go(held):
    with held.client() as client, held.lets_go_in_time():
        client.send_signal(signal.SIGKILL)


@pytest.mark.parametrize("how", ["reads", "renews"])
def test_a_client_whose_network_is_gone_lets_go(held, other_host, how):
    inside, cut = other_host
    with held.client(how, host="10.98.0.1", inside=inside):
        time.sleep(1)
        assert held.still_down(), "it was let go while the cable was in"
        with held.lets_go_in_time():
            cut()


def test_a_client_that_renews_and_is_stopped_lets_go(held):
    with held.client("renews") as client:
        time.sleep(1)
        assert held.still_down(), "it was let go while the client renewed"
        with held.lets_go_in_time():
            client.send_signal(signal.SIGSTOP)


def test_a_client_that_renews_lets_go_when_a_proxy_hears_it_no_more(held):
    relay = Relay(held.daemon.port)
    try:
        with held.client("renews", port=relay.port):
            time.sleep(1)
            assert held.still_down(), "it was let go while the proxy forwarded"
            with held.lets_go_in_time():
                relay.forwards = False
    finally:
        relay.close()


@pytest.mark.parametrize("how", ["reads", "never reads", "renews"])
def test_a_client_that_is_there_keeps_its_key_down(held, how):
    with held.client(how):
        time.sleep(2)  # five times the lease
        assert held.still_down()


class Slow:
    """A computer that takes a report of its keyboard every 4 ms."""

    def __init__(self, folder):
        self.path = str(folder / "keyboard")
        os.mkfifo(self.path)
        self._pipe = os.open(self.path, os.O_RDONLY | os.O_NONBLOCK)
        fcntl.fcntl(self._pipe, fcntl.F_SETPIPE_SZ, 4096)
        self.reports = []
        threading.Thread(target=self._take, daemon=True).start()

    def _take(self):
        while True:
            with contextlib.suppress(BlockingIOError):
                if report := os.read(self._pipe, 8):
                    self.reports.append(report)
            time.sleep(0.004)

    def rests(self):
        """Waits until nothing has come for a second."""
        while True:
            count = len(self.reports)
            time.sleep(1)
            if count and count == len(self.reports):
                return


def test_what_a_computer_is_too_slow_for_is_dropped_and_leaves_no_key_down(tmp_path):
    computer = Slow(tmp_path)
    nodes = {"keyboard": computer.path, "relative": "virtual", "absolute": "virtual"}
    with Daemon(tmp_path / "kvm", {"hid": nodes}) as daemon:
        with wire.WebSocket(daemon.admin(), "/api/ws") as socket:
            for stroke in range(1500):
                socket.send(bytes([1, 0, 0, 4 + stroke % 26, 0, 0, 0, 0, 0]))
                socket.send(bytes([1, *ALL_UP]))
            computer.rests()
            assert computer.reports[-1] == ALL_UP
            assert len(computer.reports) < 3000, "this computer was fast enough"
            assert "too slow" in daemon.log()
            socket.send(bytes([1, *A_DOWN]))
            eventually(lambda: computer.reports[-1] == A_DOWN, 5, "what comes after it")
        eventually(lambda: computer.reports[-1] == ALL_UP, 5, "all up")


def test_a_button_that_a_killed_daemon_left_down_is_let_go_where_it_was_pressed(tmp_path):
    pointer = Node(6)
    nodes = {"keyboard": Node(8).path, "relative": Node(4).path, "absolute": pointer.path}
    with Daemon(tmp_path, {"hid": nodes}) as daemon:
        with wire.WebSocket(daemon.admin(), "/api/ws") as socket:
            socket.send(bytes([2, *PRESSED]))
            pointer.expect(PRESSED)
            daemon.process.kill()
            daemon.process.wait()
        assert pointer.last() == PRESSED
        daemon.start()
        pointer.expect(LET_GO)
        daemon.process.kill()
        daemon.process.wait()
        before = len(pointer.reports)
        daemon.start()
        moved = bytes([0, 2, 0, 2, 0, 0])
        with wire.WebSocket(daemon.admin(), "/api/ws") as socket:
            socket.send(bytes([2, *moved]))
            pointer.expect(moved)
        assert pointer.bytes()[before:] == [moved], "nothing was down: the pointer is left alone"


def test_a_reset_lets_go_of_what_nobody_here_knows_of(held):
    before = len(held.keyboard.reports)
    held.daemon.admin().post("/api/hid/reset")
    eventually(lambda: held.keyboard.bytes()[before:] == [ALL_UP], 5, "all up")


def test_a_daemon_that_is_stopped_lets_go(tmp_path):
    made = Held(tmp_path)
    with made.daemon:
        made.token = made.daemon.admin().token
        with made.client():
            assert made.daemon.stop() == 0
            made.all_up()
        made.daemon.start()
