# SPDX-License-Identifier: LGPL-2.1-or-later
"""A front panel whose chip is not there: everything else goes on, and each answer says what to do."""
import os
import pathlib
import signal
import uuid

import pytest
import wire
from daemon import ROOT, Daemon, eventually, run


def holders(line):
    """The processes that hold that line."""
    found = []
    for folder in pathlib.Path("/proc").glob("[0-9]*"):
        try:
            words = (folder / "cmdline").read_bytes().split(b"\0")
        except OSError:
            continue
        if words[0].endswith(b"/pantograph-hold") and line.encode() in words:
            found.append(int(folder.name))
    return found


@pytest.fixture
def line():
    return f"chip-{uuid.uuid4()}/1"


@pytest.fixture
def panel(tmp_path, line):
    lines = {"power_button": line, "power_led": "no-such-led"}
    daemon = Daemon(tmp_path, {"power": {"backend": "gpio", **lines}})
    daemon.start()
    yield daemon
    if daemon.alive():
        daemon.stop()


def test_a_missing_chip_is_named_and_nothing_else_suffers(panel, line):
    admin = panel.admin()
    chip = line.split("/")[0]
    pressed = admin.post("/api/vm/gpio", {"type": "power"}).json()
    assert pressed["code"] == -3
    assert f"no GPIO chip is called {chip}" in wire.words(pressed)
    unwired = admin.post("/api/vm/gpio", {"type": "reset"}).json()
    assert (unwired["code"], "power.reset_button" in wire.words(unwired)) == (-3, True)
    leds = admin.get("/api/vm/gpio").json()
    assert leds["code"] == -2 and "failed to read power led: " in wire.words(leds)
    assert admin.get("/api/vm/info").json()["code"] == 0
    assert f"server.yaml:6: power.power_button: no GPIO chip is called {chip}" in panel.log()
    assert "server.yaml:7: power.power_led: no GPIO line is called" in panel.log()


def test_the_holder_ends_with_the_daemon(panel, line):
    eventually(lambda: holders(line), 10, "a holder")
    assert panel.stop() == 0
    eventually(lambda: not holders(line), 10, "its end")


def test_the_holder_ends_with_a_daemon_that_is_killed(panel, line):
    eventually(lambda: holders(line), 10, "a holder")
    panel.kill()
    eventually(lambda: not holders(line), 10, "its end")


def test_a_signal_to_end_does_not_end_the_holder(panel, line):
    (pid,) = eventually(lambda: holders(line), 10, "a holder")
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        os.kill(pid, number)
    assert panel.admin().post("/api/vm/gpio", {"type": "power"}).json()["code"] == -3
    assert holders(line) == [pid]


def test_another_holder_takes_the_place_of_a_dead_one(panel, line):
    (first,) = eventually(lambda: holders(line), 10, "a holder")
    os.kill(first, signal.SIGKILL)
    eventually(lambda: holders(line) not in ([], [first]), 10, "another holder")
    assert panel.alive()


def test_a_line_that_is_none_is_told_with_its_place(tmp_path):
    file = tmp_path / "server.yaml"
    file.write_text("power:\n  backend: gpio\n  power_button: 507\n")
    status, _, error = run("--config", file, "--check-pipelines", "--pipelines", ROOT / "pipelines")
    assert status == 2
    assert f"{file}:3: power.power_button: needs its chip" in error


def test_a_holder_that_does_not_let_go_in_time_is_killed_and_another_takes_over(panel, line):
    admin = panel.admin()
    stopped = eventually(lambda: holders(line), 10, "a holder")[0]
    os.kill(stopped, signal.SIGSTOP)
    pressed = admin.post("/api/vm/gpio", {"type": "power", "duration": 1}, limit=30).json()
    assert pressed["code"] == -3 and "the process that held the button ended" in wire.words(pressed)
    assert "does not let go in time" in panel.log()
    fresh = lambda: [pid for pid in holders(line) if pid != stopped]
    eventually(fresh, 10, "another holder")
    answer = admin.post("/api/vm/gpio", {"type": "power"}).json()
    assert "no GPIO chip" in wire.words(answer)
