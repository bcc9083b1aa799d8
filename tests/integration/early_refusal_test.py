# SPDX-License-Identifier: LGPL-2.1-or-later
"""A request that is refused gets its answer before its body has come, and then the end."""
import contextlib
import json
import select
import subprocess

import pytest
import wire
from daemon import eventually
from form_upload_test import BOUNDARY, FORM, form
from keep_alive_test import descriptors
from store import MIB, Store, noise
from tls_test import TlsClient, serving

HUGE = 2 << 30  # bytes
ENORMOUS = 1 << 50  # bytes, which no disk has
WAITED_FOR = 64 * MIB  # who reads while it writes has its answer before it has sent so much

UPLOAD = "/api/storage/upload?name="
FILE = "/api/download/file"


@pytest.fixture(scope="module")
def store(tmp_path_factory):
    with Store(tmp_path_factory.mktemp("refused")) as running:
        running.add("there.iso", b"old")
        yield running


def head(client, request, length, *lines):
    """Of a request with a body; its length None: in chunks."""
    size = "Transfer-Encoding: chunked" if length is None else f"Content-Length: {length}"
    cookie = f"Cookie: nano-kvm-token={client.token}"
    return "\r\n".join((f"{request} HTTP/1.1", "Host: x", cookie, size, *lines, "", "")).encode()


def is_whole(answer):
    lines, _, body = answer.partition(b"\r\n\r\n")
    sizes = [f for f in lines.lower().split(b"\r\n") if f.startswith(b"content-length:")]
    return bool(sizes) and len(body) >= int(sizes[0].split(b":")[1])


def told_while_sending(s, beginning, block=bytes(1 << 16)):
    """The answer to a body that goes on and on."""
    s.setblocking(False)
    sent, answer, rest = 0, b"", memoryview(beginning)
    while not is_whole(answer):
        can_read, can_write, _ = select.select([s], [s], [], wire.LIMIT)
        assert can_read or can_write, f"no answer after {sent} bytes"
        if can_read:
            more = s.recv(65536)
            assert more, f"an end after {answer!r}"
            answer += more
        elif can_write:
            n = s.send(rest)
            rest = rest[n:] or memoryview(block)
            sent += n
        assert sent < WAITED_FOR, f"it reads on, and says {answer!r}"
    return answer


def code_of(answer):
    return json.loads(answer.partition(b"\r\n\r\n")[2])["code"]


def part(filename, length=0):
    return form(bytes(length), filename).rpartition(b"\r\n--")[0]


CASES = {
    "an upload to a name that cannot be": (f"PUT {UPLOAD}q.txt", HUGE, b"", 200, -1),
    "an upload to a name that is taken": (f"PUT {UPLOAD}there.iso", HUGE, b"", 200, -5),
    "an upload that has no room": (f"PUT {UPLOAD}large.img", ENORMOUS, b"", 200, -507),
    "an upload that nobody began": (f"PUT /api/storage/upload/{'0' * 32}", HUGE, b"", 200, -2),
    "a form with a name that cannot be": (f"POST {FILE}", HUGE, part("q.txt"), 200, -1),
    "a form that has no room": (f"POST {FILE}", ENORMOUS, part("large.iso"), 200, -1),
    "a form that is none": (f"POST {FILE}", HUGE, f"--{BOUNDARY}junk".encode(), 200, -1),
    "a package that is none": (
        "POST /api/application/update/offline",
        HUGE,
        part("q.txt"),
        200,
        -1,
    ),
    "a page that is not there": ("POST /nope", HUGE, b"", 413, None),
    "a body that is too long": ("POST /api/vm/web-title", HUGE, b"", 413, None),
}


@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
def test_who_reads_while_it_sends_is_told_at_once(store, case):
    request, length, body, status, code = case
    beginning = head(store.admin, request, length, f"Content-Type: {FORM}") + body
    with store.admin.connect() as s:
        answer = told_while_sending(s, beginning)
    assert answer.startswith(f"HTTP/1.1 {status} ".encode()), answer
    assert code is None or code_of(answer) == code, answer
    assert b"\r\nConnection: close\r\n" in answer
    eventually(lambda: not store.parts(), 10, "nothing to be left")


@pytest.mark.parametrize(
    "request_line, length",
    [
        (f"PUT {UPLOAD}q.iso", HUGE),
        (f"POST {FILE}", HUGE),
        (f"POST {FILE}", None),
        ("POST /api/vm/web-title", MIB - 1),
        ("POST /api/vm/web-title", None),
    ],
)
def test_who_has_no_session_is_told_so_before_the_body(store, request_line, length):
    stranger = store.daemon.client()
    stranger.token = "expired"
    with stranger.connect() as s:
        answer = told_while_sending(
            s, head(stranger, request_line, length, f"Content-Type: {FORM}")
        )
    assert answer.startswith(b"HTTP/1.1 401 "), answer


EXPECT = "Expect: 100-continue"


@pytest.mark.parametrize(
    "request_line, length, token, status",
    [
        (f"PUT {UPLOAD}there.iso", HUGE, True, b"200"),
        (f"PUT {UPLOAD}large.img", ENORMOUS, True, b"200"),
        (f"PUT {UPLOAD}q.txt", HUGE, True, b"200"),
        (f"POST {FILE}", HUGE, False, b"401"),
        ("POST /nope", HUGE, True, b"413"),
    ],
)
def test_who_waits_for_leave_gets_the_refusal_instead(store, request_line, length, token, status):
    client = store.admin if token else store.daemon.client()
    with client.connect() as s:
        s.sendall(head(client, request_line, length, EXPECT, f"Content-Type: {FORM}"))
        answer = wire.read_all(s)
    assert answer.startswith(b"HTTP/1.1 " + status + b" "), answer
    assert answer.count(b"HTTP/1.1 ") == 1


def test_who_may_send_gets_leave(store):
    data = noise(3 * MIB)
    with store.admin.connect() as s:
        s.sendall(head(store.admin, f"PUT {UPLOAD}leave.img", len(data), EXPECT))
        assert s.recv(65536).startswith(b"HTTP/1.1 100 ")
        s.sendall(data)
        answer = s.recv(65536)
    assert answer.startswith(b"HTTP/1.1 200 ") and b'"done":true' in answer, answer
    assert (store.images / "leave.img").read_bytes() == data


def test_who_reads_only_after_a_few_mebibytes_finds_the_answer(store):
    with store.admin.connect() as s:
        s.sendall(head(store.admin, f"PUT {UPLOAD}there.iso", 6 * MIB) + bytes(6 * MIB))
        assert code_of(wire.read_all(s)) == -5


def test_a_session_that_ends_meanwhile_ends_the_upload(store):
    client = store.daemon.admin()
    with client.connect() as s:
        s.sendall(head(client, f"PUT {UPLOAD}ends.img", HUGE) + bytes(2 * MIB))
        eventually(store.parts, 10, "the upload to begin")
        assert client.post("/api/auth/logout").json()["code"] == 0
        assert wire.read_all(s).startswith(b"HTTP/1.1 401 ")
    store.admin.login()


def test_a_disk_that_becomes_full_ends_the_upload(tmp_path, small_disk):
    with Store(tmp_path, directory=small_disk) as full, full.admin.connect() as s:
        beginning = head(full.admin, f"POST {FILE}", None, f"Content-Type: {FORM}")
        chunk = b"%x\r\n%s\r\n" % (MIB, bytes(MIB))
        first = part("large.iso")
        beginning += b"%x\r\n%s\r\n" % (len(first), first)
        answer = told_while_sending(s, beginning, chunk)
        assert code_of(answer) == -1 and b"write failed" in answer, answer


def test_who_never_closes_is_not_waited_for(store):
    before = descriptors(store.daemon)
    with contextlib.ExitStack() as open_ones:
        for _ in range(20):
            s = open_ones.enter_context(store.admin.connect())
            s.sendall(head(store.admin, "POST /nope", HUGE))
        eventually(lambda: descriptors(store.daemon) <= before, 15, "the connections' end")


def test_the_same_goes_for_tls(tmp_path):
    with serving(tmp_path) as (daemon, port):
        client = TlsClient(port, tmp_path / "state/server.crt")
        with client.connect() as s:
            s.sendall(head(client, f"POST {FILE}", HUGE) + bytes(MIB))
            answer = wire.read_all(s)
        assert answer.startswith(b"HTTP/1.1 401 "), answer
        assert daemon.alive()


@pytest.mark.parametrize("expect", [(), ("-H", "Expect:")], ids=["waits", "does not"])
def test_curl_shows_the_status(store, tmp_path, expect):
    with open(tmp_path / "large", "wb") as file:
        file.truncate(HUGE)
    url = f"http://127.0.0.1:{store.admin.port}{FILE}"
    command = ["curl", "-s", "-m", "30", *expect, "-o", tmp_path / "answer", "-w", "%{http_code}"]
    command += ["-F", f"file=@{tmp_path}/large;filename=q.iso", url]
    ran = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert ran.stdout == "401" and ran.returncode == 0, ran


def test_the_log_names_the_refusal(store):
    with store.admin.connect() as s:
        s.sendall(head(store.admin, "POST /nope/logged", HUGE))
        wire.read_all(s)
    wanted = ("POST /nope/logged", "status=413")
    eventually(
        lambda: any(all(w in line for w in wanted) for line in store.daemon.log().splitlines()),
        10,
        "the line",
    )
