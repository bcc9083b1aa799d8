# SPDX-License-Identifier: LGPL-2.1-or-later
"""Several people at one device: who may make accounts, what an account may do, and how it ends."""
import concurrent.futures

import pytest
import wire
from daemon import Daemon, eventually

USERS = "/api/auth/users"
BOB = f"{USERS}/bob"


@pytest.fixture(scope="module")
def house(tmp_path_factory):
    with Daemon(tmp_path_factory.mktemp("users")) as daemon:
        yield daemon


@pytest.fixture
def owner(house):
    return house.admin()


@pytest.fixture
def bob(house, owner):
    """A user who has just been made, and signed in; gone when the test is over."""
    assert said(owner.post(USERS, account("bob"))) == (0, "success")
    client = house.client()
    assert client.login(username="bob").json()["code"] == 0
    yield client
    owner.request("DELETE", BOB)


def account(username, role="user", password=wire.FORM_W):
    return {"username": username, "password": password, "role": role}


def said(reply):
    answer = reply.json()
    assert reply.status == 200 and list(answer)[:3] == ["code", "msg", "data"]
    return answer["code"], wire.words(answer)


def names(owner):
    return [user["username"] for user in owner.get(USERS).json()["data"]["users"]]


def test_the_owner_is_listed_first_and_marked(owner):
    assert owner.get(USERS).json()["data"] == {
        "users": [{"username": "admin", "role": "admin", "enabled": True, "systemAccount": True}]
    }


def test_a_new_user_is_listed_and_can_sign_in(owner, bob):
    assert owner.get(USERS).json()["data"]["users"][1:] == [
        {"username": "bob", "role": "user", "enabled": True}
    ]
    assert bob.get("/api/auth/account").json()["data"] == {"username": "bob", "role": "user"}


def test_a_user_sees_and_types_but_administers_nothing(bob):
    assert bob.get("/api/vm/info").json()["code"] == 0
    for method, path in (
        ("GET", USERS),
        ("POST", USERS),
        ("PUT", BOB),
        ("DELETE", BOB),
        ("POST", f"{BOB}/password"),
    ):
        refused = bob.request(method, path, {"role": "admin"})
        assert (refused.status, refused.body) == (403, b'"forbidden"'), path


REFUSED = {
    "no role": ({"username": "eve", "password": wire.FORM_W}, -1),
    "no name": ({"role": "user", "password": wire.FORM_W}, -1),
    "no password": ({"username": "eve", "role": "user"}, -1),
    "not a text": ({**account("eve"), "role": 7}, -1),
    "a password that cannot be decoded": (account("eve", password="!!"), -2),
    "a role that is none": (account("eve", "root"), -3),
    "a name that breaks the rules": (account("../eve"), -3),
    "a name that is taken": (account("admin"), -3),
}


@pytest.mark.parametrize("body, code", REFUSED.values(), ids=REFUSED)
def test_a_user_that_cannot_be_is_refused(owner, body, code):
    got, message = said(owner.post(USERS, body))
    assert got == code and message
    assert names(owner) == ["admin"]


def test_a_user_becomes_an_administrator_and_must_sign_in_again(house, owner, bob):
    assert said(owner.request("PUT", BOB, {"role": "admin"})) == (0, "success")
    assert bob.get("/api/auth/account").status == 401
    assert bob.login(username="bob").json()["code"] == 0
    assert bob.get(USERS).json()["code"] == 0


def test_who_is_shut_out_loses_every_socket_at_once(owner, bob):
    with wire.WebSocket(bob, "/api/ws") as ws:
        assert said(owner.request("PUT", BOB, {"enabled": False})) == (0, "success")
        assert ws.close_code(2) == (4401, "session expired or revoked")
    assert bob.get("/api/vm/info").status == 401
    assert said(bob.login(username="bob"))[0] == -2
    assert said(owner.request("PUT", BOB, {"enabled": True})) == (0, "success")
    assert bob.login(username="bob").json()["code"] == 0


def test_what_is_typed_for_who_is_shut_out_ends_at_once(owner, bob):
    text = {"content": "a" * 20000}

    def type_it():
        while "another text" in said(answer := bob.post("/api/hid/paste", text))[1]:
            pass  # what asks whether he types was being typed itself
        return answer

    with concurrent.futures.ThreadPoolExecutor(1) as pool:
        typing = pool.submit(type_it)
        busy = lambda: said(owner.post("/api/hid/paste", {"content": "b"}))[0] == -3
        eventually(busy, 5, "his typing")
        assert said(owner.request("PUT", BOB, {"enabled": False})) == (0, "success")
        assert "signed out, after " in said(typing.result(2))[1]
    assert said(owner.post("/api/hid/paste", {"content": "b"}))[0] == 0


def test_a_removed_user_is_out(owner, bob):
    assert said(owner.request("DELETE", BOB)) == (0, "success")
    assert bob.get("/api/vm/info").status == 401
    assert said(owner.request("DELETE", BOB)) == (-1, "user not found")


def test_a_user_gets_a_new_password_and_must_sign_in_again(owner, bob):
    reset = f"{BOB}/password"
    assert said(owner.post(reset, {})) == (-1, "invalid parameters: password is required")
    assert said(owner.post(reset, {"password": "!!"})) == (-2, "invalid password")
    assert said(owner.post(reset, {"password": wire.FORM_W})) == (0, "success")
    assert bob.get("/api/vm/info").status == 401
    assert bob.login(username="bob").json()["code"] == 0


CHANGES = {
    "nothing": ("bob", {}, -1),
    "no such user": ("nobody", {"enabled": True}, -2),
    "a role that is none": ("bob", {"role": "king"}, -2),
    "no truth value": ("bob", {"enabled": "perhaps"}, -1),
    "oneself out": ("admin", {"enabled": False}, -2),
    "oneself down": ("admin", {"role": "user"}, -2),
}


@pytest.mark.parametrize("who, body, code", CHANGES.values(), ids=CHANGES)
def test_a_change_that_cannot_be_changes_nothing(owner, bob, who, body, code):
    before = owner.get(USERS).json()
    got, message = said(owner.request("PUT", f"{USERS}/{who}", body))
    assert got == code and message
    assert owner.get(USERS).json() == before
    assert bob.get("/api/vm/info").status == 200


def test_the_owner_stays_whatever_another_administrator_wants(owner, bob):
    owner.request("PUT", BOB, {"role": "admin"})
    bob.login(username="bob")
    stays = "the device owner account must remain an enabled administrator"
    for body in ({"enabled": False}, {"role": "user"}):
        assert said(bob.request("PUT", f"{USERS}/admin", body)) == (-2, stays)
    assert said(bob.request("DELETE", f"{USERS}/admin")) == (-1, stays)
    assert said(bob.post(f"{USERS}/admin/password", {"password": wire.FORM_W})) == (
        -3,
        "the device owner must change its own password",
    )
    assert said(bob.request("DELETE", BOB)) == (-1, "administrators cannot delete themselves")


def test_the_log_says_who_did_what_to_whom(house, owner, bob):
    owner.request("PUT", BOB, {"enabled": False})
    eventually(lambda: "user changed user=bob by=admin" in house.log(), 5, "a line of it")
    assert wire.PASSWORD not in house.log() and wire.FORM_W not in house.log()
