# SPDX-License-Identifier: LGPL-2.1-or-later
"""Images are looked at, lie in the virtual computer's drive and go again."""
import contextlib
import os
import subprocess

import pytest
import wire
from daemon import Daemon, eventually
from store import MIB, Store, noise


@pytest.fixture(scope="module")
def store(tmp_path_factory):
    with Store(tmp_path_factory.mktemp("storage")) as running:
        yield running


@pytest.fixture(autouse=True)
def empty_drive(request):
    yield
    if "store" in request.fixturenames:
        assert request.getfixturevalue("store").mount(file="")["code"] == 0


@pytest.fixture(scope="module")
def iso(tmp_path_factory):
    folder = tmp_path_factory.mktemp("iso")
    (folder / "disc").mkdir()
    (folder / "disc/BLOB").write_bytes(noise(MIB))
    command = ["genisoimage", "-quiet", "-V", "SETUP", "-o", folder / "a.iso", folder / "disc"]
    subprocess.run(command, check=True, timeout=60)
    return (folder / "a.iso").read_bytes()


def test_images_are_listed_by_their_whole_path(store):
    path = store.add("list/a.ISO", b"x" * 512)
    store.add("list/readme.txt", b"no image")
    assert path in store.files()
    assert not [f for f in store.files() if f.endswith(".txt")]


def test_each_image_comes_with_advice(store, iso):
    path = store.add("advice.iso", iso)
    data = store.get("/api/storage/images")["data"]
    (image,) = [i for i in data["images"] if i["file"] == path]
    assert image["kind"] == "iso" and image["label"] == "SETUP" and image["mountAs"] == "cdrom"
    assert image["reason"] == "an ISO 9660 disc, not bootable"
    assert image["size"] == len(iso) and image["warnings"] == []
    assert data["free"] > 0 and data["used"] >= len(iso)


def test_an_image_is_mounted_and_taken_out(store, iso):
    path = store.add("mount.iso", iso)
    assert store.mounted() == ""
    assert store.mount(file=path, cdrom=True) == {"code": 0, "msg": "success", "data": None}
    assert store.mounted() == path
    assert store.get("/api/storage/cdrom")["data"] == {"cdrom": 1}
    (drive,) = store.get("/api/storage/drives")["data"]["drives"]
    assert drive == {"file": path, "cdrom": True, "readOnly": True, "trouble": ""}
    assert store.mount(file="")["code"] == 0
    assert store.mounted() == ""
    assert store.get("/api/storage/cdrom")["data"] == {"cdrom": 0}


def test_a_form_mounts_as_well(store, iso):
    path = store.add("form.iso", iso)
    answer = store.admin.post(
        "/api/storage/image/mount",
        f"File={path}&Cdrom=true".encode(),
        content="application/x-www-form-urlencoded",
    )
    assert answer.json()["code"] == 0
    assert store.mounted() == path


def test_one_image_takes_the_place_of_another(store, iso):
    first, second = store.add("1.iso", iso), store.add("2.iso", iso)
    assert store.mount(file=first, cdrom=True)["code"] == 0
    assert store.mount(file=second)["code"] == 0
    assert store.mounted() == second


def test_what_is_no_disc_for_this_kernel_is_refused_with_the_reason(store):
    large = store.images / "large.iso"
    with open(large, "wb") as file:
        file.truncate(1152000 * 2048)
    small = store.add("small.iso", b"x" * 4096)
    answer = store.mount(file=str(large), cdrom=True)
    assert answer["code"] == -2 and "1151999 sectors" in wire.words(answer), answer
    assert "mount it as a disk" in wire.words(answer)
    answer = store.mount(file=small, cdrom=True)
    assert answer["code"] == -2 and "300 sectors" in wire.words(answer), answer
    assert store.mount(file=str(large))["code"] == 0
    assert store.mounted() == str(large)
    assert store.mount(file="")["code"] == 0
    large.unlink()


def test_a_refused_image_leaves_the_drive_as_it_was(store, iso):
    path = store.add("stays.iso", iso)
    assert store.mount(file=path, cdrom=True)["code"] == 0
    for bad in ["nothing.iso", "/etc/passwd", "../x.iso"]:
        assert store.mount(file=bad)["code"] == -2
    assert store.mount(file=path, drive=3)["code"] == -2
    assert store.mounted() == path


def test_a_mounted_image_is_not_deleted(store, iso):
    path = store.add("held.iso", iso)
    assert store.mount(file=path, cdrom=True)["code"] == 0
    answer = store.post("/api/storage/image/delete", file=path)
    assert answer["code"] == -3 and "mounted" in wire.words(answer), answer
    assert store.mount(file="")["code"] == 0
    assert store.post("/api/storage/image/delete", file=path)["code"] == 0
    assert path not in store.files()
    assert store.post("/api/storage/image/delete", file=path)["code"] == -3


def test_a_mounted_image_is_not_deleted_by_another_name_of_its_file(store, iso):
    path = store.add("name.iso", iso)
    os.link(path, store.images / "alias.iso")
    assert store.mount(file=path, cdrom=True)["code"] == 0
    assert store.post("/api/storage/image/delete", file="alias.iso")["code"] == -3


@pytest.mark.parametrize(
    "name",
    ["../outside.iso", "/etc/passwd", "a/../../outside.iso", "link.iso", "dir/outside.iso", "", "..",
     "%2e%2e/outside.iso", "outside.iso\n", "/proc/self/mem", "\\..\\outside.iso", ".parts/x.iso"],
)  # fmt: skip
def test_nothing_outside_is_reached(store, name):
    outside = store.images.parent / "outside.iso"
    outside.write_bytes(b"x" * MIB)
    for link, target in [("link.iso", outside), ("dir", outside.parent)]:
        if not (store.images / link).is_symlink():
            (store.images / link).symlink_to(target)
    for path in [name, str(store.images / name)]:
        assert store.post("/api/storage/image/delete", file=path)["code"] < 0
        if name:
            assert store.mount(file=path)["code"] < 0
        assert store.post("/api/storage/upload", name=path, size=5)["code"] < 0
    assert outside.exists() and store.mounted() == ""
    assert not [f for f in store.files() if "outside" in f or "link" in f]


def test_a_url_without_nbdkit_is_refused_with_the_cure(tmp_path):
    store = Store(tmp_path)
    store.daemon.environment["PATH"] = "/nowhere"
    with store:
        answer = store.mount(file="http://127.0.0.1:9/a.iso", cdrom=True)
    assert answer["code"] == -2, answer
    assert "nbdkit is not installed: run apt-get install nbdkit" in wire.words(answer)


def test_storage_is_for_admins_only(store):
    stranger = store.daemon.client()
    for method, path in [
        ("GET", "/api/storage/image"),
        ("GET", "/api/storage/images"),
        ("POST", "/api/storage/image/mount"),
        ("POST", "/api/storage/image/delete"),
        ("PUT", "/api/storage/upload?name=a.iso"),
        ("PUT", "/api/storage/upload/0123"),
    ]:
        assert stranger.request(method, path, b"x" * 10).status == 401, path
    assert not store.parts()


def test_everyone_sees_that_something_is_in_the_drive_but_not_what(store, iso):
    path = store.add("private.iso", iso)
    with wire.WebSocket(store.admin, "/api/ws") as socket:
        assert store.mount(file=path, cdrom=True)["code"] == 0
        status = socket.status("storage", lambda data: data["drives"][0]["inserted"])
    assert status == {"drives": [{"inserted": True, "cdrom": True, "trouble": False}]}


@contextlib.contextmanager
def two_drives(tmp_path):
    luns = [tmp_path / f"lun.{n}" for n in (0, 1)]
    for lun in luns:  # plain files are enough of a gadget's
        lun.mkdir()
        for name in ("file", "cdrom", "ro", "forced_eject"):
            (lun / name).write_text("" if name == "file" else "0\n")
    with Store(tmp_path / "two", lun=",".join(map(str, luns))) as two:
        yield two


@pytest.mark.parametrize("first", [False, True])
@pytest.mark.parametrize("second", [False, True])
def test_one_image_is_in_two_drives_only_where_neither_can_write(tmp_path, first, second):
    with two_drives(tmp_path) as two:
        image = two.add("shared.img", noise(MIB))
        assert two.mount(file=image, drive=0, readOnly=first)["code"] == 0
        answer = two.mount(file=image, drive=1, readOnly=second)
        if first and second:
            assert answer["code"] == 0
        else:
            assert answer["code"] == -2 and "another drive" in wire.words(answer)


def test_a_disc_takes_no_disk_off_the_cable_unless_forced(tmp_path, iso):
    with two_drives(tmp_path) as two:
        disk, disc = two.add("written.img", noise(MIB)), two.add("setup.iso", iso)
        assert two.mount(file=disk, drive=1)["code"] == 0
        answer = two.mount(file=disc, cdrom=True, force=False)
        assert answer["code"] == -2 and f"{disk} in drive 1" in wire.words(answer), answer
        drives = two.get("/api/storage/drives")["data"]["drives"]
        assert [d["file"] for d in drives] == ["", disk]


def test_a_gadget_that_cannot_be_made_has_no_drive_to_mount_in(tmp_path):
    (tmp_path / "a.img").write_bytes(bytes(MIB))
    storage = {"directory": tmp_path, "reserve_mib": 0}
    daemon = Daemon(tmp_path / "daemon", {"storage": storage, "usb": {"gadget": "on"}})
    # As on a kernel without configfs, whatever this one has.
    hide = 'mount -t tmpfs -o ro none /sys/kernel && exec "$@"'
    daemon.command = ["unshare", "-m", "sh", "-c", hide, "sh", *daemon.command]
    with daemon:
        admin = daemon.admin()
        usb = lambda: admin.get("/api/usb").json()["data"]
        eventually(lambda: usb()["state"] not in ("off", "starting"), 10, "the gadget's state")
        assert usb()["drives"] == 0
        assert admin.get("/api/storage/drives").json()["data"]["drives"] == []
        answer = admin.post("/api/storage/image/mount", {"file": "a.img"}).json()
        assert answer["code"] != 0
        assert answer["reason"] == "there is no drive to mount images in"
