# SPDX-License-Identifier: LGPL-2.1-or-later
"""Consumer keys, which are off unless the configuration names their node."""
import json

import pytest
import wire
from daemon import Daemon, Node, eventually

PLAY, HOME, UP = b"\xcd\x00", b"\x23\x02", bytes(2)
A = bytes([0, 0, 4, 0, 0, 0, 0, 0])


def press(report):
    return b"\x03" + report


@pytest.fixture(scope="module")
def node():
    return Node(2)


@pytest.fixture(scope="module")
def admin(node, tmp_path_factory):
    settings = {"hid": {"consumer": node.path}}
    with Daemon(tmp_path_factory.mktemp("consumer"), settings) as daemon:
        yield daemon.admin()


@pytest.fixture(autouse=True)
def nothing_before(node):
    node.reports.clear()


def test_a_key_held_over_the_socket_arrives_and_is_let_go_with_it(admin, node):
    with wire.WebSocket(admin, "/api/ws") as ws:
        ws.send(press(PLAY))
        node.expect(PLAY)
        ws.send(press(HOME))
        node.expect(HOME)
    node.expect(UP)
    assert node.bytes() == [PLAY, HOME, UP]


def test_a_reset_lets_a_consumer_key_go(admin, node):
    with wire.WebSocket(admin, "/api/ws") as ws:
        ws.send(press(PLAY))
        node.expect(PLAY)
        assert admin.post("/api/hid/reset").json()["code"] == 0
        node.expect(UP)


def test_a_usage_is_pressed_and_let_go_by_a_request(admin, node):
    press_home = lambda: admin.post("/api/hid/consumer", {"usage": 0x223}).json()
    done = {"code": 0, "msg": "success", "data": None}
    eventually(lambda: press_home() == done, 5, "the input, which the test before gave up")
    node.expect(UP)
    assert node.bytes() == [HOME, UP]


def test_who_looks_on_is_told_that_there_are_consumer_keys(admin):
    with wire.WebSocket(admin, "/api/ws") as ws:
        assert ws.status("consumer-keys", lambda data: True) == {"on": True}


def test_without_them_a_press_is_refused_and_nothing_is_told(tmp_path):
    with Daemon(tmp_path, {}) as daemon:
        admin = daemon.admin()
        with wire.WebSocket(admin, "/api/ws") as ws:
            ws.send(press(PLAY))
            refused = ws.status("input-refused", lambda data: True)
            assert "hid.consumer" in refused["reason"], refused
            ws.send(b"\x01" + A)
            assert ws.status("input-owner", lambda data: data["mine"]), "other input is taken"


def test_a_request_of_a_console_that_holds_the_input_is_taken(admin, node):
    name = "this console's own name"
    with wire.WebSocket(admin, "/api/ws") as ws:
        ws.send(json.dumps({"client": name}))
        ws.send(b"\x02" + bytes([0, 1, 1, 0]))
        assert ws.status("input-owner", lambda data: data["mine"])
        asked = {"usage": 0xCD, "client": name}
        assert admin.post("/api/hid/consumer", asked).json()["code"] == 0
        node.expect(UP)
