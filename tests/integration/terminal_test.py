# SPDX-License-Identifier: LGPL-2.1-or-later
"""The web terminal: a shell in front of a socket, for admins, where it is switched on."""
import json
import os
import pathlib
import pwd
import re
import time

import pytest
import wire
from daemon import Daemon, eventually

PATH = "/api/vm/terminal"


@pytest.fixture(scope="module")
def device(tmp_path_factory):
    with Daemon(tmp_path_factory.mktemp("terminal"), {"system": {"terminal": True}}) as daemon:
        yield daemon


@pytest.fixture
def owner(device):
    return device.admin()


class Shell:
    """What stands on the other side."""

    def __init__(self, owner):
        self.socket = wire.WebSocket(owner, PATH)
        self.shown = ""

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.socket.socket.close()

    def type(self, text):
        self.socket.send(text)

    def until(self, pattern, limit=wire.LIMIT):
        end = time.monotonic() + limit
        while not (found := re.search(pattern, self.shown)):
            opcode, data = self.socket.receive(max(end - time.monotonic(), 0.001))
            assert opcode == wire.BINARY and 0 < len(data) <= 1024
            self.shown += data.decode(errors="replace")
        self.shown = self.shown[found.end() :]
        return found

    def ask(self, command):
        """What one line of a command's answer is; the echo of the typing does not match."""
        self.type(f"echo a''nswer=$({command})=\r")
        return self.until("answer=(.*)=")[1]


@pytest.fixture
def shell(owner):
    with Shell(owner) as opened:
        yield opened


def test_what_is_typed_is_run_and_its_answer_comes_as_bytes(shell):
    assert shell.ask("echo $((6 * 7))") == "42"


def test_it_is_a_terminal_of_its_own_with_job_control(shell):
    assert shell.ask("tty").startswith("/dev/pts/")
    assert shell.ask("echo $TERM") == "xterm-256color"
    shell.type("sh -c 'echo sta\"\"rted; exec sleep 60'\r")
    shell.until("started")
    shell.type("\x03")
    assert shell.ask("echo here") == "here"


def test_its_size_is_the_pages(shell):
    for rows, columns in ((30, 100), (50, 132)):
        shell.socket.send(json.dumps({"rows": rows, "cols": columns}).encode())
        assert shell.ask("stty size") == f"{rows} {columns}"


@pytest.mark.parametrize(
    "size", [b"", b"{", b"[]", b"{}", b'{"rows":0,"cols":80}', b'{"rows":"9","cols":1e9}', b"\xff"]
)
def test_a_size_that_is_none_is_passed_over(shell, size):
    shell.socket.send(b'{"rows":24,"cols":80}')
    shell.socket.send(size)
    assert shell.ask("stty size") == "24 80"


def test_it_runs_as_nobody_and_sees_nothing_of_ours(shell):
    if os.geteuid() == 0:
        assert shell.ask("id -u") == str(pwd.getpwnam("nobody").pw_uid)
    assert shell.ask("env | grep -c -e GST -e PANTO -e DBUS") == "0"
    descriptors = shell.ask("ls /proc/$$/fd | tr '\\n' ' '").split()
    assert {"0", "1", "2"} <= set(descriptors) <= {"0", "1", "2", "3", "10", "255"}
    assert set(shell.ask("ls /proc/$$/fd | tr '\\n' ' '").split()) <= {
        "0",
        "1",
        "2",
        "3",
        "10",
        "255",
    }


def test_when_the_shell_ends_so_does_the_socket(shell):
    shell.type("exit\r")
    assert shell.socket.close_code() == (1000, "")


def test_when_the_socket_ends_so_does_the_shell(owner):
    with Shell(owner) as shell:
        process = pathlib.Path("/proc") / shell.ask("echo $$")
        assert process.exists()
    eventually(lambda: not process.exists(), 10, "the shell's end")


def test_a_shell_that_minds_no_hang_up_is_killed(owner):
    with Shell(owner) as shell:
        shell.type("trap '' HUP\r")
        process = pathlib.Path("/proc") / shell.ask("echo $$")
        shell.type("while :; do sleep 1; done\r")
    eventually(lambda: not process.exists(), 15, "the shell's end")


def test_a_page_that_does_not_read_makes_the_shell_wait(owner, device):
    before = memory(device)
    with Shell(owner) as shell:
        shell.type("yes | head -c 100000000; echo do''ne\r")
        time.sleep(2)
        assert memory(device) - before < 16 << 20
        shell.type("\x03")
        assert shell.ask("echo alive") == "alive"


def memory(device):
    text = pathlib.Path(f"/proc/{device.process.pid}/status").read_text()
    return int(re.search(r"VmRSS:\s+(\d+)", text)[1]) << 10


def test_there_are_four_at_the_most(owner):
    shells = [Shell(owner) for _ in range(4)]
    with wire.WebSocket(owner, PATH) as fifth:
        assert fifth.close_code() == (1008, "there are 4 terminals already")
    for shell in shells:
        with shell:
            assert shell.ask("echo here") == "here"
    with Shell(owner) as another:
        assert eventually(lambda: another.ask("echo here"), 10, "a seat") == "here"


def test_it_ends_with_its_session(device):
    client = device.client()
    client.login()
    with Shell(client) as shell:
        shell.ask("echo here")
        client.post("/api/auth/logout")
        assert shell.socket.close_code()[0] == 4401


def test_nothing_typed_or_shown_is_logged(owner, device):
    with Shell(owner) as shell:
        shell.ask("echo xkcd9q3zjw")
    assert "terminal opened" in device.log() and "xkcd9q3zjw" not in device.log()


def test_it_is_off_unless_the_configuration_says_otherwise(admin):
    with wire.WebSocket(admin, PATH) as ws:
        code, why = ws.close_code()
        assert code == 1008 and "set system.terminal" in why


@pytest.mark.parametrize(
    "wrong, why",
    [({"shell": "/bin/none"}, "no program /bin/none"), ({"user": "no-such"}, "no user")],
)
def test_what_cannot_be_started_is_named(tmp_path, wrong, why):
    with Daemon(tmp_path, {"system": {"terminal": True, **wrong}}) as daemon:
        with wire.WebSocket(daemon.admin(), PATH) as ws:
            if "user" in wrong and os.geteuid() != 0:  # only root can be another
                return
            code, reason = ws.close_code()
            assert code == 1011 and why in reason
