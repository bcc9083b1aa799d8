# SPDX-License-Identifier: LGPL-2.1-or-later
"""Who beside people may act on the computer: nobody before an admin says so, and who, is kept."""
import datetime
import os
import re
import stat

import pytest
import wire
from daemon import Daemon

STATUS, MODE = "/api/ai/control/status", "/api/ai/control/mode"
CONFIG, RENEW = "/api/mcp/config", "/api/mcp/key/regenerate"
KEY = r"nag_mcp_[A-Za-z0-9_-]{43}"


@pytest.fixture
def home(tmp_path):
    with Daemon(tmp_path / "d") as daemon:
        yield daemon


@pytest.fixture
def admin(home):
    return home.admin()


def data(reply):
    answer = reply.json()
    assert (answer["code"], answer["msg"]) == (0, "success"), answer
    return answer["data"]


def put(admin, mode):
    return admin.request("PUT", MODE, {"mode": mode})


def test_it_is_off_at_first(admin):
    status = data(admin.get(STATUS))
    assert (status["mode"], status["transitioning"]) == ("off", False)
    age = datetime.datetime.now(datetime.timezone.utc) - datetime.datetime.strptime(
        status["changed_at"], "%Y-%m-%dT%H:%M:%S.%f%z"
    )
    assert abs(age.total_seconds()) < 60
    assert set(status) == {"mode", "transitioning", "changed_at"}


def test_a_mode_outlives_the_daemon(home, admin):
    before = data(admin.get(STATUS))
    for mode in ("picoclaw", "mcp"):
        status = data(put(admin, mode))
        assert status["mode"] == mode and status["changed_at"] > before["changed_at"]
        assert data(admin.get(STATUS)) == status
        assert (home.folder / "state/ai-control.mode").read_text() == mode
    home.stop()
    home.start()
    assert data(home.admin().get(STATUS))["mode"] == "mcp"


def test_switching_off_tells_what_became_of_all(admin):
    data(put(admin, "mcp"))
    off = data(put(admin, "off"))
    assert off["control"] == data(admin.get(STATUS)) and off["control"]["mode"] == "off"
    assert off["runtime"]["status"] == "not_installed"
    assert off["runtime"]["control"]["mode"] == "off"
    assert (off["released"], off["closed_sessions"], off["cleanup_warning"]) == (True, 0, "")


@pytest.mark.parametrize("body", [None, {}, {"mode": "on"}, {"mode": 5}, {"mode": ""}, b"[]"])
def test_a_mode_that_is_none_is_refused(admin, body):
    content = "application/json" if isinstance(body, bytes) else None
    reply = admin.request("PUT", MODE, body, content)
    answer = reply.json()
    assert reply.status == 200 and list(answer) == ["code", "message"]
    assert answer["code"] == -1 and answer["message"].startswith("invalid arguments: "), answer
    assert data(admin.get(STATUS))["mode"] == "off"


def test_a_mode_that_cannot_be_kept_is_not_set(home, admin):
    blocked = home.folder / "state/ai-control.mode"
    blocked.mkdir()
    answer = put(admin, "mcp").json()
    assert answer["code"] == -2 and answer["message"].startswith("operation failed: "), answer
    assert data(admin.get(STATUS))["mode"] == "off"
    os.rmdir(blocked)
    assert data(put(admin, "mcp"))["mode"] == "mcp"


def test_the_key_is_made_when_it_is_asked_for(home, admin):
    reply = admin.get(CONFIG)
    assert reply.header("Cache-Control") == "no-store"
    config = data(reply)
    assert list(config) == ["enabled", "apiKey", "controlMode", "transitioning"]
    assert (config["enabled"], config["controlMode"], config["transitioning"]) == (
        False,
        "off",
        False,
    )
    assert re.fullmatch(KEY, config["apiKey"])
    kept = home.folder / "state/mcp.json"
    assert kept.read_text() == '{"apiKey":"' + config["apiKey"] + '"}'
    assert stat.S_IMODE(kept.stat().st_mode) == 0o600
    home.stop()
    home.start()
    assert data(home.admin().get(CONFIG)) == config


def test_enabling_makes_mcp_the_only_one(admin):
    data(put(admin, "picoclaw"))
    on = admin.post(CONFIG, {"enabled": True})
    assert on.header("Cache-Control") == "no-store"
    assert (data(on)["enabled"], data(on)["controlMode"]) == (True, "mcp")
    assert data(admin.get(STATUS))["mode"] == "mcp"
    off = data(admin.post(CONFIG, {"enabled": False}))
    assert (off["enabled"], off["controlMode"]) == (False, "off")


def test_disabling_leaves_another_mode_alone(admin):
    data(put(admin, "picoclaw"))
    assert data(admin.post(CONFIG, {"enabled": False}))["controlMode"] == "picoclaw"


def test_a_new_key_is_another_one(home, admin):
    data(admin.post(CONFIG, {"enabled": True}))
    old = data(admin.get(CONFIG))["apiKey"]
    reply = admin.post(RENEW)
    assert reply.header("Cache-Control") == "no-store"
    new = data(reply)
    assert re.fullmatch(KEY, new["apiKey"]) and new["apiKey"] != old and new["enabled"]
    assert data(admin.get(CONFIG)) == new


def test_a_key_that_cannot_be_read_is_said_to_be_so_and_can_be_replaced(home):
    home.stop()
    kept = home.folder / "state/mcp.json"
    kept.write_text("{")
    home.start()
    admin = home.admin()
    for reply in (admin.get(CONFIG), admin.post(CONFIG, {"enabled": True})):
        answer = reply.json()
        assert answer["code"] == -2 and answer["msg"].startswith("operation failed: "), answer
    assert put(admin, "mcp").json()["code"] == -2
    assert kept.read_text() == "{", "nothing is overwritten unasked"
    assert re.fullmatch(KEY, data(admin.post(RENEW))["apiKey"])


def test_users_have_no_business_here(home, admin):
    eve = {"username": "eve", "password": wire.FORM_W, "role": "user"}
    data(admin.post("/api/auth/users", eve))
    eve = home.client("127.0.0.8")
    assert eve.login(wire.FORM_W, "eve").json()["code"] == 0
    for method, path in (("GET", STATUS), ("PUT", MODE), ("GET", CONFIG), ("POST", RENEW)):
        reply = eve.request(method, path, None if method == "GET" else {"mode": "mcp"})
        assert (reply.status, reply.body) == (403, b'"forbidden"'), path
