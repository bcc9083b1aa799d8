# SPDX-License-Identifier: LGPL-2.1-or-later
"""/api/stream/stats: how old pictures get on their way, and how viewers fare."""
import pytest
from daemon import eventually
from peer import Peer
from stream_test import Mjpeg
from way import Way

PATIENCE = 40  # seconds until a peer that has no haste has reported


def stats(client):
    answer = client.get("/api/stream/stats").json()
    assert answer["code"] == 0
    return answer["data"]


def encoder(client, codec):
    return next(e for e in stats(client)["encoders"] if e["codec"] == codec)


@pytest.fixture(autouse=True)
def nobody(viewer):
    """Those of the test before are gone."""
    eventually(lambda: stats(viewer)["viewers"] == [], PATIENCE, "nobody")


def test_a_picture_ages_from_capture_to_encoder(viewer):
    with Peer(viewer) as peer:
        peer.watch()
        eventually(lambda: encoder(viewer, "h264")["age"]["pictures"] >= 60, 30, "60 encoded")
        now = stats(viewer)
        capture, encoded = now["capture"], encoder(viewer, "h264")
        assert capture["state"] == "ok" and (capture["width"], capture["height"]) == (1280, 720)
        for age in (capture["age"], encoded["age"]):
            assert 0 <= age["p50"] <= age["p95"] <= age["p99"] < 5000
        assert capture["age"]["p50"] <= encoded["age"]["p50"]
        assert encoded["name"].startswith("h264-")


def test_what_is_encoded_for_a_viewer_has_an_age(viewer):
    before = encoder(viewer, "mjpeg")["age"]["pictures"]
    with Mjpeg(viewer) as stream:
        for _ in range(6):  # the first may be one that was made before
            stream.picture()
    age = encoder(viewer, "mjpeg")["age"]
    assert age["pictures"] >= before + 5 and age["p50"] > 0


def told(client, what):
    """Of the one viewer, once its reports say so much."""
    viewers = stats(client)["viewers"]
    return viewers[0] if len(viewers) == 1 and what(viewers[0]) else None


def test_nobody_is_told_of_before_the_peer_is_connected(viewer):
    with Peer(viewer) as peer:
        peer.offer()
        assert stats(viewer)["viewers"] == []


def test_a_viewer_is_told_of_while_it_is_there(viewer):
    with Peer(viewer) as peer:
        peer.watch()
        one = eventually(lambda: told(viewer, lambda v: v["frames"] >= 60), PATIENCE, "60 frames")
        assert one["user"] == "admin"
        assert one["bytes"] > 60 * 100
        assert 0 < one["age"]["p50"] <= one["age"]["p95"] <= one["age"]["p99"] < 5000
        one = eventually(
            lambda: told(viewer, lambda v: v["round_trip"] is not None and v["sent_kbps"]),
            PATIENCE,
            "its reports",
        )
        assert one["lost"] < 0.01 and one["round_trip"] < 500
        assert 0.5 < one["arrived_kbps"] / one["sent_kbps"] < 1.5
        peer.delete()
    eventually(lambda: stats(viewer)["viewers"] == [], 10, "nobody")


def test_what_a_network_does_to_the_packets_is_told(viewer):
    with Way(lose=0.2, delay=0.1) as way, Peer(viewer, way=way) as peer:
        peer.watch()
        one = eventually(
            lambda: told(
                viewer, lambda v: (v["round_trip"] or 0) >= 200 and (v["lost"] or 0) > 0.1
            ),
            PATIENCE,
            "its reports",
        )
        assert one["round_trip"] < 700 and one["lost"] < 0.4
        assert way.dropped > 0


def test_a_bad_network_fills_no_queue_in_the_daemon(viewer):
    with Way(kbps=300) as way, Peer(viewer, way=way) as peer:
        peer.watch()
        one = eventually(lambda: told(viewer, lambda v: v["frames"] >= 90), PATIENCE, "90 frames")
        assert way.dropped > 0
        assert one["dropped"] == {"queue_full": 0, "awaiting_key_frame": 0}
