# SPDX-License-Identifier: LGPL-2.1-or-later
"""A capture device that gives no picture: what a viewer gets, and what is said about it."""
import io
import time

import pytest
import wire
from daemon import Daemon
from PIL import Image

NODES = {"missing": "/dev/nosuchvideo", "no capture device": "/dev/null"}


@pytest.fixture(scope="module", params=NODES)
def broken(request, tmp_path_factory):
    folder = tmp_path_factory.mktemp("broken")
    with Daemon(folder, {"video": {"device": NODES[request.param]}}) as daemon:
        yield request.param, daemon


def warnings(daemon):
    return [line for line in daemon.log().splitlines() if " warning " in line]


def test_a_device_without_a_picture_has_a_state_and_a_reason(broken):
    how, daemon = broken
    client = daemon.admin()
    client.get("/api/stream/snapshot", limit=30)  # somebody watches
    with wire.WebSocket(client, "/api/ws") as ws:
        said = ws.status("signal", lambda s: s["state"] != "unknown")
    assert said["state"] == "device-lost"
    assert said["reason"] and said["cure"]
    assert NODES[how] in said["reason"] + said["cure"]


@pytest.mark.parametrize("broken", ["missing"], indirect=True)
def test_a_device_that_may_yet_come_is_a_drawn_picture(broken):
    reply = broken[1].admin().get("/api/stream/snapshot")
    assert reply.status == 200
    assert Image.open(io.BytesIO(reply.body)).size == (1280, 720)


def test_what_does_not_work_again_and_again_is_said_once(broken):
    how, daemon = broken
    with wire.WebSocket(daemon.admin(), "/api/stream/h264/direct"):
        time.sleep(2.5)  # two more tries
        before = len(warnings(daemon))
        time.sleep(3)  # three more
        assert warnings(daemon)[before:] == []
    assert how == "missing" or any(NODES[how] in line for line in warnings(daemon))
