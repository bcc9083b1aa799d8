# SPDX-License-Identifier: LGPL-2.1-or-later
"""Who takes all connections, or keeps one waiting, shuts nobody out."""
import contextlib
import os
import resource
import socket
import struct
import time

import pytest
import wire
from daemon import Daemon, eventually
from tls_test import TlsClient, serving

HEAD = b"GET / HTTP/1.1\r\nX: "
BODY = b"POST /api/auth/login HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n\r\n"
CHUNKS = b"POST /api/auth/login HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n3e8\r\n"


@pytest.fixture
def many_files():
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, min(4096, hard)), hard))
    yield
    resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


def begun(client, beginning):
    s = client.connect()
    s.sendall(beginning)
    return s


def ended(s):
    """Sends one byte more; whether the daemon has closed the connection."""
    try:
        s.settimeout(0.01)
        s.sendall(b"x")
        return s.recv(1) == b""
    except TimeoutError:
        return False
    except OSError:
        return True


def drip(sockets, seconds):
    """A byte each second to each of them until all are closed; when each was."""
    start, times = time.monotonic(), {}
    while len(times) < len(sockets):
        assert time.monotonic() - start < seconds, f"still open: {sockets.keys() - times.keys()}"
        for name in sockets.keys() - times.keys():
            if ended(sockets[name]):
                times[name] = time.monotonic() - start
        time.sleep(1)
    return times


def test_who_drips_a_request_is_not_waited_for(tmp_path):
    with Daemon(tmp_path / "plain") as plain, serving(tmp_path / "tls") as (daemon, port):
        tls = TlsClient(port, tmp_path / "tls/state/server.crt")
        sockets = {
            "a head": begun(plain.client("127.0.7.1"), HEAD),
            "a body": begun(plain.client("127.0.7.2"), BODY),
            "chunks": begun(plain.client("127.0.7.3"), CHUNKS),
            "a head over TLS": begun(tls, HEAD),
            "a body over TLS": begun(tls, BODY),
        }
        times = drip(sockets, 70)
        assert all(times[name] > 5 for name in sockets)  # who is only slow is heard
        for log, peer, why in (
            (plain.log, "127.0.7.1", 'no request peer=127.0.7.1 why="no whole request head'),
            (plain.log, "127.0.7.2", 'why="no whole request body'),
            (plain.log, "127.0.7.3", 'why="no whole request body'),
            (daemon.log, "127.0.0.1", 'no request peer=127.0.0.1 why="no whole request head'),
            (daemon.log, "127.0.0.1", 'why="no whole request body'),
        ):
            right = [line for line in log().splitlines() if why in line and peer in line]
            assert len(right) == 1, log()


def test_who_takes_every_connection_shuts_nobody_out(tmp_path, many_files):
    with Daemon(tmp_path) as daemon:
        admin = daemon.admin()
        with contextlib.ExitStack() as stack:
            for n in range(1000):
                stack.enter_context(begun(daemon.client(f"127.0.8.{n % 4}"), HEAD))
            for source in ("127.0.0.1", "127.0.8.1"):
                assert daemon.client(source).get("/").status == 200
            with wire.WebSocket(admin, "/api/ws") as ws:
                ws.receive()
        lines = [line for line in daemon.log().splitlines() if "ended to make room" in line]
        assert 'why="all 800 connections are in use"' in lines[0]
        assert len(lines) < 30, lines  # not one for each


def test_an_address_has_no_more_than_its_share(tmp_path):
    with Daemon(tmp_path, {"security": {"connectionsPerAddress": 4}}) as daemon:
        admin = daemon.admin()
        # The login's connection may be one of the four for a moment longer.
        eventually(lambda: admin.get("/api/vm/gpio").status == 200, 5, "an answer")
        with contextlib.ExitStack() as stack:
            for _ in range(4):
                stack.enter_context(wire.WebSocket(admin, "/api/ws"))
            for _ in range(50):
                with contextlib.suppress(OSError), admin.connect() as s:
                    s.sendall(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
                    assert s.recv(1) == b""
            assert daemon.client("127.0.0.2").get("/").status == 200
            lines = [line for line in daemon.log().splitlines() if "connection refused" in line]
            assert 'why="127.0.0.1 has its share of 4 connections"' in lines[0]
            assert len(lines) < 10, lines
        eventually(lambda: _answers(daemon), 10, "an answer once the sockets are gone")


def _answers(daemon):
    with contextlib.suppress(OSError):
        return daemon.client().get("/").status == 200
    return False


def asked(client, path, body, token=None):
    """A connection with a request whose answer is long in coming."""
    s = client.connect()
    head = f"POST {path} HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
    head += f"Cookie: nano-kvm-token={token}\r\n" if token else ""
    s.sendall(f"{head}Content-Length: {len(body)}\r\n\r\n{body}".encode())
    return s


STOP = "/api/stream/mjpeg/detect/stop"
HOUR = '{"duration":3600}'


@pytest.mark.parametrize("reset", [False, True], ids=["close", "reset"])
def test_who_hangs_up_before_the_answer_is_let_go(tmp_path, reset):
    with Daemon(tmp_path) as daemon:
        admin = daemon.admin()
        before = len(os.listdir(f"/proc/{daemon.process.pid}/fd"))
        for _ in range(20):
            with asked(admin, STOP, HOUR, admin.token) as s:
                time.sleep(0.05)
                if reset:
                    s.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                else:  # else the system answers a minute for who has closed
                    s.setsockopt(socket.IPPROTO_TCP, socket.TCP_LINGER2, 1)
        open_files = lambda: len(os.listdir(f"/proc/{daemon.process.pid}/fd"))
        eventually(lambda: open_files() < before + 5, 5 if reset else 30, "their descriptors")
        assert admin.get("/api/stream/mjpeg/detect").json()["code"] == 0


def test_who_hangs_up_before_the_answer_makes_room_at_once(tmp_path):
    with Daemon(tmp_path, {"security": {"connectionsPerAddress": 4}}) as daemon:
        admin = daemon.admin()
        for _ in range(40):
            asked(admin, STOP, HOUR, admin.token).close()
        eventually(lambda: _answers(daemon), 5, "an answer")


def test_who_has_no_session_makes_room_while_the_answer_is_due(tmp_path):
    with Daemon(tmp_path, {"security": {"connectionsPerAddress": 4}}) as daemon:
        with contextlib.ExitStack() as stack:
            for _ in range(20):
                stack.enter_context(asked(daemon.client(), "/api/auth/login", "{}"))
            assert daemon.client().get("/").status == 200


def test_who_ends_only_its_own_side_gets_the_answer(tmp_path):
    with Daemon(tmp_path) as daemon:
        admin = daemon.admin()
        with asked(admin, STOP, '{"duration":7}', admin.token) as s:
            s.shutdown(socket.SHUT_WR)
            s.settimeout(30)
            assert s.recv(4096).startswith(b"HTTP/1.1 200")
