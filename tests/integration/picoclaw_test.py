# SPDX-License-Identifier: LGPL-2.1-or-later
"""PicoClaw is its vendor's download and not here: every route of it says so in the wire's words.

Run as a program, it asks from an address that other machines would have, and prints the answers.
"""
import json
import pathlib
import re
import subprocess
import sys

import pytest
import routes
import tls_test
import wire
from daemon import ROOT, Daemon, eventually

ROOM = "/api/picoclaw"
INSIDE = [
    ("GET", f"{ROOM}/screenshot"),
    ("POST", f"{ROOM}/actions"),
    ("POST", f"{ROOM}/mcp"),
    ("POST", f"{ROOM}/load-image"),
    ("GET", f"{ROOM}/runtime/session"),
]
ANSWERED = [("GET", f"{ROOM}/runtime/status"), ("GET", f"{ROOM}/sessions")]
GATEWAY = ("WS", f"{ROOM}/gateway/ws")
ALL = [route for route in routes.table() if route[1].startswith(ROOM + "/")]
REFUSED = [route for route in ALL if route not in [*INSIDE, *ANSWERED, GATEWAY]]
TOKEN = "q2TokenOfTheRuntimeItself"
ELSEWHERE = "10.99.0.1"  # an address of a network of the test's own


REFUSAL = '{"code":"RUNTIME_UNAVAILABLE","message":"PicoClaw is not installed"}'


def refusal(reply):
    assert reply.status == 200
    answer = reply.json()
    assert list(answer) == ["code", "message"], answer
    assert answer == {"code": "RUNTIME_UNAVAILABLE", "message": "PicoClaw is not installed"}


def test_all_of_its_routes_are_here():
    assert len(ALL) == 17 and len(REFUSED) == 9


def test_its_status_is_not_installed(admin):
    answer = admin.get(f"{ROOM}/runtime/status").json()
    assert (answer["code"], wire.words(answer)) == (0, "success")
    status = answer["data"]
    for stamp in (status.pop("checked_at"), status["control"].pop("changed_at")):
        assert stamp.startswith("20") and stamp.endswith("Z")
    assert status == {
        "ready": False,
        "installed": False,
        "installing": False,
        "model_configured": False,
        "status": "not_installed",
        "runtime_intent": {"desired_running": False},
        "control_mode": "off",
        "control": {"mode": "off", "transitioning": False, "can_control": False},
        "capabilities": {"chat": False, "read_only_tools": False, "device_write": False},
    }


@pytest.mark.parametrize("query", ["", "?offset=0&limit=20"])
def test_it_has_no_sessions(admin, query):
    answer = admin.get(f"{ROOM}/sessions{query}").json()
    assert answer == {"code": 0, "msg": "success", "data": []}


@pytest.mark.parametrize("method, path", REFUSED)
def test_whatever_is_asked_of_it_is_refused(admin, method, path):
    refusal(admin.request(method, path, None if method == "GET" else {"profile": "kvm"}))


def test_its_gateway_closes_as_unavailable(admin):
    with wire.WebSocket(admin, f"{GATEWAY[1]}?session_id=x") as ws:
        assert ws.close_code() == (4002, "PicoClaw is not installed")


def give_token(folder):
    (folder / "state").mkdir()
    (folder / "state/.picoclaw_internal_token").write_text(TOKEN + "\n")


@pytest.fixture(scope="module")
def home(tmp_path_factory):
    folder = tmp_path_factory.mktemp("picoclaw")
    give_token(folder)
    with Daemon(folder) as daemon:
        yield daemon


def token(text):
    return {"X-NanoKVM-Internal-Token": text}


@pytest.mark.parametrize("method, path", INSIDE)
def test_its_own_routes_are_for_who_has_the_token(home, method, path):
    def ask(client, headers):
        return client.request(method, path, headers=headers)

    stranger = home.client()
    refusal(ask(stranger, token(TOKEN)))
    for reply in (
        ask(stranger, {}),
        ask(home.admin(), {}),
        ask(stranger, token(TOKEN[:-1])),
        ask(stranger, token(TOKEN + "x")),
        ask(stranger, token("")),
    ):
        assert (reply.status, reply.body) == (401, b'"unauthorized"')


def test_the_token_is_worth_nothing_on_another_machine_and_good_inside_wherever_we_listen(tmp_path):
    command = [ROOT / "tests/run/netns", sys.executable, __file__, tmp_path]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stdout + done.stderr
    unauthorized, refused = [401, '"unauthorized"'], [200, REFUSAL]
    assert json.loads(done.stdout) == [unauthorized] * len(INSIDE) + [refused] * len(INSIDE)


def test_a_token_is_made_for_the_daemons_user_only_and_kept(tmp_path):
    kept = tmp_path / "state/.picoclaw_internal_token"
    with Daemon(tmp_path) as daemon:
        eventually(kept.exists, 5, "the token")
        made = kept.read_text()
        assert re.fullmatch(r"[A-Za-z0-9_-]{86}", made) and kept.stat().st_mode & 0o777 == 0o600
        refusal(daemon.client().request(*INSIDE[0], headers=token(made)))
    with Daemon(tmp_path) as daemon:
        assert kept.read_text() == made
        refusal(daemon.client().request(*INSIDE[0], headers=token(made)))


@pytest.mark.parametrize("text", ["", TOKEN])
def test_no_other_token_will_do(daemon, text):
    for method, path in INSIDE:
        reply = daemon.client().request(method, path, headers=token(text))
        assert (reply.status, reply.body) == (401, b'"unauthorized"')


def test_no_token_is_logged(home):
    home.client().get(INSIDE[0][1], headers=token(TOKEN))
    assert TOKEN not in home.log()


def test_what_recovers_the_gadget_is_for_who_has_the_token(home):
    path = "/api/internal/usb/recover"
    for client, headers in ((home.client(), {}), (home.admin(), {}), (home.client(), token("x"))):
        reply = client.post(path, headers=headers)
        assert (reply.status, reply.body) == (401, b'"unauthorized"')
    answer = home.client().post(path, headers=token(TOKEN)).json()
    assert answer["code"] == -1 and wire.words(answer).startswith("failed to recover usb: ")


def test_its_own_routes_need_no_tls_and_others_do(tmp_path):
    give_token(tmp_path)
    with tls_test.serving(tmp_path) as (daemon, _):
        for method, path in INSIDE:
            refusal(daemon.plain.request(method, path, headers=token(TOKEN)))
            assert daemon.plain.request(method, path, headers=token("x")).status == 401
        for path in (f"{ROOM}/runtime/status", "/api/vm/info"):
            assert daemon.plain.get(path, headers=token(TOKEN)).status == 307


def from_elsewhere(folder):
    """What who has the token is answered from an address that is not loopback's."""
    give_token(folder)
    with Daemon(folder, host=ELSEWHERE) as daemon:
        elsewhere = wire.Client(daemon.port, source=ELSEWHERE, host=ELSEWHERE)
        replies = [
            client.request(method, path, headers=token(TOKEN))
            for client in (elsewhere, wire.Client(daemon.port))
            for method, path in INSIDE
        ]
        return [[reply.status, reply.body.decode()] for reply in replies]


if __name__ == "__main__":
    print(json.dumps(from_elsewhere(pathlib.Path(sys.argv[1]))))
