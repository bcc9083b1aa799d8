# SPDX-License-Identifier: LGPL-2.1-or-later
"""Whether the first password is still to be set, as the page asks before anybody has signed in."""
import re
import subprocess

import wire
from daemon import Daemon


def as_forms_send(password):
    command = "openssl enc -aes-256-cbc -md md5 -pass pass:nanokvm-sipeed-2024 -a -A".split()
    made = subprocess.run(command, input=password.encode(), capture_output=True, check=True)
    return made.stdout.decode()


def due(client):
    reply = client.get("/api/auth/setup").json()
    assert reply["code"] == 0 and list(reply["data"]) == ["due"]
    return reply["data"]["due"]


def test_until_somebody_chose_a_password_anybody_is_told_that_one_is_due(tmp_path):
    with Daemon(tmp_path, password=None) as first:
        code = re.search(r"password: ([a-z0-9-]{20,}) ", first.greeting)[1]
        assert due(first.client()) is True
    with Daemon(tmp_path, password=None) as daemon:
        client = daemon.client()
        assert due(client) is True, "after a restart, too"
        assert client.login(as_forms_send(code)).json()["code"] == 0
        assert client.get("/api/auth/password").json()["data"] == {"isUpdated": False}
        body = {"currentPassword": as_forms_send(code), "password": wire.NEW_FORM_W}
        assert client.post("/api/auth/password", body).json()["code"] == 0
        assert due(daemon.client()) is False
        assert daemon.client().login(wire.NEW_FORM_W).json()["code"] == 0
        assert daemon.client().login(as_forms_send(code)).json()["code"] == -2


def test_where_the_environment_sets_the_password_none_is_due(tmp_path):
    with Daemon(tmp_path) as daemon:
        assert due(daemon.client()) is False


def test_an_unreadable_account_file_asks_for_no_password(tmp_path):
    state = tmp_path / "state"
    state.mkdir()
    (state / "pwd").write_text("no accounts")
    with Daemon(tmp_path, password=None) as daemon:
        assert due(daemon.client()) is False


def test_where_nobody_has_to_sign_in_none_is_due(tmp_path):
    with Daemon(tmp_path, {"authentication": "disable"}, password=None) as daemon:
        assert due(daemon.client()) is False
