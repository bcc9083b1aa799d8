#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""desktop.py FOLDER: a 1080p desktop full of text whose pointer moves, as desktop.yuyv (raw frames)
and as desktop.mjpg (JPEGs of about 100 KB each), for the emulated V4L2 device."""
import io
import pathlib
import sys

from PIL import Image, ImageDraw, ImageFont

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


def desktop():
    image = Image.new("RGB", SIZE)
    draw = ImageDraw.Draw(image)
    for y in range(SIZE[1]):  # a wallpaper that is no flat colour
        draw.line([(0, y), (SIZE[0], y)], fill=(20 + y // 27, 50 + y // 18, 110 + y // 22))
    code = (ROOT / "daemon/http/server.cpp").read_text().expandtabs(4).split("\n")
    notes = (ROOT / "docs/architecture.md").read_text().split("\n")
    window(draw, (60, 60, 960, 940), "server.cpp", (255, 255, 255), (20, 20, 20), code[95:])
    window(draw, (1000, 60, 1860, 960), "root@computer: ~", (10, 10, 10), (120, 230, 120), notes)
    draw.rectangle((0, SIZE[1] - 36, *SIZE), fill=(40, 40, 44))
    return image


def frames():
    still = desktop()
    for i in range(FRAMES):
        image = still.copy()
        x, y = 400 + 90 * i, 500 + 20 * i
        ImageDraw.Draw(image).polygon([(x, y), (x, y + 20), (x + 13, y + 14)], fill=(255, 255, 255))
        yield image


def yuyv(image):
    luma, blue, red = image.convert("YCbCr").split()
    half = (SIZE[0] // 2, SIZE[1])
    out = bytearray(SIZE[0] * SIZE[1] * 2)
    out[0::2] = luma.point(lambda v: 16 + v * 219 // 255).tobytes()
    out[1::4] = blue.resize(half, Image.BOX).point(lambda v: 128 + (v - 128) * 224 // 255).tobytes()
    out[3::4] = red.resize(half, Image.BOX).point(lambda v: 128 + (v - 128) * 224 // 255).tobytes()
    return bytes(out)


def jpeg(image, quality):
    out = io.BytesIO()
    image.save(out, "JPEG", quality=quality, subsampling="4:2:2")
    return out.getvalue()


def main(folder):
    images = list(frames())
    fits = max(
        (q for q in range(20, 90) if len(jpeg(images[0], q)) <= JPEG_BYTES),
        default=20,
    )
    (folder / "desktop.yuyv").write_bytes(b"".join(map(yuyv, images)))
    (folder / "desktop.mjpg").write_bytes(b"".join(jpeg(i, fits) for i in images))


if __name__ == "__main__":
    main(pathlib.Path(sys.argv[1]))
