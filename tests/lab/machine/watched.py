# SPDX-License-Identifier: LGPL-2.1-or-later
"""Runs in the lab machine: one viewer of the daemon, while the HDMI signal goes through all its states.

watched.py PID LOG TOKEN    the daemon, on port 8080, its log, and a session of it

Prints one JSON object: which states the daemon told and the viewer saw a frame of, what the doctor
said of the signal in each, and whether it was one connection and one capture's stream all the time.
A picture is known by what GStreamer's own source gives of it, before; the frame drawn for a state is
one that neither the picture nor any other state looks like."""
import itertools
import json
import pathlib
import subprocess
import sys

sys.path.insert(0, str(pathlib.Path(__file__).parents[2] / "integration"))
import peer  # noqa: E402
import wire  # noqa: E402
from vivid import STATES, Receiver, eventually  # noqa: E402

peer.PATIENCE = PATIENCE = 120  # an emulated machine
SHAPE = "video/x-raw,format=GRAY8,width=32,height=24"  # as the viewer looks at it
NEAR = 10  # of luma, in each of these: pictures that were encoded
KNOWN = "/dev/shm/known"


def alike(one, other):
    return all(abs(a - b) <= NEAR for a, b in zip(one, other, strict=True))


def known_picture():
    """The receiver's test pattern, which stands still, before any of our code had a look at it."""
    source = "v4l2src num-buffers=5 ! video/x-raw,format=I420,width=640,height=480"
    scaled = f"videoconvert ! videoscale ! {SHAPE} ! filesink location={KNOWN}"
    command = f"gst-launch-1.0 -q {source} ! {scaled}"
    subprocess.run(command.split(), check=True, timeout=PATIENCE)
    return pathlib.Path(KNOWN).read_bytes()[-32 * 24 :]


class Room:
    def __init__(self, pid, log, client, viewer):
        self.viewer, self._client, self._log = viewer, client, pathlib.Path(log)
        self._tasks = pathlib.Path(f"/proc/{pid}/task")
        self.captures = set()

    def capture(self):
        """The streaming thread of the source in capture.yaml: another pipeline has another."""
        for task in self._tasks.iterdir():
            try:
                name = (task / "comm").read_text().strip()
            except (FileNotFoundError, ProcessLookupError):
                continue  # it has ended
            if name == "src:src":
                self.captures.add(task.name)

    def doctor_says(self):
        links = self._client.get("/api/doctor").json()["data"]["links"]
        return next(f"{l['state']}: {l['what']}" for l in links if l["link"] == "signal")

    def told(self):
        lines = [l for l in self._log.read_text().splitlines() if " signal state=" in l]
        return lines[-1].partition(" state=")[2].split()[0] if lines else ""

    def becomes(self, state, fits):
        """A frame that fits and stands, of those that the viewer got after the daemon told the state."""
        eventually(lambda: self.told() == state, PATIENCE, f"{state}, told by the daemon")
        before = self.viewer.times("picture")

        def seen():
            pairs = itertools.pairwise(self.viewer.sees(before))
            return next((a for a, b in pairs if alike(a, b) and fits(a)), None)

        found = eventually(seen, PATIENCE, f"{state}, seen")
        self.capture()
        return found


def walk(receiver, room, picture):
    room.becomes("ok", lambda frame: alike(frame, picture))
    through, doctor = {"ok": picture}, {"ok": room.doctor_says()}
    for before, after in zip(STATES, STATES[1:]):
        receiver.go(before, after)
        through[after] = room.becomes(
            after, lambda frame: not any(alike(frame, other) for other in through.values())
        )
        doctor[after] = room.doctor_says()
    receiver.go(STATES[-1], "ok")
    room.becomes("ok", lambda frame: alike(frame, picture))
    return through, doctor


receiver = Receiver()
receiver.mode(0)
try:
    pid, log, token = sys.argv[1:]
    picture = known_picture()
    client = wire.Client(8080, token)
    with peer.Peer(client, "--picture") as viewer:
        viewer.begin()
        viewer.said("picture")
        room = Room(pid, log, client, viewer)
        through, doctor = walk(receiver, room, picture)
        done = {
            "through": sorted(through),
            "doctor": doctor,
            "back": room.told(),
            "viewer": "connected once" if viewer.times("connected") == 1 else "lost",
            "captures": len(room.captures),
        }
    print(json.dumps(done))
finally:
    receiver.as_found()
