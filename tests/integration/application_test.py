# SPDX-License-Identifier: LGPL-2.1-or-later
"""Version and updates: from a server that somebody set, or a package that somebody sends; what is
asked of the system's package manager, and that nothing else is ever installed."""
import base64
import hashlib
import json
import os
import threading

import pytest
import wire
from daemon import Daemon, eventually
from server import Server
from store import MIB, noise

APP = "/api/application"
PACKAGE = noise(3 * MIB + 5, seed=77)
NAME = "pantograph_9.9.9_amd64.deb"
# The tools of the package manager write down how they are called.
DPKG_DEB = '#!/bin/sh\necho "dpkg-deb $*" >> {f}/calls; cat {f}/package-name 2>/dev/null || echo pantograph\n'
SYSTEMD_RUN = """#!/bin/sh
echo "systemd-run $*" >> {f}/calls
for last; do :; done
cp "$last" {f}/installed
test ! -e {f}/fail || {{ echo "no systemd here" >&2; exit 1; }}
"""


def manifest(data=PACKAGE, **other):
    said = {
        "version": "9.9.9",
        "name": NAME,
        "sha512": base64.b64encode(hashlib.sha512(data).digest()).decode(),
        "size_bytes": len(data),
    }
    return json.dumps({**said, **other}).encode()


class Device:
    def __init__(self, folder):
        self.folder = folder
        tools = folder / "bin"
        tools.mkdir()
        for name, text in (("dpkg-deb", DPKG_DEB), ("systemd-run", SYSTEMD_RUN)):
            (tools / name).write_text(text.format(f=folder))
            (tools / name).chmod(0o755)
        self.daemon = Daemon(folder / "d", env={"PATH": f"{tools}:{os.environ['PATH']}"})

    def installed(self):
        file = self.folder / "installed"
        return file.read_bytes() if file.exists() else None

    def left(self):
        folder = self.folder / "d/state/update"
        return sorted(p.name for p in folder.iterdir()) if folder.exists() else []

    def update(self):
        answer = self.owner.post(f"{APP}/update", limit=60).json()
        return answer["code"], wire.words(answer)

    def send(self, data=PACKAGE, name=NAME, checksum=None):
        head = f'--x\r\nContent-Disposition: form-data; name="file"; filename="{name}"\r\n\r\n'
        headers = {"X-SHA256-Checksum": checksum} if checksum else {}
        answer = self.owner.post(
            f"{APP}/update/offline",
            head.encode() + data + b"\r\n--x--\r\n",
            content="multipart/form-data; boundary=x",
            headers=headers,
            limit=60,
        ).json()
        return answer["code"], wire.words(answer)


@pytest.fixture
def device(tmp_path):
    made = Device(tmp_path)
    with made.daemon as daemon:
        made.owner = daemon.admin()
        yield made


@pytest.fixture
def server(device):
    """An update server, and the device set to it."""
    with Server() as running:
        running.files = Files()
        running.files["/stable/latest.json"] = manifest()
        running.files[f"/stable/{NAME}"] = PACKAGE
        url = f"{running.url}/stable/"
        answer = device.owner.post(f"{APP}/update-server", {"enabled": True, "url": url}).json()
        assert answer["data"] == {"enabled": True, "url": url[:-1]}
        yield running


class Files(dict):
    """By path, whatever the query."""

    def get(self, path, default=None):
        return super().get(path.split("?")[0], default)


def test_no_update_server_is_set_and_none_is_asked(device):
    assert device.owner.get(f"{APP}/update-server").json()["data"] == {"enabled": False, "url": ""}
    answer = device.owner.get(f"{APP}/version").json()
    assert answer["code"] == -1
    assert wire.words(answer) == "failed to query latest version: no update server is set"
    assert device.update() == (-1, "update failed: no update server is set")


def test_the_version_here_and_the_newest_are_told(device, server):
    for path in (f"{APP}/version", "/api/firmware/version"):
        data = device.owner.get(path).json()["data"]
        assert data["latest"] == "9.9.9" and data["current"].count(".") == 2
    assert all(path.startswith("/stable/latest.json?now=") for path, _ in server.requests)


def test_previews_have_a_folder_of_their_own(device, server):
    server.files["/stable/preview/latest.json"] = manifest(version="10.0.0")
    assert device.owner.get(f"{APP}/preview").json()["data"] == {"enabled": False}
    assert device.owner.post(f"{APP}/preview", {"enable": True}).json()["code"] == 0
    assert device.owner.get(f"{APP}/preview").json()["data"] == {"enabled": True}
    assert device.owner.get(f"{APP}/version").json()["data"]["latest"] == "10.0.0"
    device.owner.post(f"{APP}/preview", {"enable": False})
    assert device.owner.get(f"{APP}/version").json()["data"]["latest"] == "9.9.9"


def test_the_newest_package_is_fetched_and_the_package_manager_installs_it(device, server):
    assert device.update() == (0, "success")
    assert device.installed() == PACKAGE
    look, install = (device.folder / "calls").read_text().splitlines()
    path = f"{device.folder}/d/state/update/package.deb"
    assert look == f"dpkg-deb --field {path} Package"
    assert install.startswith("systemd-run --collect --no-block --unit=pantograph-update ")
    assert install.endswith(f" dpkg --install {path}")


WRONG = {
    "no JSON": b"hello",
    "version": manifest(version="new"),
    "name": manifest(name="../../etc/passwd"),
    "sha512 is not": manifest(sha512="AAAA"),
    "size_bytes": manifest(size_bytes=0),
    "over 64 KiB": b" " * 70000,
}


@pytest.mark.parametrize("why", WRONG)
def test_a_manifest_that_is_wrong_is_named(device, server, why):
    server.files["/stable/latest.json"] = WRONG[why]
    code, msg = device.update()
    assert code == -1 and msg.startswith("update failed: the update server's manifest")
    assert why in msg or why == "no JSON"
    assert device.owner.get(f"{APP}/version").json()["code"] == -1
    assert device.installed() is None


def test_what_is_not_newer_is_not_installed(device, server):
    server.files["/stable/latest.json"] = manifest(version="0.0.1")
    code, msg = device.update()
    assert code == -1 and "the server has 0.0.1" in msg and device.installed() is None


OTHERS = {"size mismatch": PACKAGE[:-1], "sha512 checksum mismatch": PACKAGE[:-1] + b"x"}


@pytest.mark.parametrize("why", OTHERS)
def test_a_package_that_is_another_is_not_installed(device, server, why):
    server.files[f"/stable/{NAME}"] = OTHERS[why]
    assert device.update() == (-1, f"update failed: {why}")
    assert device.installed() is None
    eventually(lambda: device.left() == [], 10, "the file's end")


def test_a_server_that_dies_or_has_no_package_is_named(device, server):
    server.break_after = [None, MIB]
    code, msg = device.update()
    assert code == -1 and msg.startswith("update failed: ") and device.installed() is None
    del server.files[f"/stable/{NAME}"]
    code, msg = device.update()
    assert code == -1 and "404" in msg
    assert device.owner.get(f"{APP}/version").json()["code"] == 0


def test_a_silent_server_is_waited_for_5_seconds_only(device, server):
    server.gate.clear()
    server.break_after = [0]
    answer = device.owner.get(f"{APP}/version").json()
    assert answer["code"] == -1 and "took too long" in wire.words(answer)


def test_one_update_runs_at_a_time(device, server):
    server.gate.clear()
    server.break_after = [None, MIB]
    first = threading.Thread(target=device.update)
    first.start()
    eventually(lambda: len(server.requests) == 2, 20, "the package to be asked for")
    assert device.update() == (-1, "update already in progress")
    assert device.send() == (-1, "update already in progress")
    server.gate.set()
    first.join(60)


def test_the_server_is_kept_over_a_restart(device, server):
    assert device.daemon.stop() == 0
    device.daemon.start()
    device.owner = device.daemon.admin()
    data = device.owner.get(f"{APP}/update-server").json()["data"]
    assert data == {"enabled": True, "url": f"{server.url}/stable"}
    off = device.owner.post(f"{APP}/update-server", {"enabled": False}).json()["data"]
    assert off == {"enabled": False, "url": ""}


@pytest.mark.parametrize(
    "url, why",
    [
        ("", "is required"),
        ("ftp://example.org", "http"),
        ("http://", ""),
        ("http://h/a?b=c", "query"),
        ("http://h/a#b", "fragment"),
        ("http://ann:pw@h/a", "user"),
        ("http://h/latest.json", "latest.json"),
        ("http://h/" + "a" * 2048, "2048"),
        ("no url", ""),
    ],
)
def test_an_address_that_cannot_be_is_refused(device, url, why):
    answer = device.owner.post(f"{APP}/update-server", {"enabled": True, "url": url}).json()
    assert answer["code"] == -2 and why in wire.words(answer)
    assert device.owner.get(f"{APP}/update-server").json()["data"] == {"enabled": False, "url": ""}


# A package that somebody sends.


def test_a_package_that_is_sent_is_installed(device):
    assert device.send(checksum=hashlib.sha256(PACKAGE).hexdigest()) == (0, "success")
    assert device.installed() == PACKAGE


def test_another_checksum_installs_nothing(device):
    code, msg = device.send(checksum="0" * 64)
    assert (code, msg) == (-1, "update failed: sha256 checksum mismatch")
    assert device.send(checksum="no sum")[0] == -1
    assert device.installed() is None
    eventually(lambda: device.left() == [], 10, "the file's end")


def test_another_packages_name_installs_nothing(device):
    for name in ("other_1.0_amd64.deb", "pantograph.deb", "../pantograph_1_amd64.deb.sh", ""):
        code, msg = device.send(name=name)
        assert code == -1 and "must be named" in msg
    (device.folder / "package-name").write_text("other\n")
    assert device.send() == (-1, "update failed: this is no package of pantograph")
    assert device.installed() is None
    eventually(lambda: device.left() == [], 10, "the file's end")


def test_what_the_package_manager_cannot_do_is_told(device):
    (device.folder / "fail").touch()
    assert device.send() == (-1, "update failed: systemd-run: no systemd here")
    eventually(lambda: device.left() == [], 10, "the file's end")


def test_a_form_that_breaks_off_leaves_room_for_the_next(device):
    head = "POST /api/application/update/offline HTTP/1.1\r\nHost: x\r\nContent-Length: 9000000\r\n"
    head += f"Cookie: nano-kvm-token={device.owner.token}\r\n"
    head += "Content-Type: multipart/form-data; boundary=x\r\n\r\n"
    part = f'--x\r\nContent-Disposition: form-data; name="file"; filename="{NAME}"\r\n\r\n'
    with device.owner.connect() as s:
        s.sendall(head.encode() + part.encode() + PACKAGE[:MIB])
        eventually(lambda: device.left() == ["package.deb"], 10, "the file")
    eventually(lambda: device.left() == [], 10, "the file's end")
    assert device.send() == (0, "success")
