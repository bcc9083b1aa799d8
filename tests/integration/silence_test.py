# SPDX-License-Identifier: LGPL-2.1-or-later
"""Sockets whose client says nothing for long: which stay, and which are told to go."""
import time

import pytest
import wire

OLDEST = 95  # seconds; each test looks at sockets that were opened together


@pytest.fixture(scope="module")
def sockets(viewer):
    """All of them open, and 95 s later."""
    opened = {
        "silent": wire.WebSocket(viewer, "/api/ws"),
        "one JSON message": wire.WebSocket(viewer, "/api/ws"),
        "signaling": wire.WebSocket(viewer, "/api/stream/h264"),
    }
    opened["one JSON message"].send([2, 2, 0, 5, 5])
    begun = time.monotonic()
    code, reason = opened["silent"].close_code(OLDEST)
    opened["told"] = (code, reason, time.monotonic() - begun)
    time.sleep(max(0, begun + OLDEST - time.monotonic()))
    yield opened
    for name in ("silent", "one JSON message", "signaling"):
        opened[name].socket.close()


def test_who_never_says_anything_is_told_to_go_after_90_s(sockets):
    code, reason, seconds = sockets["told"]
    assert (code, reason) == (1001, "nothing heard for 90 s") and seconds > 80


def test_a_json_client_that_said_one_thing_stays(sockets):
    ws = sockets["one JSON message"]
    ws.send([2, 2, 0, 5, 5])
    ws.frame(9, b"there?")
    assert ws.pong() == b"there?"


def test_a_viewer_that_has_not_offered_yet_stays(sockets):
    ws = sockets["signaling"]
    ws.frame(9, b"there?")
    assert ws.pong() == b"there?"
