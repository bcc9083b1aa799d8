# SPDX-License-Identifier: LGPL-2.1-or-later
"""The configuration file, read again by SIGHUP: what changes at once, what has to wait, and what a
file does that cannot be read."""
import os
import pty
import re
import signal

import pytest
import wire
from daemon import Daemon, eventually, yaml
from signaling_test import Signaling
from tls_test import free_port

SECRET = "xk3z9qw"


class Device:
    """A daemon whose configuration file changes while it runs."""

    def __init__(self, folder, settings=None):
        self.daemon = Daemon(folder, settings)

    def __enter__(self):
        self.daemon.start()
        return self

    def __exit__(self, *_):
        assert self.daemon.stop() == 0

    def write(self, settings):
        log = {"level": "info", "file": self.daemon.log_path, **settings.pop("logger", {})}
        self.daemon.config.write_text(yaml({"logger": log, **settings}))

    def hang_up(self):
        """Has the file read again; the lines that the log got meanwhile."""
        before = len(self.daemon.log())
        self.daemon.process.send_signal(signal.SIGHUP)
        over = re.compile(r" config (read again|the file cannot be taken)")
        eventually(lambda: over.search(self.daemon.log()[before:]), 10, "the end of it")
        lines = [line.split(" ", 1)[1] for line in self.daemon.log()[before:].splitlines()]
        return [line for line in lines if " config " in line]

    def take(self, **settings):
        self.write(settings)
        return [line for line in self.hang_up() if "read again" not in line]


@pytest.fixture
def device(tmp_path):
    with Device(tmp_path) as made:
        yield made


def changed(*keys):
    return [f"info config setting changed key={key}" for key in keys]


def test_a_file_that_says_the_same_changes_nothing(device):
    assert device.hang_up() == ["message config read again"]


def test_the_log_goes_on_in_a_new_file_once_the_old_one_was_renamed(device):
    log = device.daemon.log_path
    old = log.rename(log.with_name("log.1"))
    size = old.stat().st_size
    device.daemon.process.send_signal(signal.SIGHUP)
    eventually(lambda: log.exists() and "read again" in log.read_text(), 10, "the new file")
    assert "read again" not in old.read_text()[size:]


def test_the_level_of_the_log_changes_both_ways(device):
    def requests():
        before = len(device.daemon.log())
        device.daemon.client().get("/api/vm/info")
        device.hang_up()
        return device.daemon.log()[before:].count("GET /api/vm/info")

    assert requests() == 1
    device.write({"logger": {"level": "warn"}})
    device.daemon.process.send_signal(signal.SIGHUP)
    said = changed("logger.level")[0]
    eventually(lambda: said in device.daemon.log(), 10, "the line about it")
    before = len(device.daemon.log())
    device.daemon.client().get("/api/vm/info")
    assert device.take(logger={"level": "info"}) == [said], "said though it was silent before"
    assert "/api/vm/info" not in device.daemon.log()[before:]
    assert requests() == 1


def test_the_lockout_changes(tmp_path):
    def fail(address, times):
        client = device.daemon.client(address)
        return [client.login(wire.WRONG_FORM_W).json()["code"] for _ in range(times)]

    security = {"loginLockoutDuration": 600, "loginMaxFailures": 1}
    with Device(tmp_path, {"security": security}) as device:
        assert fail("127.0.3.1", 2) == [-2, -5]
        assert device.take(security={**security, "loginMaxFailures": 2}) == changed(
            "security.loginMaxFailures"
        )
        assert fail("127.0.3.2", 3) == [-2, -2, -5]
        off = {"loginLockoutDuration": 0, "loginMaxFailures": 2}
        assert device.take(security=off) == changed("security.loginLockoutDuration")
        assert fail("127.0.3.2", 1) == [-2], "with 0 nobody is locked out any more"
        assert device.daemon.client("127.0.3.2").login().json()["code"] == 0


def test_sessions_to_come_last_as_long_as_the_file_says_now(device):
    admin = device.daemon.admin()
    assert device.take(jwt={"refreshTokenDuration": 77}) == changed("jwt.refreshTokenDuration")
    reply = device.daemon.client().login()
    assert "Max-Age=77;" in reply.header("Set-Cookie")
    assert admin.get("/api/auth/account").status == 200


def test_what_a_logout_ends_changes(tmp_path):
    def logout_ends_the_other():
        one, other = device.daemon.admin(), device.daemon.admin()
        one.post("/api/auth/logout")
        return other.get("/api/auth/account").status == 401

    key = "k" * 50
    with Device(tmp_path, {"jwt": {"secretKey": key}}) as device:
        assert logout_ends_the_other()
        kept = {"secretKey": key, "revokeTokensOnLogout": False}
        assert device.take(jwt=kept) == changed("jwt.revokeTokensOnLogout")
        assert not logout_ends_the_other()


def test_viewers_to_come_are_told_the_other_servers(device):
    turn = {"turnAddr": "turn.example:3478", "turnUser": SECRET, "turnCred": SECRET}
    said = device.take(stun="stun.example:3478", turn=turn)
    assert said == changed("stun", "turn.turnAddr", "turn.turnUser", "turn.turnCred")
    with Signaling(device.daemon.admin()) as ws:
        assert ws.servers == [
            {"urls": ["stun:stun.example:3478"]},
            {"urls": ["turn:turn.example:3478"], "username": SECRET, "credential": SECRET},
        ]
    assert SECRET not in device.daemon.log()


def test_a_key_that_needs_a_restart_is_named_as_often_as_it_is_read(device):
    settings = {"port": {"https": 8444}, "video": {"fps": 25}, "jwt": {"secretKey": SECRET * 7}}
    names = ("port.https", "jwt.secretKey", "video.fps")
    wanted = [f"warning config setting counts from the next start on key={n}" for n in names]
    assert device.take(**settings) == wanted == device.take(**settings)
    assert SECRET not in device.daemon.log()
    assert device.take() == [], "as it was when it started"


def test_https_switched_by_a_page_is_what_the_file_says(tmp_path):
    with Device(tmp_path, {"port": {"https": free_port()}}) as device:
        admin = device.daemon.admin()
        assert admin.post("/api/vm/tls", {"enabled": True}, limit=60).json()["code"] == 0
        assert "proto: https\n" in device.daemon.config.read_text()
        assert device.hang_up() == ["message config read again"]


def test_what_is_wrong_in_it_is_left_out_and_said_again(device):
    (line,) = device.take(security={"loginMaxFailures": "eighty"})
    assert line.startswith("warning config ") and "loginMaxFailures: must be 1..1000" in line


BROKEN = {
    "no YAML": "a: [\n",
    "a key twice": "stun: a.example:1\nstun: b.example:2\nhost: 127.0.0.1\nhost: 127.0.0.2\n",
    "not there": None,
}


@pytest.mark.parametrize("text", BROKEN.values(), ids=BROKEN)
def test_a_file_that_cannot_be_read_changes_nothing_and_says_why(device, text):
    admin = device.daemon.admin()
    good = device.daemon.config.read_text()
    device.daemon.config.unlink()
    if text is not None:
        device.daemon.config.write_text("security:\n  loginMaxFailures: 1\n" + text)
    *why, last = device.hang_up()
    assert why and all(str(device.daemon.config) in line for line in why)
    assert last == "warning config the file cannot be taken: what was read before counts"
    links = {link["link"]: link for link in admin.get("/api/doctor").json()["data"]["links"]}
    assert links["settings"]["state"] == "warning"
    assert str(device.daemon.config) in links["settings"]["what"]
    wrong = device.daemon.client("127.0.3.3")
    assert [wrong.login(wire.WRONG_FORM_W).json()["code"] for _ in range(2)] == [-2, -2]
    device.daemon.config.write_text(good)
    assert device.hang_up() == ["message config read again"]
    links = {link["link"]: link for link in admin.get("/api/doctor").json()["data"]["links"]}
    assert links["settings"]["state"] == "ok"


def test_many_signals_at_once_are_all_heard(device):
    device.write({"jwt": {"refreshTokenDuration": 5000}})
    for _ in range(50):
        device.daemon.process.send_signal(signal.SIGHUP)
    device.write({"jwt": {"refreshTokenDuration": 6000}})
    device.daemon.process.send_signal(signal.SIGHUP)
    lasts = lambda: "Max-Age=6000;" in device.daemon.client().login().header("Set-Cookie")
    eventually(lasts, 10, "what was written last")


def test_a_terminal_that_is_closed_takes_the_daemon_with_it(tmp_path):
    daemon = Daemon(tmp_path)
    pid, terminal = pty.fork()
    if pid == 0:
        os.execve(daemon.command[0], [str(c) for c in daemon.command], daemon.environment)
    eventually(lambda: "pipeline chosen" in daemon.log(), 30, "its start")
    os.close(terminal)

    def end():
        done, status = os.waitpid(pid, os.WNOHANG)
        return done and (True, os.waitstatus_to_exitcode(status))

    assert eventually(end, 15, "the end of it") == (True, 0)
    assert "message app stopping" in daemon.log()
