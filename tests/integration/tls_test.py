# SPDX-License-Identifier: LGPL-2.1-or-later
"""Pages over https: the same daemon behind TLS, and plain http sends everyone there."""
import contextlib
import socket
import ssl
import stat
import time

import pytest
import wire
from daemon import ROOT, Daemon, eventually, run

TREE = ("--pipelines", ROOT / "pipelines", "--web-root", ROOT / "data/web")


class TlsClient(wire.Client):
    """Trusts one certificate only."""

    def __init__(self, port, certificate, **more):
        super().__init__(port, **more)
        self.context = ssl.create_default_context(cafile=certificate)

    def connect(self, limit=wire.LIMIT):
        return self.context.wrap_socket(super().connect(limit), server_hostname="localhost")


def free_port():
    with socket.create_server(("127.0.0.1", 0)) as s:
        return s.getsockname()[1]


@contextlib.contextmanager
def serving(folder):
    """A daemon and its https port."""
    http_port, port = free_port(), free_port()
    settings = {"proto": "https", "port": {"https": port}}
    with Daemon(folder, settings, args=("--port", str(http_port))) as daemon:
        daemon.plain = wire.Client(http_port)
        yield daemon, port


@pytest.fixture(scope="module")
def secure(tmp_path_factory):
    folder = tmp_path_factory.mktemp("tls")
    with serving(folder) as (daemon, port):
        daemon.tls = lambda: TlsClient(port, folder / "state/server.crt")
        yield daemon


@pytest.fixture
def admin(secure):
    client = secure.tls()
    assert client.login().json()["code"] == 0
    return client


def test_a_certificate_is_made_at_the_first_start_and_kept(tmp_path):
    for _ in range(2):
        with serving(tmp_path) as (daemon, port):
            assert f"https://127.0.0.1:{port}/" in daemon.greeting
            assert TlsClient(port, tmp_path / "state/server.crt").get("/").status == 200
        made = (tmp_path / "state/server.crt").read_bytes()
    assert stat.S_IMODE((tmp_path / "state/server.key").stat().st_mode) == 0o600
    assert made == (tmp_path / "state/server.crt").read_bytes()
    assert daemon.log().count("made a certificate") == 1


def test_the_session_cookie_is_for_https_only(secure):
    cookie = secure.tls().login().header("Set-Cookie")
    assert "Secure" in cookie and "HttpOnly" in cookie


def test_a_page_comes_whole(secure):
    page = secure.tls().get("/js/app.js")
    assert page.body == (ROOT / "data/web/js/app.js").read_bytes()


def test_pictures_stream_over_it(admin):
    with admin.connect() as s:
        s.sendall(
            f"GET /api/stream/mjpeg HTTP/1.1\r\nHost: localhost\r\n"
            f"Cookie: nano-kvm-token={admin.token}\r\n\r\n".encode()
        )
        seen = b""
        while seen.count(b"\xff\xd9") < 3:
            chunk = s.recv(65536)
            assert chunk, seen[:200]
            seen += chunk
    assert seen.startswith(b"HTTP/1.1 200 OK")


def test_a_stream_ends_with_its_viewer(secure, admin):
    with admin.connect() as s:
        request = f"GET /api/stream/mjpeg HTTP/1.1\r\nCookie: nano-kvm-token={admin.token}\r\n"
        s.sendall(f"{request}Host: x\r\n\r\n".encode())
        s.recv(1000)
        open_now = sockets(secure)
    eventually(lambda: sockets(secure) < open_now, 10, "the connection's end")


def sockets(daemon):
    with open(f"/proc/{daemon.process.pid}/net/tcp") as table:
        port = f":{daemon.tls().port:04X}"
        return sum(line.split()[1].endswith(port) and line.split()[3] == "01" for line in table)


def test_keys_are_pressed_over_it(admin):
    socket_ = wire.WebSocket(
        admin, "/api/ws", headers={"Origin": f"https://127.0.0.1:{admin.port}"}
    )
    with socket_ as ws:
        ws.send(bytes([1, 0, 0, 0x39, 0, 0, 0, 0, 0]))  # CapsLock
        ws.send(bytes([1] + [0] * 8))
        ws.status("hid-led-status", lambda data: data["capsLock"])
        ws.send(bytes([1, 0, 0, 0x39, 0, 0, 0, 0, 0]))
        ws.send(bytes([1] + [0] * 8))
        ws.status("hid-led-status", lambda data: not data["capsLock"])


def test_a_socket_from_a_page_over_plain_http_is_foreign(admin):
    with pytest.raises(wire.Refused) as refused:
        wire.WebSocket(admin, "/api/ws", headers={"Origin": "http://127.0.0.1"})
    assert refused.value.status == 403


ESCAPED = ["/a%20b%3Fc", "/%0D%0AX-Evil:1", "/%C3%A4%23%25", "//elsewhere.example/x?y=%0D"]


@pytest.mark.parametrize("method", ["GET", "POST", "DELETE"])
@pytest.mark.parametrize("path", ["/", "/api/vm/info?a=b%20c", "/api/ws", "/none", *ESCAPED])
def test_plain_http_sends_to_the_same_page_over_https(secure, method, path):
    reply = secure.plain.request(method, path, b"{}", headers={"Host": "kvm.example:80"})
    assert reply.status == 307
    assert reply.header("Location") == f"https://kvm.example:{secure.tls().port}{path}"
    assert reply.header("X-Evil") is None and " critical " not in secure.log()


@pytest.mark.parametrize(
    "head", ["HTTP/1.1\r\nHost: \r\n", "HTTP/1.1\r\nHost: :80\r\n", "HTTP/1.0\r\n"]
)
def test_plain_http_without_a_host_is_sent_to_the_address_it_came_to(secure, head):
    answer = secure.plain.raw(f"GET /a {head}Connection: close\r\n\r\n").decode()
    assert answer.split()[1] == "307", answer
    assert f"\r\nLocation: https://127.0.0.1:{secure.tls().port}/a\r\n" in answer, answer


def test_a_length_that_is_none_is_refused_over_it_at_once(secure):
    with secure.tls().connect(10) as s:
        s.sendall(b"POST /api/auth/login HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\n")
        answer = s.recv(4096)
    assert answer.startswith(b"HTTP/1.1 400 "), answer


def test_a_password_over_plain_http_signs_nobody_in(secure):
    reply = secure.plain.post("/api/auth/login", {"username": "admin", "password": wire.FORM_W})
    assert reply.status == 307 and reply.header("Set-Cookie") is None


def test_bytes_that_are_no_tls_are_dropped_and_logged(secure):
    before = secure.log().count("no TLS")
    plain = wire.Client(secure.tls().port)
    with contextlib.suppress(ConnectionResetError):
        plain.raw("GET / HTTP/1.1\r\n\r\n")
    eventually(lambda: secure.log().count("no TLS") == before + 1, 10, "the log line")
    assert secure.tls().get("/").status == 200


def test_a_handshake_that_stalls_is_dropped(secure):
    with socket.create_connection(("127.0.0.1", secure.tls().port), 30) as s:
        s.sendall(b"\x16\x03\x01")
        begun = time.monotonic()
        assert s.recv(1) == b""
        assert time.monotonic() - begun > 5  # not at once
    assert secure.tls().get("/").status == 200


def test_old_protocols_are_refused(secure):
    client = secure.tls()
    client.context.minimum_version = ssl.TLSVersion.TLSv1
    client.context.maximum_version = ssl.TLSVersion.TLSv1_1
    client.context.set_ciphers("ALL:@SECLEVEL=0")
    with pytest.raises(ssl.SSLError):
        client.get("/")


@pytest.mark.parametrize("what", ["no certificate", "another's key"])
def test_a_certificate_that_cannot_serve_ends_the_start_with_its_reason(tmp_path, what):
    for name in ("a", "b"):
        with serving(tmp_path / name):
            pass
    certificate, key = tmp_path / "a/state/server.crt", tmp_path / "b/state/server.key"
    if what == "no certificate":
        certificate.write_text("hello\n")
    (tmp_path / "yaml").write_text(
        f"proto: https\nport: {{https: {free_port()}}}\ncert: {{crt: {certificate}, key: {key}}}\n"
    )
    state = tmp_path / "state"
    code, _, err = run(
        *("--config", tmp_path / "yaml", "--state", state, "--port", "0", "--host", "127.0.0.1"),
        *TREE,
        password=wire.PASSWORD,
    )
    assert code == 2
    assert "cert.crt and cert.key" in err and err.count("\n") == 1
    assert ("is not the key of" in err) == (what != "no certificate")
