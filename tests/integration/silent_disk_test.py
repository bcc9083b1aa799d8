# SPDX-License-Identifier: LGPL-2.1-or-later
"""A disk of images that hangs, as one of a server that went away, stops nothing but what asks it."""
import concurrent.futures
import contextlib

import pytest
from daemon import Daemon, eventually
from doctor_test import LINKS, doctor
from silent_disk import PickyDisk, SilentDisk
from wire import words

MORE_THAN_THREADS = 12
PATIENCE = 60  # seconds; the daemon's own is 30


@pytest.fixture
def disk(tmp_path):
    folder = tmp_path / "images"
    folder.mkdir()
    with SilentDisk(folder) as disk:
        disk.settings = {"storage": {"directory": folder, "reserve_mib": 0}}
        yield disk


def link(admin):
    links = admin.get("/api/doctor").json()["data"]["links"]
    return next(link for link in links if link["link"] == "storage")


def silent(found, folder):
    return found == {
        "link": "storage",
        "state": "broken",
        "what": f"does not answer: {folder}",
        "cure": "see that the disk, or the server that it lies on, is there; else run umount -f -l"
        f" {folder} and mount it again",
    }


@contextlib.contextmanager
def asked(daemon, admin, requests, other):
    """Each request's path and the answer to come, once logins and what asks another disk were answered."""
    with concurrent.futures.ThreadPoolExecutor(len(requests)) as pool:
        under_way = [
            (path, pool.submit(admin.request, method, path, body, limit=PATIENCE))
            for method, path, body in requests
        ]
        for n in range(5):
            assert daemon.client(f"127.0.0.{7 + n}").login().json()["code"] == 0
        for path in ("/api/vm/gpio", "/api/vm/script", other):
            assert admin.get(path).json()["code"] == 0
        yield under_way


def test_who_asks_a_disk_that_hangs_is_told_and_nobody_else_waits(tmp_path, disk):
    folder = disk.settings["storage"]["directory"]
    with Daemon(tmp_path / "daemon", disk.settings) as daemon:
        admin = daemon.admin()
        assert admin.get("/api/storage/images").json()["code"] == 0
        assert link(admin)["state"] == "ok"

        disk.fall_silent()
        requests = [("GET", "/api/storage/image", None)] * MORE_THAN_THREADS
        requests += [
            ("GET", "/api/storage/images", None),
            ("POST", "/api/storage/image/delete", {"file": "a.iso"}),
            ("POST", "/api/storage/image/mount", {"file": "b.iso"}),
            ("POST", "/api/storage/upload", {"name": "c.iso", "size": 5}),
            ("PUT", "/api/storage/upload?name=d.iso", b"12345"),
        ]
        with asked(daemon, admin, requests, "/api/stream/recordings") as under_way:
            assert silent(link(admin), folder)
            assert not any(one.done() for _, one in under_way), "or the disk was not asked yet"
            for path, one in under_way:
                answer = one.result().json()
                assert answer["code"] < 0 and "does not answer" in words(answer), path

        disk.speak()
        eventually(lambda: admin.get("/api/storage/images").json()["code"] == 0, 10, "its answer")
        assert link(admin)["state"] == "ok"
        disk.fall_silent()
        with pytest.raises(TimeoutError):
            admin.get("/api/storage/image", limit=1)
        # The daemon ends all the same.


def test_a_doctor_whose_look_hangs_tells_of_all_other_links(tmp_path, disk):
    disk.fall_silent()
    folder = disk.settings["storage"]["directory"]
    found, status = doctor(
        tmp_path, {"proto": "https", "cert": {"crt": folder / "crt", "key": folder / "key"}}
    )
    state, what, cure = found["certificate"]
    assert (state, status) == ("broken", 1) and "no answer within" in what and "dmesg" in cure
    assert set(found) == set(LINKS.split())


def test_a_daemon_starts_and_a_doctor_ends_though_the_disk_hangs(tmp_path, disk):
    folder = disk.settings["storage"]["directory"]
    disk.fall_silent()
    with concurrent.futures.ThreadPoolExecutor() as pool:
        walk = pool.submit(doctor, tmp_path, disk.settings)
        with Daemon(tmp_path / "daemon", disk.settings) as daemon:
            admin = daemon.admin()
            assert silent(link(admin), folder)
            begun = admin.post("/api/storage/upload", {"name": "a.iso", "size": 5}).json()
            assert begun["code"] == -7 and "does not answer" in words(begun)
            found, status = walk.result()
            assert found["storage"][:2] == ("broken", f"does not answer: {folder}") and status == 1
            disk.speak()
            listed = admin.get("/api/storage/images", limit=PATIENCE).json()
            assert listed["code"] == 0 and listed["data"]["images"] == []


def test_a_disk_of_recordings_that_hangs_holds_up_nothing_else(tmp_path):
    folder = tmp_path / "films"
    folder.mkdir()
    with SilentDisk(folder) as disk:
        settings = {"recording": {"directory": folder, "reserve_mib": 0}}
        with Daemon(tmp_path / "daemon", settings) as daemon:
            admin = daemon.admin()
            assert admin.get("/api/stream/recordings").json()["data"]["recordings"] == []

            disk.fall_silent()
            name = "2026-11-29T16-05-12Z.mp4"
            requests = [("GET", "/api/stream/recordings", None)] * MORE_THAN_THREADS
            requests += [
                ("POST", "/api/stream/recording/start", {}),
                ("DELETE", f"/api/stream/recordings/{name}", None),
                ("GET", f"/api/stream/recordings/{name}", None),
            ]
            with asked(daemon, admin, requests, "/api/storage/image") as under_way:
                for path, one in under_way:
                    assert "the disk does not answer" in one.result().body.decode(), path

            disk.speak()
            listed = lambda: admin.get("/api/stream/recordings").json()
            eventually(lambda: listed()["code"] == 0, 10, "its answer")
            assert listed()["data"]["recordings"] == []


@pytest.mark.parametrize("sign", ':?*"<>|')
def test_a_name_that_the_disk_does_not_hold_is_refused_before_a_byte_is_sent(tmp_path, sign):
    folder = tmp_path / "images"
    folder.mkdir()
    settings = {"storage": {"directory": folder, "reserve_mib": 0}}
    with PickyDisk(folder), Daemon(tmp_path / "daemon", settings) as daemon:
        admin = daemon.admin()
        begin = lambda name: admin.post("/api/storage/upload", {"name": name, "size": 5}).json()
        refused = begin(f"a{sign}b.iso")
        assert refused["code"] < 0 and "does not hold it" in words(refused), refused
        assert admin.get("/api/storage/upload").json()["data"]["uploads"] == []
        other = begin("ab.iso")
        assert "disk full" in words(other), "of another name is no word"
