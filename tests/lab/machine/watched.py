# SPDX-License-Identifier: LGPL-2.1-or-later
"""Runs in the lab machine: one viewer of the daemon, while the HDMI signal goes through all its states.

watched.py PID LOG TOKEN    the daemon, on port 8080, its log, and a session of it

Prints one JSON object: which states the daemon told and the viewer saw a frame of, and whether it
was one connection and one capture's stream all the time."""
import json
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).parents[2] / "integration"))
import peer  # noqa: E402
import wire  # noqa: E402
from vivid import STATES, Receiver, eventually  # noqa: E402

peer.PATIENCE = PATIENCE = 120  # an emulated machine
NEAR = 6  # of a mean luma: pictures that were encoded


class Room:
    def __init__(self, pid, log, viewer):
        self.viewer, self._log = viewer, pathlib.Path(log)
        self._tasks = pathlib.Path(f"/proc/{pid}/task")
        self.captures = set()

    def capture(self):
        """The streaming thread of the source in capture.yaml: another pipeline has another."""
        for task in self._tasks.iterdir():
            if (task / "comm").read_text().strip() == "src:src":
                self.captures.add(task.name)

    def told(self):
        lines = [l for l in self._log.read_text().splitlines() if " signal state=" in l]
        return lines[-1].partition(" state=")[2].split()[0] if lines else ""

    def becomes(self, state, fits):
        eventually(lambda: self.told() == state, PATIENCE, f"{state}, told by the daemon")
        before = len(self.viewer.sees())
        eventually(lambda: any(map(fits, self.viewer.sees()[before:])), PATIENCE, f"{state}, seen")
        self.capture()


def walk(receiver, room, viewer):
    picture = []

    def is_picture(luma):
        return abs(luma - picture[0]) <= NEAR

    eventually(lambda: room.told() == "ok" and len(viewer.sees()) > 3, PATIENCE, "a picture")
    picture.append(viewer.sees()[-1])
    through = []
    for before, after in zip(STATES, STATES[1:]):
        receiver.go(before, after)
        room.becomes(after, lambda luma: not is_picture(luma))
        through.append(after)
    receiver.go(STATES[-1], "ok")
    room.becomes("ok", is_picture)
    return through


receiver = Receiver()
receiver.mode(0)
try:
    pid, log, token = sys.argv[1:]
    with peer.Peer(wire.Client(8080, token), "--picture") as viewer:
        viewer.begin()
        viewer.said("picture")
        room = Room(pid, log, viewer)
        through = walk(receiver, room, viewer)
        done = {
            "through": sorted(through),
            "back": room.told(),
            "viewer": "connected once" if viewer.times("connected") == 1 else "lost",
            "captures": len(room.captures),
        }
    print(json.dumps(done))
finally:
    receiver.as_found()
