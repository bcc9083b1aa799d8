# SPDX-License-Identifier: LGPL-2.1-or-later
"""A screen that stands still: sharp, and next to free."""
import math
import subprocess
import time

import pytest
from capture_test import Rig
from daemon import Daemon, eventually
from PIL import Image, ImageChops, ImageDraw, ImageStat
from peer import Peer
from standin import STANDIN
from stream_test import Direct

SIZE = (1280, 720)
REST = 20  # seconds within which a picture comes to rest on a busy machine
MEASURED = 6  # seconds


def cpu_seconds(daemon):
    with open(f"/proc/{daemon.process.pid}/stat", encoding="ascii") as stat:
        user, system = stat.read().rsplit(")", 1)[1].split()[11:13]
    return (int(user) + int(system)) / 100


def units_for(stream, seconds):
    """What comes in that time, as (key, size in bytes)."""
    found, end = [], time.monotonic() + seconds
    while (left := end - time.monotonic()) > 0:
        try:
            _, message = stream.receive(left)
        except TimeoutError:
            break
        found.append((message[0] == 1, len(message) - 9))
    return found


def rest(stream):
    """Reads on until no more than two pictures a second come."""
    eventually(lambda: len(units_for(stream, 3)) <= 6, REST, "rest")


def measure(daemon, stream):
    """(CPU, units) of a while."""
    before = cpu_seconds(daemon)
    units = units_for(stream, MEASURED)
    return (cpu_seconds(daemon) - before), units


def test_a_still_screen_costs_next_to_nothing(tmp_path, moving, viewer):
    with Daemon(tmp_path) as still, Direct(still.admin()) as direct:
        with Peer(still.admin()) as peer:
            peer.watch()
            rest(direct)
            resting, units = measure(still, direct)
    with Direct(viewer) as direct, Peer(viewer) as peer:
        peer.watch()
        units_for(direct, 2)
        busy, many = measure(moving, direct)
    assert len(many) > 20 * MEASURED
    assert MEASURED < len(units) <= 2 * MEASURED, "it is known to be alive"
    kbps = sum(size for _, size in units) * 8 / 1000 / MEASURED
    print(f"still: {resting / MEASURED:.1%} of a core, {kbps:.2f} kbit/s;", end=" ")
    print(f"moving: {busy / MEASURED:.1%}; ratio {resting / busy:.3f}")
    assert kbps <= 20
    assert not any(key for key, _ in units), "nobody needs a key frame"
    assert resting <= 0.15 * busy


def test_who_comes_to_a_still_screen_gets_a_key_frame_at_once(tmp_path):
    with Daemon(tmp_path) as still:
        admin = still.admin()
        with Direct(admin) as first:
            rest(first)
            with Direct(admin) as late:
                start = time.monotonic()
                assert late.unit()[0]
                assert time.monotonic() - start < 0.9, "not with the next still picture"
            with Peer(admin) as peer:
                peer.watch()
            rest(first)


def drawn(folder):
    """A picture full of small text."""
    picture = Image.new("RGB", SIZE, (250, 250, 250))
    draw = ImageDraw.Draw(picture)
    for row in range(60):
        text = "".join(chr(33 + (row * 31 + i * 7) % 90) for i in range(200))
        draw.text((4, row * 12), text, fill=(20, 20 + row * 3, 120))
    picture.save(folder / "text.png")
    return folder / "text.png"


CAPTURE = """
name: capture
kind: capture
launch: |
  filesrc location={file} ! pngdec ! videoconvert ! imagefreeze is-live=true
  ! video/x-raw,format=I420,framerate=30/1
  ! mjpegdetect drop=false max-interval=0
"""


def launch(line):
    subprocess.run(["gst-launch-1.0", "-q", *line.split()], check=True, timeout=60)


def luma(raw):
    return Image.frombytes("L", SIZE, raw[: SIZE[0] * SIZE[1]])


def psnr(one, other):
    error = ImageStat.Stat(ImageChops.difference(one, other))
    if error.sum2[0] == 0:
        return 99
    return 10 * math.log10(255**2 * SIZE[0] * SIZE[1] / error.sum2[0])


@pytest.mark.parametrize("encoder", ["h264-x264", "h264-openh264", "h264-mpp"])
def test_a_picture_that_came_to_rest_is_sharp(tmp_path, encoder):
    file = drawn(tmp_path)
    (tmp_path / "pipelines").mkdir()
    (tmp_path / "pipelines/capture.yaml").write_text(CAPTURE.format(file=file))
    settings = {"video": {"pipelines_dir": tmp_path / "pipelines", "encoder": encoder}}
    with Daemon(tmp_path, settings, env=STANDIN) as daemon, Direct(daemon.admin()) as direct:
        units, quiet = [], time.monotonic() + REST
        while time.monotonic() < quiet:
            begun = time.monotonic()
            units.append(direct.receive(5)[1][9:])
            if time.monotonic() - begun > 0.4 and len(units) > 3:
                break
        assert time.monotonic() < quiet, "it never comes to rest"
    (tmp_path / "units.h264").write_bytes(b"".join(units))
    shape = f"video/x-raw,format=I420,width={SIZE[0]},height={SIZE[1]}"
    launch(
        f"filesrc location={file} ! pngdec ! videoconvert ! {shape} ! filesink location={tmp_path}/a"
    )
    launch(
        f"filesrc location={tmp_path}/units.h264 ! h264parse ! avdec_h264 ! {shape}"
        f" ! filesink location={tmp_path}/b"
    )
    source, raw = luma((tmp_path / "a").read_bytes()), (tmp_path / "b").read_bytes()
    size = SIZE[0] * SIZE[1] * 3 // 2
    assert len(raw) // size == len(units), "each unit is a whole picture"
    first, last = psnr(source, luma(raw)), psnr(source, luma(raw[-size:]))
    print(f"{encoder}: {first:.1f} dB at first, {last:.1f} dB after {len(units)} pictures")
    assert last >= 40 and last > first


def test_a_sticks_still_jpegs_are_not_decoded_again(tmp_path):
    jpeg = tmp_path / "still.mjpg"
    noise = Image.effect_noise((640, 480), 60).convert("RGB")
    noise.save(jpeg, "JPEG")
    with Rig(tmp_path, formats="MJPG", mjpg=jpeg, timings=0, events=0, stamp=0) as rig:
        with Direct(rig.admin) as direct:
            rest(direct)
            with Direct(rig.admin) as late:
                assert late.unit()[0]
            rest(direct)
            used, units = measure(rig.daemon, direct)
    print(f"{used / MEASURED:.1%} of a core, {len(units)} units")
    assert used / MEASURED < 0.05
