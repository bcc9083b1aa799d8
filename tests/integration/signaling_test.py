# SPDX-License-Identifier: LGPL-2.1-or-later
"""How WebRTC is set up over a WebSocket, and what is said to offers that make no sense."""
import json

import pytest
import wire
from daemon import Daemon
from offers import BOTH, CHROMIUM, HOME_ASSISTANT, NOT_WATCHING, UNKNOWN_PEERS, VP8_ONLY, sdp, video


class Signaling(wire.WebSocket):
    def __init__(self, client):
        super().__init__(client, "/api/stream/h264")
        self.servers = json.loads(self.event("ice-servers"))

    def event(self, name, limit=wire.LIMIT):
        message = self.until(lambda m: m["event"] == name, limit)
        assert list(message) == ["event", "data"] and isinstance(message["data"], str)
        return message["data"]

    def say(self, event, data=""):
        text = data if isinstance(data, str) else json.dumps(data)
        self.send({"event": event, "data": text})

    def offer(self, sdp):
        self.say("video-offer", {"type": "offer", "sdp": sdp})


def test_signaling_begins_with_the_ice_servers(viewer, tmp_path):
    with Signaling(viewer) as ws:
        assert ws.servers == []
    settings = {
        "stun": "stun.example:3478",
        "turn": {"turnAddr": "turn.example:3478", "turnUser": "u", "turnCred": "c"},
    }
    with Daemon(tmp_path, settings) as daemon, Signaling(daemon.admin()) as ws:
        assert ws.servers == [
            {"urls": ["stun:stun.example:3478"]},
            {"urls": ["turn:turn.example:3478"], "username": "u", "credential": "c"},
        ]


@pytest.mark.parametrize("offer", [CHROMIUM, HOME_ASSISTANT], ids=["Chromium", "Home Assistant"])
def test_an_offer_is_answered_with_candidates(viewer, offer):
    with Signaling(viewer) as ws:
        ws.offer(offer)
        answer = json.loads(ws.event("video-answer"))
        assert answer["type"] == "answer"
        sections = answer["sdp"].split("\r\nm=")[1:]
        assert len(sections) == offer.count("\r\nm=")
        for section in sections:
            kind, port = section.split()[:2]
            if kind == "video":
                assert port != "0" and "a=sendonly" in section
                assert "a=rtpmap:106 H264/90000" in section
                assert "\r\na=msid:pion-video video\r\n" in section
            elif kind == "audio":
                assert port == "0" or "a=inactive" in section
    with Signaling(viewer) as ws:
        ws.offer(offer)
        candidate = json.loads(ws.event("video-candidate"))
        assert candidate["candidate"].startswith("candidate:")
        mids = [line[6:] for line in offer.splitlines() if line.startswith("a=mid:")]
        assert candidate["sdpMid"] == mids[candidate["sdpMLineIndex"]]
        assert "usernameFragment" in candidate


TWO_PICTURES = CHROMIUM.replace("BUNDLE 0 1", "BUNDLE 0 1 2") + sdp(
    *video(2, "96 102 104 106", *BOTH)
)


@pytest.mark.parametrize("offer", [CHROMIUM, TWO_PICTURES], ids=["one", "two"])
def test_only_the_picture_that_is_sent_has_a_name_and_no_other(viewer, offer):
    with Signaling(viewer) as ws:
        ws.offer(offer)
        sections = json.loads(ws.event("video-answer"))["sdp"].split("\r\nm=")[1:]
        sent = [section for section in sections if "\r\na=sendonly\r\n" in section]
        assert len(sent) == 1 and len(sections) == offer.count("\r\nm=")
        for section in sections:
            names = [line for line in section.splitlines() if "msid:" in line]
            assert names == (["a=msid:pion-video video"] if section in sent else [])


def test_a_second_offer_takes_the_place_of_the_first(viewer):
    with Signaling(viewer) as ws:
        for _ in range(3):
            ws.offer(CHROMIUM)
            assert ws.event("video-answer")


def test_a_heartbeat_is_echoed(viewer):
    with Signaling(viewer) as ws:
        ws.say("heartbeat")
        assert ws.event("heartbeat") == ""


@pytest.mark.parametrize(
    "message",
    ["", "{", "[]", "null", "5", '{"event":5}', '{"data":"x"}', '{"event":"nonsense","data":""}']
    + [b"\xff\xfe", b"\x00" * 100, '{"event":"video-candidate","data":""}']
    + ['{"event":"video-candidate","data":"{"}', '{"event":"video-candidate","data":{}}']
    + ['{"event":"video-candidate","data":"{\\"candidate\\":5,\\"sdpMLineIndex\\":\\"x\\"}"}'],
)
def test_bad_signaling_is_ignored(viewer, message):
    with Signaling(viewer) as ws:
        ws.send(message)
        ws.say("heartbeat")
        assert ws.event("heartbeat") == ""


@pytest.mark.parametrize("candidate", ["", "candidate:", "nonsense", "candidate:" + "1 " * 400])
@pytest.mark.parametrize("line", [0, 1, 7, 99, -1, 1 << 40])
def test_a_bad_candidate_is_ignored(moving, viewer, candidate, line):
    with Signaling(viewer) as ws:
        ws.offer(CHROMIUM)
        ws.event("video-answer")
        before = len(moving.log())
        ws.say("video-candidate", {"candidate": candidate, "sdpMLineIndex": line, "sdpMid": "0"})
        ws.say("heartbeat")
        assert ws.event("heartbeat") == ""
        if candidate:  # the empty one says that there are no more
            assert "no candidate of one" in moving.log()[before:]


@pytest.mark.parametrize(
    "sdp",
    ["", "v=0", "nonsense", "v=0\r\nm=video", VP8_ONLY, *UNKNOWN_PEERS, *NOT_WATCHING],
    ids=range(11),
)
def test_an_offer_that_cannot_be_answered_is_told(moving, viewer, sdp):
    before = len(moving.log())
    with Signaling(viewer) as ws:
        ws.offer(sdp)
        why = ws.event("error")
        assert why and why in moving.log()[before:], "an operator sees it, too"
        ws.offer(CHROMIUM)
        assert ws.event("video-answer"), "the next may do better"


def test_signaling_that_is_too_long_ends_the_socket(viewer):
    with Signaling(viewer) as ws:
        ws.offer("v=0" + "x" * 200_000)
        try:
            while ws.receive()[0] != wire.CLOSE:
                pass
        except (ConnectionError, EOFError):
            pass
