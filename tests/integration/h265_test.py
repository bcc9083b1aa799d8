# SPDX-License-Identifier: LGPL-2.1-or-later
"""H.265 by WebRTC: for who can decode it and prefers it, where something here makes it. In software,
which nobody would want beside a test: what it takes to add it is one pipeline file."""
import io

import pytest
from bitrate_test import MOVING
from daemon import Daemon, eventually
from peer import Peer
from PIL import Image
from rate_test import viewers, watching
from standin import STANDIN
from stats_test import encoder, stats
from way import Way

X265 = """
name: h265-x265
kind: encoder
offers: {codec: h265, rank: 10}
launch: |
  videoconvert ! videoscale ! video/x-raw,format=I420 ! capsfilter name=size
  ! x265enc name=enc tune=zerolatency speed-preset=ultrafast option-string=repeat-headers=1
  ! video/x-h265,profile=main,stream-format=byte-stream,alignment=au
set:
  video.bitrate_kbps: enc::bitrate
  screen.gop: enc::key-int-max
  screen.size: size::caps
"""
VIDEO = {"width": 640, "height": 360, "bitrate_kbps": 2000, "low_kbps": 500}
PATIENCE = 60  # seconds that a change of streams may take


def configured(folder, **files):
    """A configuration with these pipelines of its own."""
    (folder / "pipelines").mkdir()
    for name, text in files.items():
        (folder / f"pipelines/{name}.yaml").write_text(text)
    video = {**VIDEO, "pipelines_dir": folder / "pipelines"}
    return {"video": video, "audio": {"device": "virtual"}}


@pytest.fixture
def client(tmp_path):
    with Daemon(tmp_path, configured(tmp_path, h265=X265)) as daemon:
        yield daemon.admin()


def luma(client):
    """The screen as the peer tells it."""
    png = client.request("GET", "/api/stream/snapshot?format=png").body
    return Image.open(io.BytesIO(png)).convert("L").resize((32, 24), Image.BOX).tobytes()


def difference(a, b):
    return sum(abs(x - y) for x, y in zip(a, b)) / len(a)


def codec(peer):
    return peer.said("codec")[0]


def test_who_prefers_it_gets_it_and_sees_the_screen(client):
    with watching(client, "--h265", "--picture") as peer:
        assert codec(peer) == "H265"
        assert viewers(client)[0]["codec"] == "h265"
        screen = luma(client)
        eventually(lambda: difference(peer.sees()[-1], screen) < 6, PATIENCE, "the same picture")
        assert difference(screen, bytes(len(screen))) > 20, "which is not black"


def test_one_who_comes_later_begins_with_a_key_frame(client):
    with watching(client, "--h265", "--picture"), watching(client, "--h265", "--picture"):
        pass  # both have decoded a picture


def test_sound_comes_with_it(client):
    with Peer(client, "--h265", "--sound") as peer:
        assert peer.begin() == 201
        peer.said("frame")
        assert codec(peer) == "H265"
        peer.said("heard")


def test_others_get_h264_beside_it_and_nothing_runs_that_nobody_watches(client):
    with watching(client) as peer:
        assert codec(peer) == "H264"
        assert encoder(client, "h265")["age"]["pictures"] == 0
        with watching(client, "--h265"):
            assert [v["codec"] for v in viewers(client)] == ["h264", "h265"]
            assert encoder(client, "h265")["age"]["pictures"] > 0


def test_who_prefers_it_gets_h264_where_nothing_makes_it(viewer):
    with watching(viewer, "--h265") as peer:
        assert codec(peer) == "H264"


@pytest.mark.parametrize(
    "asked, why", [("--h265-only", b"offer H.264, too"), ("--h265-small", b"level 4.1")]
)
def test_who_takes_nothing_that_is_made_here_is_told_so(viewer, asked, why):
    with Peer(viewer, asked) as peer:
        reply = viewer.request("POST", "/whep", peer.offer(), "application/sdp")
    assert reply.status == 406 and why in reply.body


def test_a_bad_network_gets_a_smaller_stream_of_it(tmp_path):
    config = configured(tmp_path, h265=X265, capture=MOVING)
    with Daemon(tmp_path, config) as daemon, Way() as way:
        client = daemon.admin()
        good = watching(client, "--h265")
        with good, watching(client, "--h265", "--picture", way=way) as peer:
            way.kbps = 400
            eventually(lambda: viewers(client)[1]["tier"] == "low", PATIENCE, "the low stream")
            assert viewers(client)[0]["tier"] == "full"
            seen = len(peer.sees())
            eventually(lambda: len(peer.sees()) > seen + 10, PATIENCE, "pictures of it")
            assert encoder(client, "h265-low")["age"]["pictures"] > 0
            assert encoder(client, "h264-low")["age"]["pictures"] == 0


def test_its_rate_is_set_with_that_of_h264(client):
    with watching(client, "--h265") as peer:
        before = sum(e["age"]["pictures"] for e in stats(client)["encoders"])
        body = {"type": "quality", "value": 1500}
        assert client.post("/api/vm/screen", body).json()["code"] == 0
        eventually(
            lambda: sum(e["age"]["pictures"] for e in stats(client)["encoders"]) > before,
            PATIENCE,
            "pictures after it",
        )
        assert peer.has_said("frame")


def test_a_chip_without_it_is_refused_in_words(tmp_path):
    with Daemon(tmp_path, env=STANDIN) as daemon:
        daemon.admin()
        log = daemon.log()
    assert "codec=h265" not in log
    assert "pipeline refused name=h265-mpp" in log, log
