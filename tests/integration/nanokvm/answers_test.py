# SPDX-License-Identifier: LGPL-2.1-or-later
"""What clients of the wire send most, and in which spelling, with the answers that they look for."""
import ledger
import pytest
from daemon import Daemon

WOL = "/api/network/wol"
MAC = "02:00:00:00:00:01"


@pytest.fixture(scope="module")
def owner(tmp_path_factory):
    folder = tmp_path_factory.mktemp("answers")
    images = folder / "images"
    images.mkdir()
    (images / "a.img").write_bytes(bytes(1 << 20))
    with Daemon(folder / "d", {"storage": {"directory": images}}) as daemon:
        admin = daemon.admin()
        admin.folder = folder
        yield admin


def data(reply):
    answer = reply.json()
    assert (answer["code"], answer["msg"]) == (0, "success"), answer
    return answer["data"]


def code(reply):
    return reply.json()["code"]


def test_a_press_is_answered_when_it_is_over_and_both_paths_tell_the_leds(owner):
    assert data(owner.post("/api/vm/gpio", {"type": "reset", "duration": 100})) is None
    leds = data(owner.get("/api/vm/gpio"))
    assert data(owner.get("/api/vm/gpio/led")) == leds and set(leds) == {"pwr", "hdd"}


def test_a_switch_that_is_left_out_is_off(owner):
    assert data(owner.post("/api/application/preview", {"enable": True})) is None
    for path in ("/api/application/preview", "/api/vm/memory/limit", "/api/vm/tls"):
        assert data(owner.post(path, {})) is None
        assert not data(owner.get(path)).get("enabled")


def test_the_stream_of_pictures_begins_at_once(owner):
    with owner.connect() as s:
        request = f"GET /api/stream/mjpeg?n=1 HTTP/1.1\r\nCookie: nano-kvm-token={owner.token}\r\n"
        s.sendall(f"{request}Host: x\r\n\r\n".encode())
        head = b""
        while b"\r\n\r\n" not in head:
            head += s.recv(65536)
    assert head.startswith(b"HTTP/1.1 200 ")
    assert b"Content-Type: multipart/x-mixed-replace; boundary=frame\r\n" in head
    ledger.note("GET", "/api/stream/mjpeg", 200, b"")


def test_images_have_an_old_and_a_new_spelling(owner):
    image = str(owner.folder / "images/a.img")
    for path in ("/api/storage/image", "/api/storage/images"):
        assert data(owner.get(path))["files"] == [image]
    assert data(owner.post("/api/storage/image/mount", {"file": image})) is None
    for path in ("/api/storage/image/mounted", "/api/storage/images/mounted"):
        mounted = data(owner.get(path))
        assert mounted["file"] == image and mounted["cdrom"] is False
    assert data(owner.get("/api/storage/cdrom")) == {"cdrom": 0}
    assert data(owner.post("/api/storage/image/mount", {})) is None
    assert data(owner.get("/api/storage/image/mounted"))["file"] == ""


def test_the_memory_limit_has_an_old_and_a_new_spelling(owner):
    for path in ("/api/vm/memory/limit", "/api/vm/memory-limit"):
        assert data(owner.get(path)) == {"enabled": False, "limit": 0}
        assert data(owner.post(path, {"enabled": False})) is None


def test_what_is_no_computer_is_refused(owner):
    for mac in ("02:00", "zz:00:00:00:00:09", "reboot"):
        assert code(owner.post(WOL, {"mac": mac})) == -2
        assert code(owner.request("DELETE", f"{WOL}/mac", {"mac": mac})) == -2
        assert code(owner.post(f"{WOL}/mac/name", {"mac": mac, "name": "x"})) == -2
    for mac in ("00:00:00:00:00:00", "ff:ff:ff:ff:ff:ff"):
        assert code(owner.post(WOL, {"mac": mac})) == -2
    assert code(owner.request("DELETE", f"{WOL}/mac", {})) == -1


def test_folders_that_cannot_be_read_are_told(owner):
    state = owner.folder / "d/state"
    for name in ("scripts", "autostart"):
        (state / name).write_text("no folder\n")
    assert code(owner.get("/api/vm/script")) == -1
    assert code(owner.get("/api/vm/autostart")) == -1
    for name in ("scripts", "autostart"):
        (state / name).unlink()


def test_what_is_kept_and_cannot_be_read_is_told(owner):
    images, cache = owner.folder / "images", owner.folder / "d/state/cache"
    images.rename(owner.folder / "elsewhere")
    images.write_text("no folder\n")
    assert code(owner.get("/api/storage/image")) == -2
    images.unlink()
    (owner.folder / "elsewhere").rename(images)
    (cache / "wol").mkdir(parents=True)
    assert code(owner.get(f"{WOL}/mac")) == -2
    (cache / "wol").rmdir()
    assert data(owner.get(f"{WOL}/mac")) == {"macs": []}


def test_all_paths_may_end_with_a_slash(owner):
    for path in ("/api/vm/mouse-jiggler/", "/api/vm/info/", "/api/storage/image/"):
        assert code(owner.get(path)) == 0


@pytest.mark.parametrize("path", ["/api/vm/swap/enable", "/api/vm/system/pikvm"])
def test_what_clients_probe_for_is_not_found(owner, path):
    assert owner.post(path).status == 404


EXACT = [
    ("/api/network/wol", {"mac": "x"}, -2, "invalid MAC address"),
    ("/api/network/wol", {"mac": "ff:ff:ff:ff:ff:ff"}, -2, "invalid MAC address"),
    ("/api/network/wol/mac/name", {"mac": "x", "name": "desk"}, -2, "invalid MAC address"),
    ("/api/network/wol/mac/name", {"mac": MAC, "name": " desk"}, -1, "invalid arguments"),
    ("/api/download/image", {"file": "ftp://a/b.iso"}, -1, "invalid url"),
    ("/api/download/image", {"file": "http://a"}, -1, "invalid url"),
    ("/api/download/image", {"file": "http://a/b.iso", "sha256sum": "x"}, -1, "invalid sha256sum"),
    ("/api/vm/device/virtual", {}, -1, "invalid argument"),
    ("/api/vm/device/virtual", {"device": "mic"}, -2, "invalid arguments"),
    ("/api/network/dns", {"mode": "x"}, -1, "invalid dns mode"),
    ("/api/network/dns", {}, -1, "invalid arguments"),
    ("/api/network/dns", {"mode": "manual", "servers": "192.0.2.1"}, -1, "invalid arguments"),
    ("/api/network/dns", {"Mode": "manual", "SERVERS": ["zz"]}, -2, "invalid dns server: zz"),
    ("/api/vm/gpio", {}, -1, "invalid arguments: type is required"),
    ("/api/vm/tls", {"enabled": "x"}, -1, "invalid arguments: enabled: must be true or false"),
]


@pytest.mark.parametrize("path, body, code, words", EXACT)
def test_what_is_refused_has_the_words_that_clients_compare(owner, path, body, code, words):
    answer = owner.post(path, body).json()
    assert (answer["code"], answer["msg"]) == (code, words), answer


@pytest.mark.parametrize(
    "keys, code, label", [("Keys", "code", "label"), ("keys", "Code", "LABEL")]
)
def test_lists_and_what_is_in_them_have_names_in_any_case(owner, keys, code, label):
    key = {"code": "KeyA", "label": "A"}
    assert data(owner.post("/api/hid/shortcut", {keys: [{code: "KeyA", label: "A"}]})) is None
    (kept,) = data(owner.get("/api/hid/shortcuts"))["shortcuts"]
    assert kept["keys"] == [key]
    assert data(owner.request("DELETE", "/api/hid/shortcut", {"id": kept["id"]})) is None


def test_a_field_of_the_query_is_one_of_the_form(owner):
    path = "/api/stream/mjpeg/detect"
    for enabled in (False, True, True, False):
        assert data(owner.post(f"{path}?enabled={str(enabled).lower()}")) == {"enabled": enabled}
        assert data(owner.get(path)) == {"enabled": enabled}
    assert data(owner.post(path)) == {"enabled": True}, "with no field at all it is a toggle"
    assert data(owner.post(path)) == {"enabled": False}
