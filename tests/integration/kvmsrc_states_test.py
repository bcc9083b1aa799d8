# SPDX-License-Identifier: LGPL-2.1-or-later
"""Every state of the signal, and every way from one to another, on the emulated device."""
import itertools
import time

import pytest
from states import STATES, change
from video import Watch

ORDER = sorted(STATES)
SAID_WITHIN, BACK_WITHIN = 1.0, 1.5  # seconds, on a machine that has the time
AT_LAST = 10.0  # seconds, on any


@pytest.fixture(scope="module")
def watch(tmp_path_factory):
    w = Watch(tmp_path_factory.mktemp("states"), events=1)
    w.live()
    yield w
    w.close()


@pytest.fixture(scope="module")
def cards(watch):
    """What the drawn frame of each state looks like: the sum of its bytes."""
    seen, before = {}, "ok"
    for state in ORDER:
        if state != "ok":
            goes(watch, before, state)
            seen[state] = watch.frames(2, watch.mark())[1]["sum"]
            before = state
    goes(watch, before, "ok")
    return seen


def goes(watch, before, after):
    since, began = watch.mark(), time.monotonic()
    watch.device(change(before, after))
    return watch.next("signal", since, state=after)["heard"] - began


def test_every_state_has_a_frame_of_its_own(cards):
    assert len(cards) == 7 and len(set(cards.values())) == 7


def test_every_change_of_state_is_survived_shown_and_told(watch, cards):
    said, back = [], []
    for before, after in itertools.permutations(ORDER, 2):
        if before != "ok":
            goes(watch, "ok", before)
            watch.next("frame", sum=cards[before])
        since, began = watch.mark(), time.monotonic()
        watch.device(change(before, after))
        told = watch.next("signal", since, state=after)
        assert bool(told["reason"]) == bool(told["cure"]) == (after != "ok"), told
        if after == "ok":
            back.append(watch.live(since)["heard"] - began)
        else:
            said.append(watch.next("frame", since, sum=cards[after])["heard"] - began)
            goes(watch, after, "ok")
            watch.live(watch.mark())
    assert len(said) == 49 and len(back) == 7
    assert not watch.all("error")
    assert sorted(said)[len(said) // 2] < SAID_WITHIN, sorted(said)
    assert sorted(back)[len(back) // 2] < BACK_WITHIN, sorted(back)
    assert max(said + back) < AT_LAST, (sorted(said), sorted(back))
    assert watch.quit()[1] == 0
