# SPDX-License-Identifier: LGPL-2.1-or-later
"""Who keeps the input, over the sockets of several people (docs/decisions/0018)."""
import time

import pytest
import wire

A, KEYS_UP = bytes([0, 0, 4, 0, 0, 0, 0, 0]), bytes(8)
BEAT = bytes(1)


class Window:
    """A console's socket, which introduces itself, and the input as it is told it."""

    def __init__(self, client, name):
        self.ws = wire.WebSocket(client, "/api/ws")
        self.ws.send({"client": f"the window of {name}"})
        self.state = self.ws.status("input-hold")
        self.number = self.state["you"]

    def act(self, deed, **more):
        self.ws.send({"hold": deed, **more})

    def sees(self, **wanted):
        """Waits until it is told a state with these values."""
        return self.ws.status("input-hold", lambda d: wanted.items() <= d.items())

    def press(self):
        self.ws.send(bytes([1]) + A)

    def close(self):
        self.ws.close()


@pytest.fixture
def house(gadget):
    """The admin's window and that of a user, bob; nobody keeps or holds anything."""
    body = {"username": "bob", "password": wire.FORM_W, "role": "user"}
    assert gadget.admin.post("/api/auth/users", body).json()["code"] == 0
    client = gadget.daemon.client("127.0.0.9")
    assert client.login(username="bob").json()["code"] == 0
    gadget.admin.post("/api/hid/reset")
    time.sleep(0.1)
    gadget.keyboard.reports.clear()
    gadget.ann, gadget.bob = Window(gadget.admin, "ann"), Window(client, "bob")
    gadget.bob_client = client
    yield gadget
    for window in (gadget.ann, gadget.bob):
        window.act("let-go")
        window.close()
    gadget.admin.request("DELETE", "/api/auth/users/bob")


def test_everybody_is_told_who_is_here_and_who_keeps_the_input(house):
    house.ann.act("keep")
    state = house.bob.sees(keeper=house.ann.number)
    assert {"number": house.bob.number, "name": "bob@127.0.0.9", "role": "user"} in state["here"]
    roles = {guest["number"]: guest["role"] for guest in state["here"]}
    assert roles[house.ann.number] == "admin"
    assert "the window of" not in str(state), "whoever knows a client's id is that client"


def test_what_others_send_meanwhile_is_refused_also_after_a_pause(house):
    house.ann.act("keep")
    house.bob.sees(keeper=house.ann.number)
    time.sleep(1.2)
    house.bob.press()
    assert "admin@127.0.0.1 keeps" in house.bob.ws.status("input-refused")["reason"]
    with wire.WebSocket(house.bob_client, "/api/ws") as script:
        script.send(bytes([1]) + A)
        assert "keeps" in script.status("input-refused")["reason"]
    pasted = house.bob_client.post("/api/hid/paste", {"content": "x"}).json()
    assert pasted["code"] == -3 and "busy" in wire.words(pasted)
    assert house.keyboard.bytes() == []
    house.ann.press()
    house.keyboard.expect(A)


def test_who_asks_is_handed_the_input_at_once_and_what_was_held_goes_up(house):
    house.ann.act("keep")
    house.ann.press()
    house.keyboard.expect(A)
    house.bob.act("ask")
    assert house.ann.ws.status("hold-event") == {"event": "asked", "by": "bob@127.0.0.9"}
    house.ann.act("give", to=house.bob.number)
    assert house.bob.ws.status("hold-event") == {"event": "given", "by": "admin@127.0.0.1"}
    house.keyboard.expect(KEYS_UP)
    house.bob.press()
    house.keyboard.expect(A)


def test_an_admin_takes_and_a_user_does_not(house):
    house.ann.act("keep")
    house.bob.sees(keeper=house.ann.number)
    house.bob.act("take")
    assert "admin" in house.bob.ws.status("hold-refused")["reason"]
    house.ann.act("let-go")
    house.bob.sees(keeper=0)
    house.bob.act("keep")
    house.ann.sees(keeper=house.bob.number)
    house.ann.act("take")
    assert house.bob.ws.status("hold-event") == {"event": "taken", "by": "admin@127.0.0.1"}


def test_an_admin_lets_all_keys_go_whoever_keeps_the_input(house):
    house.bob.act("keep")
    house.ann.sees(keeper=house.bob.number)
    house.bob.press()
    house.keyboard.expect(A)
    assert house.admin.post("/api/hid/reset").json()["code"] == 0
    house.keyboard.expect(KEYS_UP)


def test_a_hold_ends_ten_seconds_after_its_socket_and_not_before(house):
    house.bob.act("keep")
    house.ann.sees(keeper=house.bob.number)
    house.bob.close()
    closed = time.monotonic()
    house.ann.sees(keeper=0)
    assert 8 < time.monotonic() - closed < 13
    house.bob = Window(house.bob_client, "bob")


def test_clients_that_know_nothing_of_it_are_told_nothing_of_it(house):
    with wire.WebSocket(house.bob_client, "/api/ws") as script:
        house.ann.act("keep")
        house.bob.sees(keeper=house.ann.number)
        script.send({"hold": "keep"})
        assert "introduced" in script.status("hold-refused")["reason"]
        house.ann.act("let-go")
        house.bob.sees(keeper=0)
        script.send({"ping": 7})
        told = []
        script.until(lambda m: told.append(m.get("type")) or m.get("pong") == 7)
        assert "input-hold" not in told


@pytest.mark.parametrize(
    "message",
    [{"hold": "steal"}, {"hold": "give", "to": 4_000_000_000}, {"hold": "give", "to": -1}]
    + [{"hold": "give", "to": 1e300}, {"hold": "refuse"}, {"hold": "ask"}],
    ids=str,
)
def test_what_cannot_be_done_is_refused_in_words(house, message):
    if message["hold"] == "give":
        house.bob.act("keep")
        house.bob.sees(keeper=house.bob.number)
    house.bob.ws.send(message)
    assert house.bob.ws.status("hold-refused")["reason"]
