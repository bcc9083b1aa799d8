# SPDX-License-Identifier: LGPL-2.1-or-later
"""Still pictures: the whole screen or a part of it, in the format and size that is asked for."""
import io
import time

import pytest
from daemon import Daemon
from PIL import Image, ImageChops

SHOTS = 8
SENT_AGAIN = 0.6  # seconds between two pictures of a still screen


def shot(admin, query=""):
    reply = admin.get(f"/api/stream/snapshot{query}")
    assert reply.status == 200, reply.body
    assert reply.header("Cache-Control") == "no-store"
    picture = Image.open(io.BytesIO(reply.body))
    assert reply.header("Content-Type") == f"image/{picture.format.lower()}"
    picture.load()
    return picture


def refusal(admin, query):
    reply = admin.get(f"/api/stream/snapshot{query}")
    assert reply.status == 400
    return reply.body.decode()


def difference(a, b):
    """The largest of any two pixels' channels."""
    return max(high for _, high in ImageChops.difference(a, b).getextrema())


def test_without_a_wish_it_is_the_streams_jpeg(admin):
    picture = shot(admin)
    assert (picture.format, picture.size) == ("JPEG", (1280, 720))
    assert shot(admin, "?t=1234567").size == (1280, 720), "as cameras ask for it"


def test_one_of_a_screen_that_stands_still_does_not_wait_until_it_is_sent_again(tmp_path):
    with Daemon(tmp_path) as daemon:
        client = daemon.admin()
        shot(client)
        begun = time.monotonic()
        for _ in range(SHOTS):
            shot(client)
        assert time.monotonic() - begun < SHOTS * SENT_AGAIN / 2


def test_a_png_has_each_pixel_as_the_screen_shows_it(admin):
    one, two = shot(admin, "?format=png"), shot(admin, "?format=png")
    assert (one.format, one.size) == ("PNG", (1280, 720))
    assert difference(one, two) == 0, "the screen stands still, and nothing is lost"


def test_a_part_of_the_screen_is_that_part_to_the_pixel(admin):
    whole = shot(admin, "?format=png")
    part = shot(admin, "?format=png&region=101,53,333,207")
    assert part.size == (333, 207)
    assert difference(part, whole.crop((101, 53, 101 + 333, 53 + 207))) == 0


def test_a_picture_is_made_smaller(admin):
    assert shot(admin, "?scale=25").size == (320, 180)
    assert shot(admin, "?format=png&scale=50&region=0,0,101,99").size == (51, 50)


def test_quality_is_of_jpeg(admin):
    rough = admin.get("/api/stream/snapshot?quality=10").body
    fine = admin.get("/api/stream/snapshot?quality=95").body
    assert 2 * len(rough) < len(fine)


@pytest.mark.parametrize(
    "query, why",
    [
        ("?format=bmp", "format must be jpeg or png"),
        ("?scale=0", "scale must be 1 to 100"),
        ("?scale=101", "scale must be 1 to 100"),
        ("?scale=1e2", "scale must be 1 to 100"),
        ("?quality=", "quality must be 1 to 100"),
        ("?region=1,2,3", "region must be x,y,width,height in pixels"),
        ("?region=0,0,-1,5", "each part of region must be 0 to 32768"),
        ("?region=0,0,1281,5", "region 0,0,1281,5 is not on the screen, which has 1280x720 pixels"),
        ("?region=1280,0,1,1", "region 1280,0,1,1 is not on the screen, which has 1280x720 pixels"),
        ("?region=0,0,0,0", "region 0,0,0,0 is not on the screen, which has 1280x720 pixels"),
    ],
)
def test_a_wish_that_cannot_be_is_refused_with_the_reason(admin, query, why):
    assert refusal(admin, query) == why + "\n"
