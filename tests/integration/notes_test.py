# SPDX-License-Identifier: LGPL-2.1-or-later
"""What people keep on the device for its console outlives the daemon: title, shortcuts, leader key."""
import os
import re

import pytest
from daemon import Daemon

TITLE = "/api/vm/web-title"
LEADER = "/api/hid/shortcut/leader-key"
SHORTCUTS = "/api/hid/shortcuts"
SHORTCUT = "/api/hid/shortcut"
COPY = [{"code": "ControlLeft", "label": "Ctrl"}, {"code": "KeyC", "label": "C"}]
UUID = r"[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}"


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("notes")


@pytest.fixture
def home(folder):
    with Daemon(folder) as daemon:
        yield daemon


@pytest.fixture
def admin(home):
    return home.admin()


def code_of(reply):
    return reply.json()["code"]


def kept(admin):
    return admin.get(SHORTCUTS).json()["data"]["shortcuts"]


def test_no_title_is_the_documented_error(admin):
    answer = admin.get(TITLE).json()
    assert (answer["code"], answer["msg"]) == (-1, "read web title failed")
    assert code_of(admin.post(TITLE, {"title": ""})) == -2  # there is nothing to reset


def test_a_title_outlives_the_daemon(home, folder):
    assert code_of(home.admin().post(TITLE, {"title": "Rack 7 ☂"})) == 0
    home.stop()
    home.start()
    admin = home.admin()
    assert admin.get(TITLE).json()["data"] == {"title": "Rack 7 ☂"}
    assert code_of(admin.post(TITLE, {"title": "NanoKVM"})) == 0
    assert code_of(admin.get(TITLE)) == -1
    assert not (folder / "state/web-title").exists()


def test_a_title_that_is_too_long_is_refused(admin):
    assert code_of(admin.post(TITLE, {"title": "x" * 257})) == -1


def test_a_title_that_cannot_be_written_is_not_set(home, folder, admin):
    (folder / "state/web-title").mkdir()  # so that not even root can
    try:
        answer = admin.post(TITLE, {"title": "lost"}).json()
        assert (answer["code"], answer["msg"]) == (-3, "write failed")
        assert code_of(admin.get(TITLE)) == -1
    finally:
        os.rmdir(folder / "state/web-title")


def test_the_leader_key_is_empty_until_it_is_set(home):
    admin = home.admin()
    assert admin.get(LEADER).json()["data"] == {"key": ""}
    assert code_of(admin.post(LEADER, {"key": "F9"})) == 0
    home.stop()
    home.start()
    admin = home.admin()
    assert admin.get(LEADER).json()["data"] == {"key": "F9"}
    assert code_of(admin.post(LEADER, {"key": ""})) == 0
    assert code_of(admin.post(LEADER, {})) == 0  # removing none is no error
    assert admin.get(LEADER).json()["data"] == {"key": ""}
    assert code_of(admin.post(LEADER, {"key": "x" * 65})) == -1


def test_shortcuts_are_kept_in_order_and_forgotten_by_id(home):
    admin = home.admin()
    assert kept(admin) == []
    paste = [{"code": "ControlLeft", "label": "Ctrl"}, {"code": "KeyV", "label": "V"}]
    for keys in (COPY, paste):
        assert code_of(admin.post(SHORTCUT, {"keys": keys})) == 0
    home.stop()
    home.start()
    admin = home.admin()
    assert [s["keys"] for s in kept(admin)] == [COPY, paste]
    ids = [s["id"] for s in kept(admin)]
    assert all(re.fullmatch(UUID, i) for i in ids)
    assert code_of(admin.request("DELETE", SHORTCUT, {"id": ids[0]})) == 0
    assert [s["keys"] for s in kept(admin)] == [paste]
    assert code_of(admin.request("DELETE", SHORTCUT, {"id": ids[0]})) == -2
    assert code_of(admin.request("DELETE", SHORTCUT, {})) == -1
    assert code_of(admin.request("DELETE", SHORTCUT, {"id": ids[1]})) == 0


BAD = {
    "no keys": {},
    "an empty list": {"keys": []},
    "no list": {"keys": "KeyA"},
    "no objects": {"keys": ["KeyA"]},
    "a key without a code": {"keys": [{"label": "A"}]},
    "too many keys": {"keys": COPY * 9},
    "a label that is too long": {"keys": [{"code": "KeyA", "label": "x" * 65}]},
}


@pytest.mark.parametrize("body", BAD.values(), ids=BAD)
def test_a_shortcut_that_is_none_is_refused(admin, body):
    assert code_of(admin.post(SHORTCUT, body)) == -1
    assert kept(admin) == []


def test_there_is_an_end_to_shortcuts(admin):
    codes = [code_of(admin.post(SHORTCUT, {"keys": COPY})) for _ in range(101)]
    assert codes == [0] * 100 + [-2]
    for shortcut in kept(admin):
        admin.request("DELETE", SHORTCUT, {"id": shortcut["id"]})
