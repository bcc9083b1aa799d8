# SPDX-License-Identifier: LGPL-2.1-or-later
"""video.bitrate_kbps is what a moving picture is sent at, whichever encoder makes it."""
import struct

import wire
from daemon import ROOT, Daemon, run
from standin import STANDIN

MOVING = """
name: capture
kind: capture
launch: |
  videotestsrc pattern=zone-plate kx2=20 ky2=20 kt=5 is-live=true
  ! video/x-raw,width=640,height=480,framerate=30/1
"""
SETTLED_US, MEASURED_US = 1_500_000, 3_000_000


def encoders(folder):
    """The names of those that work here."""
    (folder / "none.yaml").write_text("")
    _, out, _ = run(
        "--config",
        folder / "none.yaml",
        "--check-pipelines",
        "--pipelines",
        ROOT / "pipelines",
        **STANDIN,
    )
    rows = [line.split(maxsplit=3) for line in out.splitlines()]
    return [
        name
        for name, kind, codec, state in rows
        if codec == "h264" and kind == "encoder" and state == "ok"
    ]


def kbps(folder, encoder, wanted):
    (folder / "pipelines").mkdir(parents=True)
    (folder / "pipelines/capture.yaml").write_text(MOVING)
    video = {
        "encoder": encoder,
        "bitrate_kbps": wanted,
        "pipelines_dir": folder / "pipelines",
    }
    size, first, last = 0, None, 0
    with Daemon(folder, {"video": video}, env=STANDIN) as daemon:
        with wire.WebSocket(daemon.admin(), "/api/stream/h264/direct") as ws:
            while first is None or last < first + MEASURED_US:
                _, message = ws.receive()
                last = struct.unpack("<Q", message[1:9])[0]
                if first is not None:
                    size += len(message) - 9
                elif last > SETTLED_US:
                    first = last
    return size * 8 * 1000 / (last - first)


def test_the_rate_of_every_encoder_here_is_the_one_that_is_set(tmp_path):
    names = encoders(tmp_path)
    assert {"h264-x264", "h264-mpp"} <= set(names)
    for name in names:
        low, high = (kbps(tmp_path / f"{name}-{rate}", name, rate) for rate in (1000, 4000))
        assert 2.5 < high / low < 6, (name, low, high)
        assert 0.5 < high / 4000 < 2, (name, low, high)
