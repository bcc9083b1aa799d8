# SPDX-License-Identifier: LGPL-2.1-or-later
"""How a WebSocket ends whose peer does not want to: nothing more is heard from it."""
import time

import pytest
import wire
from hid_test import KEYS_UP, A, B, key


@pytest.mark.parametrize(
    "path, part", [("/api/ws", 4000), ("/api/stream/h264/direct", 60), ("/api/stream/h264", 60000)]
)
def test_a_message_in_parts_without_an_end_ends_the_socket(gadget, path, part):
    with wire.WebSocket(gadget.admin, path) as ws:
        ws.frame(2, bytes(part), final=False)
        with pytest.raises(OSError):
            for _ in range((4 << 20) // part):
                ws.frame(0, bytes(part), final=False)


def test_who_was_signed_out_and_does_not_hang_up_types_no_more(gadget):
    client = gadget.daemon.client()
    assert client.login().json()["code"] == 0
    with wire.WebSocket(client, "/api/ws") as ws:
        ws.send(key(A))
        gadget.keyboard.expect(A)
        client.post("/api/auth/logout")
        gadget.keyboard.expect(KEYS_UP)
        told = len(gadget.keyboard.reports)
        end = time.monotonic() + 4
        with pytest.raises(OSError):
            while time.monotonic() < end:
                ws.send(key(B))
                time.sleep(0.02)
        assert len(gadget.keyboard.reports) == told
    assert gadget.admin.login().json()["code"] == 0
