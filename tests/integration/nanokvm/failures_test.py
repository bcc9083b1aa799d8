# SPDX-License-Identifier: LGPL-2.1-or-later
"""What the wire has a client told when the device cannot: its state folder takes no change, cannot be
read, or what would do it is not there. Nothing is changed then, and nothing is pretended."""
import contextlib
import os
import shutil

import pytest
import wire
from daemon import ROOT, Daemon

USERS = "/api/auth/users"
WOL = "/api/network/wol"
MAC = "52:54:00:12:34:56"
READ_ONLY, NO_ACCESS = 0o555, 0


class Humble(Daemon):
    """One to whom a file's mode says what it may do, even where the tests are root's."""

    def __init__(self, *args, **more):
        super().__init__(*args, **more)
        if os.geteuid() == 0:
            might = "--bounding-set=-dac_override,-dac_read_search"
            self.command[:0] = ["setpriv", might]
        self.state = self.folder / "state"


@contextlib.contextmanager
def mode(path, bits):
    before = path.stat().st_mode
    path.chmod(bits)
    try:
        yield
    finally:
        path.chmod(before)


@pytest.fixture(scope="module")
def home(tmp_path_factory):
    with Humble(tmp_path_factory.mktemp("failures")) as daemon:
        yield daemon


@pytest.fixture(scope="module")
def owner(home):
    return home.admin()


@pytest.fixture
def bob(home, owner):
    body = {"username": "bob", "password": wire.FORM_W, "role": "user"}
    assert said(owner.post(USERS, body)) == (0, "success")
    client = home.client()
    assert client.login(username="bob").json()["code"] == 0
    yield client
    assert said(owner.request("DELETE", f"{USERS}/bob")) == (0, "success")


def said(reply):
    answer = reply.json()
    assert reply.status == 200 and answer.get("data") is None
    return answer["code"], answer["msg"]


# What is asked for, the documented answer, and where it would be seen if it had been done.
KEPT = {
    "a title": ("/api/vm/web-title", {"title": "x"}, -3, "write failed"),
    "a leader key": ("/api/hid/shortcut/leader-key", {"key": "F9"}, -3, "write failed"),
    "previews": ("/api/application/preview", {"enable": True}, -2, "enable failed"),
    "an update server": (
        "/api/application/update-server",
        {"enabled": True, "url": "http://192.0.2.1/stable"},
        -3,
        "failed to save update server config",
    ),
    "the jiggler": ("/api/vm/mouse-jiggler", {"enabled": True}, -2, "operation failed"),
}


@pytest.mark.parametrize("path, body, code, words", KEPT.values(), ids=KEPT)
def test_what_cannot_be_kept_is_not_set(home, owner, path, body, code, words):
    before = owner.get(path).json()
    with mode(home.state, READ_ONLY):
        got, msg = said(owner.post(path, body))
    assert got == code and msg == words
    assert owner.get(path).json() == before
    assert owner.post(path, body).json()["code"] == 0, "it could have been kept"


FORGOTTEN = {
    "a title": ("/api/vm/web-title", {"title": "x"}, {"title": ""}, -2, "reset failed"),
    "a leader key": (
        "/api/hid/shortcut/leader-key",
        {"key": "F9"},
        {"key": ""},
        -2,
        "reset failed",
    ),
    "previews": (
        "/api/application/preview",
        {"enable": True},
        {"enable": False},
        -3,
        "disable failed",
    ),
}


@pytest.mark.parametrize("path, kept, body, code, words", FORGOTTEN.values(), ids=FORGOTTEN)
def test_what_cannot_be_removed_stays(home, owner, path, kept, body, code, words):
    assert owner.post(path, kept).json()["code"] == 0
    before = owner.get(path).json()
    with mode(home.state, READ_ONLY):
        got, msg = said(owner.post(path, body))
    assert got == code and msg == words
    assert owner.get(path).json() == before


def test_a_shortcut_that_cannot_be_kept_is_none(home, owner):
    with mode(home.state, READ_ONLY):
        body = {"keys": [{"code": "KeyA", "label": "A"}]}
        assert said(owner.post("/api/hid/shortcut", body)) == (-2, "add shortcut failed")
    assert owner.get("/api/hid/shortcuts").json()["data"] == {"shortcuts": []}


def test_a_memory_limit_that_cannot_be_forgotten_is_told(home, owner):
    note = home.state / "memory-limit"
    note.touch()
    with mode(home.state, READ_ONLY):
        code, msg = said(owner.post("/api/vm/memory/limit", {"enabled": False}))
    assert code == -2 and msg == "failed to set memory limit" and note.exists()


def test_an_account_that_cannot_be_written_stays_as_it_was(home, owner, bob):
    new = {"currentPassword": wire.FORM_W, "password": wire.NEW_FORM_W}
    with mode(home.state, READ_ONLY):
        for client, path, body, code, words in (
            (bob, "/api/auth/password", new, -4, "authentication unavailable"),
            (owner, f"{USERS}/bob/password", new, -4, "authentication unavailable"),
            (bob, "/api/auth/logout", None, -1, "failed to revoke session"),
        ):
            assert said(client.post(path, body)) == (code, words)
    assert bob.get("/api/auth/account").status == 200
    assert bob.login(username="bob").json()["code"] == 0


UNREADABLE = {
    "shortcuts.json": ("/api/hid/shortcuts", "get shortcuts failed"),
    "leader-key": ("/api/hid/shortcut/leader-key", "read leader key failed"),
    "web-title": ("/api/vm/web-title", "read web title failed"),
    "application-update.json": (
        "/api/application/update-server",
        "failed to load update server config",
    ),
}


def test_what_is_kept_and_cannot_be_read_is_not_made_up(tmp_path):
    (tmp_path / "state").mkdir()
    for name in UNREADABLE:
        (tmp_path / "state" / name).touch(NO_ACCESS)
    with Humble(tmp_path) as daemon:
        client = daemon.admin()
        for path, words in UNREADABLE.values():
            assert said(client.get(path)) == (-1, words)


def test_a_memory_limit_that_the_system_does_not_tell_is_not_said_to_be_none(tmp_path):
    (tmp_path / "state").mkdir()
    (tmp_path / "state/memory-limit").write_text("75")
    daemon = Daemon(tmp_path)
    daemon.command[:0] = ["unshare", "--cgroup"]  # where there is no group to limit
    with daemon:
        code, msg = said(daemon.admin().get("/api/vm/memory/limit"))
        assert code == -1 and msg == "failed to get memory limit"


def test_users_that_cannot_be_read_are_not_listed(tmp_path):
    (tmp_path / "state").mkdir()
    (tmp_path / "state/pwd").write_text("{")
    with Daemon(tmp_path, {"authentication": "disable"}) as daemon:
        assert said(daemon.client().get(USERS)) == (-1, "failed to load users")


def test_the_old_form_of_a_new_password_has_its_own_codes(tmp_path):
    with Humble(tmp_path, {"security": {"allowLegacyPasswordChange": True}}) as daemon:
        client = daemon.admin()
        for username, password, code in (("admin", "nonsense", -2), ("a b", wire.FORM_W, -5)):
            body = {"username": username, "password": password}
            assert said(client.post("/api/auth/password", body))[0] == code
        with mode(daemon.state, READ_ONLY):
            body = {"username": "admin", "password": wire.NEW_FORM_W}
            assert said(client.post("/api/auth/password", body))[0] == -4


def test_a_computer_that_cannot_be_kept_or_forgotten_is_told(home, owner):
    name = {"mac": MAC, "name": "my desk"}
    assert said(owner.post(f"{WOL}/mac/name", name)) == (0, "success")
    with mode(home.state / "cache", READ_ONLY):
        for answer in (
            owner.post(f"{WOL}/mac/name", {**name, "name": "another"}),
            owner.request("DELETE", f"{WOL}/mac", {"mac": MAC}),
        ):
            code, msg = said(answer)
            assert code == -3 and msg == "write failed"
    assert owner.get(f"{WOL}/mac").json()["data"] == {"macs": [f"{MAC} my desk"]}


def test_a_key_that_cannot_be_kept_is_not_made(home, owner):
    with mode(home.state, READ_ONLY):
        code, msg = said(owner.post("/api/mcp/key/regenerate"))
    assert code == -2 and msg.startswith("operation failed: ")


GADGET = {"/api/vm/device/virtual": {"device": "network"}, "/api/hid/mode": {"mode": "hid-only"}}


@pytest.mark.parametrize("path, body", GADGET.items(), ids=GADGET)
def test_what_a_computer_cannot_see_is_another_code_than_nothing(owner, path, body):
    for field in body:
        answer = owner.post(path, {field: "a floppy"}).json()
        assert (answer["code"], answer["msg"]) == (-2, "invalid arguments")
        assert answer["reason"].startswith(f"{field}: must be one of ")
    assert said(owner.post(path, {}))[0] == -1


@pytest.mark.parametrize("path, body", GADGET.items(), ids=GADGET)
def test_what_the_computer_sees_is_not_changed_without_a_gadget(owner, path, body):
    before = owner.get(path).json()
    code, msg = said(owner.post(path, body))
    assert code == -3 and msg == "operation failed"
    assert owner.get(path).json() == before


def test_a_picture_that_nothing_encodes_takes_no_setting(tmp_path):
    pipelines = tmp_path / "pipelines"
    shutil.copytree(ROOT / "pipelines", pipelines, ignore=shutil.ignore_patterns("h264*", "mjpeg*"))
    with Daemon(tmp_path / "d", args=["--pipelines", pipelines]) as daemon:
        code, msg = said(daemon.admin().post("/api/vm/screen", {"type": "gop", "value": 30}))
        assert code == -2 and msg == "update screen failed"


def test_an_autostart_folder_that_cannot_be_read_or_changed_is_told(home, owner):
    folder = home.state / "autostart"
    folder.mkdir(exist_ok=True)
    (folder / "late.sh").write_text("true\n")
    with mode(folder, NO_ACCESS):
        assert said(owner.get("/api/vm/autostart")) == (-1, "get autostart directory fail")
    with mode(folder, READ_ONLY):
        removed = owner.request("DELETE", "/api/vm/autostart/late.sh")
        assert said(removed) == (-3, "remove file fail")
    assert owner.get("/api/vm/autostart").json()["data"]["files"] == ["late.sh"]


@pytest.fixture
def images(tmp_path):
    """One who may not do all there is to do with its images, and has a drive of plain files."""
    drive = tmp_path / "lun.0"
    for folder in (drive, tmp_path / "images"):
        folder.mkdir()
    for name in ("file", "cdrom", "ro", "forced_eject"):
        (drive / name).write_text("" if name == "file" else "0\n")
    (tmp_path / "images/a.img").write_bytes(bytes(1 << 20))
    storage = {"directory": tmp_path / "images", "reserve_mib": 0, "lun": drive}
    with Humble(tmp_path / "d", {"storage": storage}) as daemon:
        yield daemon


def test_what_a_drive_does_not_let_go_of_stays_in_it(images, tmp_path):
    owner, image = images.admin(), str(tmp_path / "images/a.img")
    assert said(owner.post("/api/storage/image/mount", {"file": image})) == (0, "success")
    with mode(tmp_path / "lun.0/file", 0o444):
        out = owner.post("/api/storage/image/mount", {})
        assert said(out) == (-2, "unmount image failed") and "Permission denied" in wire.words(
            out.json()
        )
    assert owner.get("/api/storage/image/mounted").json()["data"]["file"] == image


def test_a_form_whose_image_has_no_place_to_be_is_told_so(images, tmp_path):
    form = b'--B\r\nContent-Disposition: form-data; name="file"; filename="b.iso"\r\n\r\nx\r\n--B--\r\n'
    with mode(tmp_path / "images", READ_ONLY):
        reply = images.admin().request(
            "POST", "/api/download/file", form, content="multipart/form-data; boundary=B"
        )
    assert reply.json()["code"] == -1 and reply.json()["msg"] == "cannot create temporary file"
    assert os.listdir(tmp_path / "images") == ["a.img"]


def test_a_text_that_gets_to_no_computer_is_not_said_to_be_typed(tmp_path):
    nodes = {name: tmp_path / "none" for name in ("keyboard", "relative", "absolute")}
    with Daemon(tmp_path, {"hid": nodes}) as daemon:
        reply = daemon.admin().post("/api/hid/paste", {"content": "x"})
        assert said(reply) == (-3, "HID paste failed") and str(tmp_path / "none") in wire.words(
            reply.json()
        )
