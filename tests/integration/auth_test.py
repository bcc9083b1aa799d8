# SPDX-License-Identifier: LGPL-2.1-or-later
"""Who gets in, who does not, and how soon a session ends."""
import concurrent.futures
import hashlib
import re
import socket
import time

import pytest
import tokens
import wire
from daemon import Daemon, eventually

KEY = "a signing key that only this test and its daemon know"
LIFETIME = 2678400
REVOKED = "session expired or revoked"
BAD = (-2, "invalid username or password", 2)
MALFORMED = (-1, "invalid parameters", 3)
LOCK_SECONDS = 6
LOCK_FAILURES = 3


@pytest.fixture(scope="module")
def guarded(tmp_path_factory):
    settings = {
        "jwt": {"secretKey": KEY, "refreshTokenDuration": LIFETIME},
        "security": {"loginLockoutDuration": LOCK_SECONDS, "loginMaxFailures": LOCK_FAILURES},
    }
    with Daemon(tmp_path_factory.mktemp("auth"), settings) as daemon:
        yield daemon


def timed(call):
    start = time.monotonic()
    return call(), time.monotonic() - start


def together(calls):
    """Runs them all at the same time; their answers in order."""
    with concurrent.futures.ThreadPoolExecutor(len(calls)) as pool:
        return [f.result() for f in [pool.submit(call) for call in calls]]


def login(daemon, number, body, **more):
    """From an address of its own, so that one failure does not lock another out."""
    client = daemon.client(f"127.0.1.{number}")
    return timed(lambda: client.post("/api/auth/login", body, **more))


def credentials(password, username="admin"):
    return {"username": username, "password": password}


REFUSALS = {
    "empty body": (b"", "application/json", MALFORMED),
    "no JSON": (b"{", "application/json", MALFORMED),
    "an array": (b"[]", "application/json", MALFORMED),
    "no fields": ({}, None, MALFORMED),
    "no password": ({"username": "admin"}, None, MALFORMED),
    "an empty password": (credentials(""), None, MALFORMED),
    "an empty name": (credentials(wire.FORM_W, ""), None, MALFORMED),
    "a number for a name": (credentials(wire.FORM_W, 5), None, MALFORMED),
    "a wrong password": (credentials(wire.WRONG_FORM_W), None, BAD),
    "an unknown name": (credentials(wire.FORM_W, "nobody"), None, BAD),
    "another case of the name": (credentials(wire.FORM_W, "Admin"), None, BAD),
    "a name with a blank": (credentials(wire.FORM_W, " admin"), None, BAD),
    "a plain password": (credentials(wire.PASSWORD), None, BAD),
    "no base64": (credentials("%%%"), None, BAD),
    "a ciphertext cut short": (credentials(wire.FORM_W[:-8]), None, BAD),
    "a salt and no more": (credentials("U2FsdGVkX18BAgMEBQYHCA=="), None, BAD),
    "a huge password": (credentials("QUFB" * 50_000), None, BAD),
}


def test_every_bad_login_has_its_answer_and_its_delay(guarded):
    calls = [
        lambda n=n, body=body, content=content: login(guarded, n + 1, body, content=content)
        for n, (body, content, _) in enumerate(REFUSALS.values())
    ]
    for name, (reply, seconds) in zip(REFUSALS, together(calls)):
        code, message, delay = REFUSALS[name][2]
        assert reply.status == 200, name
        assert reply.json() == {"code": code, "msg": message, "data": None}, name
        assert list(reply.json()) == ["code", "msg", "data"]
        assert seconds >= delay, name
        assert reply.header("Set-Cookie") is None, name


def test_every_form_of_the_password_gets_in(guarded):
    w, z = wire.FORM_W, wire.FORM_Z
    forms = [w, wire.escaped(w), z, wire.escaped(z), w.rstrip("="), w[:64] + "\n" + w[64:]]
    forms += [wire.escaped(w[:64] + "\n" + w[64:]), z.replace("+", " ")]
    calls = [lambda f=f: login(guarded, 100, credentials(f))[0] for f in forms]
    body = f"Username=admin&Password={wire.escaped(wire.escaped(w))}".encode()
    calls.append(lambda: login(guarded, 100, body, content="application/x-www-form-urlencoded")[0])
    for form, reply in zip([*forms, "a form body"], together(calls)):
        assert reply.json()["code"] == 0, form


def test_a_login_hands_out_the_session_twice(guarded):
    reply = guarded.client().login()
    token = reply.json()["data"]["token"]
    assert reply.json() == {"code": 0, "msg": "success", "data": {"token": token}}
    cookie = f"nano-kvm-token={token}; Path=/; Max-Age={LIFETIME}; HttpOnly; SameSite=Strict"
    assert reply.header("Set-Cookie") == cookie
    assert wire.Client(guarded.port, token).get("/api/auth/account").status == 200


def test_a_cookie_from_behind_a_secure_proxy_is_secure(guarded):
    reply = guarded.client().post(
        "/api/auth/login", credentials(wire.FORM_W), headers={"X-Forwarded-Proto": "https"}
    )
    assert reply.header("Set-Cookie").endswith("; SameSite=Strict; Secure")


def test_an_address_is_locked_out_alone_and_for_a_while(guarded):
    intruder = guarded.client("127.0.2.1")
    start = time.monotonic()
    wrong = together([lambda: intruder.login(wire.WRONG_FORM_W)] * LOCK_FAILURES)
    assert [r.json()["code"] for r in wrong] == [-2] * LOCK_FAILURES
    reply, seconds = timed(intruder.login)
    assert reply.json() == {
        "code": -5,
        "msg": "Account locked due to too many failed attempts, please try again later",
        "data": None,
    }
    assert seconds >= 3
    assert guarded.client("127.0.2.2").login().json()["code"] == 0
    eventually(lambda: intruder.login().json()["code"] == 0, 30, "the end of the lock")
    assert time.monotonic() - start >= LOCK_SECONDS


def token(claims, header=None, key=KEY, digest=hashlib.sha256):
    return tokens.signed(claims, key, header, digest)


def test_a_token_is_taken_only_as_it_was_signed(guarded):
    good = guarded.admin().token
    head, body, signature = good.split(".")
    claims = tokens.unpart(body)
    assert claims["username"] == claims["sub"] == "admin"
    assert claims["exp"] - claims["iat"] == LIFETIME
    assert claims["tokenVersion"] > 0
    none = {"alg": "none", "typ": "JWT"}
    wrong = {
        "another name": token({**claims, "username": "root", "sub": "root"}),
        "expired": token({**claims, "exp": int(time.time()) - 1}),
        "without an end": token({k: v for k, v in claims.items() if k != "exp"}),
        "an older version": token({**claims, "tokenVersion": claims["tokenVersion"] - 1}),
        "without a version": token({k: v for k, v in claims.items() if k != "tokenVersion"}),
        "a version in quotes": token({**claims, "tokenVersion": str(claims["tokenVersion"])}),
        "another key": token(claims, key="another key that is long enough to be one"),
        "no algorithm": f"{tokens.part(none)}.{body}.",
        "no algorithm, signed": token(claims, none),
        "another algorithm": token(claims, {"alg": "HS512"}, digest=hashlib.sha512),
        "changed": f"{head}.{tokens.part({**claims, 'exp': claims['exp'] + 9})}.{signature}",
        "cut short": good[:-4],
        "with more": good + ".x",
        "two parts": f"{head}.{body}",
        "dots": "..",
        "nothing": "",
        "bytes": "\xff\xfe",
        "huge": "a" * 4000,
    }
    assert wire.Client(guarded.port, token(claims)).get("/api/auth/account").status == 200
    for name, bad in wrong.items():
        reply = wire.Client(guarded.port, bad).get("/api/auth/account")
        assert (reply.status, reply.body) == (401, b'"unauthorized"'), name


def test_of_two_session_cookies_the_first_counts(guarded):
    good = guarded.admin().token
    plain = wire.Client(guarded.port)
    for cookies, status in (
        (f"nano-kvm-token={good}; nano-kvm-token=bad", 200),
        (f"nano-kvm-token=bad; nano-kvm-token={good}", 401),
        (f"theme=dark; nano-kvm-token={good}; lang=en", 200),
    ):
        assert plain.get("/api/auth/account", headers={"Cookie": cookies}).status == status


def test_cookies_may_come_in_several_headers(guarded):
    good = f"nano-kvm-token={guarded.admin().token}"
    for first, second, status in (
        (good, "theme=dark", b"200"),
        ("theme=dark", good, b"200"),
        (good, "nano-kvm-token=stale", b"200"),
        ("nano-kvm-token=stale", good, b"401"),
    ):
        lines = f"Host: x\r\nCookie: {first}\r\nCookie: {second}\r\nConnection: close\r\n\r\n"
        answer = guarded.client().raw(f"GET /api/auth/account HTTP/1.1\r\n{lines}")
        assert answer.split()[1] == status, (first, second)


def test_a_token_counts_in_the_cookie_only(guarded):
    good = guarded.admin().token
    plain = wire.Client(guarded.port)
    headers = {"Authorization": f"Bearer {good}"}
    assert plain.get("/api/auth/account", headers=headers).status == 401
    assert plain.get(f"/api/auth/account?nano-kvm-token={good}&token={good}").status == 401


def test_the_account_is_told(guarded):
    admin = guarded.admin()
    account = admin.get("/api/auth/account")
    assert account.header("Content-Type") == "application/json; charset=utf-8"
    assert account.body == b'{"code":0,"msg":"success","data":{"username":"admin","role":"admin"}}'
    assert admin.get("/api/auth/password").json()["data"] == {"isUpdated": True}


def test_signing_out_ends_everything_of_the_session(guarded):
    admin = guarded.admin()
    sockets = [
        wire.WebSocket(admin, path)
        for path in ("/api/ws", "/api/stream/h264", "/api/stream/h264/direct")
    ]
    stream = admin.connect()
    stream.sendall(
        f"GET /api/stream/mjpeg HTTP/1.1\r\nHost: x\r\nCookie: nano-kvm-token={admin.token}\r\n\r\n".encode()
    )
    assert stream.recv(100)
    start = time.monotonic()
    reply = admin.post("/api/auth/logout")
    assert reply.json() == {"code": 0, "msg": "success", "data": None}
    gone = "nano-kvm-token=; Path=/; Max-Age=0; HttpOnly; SameSite=Strict"
    assert reply.header("Set-Cookie") == gone
    for socket in sockets:
        assert socket.close_code(5) == (4401, REVOKED)
    wire.read_all(stream)
    assert time.monotonic() - start < 1.5
    assert "message auth logout user=admin address=127.0.0.1" in guarded.log()
    assert admin.get("/api/auth/account").status == 401
    with pytest.raises(wire.Refused) as refused:
        wire.WebSocket(admin, "/api/ws")
    assert (refused.value.status, refused.value.body) == (401, b'"unauthorized"')


def test_a_session_ends_when_its_time_is_over(tmp_path):
    with Daemon(tmp_path, {"jwt": {"refreshTokenDuration": 2}}) as daemon:
        reply = daemon.client().login()
        assert "Max-Age=2;" in reply.header("Set-Cookie")
        admin = wire.Client(daemon.port, reply.json()["data"]["token"])
        with wire.WebSocket(admin, "/api/ws") as socket:
            assert socket.close_code(12) == (4401, REVOKED)
        assert admin.get("/api/auth/account").status == 401


def change(client, **fields):
    return client.post("/api/auth/password", fields)


def test_a_password_is_changed_by_who_knows_the_old_one(tmp_path):
    with Daemon(tmp_path) as daemon:
        admin = daemon.admin()
        for fields, code in (
            ({}, -1),
            ({"currentPassword": wire.FORM_W}, -1),
            ({"password": wire.NEW_FORM_W}, -3),
            ({"currentPassword": wire.WRONG_FORM_W, "password": wire.NEW_FORM_W}, -3),
            ({"currentPassword": wire.PASSWORD, "password": wire.NEW_FORM_W}, -3),
            ({"currentPassword": wire.FORM_W, "password": "nonsense"}, -5),
            ({"username": "admin", "password": wire.NEW_FORM_W}, -1),
        ):
            reply = change(admin, **fields)
            assert reply.json()["code"] == code, (fields, reply.json())
        assert admin.post("/api/auth/password", b"{").json()["code"] == -1
        assert admin.get("/api/auth/account").status == 200, "nothing has changed"
        reply = change(admin, currentPassword=wire.FORM_W, password=wire.NEW_FORM_W)
        assert reply.json() == {"code": 0, "msg": "success", "data": None}
        assert "nano-kvm-token=; Path=/; Max-Age=0" in reply.header("Set-Cookie")
        assert admin.get("/api/auth/account").status == 401
        answers = together(
            [lambda: daemon.client().login(), lambda: daemon.client().login(wire.NEW_FORM_W)]
        )
        assert [a.json()["code"] for a in answers] == [-2, 0]
        who = "user=admin address=127.0.0.1"
        refused = re.findall(f"message auth password not changed {who} why=", daemon.log())
        assert len(refused) >= 4, daemon.log()
        assert len(re.findall(f"message auth password changed {who}", daemon.log())) == 1
    assert re.search(r'"password" ?: ?"\$2[aby]\$', (tmp_path / "state/pwd").read_text())
    assert (tmp_path / "state/pwd").stat().st_mode & 0o777 == 0o600


def test_the_old_form_of_the_change_is_taken_when_the_owner_wants_it(tmp_path):
    with Daemon(tmp_path, {"security": {"allowLegacyPasswordChange": True}}) as daemon:
        reply = change(daemon.admin(), username="root", password=wire.NEW_FORM_W)
        assert reply.json()["code"] == 0
        assert daemon.client().login(wire.NEW_FORM_W, "root").json()["code"] == 0


def test_without_authentication_everybody_is_admin(tmp_path):
    with Daemon(tmp_path, {"authentication": "disable"}) as daemon:
        client = daemon.client()
        assert client.get("/api/auth/account").json()["data"] == {
            "username": "admin",
            "role": "admin",
        }
        reply = client.login("anything")
        assert reply.json() == {"code": 0, "msg": "success", "data": {"token": "disabled"}}
        assert reply.header("Set-Cookie") is None
        assert client.post("/api/auth/logout").json()["code"] == 0
        join = {"ssid": "x", "password": "12345678"}  # nobody's would be taken for a set-up's
        joined = client.post("/api/network/wifi", join).json()
        assert joined["msg"].startswith("failed to connect wifi"), joined
        wire.WebSocket(client, "/api/ws").close()
        assert "authentication is disabled" in daemon.log()


EVERY_METHOD = "HEAD, GET, POST, PUT, PATCH, DELETE"


def test_without_authentication_pages_of_every_origin_may_ask_and_ours_may_change(tmp_path):
    foreign = {"Origin": "http://elsewhere.example"}
    with Daemon(tmp_path, {"authentication": "disable"}) as daemon:
        client = daemon.client()
        for headers, methods in (
            (foreign, "HEAD, GET"),
            ({"Origin": f"http://{client.host}:{client.port}"}, EVERY_METHOD),
            ({}, EVERY_METHOD),
        ):
            asked = client.request("OPTIONS", "/api/vm/info", headers=headers)
            assert (asked.status, asked.body) == (204, b"")
            assert asked.header("Access-Control-Allow-Methods") == methods
            assert asked.header("Access-Control-Allow-Headers") == "*"
        read = client.get("/api/vm/info", headers=foreign)
        assert read.status == 200 and read.header("Access-Control-Allow-Origin") == "*"
        assert read.header("Access-Control-Allow-Credentials") is None
        assert client.post("/api/vm/web-title", {"title": "x"}, headers=foreign).status == 403


def opens(client, headers):
    try:
        wire.WebSocket(client, "/api/ws", headers).close()
    except wire.Refused as refused:
        assert refused.status == 403 and b"security.allowedHosts" in refused.body
        return False
    return True


def test_without_authentication_a_name_that_came_to_stand_for_our_address_changes_nothing(tmp_path):
    settings = {"authentication": "disable", "security": {"allowedHosts": "kvm.example, b.example"}}
    ours = [socket.gethostname(), "localhost", "127.0.0.1", "[::1]", "kvm.example", "B.example:80"]
    with Daemon(tmp_path, settings) as daemon:
        client = daemon.client()
        for host, changes in [*((host, True) for host in ours), ("evil.example", False)]:
            headers = {"Host": host, "Origin": f"http://{host}"}
            reply = client.post("/api/hid/reset", headers=headers)
            assert reply.status == (200 if changes else 403), host
            assert changes or b"security.allowedHosts" in reply.body
            assert opens(client, headers) == changes, host
            assert client.get("/api/vm/info", headers=headers).status == 200
        eventually(lambda: "Host is no address" in daemon.log(), 10, "the reason in the log")


def test_with_authentication_any_name_will_do(guarded):
    headers = {"Host": "kvm.example", "Origin": "http://kvm.example"}
    assert guarded.admin().post("/api/hid/reset", headers=headers).status == 200


def test_with_authentication_no_other_origin_is_let_in(guarded):
    foreign = {"Origin": "http://elsewhere.example"}
    assert guarded.client().request("OPTIONS", "/api/vm/info", headers=foreign).status == 404
    read = guarded.admin().get("/api/vm/info", headers=foreign)
    assert read.header("Access-Control-Allow-Origin") is None


def test_a_broken_account_file_lets_nobody_in_and_stays_as_it_is(tmp_path):
    (tmp_path / "state").mkdir()
    accounts = tmp_path / "state/pwd"
    for text in ("{", '{"users":5}', ""):
        accounts.write_text(text)
        with Daemon(tmp_path) as daemon:
            reply, seconds = timed(daemon.client().login)
            assert reply.json()["code"] == -3, text
            assert seconds >= 2
        assert accounts.read_text() == text
