# SPDX-License-Identifier: LGPL-2.1-or-later
"""A real WebRTC viewer in a process of its own, and what it says to /whep."""
import base64
import subprocess
import threading

from daemon import eventually
from video import TOOLS

PATIENCE = 30  # seconds that connecting may take on a busy machine


class Peer:
    """A viewer by WHEP; it may leave politely, or be killed. Options are webrtc-peer's; all that it
    gets and sends by WebRTC takes the way, if there is one."""

    def __init__(self, client, *options, way=None):
        self.client = client
        self.way = way
        self.location = None
        self._said = []
        self._process = subprocess.Popen(
            [TOOLS / "webrtc-peer", *options],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        self._reader = threading.Thread(target=self._read)
        self._reader.start()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.kill()

    def _read(self):
        for line in self._process.stdout:
            self._said.append(line.split())

    def said(self, word):
        """Waits until it says so; what it says with it."""

        def found():
            assert self._process.poll() is None, f"the peer ended after {self._said}"
            return next((line for line in self._said if line[0] == word), None)

        return eventually(found, PATIENCE, f"{word}, said by the peer")[1:]

    def has_said(self, word):
        return any(line[0] == word for line in self._said)

    def times(self, word):
        return sum(line[0] == word for line in self._said)

    def offer(self):
        offer = base64.b64decode(self.said("offer")[0])
        return self.way.offer(offer) if self.way else offer

    def begin(self, change=lambda offer: offer):
        """Posts the offer, changed on the way, and goes on with the answer; the status."""
        reply = self.client.request(
            "POST", "/whep", change(self.offer()), "application/sdp", limit=PATIENCE
        )
        self.location = reply.header("Location")
        if reply.status == 201:
            self.take(reply.body)
        return reply.status

    def take(self, answer):
        """Goes on with the answer."""
        if self.way:
            answer = self.way.answer(answer)
        self.send(base64.b64encode(answer).decode())

    def send(self, line):
        """Sends it over the data channel, once the answer is taken."""
        self._process.stdin.write(line + "\n")
        self._process.stdin.flush()

    def told(self):
        """The texts that came over the data channel so far."""
        return [base64.b64decode(line[1]).decode() for line in self._said if line[0] == "told"]

    def hears(self):
        """[(pitch in Hz, loudness)] of each tenth of a second so far."""
        return [tuple(map(int, line[1:])) for line in self._said if line[0] == "heard"]

    def sees(self, since=0):
        """The luma of each picture after so many, as 32 x 24 bytes."""
        pictures = [line[1] for line in self._said if line[0] == "picture"]
        return [bytes.fromhex(hex_) for hex_ in pictures[since:]]

    def seconds(self):
        """[(frames, kbit)] of each second so far."""
        return [tuple(map(int, line[1:])) for line in self._said if line[0] == "second"]

    def watch(self):
        """Returns when it has got a first frame."""
        assert self.begin() == 201
        self.said("frame")

    def delete(self):
        assert self.client.request("DELETE", self.location).status == 200

    def kill(self):
        self._process.kill()
        self._process.wait()
        self._reader.join()
        self._process.stdin.close()
        self._process.stdout.close()
