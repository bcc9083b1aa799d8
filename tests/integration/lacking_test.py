# SPDX-License-Identifier: LGPL-2.1-or-later
"""What clients of the wire ask for and this device may lack is answered as one without it answers,
so that a client's whole poll succeeds."""
import os
import time

import pytest
import wire
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
    assert answer["code"] == -2 and "no display" in wire.words(answer)


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


# What the program is told, and what it says.
SPEAKS = """
echo "$*" >> {calls}
case "$1" in
status) echo '{{"BackendState":"{state}"}}';;
login) printf 'To authenticate, visit:\\n\\n\\thttps://login.example.org/a/1f2\\n\\n' >&2; exit 1;;
down) test {state} = Stopped && exit 0; echo 'not allowed' >&2; exit 1;;
esac"""
TAILSCALE = "/api/extensions/tailscale"


@pytest.fixture
def tailnet(tmp_path):
    """Starts a daemon beside such a program; calls() are those that changed something."""
    from contextlib import contextmanager

    @contextmanager
    def start(state):
        calls = tmp_path / "calls"
        env = program(tmp_path / "bin", SPEAKS.format(calls=calls, state=state))
        with Daemon(tmp_path / "d", env=env) as daemon:
            admin = daemon.admin()
            admin.calls = lambda: [c for c in calls.read_text().splitlines() if "json" not in c]
            admin.log = daemon.log
            yield admin

    return start


def test_tailscale_is_told_what_is_asked_for(tailnet):
    with tailnet("Running") as admin:
        for verb in ("up", "logout"):
            answer = admin.post(f"{TAILSCALE}/{verb}").json()
            assert answer == {"code": 0, "msg": "success", "data": None}
        assert admin.calls() == ["up --accept-dns=false --timeout=8s", "logout"]


def test_tailscale_is_told_to_go(tailnet):
    with tailnet("Stopped") as admin:
        assert admin.post(f"{TAILSCALE}/down").json()["code"] == 0
        assert admin.calls() == ["down"]


def test_what_tailscale_refuses_is_answered_in_its_words(tailnet):
    with tailnet("Running") as admin:
        answer = admin.post(f"{TAILSCALE}/down").json()
        assert (answer["code"], wire.words(answer)) == (-1, "down failed: tailscale: not allowed")


def test_a_login_answers_the_page_to_sign_in_on_and_keeps_it_out_of_the_log(tailnet):
    with tailnet("NeedsLogin") as admin:
        answer = admin.post(f"{TAILSCALE}/login").json()
        assert answer["data"] == {"url": "https://login.example.org/a/1f2"}
        assert admin.calls() == ["login --accept-dns=false --timeout=5s"]
        assert "login.example.org" not in admin.log()


def test_who_is_signed_in_needs_no_page(tailnet):
    with tailnet("Running") as admin:
        assert admin.post(f"{TAILSCALE}/login").json()["data"] == {"url": ""}


def test_programs_come_and_go_with_the_package_manager(admin):
    for verb in ("install", "uninstall"):
        answer = admin.post(f"{TAILSCALE}/{verb}").json()
        assert answer["code"] == -1 and "package manager" in wire.words(answer)


@pytest.mark.parametrize("verb, code", {"up": -1, "down": -1, "logout": -1, "login": -2}.items())
def test_without_the_program_nothing_is_pretended(tmp_path, verb, code):
    with Daemon(tmp_path / "d", env={"PATH": str(tmp_path)}) as daemon:
        answer = daemon.admin().post(f"{TAILSCALE}/{verb}").json()
        assert answer["code"] == code and "there is no program tailscale" in wire.words(answer)
