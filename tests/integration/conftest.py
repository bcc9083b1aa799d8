# SPDX-License-Identifier: LGPL-2.1-or-later
"""What most tests share: one daemon with the virtual computer, one with gadget nodes to look into."""
import pathlib
import subprocess
import time

import ledger
import pytest
from daemon import BUILD, ROOT, Daemon, Node, eventually


@pytest.fixture(scope="session", autouse=True)
def scanned():
    """Has the plugins scanned once, before a daemon that is waited for has to do it."""
    environment = {
        "PATH": "/usr/bin:/bin",
        "GST_PLUGIN_PATH": BUILD / "plugins",
        "GST_REGISTRY": BUILD / "registry.bin",
    }
    subprocess.run(["gst-inspect-1.0", "kvmsrc"], env=environment, check=True, timeout=120)


@pytest.fixture(scope="session")
def daemon(tmp_path_factory):
    with Daemon(tmp_path_factory.mktemp("virtual")) as running:
        yield running


@pytest.fixture(scope="session")
def admin(daemon):
    return daemon.admin()


@pytest.fixture
def small_disk(tmp_path):
    """A folder of its own, 8 MiB large."""
    folder = tmp_path / "disk"
    folder.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=8m", "tmpfs", folder], check=True)
    yield folder
    subprocess.run(["umount", "-l", folder], check=True)


@pytest.fixture
def unharmed(daemon, admin):
    """Whatever a test did: the daemon goes on serving, and found no fault of its own."""
    before = len(daemon.log())
    yield
    assert daemon.alive()
    start = time.monotonic()
    assert admin.get("/api/vm/gpio").json()["code"] == 0
    assert time.monotonic() - start < 2
    assert " critical " not in daemon.log()[before:]


@pytest.fixture(scope="session")
def moving(tmp_path_factory):
    """A screen with a clock on it: every picture differs from the one before."""
    settings = {"video": {"stamp": True, "fps": 30}, "system": {"terminal": True}}
    with Daemon(tmp_path_factory.mktemp("moving"), settings) as daemon:
        yield daemon


@pytest.fixture(scope="session")
def viewer(moving):
    return moving.admin()


class Gadget:
    """A daemon whose reports arrive at nodes of ours."""

    def __init__(self, folder):
        self.keyboard, self.relative, self.absolute = Node(8), Node(4), Node(6)
        paths = {
            "keyboard": self.keyboard.path,
            "relative": self.relative.path,
            "absolute": self.absolute.path,
        }
        self.daemon = Daemon(folder, {"hid": paths})


@pytest.fixture(scope="session")
def gadget(tmp_path_factory):
    made = Gadget(tmp_path_factory.mktemp("gadget"))
    with made.daemon:
        made.admin = made.daemon.admin()
        eventually(lambda: not disk_led(made), 30, "the end of the computer's start")
        yield made


def disk_led(gadget):
    return gadget.admin.get("/api/vm/gpio").json()["data"]["hdd"]


def pytest_runtest_logreport(report):
    if report.when == "call":
        path, *_, name = report.nodeid.split("::")
        ledger.note_test(ROOT / path, name, report.outcome)


def whole(session):
    """Whether all files of this folder run, and not just some."""
    here = pathlib.Path(__file__).parent
    return {item.path for item in session.items} >= set(here.rglob("*_test.py"))


def pytest_sessionfinish(session):
    """A whole run fails when one of the NanoKVM's routes was not answered by any test. Where several
    processes run the files, each hands on what it saw to the one that sums up."""
    seen_all = bool(getattr(session, "items", None)) and whole(session)
    if hasattr(session.config, "workeroutput"):
        session.config.workeroutput["ledger"] = {"all": seen_all, "answers": list(ledger.answers)}
        return
    if not seen_all and not getattr(session.config, "saw_all", False):
        return
    lines, missing = ledger.summary()
    session.config.ledger = [*lines, *(f"  {what}" for what in missing)]
    if missing:
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node):
    told = getattr(node, "workeroutput", {}).get("ledger")
    if told:
        ledger.answers.update(map(tuple, told["answers"]))
        node.config.saw_all = told["all"]


def pytest_terminal_summary(terminalreporter, config):
    for line in getattr(config, "ledger", []):
        terminalreporter.write_line(line)
