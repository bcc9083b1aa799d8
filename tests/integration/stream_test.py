# SPDX-License-Identifier: LGPL-2.1-or-later
"""The video streams as bytes: MJPEG parts and H.264 access units."""
import io
import os
import socket
import struct
import time

import pytest
import wire
from daemon import eventually
from PIL import Image

HEAD = b"--frame\r\nContent-Type: image/jpeg\r\n"


class Mjpeg:
    """A stream that is read a part at a time, as strictly as its framing allows."""

    def __init__(self, client, path="/api/stream/mjpeg"):
        self.socket = client.connect()
        cookie = f"nano-kvm-token={client.token}"
        self.socket.sendall(f"GET {path} HTTP/1.1\r\nHost: x\r\nCookie: {cookie}\r\n\r\n".encode())
        self.buffer = b""
        self.head = self.until(b"\r\n\r\n").decode()
        self.take(HEAD)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.socket.close()

    def more(self):
        chunk = self.socket.recv(1 << 20)
        assert chunk, "the stream ended"
        self.buffer += chunk

    def until(self, end):
        while end not in self.buffer:
            self.more()
        out, self.buffer = self.buffer.split(end, 1)
        return out

    def take(self, expected):
        while len(self.buffer) < len(expected):
            self.more()
        assert self.buffer.startswith(expected), self.buffer[:100]
        self.buffer = self.buffer[len(expected) :]

    def picture(self):
        """One picture; the head of the part after it must have come with it."""
        self.take(b"Content-Length: ")
        size = int(self.until(b"\r\n\r\n"))
        while len(self.buffer) < size:
            self.more()
        out, self.buffer = self.buffer[:size], self.buffer[size:]
        self.take(b"\r\n" + HEAD)
        return out


def test_mjpeg_has_the_framing_that_clients_count_on(viewer):
    with Mjpeg(viewer) as stream:
        status, *lines = stream.head.split("\r\n")
        headers = dict(line.lower().split(": ", 1) for line in lines)
        assert status == "HTTP/1.1 200 OK"
        assert headers["content-type"] == "multipart/x-mixed-replace; boundary=frame"
        assert headers["cache-control"] == "no-cache" and headers["pragma"] == "no-cache"
        assert "x-server-date" in headers and "content-length" not in headers
        for _ in range(5):
            picture = stream.picture()
            assert picture[:2] == b"\xff\xd8" and picture[-2:] == b"\xff\xd9"
            assert picture.count(b"\xff\xd8") == 1, "some clients look for these two bytes"
            assert Image.open(io.BytesIO(picture)).size == (1280, 720)


def test_a_browser_that_paints_at_the_next_head_has_that_at_once(admin):
    """Chromium; a part whose head comes before it is known has no length."""
    chromium = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 Chrome/131.0.0.0 Safari/537.36"
    with admin.connect() as s:
        accepted = "image/avif,image/webp,image/apng,image/*,*/*;q=0.8"
        lines = {"Host": "kvm", "User-Agent": chromium, "Accept": accepted, **admin.cookies()}
        fields = "".join(f"{name}: {value}\r\n" for name, value in lines.items())
        s.sendall(f"GET /api/stream/mjpeg HTTP/1.1\r\n{fields}\r\n".encode())
        head = b"--frame\r\nContent-Type: image/jpeg\r\n\r\n"
        got = b""
        while got.count(head) < 3:
            got += s.recv(65536)
    first, second = got.split(head)[1:3]
    assert first.startswith(b"\xff\xd8") and first.endswith(b"\xff\xd9\r\n")
    assert second.startswith(b"\xff\xd8") and b"Content-Length" not in got.split(b"--frame", 1)[1]


def test_mjpeg_ignores_its_query(viewer):
    with Mjpeg(viewer, "/api/stream/mjpeg?n=1&v=%2e%2e&n") as stream:
        assert stream.picture()


def test_who_asks_for_it_is_told_when_each_picture_was_captured(viewer):
    def just_now(seconds):
        return -0.1 < time.monotonic() - seconds < 5

    with Mjpeg(viewer, "/api/stream/mjpeg?time=capture") as stream:
        times = []
        for _ in range(3):
            stream.take(b"X-Timestamp: ")
            times.append(float(stream.until(b"\r\n")))
            assert just_now(times[-1]) and stream.picture()
        assert times == sorted(set(times))
    with Direct(viewer, "?time=capture") as ws:
        assert all(just_now(ws.unit()[1] / 1e6) for _ in range(3))
    with wire.WebSocket(viewer, "/api/ws") as ws:
        ws.send({"ping": 1})
        assert just_now(ws.until(lambda m: "pong" in m)["steady"] / 1000), "the same clock"


def test_a_still_screen_is_sent_at_once_and_once_a_second(admin):
    with Mjpeg(admin) as first:
        assert first.picture()
        start = time.monotonic()
        with Mjpeg(admin) as second:
            assert second.picture() and time.monotonic() - start < 0.5
            assert first.picture() and 0.3 < time.monotonic() - start < 3


def test_two_viewers_get_the_same_pictures(viewer):
    with Mjpeg(viewer) as first, Mjpeg(viewer) as second:
        pairs = [(first.picture(), second.picture()) for _ in range(20)]
    ones, others = map(set, zip(*pairs))
    assert len(ones & others) > 10


def rate(stream, seconds=1.0):
    count, end = 0, time.monotonic() + seconds
    while time.monotonic() < end:
        stream.picture()
        count += 1
    return count / seconds


def test_a_viewer_that_never_reads_slows_nobody(viewer):
    with Mjpeg(viewer) as good:
        alone = rate(good)
        stuck = [Mjpeg(viewer) for _ in range(3)]
        rate(good)  # until their buffers are full
        assert rate(good) > alone / 2
        # When one of them reads again, the framing is whole and the picture is new.
        while len(stuck[0].buffer) < 100_000:
            stuck[0].more()
        for _ in range(20):
            stuck[0].picture()
        for stream in stuck:
            stream.socket.close()


class Narrow(wire.Client):
    """Whose kernel takes little that is not read."""

    def connect(self, limit=wire.LIMIT):
        s = socket.socket()
        s.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 8192)
        s.settimeout(limit)
        s.connect((self.host, self.port))
        return s


def test_a_viewer_that_takes_little_is_sent_little_that_is_old(viewer):
    with Mjpeg(Narrow(viewer.port, viewer.token)) as slow, Mjpeg(viewer) as good:
        seen, size = set(), 0
        while size < 2 << 20:
            picture = good.picture()
            seen.add(picture)
            size += len(picture)
        old = []
        while (picture := slow.picture()) in seen:
            old.append(len(picture))
        assert sum(old) < 160_000, old


def test_a_viewer_that_goes_frees_what_it_held(moving, viewer):
    def descriptors():
        return len(os.listdir(f"/proc/{moving.process.pid}/fd"))

    with Mjpeg(viewer) as stay:
        stay.picture()
        before = descriptors()
        for how in (socket.SHUT_RDWR, socket.SHUT_WR, None):
            for _ in range(5):
                stream = Mjpeg(viewer)
                if how is not None:
                    stream.socket.shutdown(how)
                stream.socket.close()
        eventually(lambda: stay.picture() and descriptors() <= before, 10, "closed descriptors")


def test_a_snapshot_is_one_picture(viewer):
    pictures = set()
    for _ in range(3):
        reply = viewer.get("/api/stream/snapshot?v=1")
        assert reply.header("Content-Type") == "image/jpeg"
        assert reply.header("Cache-Control") == "no-store"
        assert int(reply.header("Content-Length")) == len(reply.body)
        assert Image.open(io.BytesIO(reply.body)).size == (1280, 720)
        pictures.add(reply.body)
        time.sleep(0.1)
    assert len(pictures) > 1, "each is taken anew"


def units_of(payload):
    """The NAL unit types of an Annex B access unit."""
    types, at = [], payload.find(b"\0\0\1")
    while at >= 0 and at + 3 < len(payload):
        types.append(payload[at + 3] & 0x1F)
        at = payload.find(b"\0\0\1", at + 3)
    return types


class Direct(wire.WebSocket):
    def __init__(self, client, query=""):
        super().__init__(client, "/api/stream/h264/direct" + query)

    def unit(self, limit=10):
        """(key, microseconds, NAL unit types)"""
        opcode, message = self.receive(limit)
        assert opcode == wire.BINARY and len(message) > 9, (opcode, message[:100])
        assert message[0] in (0, 1)
        assert message[9:13] == b"\0\0\0\1" or message[9:12] == b"\0\0\1"
        return message[0] == 1, struct.unpack("<Q", message[1:9])[0], units_of(message[9:])

    def acknowledge(self, time_us):
        self.send(b"\x02" + struct.pack("<Q", time_us))

    def silent(self, seconds=0.7):
        """Nothing comes for a while."""
        try:
            self.receive(seconds)
        except TimeoutError:
            return True
        return False

    def next_key(self):
        """Reads on to the next key unit; how many units came before it."""
        for skipped in range(200):
            if self.unit()[0]:
                return skipped
        raise AssertionError("no key unit")


IDR, SLICE, SEI, SPS, PPS, DELIMITER = 5, 1, 6, 7, 8, 9


def test_direct_units_begin_with_a_key(viewer):
    with Direct(viewer) as first, Direct(viewer) as second:
        for ws in (first, second):
            key, start, types = ws.unit()
            assert key and start == 0
            assert [t for t in types if t != SEI] == [SPS, PPS, IDR], types
            last = start
            for _ in range(10):
                key, now, types = ws.unit()
                assert now > last
                assert types.count(IDR) + types.count(SLICE) == 1, "one slice to a picture"
                assert key == (IDR in types) and DELIMITER not in types
                last = now
        assert 100_000 < last < 5_000_000, "microseconds"


@pytest.mark.parametrize("flow, window", [("1", 1), ("3", 3), ("8", 8), ("0", 1), ("99", 8)])
def test_flow_control_keeps_no_more_than_the_window_on_the_way(viewer, flow, window):
    with Direct(viewer, f"?flow={flow}") as ws:
        times = [ws.unit()[1] for _ in range(window)]
        assert ws.silent(), "nothing is acknowledged, so nothing more comes"
        ws.acknowledge(times[-1])
        assert ws.unit()[0], "it goes on with a key unit"


def test_flow_control_goes_on_without_a_break_while_it_is_acknowledged(viewer):
    with Direct(viewer, "?flow=8") as ws:
        assert ws.unit()[0]
        keys = 0
        ws.acknowledge(0)
        for _ in range(45):
            key, now, _ = ws.unit()
            keys += key
            ws.acknowledge(now)
        assert keys == 0, "no key unit is needed"


def test_an_acknowledgement_counts_for_all_before_it(viewer):
    with Direct(viewer, "?flow=4") as ws:
        times = [ws.unit()[1] for _ in range(4)]
        ws.acknowledge(times[-1])
        more = [ws.unit()[1] for _ in range(4)]
        assert ws.silent()
        assert more[0] > times[-1]


@pytest.mark.parametrize("query", ["", "?flow=8"])
def test_a_resync_brings_a_key_unit(viewer, query):
    with Direct(viewer, query) as ws:
        assert ws.unit()[0]
        ws.unit()
        ws.send(b"\x03")
        assert ws.next_key() < 90


def test_a_direct_viewer_that_takes_little_is_sent_little_that_is_old(viewer):
    with Direct(viewer) as nag:
        assert nag.unit()[0]
        with Direct(Narrow(viewer.port, viewer.token), "?time=capture") as slow:
            assert slow.unit()[0]
            size = 0
            while size < 1 << 18:
                nag.send(b"\x03")  # key units are most of it
                size += len(nag.receive()[1])
                slow.send(b"\x02" + bytes(8))  # it is there, and takes nothing
            now, old = time.monotonic_ns() // 1000, 0
            while struct.unpack("<Q", (unit := slow.receive()[1])[1:9])[0] < now:
                old += len(unit)
    assert old < 150_000


def test_who_asks_for_key_units_again_and_again_gets_one_a_second(viewer):
    """As do all the others, whose bits they take."""
    with Direct(viewer, "?flow=8") as nag, Direct(viewer) as other:
        keys = last = 0
        while last < 5_000_000:
            nag.send(b"\x03")
            key, last, _ = other.unit()
            keys += key
        assert 4 <= keys <= 8


@pytest.mark.parametrize(
    "message",
    [b"", b"\x00", b"\x01", b"\x02", b"\x02" + bytes(7), b"\x02" + bytes(9), b"\x03\x03"]
    + [b"\x04", b"\xff" * 64, "text", "", '{"a":1}'],
)
def test_a_bad_direct_message_changes_nothing(viewer, message):
    with Direct(viewer, "?flow=2") as ws:
        assert ws.unit()[0]
        ws.send(message)
        times = [ws.unit()[1]]
        ws.acknowledge(times[-1])
        assert ws.unit()


def test_a_direct_message_that_is_too_long_ends_the_socket(viewer):
    with Direct(viewer) as ws:
        ws.unit()
        ws.send(bytes(65))
        assert ws.close_code()[0] == 1009


def test_a_direct_viewer_of_whom_nothing_is_heard_for_30_seconds_is_gone(viewer):
    with Direct(viewer, "?flow=1") as silent, Direct(viewer, "?flow=1") as alive:
        assert silent.unit()[0] and alive.unit()[0]
        end = time.monotonic() + 36
        while time.monotonic() < end:
            alive.silent(1)  # answers pings, and sends nothing else
        wire.read_all(silent.socket)  # it ends
        alive.send(b"\x03")
        assert alive.unit()[0]


def test_a_direct_viewer_that_never_reads_slows_nobody(viewer):
    with Direct(viewer) as good:
        stuck = [Direct(viewer) for _ in range(3)]
        start = time.monotonic()
        units = 0
        while time.monotonic() - start < 2:
            good.unit()
            units += 1
        assert units > 20
        for ws in stuck:
            ws.socket.close()
