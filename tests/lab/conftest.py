# SPDX-License-Identifier: LGPL-2.1-or-later
"""The lab machine, booted once for all tests of this folder; by each of several processes that share
its files (pytest -n 2 --dist loadfile), once for those that it gets."""
import contextlib
import json
import os
import pathlib
import socket
import subprocess
import time

import figures
import pytest

ROOT = pathlib.Path(__file__).resolve().parents[2]
SCRIPTS = ROOT / "tests/lab/machine"
BUILD = pathlib.Path(os.environ.get("PANTOGRAPH_BUILD", ROOT / "build"))
GUEST_AGENT = 7000
GUEST_HTTP = 8080
LONGEST = "doctor power hdmi storage_url usb_start sound typing storage usb edid usb_crash usb_network resources".split()  # files, the longest first


def eventually(condition, seconds, what):
    """Returns condition()'s first true value; fails after so many seconds without one. It asks less
    often by and by: each answer is work for the emulated processors that one waits for."""
    begun = time.monotonic()
    while not (value := condition()):
        waited = time.monotonic() - begun
        assert waited < seconds, f"{what}: not within {seconds} s"
        time.sleep(min(max(0.05, waited / 10), 0.3))
    return value


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


class Machine:
    """A running lab machine. `share` is the folder that it sees as /lab."""

    def __init__(self, share):
        self.share = share
        self.http_port = free_port()
        self._agent_port = free_port()
        self._environment = {
            "GST_PLUGIN_PATH": os.environ.get("GST_PLUGIN_PATH", BUILD / "plugins"),
            "GST_REGISTRY": os.environ.get("GST_REGISTRY", BUILD / "registry.bin"),
        }
        command = [SCRIPTS / "run", "-o", share, "-t", "2300"]
        command += [
            "-p",
            f"{self._agent_port}:{GUEST_AGENT}",
            "-p",
            f"{self.http_port}:{GUEST_HTTP}",
        ]
        for name, value in self._environment.items():
            command += ["-e", f"{name}={value}"]
        command += ["/usr/bin/python3", SCRIPTS / "agent.py"]
        self._process = subprocess.Popen(command, cwd=ROOT)

    def booted(self):
        assert self._process.poll() is None, "the lab machine ended"
        return (self.share / "ready").exists()

    def attempt(self, script, seconds=240):
        """Runs a bash script that knows lib.sh; returns its exit status and what it printed.

        All waits are timed here: under load the emulated clock may run three times too fast.
        """
        with socket.create_connection(("127.0.0.1", self._agent_port), timeout=seconds) as s:
            s.sendall(json.dumps(script).encode() + b"\n")
            answer = json.loads(s.makefile().readline())
        return answer["status"], answer["output"]

    def run(self, script, seconds=240):
        """What the script printed; fails when the script does."""
        status, output = self.attempt(script, seconds)
        assert status == 0, f"{script!r} ended with {status}:\n{output}"
        return output

    @contextlib.contextmanager
    def running(self, name, command):
        """A program that runs as long as the block does; its output grows in share/NAME.log."""
        line = f"setsid {command} >/lab/{name}.log 2>&1 </dev/null & echo $!"
        program = Program(self, name, self.run(line).strip())
        try:
            yield program
        finally:
            self.run(f"kill {program.pid} || true; wait_for 30 test ! -e /proc/{program.pid}")

    def power_off(self):
        self._process.terminate()
        self._process.wait(20)


class Program:
    def __init__(self, machine, name, pid):
        self.pid = pid
        self._machine = machine
        self._log = machine.share / f"{name}.log"

    def log(self):
        return self._log.read_text(errors="replace")

    def alive(self):
        return self._machine.attempt(f"kill -0 {self.pid}")[0] == 0

    def says(self, text, seconds=180):
        """Waits until the log holds text; fails with the whole log when it never does."""
        try:
            eventually(lambda: text in self.log(), seconds, f"{text!r} in the log")
        except AssertionError as e:
            raise AssertionError(f"{e}:\n{self.log()}") from None


@pytest.fixture(scope="session")
def machine(tmp_path_factory):
    subprocess.run([SCRIPTS / "setup"], check=True, timeout=300)
    booted = Machine(tmp_path_factory.mktemp("lab"))
    try:
        eventually(booted.booted, 300, "the lab machine's boot")
        yield booted
    finally:
        booted.power_off()


def pytest_collection_modifyitems(items):
    """The longest files first: for what is long and comes late, the other process would wait."""
    order = {f"{name}_test.py": place for place, name in enumerate(LONGEST)}
    items.sort(key=lambda item: order.get(item.path.name, len(order)))


def pytest_sessionfinish(session):
    if hasattr(session.config, "workeroutput"):  # of one process of several
        session.config.workeroutput["figures"] = figures.lines


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node):
    figures.lines += getattr(node, "workeroutput", {}).get("figures", [])


def pytest_terminal_summary(terminalreporter):
    for line in figures.lines:
        terminalreporter.write_line(line)
