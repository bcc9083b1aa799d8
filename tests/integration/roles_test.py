# SPDX-License-Identifier: LGPL-2.1-or-later
"""Every route of the table, as the document served has it, and everybody who may ask for one."""
import json
import re
import time

import pytest
import tokens
import wire
from daemon import ROOT, Daemon

KEY = "a signing key that only this test and its daemon know"
SOME = "00000000-0000-0000-0000-000000000000"
UNAUTHORIZED, FORBIDDEN = (401, b'"unauthorized"'), (403, b'"forbidden"')
ELSEWHERE = {"Origin": "http://elsewhere.example"}
DOCUMENT = json.loads((ROOT / "docs/openapi.json").read_text())
ROUTES = [
    (method.upper(), re.sub(r"\{\w+\}", SOME, path), operation["x-role"], operation["responses"])
    for path, item in DOCUMENT["paths"].items()
    for method, operation in item.items()
]
LAST = "/api/auth/logout"  # it ends the sessions of whoever asks


def routes(*roles):
    """Those routes, for a test's parameters: (method, path, whether it is a WebSocket)."""
    found = [(m, path, "101" in r) for m, path, role, r in ROUTES if role in roles]
    found.sort(key=lambda route: route[1] == LAST)
    return pytest.mark.parametrize("route", found, ids=lambda route: f"{route[0]} {route[1]}")


ALL, GUARDED = routes("anyone", "user", "admin"), routes("user", "admin")


class House:
    """A daemon, and tokens of it for which nobody had to sign in."""

    def __init__(self, daemon):
        self.daemon = daemon
        body = {"username": "bob", "password": wire.FORM_W, "role": "user"}
        owner = daemon.admin()
        assert owner.post("/api/auth/users", body).json()["code"] == 0
        bob = daemon.client()
        assert bob.login(username="bob").json()["code"] == 0
        self.claims = {"admin": tokens.claims(owner.token), "user": tokens.claims(bob.token)}

    def client(self, role, **changed):
        return wire.Client(self.daemon.port, tokens.signed({**self.claims[role], **changed}, KEY))

    def expired(self, role):
        return self.client(role, exp=int(time.time()) - 1)

    def revoked(self, role):
        return self.client(role, tokenVersion=self.claims[role]["tokenVersion"] - 1)


@pytest.fixture(scope="module")
def house(tmp_path_factory):
    settings = {"jwt": {"secretKey": KEY}, "system": {"terminal": True}}
    with Daemon(tmp_path_factory.mktemp("roles"), settings) as daemon:
        yield House(daemon)


def answer(client, route, headers=None):
    """What the route says to a request that it cannot do anything with: no body to speak of."""
    method, path, socket = route
    if socket:
        try:
            wire.WebSocket(client, path, headers).close()
            return 101, b""
        except wire.Refused as refused:
            return refused.status, refused.body
    if method == "GET":  # some answers never end; the head of one is judged as the whole is
        reply = client.request("HEAD", path, headers=headers)
        if reply.status in (401, 403):
            reply = client.request("GET", path, headers=headers)
    else:
        reply = client.request(method, path, b"{", "application/json", headers)
    return reply.status, reply.body


@GUARDED
def test_without_a_session_nobody_gets_in(house, route):
    assert answer(house.daemon.client(), route) == UNAUTHORIZED


@GUARDED
def test_an_expired_session_is_none(house, route):
    assert answer(house.expired("admin"), route) == UNAUTHORIZED
    assert answer(house.expired("user"), route) == UNAUTHORIZED


@GUARDED
def test_a_revoked_session_is_none(house, route):
    assert answer(house.revoked("admin"), route) == UNAUTHORIZED
    assert answer(house.revoked("user"), route) == UNAUTHORIZED


@routes("admin")
def test_a_user_is_told_that_it_is_for_administrators(house, route):
    assert answer(house.client("user"), route) == FORBIDDEN


@routes("user")
def test_a_user_gets_in(house, route):
    assert answer(house.client("user"), route)[0] not in (401, 403, 405)


@GUARDED
def test_an_administrator_gets_in(house, route):
    assert answer(house.client("admin"), route)[0] not in (401, 403, 405)


@ALL
def test_a_page_from_elsewhere_changes_nothing(house, route):
    """What only reads is answered to its session, without leave for the page to see it."""
    status, body = answer(house.client("admin"), route, ELSEWHERE)
    if route[0] == "GET" and not route[2]:
        assert body != b"foreign origin\n"
    else:
        assert (status, body) == (403, b"foreign origin\n")
