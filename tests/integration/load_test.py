# SPDX-License-Identifier: LGPL-2.1-or-later
"""What is done over and over leaves nothing behind: no descriptor, no thread, no growing memory."""
import contextlib
import json
import os
import pathlib
import re
import socket
import threading
import warnings

import pytest
import wire
from daemon import Daemon, eventually

LOGINS = 10_000
# What the daemon makes takes 50 ms and more to check, on purpose: with the least rounds it is 1 ms.
QUICK_HASH = "$2b$04$vlQon4vfxwOOoLXqrEFi8O"
SOCKETS = 200
MIB = 1 << 20


class Process:
    def __init__(self, daemon):
        self.folder = pathlib.Path(f"/proc/{daemon.process.pid}")

    def descriptors(self):
        return len(os.listdir(self.folder / "fd"))

    def memory(self):
        return int(re.search(r"VmRSS:\s+(\d+)", (self.folder / "status").read_text())[1]) << 10


@pytest.fixture(scope="module")
def busy(tmp_path_factory):
    with Daemon(tmp_path_factory.mktemp("load")) as daemon:
        daemon.usage = Process(daemon)
        yield daemon


@pytest.fixture
def quick(tmp_path):
    """A daemon whose account has a password that is quickly checked."""
    daemon = Daemon(tmp_path / "quick")
    with daemon:
        daemon.admin()
    accounts = tmp_path / "quick/state/pwd"
    text = accounts.read_text()
    [slow] = set(re.findall(r"\$2b\$1\d\$[./A-Za-z0-9]{53}", text))  # it stands there twice
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        import crypt
    accounts.write_text(text.replace(slow, crypt.crypt(wire.PASSWORD, QUICK_HASH)))
    with daemon:
        daemon.usage = Process(daemon)
        yield daemon


def logins(daemon, count):
    body = json.dumps({"username": "admin", "password": wire.FORM_W}).encode()
    head = f"POST /api/auth/login HTTP/1.1\r\nHost: x\r\nContent-Length: {len(body)}\r\n"
    request = head.encode() + b"Content-Type: application/json\r\nConnection: close\r\n\r\n" + body
    for _ in range(count):
        with socket.create_connection(("127.0.0.1", daemon.port), wire.LIMIT) as s:
            s.sendall(request)
            answer = wire.read_all(s)
        assert b'"code":0' in answer, answer


def test_ten_thousand_logins_leave_no_descriptor_and_no_memory(quick):
    logins(quick, LOGINS // 10)  # what is made once is made by now
    descriptors, memory = quick.usage.descriptors(), quick.usage.memory()
    logins(quick, LOGINS - LOGINS // 10)
    eventually(lambda: quick.usage.descriptors() <= descriptors + 2, 10, "the descriptors' end")
    grown = quick.usage.memory() - memory
    assert grown < 4 * MIB, f"{grown / MIB:.1f} MiB more"


def test_two_hundred_input_sockets_at_a_time_leave_nothing(busy):
    client = busy.admin()

    def once():
        with contextlib.ExitStack() as stack:
            sockets = [
                stack.enter_context(wire.WebSocket(client, "/api/ws")) for _ in range(SOCKETS)
            ]
            for ws in sockets:
                ws.send(bytes([1, 0, 0, 4, 0, 0, 0, 0, 0]))
                ws.send(bytes([1] + [0] * 8))
            for ws in sockets:
                ws.status("hid-led-status")

    descriptors = busy.usage.descriptors()
    once()
    memory = busy.usage.memory()
    for _ in range(4):
        once()
        eventually(lambda: busy.usage.descriptors() <= descriptors + 2, 20, "the sockets' end")
    assert busy.usage.memory() - memory < 4 * MIB
    assert client.get("/api/vm/info").json()["code"] == 0


class Flood:
    """Sends the same again and again, as fast as it is taken, until it is stopped or cut off."""

    def __init__(self, connection, bytes_, most=200 * MIB):
        self._socket, self._bytes, self._most = connection, bytes_, most
        self.sent, self.cut, self._stop = 0, False, False
        self._thread = threading.Thread(target=self._run)

    def __enter__(self):
        self._thread.start()
        return self

    def __exit__(self, *_):
        self._stop = True
        self._thread.join(30)

    def goes_on(self):
        return self._thread.is_alive()

    def _run(self):
        try:
            while not self._stop and self.sent < self._most:
                self.sent += self._socket.send(self._bytes)
        except OSError:
            self.cut = True


HEARTBEAT = b"\x82\x81\0\0\0\0\0"  # a masked binary message of one byte, 0
PING = b"\x89\xfd\0\0\0\0" + bytes(125)


def test_a_socket_that_sends_without_a_pause_keeps_nobody_waiting(busy):
    client = busy.admin()
    with wire.WebSocket(client, "/api/ws") as other, wire.WebSocket(client, "/api/ws") as loud:
        with Flood(loud.socket, HEARTBEAT * 1000) as flood:
            eventually(lambda: flood.sent > MIB, 20, "a flood")
            for _ in range(5):
                assert client.get("/api/vm/info").json()["code"] == 0
                other.send("[0]")
            assert flood.goes_on(), "nobody had to wait for its end"


def test_a_body_without_an_end_keeps_nobody_waiting_and_is_cut_off(busy):
    client = busy.admin()
    head = b"POST /api/auth/login HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n"
    with client.connect() as s:
        s.sendall(head)
        with Flood(s, b"1\r\na\r\n" * 1000) as flood:
            eventually(lambda: flood.sent > MIB, 20, "a flood")
            assert client.get("/api/vm/info").json()["code"] == 0
            assert flood.goes_on(), "nobody had to wait for its end"
            eventually(lambda: flood.cut, 60, "its end")


def test_a_socket_that_sends_pings_and_never_reads_is_cut_off(busy):
    client = busy.admin()
    before = busy.usage.memory()
    with wire.WebSocket(client, "/api/ws") as deaf:
        deaf.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        with Flood(deaf.socket, PING * 100) as flood:
            eventually(lambda: flood.cut, 60, "its end")
        assert flood.sent < 20 * MIB
    assert client.get("/api/vm/info").json()["code"] == 0
    assert busy.usage.memory() - before < 16 * MIB


def test_an_input_socket_that_never_reads_is_closed_before_its_queue_grows(busy):
    client = busy.admin()
    before = busy.usage.memory()
    with wire.WebSocket(client, "/api/ws") as deaf, wire.WebSocket(client, "/api/ws") as other:
        deaf.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        for _ in range(2000):  # each press of CapsLock is told to everybody
            other.send(bytes([1, 0, 0, 0x39, 0, 0, 0, 0, 0]))
            other.send(bytes([1] + [0] * 8))
        other.send("[0]")
        assert client.get("/api/vm/info").json()["code"] == 0
        assert busy.usage.memory() - before < 16 * MIB
