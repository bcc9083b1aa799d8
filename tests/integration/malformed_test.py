# SPDX-License-Identifier: LGPL-2.1-or-later
"""Whatever is malformed gets its documented answer, one line in the log that names cause and peer
but nothing of what came, and changes nothing. Routes come from the daemon's own tables."""
import socket
import struct

import pytest
import routes
import wire
from daemon import eventually
from lines import SECRET, Lines

pytestmark = pytest.mark.usefixtures("unharmed")

ROUTES = routes.table()
CALLS = [(method, path) for method, path in ROUTES if method != "WS"]
# What is closed before a frame can come says nothing about frames.
SOCKETS = [path for method, path in ROUTES if method == "WS" and path != "/api/picoclaw/gateway/ws"]
# What an upload's body may hold is the storage's business, and its length.
UPLOADS = ("/api/storage/upload", "/api/download/file", "/api/application/update/offline")
BODIES_IN_MEMORY = [c for c in CALLS if c[0] != "GET" and not c[1].startswith(UPLOADS)]
OTHER_FORM = ("/api/picoclaw/", "/api/internal/")  # of answers, which have tests of their own
POSTS = [path for method, path in CALLS if method == "POST" and path.startswith("/api/")]
TAKES_JSON = [p for p in POSTS if p != "/api/mcp" and not p.startswith(OTHER_FORM)]
FORBIDDEN = ["POST", "PUT", "PATCH", "DELETE", "GET"]
JSON = "application/json"
SERVICES = ("ssh", "mdns")
TAILSCALE = "install uninstall up down login logout start stop restart".split()
SOMEONE = "00000000-0000-0000-0000-000000000000"
OWN_WORDS = {  # where the wire has no "invalid ..." for a body that cannot be read
    "/api/vm/script/upload": "bad request",
    f"/api/vm/autostart/{SOMEONE}": "parse form request fail",
    "/api/application/update/offline": "update failed: invalid ",
}


@pytest.fixture
def lines(daemon, admin):
    return Lines(daemon)


@pytest.fixture
def unchanged(gadget):
    """Neither a key nor a button moved, and the session is the one before."""
    nodes = (gadget.keyboard, gadget.relative, gadget.absolute)
    before = [len(node.reports) for node in nodes]
    leds = gadget.admin.get("/api/vm/gpio").json()
    yield gadget
    assert [len(node.reports) for node in nodes] == before
    assert gadget.admin.get("/api/auth/account").json()["code"] == 0
    assert gadget.admin.get("/api/vm/gpio").json() == leds


def envelope(reply):
    assert reply.status == 200
    assert reply.header("Content-Type") == "application/json; charset=utf-8"
    answer = reply.json()
    assert list(answer)[:3] == ["code", "msg", "data"] and answer["data"] is None, answer
    return answer


BODIES = {
    "cut off": b'{"content":"' + SECRET.encode(),
    "an array": b"[]",
    "a text": b'"' + SECRET.encode() + b'"',
    "two values": b"{} {}",
    "no JSON": SECRET.encode(),
    "not UTF-8": b'{"type":"\xff\xfe","content":"\xff\xfe"}',
    "nested too deep": b'{"a":' * 500,
}


@pytest.mark.parametrize("path", TAKES_JSON)
@pytest.mark.parametrize("body", BODIES)
def test_a_body_that_is_no_json_object_is_refused(unchanged, path, body):
    lines = Lines(unchanged.daemon)
    # The login makes failures wait: as many addresses as bodies, or one locks the next out.
    source = f"127.0.2.{list(BODIES).index(body) + 1}"
    client = wire.Client(unchanged.daemon.port, unchanged.admin.token, source)
    answer = envelope(client.post(path, BODIES[body], content=JSON))
    words = OWN_WORDS.get(path, "invalid ")
    assert answer["code"] == (-2 if path == "/api/network/wifi" else -1)
    assert wire.words(answer).startswith(words), answer
    line = lines.one(f"POST {path} ", f"peer={source}")
    assert "why=" in line and words in line


WRONG = [
    ("/api/vm/gpio", {"type": 5}, -1, "type: must be text"),
    ("/api/vm/gpio", {"type": "power", "duration": SECRET}, -1, "duration: must be 0..4294967295"),
    ("/api/vm/gpio", {"type": "power", "duration": -1}, -1, "duration: must be 0..4294967295"),
    ("/api/vm/gpio", {"type": "power", "duration": 1 << 70}, -1, "invalid arguments"),
    ("/api/vm/gpio", {"type": SECRET * 1000}, -2, "invalid power event"),
    ("/api/vm/gpio", {}, -1, "type is required"),
    ("/api/hid/paste", {"content": [SECRET]}, -1, "content: must be text"),
    ("/api/hid/paste", {"content": {}}, -1, "content: must be text"),
    ("/api/hid/paste", {"content": SECRET * 7000}, -2, "content too long"),
    ("/api/hid/paste", {"content": "x", "langue": 5}, -1, "langue: must be text"),
    ("/api/hid/paste", {}, -1, "invalid arguments"),
    ("/api/hid/consumer", {"usage": SECRET}, -1, "usage: must be 1..1023"),
    ("/api/hid/consumer", {"usage": 1024}, -1, "usage: must be 1..1023"),
    ("/api/hid/consumer", {}, -1, "usage is required"),
    ("/api/hid/consumer", {"usage": 205}, -3, "there are no consumer keys"),
    ("/api/auth/password", {"password": 5}, -1, "password: must be text"),
    ("/api/auth/password", {"password": SECRET, "currentPassword": []}, -1, "must be text"),
    ("/api/auth/password", {"currentPassword": wire.FORM_W}, -1, "invalid parameters"),
    ("/api/auth/password", {"password": SECRET}, -3, "current password is required"),
    ("/api/auth/login", {"username": 5, "password": SECRET}, -1, "username: must be text"),
    ("/api/auth/login", {"username": "admin", "password": True}, -1, "password: must be text"),
    ("/api/hid/mode", {"mode": 5}, -1, "mode: must be"),
    ("/api/vm/device/virtual", {"device": SECRET}, -2, "device: must be"),
    ("/api/usb", {"profile": 5}, -1, "profile: must be text"),
    ("/api/vm/edid", {"preset": []}, -1, "preset: must be text"),
    ("/api/network/wol", {"mac": 5}, -1, "mac: must be text"),
    ("/api/network/wol/mac/name", {"mac": "02:00:00:00:00:01", "name": 5}, -1, "must be text"),
    ("/api/storage/image/mount", {"file": 5}, -1, "file: must be text"),
    ("/api/storage/image/mount", {"file": "", "drive": 16}, -1, "drive: must be 0..15"),
    ("/api/storage/image/delete", {"file": {}}, -1, "file: must be text"),
    ("/api/storage/upload", {"name": 5}, -1, "name and size are required"),
    ("/api/auth/users", {"username": "eve", "password": []}, -1, "password: must be text"),
    (f"/api/auth/users/{SOMEONE}/password", {"password": 5}, -1, "password: must be text"),
    ("/api/vm/web-title", {"title": 5}, -1, "title: must be text"),
    ("/api/vm/mouse-jiggler", {"enabled": "perhaps"}, -1, "enabled: must be true or false"),
    ("/api/vm/hostname", {"hostname": 5}, -1, "hostname: must be text"),
    ("/api/vm/ssh", {"enabled": SECRET}, -1, "enabled: must be true or false"),
    ("/api/vm/mdns", {}, -1, "enabled is required"),
    ("/api/vm/oled", {"sleep": -1}, -1, "sleep: must be 0..86400"),
    ("/api/hid/shortcut", {"keys": SECRET}, -1, "keys: must be a list"),
    ("/api/hid/shortcut/leader-key", {"key": 5}, -1, "key: must be text"),
    ("/api/mcp/config", {"enabled": SECRET}, -1, "enabled: must be true or false"),
    ("/api/download/image", {"file": 5}, -1, "file: must be text"),
    ("/api/download/image", {"file": "ftp://x/a.iso"}, -1, "invalid url"),
    ("/api/download/file", {"file": 5}, -1, "invalid multipart data"),
    ("/api/vm/script/upload", {"file": 5}, -1, "bad request"),
    ("/api/vm/script/run", {"name": "a.sh", "type": SECRET}, -1, "type: must be one of"),
    (f"/api/vm/autostart/{SOMEONE}", {"content": 5}, -1, "content: must be text"),
    ("/api/network/dns", {"mode": "manual", "servers": [5]}, -1, "servers must be texts"),
    ("/api/network/wifi/connect", {"ssid": 5}, -1, "ssid: must be text"),
    ("/api/network/wifi", {"ssid": []}, -2, "ssid: must be text"),
    ("/api/application/preview", {"enable": SECRET}, -1, "enable: must be true or false"),
    ("/api/application/update-server", {"enabled": True, "url": "ftp://x"}, -2, "must begin with"),
    ("/api/application/update/offline", {"file": 5}, -1, "invalid multipart data"),
    ("/api/vm/screen", {"type": "fps", "value": SECRET}, -1, "value: must be"),
    ("/api/vm/hdmi/timeout", {"minutes": 10081}, -1, "minutes: must be 0..10080"),
    ("/api/stream/mjpeg/detect", {"enabled": SECRET}, -1, "enabled: must be true or false"),
    ("/api/stream/mjpeg/detect/stop", {"duration": -1}, -1, "duration: must be 0..4294967295"),
    ("/api/stream/recording/start", {"format": SECRET}, -1, "format: must be one of mp4|mkv"),
    ("/api/stream/recording/save", {"format": 5}, -1, "format: must be text"),
    ("/api/stream/recording/window", {"seconds": 601}, -1, "seconds: must be 0..600"),
    ("/api/stream/stats", {"viewer": "x", "decoded": SECRET}, -1, "decoded: must be"),
    ("/api/vm/tls", {"enabled": SECRET}, -1, "enabled: must be true or false"),
    ("/api/vm/swap", {"size": -1}, -1, "size: must be 0..65536"),
    ("/api/vm/memory-limit", {"enabled": SECRET}, -1, "enabled: must be true or false"),
    ("/api/vm/memory/limit", {"enabled": True, "limit": 1}, -1, "limit must be 64.."),
]


@pytest.mark.parametrize("path, body, code, why", WRONG)
def test_a_value_that_cannot_be_is_refused(unchanged, path, body, code, why):
    lines = Lines(unchanged.daemon)
    source = f"127.0.3.{WRONG.index((path, body, code, why)) + 1}"
    client = wire.Client(unchanged.daemon.port, unchanged.admin.token, source)
    assert envelope(client.post(path, body))["code"] == code
    line = lines.one(f"POST {path} ", f"peer={source}")
    assert why in line


def test_every_route_with_fields_has_a_wrong_value_here():
    without = {"/api/hid/reset", "/api/hid/paste/cancel", "/api/auth/logout"}
    without |= {"/api/vm/system/reboot", "/api/application/update", "/api/stream/recording/stop"}
    without |= {f"/api/vm/{service}/{on}" for service in SERVICES for on in ("enable", "disable")}
    without |= {"/api/download/image/cancel", "/api/mcp/key/regenerate"}
    without |= {f"/api/vm/hdmi/{verb}" for verb in ("reset", "enable", "disable")}
    without |= {f"/api/network/wifi/{verb}" for verb in ("verify", "disconnect")}
    without |= {f"/api/extensions/tailscale/{verb}" for verb in TAILSCALE}
    assert {path for path, *_ in WRONG} | without == set(TAKES_JSON)


@pytest.mark.parametrize("path", ["/api/hid/reset"])
@pytest.mark.parametrize(
    "body, content", [(None, None), (b"", JSON), (b"{}", JSON), (b"a=b", None)]
)
def test_a_route_without_fields_takes_any_body_that_is_one(admin, path, body, content):
    assert admin.post(path, body, content=content).json()["code"] == 0


# But for WHEP, which names the methods that it has: whep_test.py.
@pytest.mark.parametrize("path", sorted({p for _, p in ROUTES if not p.startswith("/whep")}))
def test_a_method_that_a_path_has_not_is_not_found(unchanged, path):
    has = {method for method, route in ROUTES if route == path}
    has |= {"GET", "HEAD"} if "WS" in has else set()  # who reads is told what it is
    for method in FORBIDDEN:
        if method in has:
            continue
        lines = Lines(unchanged.daemon)
        reply = unchanged.admin.request(method, path, {"type": "power", "content": SECRET})
        assert (reply.status, reply.body) == (404, b"404 page not found")
        line = lines.one(f"{method} {path} ", "status=404", "peer=127.0.0.1")
        assert 'why="no such page"' in line


@pytest.mark.parametrize("method, path", BODIES_IN_MEMORY + [("POST", path) for path in SOCKETS])
def test_a_body_that_is_too_long_is_refused(unchanged, method, path):
    lines = Lines(unchanged.daemon)
    body = b'{"content":"' + SECRET.encode() * 210_000 + b'"}'
    assert unchanged.admin.request(method, path, body, JSON).status == 413
    assert 'why="body too long"' in lines.one(f"{method} {path} ", "status=413", "peer=127.0.0.1")


@pytest.mark.parametrize("path", SOCKETS)
@pytest.mark.parametrize(
    "frame, why",
    [
        (b"\x83\x80\0\0\0\0", "bad frame"),
        (b"\xc2\x80\0\0\0\0", "bad frame"),
        (b"\x82\x0a" + SECRET.encode(), "bad frame"),
        (b"\x81\x82\0\0\0\0\xff\xfe", "text that is not UTF-8"),
        (b"\x82\xff\0\0\0\0\0\x10\0\0\0\0\0\0", "message too long"),
    ],
    ids=["unknown opcode", "reserved bit", "no mask", "not UTF-8", "too long"],
)
def test_a_broken_frame_is_named(viewer, moving, path, frame, why):
    lines = Lines(moving)
    with wire.WebSocket(viewer, path) as ws:
        ws.socket.sendall(frame)
        assert why in lines.one("socket broken off", f"path={path}", "peer=127.0.0.1")


def test_a_socket_that_ends_well_leaves_no_complaint(viewer, moving):
    lines = Lines(moving)
    for path in SOCKETS:
        wire.WebSocket(viewer, path).close()
        with wire.WebSocket(viewer, path) as ws:  # the network's doing is no malformed frame
            ws.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    assert viewer.get("/api/vm/gpio").json()["code"] == 0
    assert not lines.about("broken off") and not lines.about("no request")


@pytest.mark.parametrize(
    "message, why",
    [
        ("{", "at byte"),
        ({"event": 5, "data": SECRET}, "no event that is known"),
        ({"event": "video-candidate", "data": SECRET}, "candidate: "),
        ({"event": "video-candidate", "data": '{"sdpMLineIndex":99,"candidate":"x"}'}, "candidate"),
        ({"event": "video-offer", "data": SECRET}, "the offer is not SDP"),
        ({"event": "video-offer", "data": '{"sdp":"v=0"}'}, "the offer"),
    ],
)
def test_bad_signaling_is_named(viewer, moving, message, why):
    lines = Lines(moving)
    with wire.WebSocket(viewer, "/api/stream/h264") as ws:
        ws.send(message)
        assert why in lines.one(" api ", "operator=admin@127.0.0.1")


NO_INPUT = [
    (b"", "it is empty"),
    (b"\xff" * 9, "of no known type"),
    (SECRET, "of no known type"),
    (b"\x01" * 3, "a key report of 2 bytes"),
    (b"\x02" * 9, "a pointer report of 8 bytes"),
    ("[1," + SECRET + "]", "no array that clients send"),
    ("{", "no JSON object"),
    ('{"ping":"' + SECRET + '"}', "JSON without a ping"),
    ("{" * 1000, "JSON that is too long"),
]


@pytest.mark.parametrize("message, why", NO_INPUT)
def test_a_control_message_that_makes_no_sense_is_named(gadget, message, why):
    lines = Lines(gadget.daemon)
    with wire.WebSocket(gadget.admin, "/api/ws") as ws:
        ws.send(message)
        assert f'why="{why}"' in lines.one("message ignored", "operator=admin@127.0.0.1")


def times(lines):
    return sum(int(line.rsplit("times=", 1)[1]) for line in lines)


def test_of_many_control_messages_that_make_no_sense_none_goes_uncounted(gadget):
    lines = Lines(gadget.daemon)
    with wire.WebSocket(gadget.admin, "/api/ws") as ws:
        for _ in range(50):
            for message in (b"\xff", b"\x01", "{"):
                ws.send(message)
        ws.send({"ping": 1})
        ws.until(lambda m: "pong" in m)
    eventually(lambda: times(lines.about("message ignored")) == 150, 5, "150 messages counted")
    assert len(lines.about("message ignored")) < 20
    for why in ("of no known type", "a key report of 0 bytes", "no JSON object"):
        assert times(lines.about("message ignored", why)) == 50


def test_every_flow_message_that_makes_no_sense_is_named(viewer, moving):
    lines = Lines(moving)
    with wire.WebSocket(viewer, "/api/stream/h264/direct?flow=4") as ws:
        for message in (b"\x07", SECRET, b"\x02" * 5, b"\x03\x03", b""):
            ws.send(message)
        for why in ("an acknowledgement of 5 bytes", "a resync of 2 bytes", "it is empty"):
            lines.one("flow message ignored", "peer=127.0.0.1", why, "times=1")
    unknown = lambda: lines.about("flow message ignored", "of no known type")
    eventually(lambda: times(unknown()) == 2, 5, "two messages counted")


def test_much_bad_signaling_is_counted(viewer, moving):
    lines = Lines(moving)
    with wire.WebSocket(viewer, "/api/stream/h264") as ws:
        for _ in range(100):
            ws.send({"event": SECRET})
        # The socket stays open until then: closing one with unread data loses what is on its way.
        named = lambda: lines.about("signaling message ignored", "no event that is known")
        eventually(lambda: times(named()) == 100, 30, "100 messages counted")
    assert len(named()) < 10 and not lines.about(SECRET)


@pytest.mark.parametrize(
    "offer, content, status",
    [
        (b"v=0\r\n" + SECRET.encode(), "application/sdp", 406),
        (SECRET.encode(), "application/sdp", 400),
        (b"", "application/sdp", 400),
        (b"{}", JSON, 415),
    ],
)
def test_a_bad_offer_is_named(viewer, moving, offer, content, status):
    lines = Lines(moving)
    reply = viewer.request("POST", "/whep", offer, content)
    assert reply.status == status
    assert "why=" in lines.one("POST /whep", f"status={status}", "peer=127.0.0.1")


NOT_HTTP = {
    "TLS": (b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", "TLS"),
    "zeros": (b"\x00" * 1000, "no whole HTTP request"),
    "a text": (SECRET.encode() + b"\n", "no whole HTTP request"),
    "half a request": (b"GET /api/vm/info HTTP/1.1\r\nHost", "no whole HTTP request"),
    "another HTTP": (b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", "no whole HTTP request"),
    "an endless path": (b"GET /" + b"a" * 200_000, "no whole HTTP request"),
}


@pytest.mark.parametrize("when", ["at once", "later"])
@pytest.mark.parametrize("what", NOT_HTTP)
def test_bytes_that_are_no_request_are_named(daemon, lines, what, when):
    text, why = NOT_HTTP[what]
    source = f"127.0.4.{1 + list(NOT_HTTP).index(what)}"
    with daemon.client(source).connect(5) as s:
        if when == "later":  # it has been accepted, as the answer to the next one shows
            daemon.client().get("/")
        try:
            s.sendall(text)
            s.shutdown(socket.SHUT_WR)
            wire.read_all(s)
        except OSError as e:
            assert not isinstance(e, TimeoutError)  # it need not listen to the end
    assert why in lines.one("no request", f"peer={source}")


@pytest.mark.parametrize(
    "text, why",
    [
        ("GET nowhere HTTP/1.1\r\nHost: x\r\n\r\n", "request line or header makes no sense"),
        ("GET /%zz HTTP/1.1\r\nHost: x\r\n\r\n", "request line or header makes no sense"),
        ("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: nine\r\n\r\n", "makes no sense"),
        ("GET /../../etc/passwd HTTP/1.1\r\nHost: x\r\n\r\n", "no such page"),
        ("POST /api/hid/paste HTTP/1.1\r\nHost: x\r\nContent-Length: 99\r\n\r\n{", "too early"),
    ],
)
def test_a_request_that_makes_no_sense_is_named(daemon, lines, text, why):
    with daemon.client("127.0.5.1").connect(5) as s:
        s.sendall(text.encode())
        s.shutdown(socket.SHUT_WR)
        wire.read_all(s)
    assert why in lines.one(" http ", "peer=127.0.5.1")


def test_who_says_nothing_is_not_named(daemon, lines):
    for _ in range(3):
        daemon.client("127.0.6.1").connect().close()
    assert daemon.client("127.0.6.2").get("/").status == 200
    lines.one("GET / ", "peer=127.0.6.2")
    assert not lines.about("127.0.6.1")
