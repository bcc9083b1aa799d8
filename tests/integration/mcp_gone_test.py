# SPDX-License-Identifier: LGPL-2.1-or-later
"""MCP clients that hang up during a tool: it ends, and nothing stays pressed."""
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


def test_what_is_held_for_who_hangs_up_is_let_go(gadget, agent):
    held = bytes([4, 0, 0x3A, 0, 0, 0, 0, 0])
    arguments = {"keys": ["alt", "F1"], "holdMs": 1000}
    agent.leave("cube_press_keys", arguments, lambda: gadget.keyboard.expect(held))
    said = 'tool used name=cube_press_keys why="the client hung up, after 1 of 2 steps"'
    eventually(lambda: said in gadget.daemon.log(), 5, "its end")
    arrive(gadget.keyboard, [held, KEYS_UP])


def test_no_picture_is_waited_for_when_nobody_waits(tmp_path):
    with Daemon(tmp_path) as daemon:
        admin = daemon.admin()
        admin.post("/api/vm/hdmi/disable")
        agent = Agent(daemon.client(), enable(admin)["apiKey"])
        begun = lambda: eventually(
            lambda: "signal state=no-signal" in daemon.log(), 10, "its begin"
        )
        agent.leave("cube_screenshot", {"timeoutMs": 30000}, begun)
        eventually(lambda: "tool used name=cube_screenshot" in daemon.log(), 10, "its end")
