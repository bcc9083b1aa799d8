# SPDX-License-Identifier: LGPL-2.1-or-later
"""Images come in: whole or in parts, across interruptions, within quota and room."""
import random

import pytest
import wire
from daemon import eventually
from store import MIB, Store, noise, sum_of


@pytest.fixture(scope="module")
def store(tmp_path_factory):
    with Store(tmp_path_factory.mktemp("storage")) as running:
        yield running


def test_an_image_is_uploaded_in_one_request(store):
    data = noise(3 * MIB + 17)
    answer = store.put(f"/api/storage/upload?name=one.img&sha256={sum_of(data)}", data)
    assert answer["code"] == 0 and answer["data"]["done"], answer
    assert answer["data"]["file"] == str(store.images / "one.img")
    assert (store.images / "one.img").read_bytes() == data
    assert not store.parts()


def test_an_image_is_uploaded_in_parts(store):
    data = noise(5 * MIB, seed=2)
    upload = store.begin("parts.iso", data)
    assert upload["offset"] == 0 and not upload["done"]
    for at in range(0, len(data), MIB):
        headers = {"Content-Range": f"bytes {at}-{at + MIB - 1}/{len(data)}"}
        answer = store.put(
            f"/api/storage/upload/{upload['id']}", data[at : at + MIB], headers=headers
        )
        assert answer["code"] == 0 and answer["data"]["offset"] == at + MIB, answer
    assert answer["data"]["done"]
    assert (store.images / "parts.iso").read_bytes() == data


@pytest.mark.parametrize(
    "header",
    [
        "bytes 0-5/7",
        "bytes 0-99/200",
        "bytes 0-100/1000",
        "bytes 99-0/1000",
        "bytes 0-/1000",
        "0-99/1000",
    ],
)
def test_a_range_that_the_body_or_the_announcement_belies_is_refused(store, header):
    data = noise(1000, seed=5)
    path = f"/api/storage/upload/{store.begin('range.img', data)['id']}"
    refused = store.put(path, data[:100], headers={"Content-Range": header})
    assert refused["code"] == -1 and "Content-Range" in refused["reason"], refused
    taken = store.put(path, data[:100], headers={"Content-Range": "bytes 0-99/*"})
    assert taken["code"] == 0 and taken["data"]["offset"] == 100, taken
    assert store.admin.request("DELETE", path).status == 200


def test_an_interrupted_upload_goes_on_where_it_was(store):
    data = noise(8 * MIB, seed=3)
    upload = store.begin("resumed.iso", data)["id"]
    at, rng = 0, random.Random(4)
    for _ in range(6):
        at = store.part_and_break_off(upload, data, at, at + rng.randrange(MIB, 5 * MIB // 4))
    assert 0 < at < len(data)
    assert str(store.images / "resumed.iso") not in store.files()
    again = store.begin("resumed.iso", data)
    assert again["id"] == upload and again["offset"] == at
    answer = store.put(f"/api/storage/upload/{upload}?offset={at}", data[at:])
    assert answer["data"]["done"], answer
    assert (store.images / "resumed.iso").read_bytes() == data


def test_one_request_begins_anew_after_an_interruption(store):
    data = noise(2 * MIB, seed=8)
    upload = store.begin("anew.img", data)["id"]
    assert store.part_and_break_off(upload, data, 0, MIB) > 0
    answer = store.put(f"/api/storage/upload?name=anew.img&sha256={sum_of(data)}", data)
    assert answer["code"] == 0 and answer["data"]["done"], answer
    assert (store.images / "anew.img").read_bytes() == data
    assert not store.parts()


def test_a_wrong_offset_is_refused(store):
    data = noise(1000)
    upload = store.begin("offset.iso", data)["id"]
    assert store.put(f"/api/storage/upload/{upload}?offset=1", data)["code"] == -3
    assert store.put(f"/api/storage/upload/{upload}?offset=x", data)["code"] == -1
    assert store.put(f"/api/storage/upload/{upload}", data + b"!")["code"] == -1
    assert store.admin.request("DELETE", f"/api/storage/upload/{upload}").json()["code"] == 0


def test_a_wrong_checksum_leaves_nothing(store):
    data = noise(2 * MIB, seed=5)
    wrong = sum_of(b"something else")
    answer = store.put(f"/api/storage/upload?name=wrong.iso&sha256={wrong}", data)
    assert answer == {"code": -4, "msg": "sha256 mismatch", "data": None}
    assert not (store.images / "wrong.iso").exists() and not store.parts()


def test_an_upload_replaces_no_image(store):
    path = store.add("there.iso", b"old")
    assert store.put("/api/storage/upload?name=there.iso", b"new")["code"] == -5
    assert open(path, "rb").read() == b"old"


def test_an_upload_is_given_up(store):
    upload = store.begin("given-up.iso", b"x" * 100)["id"]
    listed = store.get("/api/storage/upload")["data"]["uploads"]
    assert [u["name"] for u in listed] == ["given-up.iso"]
    assert store.admin.request("DELETE", f"/api/storage/upload/{upload}").json()["code"] == 0
    assert store.get("/api/storage/upload")["data"]["uploads"] == []
    assert store.get(f"/api/storage/upload/{upload}")["code"] == -2
    assert not store.parts()


def peak_kib(daemon):
    status = open(f"/proc/{daemon.process.pid}/status").read()
    return int(status.split("VmHWM:")[1].split()[0])


def test_an_upload_of_any_size_takes_little_memory(store):
    """Sent as fast as it goes, to a disk that is slower."""
    size = 300 * MIB
    block = noise(MIB, seed=6)
    head = "PUT /api/storage/upload?name=huge.img HTTP/1.1\r\nHost: x\r\n"
    head += f"Cookie: nano-kvm-token={store.admin.token}\r\nContent-Length: {size}\r\n\r\n"
    before = peak_kib(store.daemon)
    with store.admin.connect(limit=60) as s:
        s.sendall(head.encode())
        for _ in range(size // MIB):
            s.sendall(block)
        answer = b""
        while chunk := s.recv(65536):
            answer += chunk
    assert b'"done":true' in answer, answer
    assert (store.images / "huge.img").stat().st_size == size
    assert peak_kib(store.daemon) - before < 24 * 1024
    assert store.post("/api/storage/image/delete", file="huge.img")["code"] == 0


def test_an_upload_ends_with_its_session(tmp_path):
    with Store(tmp_path) as store:
        data = noise(3 * MIB)
        upload = store.begin("revoked.iso", data)["id"]
        head = f"PUT /api/storage/upload/{upload} HTTP/1.1\r\nHost: x\r\n"
        head += f"Cookie: nano-kvm-token={store.admin.token}\r\nContent-Length: {len(data)}\r\n\r\n"
        with store.admin.connect() as s:
            s.sendall(head.encode() + data[: 2 * MIB])
            assert store.post("/api/auth/logout")["code"] == 0
            s.sendall(data[2 * MIB :])
            answer = s.recv(65536)
        assert b" 401 " in answer.split(b"\r\n")[0]
        assert store.daemon.admin().get("/api/storage/image").json()["data"]["files"] == []


def test_an_upload_goes_on_after_the_daemon_was_killed(tmp_path):
    data = noise(40 * MIB, seed=7)
    store = Store(tmp_path)
    store.__enter__()
    upload = store.begin("killed.iso", data)["id"]
    head = f"PUT /api/storage/upload/{upload} HTTP/1.1\r\nHost: x\r\n"
    head += f"Cookie: nano-kvm-token={store.admin.token}\r\nContent-Length: {len(data)}\r\n\r\n"
    with store.admin.connect() as s:
        s.sendall(head.encode() + data[: 30 * MIB])
        eventually(
            lambda: store.get(f"/api/storage/upload/{upload}")["data"]["offset"] >= 20 * MIB,
            20,
            "20 MiB to be stored",
        )
        store.daemon.kill()
    with store:
        now = store.get(f"/api/storage/upload/{upload}")["data"]
        assert 16 * MIB <= now["offset"] <= 30 * MIB
        answer = store.put(
            f"/api/storage/upload/{upload}?offset={now['offset']}", data[now["offset"] :]
        )
        assert answer["code"] == 0 and answer["data"]["done"], answer
        assert (store.images / "killed.iso").read_bytes() == data


def test_a_quota_is_kept(tmp_path):
    with Store(tmp_path, quota_mib=4) as store:
        store.add("old.iso", b"x" * 3 * MIB)
        answer = store.put("/api/storage/upload?name=new.iso", noise(2 * MIB))
        assert answer["code"] == -507 and "over quota" in wire.words(answer), answer
        assert not store.parts()
        assert store.post("/api/storage/image/delete", file="old.iso")["code"] == 0
        assert store.put("/api/storage/upload?name=new.iso", noise(2 * MIB))["code"] == 0
        assert store.get("/api/storage/images")["data"]["quota"] == 4 * MIB


def test_an_image_that_the_disk_has_no_room_for_is_refused_at_once(small_disk):
    with Store(small_disk) as store:
        answer = store.post("/api/storage/upload", name="a.iso", size=100 * MIB)
        assert answer["code"] == -507 and "disk full" in wire.words(answer), answer
        assert not store.parts()


def test_a_disk_that_fills_up_meanwhile_loses_nothing(small_disk):
    with Store(small_disk) as store:
        data = noise(6 * MIB, seed=8)
        upload = store.begin("a.iso", data)["id"]
        other = store.images / "other"
        other.write_bytes(b"x" * 5 * MIB)  # somebody else was faster
        answer = store.put(f"/api/storage/upload/{upload}", data)
        assert answer["code"] == -507 and "disk full" in wire.words(answer), answer
        other.unlink()
        at = store.get(f"/api/storage/upload/{upload}")["data"]["offset"]
        assert 0 < at < len(data)
        answer = store.put(f"/api/storage/upload/{upload}?offset={at}", data[at:])
        assert answer["code"] == 0 and answer["data"]["done"], answer
        assert (store.images / "a.iso").read_bytes() == data
