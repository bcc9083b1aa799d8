# SPDX-License-Identifier: LGPL-2.1-or-later
"""What is typed, clicked and pressed shows on the virtual computer's screen as it must.

The expected picture comes from a second virtual computer that is told the same reports.
"""
import io
import json
import subprocess
import time

import pytest
import wire
from daemon import BUILD, Daemon, eventually
from PIL import Image, ImageChops, ImageStat

US_LAYOUT = {c: (0, 4 + i) for i, c in enumerate("abcdefghijklmnopqrstuvwxyz")}
US_LAYOUT |= {c: (0, 30 + i) for i, c in enumerate("1234567890")} | {" ": (0, 44), "\n": (0, 40)}
US_LAYOUT |= {"H": (2, 11), "W": (2, 26), "!": (2, 30)}
PIXELS_THAT_MAY_DIFFER = 30  # by more than JPEG does to an edge; the smallest letter has more
CLEARLY = 64  # levels
MEAN_LEVELS_THAT_MAY_DIFFER = 6


def stroke(character):
    modifiers, usage = US_LAYOUT[character]
    return [bytes([modifiers, 0, usage, 0, 0, 0, 0, 0]), bytes(8)]


class Computer:
    """The daemon's virtual computer, and what has been done to it."""

    def __init__(self, daemon, folder):
        self.daemon = daemon
        self.admin = daemon.admin()
        self.done = []
        self.folder = folder

    def type(self, ws, text):
        for character in text:
            for report in stroke(character):
                ws.send(bytes([1]) + report)
        self.typed(text)

    def typed(self, text):
        self.done += [report.hex() for character in text for report in stroke(character)]

    def picture(self):
        reply = self.admin.get("/api/stream/snapshot")
        assert (reply.status, reply.header("Content-Type")) == (200, "image/jpeg")
        return Image.open(io.BytesIO(reply.body)).convert("RGB")

    def expected(self):
        path = self.folder / "expected.png"
        # Time passes, so that the disk has come to rest.
        commands = "\n".join([*self.done, "advance 5000", f"shot {path}"]) + "\n"
        program = BUILD / "tests/tools/virtual-screen"
        subprocess.run([program], input=commands, text=True, check=True, timeout=20)
        return Image.open(path).convert("RGB")

    def shows_what_it_must(self):
        expected = self.expected()
        eventually(lambda: alike(self.picture(), expected), 10, "the expected screen")
        return True


def alike(picture, expected):
    if picture.size != expected.size:
        return False
    grey = ImageChops.difference(picture.convert("L"), expected.convert("L"))
    different = ImageStat.Stat(grey.point(lambda v: v > CLEARLY)).sum[0]
    levels = max(ImageStat.Stat(ImageChops.difference(picture, expected)).mean)
    return different <= PIXELS_THAT_MAY_DIFFER and levels < MEAN_LEVELS_THAT_MAY_DIFFER


@pytest.fixture(scope="module")
def computer(tmp_path_factory):
    folder = tmp_path_factory.mktemp("screen")
    with Daemon(folder) as daemon:
        yield Computer(daemon, folder)


def test_the_screen_is_shown_in_its_true_colours(computer):
    assert computer.shows_what_it_must()


def test_typed_keys_show(computer):
    before = computer.picture()
    with wire.WebSocket(computer.admin, "/api/ws") as ws:
        computer.type(ws, "Hello World! 123\n")
        assert computer.shows_what_it_must()
    assert not alike(computer.picture(), before), "the comparison sees a line of text"


def test_one_wrong_letter_would_be_seen(computer):
    shown = computer.picture()
    computer.done.append(stroke("x")[0].hex())
    try:
        assert not alike(shown, computer.expected())
    finally:
        computer.done.pop()


def test_keys_of_old_clients_show(computer):
    with wire.WebSocket(computer.admin, "/api/ws") as ws:
        for character in "old client\n":
            modifiers, usage = US_LAYOUT[character]
            ws.send(json.dumps([1, usage, 0, modifiers, 0, 0]))
            ws.send("[1,0,0,0,0,0]")
        computer.typed("old client\n")
        assert computer.shows_what_it_must()


def test_a_pasted_text_shows(computer):
    text = "Hello from a paste!\n"
    assert computer.admin.post("/api/hid/paste", {"content": text}).json()["code"] == 0
    computer.typed(text)
    assert computer.shows_what_it_must()


def test_the_pointer_shows_where_it_is_and_what_it_presses(computer):
    with wire.WebSocket(computer.admin, "/api/ws") as ws:
        for report in ("000020001000", "010020001000", "000030004000"):
            ws.send(bytes([2]) + bytes.fromhex(report))
            computer.done.append(report)
            assert computer.shows_what_it_must()


def test_capslock_comes_back_as_a_light(computer):
    with wire.WebSocket(computer.admin, "/api/ws") as ws:
        capslock = bytes([0, 0, 57, 0, 0, 0, 0, 0])
        for lit in (True, False):
            ws.send(bytes([1]) + capslock)
            ws.send(bytes([1]) + bytes(8))
            ws.status("hid-led-status", lambda d: d["capsLock"] is lit)
            computer.done += [capslock.hex(), bytes(8).hex()]
        assert computer.shows_what_it_must()


def press(client, kind, duration):
    start = time.monotonic()
    reply = client.post("/api/vm/gpio", {"type": kind, "duration": duration})
    return reply.json(), time.monotonic() - start


def test_the_power_button_turns_the_machine_off_and_on(computer):
    admin = computer.admin
    lit = computer.picture()
    watching = admin.connect()  # the signal is looked at only while somebody watches
    watching.sendall(
        f"GET /api/stream/mjpeg HTTP/1.1\r\nHost: x\r\nCookie: nano-kvm-token={admin.token}\r\n\r\n".encode()
    )

    def told(kind, wanted):
        with wire.WebSocket(admin, "/api/ws") as ws:  # which tells what is, and then what changes
            return ws.status(kind, wanted)

    told("capture-status", lambda d: d["ok"])
    answer, seconds = press(admin, "power", 4200)  # the hard way
    assert answer == {"code": 0, "msg": "success", "data": None}
    assert 4.2 <= seconds < 6
    assert told("power", lambda d: not d["pwr"])["hdd"] is False
    off = told("capture-status", lambda d: not d["ok"])
    assert (off["result"], off["severity"]) == (-1, "error")
    assert admin.get("/api/vm/gpio").json()["data"] == {"pwr": False, "hdd": False}
    eventually(lambda: not alike(computer.picture(), lit), 5, "another picture")
    answer, seconds = press(admin, "power", 200)
    assert answer["code"] == 0 and 0.2 <= seconds < 2
    told("power", lambda d: d["pwr"])
    told("capture-status", lambda d: d["ok"])
    watching.close()
    assert admin.get("/api/vm/gpio/led").json()["data"]["pwr"] is True


def test_a_button_is_pressed_by_one_at_a_time(computer):
    admin = computer.admin
    body = json.dumps({"type": "reset", "duration": 2000}).encode()
    with admin.connect() as s:
        s.sendall(
            f"POST /api/vm/gpio HTTP/1.1\r\nHost: x\r\nCookie: nano-kvm-token={admin.token}\r\n"
            f"Connection: close\r\nContent-Length: {len(body)}\r\n\r\n".encode() + body
        )
        time.sleep(0.2)
        answer, seconds = press(admin, "reset", 10)
        assert answer["code"] == -3 and "already held" in wire.words(answer), answer
        assert seconds < 1, "it does not wait for its turn"
        assert b'"code":0' in wire.read_all(s)


@pytest.mark.parametrize(
    "body, code",
    [
        ({}, -1),
        ({"type": ""}, -1),
        ({"type": "power", "duration": -1}, -1),
        ({"type": "POWER"}, -2),
        ({"type": "hdd"}, -2),
        ({"type": "power;reboot"}, -2),
    ],
)
def test_a_press_that_is_none_presses_nothing(computer, body, code):
    start = time.monotonic()
    answer = computer.admin.post("/api/vm/gpio", body).json()
    assert answer["code"] == code and answer["data"] is None, answer
    assert time.monotonic() - start < 0.5
    assert computer.admin.get("/api/vm/gpio").json()["data"]["pwr"] is True


def test_without_wires_to_a_front_panel_the_buttons_say_so(tmp_path):
    with Daemon(tmp_path, {"power": {"backend": "none"}}) as daemon:
        admin = daemon.admin()
        assert admin.get("/api/vm/gpio").json()["code"] == -2
        assert admin.post("/api/vm/gpio", {"type": "power"}).json()["code"] == -3
