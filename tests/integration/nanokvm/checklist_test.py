# SPDX-License-Identifier: LGPL-2.1-or-later
"""What breaks clients when it is missed, as far as no other test is about it; see checklist.txt."""
import re
import threading
import time

import pytest
import wire
from daemon import Daemon

SEMVER = r"\d+\.\d+\.\d+(-[0-9A-Za-z.-]+)?"
SEVERAL_ACCOUNTS = (2, 5, 1)  # where a client's other way to change a password ends
# Posted with nothing in them by one client or the other.
NO_FIELDS = """
/api/hid/reset /api/vm/hdmi/reset /api/vm/hdmi/enable /api/vm/hdmi/disable
/api/stream/mjpeg/detect
"""
IMAGE_BYTES = 1 << 20


@pytest.fixture(scope="module")
def images(tmp_path_factory):
    folder = tmp_path_factory.mktemp("images")
    for name in "ab":
        (folder / f"{name}.img").write_bytes(bytes(IMAGE_BYTES))
    return folder


@pytest.fixture(scope="module")
def served(tmp_path_factory, images):
    settings = {"storage": {"directory": images, "reserve_mib": 0}}
    with Daemon(tmp_path_factory.mktemp("checklist"), settings) as daemon:
        yield daemon


@pytest.fixture(scope="module")
def owner(served):
    return served.admin()


def data(reply):
    answer = reply.json()
    assert answer["code"] == 0, answer
    return answer["data"]


def test_errors_come_with_status_200_and_only_sessions_use_others(served, owner):
    for path, body in (
        ("/api/vm/gpio", {"type": "lever"}),
        ("/api/storage/image/mount", {"file": "/none.iso"}),
        ("/api/auth/login", {"username": "admin", "password": "%%%"}),
        ("/api/network/wol", {"mac": "no address"}),
    ):
        reply = owner.post(path, body)
        assert reply.status == 200 and reply.json()["code"] < 0, path
    reply = served.client().get("/api/vm/info")
    assert (reply.status, reply.body) == (401, b'"unauthorized"')


def test_a_client_finds_the_types_that_it_parses(served, owner):
    info = data(owner.get("/api/vm/info"))
    assert isinstance(info["ips"], list)
    assert re.fullmatch(SEMVER, info["application"])
    version = tuple(map(int, info["application"].split("-")[0].split(".")))
    assert version >= SEVERAL_ACCOUNTS, "or else its account routes are not called"
    assert re.fullmatch(r"\S+", info["deviceKey"])
    assert data(owner.get("/api/vm/info"))["deviceKey"] == info["deviceKey"]
    assert data(owner.get("/api/vm/hardware")) == {"version": "PCIE"}
    cdrom = data(owner.get("/api/storage/cdrom"))["cdrom"]
    assert type(cdrom) is int and cdrom in (0, 1)


def test_nothing_to_wake_is_an_empty_list(owner):
    assert data(owner.get("/api/network/wol/mac")) == {"macs": []}


@pytest.mark.parametrize("path", NO_FIELDS.split())
@pytest.mark.parametrize("body", [b"", b"{}"], ids=["nothing", "no field"])
def test_an_empty_body_will_do_where_no_field_is_needed(owner, path, body):
    data(owner.request("POST", path, body, content="application/json"))


def test_everything_else_goes_on_during_a_press(served, owner):
    press = threading.Thread(
        target=owner.post, args=("/api/vm/gpio", {"type": "reset", "duration": 2000})
    )
    other = served.admin()
    press.start()
    answered = 0
    while press.is_alive() and answered < 50:
        data(other.get("/api/vm/gpio"))
        answered += 1
    press.join()
    assert answered == 50


def test_a_socket_needs_the_cookie_and_no_origin(served, owner):
    with wire.WebSocket(owner, "/api/ws") as ws:
        ws.status("hid-led-status")
    with pytest.raises(wire.Refused) as refused:
        wire.WebSocket(served.client(), "/api/ws")
    assert refused.value.status == 401


def test_mounts_at_the_same_time_leave_one_image_mounted(owner, images):
    files = [str(images / f"{name}.img") for name in "ab"] * 4
    mounts = [
        threading.Thread(target=owner.post, args=("/api/storage/image/mount", {"file": file}))
        for file in files
    ]
    for mount in mounts:
        mount.start()
    for mount in mounts:
        mount.join()
    end = time.monotonic() + 10
    while (now := data(owner.get("/api/storage/image/mounted"))["file"]) not in files:
        assert time.monotonic() < end, now
    assert data(owner.post("/api/storage/image/mount", {})) is None
    assert data(owner.get("/api/storage/image/mounted"))["file"] == ""
