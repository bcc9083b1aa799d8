# SPDX-License-Identifier: LGPL-2.1-or-later
"""Requests that are too long, too slow, cut off or no requests at all: they harm nobody."""
import concurrent.futures
import json
import os
import random
import socket
import struct
import time

import pytest
import wire
from daemon import eventually

pytestmark = pytest.mark.usefixtures("unharmed")


def test_a_body_that_is_too_long_is_not_read(admin):
    with admin.connect() as s:
        s.sendall(
            f"POST /api/hid/paste HTTP/1.1\r\nHost: x\r\nCookie: nano-kvm-token={admin.token}\r\n"
            "Content-Length: 999999999999\r\nExpect: 100-continue\r\n\r\n".encode()
        )
        answer = s.recv(65536)
    assert answer.startswith(b"HTTP/1.1 413 "), answer


def test_a_long_body_is_refused_even_when_it_is_sent(admin):
    reply = admin.post("/api/hid/paste", b"a" * (2 << 20), content="application/json")
    assert reply.status == 413


def test_a_body_that_hides_its_length_is_cut_off(admin):
    head = (
        "POST /api/hid/paste HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n"
        f"Cookie: nano-kvm-token={admin.token}\r\nConnection: close\r\n\r\n"
    )
    chunk = b"10000\r\n" + b"a" * 0x10000 + b"\r\n"
    with admin.connect() as s:
        s.sendall(head.encode())
        try:
            for _ in range(64):
                s.sendall(chunk)
            s.sendall(b"0\r\n\r\n")
        except (BrokenPipeError, ConnectionResetError):
            pass  # it need not listen to the end
        answer = wire.read_all(s)
    assert answer.startswith(b"HTTP/1.1 413 ")
    assert answer.endswith(b"\r\n\r\nrequest body too large\n"), answer[:400]


SECOND = b"GET /api/auth/account HTTP/1.1\r\nHost: x\r\n\r\n"


@pytest.mark.parametrize(
    "lines",
    [
        b"Content-Length: 50\r\nContent-Length: 2",
        b"Content-Length: 2, 2",
        b"Content-Length: +2",
        b"Content-Length: 2x",
        b"Transfer-Encoding: xchunked",
        b"Transfer-Encoding: chunked\r\nContent-Length: 2",
        b"Transfer-Encoding: gzip, chunked",
    ],
)
def test_a_length_that_two_readers_could_take_for_two_is_refused(admin, lines):
    cookie = f"Cookie: nano-kvm-token={admin.token}\r\n".encode()
    head = b"POST /api/vm/web-title HTTP/1.1\r\nHost: x\r\n" + cookie + lines + b"\r\n\r\n"
    with admin.connect() as s:
        s.sendall(head + b"{}" + SECOND)
        s.shutdown(socket.SHUT_WR)
        answer = wire.read_all(s)
    assert answer.startswith((b"HTTP/1.1 400 ", b"HTTP/1.1 501 ")), answer
    assert answer.count(b"HTTP/1.1 ") == 1, "what follows is no request of its own"


BAD_BODIES = [
    (b"", "application/json"),
    (b"{", "application/json"),
    (b"nonsense", "application/json"),
    (b"[1,2]", "application/json"),
    (b'"text"', "application/json"),
    (b"null", "application/json"),
    (b'{"type":5}', "application/json"),
    (b'{"type":{"a":1}}', "application/json"),
    (b'{"type":"power","duration":"long"}', "application/json"),
    (b'{"type":"power","duration":1e99}', "application/json"),
    (b'{"type":"power"}{', "application/json"),
    (b'{"type":"power" /* */}', "application/json"),
    (b'{"type":"\xff\xfe"}', "application/json"),
    (b'{"type":"a\\u0000b"}', "application/json"),
    (b'{"a":' * 5000 + b"1" + b"}" * 5000, "application/json"),
    (b"{not json", None),
    (b"{", "application/x-www-form-urlencoded"),
    (b"type=", "application/x-www-form-urlencoded"),
    (b"%zz&&==%", "application/x-www-form-urlencoded"),
    (b"type=power&duration=forever", "application/x-www-form-urlencoded"),
    (b"", "multipart/form-data"),
    (b"", "multipart/form-data; boundary="),
    (b"--x", "multipart/form-data; boundary=x"),
    (b"--x\r\n\r\n--x--", "multipart/form-data; boundary=x"),
    (
        b'--x\r\nContent-Disposition: form-data; name="type"\r\n\r\npower',
        "multipart/form-data; boundary=x",
    ),
    (b"--x\r\nContent-Disposition: ;;;=\r\n\r\na\r\n--x--\r\n", "multipart/form-data; boundary=x"),
    (b"\x00\x01\x02", "image/png"),
    (b"\xff" * 100, ";;;"),
]


@pytest.mark.parametrize("body, content", BAD_BODIES)
def test_a_bad_body_is_answered_in_the_envelope(admin, body, content):
    reply = admin.post("/api/vm/gpio", body, content=content)
    assert reply.status == 200
    answer = reply.json()
    assert list(answer)[:3] == ["code", "msg", "data"]
    assert answer["code"] == -1, answer
    assert wire.words(answer).startswith("invalid arguments"), answer
    assert answer["data"] is None


@pytest.mark.parametrize(
    "body, content",
    [
        (b'{"type":"power","duration":1}', "application/json"),
        (b'{"TYPE":"reset","Duration":1,"more":[{}]}', "application/json; charset=utf-8"),
        (b'{"type":"power","duration":1}', None),
        (b' {"type":"power","duration":1}', "application/x-www-form-urlencoded"),
        (b"type=power&duration=1", "application/x-www-form-urlencoded"),
        (b"Type=power&Duration=1", None),
        (
            b'--x\r\nContent-Disposition: form-data; name="Type"\r\n\r\npower\r\n--x\r\n'
            b'Content-Disposition: form-data; name="Duration"\r\n\r\n1\r\n--x--\r\n',
            "multipart/form-data; boundary=x",
        ),
    ],
)
def test_a_body_may_come_in_any_form(admin, body, content):
    reply = admin.post("/api/vm/gpio", body, content=content)
    assert reply.json() == {"code": 0, "msg": "success", "data": None}


def test_a_form_may_be_in_the_query(admin):
    assert admin.post("/api/vm/gpio?type=power&duration=1").json()["code"] == 0


NONSENSE = [
    b"\r\n\r\n",
    b"GET\r\n\r\n",
    b"GET / HTTP/9.9\r\n\r\n",
    b"GET / HTTP/1.1\r\n\r\n",
    b"GET nowhere HTTP/1.1\r\nHost: x\r\n\r\n",
    b"GET http://[::1 HTTP/1.1\r\nHost: x\r\n\r\n",
    b"GET http://evil.example/api/vm/info HTTP/1.1\r\nHost: x\r\n\r\n",
    b"OPTIONS * HTTP/1.1\r\nHost: x\r\n\r\n",
    b"CONNECT x:1 HTTP/1.1\r\nHost: x\r\n\r\n",
    b"BREW /pot HTTP/1.1\r\nHost: x\r\n\r\n",
    b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\n",
    b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: nine\r\n\r\n",
    b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 99999999999999999999\r\n\r\n",
    b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab",
    b"POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
    b"POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nffffffffffffffff\r\n",
    b"GET / HTTP/1.1\r\nHost: x\r\n" + b"A: b\r\n" * 5000 + b"\r\n",
    b"GET / HTTP/1.1\r\nHost: x\r\nA: " + b"b" * 200_000 + b"\r\n\r\n",
    b"GET /" + b"a" * 200_000 + b" HTTP/1.1\r\nHost: x\r\n\r\n",
    b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
    b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
    b"\x00" * 1000,
]


@pytest.mark.parametrize("text", NONSENSE, ids=range(len(NONSENSE)))
def test_nonsense_harms_nobody(daemon, text):
    with daemon.client().connect(3) as s:
        try:
            s.sendall(text)
            s.shutdown(socket.SHUT_WR)
            answer = wire.read_all(s)
        except OSError as e:
            assert not isinstance(e, TimeoutError)
            return  # it need not listen to the end
    assert not answer.startswith(b"HTTP/1.1 5"), answer


@pytest.mark.parametrize("lines", ["Content-Length: -1", "Content-Length: 5\r\nContent-Length: 6"])
@pytest.mark.parametrize("body", ["", "{}   "])
def test_who_gives_no_length_or_two_is_answered_though_no_more_comes(daemon, lines, body):
    head = f"POST /api/auth/login HTTP/1.1\r\nHost: x\r\n{lines}\r\n\r\n"
    with daemon.client().connect(10) as s:
        s.sendall((head + body).encode())
        answer = s.recv(4096)
    assert answer.startswith(b"HTTP/1.1 400 "), answer


@pytest.mark.parametrize("length", [-1, -5, -(1 << 63)])
def test_a_length_below_zero_is_refused_without_a_complaint_of_a_library(daemon, length):
    before = len(daemon.log())
    text = f"POST /api/auth/login HTTP/1.1\r\nHost: x\r\nContent-Length: {length}\r\n\r\n"
    assert daemon.client().raw(text).startswith(b"HTTP/1.1 400 ")
    eventually(lambda: "POST /api/auth/login" in daemon.log()[before:], 5, "the request's line")
    assert " warning " not in daemon.log()[before:], daemon.log()[before:]


def test_random_bytes_harm_nobody(daemon):
    dice = random.Random(1)
    words = [b"GET ", b"POST ", b"/api/ws", b" HTTP/1.1\r\n", b"Host: x\r\n", b"\r\n", b"\r", b"\n"]
    words += [
        b"Content-Length: 5\r\n",
        b"Upgrade: websocket\r\n",
        b"Connection: Upgrade\r\n",
        b": ",
    ]
    words += [b"Sec-WebSocket-Key: x\r\n", b"Transfer-Encoding: chunked\r\n", b"5\r\nabcde\r\n"]
    for _ in range(300):
        text = b"".join(
            dice.choice(words) if dice.random() < 0.8 else dice.randbytes(dice.randrange(20))
            for _ in range(dice.randrange(20))
        )
        with daemon.client().connect(1) as s:
            s.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            s.sendall(text)
            if dice.random() < 0.1:
                s.settimeout(0.05)
                try:
                    s.recv(65536)
                except (TimeoutError, ConnectionError):
                    pass


@pytest.mark.parametrize(
    "missing",
    ["Sec-WebSocket-Key", "Sec-WebSocket-Version", "Connection"],
)
def test_half_a_handshake_opens_nothing(daemon, admin, missing):
    lines = {
        "Host": f"127.0.0.1:{daemon.port}",
        "Upgrade": "websocket",
        "Connection": "Upgrade",
        "Sec-WebSocket-Version": "13",
        "Sec-WebSocket-Key": "AAAAAAAAAAAAAAAAAAAAAA==",
        "Cookie": f"nano-kvm-token={admin.token}",
    }
    del lines[missing]
    head = "GET /api/ws HTTP/1.1\r\n" + "".join(f"{n}: {v}\r\n" for n, v in lines.items()) + "\r\n"
    with admin.connect(5) as s:
        s.sendall(head.encode())
        answer = s.recv(4096)
    assert answer[:10] in (b"HTTP/1.1 4", b"HTTP/1.0 4"), answer


def test_who_never_finishes_a_request_keeps_nobody_waiting(daemon, admin):
    slow = []
    for beginning in (
        b"",
        b"G",
        b"GET /api/vm/info HTTP/1.1\r\nHost",
        b"POST /api/auth/login HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\n{",
    ):
        for _ in range(25):
            s = daemon.client().connect()
            s.sendall(beginning)
            slow.append(s)
    start = time.monotonic()
    for _ in range(5):
        assert admin.get("/api/vm/info").json()["code"] == 0
    assert time.monotonic() - start < 2
    for s in slow:
        s.close()


def test_who_hangs_up_harms_nobody(daemon, admin):
    body = json.dumps({"type": "reset", "duration": 100}).encode()
    head = (
        f"POST /api/vm/gpio HTTP/1.1\r\nHost: x\r\nCookie: nano-kvm-token={admin.token}\r\n"
        f"Content-Length: {len(body)}\r\n\r\n"
    ).encode()
    for sent in (head, head + body[:5], head + body):
        for reset in (False, True):
            with daemon.client().connect() as s:
                if reset:
                    s.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                s.sendall(sent)
    time.sleep(0.3)  # the press that went through is over, too


def test_many_at_once_are_all_answered(admin):
    with concurrent.futures.ThreadPoolExecutor(20) as pool:
        answers = list(pool.map(lambda _: admin.get("/api/vm/gpio").status, range(200)))
    assert answers == [200] * 200


def test_every_connection_is_closed_in_the_end(daemon, admin):
    """libsoup 3.2 by itself forgets the connections that their clients close between requests."""

    def descriptors():
        return len(os.listdir(f"/proc/{daemon.process.pid}/fd"))

    before = descriptors()
    for begin in (b"", b"GET / HT", b"GET / HTTP/1.1\r\nHost: x\r\n\r\n"):
        for _ in range(20):
            with daemon.client().connect() as s:
                s.sendall(begin)
                if begin.endswith(b"\n"):
                    s.recv(65536)
    for path in ("/api/ws", "/api/stream/h264"):
        for _ in range(5):
            wire.WebSocket(admin, path).close()
            wire.WebSocket(admin, path).socket.close()
    eventually(lambda: descriptors() <= before, 10, "as many descriptors as before")
