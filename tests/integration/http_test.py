# SPDX-License-Identifier: LGPL-2.1-or-later
"""The HTTP layer: who may, what is not there, and bytes that make no sense."""
import gzip

import pytest
import wire
from daemon import ROOT, Daemon

ROUTES = [
    ("POST", "/api/auth/logout"),
    ("GET", "/api/auth/account"),
    ("GET", "/api/auth/password"),
    ("POST", "/api/auth/password"),
    ("GET", "/api/vm/info"),
    ("GET", "/api/vm/gpio"),
    ("GET", "/api/vm/gpio/led"),
    ("POST", "/api/vm/gpio"),
    ("POST", "/api/network/wol"),
    ("GET", "/api/network/wol/mac"),
    ("DELETE", "/api/network/wol/mac"),
    ("POST", "/api/network/wol/mac/name"),
    ("POST", "/api/hid/paste"),
    ("POST", "/api/hid/reset"),
    ("GET", "/api/hid/layouts"),
    ("GET", "/api/hid/leds"),
    ("GET", "/api/stream/mjpeg"),
    ("GET", "/api/stream/snapshot"),
    ("POST", "/whep"),
    ("PATCH", "/whep/00000000-0000-0000-0000-000000000000"),
    ("DELETE", "/whep/00000000-0000-0000-0000-000000000000"),
]
SOCKETS = ["/api/ws", "/api/stream/h264", "/api/stream/h264/direct"]
FOREIGN = {"Origin": "http://evil.example"}


pytestmark = pytest.mark.usefixtures("unharmed")


@pytest.mark.parametrize("method, path", ROUTES)
def test_nothing_is_told_without_a_session(daemon, method, path):
    reply = daemon.client().request(method, path, {} if method == "POST" else None)
    assert (reply.status, reply.body) == (401, b'"unauthorized"')
    assert reply.header("Content-Type") == "application/json; charset=utf-8"


@pytest.mark.parametrize("path", SOCKETS)
def test_no_socket_opens_without_a_session(daemon, path):
    with pytest.raises(wire.Refused) as refused:
        wire.WebSocket(daemon.client(), path)
    assert (refused.value.status, refused.value.body) == (401, b'"unauthorized"')


@pytest.mark.parametrize(
    "method, path",
    [
        ("GET", "/nowhere"),
        ("GET", "/api"),
        ("GET", "/api/vm"),
        ("GET", "/api/vm/info/more"),
        ("DELETE", "/api/vm/info"),
        ("POST", "/api/vm/info"),
        ("GET", "/api/auth/login"),
        ("PUT", "/api/vm/gpio"),
        ("POST", "/index.html"),
        ("GET", "/API/VM/INFO"),
    ],
)
def test_what_is_not_there_is_not_found(admin, method, path):
    reply = admin.request(method, path)
    assert (reply.status, reply.body) == (404, b"404 page not found")
    assert reply.header("Content-Type").startswith("text/plain")


@pytest.mark.parametrize("path", [*SOCKETS, "/api/vm/terminal"])
def test_a_socket_that_is_asked_for_as_a_page_says_what_it_is(daemon, admin, path):
    stranger = daemon.client().get(path)
    assert (stranger.status, stranger.body) == (401, b'"unauthorized"')
    reply = admin.get(path)
    assert (reply.status, reply.header("Upgrade")) == (426, "websocket")
    assert admin.post(path).status == 404


def test_a_slash_at_the_end_changes_nothing(admin):
    for method, path in (("GET", "/api/vm/info/"), ("POST", "/api/hid/reset/")):
        assert admin.request(method, path).json()["code"] == 0
    wire.WebSocket(admin, "/api/ws/").close()


def test_the_console_is_served_to_everyone(daemon):
    page = daemon.client().get("/")
    assert page.status == 200
    assert page.header("Content-Type") == "text/html; charset=utf-8"
    assert "frame-ancestors 'none'" in page.header("Content-Security-Policy")
    assert daemon.client().get("/index.html").body == page.body
    script = daemon.client().get("/js/app.js")
    assert script.header("Content-Type") == "text/javascript; charset=utf-8"


def test_pages_come_compressed_and_only_to_who_has_not_got_them(daemon):
    client = daemon.client()
    plain = client.get("/js/app.js")
    small = client.request("GET", "/js/app.js", headers={"Accept-Encoding": "br, gzip"})
    assert small.header("Content-Encoding") == "gzip" and len(small.body) < len(plain.body) / 2
    assert gzip.decompress(small.body) == plain.body
    tag = small.header("ETag")
    again = {"Accept-Encoding": "br, gzip", "If-None-Match": tag}
    for _ in range(2):  # on one connection
        same = client.request("GET", "/js/app.js", headers=again)
        assert (same.status, same.body, same.header("ETag")) == (304, b"", tag)
    other = client.request("GET", "/js/store.js", headers=again)
    assert other.status == 200 and gzip.decompress(other.body) == client.get("/js/store.js").body


def test_somebody_elses_page_may_make_styles_and_the_console_none(daemon, tmp_path):
    page = daemon.client().get("/")
    assert "style-src" in page.header("Content-Security-Policy"), "it is named by --web-root"
    assert b"default-src 'self'; img-src 'self' data: blob:; media-src 'self' blob:;" in page.body
    (tmp_path / "page").mkdir()
    (tmp_path / "page/index.html").write_text("<style>p {color: red}</style><p>theirs")
    (tmp_path / "page/a.woff").write_bytes(b"wOFF")
    with Daemon(tmp_path / "d", args=["--web-root", tmp_path / "page"]) as other:
        theirs = other.client().get("/")
        policy = theirs.header("Content-Security-Policy")
        assert "style-src 'self' 'unsafe-inline'" in policy and "worker-src 'self' blob:" in policy
        assert other.client().get("/a.woff").header("Content-Type") == "font/woff"


def test_what_no_page_is_made_of_is_not_served(daemon):
    assert (ROOT / "data/web/README.md").exists()
    assert daemon.client().get("/README.md").status == 404


def test_the_head_of_an_answer_comes_alone(daemon, admin):
    for path in ("/", "/api/vm/info", "/api/stream/mjpeg"):
        reply = admin.request("HEAD", path, limit=5)
        assert (reply.status, reply.body) == (200, b""), path
    stream = admin.request("HEAD", "/api/stream/mjpeg")
    assert stream.header("Content-Type") == "multipart/x-mixed-replace; boundary=frame"
    assert daemon.client().request("HEAD", "/api/vm/info").status == 401


@pytest.mark.parametrize(
    "path",
    [
        "/../server.yaml",
        "/..%2f..%2f..%2f..%2fetc/passwd",
        "/%2e%2e/%2e%2e/%2e%2e/%2e%2e/etc/passwd",
        "/js/../../../server.yaml",
        "//etc/passwd",
        "/js/%2e%2e/%2e%2e/server.yaml",
        "/....//....//etc/passwd",
        "/index.html%00.js",
        "/%00",
        "/js",
        "/%ff%fe",
        "/\\..\\..\\etc\\passwd",
    ],
)
def test_no_path_leads_out_of_the_console(daemon, path):
    answer = daemon.client().raw(f"GET {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
    assert answer.split()[1] in (b"400", b"404"), answer
    assert b"root:" not in answer


def test_a_foreign_page_changes_nothing(daemon):
    admin = daemon.admin()
    for method, path in ROUTES:
        if method != "GET":
            reply = admin.request(method, path, {"type": "power", "duration": 1}, headers=FOREIGN)
            assert reply.status == 403, path
    assert admin.get("/api/auth/account").status == 200, "it did not sign out, either"
    for path in SOCKETS:
        with pytest.raises(wire.Refused) as refused:
            wire.WebSocket(admin, path, FOREIGN)
        assert refused.value.status == 403
    login = {"username": "admin", "password": wire.FORM_W}
    assert daemon.client().post("/api/auth/login", login, headers=FOREIGN).status == 403


@pytest.mark.parametrize("origin", ["null", "http://127.0.0.1", "https://127.0.0.1:{port}x", "x"])
def test_an_origin_that_is_only_like_ours_is_foreign(daemon, admin, origin):
    headers = {"Origin": origin.format(port=daemon.port)}
    assert admin.post("/api/hid/reset", headers=headers).status == 403


def test_our_own_page_may(daemon, admin):
    for origin in (f"http://127.0.0.1:{daemon.port}", f"HTTP://127.0.0.1:{daemon.port}"):
        headers = {"Origin": origin}
        assert admin.post("/api/hid/reset", headers=headers).json()["code"] == 0
        wire.WebSocket(admin, "/api/ws", headers).close()
    assert (
        admin.get("/api/vm/gpio", headers=FOREIGN).status == 200
    ), "reading is the browser's matter"


def test_the_machine_tells_about_itself(admin):
    info = admin.get("/api/vm/info").json()["data"]
    for name in ("mdns", "image", "application", "deviceKey", "ip", "firmware", "device_key"):
        assert isinstance(info[name], str), name
    assert isinstance(info["ips"], list)
    assert info["deviceKey"] and info["deviceKey"] == info["device_key"]
    assert info["application"].count(".") == 2
    assert admin.get("/api/vm/info").json()["data"]["deviceKey"] == info["deviceKey"]
