#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""desktop.py FOLDER: a 1080p desktop full of text whose pointer moves, as desktop.yuyv (raw frames)
and as desktop.mjpg (JPEGs of about 100 KB each), for the emulated V4L2 device.

desktop.py FOLDER CONTENT: the same (cursor), one whose text scrolls by a line with each frame
(scroll), or one with moving pictures all over it (video), as CONTENT.nv12."""
import io
import pathlib
import random
import sys

from PIL import Image, ImageChops, ImageDraw, ImageFilter, ImageFont

SIZE = (1920, 1080)
FRAMES = 8
JPEG_BYTES = 100_000
FONTS = "/usr/share/fonts/truetype/dejavu/"
ROOT = pathlib.Path(__file__).resolve().parents[2]


def window(draw, box, title, paper, ink, lines):
    mono = ImageFont.truetype(FONTS + "DejaVuSansMono.ttf", 14)
    sans = ImageFont.truetype(FONTS + "DejaVuSans.ttf", 13)
    left, top, right, bottom = box
    draw.rectangle(box, fill=paper, outline=(90, 90, 90))
    draw.rectangle((left, top, right, top + 26), fill=(60, 63, 65))
    draw.text((left + 8, top + 5), title, font=sans, fill=(220, 220, 220))
    for i, line in enumerate(lines[: (bottom - top - 44) // 17]):
        draw.text((left + 8, top + 32 + i * 17), line[: (right - left) // 9], font=mono, fill=ink)


def desktop(scrolled=0):
    image = Image.new("RGB", SIZE)
    draw = ImageDraw.Draw(image)
    for y in range(SIZE[1]):  # a wallpaper that is no flat colour
        draw.line([(0, y), (SIZE[0], y)], fill=(20 + y // 27, 50 + y // 18, 110 + y // 22))
    code = (ROOT / "daemon/http/server.cpp").read_text().expandtabs(4).split("\n")
    notes = (ROOT / "docs/architecture.md").read_text().split("\n")
    window(
        draw, (60, 60, 960, 940), "server.cpp", (255, 255, 255), (20, 20, 20), code[95 + scrolled :]
    )
    window(
        draw,
        (1000, 60, 1860, 960),
        "root@computer: ~",
        (10, 10, 10),
        (120, 230, 120),
        notes[scrolled:],
    )
    draw.rectangle((0, SIZE[1] - 36, *SIZE), fill=(40, 40, 44))
    return image


def cursor():
    still = desktop()
    for i in range(FRAMES):
        image = still.copy()
        x, y = 400 + 90 * i, 500 + 20 * i
        ImageDraw.Draw(image).polygon([(x, y), (x, y + 20), (x + 13, y + 14)], fill=(255, 255, 255))
        yield image


def scroll():
    return (desktop(i) for i in range(FRAMES))


def texture(seed):
    """Hills and valleys that go on at the edges; the same for the same seed."""
    dice = random.Random(seed)
    small = Image.frombytes("RGB", (64, 36), dice.randbytes(64 * 36 * 3))
    tiled = Image.new("RGB", (192, 108))
    for n in range(9):
        tiled.paste(small, (n % 3 * 64, n // 3 * 36))
    large = tiled.resize((SIZE[0] * 3, SIZE[1] * 3), Image.BICUBIC)
    return large.crop((SIZE[0], SIZE[1], SIZE[0] * 2, SIZE[1] * 2))


def video():
    """Two scenes that pass through each other, each coming round after the last frame."""
    near, far = texture(1), texture(2).filter(ImageFilter.GaussianBlur(8))
    for i in range(FRAMES):
        moved = ImageChops.offset(near, SIZE[0] * i // FRAMES // 4, 0)
        yield Image.blend(moved, ImageChops.offset(far, 0, SIZE[1] * i // FRAMES // 4), 0.5)


def planes(image, shrunk):
    """Luma, and colours that many times smaller in each direction; of limited range."""
    luma, *colours = image.convert("YCbCr").split()
    size = (SIZE[0] // shrunk[0], SIZE[1] // shrunk[1])
    yield luma.point(lambda v: 16 + v * 219 // 255).tobytes()
    for colour in colours:
        limited = colour.resize(size, Image.BOX).point(lambda v: 128 + (v - 128) * 224 // 255)
        yield limited.tobytes()


def yuyv(image):
    out = bytearray(SIZE[0] * SIZE[1] * 2)
    out[0::2], out[1::4], out[3::4] = planes(image, (2, 1))
    return bytes(out)


def nv12(image):
    luma, blue, red = planes(image, (2, 2))
    colours = bytearray(len(blue) * 2)
    colours[0::2], colours[1::2] = blue, red
    return luma + colours


def jpeg(image, quality):
    out = io.BytesIO()
    image.save(out, "JPEG", quality=quality, subsampling="4:2:2")
    return out.getvalue()


def main(folder, content=None):
    if content:
        drawn = {"cursor": cursor, "scroll": scroll, "video": video}[content]()
        (folder / f"{content}.nv12").write_bytes(b"".join(map(nv12, drawn)))
        return
    images = list(cursor())
    fits = max(
        (q for q in range(20, 90) if len(jpeg(images[0], q)) <= JPEG_BYTES),
        default=20,
    )
    (folder / "desktop.yuyv").write_bytes(b"".join(map(yuyv, images)))
    (folder / "desktop.mjpg").write_bytes(b"".join(jpeg(i, fits) for i in images))


if __name__ == "__main__":
    main(pathlib.Path(sys.argv[1]), *sys.argv[2:])
