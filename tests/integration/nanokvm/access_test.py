# SPDX-License-Identifier: LGPL-2.1-or-later
"""Who is kept out of each route of the wire, and with which HTTP status and body."""
import http.client

import ledger
import pytest
import wire
from daemon import Daemon

UNAUTHORIZED, FORBIDDEN = (401, b'"unauthorized"'), (403, b'"forbidden"')
ROWS = [*ledger.rows("routes"), *ledger.rows("aliases")]


def may(*access):
    """The rows of that access, for a test's parameters."""
    rows = [row for row in ROWS if row.access in access]
    return pytest.mark.parametrize("row", rows, ids=lambda row: f"{row.method} {row.path}")


@pytest.fixture(scope="module")
def house(tmp_path_factory):
    with Daemon(tmp_path_factory.mktemp("access"), {"system": {"terminal": True}}) as daemon:
        yield daemon


@pytest.fixture(scope="module")
def bob(house):
    body = {"username": "bob", "password": wire.FORM_W, "role": "user"}
    assert house.admin().post("/api/auth/users", body).json()["code"] == 0
    client = house.client()
    assert client.login(username="bob").json()["code"] == 0
    return client


def answer(client, row):
    path = ledger.ANYTHING.sub("some", row.path)
    if row.first == "101":
        with pytest.raises(wire.Refused) as refused:
            wire.WebSocket(client, path)
        return refused.value.status, refused.value.body
    reply = client.request(row.method, path)
    return reply.status, reply.body


@may("U", "A", "L")
def test_without_a_session_nobody_gets_in(house, row):
    assert answer(house.client(), row) == UNAUTHORIZED


@may("A")
def test_a_user_is_told_that_it_is_for_administrators(bob, row):
    assert answer(bob, row) == FORBIDDEN


@may("L")
def test_a_session_is_not_enough_where_the_device_itself_is_asked_for(house, row):
    assert answer(house.admin(), row) == UNAUTHORIZED


def test_who_was_refused_has_a_connection_that_goes_on(bob):
    connection = http.client.HTTPConnection(bob.host, bob.port, timeout=wire.LIMIT)
    for path, status in (("/api/vm/swap", 403), ("/api/vm/info", 200)):
        connection.request("GET", path, headers=bob.cookies())
        reply = connection.getresponse()
        reply.read()
        assert reply.status == status
    connection.close()
