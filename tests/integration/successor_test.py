# SPDX-License-Identifier: LGPL-2.1-or-later
"""A script that opens a socket for each key it presses loses none of them, however it closes them."""
import pytest
import wire
from daemon import eventually

KEYS_UP = bytes(8)


def key(usage):
    return bytes([0, 0, usage, 0, 0, 0, 0, 0])


def press(ws, usage):
    ws.send(bytes([1]) + key(usage))
    ws.send(bytes([1]) + KEYS_UP)


@pytest.fixture
def keyboard(gadget):
    gadget.admin.post("/api/hid/reset")
    gadget.keyboard.expect(KEYS_UP)
    return gadget.keyboard


def close(ws, how):
    if how == "closed":
        ws.close()
    elif how == "cut":
        ws.socket.close()


def presses(keyboard):
    return [r for r in keyboard.bytes() if r != KEYS_UP]


@pytest.mark.parametrize("how", ["closed", "cut", "left open"])
def test_the_next_socket_of_a_session_has_the_input_at_once(gadget, keyboard, how):
    keyboard.reports.clear()
    sockets, usages = [], range(4, 16)
    try:
        for n, usage in enumerate(usages, 1):
            sockets.append(wire.WebSocket(gadget.admin, "/api/ws"))
            press(sockets[-1], usage)
            arrived = lambda: len(presses(keyboard)) == n and keyboard.last() == KEYS_UP
            eventually(arrived, 5, f"key {n}")
            close(sockets[-1], how)
        assert presses(keyboard) == [key(usage) for usage in usages]
    finally:
        for ws in sockets:
            ws.socket.close()


@pytest.mark.parametrize("how", ["closed", "cut"])
def test_what_a_peer_sent_just_before_it_went_counts(gadget, keyboard, how):
    keyboard.reports.clear()
    usages = range(4, 24)
    for usage in usages:  # nobody reads what the daemon says meanwhile: the connection is reset
        ws = wire.WebSocket(gadget.admin, "/api/ws")
        press(ws, usage)
        close(ws, how)
    eventually(lambda: len(presses(keyboard)) >= len(usages), 10, "all keys")
    assert presses(keyboard) == [key(usage) for usage in usages]
