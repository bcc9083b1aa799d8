# SPDX-License-Identifier: LGPL-2.1-or-later
"""STUN and TURN of the configuration: used by the daemon, and told to who watches by WHEP."""
import subprocess
import sys
import threading

import pytest
import turn
from daemon import Daemon, eventually
from offers import CHROMIUM

USER, PASSWORD = "kvm:1", 'p@ss: "100%" \\ /'  # with all that a URL or a header must escape


@pytest.fixture
def server():
    command = [sys.executable, turn.__file__, "127.0.0.1", USER, PASSWORD]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    process.port = int(process.stdout.readline())
    process.said = []

    def read():
        for line in process.stdout:
            process.said.append(line.strip())

    reader = threading.Thread(target=read)
    reader.start()
    yield process
    process.kill()
    process.wait()
    reader.join()
    process.stdout.close()


def settings(server):
    where = f"127.0.0.1:{server.port}"
    quoted = PASSWORD.replace("\\", "\\\\").replace('"', '\\"')
    return {
        "stun": where,
        "turn": {"turnAddr": where, "turnUser": f'"{USER}"', "turnCred": f'"{quoted}"'},
        "ice": {"address": "127.0.0.1"},
    }


def post(client):
    reply = client.request("POST", "/whep", CHROMIUM.encode(), "application/sdp", limit=30)
    assert reply.status == 201, reply
    client.request("DELETE", reply.header("Location"))
    return reply


def links(reply):
    return [value for name, value in reply.headers if name.lower() == "link"]


def test_nobody_is_told_of_servers_that_are_not_configured(viewer):
    assert links(post(viewer)) == []


def test_an_answer_names_the_configured_servers(server, tmp_path):
    with Daemon(tmp_path, settings(server)) as daemon:
        where = f"127.0.0.1:{server.port}"
        credential = 'p@ss: \\"100%\\" \\\\ /'
        assert links(post(daemon.admin())) == [
            f'<stun:{where}>; rel="ice-server"',
            f'<turn:{where}>; rel="ice-server"; username="{USER}"; '
            f'credential="{credential}"; credential-type="password"',
        ]


def test_the_daemon_has_a_place_at_the_turn_server_itself(server, tmp_path):
    with Daemon(tmp_path, settings(server)) as daemon:
        answer = post(daemon.admin()).body.decode()
        eventually(lambda: "allocation" in server.said, 10, "an allocation with the credential")
        assert "denied" not in server.said
        assert " typ relay" in answer
        assert PASSWORD not in daemon.log()
