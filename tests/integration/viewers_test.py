# SPDX-License-Identifier: LGPL-2.1-or-later
"""Who watches, by whichever way, as /api/stream/stats tells it: figures, and what was dropped and why."""
import secrets

import pytest
from daemon import eventually
from peer import Peer
from stats_test import stats
from stream_test import Direct, Mjpeg, Narrow

PATIENCE = 40  # seconds until something has happened on a busy machine


def viewers(client):
    return stats(client)["viewers"]


@pytest.fixture(autouse=True)
def nobody(viewer):
    """Those of the test before are gone."""
    eventually(lambda: viewers(viewer) == [], PATIENCE, "nobody")


def the_one(client, what):
    """The only viewer, once it is so."""

    def told():
        all_of_them = viewers(client)
        return all_of_them[0] if len(all_of_them) == 1 and what(all_of_them[0]) else None

    return eventually(told, PATIENCE, "one such viewer")


def check(one, way):
    assert one["way"] == way and one["user"] == "admin" and one["id"]
    assert 0 <= one["seconds"] < 2 * PATIENCE
    age = one["age"]
    assert age["pictures"] <= one["frames"]
    assert 0 < age["p50"] <= age["p95"] <= age["p99"] < 5000


def test_an_mjpeg_viewer_is_told_of_while_it_is_there(viewer):
    with Mjpeg(viewer) as stream:
        read = sum(len(stream.picture()) for _ in range(30))
        one = the_one(viewer, lambda v: v["frames"] >= 30)
        check(one, "mjpeg")
        assert one["bytes"] > read and one["sent_kbps"] > 0
        assert set(one["dropped"]) == {"replaced"}
    eventually(lambda: viewers(viewer) == [], 10, "nobody")


def test_a_direct_viewer_is_told_of_while_it_is_there(viewer):
    with Direct(viewer) as ws:
        for _ in range(30):
            ws.unit()
        one = the_one(viewer, lambda v: v["frames"] >= 30)
        check(one, "direct")
        assert one["bytes"] > 30 * 9 and one["sent_kbps"] > 0
        reasons = {"queue_full", "window_full", "socket_full", "awaiting_key_frame"}
        assert set(one["dropped"]) == reasons
        assert one["dropped"]["window_full"] == one["dropped"]["socket_full"] == 0
    eventually(lambda: viewers(viewer) == [], 10, "nobody")


def test_viewers_of_every_way_are_told_of_side_by_side(viewer):
    with Mjpeg(viewer) as stream, Direct(viewer, "?flow=8") as ws, Peer(viewer) as peer:
        peer.watch()
        stream.picture()
        ws.unit()
        now = eventually(
            lambda: all(v["frames"] for v in viewers(viewer)) and viewers(viewer), 20, "frames"
        )
        assert sorted(v["way"] for v in now) == ["direct", "mjpeg", "webrtc"]
        assert len({v["id"] for v in now}) == 3
        again = viewers(viewer)
        assert [v["id"] for v in again] == [v["id"] for v in now], "each keeps its own"
        for one in again:
            check(one, one["way"])


def test_a_picture_is_older_when_it_was_sent_than_when_it_was_captured(viewer):
    with Direct(viewer) as ws:
        for _ in range(60):
            ws.unit()
        now = stats(viewer)
        assert now["capture"]["age"]["p50"] < now["viewers"][0]["age"]["p50"]


def test_a_viewer_whose_picture_is_old_is_told_to_have_a_stale_one(viewer):
    with Mjpeg(viewer) as stream, Direct(viewer) as ws:
        stream.picture()
        ws.unit()
        assert not any(v["stale"] for v in viewers(viewer))
        assert viewer.post("/api/vm/hdmi/disable").json()["code"] == 0
        try:
            now = eventually(
                lambda: all(v["stale"] for v in viewers(viewer)) and stats(viewer), 20, "stale"
            )
            assert all(v["age"]["newest"] > 1000 for v in now["viewers"])
            assert now["capture"]["state"] == "off"
        finally:
            assert viewer.post("/api/vm/hdmi/enable").json()["code"] == 0
        eventually(lambda: not any(v["stale"] for v in viewers(viewer)), 20, "new ones")


def test_what_a_slow_mjpeg_viewer_is_not_sent_counts_as_replaced(viewer):
    with Mjpeg(Narrow(viewer.port, viewer.token)):
        one = the_one(viewer, lambda v: v["dropped"]["replaced"] >= 10)
        assert viewers(viewer)[0]["frames"] == one["frames"], "it takes no more of them"


def test_what_comes_for_a_direct_viewer_with_a_full_window_counts_as_dropped_for_it(viewer):
    with Direct(viewer, "?flow=1") as ws:
        time = ws.unit()[1]
        one = the_one(viewer, lambda v: v["dropped"]["window_full"] >= 10)
        assert one["frames"] == 1
        before = one["dropped"]["awaiting_key_frame"]  # for the first

        def waits():
            nonlocal time
            ws.acknowledge(time)  # what comes next is no key frame, as a rule
            time = ws.unit()[1]
            return viewers(viewer)[0]["dropped"]["awaiting_key_frame"] > before

        eventually(waits, PATIENCE, "pictures that need the one that was dropped")


def test_what_comes_for_a_direct_viewer_that_reads_nothing_counts_as_dropped_for_it(viewer):
    with Direct(Narrow(viewer.port, viewer.token)) as slow, Direct(viewer) as nag:

        def stuck():
            nag.send(b"\x03")  # key units are most of it
            nag.receive()
            slow.send(b"\x02" + bytes(8))  # it is there, and takes nothing
            return any(v["dropped"]["socket_full"] >= 10 for v in viewers(viewer))

        eventually(stuck, PATIENCE, "a full socket")
        of = sorted(v["dropped"]["socket_full"] for v in viewers(viewer))
        assert of[0] == 0, "of the other nothing is dropped"


TOLD = {
    "decoded": 100,
    "dropped": 2,
    "decode_p50_us": 7500,
    "decode_p95_us": 8000,
    "decode_p99_us": 9250,
    "presented": 98,
    "present_p50_us": 12000,
    "present_p95_us": 20000,
    "present_p99_us": 31000,
}


def mjpeg(client, name):
    return Mjpeg(client, f"/api/stream/mjpeg?viewer={name}")


def direct(client, name):
    return Direct(client, f"?flow=8&viewer={name}")


@pytest.mark.parametrize("way", [mjpeg, direct])
def test_what_a_page_tells_of_its_own_pictures_stands_beside_the_rest(viewer, way):
    name = secrets.token_hex(16)
    with way(viewer, name):
        one = the_one(viewer, lambda v: v["id"] == name)
        assert one["decode"] is None and one["present"] is None
        answer = viewer.post("/api/stream/stats", {"viewer": name, **TOLD}).json()
        assert answer == {"code": 0, "msg": "success", "data": None}
        one = viewers(viewer)[0]
        assert one["decode"] == {"pictures": 100, "dropped": 2, "p50": 7.5, "p95": 8, "p99": 9.25}
        assert one["present"] == {"pictures": 98, "p50": 12, "p95": 20, "p99": 31}


def test_a_webrtc_viewer_has_the_name_that_its_page_gave_it(viewer):
    name = secrets.token_hex(16)
    with Peer(viewer) as peer:
        answer = viewer.request("POST", f"/whep?viewer={name}", peer.offer(), "application/sdp")
        assert answer.status == 201
        peer.take(answer.body)
        peer.said("frame")
        one = the_one(viewer, lambda v: v["id"] == name)
        assert one["way"] == "webrtc"
        assert viewer.post("/api/stream/stats", {"viewer": name, **TOLD}).json()["code"] == 0
        assert viewers(viewer)[0]["present"]["p50"] == 12


def test_another_session_is_not_believed(moving, viewer):
    name = secrets.token_hex(16)
    with mjpeg(viewer, name):
        the_one(viewer, lambda v: v["id"] == name)
        answer = moving.admin().post("/api/stream/stats", {"viewer": name, **TOLD}).json()
        assert (answer["code"], answer["msg"]) == (-2, "no such viewer")
        assert viewers(viewer)[0]["decode"] is None


WRONG = [
    ({"decode_p50_us": 9000}, "p50, p95 and p99 must not fall"),
    ({"present_p95_us": 40000}, "p50, p95 and p99 must not fall"),
    ({"present_p99_us": 600_000_001}, "present_p99_us: must be 0..600000000"),
    ({"dropped": -1}, "dropped: must be 0..4294967295"),
    ({"decoded": 1.5}, "decoded: must be"),
    ({"presented": "NaN"}, "presented: must be"),
    ({"viewer": ""}, "viewer"),
]


@pytest.mark.parametrize("wrong, why", WRONG)
def test_figures_that_cannot_be_are_refused(viewer, wrong, why):
    body = {"viewer": secrets.token_hex(16), **TOLD, **wrong}
    answer = viewer.post("/api/stream/stats", body).json()
    assert answer["code"] == -1 and why in answer["reason"]
