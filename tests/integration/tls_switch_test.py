# SPDX-License-Identifier: LGPL-2.1-or-later
"""https switched on and off while the daemon runs, and as it was left at the next start."""
import contextlib
import os
import socket

import pytest
import wire
from daemon import Daemon
from tls_test import TlsClient, free_port

PATH = "/api/vm/tls"


class Device:
    def __init__(self, folder, config="logger:\n  level: info # as ever\n"):
        self.folder, self.https = folder, free_port()
        self.daemon = Daemon(folder, args=("--port", str(free_port())))
        self.settings = self.daemon.config
        log = f"  file: {self.daemon.log_path}\n"
        self.settings.write_text(f"{config}{log}port:\n  https: {self.https}\n")

    def tls(self):
        client = TlsClient(self.https, self.folder / "state/server.crt")
        assert client.login().json()["code"] == 0
        return client


@pytest.fixture
def device(tmp_path):
    made = Device(tmp_path)
    with made.daemon:
        yield made


def test_it_is_off_at_first(device):
    assert device.daemon.admin().get(PATH).json()["data"] == {"enabled": False}


def test_switched_on_it_serves_at_once_and_sends_plain_http_there(device):
    admin = device.daemon.admin()
    answer = admin.post(PATH, {"enabled": True}, limit=60).json()
    assert answer == {"code": 0, "msg": "success", "data": None}
    assert device.tls().get(PATH).json()["data"] == {"enabled": True}
    reply = admin.get("/api/vm/info")
    assert reply.status == 307
    assert reply.header("Location").startswith(f"https://127.0.0.1:{device.https}/")


def test_switched_on_it_ends_what_still_runs_without_it(device):
    admin = device.daemon.admin()
    control = wire.WebSocket(admin, "/api/ws")
    stream = admin.connect()
    cookie = f"Cookie: nano-kvm-token={admin.token}"
    stream.sendall(f"GET /api/stream/mjpeg HTTP/1.1\r\nHost: x\r\n{cookie}\r\n\r\n".encode())
    assert stream.recv(100)
    admin.post(PATH, {"enabled": True}, limit=60)
    assert control.close_code() == (4307, "https only from now on")
    with contextlib.suppress(ConnectionResetError):
        while stream.recv(1 << 16):  # fails when nothing more comes, not even an end
            pass


def test_switched_off_it_serves_plain_http_again(device):
    device.daemon.admin().post(PATH, {"enabled": True}, limit=60)
    assert device.tls().post(PATH, {"enabled": False}).json()["code"] == 0
    assert device.daemon.admin().get(PATH).json()["data"] == {"enabled": False}
    with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", device.https), 5):
        pytest.fail("something listens there still")


def test_on_and_off_many_times_leaves_nothing_behind(device):
    device.daemon.admin().post(PATH, {"enabled": True}, limit=60)
    before = None
    for _ in range(10):
        assert device.tls().post(PATH, {"enabled": False}).json()["code"] == 0
        assert device.daemon.admin().post(PATH, {"enabled": True}, limit=60).json()["code"] == 0
        count = len(os.listdir(f"/proc/{device.daemon.process.pid}/fd"))
        before = before or count
    assert count <= before + 2
    assert (device.folder / "state/server.crt").exists()
    assert device.daemon.log().count("made a certificate") == 1


def test_what_is_asked_for_twice_is_done_once(device):
    admin = device.daemon.admin()
    assert admin.post(PATH, {"enabled": False}).json()["code"] == 0
    admin.post(PATH, {"enabled": True}, limit=60)
    assert device.tls().post(PATH, {"enabled": True}, limit=60).json()["code"] == 0


def test_the_next_start_serves_as_it_was_left_and_keeps_the_files_other_lines(tmp_path):
    device = Device(tmp_path)
    with device.daemon as daemon:
        daemon.admin().post(PATH, {"enabled": True}, limit=60)
    text = device.settings.read_text()
    assert text.endswith("proto: https\n") and "level: info # as ever\n" in text
    with device.daemon:
        assert device.tls().post(PATH, {"enabled": False}).json()["code"] == 0
    assert device.settings.read_text() == text.replace("https\n", "http\n")
    with device.daemon as daemon:
        assert daemon.admin().get(PATH).json()["data"] == {"enabled": False}


def test_a_port_that_is_taken_changes_nothing(device):
    before = device.settings.read_text()
    with socket.create_server(("127.0.0.1", device.https)):
        answer = device.daemon.admin().post(PATH, {"enabled": True}, limit=60).json()
    assert answer["code"] == -2 and "cannot listen" in wire.words(answer)
    assert device.daemon.admin().get(PATH).json()["data"] == {"enabled": False}
    assert device.settings.read_text() == before
    assert device.daemon.admin().post(PATH, {"enabled": True}, limit=60).json()["code"] == 0


def test_a_configuration_that_cannot_say_so_changes_nothing(device):
    device.settings.write_text("{proto: http}\n")
    answer = device.daemon.admin().post(PATH, {"enabled": True}, limit=60).json()
    assert answer["code"] == -2 and str(device.settings) in wire.words(answer)
    assert device.daemon.admin().get(PATH).json()["data"] == {"enabled": False}
    assert device.settings.read_text() == "{proto: http}\n"
