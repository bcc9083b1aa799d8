# SPDX-License-Identifier: LGPL-2.1-or-later
"""watch-video with an emulated V4L2 device below it."""
import json
import os
import pathlib
import socket
import subprocess
import threading
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]
TOOLS = pathlib.Path(os.environ.get("PANTOGRAPH_BUILD", ROOT / "build")) / "tests/tools"
PATIENCE = 60  # seconds that anything may take on a busy machine


class Watching:
    """A running watch-video."""

    now = staticmethod(time.monotonic)  # when events are heard

    def __init__(self, source, filter_=None, **env):
        command = [TOOLS / "watch-video", f"kvmsrc {source}"]
        self._process = subprocess.Popen(
            command + ([filter_] if filter_ else []),
            env={**os.environ, **env},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        self._said = []
        self._changed = threading.Condition()
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def _read(self):
        for line in self._process.stdout:
            with self._changed:
                self._said.append({**json.loads(line), "heard": self.now()})
                self._changed.notify_all()

    @property
    def pid(self):
        return self._process.pid

    def say(self, command):
        self._process.stdin.write(command + "\n")
        self._process.stdin.flush()

    def all(self, is_):
        with self._changed:
            return [e for e in self._said if e["is"] == is_]

    def mark(self):
        with self._changed:
            return len(self._said)

    def forget(self):
        """Begins to count anew: for programs that watch for long."""
        with self._changed:
            self._said = [e for e in self._said if e["is"] == "error"]

    def first(self, wanted, since=0, what="such event", seconds=PATIENCE):
        """The first event said after `since`, a mark, that wanted(event) is true for."""

        def found():
            return next((e for e in self._said[since:] if wanted(e)), None)

        with self._changed:
            assert self._changed.wait_for(
                found, seconds
            ), f"no {what} within {seconds} s; the last said: {self._said[-5:]}"
            return found()

    def sum_up(self, judge, since, what, seconds=PATIENCE):
        """judge()'s first true word on all that was said after `since`, a mark."""
        with self._changed:
            assert self._changed.wait_for(
                lambda: judge(self._said[since:]), seconds
            ), f"no {what} within {seconds} s; the last said: {self._said[-5:]}"
            return judge(self._said[since:])

    def next(self, is_, since=0, seconds=PATIENCE, **wanted):
        """The first such event said after `since`, a mark."""

        def fits(e):
            return e["is"] == is_ and all(e.get(k) == v for k, v in wanted.items())

        return self.first(fits, since, f"{is_} with {wanted}", seconds)

    def frames(self, n, since):
        """The first n frames said after `since`, a mark."""

        def found():
            got = [e for e in self._said[since:] if e["is"] == "frame"]
            return got[:n] if len(got) >= n else None

        with self._changed:
            assert self._changed.wait_for(found, PATIENCE), f"fewer than {n} frames"
            return found()

    def stats(self):
        since = self.mark()
        self.say("stats")
        return self.next("stats", since)

    def live(self, since=0):
        """The first frame of the device itself: it is stamped, a drawn one is not."""
        return self.first(lambda e: "stamp_age_ms" in e, since, "picture of the device")

    def quit(self):
        """Stops it; what the last change of state took, in ms, and the exit status."""
        self.say("quit")
        status = self._process.wait(PATIENCE)
        self._reader.join()
        return self.all("state")[-1]["took_ms"], status

    def close(self):
        self._process.kill()
        self._process.wait()
        self._reader.join()
        self._process.stdin.close()
        self._process.stdout.close()


class Emulation:
    """The environment that puts an emulated device below any program, and what happens to it."""

    def __init__(self, folder, **device):
        self.node = str(folder / "video")
        self._ctl = folder / "ctl"
        self.env = {"LD_PRELOAD": str(TOOLS / "v4l2shim.so"), "V4L2SHIM_DEV": self.node}
        self.env |= {"V4L2SHIM_CTL": str(self._ctl), "V4L2SHIM_STAMP": "1"}
        self.env |= {"V4L2SHIM_SIZE": "640x480"}
        self.env |= {f"V4L2SHIM_{name.upper()}": str(value) for name, value in device.items()}

    def order(self, command):
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as s:
            s.sendto(command.encode(), str(self._ctl))


class Watch(Watching):
    """A running watch-video, and the emulated device below it."""

    def __init__(self, folder, source="", filter_=None, **device):
        self._emulation = Emulation(folder, **device)
        self.node = self._emulation.node
        self.device = self._emulation.order
        super().__init__(f"device={self.node} {source}", filter_, **self._emulation.env)
