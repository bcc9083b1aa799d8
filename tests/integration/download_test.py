# SPDX-License-Identifier: LGPL-2.1-or-later
"""Images that an admin has fetched from a web server, by the NanoKVM's routes."""
import socket

import pytest
from daemon import eventually
from server import Server
from store import MIB, Store, noise, sum_of

DISC = noise(5 * MIB + 11, seed=20)


@pytest.fixture
def store(tmp_path):
    with Store(tmp_path, url_timeout_s=100) as running:
        yield running


@pytest.fixture
def server():
    with Server(disc_iso=DISC) as running:
        yield running


def start(store, url, **more):
    return store.post("/api/download/image", file=url, **more)


def status(store):
    return store.get("/api/download/image/status")["data"]


def ends(store):
    """The status once the download has ended."""

    def ended():
        now = status(store)
        return now["status"] != "in_progress" and now

    return eventually(ended, 60, "the end of the download")


def test_an_image_is_fetched(store, server):
    url = f"{server.url}/disc.iso"
    assert start(store, url, sha256sum=sum_of(DISC).upper()) == {
        "code": 0,
        "msg": "success",
        "data": {"status": "in_progress", "file": url, "percentage": "", "reason": ""},
    }
    assert ends(store)["status"] == "success"
    assert (store.images / "disc.iso").read_bytes() == DISC
    assert store.files() == [str(store.images / "disc.iso")] and not store.parts()


def test_nothing_is_fetched_before_somebody_asks(store, server):
    assert status(store) == {"status": "idle", "file": "", "percentage": "", "reason": ""}
    assert store.get("/api/download/image/enabled")["data"] == {"enabled": True}
    assert server.requests == []


def test_the_progress_is_told_and_only_one_runs_at_a_time(store, server):
    server.gate.clear()
    server.break_after = [MIB]
    assert start(store, f"{server.url}/disc.iso")["code"] == 0
    moved = eventually(lambda: status(store)["percentage"] not in ("", "0.00%"), 30, "progress")
    assert moved and status(store)["percentage"].endswith("%")
    second = start(store, f"{server.url}/other.iso")
    assert second == {"code": -1, "msg": "download in progress", "data": None}
    form = store.admin.post(
        "/api/download/file", b"--x--\r\n", content="multipart/form-data; boundary=x"
    )
    assert form.json()["msg"] == "download in progress"
    assert not (store.images / "disc.iso").exists(), "no image before it is whole"
    server.gate.set()
    assert ends(store)["status"] == "success"
    assert (store.images / "disc.iso").read_bytes() == DISC


def test_a_connection_that_breaks_is_made_again_where_it_broke(store, server):
    server.break_after = [2 * MIB, MIB]
    start(store, f"{server.url}/disc.iso", sha256sum=sum_of(DISC))
    assert ends(store)["status"] == "success"
    assert (store.images / "disc.iso").read_bytes() == DISC
    assert [asked is None for _, asked in server.requests] == [True, False, False]


def test_a_server_that_stalls_is_asked_again(tmp_path, server):
    server.gate.clear()
    server.break_after = [MIB]
    with Store(tmp_path, url_timeout_s=1) as store:
        start(store, f"{server.url}/disc.iso")
        assert ends(store)["status"] == "success"
        assert (store.images / "disc.iso").read_bytes() == DISC


def test_without_ranges_a_broken_connection_is_the_end(store, server):
    server.ranges = False
    server.break_after = [MIB]
    start(store, f"{server.url}/disc.iso")
    ended = ends(store)
    assert ended["status"] == "failed" and ended["reason"], ended
    eventually(lambda: not store.parts(), 10, "nothing to be left")
    start(store, f"{server.url}/disc.iso")
    assert ends(store)["status"] == "success"


def test_a_download_goes_on_after_the_daemon_was_killed(tmp_path, server):
    store = Store(tmp_path)
    store.__enter__()
    server.gate.clear()
    server.files["/disc.iso"] = data = noise(30 * MIB, seed=21)
    server.break_after = [25 * MIB]
    start(store, f"{server.url}/disc.iso")
    eventually(lambda: float(status(store)["percentage"][:-1] or 0) > 75, 60, "25 of 30 MiB")
    store.daemon.kill()
    server.gate.set()
    with store:
        start(store, f"{server.url}/disc.iso", sha256sum="")
        assert ends(store)["status"] == "success"
        assert (store.images / "disc.iso").read_bytes() == data
    assert int(server.requests[-1][1].removeprefix("bytes=").rstrip("-")) >= 16 * MIB


def test_parts_of_two_files_are_never_mixed(store, server):
    server.gate.clear()
    server.break_after = [2 * MIB]
    start(store, f"{server.url}/disc.iso")
    eventually(lambda: status(store)["percentage"] not in ("", "0.00%"), 30, "progress")
    server.files["/disc.iso"] = other = noise(len(DISC), seed=22)
    server.tag = '"two"'
    server.gate.set()
    ended = ends(store)
    assert ended["status"] == "failed" and "another one now" in ended["reason"], ended
    start(store, f"{server.url}/disc.iso", sha256sum=sum_of(other))
    assert ends(store)["status"] == "success"


def test_a_wrong_sum_leaves_nothing(store, server):
    start(store, f"{server.url}/disc.iso", sha256sum=sum_of(b"something else"))
    assert ends(store)["status"] == "checksum_failed"
    assert store.files() == [] and not store.parts()


@pytest.mark.parametrize(
    "body, message",
    [
        ({}, "invalid arguments"),
        ({"file": "ftp://127.0.0.1/a.iso"}, "invalid url"),
        ({"file": "file:///etc/passwd.iso"}, "invalid url"),
        ({"file": "http:///a.iso"}, "invalid url"),
        ({"file": "http://127.0.0.1/"}, "invalid url"),
        ({"file": "http://127.0.0.1/a.exe"}, "invalid url"),
        ({"file": "http://127.0.0.1/%2Ehidden.iso"}, "invalid url"),
        ({"file": "http://127.0.0.1/a.iso", "sha256sum": "12"}, "invalid sha256sum"),
    ],
)
def test_a_request_that_makes_no_sense_is_refused(store, body, message):
    answer = store.admin.post("/api/download/image", body).json()
    assert (answer["code"], answer["msg"]) == (-1, message), answer
    assert message != "invalid url" or answer["reason"], "what was wrong with it"
    assert status(store)["status"] == "idle"


def fails(store, server, path, why):
    assert start(store, server.url + path)["code"] == 0
    ended = ends(store)
    assert ended["status"] == "failed" and why in ended["reason"], ended
    assert not store.parts() and store.files() == []


def test_what_the_server_does_wrong_is_told(store, server):
    fails(store, server, "/none.iso", "the server answers 404")
    server.sized = False
    fails(store, server, "/disc.iso", "give its sha256sum")


def test_a_file_of_unknown_size_is_fetched_when_its_sum_can_tell_that_it_is_whole(store, server):
    server.sized = False
    start(store, f"{server.url}/disc.iso", sha256sum=sum_of(DISC))
    assert ends(store)["status"] == "success"
    assert (store.images / "disc.iso").read_bytes() == DISC
    assert not store.parts()


@pytest.mark.parametrize(
    "to, why",
    [
        ("ftp://127.0.0.1/disc.iso", "another kind of address"),
        ("file:///etc/passwd", "another kind of address"),
        ("", "to nowhere"),
        ("/again.iso", "in a circle"),
    ],
)
def test_it_is_not_led_astray(store, server, to, why):
    server.redirects["/again.iso"] = to
    fails(store, server, "/again.iso", why)


def test_it_is_led_to_another_address(store, server):
    server.redirects["/moved.iso"] = "/disc.iso"
    start(store, f"{server.url}/moved.iso")
    assert ends(store)["status"] == "success"
    assert (store.images / "moved.iso").read_bytes() == DISC


def test_nobody_who_listens_is_told(store):
    with socket.create_server(("127.0.0.1", 0)) as gone:
        port = gone.getsockname()[1]
    start(store, f"http://127.0.0.1:{port}/disc.iso")
    ended = ends(store)
    assert ended["status"] == "failed" and "cannot be read from" in ended["reason"], ended


def test_the_quota_is_kept(tmp_path, server):
    with Store(tmp_path, quota_mib=4) as store:
        start(store, f"{server.url}/disc.iso")
        ended = ends(store)
        assert ended["status"] == "failed" and "over quota" in ended["reason"], ended


def test_what_is_fetched_again_replaces_the_former_unless_that_is_in_a_drive(store, server):
    image = store.images / "disc.iso"
    former = server.files["/disc.iso"] = DISC[:MIB]
    assert start(store, f"{server.url}/disc.iso")["code"] == 0
    assert ends(store)["status"] == "success" and image.read_bytes() == former
    server.files["/disc.iso"] = DISC
    server.tag = '"newer"'
    assert store.mount(file="disc.iso")["code"] == 0
    assert start(store, f"{server.url}/disc.iso")["code"] == 0
    ended = ends(store)
    assert ended["status"] == "failed" and "mounted" in ended["reason"], ended
    assert image.read_bytes() == former
    assert store.mount(file="")["code"] == 0
    assert start(store, f"{server.url}/disc.iso")["code"] == 0
    assert ends(store)["status"] == "success" and image.read_bytes() == DISC
    assert not store.parts()


def test_it_is_cancelled_and_leaves_nothing(store, server):
    nothing = store.post("/api/download/image/cancel")
    assert nothing == {"code": -1, "msg": "no cancellable download in progress", "data": None}
    server.gate.clear()
    server.break_after = [MIB]
    start(store, f"{server.url}/disc.iso")
    eventually(lambda: status(store)["percentage"] not in ("", "0.00%"), 30, "progress")
    assert store.post("/api/download/image/cancel")["code"] == 0
    assert status(store)["status"] == "idle"
    assert not store.parts() and store.files() == []
    server.gate.set()
    start(store, f"{server.url}/disc.iso")
    assert ends(store)["status"] == "success"


def test_downloads_are_for_admins_only(store):
    stranger = store.daemon.client()
    for method, path in [
        ("GET", "/api/download/image/enabled"),
        ("GET", "/api/download/image/status"),
        ("POST", "/api/download/image"),
        ("POST", "/api/download/image/cancel"),
        ("POST", "/api/download/file"),
    ]:
        assert stranger.request(method, path, b"{}").status == 401, path
