# SPDX-License-Identifier: LGPL-2.1-or-later
"""The network between a peer and the daemon, as bad as a test wants it."""
import heapq
import random
import re
import select
import socket
import threading
import time

MOST = 2048  # bytes of a datagram


def is_media(datagram):
    """RTP and no RTCP: RFC 5761 section 4."""
    return len(datagram) > 1 and 128 <= datagram[0] < 192 and not 192 <= datagram[1] < 224


class Way:
    """Hands datagrams on, both ways. What goes to the peer waits in a queue of so many seconds that
    lets `kbps` through (0: all); `lose` of it, 0..1, is lost; each way takes `delay` seconds."""

    def __init__(self, kbps=0, lose=0, delay=0, queue=0.2):
        self.kbps, self.lose, self.delay, self.queue = kbps, lose, delay, queue
        self.passed, self.dropped = 0, 0
        self._chance = random.Random(1)
        self._near, self._far = self._socket(), self._socket()  # towards the peer, the daemon
        self._peer = self._daemon = None
        self._free = 0  # when the last datagram in the queue has left it
        self._waiting, self._count = [], 0
        self._ends = False
        self._thread = threading.Thread(target=self._run)
        self._thread.start()

    @staticmethod
    def _socket():
        made = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        made.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 22)
        made.bind(("127.0.0.1", 0))
        return made

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self._ends = True
        self._thread.join()
        self._near.close()
        self._far.close()

    def offer(self, sdp):
        """Without the peer's own addresses: the daemon learns of the way's."""
        return re.sub(rb"a=candidate:[^\r\n]*\r?\n", b"", sdp)

    def answer(self, sdp):
        """With the way's address instead of the daemon's."""
        found = re.search(rb"(a=candidate:\S+ \d UDP \d+) (127\.0\.0\.1) (\d+) typ host", sdp)
        assert found, sdp
        self._daemon = (found[2].decode(), int(found[3]))
        near = f"{self._near.getsockname()[1]}".encode()
        return sdp.replace(found[0], found[1] + b" 127.0.0.1 " + near + b" typ host")

    def _run(self):
        while not self._ends:
            next_ = self._waiting[0][0] - time.monotonic() if self._waiting else 0.05
            ready, _, _ = select.select([self._near, self._far], [], [], min(max(next_, 0), 0.05))
            for source in ready:
                self._take(source)
            while self._waiting and self._waiting[0][0] <= time.monotonic():
                _, _, out, to, datagram = heapq.heappop(self._waiting)
                out.sendto(datagram, to)

    def _take(self, source):
        try:
            datagram, sender = source.recvfrom(MOST)
        except ConnectionError:
            return  # the other end is gone
        now = time.monotonic()
        if source is self._near:
            self._peer = sender
            if self._daemon:
                self._hand_on(now, self._far, self._daemon, datagram)
        elif self._peer:
            at = self._through(now, datagram)
            self.passed += at is not None
            self.dropped += at is None
            if at is not None:
                self._hand_on(at, self._near, self._peer, datagram)

    def _through(self, now, datagram):
        """When it has passed the queue; None: never."""
        if is_media(datagram) and self._chance.random() < self.lose:
            return None
        if not self.kbps:
            self._free = now
            return now
        free = max(self._free, now)
        if free - now > self.queue:
            return None
        self._free = free + len(datagram) * 8 / 1000 / self.kbps
        return self._free

    def _hand_on(self, at, out, to, datagram):
        self._count += 1
        heapq.heappush(self._waiting, (at + self.delay, self._count, out, to, datagram))
