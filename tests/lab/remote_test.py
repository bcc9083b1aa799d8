# SPDX-License-Identifier: LGPL-2.1-or-later
"""pantographd on Linux's own drivers, used from another machine through its HTTP port: what the
computer shows arrives here, and what is pressed here arrives at the computer."""
import asyncio
import contextlib
import io
import json
import subprocess

import account
import aiohttp
import pytest
from conftest import eventually
from PIL import Image

WIDTH, HEIGHT = 640, 480
QUARTERS = [(30, 30, 30), (200, 200, 200), (180, 60, 40), (40, 60, 180)]  # reading order, RGB
CONFIG = """
video: {device: /dev/video0, bitrate_kbps: 2000}
hid: {keyboard: /dev/hidg0, relative: /dev/hidg1, absolute: /dev/hidg2}
"""
KEY_FRAME, KEYBOARD, POINTER = b"\x01", b"\x01", b"\x02"


def four_colours():
    """The picture as the I420 bytes of a video output: the format kvmsrc prefers."""
    picture = Image.new("RGB", (WIDTH, HEIGHT))
    for n, colour in enumerate(QUARTERS):
        x, y = n % 2 * WIDTH // 2, n // 2 * HEIGHT // 2
        picture.paste(colour, (x, y, x + WIDTH // 2, y + HEIGHT // 2))
    luma, *chroma = picture.convert("YCbCr").split()
    planes = [luma.point(lambda v: 16 + v * 219 // 255)]
    for plane in chroma:
        half = plane.resize((WIDTH // 2, HEIGHT // 2), Image.NEAREST)
        planes.append(half.point(lambda v: 16 + v * 224 // 255))
    return b"".join(plane.tobytes() for plane in planes)


def shows_the_four_colours(picture):
    middles = [(WIDTH * x // 4, HEIGHT * y // 4) for y in (1, 3) for x in (1, 3)]
    if picture.size != (WIDTH, HEIGHT):
        return False
    found = [picture.convert("RGB").getpixel(at) for at in middles]
    return all(abs(a - b) < 16 for got, want in zip(found, QUARTERS) for a, b in zip(got, want))


@pytest.fixture(scope="module")
def computer(machine):
    """The whole machine: a picture on its HDMI output, its USB port connected, pantographd up."""
    (machine.share / "picture").write_bytes(four_colours())
    (machine.share / "server.yaml").write_text(CONFIG)
    machine.run(
        "vivid_up; gadget_up; hdmi 640x480p59; v4l2-ctl -d 1 --set-fmt-video-out=pixelformat=YU12"
    )
    show = "v4l2-ctl -d 1 --stream-out-mmap --stream-from=/lab/picture --stream-loop"
    daemon = account.command(machine, "/lab/server.yaml", "/tmp/state")
    with contextlib.ExitStack() as programs:
        programs.enter_context(machine.running("picture", show))
        machine.events = programs.enter_context(
            machine.running("events", "/usr/bin/python3 tests/lab/machine/record.py")
        )
        machine.daemon = programs.enter_context(machine.running("daemon", daemon))
        machine.daemon.says("http://")
        machine.events.says("recording")
        yield machine


def remote(computer, work, seconds=60):
    """Runs work(session), a coroutine, signed in."""

    async def signed_in():
        base = f"http://127.0.0.1:{computer.http_port}"
        async with aiohttp.ClientSession(
            base, cookie_jar=aiohttp.CookieJar(unsafe=True)
        ) as session:
            login = {"username": "admin", "password": account.OBFUSCATED}
            async with session.post("/api/auth/login", json=login) as answer:
                assert (await answer.json())["code"] == 0
            return await asyncio.wait_for(work(session), seconds)

    return asyncio.run(signed_in())


def test_mjpeg_shows_the_computers_picture(computer):
    async def work(session):
        async with session.get("/api/stream/mjpeg") as answer:
            parts = aiohttp.MultipartReader.from_response(answer)
            while part := await parts.next():
                if shows_the_four_colours(Image.open(io.BytesIO(await part.read()))):
                    return True

    assert remote(computer, work)


def test_direct_h264_shows_the_computers_picture(computer, tmp_path):
    async def work(session):
        units = []
        async with session.ws_connect("/api/stream/h264/direct") as socket:
            async for message in socket:
                assert message.type == aiohttp.WSMsgType.BINARY
                units.append((message.data[:1], message.data[9:]))
                if len(units) == 10:
                    return units

    units = remote(computer, work)
    assert units[0][0] == KEY_FRAME
    assert units[0][1].startswith(b"\0\0\0\1"), "a key unit begins with a start code"
    (tmp_path / "units.h264").write_bytes(b"".join(unit for _, unit in units))
    decode = "filesrc location=units.h264 ! h264parse ! avdec_h264 ! videoconvert ! pngenc"
    decode += " ! multifilesink location=%d.png"
    subprocess.run(f"gst-launch-1.0 -q {decode}", shell=True, cwd=tmp_path, check=True, timeout=60)
    assert shows_the_four_colours(Image.open(tmp_path / "9.png"))


def test_keys_and_pointer_arrive_at_the_computer(computer):
    sent = [
        KEYBOARD + bytes.fromhex("0200040000000000"),
        KEYBOARD + bytes(8),
        POINTER + bytes.fromhex("010040002000"),
        POINTER + bytes.fromhex("000040002001"),
        POINTER + bytes.fromhex("0005fb00"),
    ]
    wanted = """
        keyboard KEY_LEFTSHIFT 1, keyboard KEY_A 1, keyboard KEY_LEFTSHIFT 0, keyboard KEY_A 0,
        absolute BTN_LEFT 1, absolute ABS_X 16384, absolute ABS_Y 8192, absolute BTN_LEFT 0,
        absolute REL_WHEEL 1, relative REL_X 5, relative REL_Y -5
    """
    wanted = [event.strip() for event in wanted.split(",")]

    before = len(computer.events.log().splitlines())

    def all_arrived():
        return sorted(computer.events.log().splitlines()[before:]) == sorted(wanted)

    async def work(session):
        async with session.ws_connect("/api/ws") as socket:
            for report in sent:
                await socket.send_bytes(report)
            await asyncio.to_thread(eventually, all_arrived, 30, "all events and no other")

    remote(computer, work)


def test_caps_lock_comes_back_as_a_light(computer):
    async def work(session):
        async with session.ws_connect("/api/ws") as socket:
            for lit in (True, False):
                await socket.send_bytes(KEYBOARD + bytes.fromhex("0000390000000000"))
                await socket.send_bytes(KEYBOARD + bytes(8))
                async for message in socket:
                    status = json.loads(message.data)
                    lights = json.loads(status["data"])
                    if status["type"] == "hid-led-status" and lights["known"]:
                        if lights["capsLock"] == lit:
                            break
                else:
                    return False
        return True

    assert remote(computer, work, seconds=20)


def test_what_was_held_is_let_go_when_its_owner_leaves(computer):
    async def work(session):
        socket = await session.ws_connect("/api/ws")
        await socket.send_bytes(KEYBOARD + bytes.fromhex("0000050000000000"))
        await asyncio.to_thread(computer.events.says, "keyboard KEY_B 1")
        socket._response.connection.transport.abort()

    remote(computer, work)
    computer.events.says("keyboard KEY_B 0")
