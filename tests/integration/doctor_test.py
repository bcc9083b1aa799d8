# SPDX-License-Identifier: LGPL-2.1-or-later
"""pantographd --doctor and /api/doctor: each fault is put in, and must be named with its cure."""
import concurrent.futures
import os
import re
import socket
import subprocess

import pytest
import wire
from capture_test import Rig
from daemon import BUILD, PROGRAM, ROOT, Daemon, eventually, run, yaml

LINKS = (
    "capture signal timings edid audio udc configfs hid storage urls gpio"
    " encoder h265 pipelines settings port certificate disk clock"
)
TREE = ("--pipelines", ROOT / "pipelines", "--web-root", ROOT / "data/web")
LINE = re.compile(r"^(ok|absent|warning|broken) +(\S+) +(.*)$")


def doctor(tmp_path, settings=None, args=(), state=None, prefix=(), path=os.environ["PATH"]):
    """{link: (state, what, cure)} and the exit status of one walk."""
    (tmp_path / "server.yaml").write_text(yaml(settings or {}))
    state = state or tmp_path
    options = [
        "--doctor",
        "--config",
        tmp_path / "server.yaml",
        "--state",
        state,
        *TREE,
    ]
    options += args if "--port" in args else ["--host", "127.0.0.1", "--port", "0", *args]
    environment = {
        "GST_PLUGIN_PATH": str(BUILD / "plugins"),
        "GST_REGISTRY": str(BUILD / "registry.bin"),
        "PATH": path,
    }
    command = [str(c) for c in (*prefix, PROGRAM, *options)]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=60)
    assert not done.stderr, done.stderr
    found, link = {}, None
    for line in done.stdout.splitlines():
        if match := LINE.match(line):
            link = match[2]
            found[link] = (match[1], match[3], "")
        else:
            found[link] = (*found[link][:2], line.strip().removeprefix("-> "))
    return found, done.returncode


def broken(found):
    return {link for link, (state, _, _) in found.items() if state == "broken"}


def expect(found, link, what, cure):
    state, said, told = found[link]
    assert state == "broken" and what in said and cure in told, found[link]


def test_names_every_link_of_the_chain_and_finds_the_virtual_computer_well(tmp_path):
    found, status = doctor(tmp_path)
    assert list(found) == LINKS.split()
    assert broken(found) == set() and status == 0


def test_names_the_encoder_taken_and_what_each_better_one_lacks_here(tmp_path):
    ranks = {}
    for file in (ROOT / "pipelines").glob("h264-*.yaml"):
        ranks[file.stem] = int(re.search(r"rank: (\d+)", file.read_text())[1])
    state, what, _ = doctor(tmp_path)[0]["encoder"]
    taken, *refused = what.split("; not ")
    assert state == "ok" and taken in ranks, what
    better = [name for name in ranks if ranks[name] > ranks[taken]]
    assert better and len(refused) == len(better), what
    for name, why in (one.split(": ", 1) for one in refused):
        assert name in better
        assert re.match(rf"\S+/{name}\.yaml:\d+: launch: \S.*", why), why


FAULTS = {
    "no capture node": (
        {"video": {"device": "/dev/null/x"}},
        "capture",
        "cannot open",
        "video",
    ),
    "a node that is no video device": (
        {"video": {"device": "/dev/null"}},
        *("capture", "is no video device", "video"),
    ),
    "no gadget node": (
        {"hid": {"keyboard": "/dev/null/hidg0"}},
        *("hid", "hid.keyboard, /dev/null/hidg0", "gadget"),
    ),
    "an encoder that there is not": (
        {"video": {"encoder": "nope"}},
        *("encoder", "named nope", "install"),
    ),
    "no certificate": (
        {"proto": "https", "cert": {"crt": "/dev/null/crt"}},
        *("certificate", "/dev/null/crt", "cert.crt"),
    ),
    "a certificate that is none": (
        {"proto": "https", "cert": {"crt": __file__, "key": __file__}},
        *("certificate", "is no certificate", "in PEM"),
    ),
}


def test_says_nothing_of_the_signal_at_a_node_that_captures_none(tmp_path):
    found, _ = doctor(tmp_path, {"video": {"device": "/dev/null"}})
    for link in ("signal", "timings", "edid"):
        assert found[link] == ("absent", "not known: /dev/null is no video device", ""), link


@pytest.mark.parametrize("fault", FAULTS)
def test_names_a_setting_that_leads_nowhere(tmp_path, fault):
    settings, link, what, cure = FAULTS[fault]
    found, status = doctor(tmp_path, settings)
    expect(found, link, what, cure)
    assert status == 1
    assert broken(found) <= {
        link,
        "udc",
        "configfs",
    }  # what else a gadget needs may lack, too


def test_warns_of_a_setting_that_is_not_used(tmp_path):
    found, status = doctor(tmp_path, {"port": {"http": 0}, "colour": "red"})
    state, what, cure = found["settings"]
    assert state == "warning" and "port.http" in what and "colour" in what and "those lines" in cure
    assert status == 0


def test_names_a_pipeline_file_that_is_wrong(tmp_path):
    (tmp_path / "d").mkdir()
    (tmp_path / "d/mine.yaml").write_text("name: mine\nkind: nonsense\n")
    found, status = doctor(tmp_path, {"video": {"pipelines_dir": tmp_path / "d"}})
    expect(found, "pipelines", "mine.yaml:1: launch: is missing", "that file")
    assert status == 1


def test_names_what_no_pipeline_can_do(tmp_path):
    (tmp_path / "d").mkdir()
    for file in (ROOT / "pipelines").glob("*.yaml"):
        if "codec: mjpeg" not in file.read_text():
            (tmp_path / "d" / file.name).write_text(file.read_text())
    found, status = doctor(tmp_path, args=("--pipelines", tmp_path / "d"))
    expect(found, "pipelines", "mjpeg", "install")
    assert status == 1


def storage(folder, **more):
    return {"storage": {"directory": folder, "reserve_mib": 0, **more}}


def test_counts_the_images_and_the_room(tmp_path):
    (tmp_path / "a.iso").write_bytes(b"x" * 1000)
    found, _ = doctor(tmp_path, storage(tmp_path))
    assert found["storage"][0] == "ok" and found["storage"][1].endswith("MB left, 1 image")


def test_warns_of_an_image_folder_that_the_first_upload_has_to_make(tmp_path):
    found, status = doctor(tmp_path, storage(tmp_path / "not/there"))
    assert found["storage"] == (
        "warning",
        f"{tmp_path}/not/there: there is no such folder",
        "mount the disk that it is to lie on; else the first upload makes it",
    )
    assert status == 0


def test_names_an_image_folder_that_cannot_be(tmp_path):
    (tmp_path / "file").write_text("")
    (tmp_path / "link").symlink_to("/not/there")
    (tmp_path / "circle").symlink_to("circle")
    for path, what, cure in (
        ("file", "file is no folder", "set storage.directory to a folder"),
        ("file/images", "/file is a file", "set storage.directory to a folder"),
        ("link", "/link leads nowhere, to /not/there", "mount what the link is to lead to"),
        ("link/images", "/link leads nowhere, to /not/there", "mount what the link is to lead to"),
        ("circle", "/circle leads nowhere, to circle", "mount what the link is to lead to"),
    ):
        found, status = doctor(tmp_path, storage(tmp_path / path))
        expect(found, "storage", what, cure)
        assert status == 1


def test_warns_of_an_image_folder_that_depends_on_where_it_is_started(tmp_path):
    here = os.path.relpath(tmp_path)
    found, status = doctor(tmp_path, storage(here))
    state, what, cure = found["storage"]
    assert state == "warning" and f"{here}, leads elsewhere" in what, found["storage"]
    assert cure == f"write it from / on: {os.path.abspath(os.curdir)}/{here}" and status == 0


def test_names_a_quota_that_is_used_up(tmp_path):
    (tmp_path / "a.img").write_bytes(b"x" * (1 << 20))
    found, _ = doctor(tmp_path, storage(tmp_path, quota_mib=1))
    expect(found, "storage", "over quota", "storage.quota_mib")


def test_names_a_drive_that_is_none(tmp_path):
    found, _ = doctor(tmp_path, storage(tmp_path, lun="/dev/null/lun.0"))
    expect(found, "storage", "/dev/null/lun.0 is no drive", "usb.gadget")


@pytest.mark.parametrize(
    "options, what, cure",
    [
        ("size=64k", "disk full", "delete images"),
        ("nr_inodes=1", "no inodes left", "remove files"),
        ("ro", "Read-only file system", "for writing"),
    ],
)
def test_names_an_image_folder_that_takes_no_more(tmp_path, options, what, cure):
    full = tmp_path / "full"
    full.mkdir()
    mount = f'mount -t tmpfs -o {options} none {full} && exec "$@"'
    settings = storage(full, reserve_mib=1)
    found, _ = doctor(tmp_path, settings, prefix=("unshare", "-m", "sh", "-c", mount, "sh"))
    expect(found, "storage", what, cure)


def test_warns_when_nbdkit_is_not_installed(tmp_path):
    found, status = doctor(tmp_path, path="/nowhere")
    state, what, cure = found["urls"]
    assert state == "warning" and "nbdkit is not installed" in what and "apt-get" in cure
    assert status == 0


def test_names_a_front_panel_on_a_chip_that_is_not_there(tmp_path):
    line = {"power": {"backend": "gpio", "power_button": "gpiochip77/3"}}
    found, _ = doctor(tmp_path, line)
    expect(found, "gpio", "no GPIO chip is called gpiochip77", "set power.power_button")


def test_names_who_holds_the_port(tmp_path):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        found, _ = doctor(tmp_path, args=("--host", "127.0.0.1", "--port", port))
    expect(found, "port", f"(pid {os.getpid()})", "another port")


def test_names_who_holds_the_port_of_https(tmp_path):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        https = {"proto": "https", "port": {"https": taken.getsockname()[1]}}
        found, _ = doctor(tmp_path, https)
        expect(found, "port", f"(pid {os.getpid()})", "set port.https to another port")
        found, _ = doctor(tmp_path, {**https, "proto": "http"})
        assert found["port"][0] == "ok", "nobody listens there then"


def test_names_a_port_that_is_to_be_both(tmp_path):
    found, _ = doctor(
        tmp_path,
        {"proto": "https", "port": {"http": 18742, "https": 18742}},
        args=("--host", "127.0.0.1", "--port", "18742"),
    )
    expect(found, "port", "are both 18742", "another port")


def test_names_an_address_that_is_not_here(tmp_path):
    found, _ = doctor(tmp_path, args=("--host", "192.0.2.1", "--port", "8080"))
    expect(found, "port", "192.0.2.1:8080", "set host")


def test_a_daemon_that_listens_is_no_fault(tmp_path):
    with Daemon(tmp_path / "daemon") as daemon:
        args = ("--host", "127.0.0.1", "--port", str(daemon.port))
        found, status = doctor(tmp_path, args=args)
        assert found["port"][0] == "ok" and f"(pid {daemon.process.pid})" in found["port"][1]
        assert status == 0


def test_a_certificate_that_will_be_made_is_no_fault(tmp_path):
    found, status = doctor(tmp_path, {"proto": "https"})
    assert found["certificate"][0] == "warning" and "makes a certificate" in found["certificate"][2]
    assert status == 0


def certificate(folder, days):
    subprocess.run(
        f"openssl req -x509 -newkey rsa:2048 -nodes -keyout {folder}/key -out {folder}/crt"
        f" -subj /CN=kvm -days {days}",
        shell=True,
        check=True,
        capture_output=True,
    )
    return {"proto": "https", "cert": {"crt": f"{folder}/crt", "key": f"{folder}/key"}}


def test_tells_how_long_the_certificate_is_good(tmp_path):
    found, _ = doctor(tmp_path, certificate(tmp_path, 90))
    assert found["certificate"][0] == "ok" and "days" in found["certificate"][1]
    found, status = doctor(tmp_path, certificate(tmp_path, 3))
    assert found["certificate"][0] == "warning" and status == 0
    late = ("faketime", "+10 days")
    found, _ = doctor(tmp_path, certificate(tmp_path, 3), prefix=late)
    expect(found, "certificate", "expired", "renew")


def test_names_a_clock_that_has_lost_its_battery(tmp_path):
    found, status = doctor(tmp_path, prefix=("faketime", "2000-01-01"))
    expect(found, "clock", "2000-01-01", "set-ntp")
    assert status == 1


def test_names_a_key_of_another_certificate(tmp_path):
    settings = certificate(tmp_path, 90)
    kept = (tmp_path / "key").read_bytes()
    certificate(tmp_path, 90)
    (tmp_path / "key").write_bytes(kept)
    expect(doctor(tmp_path, settings)[0], "certificate", "is not the key of", "cert.key")


def test_names_a_key_that_is_missing(tmp_path):
    settings = certificate(tmp_path, 90)
    (tmp_path / "key").unlink()
    found, status = doctor(tmp_path, settings)
    expect(found, "certificate", f"{tmp_path}/key", "cert.key")
    assert status == 1


def test_names_a_state_folder_that_is_not_there(tmp_path):
    found, _ = doctor(tmp_path, state=tmp_path / "none")
    expect(found, "disk", "No such file", "make that folder")


@pytest.mark.parametrize(
    "options, what, cure",
    [
        ("size=64k", "MB left", "remove files"),
        ("nr_inodes=1", "no inodes left", "remove files"),
        ("ro", "Read-only file system", "for writing"),
    ],
)
def test_names_a_disk_that_takes_no_more(tmp_path, options, what, cure):
    full = tmp_path / "full"
    full.mkdir()
    mount = f'mount -t tmpfs -o {options} none {full} && exec "$@"'
    found, _ = doctor(tmp_path, state=full, prefix=("unshare", "-m", "sh", "-c", mount, "sh"))
    expect(found, "disk", what, cure)


def test_the_same_report_comes_as_json(tmp_path):
    with Daemon(tmp_path / "daemon") as daemon:
        data = daemon.admin().get("/api/doctor").json()["data"]
        assert [link["link"] for link in data["links"]] == LINKS.split()
        assert data["verdict"] in ("ok", "warning")
        assert all(set(link) == {"link", "state", "what", "cure"} for link in data["links"])
        port = next(link for link in data["links"] if link["link"] == "port")
        assert f"(pid {daemon.process.pid})" in port["what"]


def test_a_signal_of_which_no_frame_comes_is_named_to_who_watches(tmp_path):
    def signal():
        links = rig.admin.get("/api/doctor").json()["data"]["links"]
        (found,) = [link for link in links if link["link"] == "signal"]
        return found["state"], found["what"]

    with Rig(tmp_path) as rig, wire.WebSocket(rig.admin, "/api/ws") as board:
        with wire.WebSocket(rig.admin, "/api/stream/h264/direct"):
            board.status("signal", lambda s: s["state"] == "ok")
            assert signal() == ("ok", "640x480")
            rig.device.order("silent 1")
            board.status("signal", lambda s: s["state"] == "stalled")
            assert signal() == ("broken", "stalled: No frames")
        eventually(lambda: signal()[0] == "ok", 20, "the end of the capture that knew")


def test_all_who_ask_at_once_get_a_report(tmp_path):
    with Daemon(tmp_path / "daemon") as daemon:
        admin = daemon.admin()  # each request has a connection of its own

        def ask(_):
            return admin.get("/api/doctor").json()["data"]["verdict"]

        with concurrent.futures.ThreadPoolExecutor(20) as pool:
            assert set(pool.map(ask, range(40))) <= {"ok", "warning"}


def test_is_for_admins_only(tmp_path):
    with Daemon(tmp_path / "daemon") as daemon:
        assert daemon.client().get("/api/doctor").status == 401
