# SPDX-License-Identifier: LGPL-2.1-or-later
"""A connection serves one request after the other, and leaves nothing behind however it ends."""
import contextlib
import itertools
import os
import socket
import ssl
import struct

import pytest
import tls_test
import wire
from daemon import Daemon, eventually

PATH = "/api/vm/hardware"
NUMBERS = itertools.count()


@pytest.fixture(scope="module")
def served(tmp_path_factory):
    with Daemon(tmp_path_factory.mktemp("kept")) as daemon:
        yield daemon


@pytest.fixture(scope="module")
def token(served):
    return served.admin().token


def request(token, path=PATH, extra=""):
    cookie = f"Cookie: nano-kvm-token={token}\r\n"
    return f"GET {path} HTTP/1.1\r\nHost: x\r\n{cookie}{extra}\r\n".encode()


def answer(s):
    """The next answer that says PCIE; "" at an end."""
    got = b""
    while b'"PCIE"}}' not in got:
        more = s.recv(65536)
        if not more:
            return got.decode()
        got += more
    return got.decode()


def descriptors(daemon):
    return len(os.listdir(f"/proc/{daemon.process.pid}/fd"))


def written(daemon):
    """The requests that its log has. They are written in batches, in their order: one more comes last."""
    last = f"/last-{next(NUMBERS)}"
    daemon.client().get(last)
    eventually(lambda: last in daemon.log(), 10, "the last request's line")
    return daemon.log().count(f" {PATH} ")


DATA_SEGMENTS_IN = 152  # where Linux's struct tcp_info counts them


def packets(s):
    """How many with data have come."""
    info = s.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, 160)
    return struct.unpack_from("I", info, DATA_SEGMENTS_IN)[0]


def test_a_small_answer_is_one_packet(served, token):
    with served.client().connect() as s:
        for n in range(1, 4):
            s.sendall(request(token))
            assert answer(s).startswith("HTTP/1.1 200")
            assert packets(s) == n


def ended_by_us(s):
    s.shutdown(socket.SHUT_WR)
    assert s.recv(10) == b""


def reset_by_us(s):
    s.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")


@pytest.mark.parametrize(
    "end", [ended_by_us, reset_by_us, lambda s: None], ids=["half", "reset", "closed"]
)
def test_connections_that_end_between_two_requests_leave_nothing(served, token, end):
    before, lines = descriptors(served), written(served)
    for _ in range(100):
        with served.client().connect() as s:
            for _ in range(2):
                s.sendall(request(token))
                assert answer(s).startswith("HTTP/1.1 200 ")
            end(s)
    eventually(lambda: descriptors(served) <= before, 10, "the descriptors' end")
    assert written(served) == lines + 200, "a line for each request, and none beside"


def test_requests_that_come_together_are_answered_one_after_the_other(served, token):
    with served.client().connect() as s:
        s.sendall(request(token) * 20)
        got = b""
        while got.count(b'"PCIE"}}') < 20:
            got += s.recv(65536)
        assert got.count(b"HTTP/1.1 200 ") == 20


def test_who_asks_for_its_end_gets_it(served, token):
    with served.client().connect() as s:
        s.sendall(request(token, extra="Connection: close\r\n"))
        assert answer(s).startswith("HTTP/1.1 200 ")
        assert s.recv(10) == b""


def test_an_old_client_gets_one_answer_and_the_end(served, token):
    with served.client().connect() as s:
        s.sendall(request(token).replace(b"HTTP/1.1", b"HTTP/1.0"))
        assert answer(s).startswith("HTTP/1.")
        assert s.recv(10) == b""


def test_a_refused_body_ends_the_connection(served, token):
    with served.client().connect() as s:
        head = f"POST /api/vm/web-title HTTP/1.1\r\nHost: x\r\nContent-Length: {2 << 20}\r\n\r\n"
        s.sendall(head.encode())
        with contextlib.suppress(OSError):
            s.sendall(bytes(2 << 20))
        got = wire.read_all(s)
        assert got.startswith(b"HTTP/1.1 413 ") and b"Connection: close" in got


def test_each_request_of_a_connection_shows_its_own_session(served, token):
    with served.client().connect() as s:
        s.sendall(request(token))
        assert answer(s).startswith("HTTP/1.1 200 ")
        s.sendall(request("none"))
        assert s.recv(65536).startswith(b"HTTP/1.1 401 ")
        s.sendall(request(token))
        assert "HTTP/1.1 200 " in answer(s)


def test_it_is_kept_over_tls_and_leaves_nothing_there_either(tmp_path):
    with tls_test.serving(tmp_path) as (daemon, port):
        client = tls_test.TlsClient(port, tmp_path / "state/server.crt")
        assert client.login().json()["code"] == 0
        before = descriptors(daemon)
        for n in range(20):
            with client.connect() as s:
                for _ in range(3):
                    s.sendall(request(client.token))
                    assert answer(s).startswith("HTTP/1.1 200 ")
                if n % 2:
                    with contextlib.suppress(ssl.SSLError, OSError):
                        s.unwrap()
        eventually(lambda: descriptors(daemon) <= before, 10, "the descriptors' end")
