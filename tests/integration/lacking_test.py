# SPDX-License-Identifier: LGPL-2.1-or-later
"""What clients of the wire ask for and this device may lack is answered as one without it answers,
so that a client's whole poll succeeds."""
import os
import time

import pytest
from daemon import Daemon

# What a home automation asks for, one after the other, every half minute.
POLL = """vm/info vm/hostname vm/hardware vm/gpio vm/device/virtual vm/ssh vm/mdns hid/mode vm/oled
network/wifi vm/mouse-jiggler extensions/tailscale/status storage/image/mounted storage/cdrom"""
ANSWERS = {
    "/api/vm/hardware": {"version": "PCIE"},
    "/api/vm/oled": {"exist": False, "sleep": 0},
    "/api/network/wifi": {"supported": False, "apMode": False, "connected": False, "ssid": ""},
}


@pytest.mark.parametrize("path, data", ANSWERS.items())
def test_what_is_not_here_is_said_to_be_missing(admin, path, data):
    assert admin.get(path).json() == {"code": 0, "msg": "success", "data": data}


def test_a_display_that_is_not_there_takes_no_setting(admin):
    answer = admin.post("/api/vm/oled", {"sleep": 60}).json()
    assert answer["code"] == -2 and "no display" in answer["msg"]


def test_everything_that_a_home_automation_polls_is_answered(admin):
    start = time.monotonic()
    for path in POLL.split():
        answer = admin.get(f"/api/{path}").json()
        assert answer["code"] == 0 and answer["data"] is not None, (path, answer)
    assert time.monotonic() - start < 10


def program(folder, text):
    folder.mkdir()
    (folder / "tailscale").write_text(f"#!/bin/sh\n{text}\n")
    (folder / "tailscale").chmod(0o755)
    return {"PATH": f"{folder}:{os.environ['PATH']}"}


PROGRAMS = {
    "running": (
        'test "$*" = "status --json" && echo \'{"BackendState":"Running","Self":{"HostName":"kvm"}}\'',
        {"state": "running", "name": "kvm", "ip": "", "account": ""},
    ),
    "failing": ("exit 1", {"state": "notRunning", "name": "", "ip": "", "account": ""}),
    "hanging": ("exec sleep 60", {"state": "notRunning", "name": "", "ip": "", "account": ""}),
}


@pytest.mark.parametrize("text, data", PROGRAMS.values(), ids=PROGRAMS)
def test_tailscale_tells_its_state_in_bounded_time(tmp_path, text, data):
    with Daemon(tmp_path / "d", env=program(tmp_path / "bin", text)) as daemon:
        answer = daemon.admin().get("/api/extensions/tailscale/status").json()
        assert answer == {"code": 0, "msg": "success", "data": data}


def test_tailscale_that_is_not_installed_says_so(tmp_path):
    with Daemon(tmp_path / "d", env={"PATH": str(tmp_path)}) as daemon:
        answer = daemon.admin().get("/api/extensions/tailscale/status").json()
        assert answer["data"] == {"state": "notInstall", "name": "", "ip": "", "account": ""}
