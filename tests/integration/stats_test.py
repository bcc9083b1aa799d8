# SPDX-License-Identifier: LGPL-2.1-or-later
"""/api/stream/stats: how old pictures get on their way."""
from daemon import eventually
from peer import Peer
from stream_test import Mjpeg


def stats(client):
    answer = client.get("/api/stream/stats").json()
    assert answer["code"] == 0
    return answer["data"]


def encoder(client, codec):
    return next(e for e in stats(client)["encoders"] if e["codec"] == codec)


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
        for _ in range(5):
            stream.picture()
    age = encoder(viewer, "mjpeg")["age"]
    assert age["pictures"] >= before + 5 and age["p50"] > 0
