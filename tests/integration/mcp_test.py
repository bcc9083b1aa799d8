# SPDX-License-Identifier: LGPL-2.1-or-later
"""MCP by real sockets: who gets in, what the tools' reports are at the gadget's nodes, and that
people come first."""
import base64
import io
import json
import socket
import struct
import threading
import time

import pytest
import wire
from daemon import Daemon, eventually
from PIL import Image

MCP, CONFIG, MODE = "/api/mcp", "/api/mcp/config", "/api/ai/control/mode"
KEYS_UP = bytes(8)
A, B = bytes([0, 0, 4, 0, 0, 0, 0, 0]), bytes([0, 0, 5, 0, 0, 0, 0, 0])
LONG = {"text": "a" * 30, "delayMs": 1000}  # so long that a busy machine can act meanwhile
SECRET = "xkcd9q3zjw"
COOL_DOWN = 2  # seconds


class Agent:
    """A client of MCP that has the key."""

    def __init__(self, client, key):
        self.client = client
        self.key = key

    def post(self, body, limit=wire.LIMIT, **headers):
        accepts = {"Accept": "application/json, text/event-stream"}
        bears = {"Authorization": f"Bearer {self.key}"} if self.key else {}
        headers = {**accepts, **bears, **headers}
        return self.client.post(MCP, body, headers=headers, limit=limit)

    def ask(self, method, **params):
        message = {"jsonrpc": "2.0", "id": 7, "method": method, "params": params}
        reply = self.post(message, limit=40)
        assert reply.status == 200, reply
        assert reply.header("Content-Type").startswith("application/json")
        answer = reply.json()
        assert (answer["jsonrpc"], answer["id"]) == ("2.0", 7)
        return answer["result"]

    def call(self, tool, **arguments):
        return self.ask("tools/call", name=tool, arguments=arguments)

    def done(self, tool, **arguments):
        result = self.call(tool, **arguments)
        assert not result["isError"], result
        assert json.loads(result["content"][-1]["text"]) == result["structuredContent"]
        return result["structuredContent"]

    def refused(self, tool, **arguments):
        result = self.call(tool, **arguments)
        assert result["isError"], result
        return result["content"][0]["text"]

    def begin(self, tool, **arguments):
        """Calls it on a thread; what it answers comes from the function that this returns."""
        results = []
        thread = threading.Thread(target=lambda: results.append(self.call(tool, **arguments)))
        thread.start()

        def end():
            thread.join(40)
            return results[0]

        return end

    def leave(self, tool, arguments, when, half=False):
        """Calls it, and hangs up as soon as when() returns; half: waits for the answer all the same."""
        message = {"jsonrpc": "2.0", "id": 7, "method": "tools/call"}
        message["params"] = {"name": tool, "arguments": arguments}
        body = json.dumps(message)
        head = f"POST {MCP} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {self.key}\r\n"
        head += f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
        with self.client.connect() as connection:
            connection.sendall(f"{head}{body}".encode())
            when()
            if half:
                connection.shutdown(socket.SHUT_WR)
                return wire.read_all(connection)


def enable(admin, on=True):
    return admin.post(CONFIG, {"enabled": on}).json()["data"]


@pytest.fixture
def agent(gadget):
    """An agent that may begin, and nothing at the nodes."""
    gadget.admin.post("/api/hid/reset")
    agent = Agent(gadget.daemon.client(), enable(gadget.admin)["apiKey"])
    free = lambda: not agent.call("cube_type_text", text="")["isError"]
    eventually(free, 10, "a tool that is not refused")
    for node in (gadget.keyboard, gadget.relative, gadget.absolute):
        node.reports.clear()
    yield agent
    enable(gadget.admin, False)


def arrive(node, reports):
    """The release of the reset before may come first."""
    come = lambda: node.bytes()[-len(reports) :] == reports
    eventually(come, 5, f"{len(reports)} reports at the end of {node.bytes()}")
    before = node.bytes()[: -len(reports)]
    assert len(before) <= 1 and all(report[0] == 0 for report in before)


def key(report):
    return bytes([1]) + report


@pytest.mark.parametrize("method", ["POST", "GET", "PUT", "PATCH", "DELETE"])
def test_while_it_is_off_nobody_gets_in(gadget, agent, method):
    enable(gadget.admin, False)
    for bearer in (agent.key, "wrong", None):
        headers = {"Authorization": f"Bearer {bearer}"} if bearer else {}
        reply = agent.client.request(method, MCP, headers=headers)
        assert (reply.status, reply.body) == (403, b'{"error":"MCP service is disabled"}')
        assert reply.header("Content-Type").startswith("application/json")


@pytest.mark.parametrize("mode", ["off", "picoclaw"])
def test_other_modes_are_off_for_it(gadget, agent, mode):
    gadget.admin.request("PUT", MODE, {"mode": mode})
    assert agent.post({"jsonrpc": "2.0", "id": 1, "method": "ping"}).status == 403


@pytest.mark.parametrize("method", ["POST", "GET", "DELETE"])
def test_without_the_key_nobody_gets_in(gadget, agent, method):
    wrong = ["", "Bearer", "Bearer ", f"Bearer {agent.key}x", f"Bearer {agent.key[:-1]}"]
    wrong += [f"Basic {agent.key}", agent.key, "Bearer nag_mcp_"]
    for header in wrong:
        for client in (agent.client, gadget.admin):  # a session is no key
            reply = client.request(method, MCP, headers={"Authorization": header})
            assert (reply.status, reply.body) == (401, b'{"error":"invalid MCP API key"}'), header


def test_a_key_that_cannot_be_read_opens_nothing(tmp_path):
    (tmp_path / "state").mkdir()
    (tmp_path / "state/mcp.json").write_text('{"apiKey":""}')
    (tmp_path / "state/ai-control.mode").write_text("mcp\n")
    with Daemon(tmp_path) as daemon:
        for headers in ({}, {"Authorization": "Bearer "}):
            reply = daemon.client().post(MCP, {}, headers=headers)
            assert (reply.status, reply.body) == (500, b'{"error":"MCP auth unavailable"}')


@pytest.mark.parametrize("method", ["GET", "PUT", "PATCH", "DELETE"])
def test_messages_are_posted_and_nothing_else(agent, method):
    reply = agent.client.request(method, MCP, headers={"Authorization": f"Bearer {agent.key}"})
    assert (reply.status, reply.header("Allow")) == (405, "POST")


def test_a_foreign_page_gets_nowhere(gadget, agent):
    ping = {"jsonrpc": "2.0", "id": 1, "method": "ping"}
    assert agent.post(ping, Origin="http://elsewhere.example").status == 403
    assert agent.post(ping, Origin="null").status == 403
    assert agent.post(ping, Origin=f"http://127.0.0.1:{gadget.daemon.port}").status == 200


def test_a_message_of_more_than_a_mebibyte_is_refused(agent):
    assert agent.post(b" " * (1 << 20) + b"{}").status == 413
    assert agent.post(b" " * ((1 << 20) - 2) + b"{}").status == 400  # it was read


def test_a_client_says_hello_and_sees_the_tools(agent):
    hello = agent.ask("initialize", protocolVersion="2025-06-18", capabilities={}, clientInfo={})
    assert hello["protocolVersion"] == "2025-06-18"
    assert hello["serverInfo"] == {"name": "nanokvm-cube-remote-control", "version": "v1.0.0"}
    assert "tools" in hello["capabilities"]
    ready = agent.post({"jsonrpc": "2.0", "method": "notifications/initialized"})
    assert (ready.status, ready.body) == (202, b"")
    tools = {tool["name"]: tool["inputSchema"] for tool in agent.ask("tools/list")["tools"]}
    assert list(tools) == [
        f"cube_{name}"
        for name in (
            "type_text",
            "press_keys",
            "move_mouse",
            "click_mouse",
            "scroll_mouse",
            "screenshot",
        )
    ]
    assert all(schema["type"] == "object" for schema in tools.values())
    clicks = tools["cube_click_mouse"]["properties"]
    assert clicks["button"]["enum"] == ["left", "right", "middle"]
    assert (clicks["clicks"]["minimum"], clicks["clicks"]["maximum"]) == (1, 5)


def test_what_is_no_message_gets_the_protocols_error(agent):
    for body, status, code in (
        (b"{", 400, -32700),
        (b"[]", 400, -32600),
        (b"{}", 400, -32600),
        (b'{"jsonrpc":"2.0","id":1,"method":"resources/list"}', 200, -32601),
        (b'{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"x"}}', 200, -32602),
    ):
        reply = agent.post(body)
        assert (reply.status, reply.json()["error"]["code"]) == (status, code), body
    ping = {"jsonrpc": "2.0", "id": 1, "method": "ping"}
    assert agent.post(ping, **{"MCP-Protocol-Version": "1999-01-01"}).status == 400
    assert agent.post(ping, **{"MCP-Protocol-Version": "2025-06-18"}).status == 200


def test_a_text_is_typed_key_by_key(gadget, agent):
    start = time.monotonic()
    typed = agent.done("cube_type_text", text="aA\nß", delayMs=100)
    assert typed == {"typed": 3, "skipped": ["ß"], "skippedCount": 1}
    assert 0.2 <= time.monotonic() - start
    shifted, enter = bytes([2, 0, 4, 0, 0, 0, 0, 0]), bytes([0, 0, 0x28, 0, 0, 0, 0, 0])
    arrive(gadget.keyboard, [A, KEYS_UP, shifted, KEYS_UP, enter, KEYS_UP])


def test_keys_are_held_together(gadget, agent):
    assert agent.done("cube_press_keys", keys=["ctrl", "alt", "Delete"], holdMs=900) == {"ok": True}
    chord = bytes([5, 0, 0x4C, 0, 0, 0, 0, 0])
    arrive(gadget.keyboard, [chord, KEYS_UP])
    assert gadget.keyboard.reports[1][0] - gadget.keyboard.reports[0][0] >= 0.4


POINTING = [
    ({"x": 0.5, "y": 1}, [], ["000040ff7f00"]),
    ({"mode": "absolute", "x": 0, "y": 0}, [], ["000100010000"]),
    ({"mode": "relative", "deltaX": -3, "deltaY": 127}, ["00fd7f00"], []),
]


@pytest.mark.parametrize("arguments, relative, absolute", POINTING)
def test_the_pointer_moves(gadget, agent, arguments, relative, absolute):
    assert agent.done("cube_move_mouse", **arguments) == {"ok": True}
    arrive(gadget.relative, [bytes.fromhex(r) for r in relative])
    arrive(gadget.absolute, [bytes.fromhex(r) for r in absolute])


def test_far_moves_add_up(gadget, agent):
    agent.done("cube_move_mouse", mode="relative", deltaX=1000, deltaY=-300)

    def moved():
        steps = [struct.unpack("Bbbb", r) for r in gadget.relative.bytes()]
        return (sum(s[1] for s in steps), sum(s[2] for s in steps)) == (1000, -300)

    eventually(moved, 5, "all of the way")


def test_buttons_are_clicked_where_the_pointer_is_or_at_a_place(gadget, agent):
    agent.done("cube_click_mouse", button="right", clicks=2)
    down, up = bytes([2, 0, 0, 0]), bytes(4)
    arrive(gadget.relative, [down, up, down, up])
    agent.done("cube_click_mouse", button="left", mode="absolute", x=0.5, y=0.5)
    there = bytes.fromhex("000040004000")
    arrive(gadget.absolute, [there, b"\x01" + there[1:], there])


def test_the_wheel_turns(gadget, agent):
    agent.done("cube_scroll_mouse", deltaY=3)
    arrive(gadget.relative, [bytes([0, 0, 0, 0xFD])])


def test_people_see_that_an_agent_is_at_work(gadget, agent):
    with wire.WebSocket(gadget.admin, "/api/ws") as ws:
        end = agent.begin("cube_press_keys", keys=["b"], holdMs=300)
        assert not ws.status("input-owner", lambda d: d["owner"] == "an AI agent")["mine"]
        assert not end()["isError"]


def test_a_person_takes_over_at_once_and_is_left_alone(gadget, agent):
    held = bytes([4, 0, 0x3A, 0, 0, 0, 0, 0])
    with wire.WebSocket(gadget.admin, "/api/ws") as person:
        end = agent.begin("cube_press_keys", keys=["alt", "F1"], holdMs=1000)
        gadget.keyboard.expect(held)
        person.send(key(A))
        person.send(key(KEYS_UP))
        result = end()
        assert result["isError"] and "a person has taken over" in result["content"][0]["text"]
        arrive(gadget.keyboard, [held, KEYS_UP, A, KEYS_UP])


def test_after_a_person_no_tool_acts_for_a_while(gadget, agent):
    with wire.WebSocket(gadget.admin, "/api/ws") as person:
        person.send(key(A))
        person.send(key(KEYS_UP))
        acted = time.monotonic()
        arrive(gadget.keyboard, [A, KEYS_UP])
        assert "a person is at work" in agent.refused("cube_type_text", text="x")
    free = lambda: not agent.call("cube_type_text", text="a")["isError"]
    eventually(free, 10, "a tool that is not refused")
    assert time.monotonic() - acted >= COOL_DOWN - 0.1
    arrive(gadget.keyboard, [A, KEYS_UP, A, KEYS_UP])


def test_a_person_ends_a_long_text(gadget, agent):
    end = agent.begin("cube_type_text", **LONG)
    with wire.WebSocket(gadget.admin, "/api/ws") as person:
        gadget.keyboard.expect(KEYS_UP)
        person.send(key(B))
        person.send(key(KEYS_UP))
        assert "a person has taken over" in end()["content"][0]["text"]
    typed = gadget.keyboard.bytes()
    assert typed[-2:] == [B, KEYS_UP] and typed[:-2] == [A, KEYS_UP] * (len(typed) // 2 - 1)


def test_while_a_person_holds_a_key_no_tool_acts(gadget, agent):
    with wire.WebSocket(gadget.admin, "/api/ws") as person:
        person.send(key(A))
        gadget.keyboard.expect(A)
        time.sleep(COOL_DOWN + 0.5)
        assert "a person is at work" in agent.refused("cube_scroll_mouse", deltaY=1)
    assert gadget.relative.bytes() == []


def test_one_tool_acts_at_a_time(gadget, agent):
    end = agent.begin("cube_type_text", **LONG)
    gadget.keyboard.expect(KEYS_UP)
    assert "another tool is at work" in agent.refused("cube_scroll_mouse", deltaY=1)
    enable(gadget.admin, False)
    assert "switched over" in end()["content"][0]["text"]
    assert gadget.relative.bytes() == []


@pytest.mark.parametrize("how", ["off", "another key"])
def test_who_is_shut_out_stops(gadget, agent, how):
    end = agent.begin("cube_type_text", **LONG)
    gadget.keyboard.expect(KEYS_UP)
    if how == "off":
        gadget.admin.request("PUT", MODE, {"mode": "off"})
    else:
        gadget.admin.post("/api/mcp/key/regenerate")
    assert end()["isError"]
    assert gadget.keyboard.last() == KEYS_UP
    reply = agent.post({"jsonrpc": "2.0", "id": 1, "method": "ping"})
    assert reply.status == (403 if how == "off" else 401)


def test_another_key_opens_what_the_old_one_did(gadget, agent):
    agent.key = gadget.admin.post("/api/mcp/key/regenerate").json()["data"]["apiKey"]
    assert agent.ask("ping") == {}


def test_the_screen_is_shown_as_jpeg(moving, viewer):
    agent = Agent(moving.client(), enable(viewer)["apiKey"])
    shown = (
        lambda: not (result := agent.call("cube_screenshot", timeoutMs=20000))["isError"] and result
    )
    result = eventually(shown, 30, "a picture")
    image, data = result["content"][0], result["structuredContent"]
    jpeg = base64.b64decode(image["data"], validate=True)
    assert (image["type"], image["mimeType"]) == ("image", "image/jpeg")
    assert jpeg.startswith(b"\xff\xd8") and jpeg.endswith(b"\xff\xd9")
    assert (data["ok"], data["retCode"], data["message"]) == (True, 0, "")
    assert data["size"] == len(jpeg)
    at = jpeg.index(b"\xff\xc0")
    assert (data["height"], data["width"]) == struct.unpack(">HH", jpeg[at + 5 : at + 9])
    enable(viewer, False)


def test_the_screen_is_shown_in_the_quality_that_is_wished(moving, viewer):
    agent = Agent(moving.client(), enable(viewer)["apiKey"])

    def steps(**wishes):
        """How coarse the picture is: the sum of its table of steps."""
        result = agent.call("cube_screenshot", timeoutMs=20000, **wishes)
        picture = base64.b64decode(result["content"][0]["data"])
        return sum(Image.open(io.BytesIO(picture)).quantization[0])

    coarse, middle, fine = steps(quality=51), steps(quality=60), steps()
    assert coarse > middle > fine
    enable(viewer, False)


def test_neither_text_nor_key_is_logged(gadget, agent):
    agent.done("cube_type_text", text=SECRET, delayMs=5)
    agent.post({"jsonrpc": "2.0", "id": SECRET, "method": SECRET})
    agent.post({"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": {"name": SECRET}})
    agent.post(b'{"' + SECRET.encode())
    log = gadget.daemon.log()
    assert "tool used" in log and "cube_type_text" in log
    assert SECRET not in log and agent.key not in log
