# SPDX-License-Identifier: LGPL-2.1-or-later
"""The computer's sound by WebRTC: real viewers decode the virtual computer's bell, and whoever did not
ask for sound, or cannot have any, gets the picture as if there were none."""
import json
import re

import pytest
import wire
from daemon import Daemon, eventually
from offers import CHROMIUM, HOME_ASSISTANT
from peer import PATIENCE, Peer
from signaling_test import Signaling

SDP = "application/sdp"
BELL_HZ = 440
LOUD = 1000


@pytest.fixture(scope="module")
def ringing(tmp_path_factory):
    settings = {
        "video": {"width": 320, "height": 200, "stamp": True, "fps": 15},
        "audio": {"device": "virtual", "bitrate": 48000},
    }
    with Daemon(tmp_path_factory.mktemp("ringing"), settings) as daemon:
        daemon.owner = daemon.admin()
        yield daemon


def tones(peer):
    """How many tenths of a second rang at the bell's pitch; those where it begins or ends do not."""
    return sum(loudness > LOUD and abs(hz - BELL_HZ) <= 3 for hz, loudness in peer.hears())


def hears_the_bell(peer):
    eventually(lambda: tones(peer) >= 6, PATIENCE, "0.6 s of the bell")


def sound_is(daemon, *states):
    with wire.WebSocket(daemon.owner, "/api/ws") as board:
        return board.status("sound", lambda s: s["state"] in states)


@pytest.mark.parametrize("order", ["--sound", "--sound-first"])
def test_the_bell_is_heard_and_the_picture_seen(ringing, order):
    with Peer(ringing.owner, order) as peer:
        peer.watch()
        hears_the_bell(peer)


def test_the_bell_is_heard_by_who_comes_by_signaling(ringing):
    with Peer(ringing.owner, "--sound") as peer, Signaling(ringing.owner) as line:
        line.offer(peer.offer().decode())
        peer.take(json.loads(line.event("video-answer", PATIENCE))["sdp"].encode())
        peer.said("frame")
        hears_the_bell(peer)


def test_it_is_captured_once_for_all_and_only_while_somebody_listens(ringing):
    sound_is(ringing, "idle")
    before = len(ringing.log())

    def begun():
        return ringing.log()[before:].count("sound state=ok")

    with Peer(ringing.owner, "--sound") as first, Peer(ringing.owner, "--sound") as second:
        first.watch()
        second.watch()
        hears_the_bell(first)
        hears_the_bell(second)
        sound_is(ringing, "ok")
        assert begun() == 1
        first.delete()
        second.delete()
        sound_is(ringing, "idle")
    assert begun() == 1


def test_nothing_is_captured_for_who_does_not_listen(ringing):
    with Peer(ringing.owner, "--sound") as peer:
        peer.watch()
        sound_is(ringing, "ok")
        peer.send('{"sound":false}')
        sound_is(ringing, "idle")
        peer.send('{"sound":true}')
        sound_is(ringing, "ok")
        hears_the_bell(peer)


def test_who_asks_for_the_picture_only_gets_no_sound(ringing):
    sound_is(ringing, "idle")
    with Peer(ringing.owner) as peer:
        peer.watch()
        sound_is(ringing, "idle")
        assert not peer.hears()


def answer_to(daemon, offer):
    reply = daemon.owner.request("POST", "/whep", offer.encode(), SDP, limit=PATIENCE)
    assert reply.status == 201
    daemon.owner.request("DELETE", reply.header("Location"))
    return reply.body.decode()


def sections(sdp, kind):
    return [s for s in re.split(r"\r\n(?=m=)", sdp) if s.startswith(f"m={kind} ")]


def test_sound_is_answered_as_opus_in_a_media_stream_of_its_own(ringing):
    answer = answer_to(ringing, HOME_ASSISTANT)
    (sound,), (video,) = sections(answer, "audio"), sections(answer, "video")
    assert "a=sendonly" in sound and re.search("a=rtpmap:111 opus/48000/2", sound, re.I)
    streams = [set(re.findall(r"msid:(\S+)", section)) for section in (sound, video)]
    assert streams[0] and not streams[0] & streams[1], "the picture would wait for the sound"
    assert "a=rtpmap:106 H264/90000" in video and "a=sendonly" in video


UNFIT = {
    "no Opus": ("opus/48000/2", "G722/8000"),
    "a section that is off": ("m=audio 9", "m=audio 0"),
}


@pytest.mark.parametrize("why", UNFIT)
def test_where_no_sound_can_go_the_picture_comes_as_ever(ringing, why):
    answer = answer_to(ringing, HOME_ASSISTANT.replace(*UNFIT[why], 1))
    for section in sections(answer, "audio"):
        assert section.startswith("m=audio 0 ") or "a=inactive" in section
    assert "a=sendonly" in sections(answer, "video")[0]


def test_an_offer_without_sound_is_answered_without(ringing):
    assert not sections(answer_to(ringing, CHROMIUM), "audio")


def test_by_default_there_is_none_and_who_asks_for_it_gets_the_picture(moving, viewer):
    with wire.WebSocket(viewer, "/api/ws") as board:
        off = board.status("sound")
    assert off["state"] == "off" and "audio.device" in off["cure"]
    with Peer(viewer, "--sound") as peer:
        peer.watch()
        assert not peer.hears()
        peer.delete()  # its place is counted elsewhere


def test_a_card_that_is_not_there_is_named_and_the_picture_comes(tmp_path):
    with Daemon(tmp_path, {"audio": {"device": "hw:CARD=Nowhere,DEV=0"}}) as daemon:
        daemon.owner = daemon.admin()
        with Peer(daemon.owner, "--sound") as peer:
            peer.watch()
            told = sound_is(daemon, "no-device", "busy", "failed")
            assert told["state"] == "no-device"
            assert "hw:CARD=Nowhere,DEV=0" in told["reason"] and "arecord -L" in told["cure"]
            peer.delete()
        sound_is(daemon, "idle")
