# SPDX-License-Identifier: LGPL-2.1-or-later
"""Who takes all connections, or keeps one waiting, shuts nobody out."""
import contextlib
import resource
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
