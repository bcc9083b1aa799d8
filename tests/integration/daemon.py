# SPDX-License-Identifier: LGPL-2.1-or-later
"""A real pantographd, with a state folder and a port of its own."""
import os
import pathlib
import re
import select
import signal
import subprocess
import termios
import threading
import time
import tty

import wire

ROOT = pathlib.Path(__file__).resolve().parents[2]
BUILD = pathlib.Path(os.environ.get("PANTOGRAPH_BUILD", ROOT / "build"))
PROGRAM = BUILD / "daemon/pantographd"
START_LIMIT = 30


def eventually(condition, seconds, what):
    """Returns condition()'s first true value; fails after so many seconds without one."""
    end = time.monotonic() + seconds
    while not (value := condition()):
        assert time.monotonic() < end, f"{what}: not within {seconds} s"
        time.sleep(0.02)
    return value


def yaml(settings, indent=""):
    """{"logger": {"level": "info"}} as YAML; nothing more is needed."""
    lines = ""
    for key, value in settings.items():
        if isinstance(value, dict):
            lines += f"{indent}{key}:\n{yaml(value, indent + '  ')}"
        else:
            lines += f"{indent}{key}: {str(value).lower() if isinstance(value, bool) else value}\n"
    return lines


class Daemon:
    """`folder` keeps state, configuration and log; starting again in it is a restart."""

    def __init__(
        self, folder, settings=None, password=wire.PASSWORD, host="127.0.0.1", args=(), env=None
    ):
        self.folder = pathlib.Path(folder)
        self.folder.mkdir(exist_ok=True)
        self.host = host
        self.log_path = self.folder / "log"
        everything = {"logger": {"level": "info", "file": self.log_path}, **(settings or {})}
        self.config = self.folder / "server.yaml"
        self.config.write_text(yaml(everything))
        self.command = [PROGRAM, "--config", self.config, "--state", self.folder / "state"]
        self.command += ["--host", host, "--port", "0", "--pipelines", ROOT / "pipelines"]
        self.command += ["--web-root", ROOT / "data/web", *args]
        self.environment = {k: v for k, v in os.environ.items() if k != "PANTOGRAPH_PASSWORD"}
        self.environment |= {
            "GST_PLUGIN_PATH": str(BUILD / "plugins"),
            "GST_REGISTRY": str(BUILD / "registry.bin"),
            "HOME": "/invalid",
            "DBUS_SYSTEM_BUS_ADDRESS": "unix:path=/invalid",  # no test restarts this machine
        }
        self.environment |= env or {}
        if password:
            self.environment["PANTOGRAPH_PASSWORD"] = password
        self.process = None

    def start(self):
        self.process = subprocess.Popen(
            [str(c) for c in self.command],
            env=self.environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
        )
        self.greeting = self._greeting()
        self.port = int(re.search(r"https?://[^/]*:(\d+)/", self.greeting)[1])
        return self

    def _greeting(self):
        out, end = b"", time.monotonic() + START_LIMIT
        while b"password:" not in out or not out.endswith(b"\n"):
            left = end - time.monotonic()
            ready = select.select([self.process.stdout], [], [], max(left, 0))[0]
            chunk = os.read(self.process.stdout.fileno(), 65536) if ready else b""
            if not chunk:
                self.kill()
                raise AssertionError(f"no greeting: {out.decode()}\n{self.log()}")
            out += chunk
        return out.decode()

    def __enter__(self):
        return self.start()

    def __exit__(self, *_):
        code = self.stop()
        assert code == 0, f"pantographd ended with {code}:\n{self.log()[-4000:]}"

    def stop(self, with_signal=signal.SIGTERM):
        """Its exit status; the process must end by itself."""
        self.process.send_signal(with_signal)
        try:
            self.rest, _ = self.process.communicate(timeout=10)
        except subprocess.TimeoutExpired:
            self.kill()
            raise AssertionError(f"pantographd did not stop:\n{self.log()[-4000:]}") from None
        return self.process.returncode

    def kill(self):
        self.process.kill()
        self.process.communicate()

    def alive(self):
        return self.process.poll() is None

    def log(self):
        return self.log_path.read_text(errors="replace") if self.log_path.exists() else ""

    def client(self, source="127.0.0.1"):
        return wire.Client(self.port, source=source, host=self.host)

    def admin(self):
        """A client that has signed in."""
        client = self.client()
        answer = client.login().json()
        assert answer["code"] == 0, answer
        return client


def run(*args, password=None, **environment):
    """Runs pantographd to its end; (exit status, stdout, stderr)."""
    env = {k: v for k, v in os.environ.items() if k != "PANTOGRAPH_PASSWORD"}
    env |= {"GST_PLUGIN_PATH": str(BUILD / "plugins"), "GST_REGISTRY": str(BUILD / "registry.bin")}
    env |= {"PANTOGRAPH_PASSWORD": password} if password else {}
    env |= environment
    done = subprocess.run(
        [PROGRAM, *map(str, args)], env=env, capture_output=True, text=True, timeout=START_LIMIT
    )
    return done.returncode, done.stdout, done.stderr


class Node:
    """A terminal in place of a gadget's node: keeps each report that arrives, and when it did."""

    def __init__(self, size):
        self.size = size
        self.reports = []  # (monotonic time, bytes)
        self._ours, self._its = os.openpty()
        tty.setraw(self._its, termios.TCSANOW)
        self.path = os.ttyname(self._its)
        self._thread = threading.Thread(target=self._read, daemon=True)
        self._thread.start()

    def _read(self):
        waiting = b""
        while True:
            try:
                chunk = os.read(self._ours, 4096)
            except OSError:
                return
            waiting += chunk
            now = time.monotonic()
            while len(waiting) >= self.size:
                self.reports.append((now, waiting[: self.size]))
                waiting = waiting[self.size :]

    def bytes(self):
        return [report for _, report in self.reports]

    def last(self):
        return self.reports[-1][1] if self.reports else None

    def expect(self, report, seconds=5):
        """Waits until the newest report is this one; when it came."""
        what = f"{report.hex()} as the last of {[r.hex() for r in self.bytes()][-5:]}"
        eventually(lambda: self.last() == report, seconds, what)
        return self.reports[-1][0]

    def answer(self, data):
        """Sends an output report, as the computer does for its LEDs."""
        os.write(self._ours, data)
