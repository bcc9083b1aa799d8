# SPDX-License-Identifier: LGPL-2.1-or-later
"""Runs in the lab machine: kvmsrc on the kernel's HDMI receiver driver, measured there.

transitions      every way from one state of the signal to another
soak N SEED      N random changes of mode, each as soon as the picture of the one before is there;
                 then one more, whose picture must be what the driver gives to another program

Prints one JSON object: what happened, and how long everything took, in ms of this machine's own time
(own_time.py): what a busy host does to the machine is not the product's doing."""
import itertools
import json
import os
import pathlib
import random
import subprocess
import sys

sys.path.insert(0, str(pathlib.Path(__file__).parents[2] / "integration"))
from video import Watching  # noqa: E402
from own_time import OwnTime  # noqa: E402
from vivid import QUICK, STATES, STILL, Receiver  # noqa: E402

LARGEST = 1920 * 1080
LAST = "/dev/shm/last-picture"
own = OwnTime()


class OwnWatching(Watching):
    now = staticmethod(own.now)


def since_ms(event, began):
    return round((event["heard"] - began) * 1000, 1)


def change(watch, work):
    """Does the work; the mark before it, and when it began, or the time that it returns."""
    since, began = watch.mark(), own.now()
    return since, work() or began


def still(watch):
    """The bytes and the sum of a picture that stands still: of three frames that are the same."""

    def same(events):
        frames = [(e["bytes"], e["sum"]) for e in events if e["is"] == "frame"][-3:]
        return len(frames) == 3 and len(set(frames)) == 1 and frames[0]

    return watch.sum_up(same, watch.mark(), "picture that stands still")


class Transitions:
    def __init__(self, receiver):
        self.receiver, self.watch = receiver, OwnWatching("device=/dev/video0")
        self.state, self.cards = "ok", {}
        self.receiver.mode(0)
        self.receiver.go("ok", "ok", own.now)
        self.watch.next("signal", state="ok", width=640)
        self.picture = still(self.watch)

    def go(self, after):
        """The time from that state's beginning to its drawn frame, or the picture."""
        before, self.state = self.state, after
        since, began = change(self.watch, lambda: self.receiver.go(before, after, own.now))
        told = self.watch.next("signal", since, state=after)
        assert bool(told["reason"]) == bool(told["cure"]) == (after != "ok"), told
        if after == "ok":
            return since_ms(self.watch.first(self._is_picture, since), began)
        return since_ms(self._card(after, since), began)

    def _card(self, state, since):
        """The first drawn frame of that state. A driver that is loaded anew has another mode for a
        moment, and a frame is drawn as large as the picture that was seen last."""
        known = self.cards.setdefault(state, {})

        def is_drawn(event):
            return event["is"] == "frame" and event["sum"] == known.get(event["bytes"])

        def has_another_size(event):
            return event["is"] == "frame" and event["bytes"] not in known

        found = self.watch.first(lambda e: is_drawn(e) or has_another_size(e), since)
        if is_drawn(found):
            return found
        second = self.watch.frames(2, self.watch.mark())[1]
        known[second["bytes"]] = second["sum"]
        return self.watch.first(is_drawn, since)

    def _sums(self):
        return [of_size for known in self.cards.values() for of_size in known.values()]

    def _is_picture(self, event):
        return event["is"] == "frame" and (event["bytes"], event["sum"]) == self.picture

    def run(self):
        for state in STATES[1:] + ("ok",):
            self.go(state)
        sums = [*self._sums(), self.picture[1]]
        assert len(set(sums)) == len(sums), "two states look alike"
        said, back = {}, {}
        for before, after in itertools.permutations(STATES, 2):
            if self.state != before:
                self.go(before)
            (back if after == "ok" else said)[f"{before} to {after}"] = self.go(after)
        self.go("ok")
        errors = self.watch.all("error")
        status = self.watch.quit()[1]
        taken = own.taken_percent()
        return {
            "said_ms": said,
            "back_ms": back,
            "errors": errors,
            "status": status,
            "taken_percent": taken,
        }


def footprint(pid):
    status = pathlib.Path(f"/proc/{pid}/status").read_text()
    fields = dict(line.split(":", 1) for line in status.splitlines())
    return {
        "rss_kb": int(fields["VmRSS"].split()[0]),
        "threads": int(fields["Threads"]),
        "fds": len(os.listdir(f"/proc/{pid}/fd")),
    }


def sizes(width, height):
    return width * height * 3 // 2, width * height * 2  # planar, and packed where that fails


def moves(said, mode):
    """The pictures of that mode, once it is told and two of them differ."""
    width, height, rate = mode

    def begins(e):
        same = (e.get("state"), e.get("width"), e.get("height")) == ("ok", width, height)
        return e["is"] == "signal" and same and abs(e["fps"] - rate) < 1.1

    found = [e for e in said if e["is"] == "frame" and e["bytes"] in sizes(width, height)]
    moving = len({e["sum"] for e in found}) >= 2
    return found if moving and any(map(begins, said)) else None


def modes_of(receiver, scans):
    """{(width, height, rate): index} of those not too large for this machine."""
    return {m: i for i, m in receiver.modes(scans).items() if m[0] * m[1] <= LARGEST}


def last_picture(receiver, watch, modes, before):
    """Goes to one more mode, without a movement, and ends; the status, and what became of its
    picture: whether it is what the driver gives to another program afterwards, byte by byte."""
    mode = random.choice([m for m in modes if m[:2] != before[:2]])
    width, height, rate = mode
    receiver.set("Horizontal Movement", STILL)
    since = watch.mark()
    receiver.mode(modes[mode])
    watch.next("signal", since, state="ok", width=width, height=height)
    watch.first(lambda e: e["is"] == "frame" and e["bytes"] in sizes(width, height), since)
    still(watch)
    watch.say(f"save {LAST}")
    watch.next("saved", since)
    status = watch.quit()[1]
    other = f"v4l2-ctl -d 0 --stream-mmap --stream-count=1 --stream-to={LAST}.other"
    subprocess.run(other.split(), check=True, timeout=60, capture_output=True)
    ours, driver = (pathlib.Path(f).read_bytes() for f in (LAST, f"{LAST}.other"))
    return status, {
        "mode": f"{width}x{height} at {rate}",
        "has_its_size": len(ours) in sizes(width, height),
        "is_the_drivers": ours == driver,
    }


def soak(receiver, count, seed):
    watch = OwnWatching("device=/dev/video0")
    by_name, progressive = modes_of(receiver, "ip"), modes_of(receiver, "p")
    rng, mode, took, feet = random.Random(seed), None, [], []
    receiver.go("ok", "ok", own.now)
    receiver.set("Horizontal Movement", QUICK)  # no two frames are the same
    watch.next("frame")
    for n in range(count):
        mode = rng.choice([m for m in by_name if m != mode])
        width, height, rate = mode
        since, began = change(watch, lambda: receiver.mode(by_name[mode]))
        pictures = watch.sum_up(lambda said: moves(said, mode), since, f"moving picture of {mode}")
        took.append(since_ms(pictures[0], began))
        if n % max(count // 20, 1) == 0:
            feet.append(footprint(watch.pid))
        watch.forget()
    feet.append(footprint(watch.pid))
    errors = watch.all("error")
    status, last = last_picture(receiver, watch, progressive, mode)
    return {"took_ms": took, "feet": feet, "errors": errors, "status": status, "last": last}


if __name__ == "__main__":
    hdmi = Receiver()
    try:
        what, *numbers = sys.argv[1:]
        outcome = soak(hdmi, *map(int, numbers)) if what == "soak" else Transitions(hdmi).run()
        print(json.dumps(outcome))
    finally:
        hdmi.as_found()
