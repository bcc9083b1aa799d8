# SPDX-License-Identifier: LGPL-2.1-or-later
"""Runs in the lab machine: kvmsrc on the kernel's HDMI receiver driver, measured there.

transitions      every way from one state of the signal to another
soak N SEED      N random changes of mode, each as soon as the picture of the one before is there

Prints one JSON object: what happened, and how long everything took, in ms."""
import itertools
import json
import os
import pathlib
import random
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).parents[2] / "integration"))
from video import Watching  # noqa: E402
from vivid import STATES, Receiver  # noqa: E402

LARGEST = 1920 * 1080


def since_ms(event, began):
    return round((event["heard"] - began) * 1000, 1)


def change(watch, work):
    """Does the work; the mark and the time before it."""
    since, began = watch.mark(), time.monotonic()
    work()
    return since, began


class Transitions:
    def __init__(self, receiver):
        self.receiver, self.watch = receiver, Watching("device=/dev/video0")
        self.state, self.cards = "ok", {}
        self.receiver.mode(0)
        self.receiver.go("ok", "ok")
        self.watch.next("frame")

    def go(self, after):
        """The time until the drawn frame, or the picture, of that state came."""
        before, self.state = self.state, after
        since, began = change(self.watch, lambda: self.receiver.go(before, after))
        told = self.watch.next("signal", since, state=after)
        assert bool(told["reason"]) == bool(told["cure"]) == (after != "ok"), told
        if after == "ok":
            return since_ms(self.watch.first(self._is_picture, since), began)
        if after not in self.cards:
            self.cards[after] = self.watch.frames(2, self.watch.mark())[1]["sum"]
        return since_ms(self.watch.next("frame", since, sum=self.cards[after]), began)

    def _is_picture(self, event):
        return event["is"] == "frame" and event["sum"] not in self.cards.values()

    def run(self):
        for state in STATES[1:] + ("ok",):
            self.go(state)
        assert len(set(self.cards.values())) == 7, "two states look alike"
        said, back = [], []
        for before, after in itertools.permutations(STATES, 2):
            if self.state != before:
                self.go(before)
            (back if after == "ok" else said).append(self.go(after))
        self.go("ok")
        errors = self.watch.all("error")
        return {"said_ms": said, "back_ms": back, "errors": errors, "status": self.watch.quit()[1]}


def footprint(pid):
    status = pathlib.Path(f"/proc/{pid}/status").read_text()
    fields = dict(line.split(":", 1) for line in status.splitlines())
    return {
        "rss_kb": int(fields["VmRSS"].split()[0]),
        "threads": int(fields["Threads"]),
        "fds": len(os.listdir(f"/proc/{pid}/fd")),
    }


def soak(receiver, count, seed):
    watch = Watching("device=/dev/video0")
    by_name = {m: i for i, m in receiver.modes().items() if m[0] * m[1] <= LARGEST}
    rng, mode, took, feet = random.Random(seed), None, [], []
    receiver.go("ok", "ok")
    watch.next("frame")
    for n in range(count):
        mode = rng.choice([m for m in by_name if m != mode])
        width, height, rate = mode
        since, began = change(watch, lambda: receiver.mode(by_name[mode]))
        watch.first(
            lambda e: e["is"] == "signal"
            and (e["state"], e["width"], e["height"]) == ("ok", width, height)
            and abs(e["fps"] - rate) < 1.1,
            since,
        )
        sizes = (width * height * 3 // 2, width * height * 2)  # planar, and packed where that fails
        picture = watch.first(lambda e: e.get("bytes") in sizes, since)
        took.append(since_ms(picture, began))
        if n % max(count // 20, 1) == 0:
            feet.append(footprint(watch.pid))
        watch.forget()
    feet.append(footprint(watch.pid))
    errors = watch.all("error")
    return {"took_ms": took, "feet": feet, "errors": errors, "status": watch.quit()[1]}


if __name__ == "__main__":
    hdmi = Receiver()
    try:
        what, *numbers = sys.argv[1:]
        outcome = soak(hdmi, *map(int, numbers)) if what == "soak" else Transitions(hdmi).run()
        print(json.dumps(outcome))
    finally:
        hdmi.as_found()
