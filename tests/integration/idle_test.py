# SPDX-License-Identifier: LGPL-2.1-or-later
"""No work when nobody watches: whoever came, and however they left, the daemon is at rest again."""
import collections
import os
import socket
import struct
import time

import pytest
from daemon import Daemon
from offers import CHROMIUM
from peer import Peer
from signaling_test import Signaling
from stream_test import Direct, Mjpeg

ENCODER_LINGER = 2  # seconds that it waits for the next viewer
LINGER = ENCODER_LINGER + 3  # and then the capture
SILENCE = 10  # seconds without RTCP after which a WebRTC viewer is gone
SLACK = 5  # for a busy machine; an idle pool thread would stay for 15
ONCE = {"GstSystemClock"}  # one for the process, begun with the first timer; it sleeps


class Watched:
    """A daemon, and what it had before anybody watched."""

    def __init__(self, daemon):
        self.daemon = daemon
        self.client = daemon.admin()
        self.proc = f"/proc/{daemon.process.pid}"
        self.threads, self.descriptors = self._threads(), self._descriptors()

    def _threads(self):
        names = collections.Counter()
        for task in os.listdir(f"{self.proc}/task"):
            try:
                with open(f"{self.proc}/task/{task}/comm", encoding="ascii") as comm:
                    names[comm.read().strip()] += 1
            except (FileNotFoundError, ProcessLookupError):
                pass  # it ended just now
        return names

    def _descriptors(self):
        return len(os.listdir(f"{self.proc}/fd"))

    def _cpu_seconds(self):
        with open(f"{self.proc}/stat", encoding="ascii") as stat:
            user, system = stat.read().rsplit(")", 1)[1].split()[11:13]
        return (int(user) + int(system)) / os.sysconf("SC_CLK_TCK")

    def more(self):
        """The threads and the number of descriptors that were not there before."""
        threads = self._threads() - self.threads
        more = {name: count for name, count in threads.items() if name not in ONCE}
        return more, max(self._descriptors() - self.descriptors, 0)

    def works(self):
        return any("src" in name for name in self.more()[0])

    def comes_to_rest(self, seconds):
        end = time.monotonic() + seconds
        while (more := self.more()) != ({}, 0):
            assert time.monotonic() < end, f"still there after {seconds} s: {more}"
            time.sleep(0.05)

    def is_at_rest(self):
        before = self._cpu_seconds()
        time.sleep(3)
        assert self._cpu_seconds() - before < 0.05 * 3
        assert self.more() == ({}, 0)


@pytest.fixture(scope="module")
def watched(tmp_path_factory):
    settings = {"video": {"stamp": True, "fps": 30}}
    with Daemon(tmp_path_factory.mktemp("idle"), settings) as daemon:
        yield Watched(daemon)


def close(viewer):
    viewer.socket.close()


def reset(viewer):
    viewer.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    viewer.socket.close()


def half_close(viewer):
    viewer.socket.shutdown(socket.SHUT_WR)
    viewer.socket.close()


def say_goodbye(viewer):
    viewer.close()


def test_after_mjpeg_viewers(watched):
    viewers = [Mjpeg(watched.client) for _ in range(3)]
    for viewer, leave in zip(viewers, (close, reset, half_close)):
        viewer.picture()
        assert watched.works()
        leave(viewer)
    watched.comes_to_rest(LINGER + SLACK)
    watched.is_at_rest()


def test_after_snapshots(watched):
    assert watched.client.get("/api/stream/snapshot").status == 200
    assert watched.works()
    impatient = watched.client.connect()
    cookie = f"Cookie: nano-kvm-token={watched.client.token}\r\n"
    impatient.sendall(f"GET /api/stream/snapshot HTTP/1.1\r\nHost: x\r\n{cookie}\r\n".encode())
    impatient.close()
    watched.comes_to_rest(LINGER + SLACK)


def test_after_direct_viewers(watched):
    viewers = [Direct(watched.client) for _ in range(3)]
    for viewer, leave in zip(viewers, (say_goodbye, close, reset)):
        viewer.unit()
        assert watched.works()
        leave(viewer)
    watched.comes_to_rest(LINGER + SLACK)


def test_after_direct_viewers_that_left_while_the_encoder_started(watched):
    for wait in (0, 0.005, 0.02, 0.1):
        viewers = [Direct(watched.client) for _ in range(3)]
        time.sleep(wait)
        for viewer, leave in zip(viewers, (say_goodbye, close, reset)):
            leave(viewer)
        time.sleep(ENCODER_LINGER)
    watched.comes_to_rest(LINGER + SLACK)


def test_after_direct_viewers_that_came_while_it_lingered(watched):
    for pause in (1.0, 1.98, 2.0, 2.02, 0):
        viewer = Direct(watched.client)
        viewer.unit()
        reset(viewer)
        time.sleep(pause)
    watched.comes_to_rest(LINGER + SLACK)


def test_after_many_at_once(watched):
    viewers = [kind(watched.client) for _ in range(4) for kind in (Direct, Mjpeg)]
    for i, viewer in enumerate(viewers):
        (close, reset, half_close)[i % 3](viewer)
    watched.comes_to_rest(LINGER + SLACK)
    watched.is_at_rest()


def test_after_signaling(watched):
    for leave in (say_goodbye, close, reset):
        viewer = Signaling(watched.client)
        viewer.offer(CHROMIUM)
        assert viewer.event("video-answer")
        leave(viewer)
    watched.comes_to_rest(LINGER + SLACK)


def test_after_a_whep_viewer_that_deletes_its_session(watched):
    before = len(watched.daemon.log())
    with Peer(watched.client) as peer:
        peer.watch()
        assert watched.works()
        peer.delete()
        watched.comes_to_rest(LINGER + SLACK)
    assert " warning " not in watched.daemon.log()[before:], "nothing happened to warn of"


def test_after_whep_viewers_that_were_killed_or_never_connected(watched):
    before = len(watched.daemon.log())
    with Peer(watched.client) as first, Peer(watched.client) as second:
        # One that never connects has 15 s for it: as long as it takes to miss the others.
        offer = CHROMIUM.encode()
        assert watched.client.request("POST", "/whep", offer, "application/sdp").status == 201
        for peer in (first, second):
            peer.watch()
        for peer in (first, second):
            peer.kill()
        watched.comes_to_rest(SILENCE + LINGER + SLACK)
    watched.is_at_rest()
    log = watched.daemon.log()[before:]
    assert log.count("nothing heard from the peer for 10 s") == 2, "an operator can see why"
