# SPDX-License-Identifier: LGPL-2.1-or-later
"""What comes in over /api/ws and /api/hid, and what arrives at the gadget's nodes, byte by byte."""
import json
import socket
import struct
import threading
import time

import pytest
import wire
from daemon import eventually
from peer import Peer

KEYS_UP, BUTTONS_UP = bytes(8), bytes(4)
A = bytes([0, 0, 4, 0, 0, 0, 0, 0])
B = bytes([0, 0, 5, 0, 0, 0, 0, 0])
CAPS_LOCK = bytes([0, 0, 0x39, 0, 0, 0, 0, 0])
OWNER_IDLE = 1.1


def key(report):
    return bytes([1]) + report


@pytest.fixture
def nodes(gadget):
    """The gadget's nodes with nothing in them, and nobody holding the input."""
    gadget.admin.post("/api/hid/reset")
    time.sleep(0.1)
    for node in (gadget.keyboard, gadget.relative, gadget.absolute):
        node.reports.clear()
    return gadget


@pytest.fixture
def other(gadget):
    """The same user at another address: another operator."""
    client = gadget.daemon.client("127.0.0.9")
    assert client.login().json()["code"] == 0
    return client


def arrive(node, reports):
    eventually(lambda: len(node.reports) >= len(reports), 5, f"{len(reports)} reports")
    assert node.bytes() == reports


def test_binary_reports_arrive_as_they_were_sent(nodes):
    with wire.WebSocket(nodes.admin, "/api/ws") as ws:
        keys = [
            bytes([5, 0, 0x4C, 0, 0, 0, 0, 0]),
            KEYS_UP,
            bytes([0, 0, 4, 5, 6, 7, 8, 9]),
            KEYS_UP,
        ]
        for report in keys:
            ws.send(key(report))
        steps = [bytes([0, 10, 246, 0]), bytes([0, 0, 0, 255])]
        for report in steps:
            ws.send(bytes([2]) + report)
            nodes.relative.expect(report)
        pressed, beyond = bytes([1, 0, 0x40, 0, 0x40, 0]), bytes([0, 0, 0x80, 255, 255, 1])
        ws.send(bytes([2]) + pressed)
        ws.send(bytes([2]) + beyond)
        inside = bytes([0, 0xFF, 0x7F, 0xFF, 0x7F, 1])
        arrive(nodes.keyboard, keys)
        arrive(nodes.relative, steps)
        arrive(nodes.absolute, [pressed, inside])


def test_a_text_frame_means_the_same_as_a_binary_one(nodes):
    with wire.WebSocket(nodes.admin, "/api/ws") as ws:
        ws.frame(wire.TEXT, key(A))
        ws.frame(wire.BINARY, b"[1,0,0,0,0,0]")
        arrive(nodes.keyboard, [A, KEYS_UP])


def test_a_message_may_come_in_pieces(nodes):
    with wire.WebSocket(nodes.admin, "/api/ws") as ws:
        ws.frame(wire.BINARY, key(A)[:3], final=False)
        ws.frame(wire.PING, b"between")
        ws.frame(0, key(A)[3:])
        arrive(nodes.keyboard, [A])


def test_json_keys_of_old_clients_arrive(nodes):
    with wire.WebSocket(nodes.admin, "/api/ws") as ws:
        for message in ("[1,4,0,2,0,0]", "[1,0,0,0,0,0]", " [1,5,1,0,0,0]", "[1,0,0,0,0,0]"):
            ws.send(message)
        shifted, control = bytes([2, 0, 4, 0, 0, 0, 0, 0]), bytes([1, 0, 5, 0, 0, 0, 0, 0])
        arrive(nodes.keyboard, [shifted, KEYS_UP, control, KEYS_UP])


OLD_MICE = {
    "Python/3.11 aiohttp/3.8.4": [  # move, press, drag, let go, step, wheel up
        ("[2,2,0,256,512]", "000001000200"),
        ("[2,1,1,0,0]", "010001000200"),
        ("[2,2,0,257,512]", "010101000200"),
        ("[2,0,0,0,0]", "000101000200"),
        ("[2,3,0,5,-5]", "0005fb00"),
        ("[2,4,0,0,300]", "00000001"),
    ],
    "Python/3.12 websockets/12.0": [  # move, click with the middle button, step, wheel down
        ("[2,3,0,256,512]", "000001000200"),
        ("[2,1,1,0,0]", "040001000200"),
        ("[2,2,0,0,0]", "000001000200"),
        ("[2,5,0,3,4]", "00030400"),
        ("[2,4,0,0,1]", "000000ff"),
    ],
}


@pytest.mark.parametrize("agent", OLD_MICE)
def test_both_mice_of_old_clients_arrive(nodes, agent):
    with wire.WebSocket(nodes.admin, "/api/ws", {"User-Agent": agent}) as ws:
        for message, report in OLD_MICE[agent]:
            ws.send(message)
            node = nodes.absolute if len(report) == 12 else nodes.relative
            node.expect(bytes.fromhex(report))
    assert len(nodes.absolute.reports) + len(nodes.relative.reports) == len(OLD_MICE[agent])


def test_nonsense_is_ignored(nodes):
    with wire.WebSocket(nodes.admin, "/api/ws") as ws:
        for message in (b"", b"\x00", b"\x00\x01", b"\x01", b"\x02", b"\x03", b"\xff" * 100):
            ws.send(message)
        for message in (key(A)[:-1], key(A) + b"x", b"\x02" + bytes(5), b"[" * 4000):
            ws.send(message)
        for message in ("", "[", "[1]", "{}", "{", "hello", "[1,4,0,0,0,0", "[2,9,0,0,0]"):
            ws.send(message)
        ws.send("[1,5,0,0,0,0]")
        arrive(nodes.keyboard, [B])
        assert nodes.relative.bytes() == nodes.absolute.bytes() == []


def test_a_message_that_is_too_long_ends_the_socket(nodes):
    with wire.WebSocket(nodes.admin, "/api/ws") as ws:
        ws.send(key(A))
        nodes.keyboard.expect(A)
        ws.send(b"\x00" * 5000)
        nodes.keyboard.expect(KEYS_UP)
        try:
            assert ws.close_code()[0] == 1009
        except ConnectionError:
            pass  # what it had not read yet may cost the close frame


@pytest.mark.parametrize(
    "frame",
    [
        b"\x83\x80\0\0\0\0",
        b"\xc2\x80\0\0\0\0",
        b"\x82\x01a",
        b"\x89\xfe\x01\x00" + bytes(260),
        b"\xff" * 20,
    ],
    ids=["unknown opcode", "reserved bit", "without a mask", "long ping", "noise"],
)
def test_a_broken_frame_ends_the_socket_and_lets_go(nodes, frame):
    with wire.WebSocket(nodes.admin, "/api/ws") as ws:
        ws.send(key(A))
        nodes.keyboard.expect(A)
        ws.socket.sendall(frame)
        nodes.keyboard.expect(KEYS_UP)


def test_the_states_come_first_and_in_order(nodes):
    with wire.WebSocket(nodes.admin, "/api/ws") as ws:
        kinds, modes = [], []
        while "hid-led-status" not in kinds:
            message = json.loads(ws.receive()[1])
            assert isinstance(message["data"], str)
            kinds.append(message["type"])
            if kinds[-1] == "capture-status":
                modes.append(json.loads(message["data"])["mode"])
    assert modes in ([], ["direct", "h264", "mjpeg"])
    assert kinds == ["capture-status"] * len(modes) + ["h264-mode-status", "hid-led-status"]


def test_leds_are_told_to_everyone(nodes):
    with wire.WebSocket(nodes.admin, "/api/ws") as ws:
        for byte, wanted in ((7, (True, True, True)), (2, (False, True, False)), (0, (False,) * 3)):
            nodes.keyboard.answer(bytes([byte]))
            lit = dict(zip(("numLock", "capsLock", "scrollLock"), wanted))
            status = ws.status("hid-led-status", lambda d: {**d, **lit} == d and d["known"])
            assert status["updatedAt"].endswith("Z")
            assert nodes.admin.get("/api/hid/leds").json()["data"] == status


def test_leds_are_told_over_a_data_channel(nodes):
    def told(peer, **lit):
        statuses = [m for m in map(json.loads, peer.told()) if m.get("type") == "hid-led-status"]
        data = [json.loads(status["data"]) for status in statuses]
        return any({**d, **lit} == d and d["known"] for d in data)

    with Peer(nodes.admin) as peer:
        assert peer.begin() == 201
        for byte, num, caps, scroll in ((5, True, False, True), (2, False, True, False)):
            nodes.keyboard.answer(bytes([byte]))
            lit = {"numLock": num, "capsLock": caps, "scrollLock": scroll}
            eventually(lambda: told(peer, **lit), 30, f"{lit} over the data channel")
        peer.delete()


def test_a_led_that_changes_is_told_once(admin):
    with wire.WebSocket(admin, "/api/ws") as ws:
        for _ in range(2):
            ws.send(key(CAPS_LOCK))
            ws.send(key(KEYS_UP))
            time.sleep(0.5)  # for what would be told once more
        ws.send({"ping": 1})
        told = []
        while "pong" not in (message := json.loads(ws.receive()[1])):
            if message["type"] == "hid-led-status":
                told.append(json.loads(message["data"])["capsLock"])
    assert told == [told[0], not told[0], told[0]]


def test_a_ping_is_answered_at_once(nodes):
    with wire.WebSocket(nodes.admin, "/api/ws") as ws:
        ws.send({"ping": 12.5})
        pong = ws.until(lambda m: "pong" in m)
        assert pong["pong"] == 12.5
        assert abs(pong["wall"] / 1000 - time.time()) < 5


def test_a_heartbeat_is_not_answered(nodes):
    with wire.WebSocket(nodes.admin, "/api/ws") as ws:
        ws.send({"ping": 1})
        ws.until(lambda m: "pong" in m)
        ws.send(b"\x00")
        ws.send({"ping": 2})
        assert "pong" in json.loads(ws.receive()[1])


def test_one_operator_at_a_time_has_the_input(nodes, other):
    with wire.WebSocket(nodes.admin, "/api/ws") as first:
        with wire.WebSocket(other, "/api/ws") as second:
            first.send(key(A))
            assert first.status("input-owner", lambda d: d["mine"])["owner"] == "admin@127.0.0.1"
            assert not second.status("input-owner", lambda d: d["owner"])["mine"]
            second.send(key(B))
            assert "127.0.0.1" in second.status("input-refused")["reason"]
            assert nodes.admin.post("/api/hid/paste", {"content": ""}).json()["code"] == -1
            refused = other.post("/api/hid/paste", {"content": "x"}).json()
            assert refused["code"] == -3 and "busy" in wire.words(refused), refused
            first.close()
            nodes.keyboard.expect(KEYS_UP)
            second.send(key(B))
            assert second.status("input-owner", lambda d: d["mine"])
            arrive(nodes.keyboard, [A, KEYS_UP, B])


def test_an_idle_owner_gives_way(nodes, other):
    with wire.WebSocket(nodes.admin, "/api/ws") as first:
        first.send(key(A))
        first.send(key(KEYS_UP))
        nodes.keyboard.expect(KEYS_UP)
        with wire.WebSocket(other, "/api/ws") as second:
            time.sleep(OWNER_IDLE)
            second.send(key(B))
            arrive(nodes.keyboard, [A, KEYS_UP, B])


@pytest.mark.parametrize("how", ["closed", "cut", "reset", "half"])
def test_a_socket_that_ends_lets_everything_go(nodes, how):
    ws = wire.WebSocket(nodes.admin, "/api/ws")
    ws.send(key(A))
    ws.send(bytes([2, 3, 0, 1, 0, 1, 0]))
    nodes.keyboard.expect(A)
    start = time.monotonic()
    if how == "closed":
        ws.close()
    elif how == "half":
        ws.socket.shutdown(socket.SHUT_WR)
    else:
        if how == "reset":
            ws.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        ws.socket.close()
    assert nodes.keyboard.expect(KEYS_UP) - start < 0.5
    assert nodes.absolute.expect(bytes([0, 0, 1, 0, 1, 0])) - start < 0.5


def test_a_reset_lets_everything_go(nodes):
    with wire.WebSocket(nodes.admin, "/api/ws") as ws:
        ws.send(key(A))
        ws.send(bytes([2, 1, 0, 0, 0]))
        nodes.relative.expect(bytes([1, 0, 0, 0]))
        nodes.keyboard.expect(A)
        reply = nodes.admin.post("/api/hid/reset")
        assert reply.json() == {"code": 0, "msg": "success", "data": None}
        nodes.keyboard.expect(KEYS_UP)
        nodes.relative.expect(BUTTONS_UP)


def test_a_burst_arrives_whole_and_in_order(nodes):
    sent = []
    with wire.WebSocket(nodes.admin, "/api/ws") as ws:
        for i in range(100):
            sent += [bytes([0, 0, 4 + i % 26, 0, 0, 0, 0, 0]), KEYS_UP]
        for report in sent:
            ws.send(key(report))
        arrive(nodes.keyboard, sent)


def test_who_never_reads_can_still_type(nodes):
    ws = wire.WebSocket(nodes.admin, "/api/ws")
    ping = json.dumps({"ping": 1})
    for _ in range(40_000):  # megabytes of answers that nobody takes
        ws.send(ping)
    ws.send("[1,4,0,0,0,0]")
    nodes.keyboard.expect(A, 10)
    ws.socket.close()
    nodes.keyboard.expect(KEYS_UP)


def test_a_paste_says_how_much_it_left_out(nodes):
    reply = nodes.admin.post("/api/hid/paste", {"content": "a漢b字"})
    assert reply.json() == {"code": 0, "msg": "success", "data": None}
    assert reply.header("Pantograph-Left-Out") == "2"
    arrive(nodes.keyboard, [A, KEYS_UP, B, KEYS_UP])
    assert (
        nodes.admin.post("/api/hid/paste", {"content": "a"}).header("Pantograph-Left-Out") is None
    )


def test_layouts_tell_what_they_can_type(admin):
    layouts = admin.get("/api/hid/layouts").json()["data"]["layouts"]
    assert [(each["id"], each["name"]) for each in layouts][0] == ("us", "English (US)")
    characters = {each["id"]: each["characters"] for each in layouts}
    assert set("aZ9 ~\n\t") <= set(characters["us"]) and not set("ßé漢") & set(characters["us"])
    assert set("aZ9 ~\n\tßé€") <= set(characters["de"]) and "漢" not in characters["de"]


def test_layouts_tell_what_each_key_types(admin):
    layouts = admin.get("/api/hid/layouts").json()["data"]["layouts"]
    keys = {each["id"]: {key["code"]: key["types"] for key in each["keys"]} for each in layouts}
    assert keys["us"]["KeyA"] == ["a", "A", "", ""] and keys["us"]["Slash"] == ["/", "?", "", ""]
    assert keys["de"]["KeyY"] == ["z", "Z", "", ""] and keys["de"]["KeyQ"] == ["q", "Q", "@", ""]
    assert keys["de"]["Equal"] == ["\u0301", "\u0300", "", ""], "dead keys are combining marks"
    assert keys["fr"]["KeyQ"][0] == "a"


def test_the_document_names_each_layout_that_a_paste_takes(admin):
    ids = [each["id"] for each in admin.get("/api/hid/layouts").json()["data"]["layouts"]]
    paste = admin.get("/api/openapi.json").json()["paths"]["/api/hid/paste"]["post"]
    (schema, *_) = [one["schema"] for one in paste["requestBody"]["content"].values()]
    assert len(ids) >= 3
    assert f": {', '.join(ids)};" in schema["properties"]["langue"]["description"]


def test_a_paste_is_typed_before_it_is_answered(nodes):
    start = time.monotonic()
    reply = nodes.admin.post("/api/hid/paste", {"content": "aB\n", "langue": "en"})
    assert reply.json() == {"code": 0, "msg": "success", "data": None}
    assert time.monotonic() - start >= 2 * 0.01  # hid.stroke_ms between the three
    enter, shifted = bytes([0, 0, 0x28, 0, 0, 0, 0, 0]), bytes([2, 0, 5, 0, 0, 0, 0, 0])
    arrive(nodes.keyboard, [A, KEYS_UP, shifted, KEYS_UP, enter, KEYS_UP])
    for text, layout, usages in (("y", "de", [29]), ("aq", "fr", [20, 4]), ("a", "xx", [4])):
        nodes.admin.post("/api/hid/paste", {"content": text, "langue": layout})
        pressed = nodes.keyboard.bytes()[-2 * len(usages) :: 2]
        assert pressed == [bytes([0, 0, usage, 0, 0, 0, 0, 0]) for usage in usages], layout


@pytest.mark.parametrize(
    "body, code, said",
    [
        ({}, -1, "invalid arguments"),
        ({"content": ""}, -1, "invalid arguments"),
        ({"content": 5}, -1, "invalid arguments"),
        ({"content": "x" * 65537}, -2, "content too long"),
        ({"content": "ä" * 65537}, -2, "content too long"),
    ],
)
def test_a_paste_that_cannot_be_is_refused(nodes, body, code, said):
    answer = nodes.admin.post("/api/hid/paste", body).json()
    assert answer["code"] == code
    assert wire.words(answer).startswith(said)
    assert nodes.keyboard.bytes() == []


def test_a_paste_is_busy_with_one_text_and_can_be_stopped(nodes):
    answers = []
    first = threading.Thread(
        target=lambda: answers.append(nodes.admin.post("/api/hid/paste", {"content": "a" * 900}))
    )
    first.start()
    nodes.keyboard.expect(KEYS_UP)
    second = nodes.admin.post("/api/hid/paste", {"content": "b"}).json()
    assert second["code"] == -3 and "busy" in wire.words(second), second
    assert nodes.admin.post("/api/hid/reset").json()["code"] == 0
    first.join(5)
    assert answers[0].json()["code"] == -3
    time.sleep(0.2)  # for what was on its way
    assert nodes.keyboard.last() == KEYS_UP
    typed = len(nodes.keyboard.reports)
    time.sleep(0.2)
    assert len(nodes.keyboard.reports) == typed < 1000
