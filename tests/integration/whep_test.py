# SPDX-License-Identifier: LGPL-2.1-or-later
"""WHEP: an offer is posted, candidates are added, and the session is ended again."""
import re
import threading
import time

import pytest
import wire
from daemon import Daemon, eventually
from lines import Lines
from offers import CHROMIUM, HOME_ASSISTANT, NOT_WATCHING, UNKNOWN_PEERS, VP8_ONLY

SDP = "application/sdp"
FRAGMENT = "application/trickle-ice-sdpfrag"
CANDIDATE = "a=candidate:1 1 UDP 2113937151 127.0.0.1 9 typ host\r\n"
GUEST = {"username": "guest", "password": wire.FORM_W, "role": "user"}
UUID = r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}"


def threads_of(daemon):
    status = open(f"/proc/{daemon.process.pid}/status").read()
    return int(re.search(r"Threads:\s+(\d+)", status)[1])


def post(client, offer=CHROMIUM, content=SDP, **more):
    body = offer if isinstance(offer, bytes) else offer.encode()
    return client.request("POST", "/whep", body, content, **more)


def tag_of(location):
    return f'"{location.split("/")[-1]}"'


def patch(client, location, body=CANDIDATE, tag=None, **headers):
    body = body if isinstance(body, bytes) else body.encode()
    headers = {"If-Match": tag or tag_of(location), **headers}
    return client.request("PATCH", location, body, FRAGMENT, headers=headers)


@pytest.fixture
def session(viewer):
    reply = post(viewer)
    assert reply.status == 201, reply
    location = reply.header("Location")
    yield location
    viewer.request("DELETE", location)


@pytest.mark.parametrize("offer", [CHROMIUM, HOME_ASSISTANT], ids=["Chromium", "Home Assistant"])
def test_an_offer_makes_a_session(viewer, offer):
    reply = post(viewer, offer)
    assert reply.status == 201
    assert reply.header("Content-Type") == SDP
    location = reply.header("Location")
    assert re.fullmatch(f"/whep/{UUID}", location)
    assert reply.header("ETag") == tag_of(location)
    assert reply.header("Accept-Patch") == FRAGMENT
    answer = reply.body.decode()
    assert answer.startswith("v=0\r\n")
    assert "a=candidate:" in answer, "whoever cannot trickle has all it needs"
    assert answer.count("\r\nm=") == offer.count("\r\nm=")
    assert "a=rtpmap:106 H264/90000" in answer
    assert viewer.request("DELETE", location).status == 200


def test_a_session_ends_once(viewer, session):
    assert viewer.request("DELETE", session).status == 200
    for method, content in (("DELETE", None), ("PATCH", FRAGMENT)):
        assert viewer.request(method, session, CANDIDATE.encode(), content).status == 404


def test_candidates_may_come_later(viewer, session):
    for body in (CANDIDATE, "a=ice-ufrag:Rf8q\r\nm=video 9 RTP/AVP 0\r\na=mid:0\r\n" + CANDIDATE):
        reply = patch(viewer, session, body)
        assert (reply.status, reply.body) == (204, b"")


@pytest.mark.parametrize(
    "body",
    [b"", b"junk", b"a=candidate:", b"a=candidate:\xff\xfe\r\n", b"\x00" * 100]
    + [b"a=candidate:" + b"x" * 9000, b"m=\r\n" * 5000 + CANDIDATE.encode()]
    + [b'{"candidate":""}', CHROMIUM.encode(), CANDIDATE.encode() + b"junk\r\n"],
)
def test_a_fragment_that_makes_no_sense_is_refused_whole(viewer, session, body):
    reply = patch(viewer, session, body)
    assert reply.status == 400
    assert b"fragment" in reply.body and reply.body.endswith(b"\n")
    assert patch(viewer, session).status == 204


@pytest.mark.parametrize(
    "body",
    ["a=end-of-candidates\r\n", "m=video 9 RTP/AVP 0\r\n" * 2000 + CANDIDATE]
    + [CANDIDATE.replace("127.0.0.1", address) for address in ("x.local", "no.such.name", "::")]
    + [CANDIDATE.replace("UDP", "SCTP")],
)
def test_a_candidate_that_is_of_no_use_is_passed_over(viewer, session, body):
    assert patch(viewer, session, body).status == 204


def named(first, last):
    return "".join(
        f"a=candidate:{n} 1 UDP 2113937151 127.0.0.1 {n} typ host\r\n" for n in range(first, last)
    )


def test_a_viewer_names_so_many_candidates_at_the_most(viewer, session):
    assert patch(viewer, session, named(1, 129)).status == 204
    assert patch(viewer, session, named(1, 129)).status == 204, "which are the same"
    more = patch(viewer, session, named(129, 130))
    assert more.status == 400 and b"128 candidates" in more.body
    assert patch(viewer, session).status == 400
    assert patch(viewer, session, named(1, 2)).status == 204, "the session goes on"


def test_those_of_its_offer_are_counted_too(viewer):
    reply = post(viewer, CHROMIUM + named(1, 65))
    assert reply.status == 201
    begun = reply.header("Location")
    assert patch(viewer, begun, named(65, 129)).status == 204
    assert patch(viewer, begun, named(129, 130)).status == 400
    assert viewer.request("DELETE", begun).status == 200


def test_an_offer_has_so_many_candidates_at_the_most(viewer):
    refused = post(viewer, CHROMIUM + named(1, 130))
    assert refused.status == 400 and b"128 candidates" in refused.body


def test_one_of_several_etags_may_be_the_sessions(viewer, session):
    assert patch(viewer, session, tag=f'"another", {tag_of(session)}').status == 204
    assert patch(viewer, session, tag='"another", "one"').status == 412


def test_an_ice_restart_is_refused_and_the_session_goes_on(viewer, session):
    restart = "a=ice-ufrag:ysXw\r\na=ice-pwd:vw5LmwG4y/e6dPP/zAP9Gp5k\r\n" + CANDIDATE
    assert patch(viewer, session, restart, "*").status == 422
    assert patch(viewer, session).status == 204


def test_a_patch_is_for_the_session_it_names(viewer, session):
    assert patch(viewer, session, tag='"other"').status == 412
    for tag in ("*", tag_of(session)):
        assert patch(viewer, session, tag=tag).status == 204
    assert viewer.request("PATCH", session, CANDIDATE.encode(), "text/plain").status == 415
    none = viewer.request("PATCH", session, CANDIDATE.encode(), FRAGMENT)
    assert none.status == 428 and b"If-Match" in none.body


@pytest.mark.parametrize(
    "path",
    ["/whep/nothing", "/whep/00000000-0000-0000-0000-000000000000", "/whep/..", "/whep/%2e%2e"],
)
def test_a_session_that_is_not_there_is_not_found(viewer, path):
    assert viewer.request("DELETE", path).status == 404
    assert viewer.request("PATCH", path, b"", FRAGMENT).status == 404


@pytest.mark.parametrize(
    "offer, status",
    [
        ("", 400),
        ("nonsense", 400),
        ("v=0", 400),
        ("v=0\r\nm=video", 400),
        (b"\xff\xfe\x00", 400),
        ('{"type":"offer","sdp":"v=0"}', 400),
        (VP8_ONLY, 406),
        (CHROMIUM.replace("packetization-mode=1", "packetization-mode=0"), 406),
        (CHROMIUM + "a=x:" + "x" * 70_000, 413),
        *((offer, 400) for offer in UNKNOWN_PEERS),
        *((offer, 406) for offer in NOT_WATCHING),
    ],
    ids=range(15),
)
def test_an_offer_that_cannot_be_answered_is_told_why(moving, viewer, offer, status):
    before = len(moving.log())
    threads = threads_of(moving)
    reply = post(viewer, offer)
    assert reply.status in ((400, 406) if status == 400 else (status,))
    assert reply.body.endswith(b"\n") and len(reply.body) > 5
    if status != 413:  # nobody has read that one
        why = reply.body.decode().strip()
        eventually(lambda: why in moving.log()[before:], 5, "a line for the operator")
    eventually(lambda: threads_of(moving) <= threads, 5, "nothing left of it")


@pytest.mark.parametrize("content", [None, "application/json", "text/plain"])
def test_an_offer_must_say_that_it_is_one(viewer, content):
    assert post(viewer, content=content).status == 415


def test_an_offer_may_say_so_in_many_ways(viewer):
    reply = post(viewer, content="Application/SDP; charset=utf-8")
    assert reply.status == 201
    assert viewer.request("DELETE", reply.header("Location")).status == 200


def bears(token):
    """As players that are no browser show a session: they have no cookies."""
    return {"Authorization": f"Bearer {token}"}


def test_a_player_may_bear_its_token(moving):
    client = moving.client()
    bearing = bears(moving.admin().token)
    reply = post(client, headers=bearing)
    assert reply.status == 201, reply
    location = reply.header("Location")
    assert patch(client, location, **bearing).status == 204
    assert client.request("DELETE", location).status == 401
    assert client.request("DELETE", location, headers=bearing).status == 200


@pytest.mark.parametrize("token", ["", "x", "nag_mcp_" + "0" * 32])
def test_a_token_that_is_none_is_told_what_would_be_one(moving, viewer, token):
    """And it is the one that counts where there is a cookie as well."""
    for client in (moving.client(), viewer) if token else (moving.client(),):
        reply = post(client, headers=bears(token))
        assert (reply.status, reply.body) == (401, b'"unauthorized"')
        assert reply.header("WWW-Authenticate") == "Bearer"


def test_a_session_that_was_borne_ends_with_its_token(moving):
    owner, client = moving.admin(), moving.client()
    assert owner.post("/api/auth/users", GUEST).json()["code"] == 0
    guest = moving.client()
    assert guest.login(username="guest").json()["code"] == 0
    location = post(client, headers=bears(guest.token)).header("Location")
    assert guest.post("/api/auth/logout").json()["code"] == 0
    assert guest.login(username="guest").json()["code"] == 0
    assert client.request("DELETE", location, headers=bears(guest.token)).status == 404
    assert owner.request("DELETE", "/api/auth/users/guest").json()["code"] == 0


ELSEWHERE = {"Origin": "https://player.example"}


def test_a_page_of_another_site_may_watch_with_a_token_and_not_with_a_cookie(moving, viewer):
    assert post(viewer, headers=ELSEWHERE).status == 403
    reply = post(moving.client(), headers={**ELSEWHERE, **bears(viewer.token)})
    assert reply.status == 201
    assert reply.header("Access-Control-Allow-Origin") == "*"
    assert reply.header("Access-Control-Allow-Credentials") is None
    exposed = reply.header("Access-Control-Expose-Headers").split(", ")
    assert {"Location", "ETag", "Link"} <= set(exposed)
    assert viewer.request("DELETE", reply.header("Location")).status == 200


def test_without_authentication_no_page_of_another_site_may_watch(tmp_path):
    with Daemon(tmp_path, {"authentication": "disable"}) as daemon:
        for headers in (ELSEWHERE, {**ELSEWHERE, **bears("x")}):
            assert post(daemon.client(), headers=headers).status == 403


ANY = "/whep/00000000-0000-0000-0000-000000000000"


@pytest.mark.parametrize(
    "path, methods, accepts",
    [
        ("/whep", "POST, OPTIONS", ("Accept-Post", SDP)),
        (ANY, "PATCH, DELETE, OPTIONS", ("Accept-Patch", FRAGMENT)),
    ],
)
def test_what_may_be_asked_is_told_before_it_is(moving, path, methods, accepts):
    client = moving.client()
    asks = {"Access-Control-Request-Method": "POST", **ELSEWHERE}
    for headers in ({}, asks):
        told = client.request("OPTIONS", path, headers=headers)
        assert (told.status, told.body) == (204, b"")
        assert told.header("Allow") == told.header("Access-Control-Allow-Methods") == methods
        assert told.header(accepts[0]) == accepts[1]
        assert told.header("Access-Control-Allow-Origin") == "*"
        assert "Authorization" in told.header("Access-Control-Allow-Headers")
    for method in {"GET", "HEAD", "PUT", "POST", "PATCH", "DELETE"} - set(methods.split(", ")):
        lines = Lines(moving)
        other = client.request(method, path)
        assert (other.status, other.header("Allow")) == (405, methods), method
        assert other.body == (b"" if method == "HEAD" else f"only {methods} here\n".encode())
        line = lines.one(f"{method} {path} ", "status=405", "peer=127.0.0.1")
        assert 'why="no such method here"' in line


def cut_short(text):
    lines = text.split("\r\n")
    return ["\r\n".join(lines[:n]) + "\r\n" for n in range(1, len(lines), 4)]


def test_half_an_offer_is_answered_or_refused_but_never_left_waiting(moving, viewer):
    for offer in cut_short(CHROMIUM):
        start = time.monotonic()
        reply = post(viewer, offer)
        assert reply.status in (201, 400, 406, 503, 504), offer
        assert time.monotonic() - start < 10
        if reply.status == 201:
            viewer.request("DELETE", reply.header("Location"))
    assert moving.alive()


def test_there_is_a_limit_to_viewers(moving, viewer):
    made = []
    try:
        for _ in range(40):
            reply = post(viewer)
            if reply.status != 201:
                break
            made.append(reply.header("Location"))
        assert reply.status == 503
        assert int(reply.header("Retry-After")) > 0
        assert len(made) == 32
    finally:
        for location in made:
            assert viewer.request("DELETE", location).status == 200

    eventually(lambda: threads_of(moving) < 40, 15, "the threads of viewers that are gone")


def test_a_user_shuts_nobody_out(moving, viewer):
    assert viewer.post("/api/auth/users", GUEST).json()["code"] == 0
    try:
        guest = moving.client()
        guest.login(username="guest")
        made = []
        for _ in range(40):
            reply = post(guest)
            if reply.status != 201:
                break
            made.append(reply.header("Location"))
        assert reply.status == 503 and b"of yours" in reply.body
        assert len(made) == 12
        admins = post(viewer)
        assert admins.status == 201
        viewer.request("DELETE", admins.header("Location"))
        for location in made:
            assert guest.request("DELETE", location).status == 200
    finally:
        assert viewer.request("DELETE", "/api/auth/users/guest").json()["code"] == 0


def test_signing_out_ends_the_sessions(moving, viewer):
    client = moving.admin()
    location = post(client).header("Location")
    assert client.post("/api/auth/logout").json()["code"] == 0
    again = moving.admin()
    assert again.request("DELETE", location).status == 404
    viewer.login()  # for the tests behind this: the user's other sessions ended, too
