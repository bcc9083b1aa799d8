# SPDX-License-Identifier: LGPL-2.1-or-later
"""MCP clients that hang up during a tool: it ends, and nothing stays pressed."""
import json
import pathlib

import pytest
from daemon import Daemon, eventually
from mcp_test import A, KEYS_UP, LONG, Agent, agent, arrive, enable  # agent is a fixture


@pytest.mark.parametrize("half", [False, True], ids=["whole", "half"])
def test_who_hangs_up_is_typed_for_no_more(gadget, agent, half):
    answer = agent.leave("cube_type_text", LONG, lambda: gadget.keyboard.expect(KEYS_UP), half)
    assert not half or b"the client hung up" in answer
    free = lambda: not agent.call("cube_scroll_mouse", deltaY=1)["isError"]
    eventually(free, 10, "the end of a text that takes 30 s")
    typed = gadget.keyboard.bytes()
    assert typed == [A, KEYS_UP] * (len(typed) // 2) and len(typed) < 2 * len(LONG["text"])
    assert 'tool used name=cube_type_text why="the client hung up' in gadget.daemon.log()


def send_and_hang_up(gadget, text):
    """As a closed page does, once its text has begun to be typed."""
    body = json.dumps({"content": text})
    head = f"POST /api/hid/paste HTTP/1.1\r\nHost: x\r\nCookie: nano-kvm-token={gadget.admin.token}\r\n"
    with gadget.admin.connect() as connection:
        connection.sendall(f"{head}Content-Length: {len(body)}\r\n\r\n{body}".encode())
        gadget.keyboard.expect(KEYS_UP)


def test_a_long_text_that_is_pasted_ends_with_who_sent_it(gadget, agent):
    send_and_hang_up(gadget, "a" * 20000)  # minutes
    free = lambda: gadget.admin.post("/api/hid/paste", {"content": "b"}).json()["code"] == 0
    eventually(free, 20, "the end of a text that takes minutes")


def test_a_text_that_a_nanokvm_would_take_is_typed_to_its_end(gadget, agent):
    send_and_hang_up(gadget, "a" * 150)
    typed = lambda: gadget.keyboard.bytes().count(A)
    eventually(lambda: typed() == 150, 20, "all of a text")


def test_what_is_held_for_who_hangs_up_is_let_go(gadget, agent):
    held = bytes([4, 0, 0x3A, 0, 0, 0, 0, 0])
    arguments = {"keys": ["alt", "F1"], "holdMs": 1000}
    agent.leave("cube_press_keys", arguments, lambda: gadget.keyboard.expect(held))
    said = 'tool used name=cube_press_keys why="the client hung up, after 1 of 2 steps"'
    eventually(lambda: said in gadget.daemon.log(), 5, "its end")
    arrive(gadget.keyboard, [held, KEYS_UP])


SILENT = """
name: capture
kind: capture
launch: appsrc name=silent is-live=true caps=video/x-raw,format=I420,width=64,height=64,framerate=30/1
"""


def test_no_picture_is_waited_for_when_nobody_waits(tmp_path):
    (tmp_path / "pipelines").mkdir()
    (tmp_path / "pipelines/capture.yaml").write_text(SILENT)
    with Daemon(tmp_path, {"video": {"pipelines_dir": tmp_path / "pipelines"}}) as daemon:
        agent = Agent(daemon.client(), enable(daemon.admin())["apiKey"])
        captures = lambda: b"silent" in b"".join(
            path.read_bytes()
            for path in pathlib.Path(f"/proc/{daemon.process.pid}/task").glob("*/comm")
        )
        assert not captures()
        begun = lambda: eventually(captures, 10, "its begin")
        agent.leave("cube_screenshot", {"timeoutMs": 30000}, begun)
        eventually(lambda: "tool used name=cube_screenshot" in daemon.log(), 10, "its end")
