# SPDX-License-Identifier: LGPL-2.1-or-later
"""A download, a form that brings an image and an update: one of them at a time."""
import contextlib

import pytest
from daemon import eventually
from form_upload_test import FORM, disc, form
from server import Server
from store import MIB, Store

DOWNLOAD = "/api/download/image"
FILE = "/api/download/file"
UPDATE = "/api/application/update/offline"
PACKAGE = "pantograph_9.9_amd64.deb"
TAKEN = "download in progress"


@pytest.fixture
def store(tmp_path):
    with Store(tmp_path, url_timeout_s=100) as running:
        yield running


@contextlib.contextmanager
def coming(store, route, filename, begun):
    """A form that is on its way, and breaks off in the end."""
    body = form(disc(4 * MIB), filename)
    head = f"POST {route} HTTP/1.1\r\nHost: x\r\nCookie: nano-kvm-token={store.admin.token}\r\n"
    head += f"Content-Type: {FORM}\r\nContent-Length: {len(body)}\r\n\r\n"
    with store.admin.connect() as s:
        s.sendall(head.encode() + body[: 3 * MIB])
        eventually(begun, 10, "it to begin")
        yield


def packages(store):
    folder = store.daemon.folder / "state/update"
    return folder.exists() and list(folder.iterdir())


def send(store, route, filename):
    return store.admin.post(route, form(disc(), filename), content=FORM).json()


def refused(store, route, filename):
    answer = send(store, route, filename)
    assert answer["code"] == -1, answer
    return answer["msg"], answer.get("reason", "")


def download(store):
    answer = store.post(DOWNLOAD, file="http://127.0.0.1:1/x.iso")
    return answer["code"], answer["msg"], answer.get("reason", "")


def test_nothing_comes_beside_a_form(store):
    with coming(store, FILE, "one.iso", store.parts):
        assert download(store) == (-1, TAKEN, "an image is being uploaded")
        assert refused(store, FILE, "two.iso") == (TAKEN, "an image is being uploaded")
        msg, reason = refused(store, UPDATE, PACKAGE)
        assert msg.startswith("update failed") and "a download is in progress" in msg + reason
    eventually(lambda: send(store, FILE, "two.iso")["code"] == 0, 10, "the form's end")


def test_nothing_comes_beside_an_update(store):
    with coming(store, UPDATE, PACKAGE, lambda: packages(store)):
        assert download(store) == (-1, TAKEN, "an update is on its way")
        assert refused(store, FILE, "two.iso") == (TAKEN, "an update is on its way")
        assert refused(store, UPDATE, PACKAGE)[0] == "update already in progress"
    eventually(lambda: send(store, FILE, "two.iso")["code"] == 0, 10, "the update's end")


def test_nothing_comes_beside_a_download(store):
    with Server(disc_iso=disc()) as server:
        server.gate.clear()
        server.break_after = [MIB]
        assert store.post(DOWNLOAD, file=f"{server.url}/disc.iso")["code"] == 0
        assert refused(store, FILE, "two.iso")[0] == TAKEN
        assert refused(store, UPDATE, PACKAGE)[0].startswith("update failed")
        server.gate.set()
        eventually(lambda: send(store, FILE, "two.iso")["code"] == 0, 30, "the download's end")


def test_a_form_that_is_refused_or_done_is_in_nobodys_way(store):
    for n in range(3):
        assert send(store, FILE, "no.txt")["code"] == -1
        assert send(store, FILE, f"{n}.iso")["code"] == 0
