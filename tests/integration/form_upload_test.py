# SPDX-License-Identifier: LGPL-2.1-or-later
"""The NanoKVM's upload of a disc image by a form."""
import os

import pytest
from daemon import eventually
from store import MIB, Store, noise, sum_of
from upload_test import peak_kib

ROUTE = "/api/download/file"
BOUNDARY = "----WebKitFormBoundary7MA4YWxkTrZu0gW"
FORM = f"multipart/form-data; boundary={BOUNDARY}"


def disc(size=2 * MIB, seed=30):
    """What begins like an ISO 9660 image."""
    data = bytearray(noise(size, seed))
    data[0x8001:0x8006] = b"CD001"
    return bytes(data)


def form(data, filename="disc.iso", name="file", before=b""):
    head = f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="{name}"; filename="{filename}"'
    head += "\r\nContent-Type: application/octet-stream\r\n\r\n"
    return before + head.encode() + data + f"\r\n--{BOUNDARY}--\r\n".encode()


@pytest.fixture(scope="module")
def store(tmp_path_factory):
    with Store(tmp_path_factory.mktemp("forms")) as running:
        yield running


@pytest.fixture(autouse=True)
def nothing_is_left(store):
    yield
    eventually(lambda: not store.parts(), 10, "the parts to be removed")


def send(store, body, content=FORM, **headers):
    headers = {name.replace("_", "-"): value for name, value in headers.items()}
    return store.admin.post(ROUTE, body, content=content, headers=headers).json()


def test_a_disc_is_uploaded(store):
    data = disc()
    answer = send(store, form(data), X_SHA256_Sum=sum_of(data))
    assert answer == {
        "code": 0,
        "msg": "success",
        "data": {"status": "idle", "file": "", "percentage": ""},
    }
    assert (store.images / "disc.iso").read_bytes() == data


def test_other_parts_and_what_looks_like_a_boundary_do_no_harm(store):
    data = disc() + f"\r\n--{BOUNDARY[:-1]}".encode() + b"\r\n--\r\n\r\n" + disc(100_000, 31)
    field = f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="note"\r\n\r\nhello\r\n'.encode()
    assert send(store, form(data, "a.ISO", before=field))["code"] == 0
    assert (store.images / "a.ISO").read_bytes() == data


def in_chunks(body, size=100_000):
    for at in range(0, len(body), size):
        yield body[at : at + size]


def test_a_form_of_no_known_length_is_taken_as_it_comes(store):
    data = disc(3 * MIB, 32)
    answer = store.admin.post(ROUTE, in_chunks(form(data, "chunks.iso")), content=FORM).json()
    assert answer["code"] == 0, answer
    assert (store.images / "chunks.iso").read_bytes() == data


def left_on(folder):
    """All files of the disk, and its room."""
    disk = os.statvfs(folder)
    return sorted(p for p in folder.rglob("*") if p.is_file()), disk.f_bavail * disk.f_frsize >> 18


def test_a_form_of_no_known_length_ends_where_the_room_does(tmp_path, small_disk):
    with Store(tmp_path, directory=small_disk) as full:
        before = left_on(small_disk)
        body = in_chunks(form(disc(12 * MIB), "large.iso"))
        answer = full.admin.post(ROUTE, body, content=FORM).json()
        assert answer["code"] == -1 and answer["msg"].startswith("write failed"), answer
        assert left_on(small_disk) == before
        assert full.admin.post(ROUTE, form(disc()), content=FORM).json()["code"] == 0


@pytest.mark.parametrize(
    "filename, message",
    [
        ("", "no filename"),
        ("a b.iso", "invalid filename"),
        ("a..iso", "invalid filename"),
        (".iso", "invalid filename"),
        ("a.img", "only .iso files allowed"),
        ("iso", "only .iso files allowed"),
    ],
)
def test_a_name_that_cannot_be_is_refused(store, filename, message):
    assert send(store, form(disc(), filename)) == {"code": -1, "msg": message, "data": None}


def test_a_name_that_leads_away_stays_in_the_folder(store):
    assert send(store, form(disc(), "../../stays.iso"))["code"] == 0
    assert (store.images / "stays.iso").exists()


def test_the_case_of_the_type_does_not_matter(store):
    shouted = FORM.replace("multipart/form-data", "Multipart/Form-Data")
    assert send(store, form(disc(), "case.iso"), shouted)["code"] == 0


def test_what_is_no_disc_is_refused(store):
    assert send(store, form(noise(MIB), "noise.iso"))["msg"] == "file is not a valid ISO image"
    assert send(store, form(b"short", "short.iso"))["msg"] == "file is not a valid ISO image"


def test_a_wrong_sum_is_refused(store):
    answer = send(store, form(disc(), "sum.iso"), X_SHA256_Sum=sum_of(b"other"))
    assert answer == {"code": -1, "msg": "sha256 mismatch", "data": None}
    assert send(store, form(disc(), "sum.iso"), X_SHA256_Sum="12")["msg"] == "invalid sha256sum"


def test_an_image_is_replaced_by_a_whole_one_of_its_name(store):
    store.add("there.iso", b"old")
    bad = send(store, form(disc(), "there.iso"), X_SHA256_Sum=sum_of(b"other"))
    assert bad["msg"] == "sha256 mismatch"
    assert (store.images / "there.iso").read_bytes() == b"old"
    new = disc(seed=33)
    assert send(store, form(new, "there.iso"))["code"] == 0
    assert (store.images / "there.iso").read_bytes() == new


def test_an_image_in_a_drive_is_not_replaced(store):
    old, new = disc(seed=34), disc(seed=35)
    store.add("driven.iso", old)
    assert store.mount(file="driven.iso")["code"] == 0
    answer = send(store, form(new, "driven.iso"))
    assert answer["code"] == -1 and answer["msg"] == "cannot install uploaded image", answer
    assert "mounted" in answer["reason"]
    assert (store.images / "driven.iso").read_bytes() == old
    assert store.mount(file="")["code"] == 0
    assert send(store, form(new, "driven.iso"))["code"] == 0
    assert (store.images / "driven.iso").read_bytes() == new


def test_nor_is_one_that_is_mounted_while_the_new_one_comes(store):
    old, body = disc(seed=36), form(disc(4 * MIB, 37), "late.iso")
    store.add("late.iso", old)
    head = f"POST {ROUTE} HTTP/1.1\r\nHost: x\r\nCookie: nano-kvm-token={store.admin.token}\r\n"
    head += f"Content-Type: {FORM}\r\nContent-Length: {len(body)}\r\n\r\n"
    with store.admin.connect() as s:
        s.sendall(head.encode() + body[: 3 * MIB])
        eventually(store.parts, 10, "the upload to begin")
        assert store.mount(file="late.iso")["code"] == 0
        s.sendall(body[3 * MIB :])
        answer = s.recv(65536)
    assert b"cannot install uploaded image" in answer and b"mounted" in answer, answer
    assert (store.images / "late.iso").read_bytes() == old
    assert store.mount(file="")["code"] == 0


def test_what_only_has_the_name_of_an_image_is_not_replaced(store):
    (store.images / "folder.iso").mkdir()
    answer = send(store, form(disc(), "folder.iso"))
    assert answer["code"] == -1 and answer["msg"] == "cannot install uploaded image", answer


@pytest.mark.parametrize(
    "body, content, message",
    [
        (b"x" * 100, "application/octet-stream", "invalid multipart data"),
        (b"x" * 100, "multipart/form-data", "invalid multipart data"),
        (b"x" * 100, FORM, "invalid multipart data"),
        (f"--{BOUNDARY}junk".encode(), FORM, "invalid multipart data"),
        (f"--{BOUNDARY}\r\n".encode() + b"a: b\r\n" * 9000, FORM, "invalid multipart data"),
        (f"--{BOUNDARY}--\r\n".encode(), FORM, "file is required"),
        (form(disc(), "other.iso", name="other"), FORM, "file is required"),
        (form(disc(), "cut.iso")[:-60], FORM, "failed to read part"),
    ],
    ids=["no form", "no boundary", "no part", "junk", "headers", "empty", "other", "cut"],
)
def test_a_body_that_makes_no_sense_is_refused(store, body, content, message):
    answer = send(store, body, content)
    assert answer["code"] == -1 and answer["msg"].startswith(message), answer


def test_a_form_that_breaks_off_leaves_nothing(store):
    body = form(disc(4 * MIB), "broken.iso")
    head = f"POST {ROUTE} HTTP/1.1\r\nHost: x\r\nCookie: nano-kvm-token={store.admin.token}\r\n"
    head += f"Content-Type: {FORM}\r\nContent-Length: {len(body)}\r\n\r\n"
    with store.admin.connect() as s:
        s.sendall(head.encode() + body[: 3 * MIB])
        eventually(store.parts, 10, "the upload to begin")
    eventually(lambda: not store.parts(), 10, "the part to be removed")
    assert not (store.images / "broken.iso").exists()


def test_a_form_of_any_size_takes_little_memory(store):
    size = 200 * MIB
    block = disc(MIB)
    start, end = form(b"", "huge.iso").split(b"\r\n\r\n", 1)
    start += b"\r\n\r\n"
    head = f"POST {ROUTE} HTTP/1.1\r\nHost: x\r\nCookie: nano-kvm-token={store.admin.token}\r\n"
    head += f"Content-Type: {FORM}\r\nContent-Length: {len(start) + size + len(end)}\r\n\r\n"
    before = peak_kib(store.daemon)
    with store.admin.connect(limit=120) as s:
        s.sendall(head.encode() + start)
        for _ in range(size // MIB):
            s.sendall(block)
        s.sendall(end)
        answer = b""
        while chunk := s.recv(65536):
            answer += chunk
    assert b'"code":0' in answer, answer
    assert (store.images / "huge.iso").stat().st_size == size
    assert peak_kib(store.daemon) - before < 24 * 1024
    assert store.post("/api/storage/image/delete", file="huge.iso")["code"] == 0
