# SPDX-License-Identifier: LGPL-2.1-or-later
"""Who types where nobody hears it is told so at once: which node, how it is, and what to do."""
import json
import os
import threading
import time

import pytest
import wire
from daemon import Daemon, eventually
from mcp_test import Agent, enable

KEYS_UP = bytes(8)
PROMPTLY = 20  # seconds: it hung for as long as the computer was away


class Nodes:
    """Pipes in place of the gadget's nodes: there when the test makes them, gone without a reader."""

    def __init__(self, folder):
        self.folder = folder
        self.settings = {"hid": {}}
        for kind in ("keyboard", "relative", "absolute", "consumer"):
            self.settings["hid"][kind] = self.path(kind)

    def path(self, kind):
        return self.folder / kind

    def plug_in(self, kind):
        os.mkfifo(self.path(kind))
        return os.open(self.path(kind), os.O_RDONLY | os.O_NONBLOCK)

    def pull(self, kind, reader):
        os.unlink(self.path(kind))
        os.close(reader)


@pytest.fixture
def nodes(tmp_path):
    return Nodes(tmp_path)


@pytest.fixture
def admin(nodes, tmp_path):
    with Daemon(tmp_path / "d", nodes.settings) as daemon:
        yield daemon.admin()


def state_of(admin, nodes, kind):
    states = {n["node"]: n["state"] for n in admin.get("/api/usb").json()["data"]["hid"]}
    return states[str(nodes.path(kind))]


def becomes(admin, nodes, kind, state):
    eventually(lambda: state_of(admin, nodes, kind) == state, 10, f"{kind} {state}")


def paste(admin, text):
    body = json.dumps({"content": text}).encode()
    path, kind = "/api/hid/paste", "application/json"
    return admin.request("POST", path, body, content=kind, limit=PROMPTLY).json()


def said_to_be_gone(answer, node):
    assert answer["code"] == -3, answer
    for word in (str(node), "is gone", "GET /api/usb"):
        assert word in wire.words(answer), answer


def read_all(reader):
    try:
        return os.read(reader, 65536)
    except BlockingIOError:
        return b""


def test_a_paste_without_the_keyboards_node_is_refused_and_types_nothing_later(admin, nodes):
    said_to_be_gone(paste(admin, "hello"), nodes.path("keyboard"))
    reader = nodes.plug_in("keyboard")
    becomes(admin, nodes, "keyboard", "online")
    assert not read_all(reader).strip(b"\0"), "only keys that are up"
    assert paste(admin, "a")["code"] == 0, "now somebody hears it"
    assert bytes([0, 0, 4, 0, 0, 0, 0, 0]) in read_all(reader)


def test_a_paste_whose_node_goes_in_the_middle_fails_and_says_how_far_it_got(admin, nodes):
    reader = nodes.plug_in("keyboard")
    becomes(admin, nodes, "keyboard", "online")
    answers = []
    typing = threading.Thread(target=lambda: answers.append(paste(admin, "ab" * 2000)))
    typing.start()
    eventually(lambda: read_all(reader).strip(b"\0"), 10, "the first keys")
    nodes.pull("keyboard", reader)
    typing.join(PROMPTLY)
    assert answers and answers[0]["code"] == -3, answers
    assert "of 4000 keystrokes" in wire.words(answers[0]), answers


def test_a_short_paste_into_a_node_that_has_just_gone_is_no_success(admin, nodes):
    for _ in range(10):
        reader = nodes.plug_in("keyboard")
        becomes(admin, nodes, "keyboard", "online")
        nodes.pull("keyboard", reader)
        answer = paste(admin, "a")  # perhaps before the daemon has noticed
        assert answer["code"] == -3, answer
        becomes(admin, nodes, "keyboard", "gone")


def test_a_consumer_key_without_its_node_is_refused(admin, nodes):
    answer = admin.post("/api/hid/consumer", {"usage": 205}).json()
    said_to_be_gone(answer, nodes.path("consumer"))
    nodes.plug_in("consumer")
    becomes(admin, nodes, "consumer", "online")
    assert admin.post("/api/hid/consumer", {"usage": 205}).json()["code"] == 0


def test_an_agents_key_and_click_are_refused_without_their_nodes(admin, nodes):
    agent = Agent(admin, enable(admin)["apiKey"])
    begun = time.monotonic()
    assert "is gone" in agent.refused("cube_type_text", text="a")
    nodes.plug_in("keyboard")
    becomes(admin, nodes, "keyboard", "online")
    assert "is gone" in agent.refused("cube_click_mouse", button="left")
    assert time.monotonic() - begun < PROMPTLY
