# SPDX-License-Identifier: LGPL-2.1-or-later
"""Images that lie on a web server: each sector that the computer reads is the server's, or the read
fails and the drive says why."""
import time

import pytest
from conftest import eventually
from images import empty_drives, lab  # noqa: F401

SERVER = "busybox httpd -f -p 127.0.0.1:8081 -h /tmp/images"
URL = "http://127.0.0.1:8081/"
READ = "dd if=/dev/sr0 of=/dev/null bs=2048 skip=1200 count=1 iflag=direct"  # past all caches
HTTPS_SERVER = "/usr/bin/python3 tests/lab/machine/https.py 8443 /tmp/images /tmp/https"
HTTPS = "https://127.0.0.1:8443/"
TRUSTED = "/etc/ssl/certs/ca-certificates.crt"  # all of them take the emulated processor seconds
CERTIFICATES = f"""
for name in https other; do
    openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 30 -subj /CN=lab \\
        -addext subjectAltName=IP:127.0.0.1 -keyout /tmp/$name.key -out /tmp/$name.crt 2>/dev/null
done
cp {TRUSTED} /tmp/trusted
cp /tmp/other.crt {TRUSTED}
"""


def test_a_disc_is_read_from_a_url_to_its_last_byte(lab):
    with lab.machine.running("httpd", SERVER):
        lab.machine.run(f"wait_for 10 curl -sf -o /dev/null -r 0-0 {URL}disc.iso")
        lab.mounted(URL + "disc.iso", cdrom=True)
        lab.same("disc.iso", "/dev/sr0")
        assert lab.drives()[0]["file"] == URL + "disc.iso"
        lab.mounted("")
        lab.machine.run("wait_for 10 test ! -e /sys/block/nbd0/pid")


@pytest.fixture
def certificates(lab):
    lab.machine.run(CERTIFICATES)
    yield
    lab.machine.run(f"cp /tmp/trusted {TRUSTED}")


@pytest.mark.usefixtures("certificates")
def test_a_server_is_read_from_by_https_when_its_certificate_is_trusted(lab):
    with lab.machine.running("https", HTTPS_SERVER) as server:
        server.says("serving")
        lab.refuses("certificate", HTTPS + "odd.img")
        lab.machine.run(f"cp /tmp/https.crt {TRUSTED}")
        lab.mounted(HTTPS + "odd.img")
        lab.same("odd.img", lab.disk(0), 512)
        lab.mounted("")
        lab.mounted(HTTPS + "odd.iso", cdrom=True)
        lab.same("odd.iso", "/dev/sr0", 2048)
        lab.mounted("")


def test_a_server_without_ranges_or_without_the_file_is_named(lab):
    with lab.machine.running("plain", "python3 -m http.server -d /tmp/images 8082"):
        lab.machine.run("wait_for 20 curl -sf -o /dev/null http://127.0.0.1:8082/")
        lab.refuses("byte ranges", "http://127.0.0.1:8082/disc.iso", cdrom=True)
        lab.refuses("404", "http://127.0.0.1:8082/none.iso", cdrom=True)
    lab.refuses("cannot be read from", "http://127.0.0.1:8082/disc.iso", cdrom=True)


def test_a_kernel_without_nbd_is_named(lab):
    lab.machine.run("wait_for 20 modprobe -r nbd")
    lab.refuses("nbd module is not loaded: run modprobe nbd", URL + "disc.iso", cdrom=True)
    lab.machine.run("modprobe nbd")


def lose_the_disc(lab, server, signal):
    """Mounts a disc of that server, and lets it be found out that the signal has ended or stalled it."""
    lab.machine.run(f"wait_for 10 curl -sf -o /dev/null -r 0-0 {URL}disc.iso")
    lab.mounted(URL + "disc.iso", cdrom=True)
    lab.machine.run("wait_for 30 blockdev --getsize64 /dev/sr0")
    lab.machine.run(f"kill -{signal} -- -{server.pid}")
    assert lab.machine.attempt(READ, 60)[0] != 0
    eventually(lambda: lab.drives()[0]["trouble"], 10, "the trouble to be told")


@pytest.mark.parametrize("signal", ["KILL", "STOP"])
def test_a_server_that_dies_or_stalls_is_told_and_its_disc_taken_out(lab, signal):
    with lab.machine.running("httpd", SERVER) as server:
        lose_the_disc(lab, server, signal)
        lab.faults += 1
        lab.mounted("")
        lab.machine.attempt(f"kill -CONT -- -{server.pid}")


@pytest.mark.parametrize("change", ["reset", "another image"])
def test_a_server_that_stalls_holds_up_no_change(lab, change):
    with lab.machine.running("httpd", SERVER) as server:
        lab.machine.run(f"wait_for 10 curl -sf -o /dev/null -r 0-0 {URL}disc.iso")
        lab.mounted(URL + "disc.iso", cdrom=True)
        lab.machine.run("wait_for 30 blockdev --getsize64 /dev/sr0")
        lab.machine.run(f"kill -STOP -- -{server.pid}")
        with lab.machine.running("reader", READ):
            lab.machine.run("wait_for 10 grep -q '[1-9]' /sys/block/nbd0/inflight")
            since = time.monotonic()
            if change == "reset":
                assert lab.call("hid/reset", really=True)["code"] == 0
            else:
                lab.mounted("disc.iso", cdrom=True)
            taken = time.monotonic() - since
        lab.machine.attempt(f"kill -CONT -- -{server.pid}")
        assert taken < 20, "a request to the server may take so long, and each is made twice"
        lab.mounted("")


def test_the_trouble_of_a_server_is_over_when_it_is_back(lab):
    with lab.machine.running("httpd", SERVER) as server:
        lose_the_disc(lab, server, "KILL")
    with lab.machine.running("httpd-back", SERVER):
        lab.machine.run(f"wait_for 10 curl -sf -o /dev/null -r 0-0 {URL}disc.iso")

        def over():
            lab.machine.run(f"echo 3 >/proc/sys/vm/drop_caches; {READ}", 60)
            return not lab.drives()[0]["trouble"]

        eventually(over, 30, "the trouble to be over")
        lab.same("disc.iso", "/dev/sr0")
        assert lab.drives()[0]["trouble"] == ""


def test_an_empty_file_at_a_url_is_named(lab):
    lab.machine.run("touch /tmp/images/empty.iso")
    with lab.machine.running("httpd", SERVER):
        lab.machine.run("wait_for 10 curl -sf -o /dev/null http://127.0.0.1:8081/disc.iso")
        lab.refuses("the file is empty", URL + "empty.iso")


def test_a_profile_without_drives_loses_nothing_that_was_in_them(lab):
    with lab.machine.running("httpd", SERVER):
        lab.machine.run(f"wait_for 10 curl -sf -o /dev/null -r 0-0 {URL}disc.iso")
        lab.mounted(URL + "disc.iso", cdrom=True)
        lab.mounted("stick.img", drive=1)
        before = lab.drives()
        assert lab.call("hid/mode", mode="hid-only")["code"] == 0
        assert lab.drives() == []
        assert lab.call("hid/mode", mode="normal")["code"] == 0
        eventually(lambda: lab.drives() == before, 30, "the media to be back")
        lab.same("stick.img", lab.disk(1))
        lab.same("disc.iso", "/dev/sr0")


CHANGING = "/usr/bin/python3 tests/lab/machine/changing.py 8084 /tmp/images/noise.img"
CHANGED = "http://127.0.0.1:8084/"


def test_a_server_that_only_claims_to_serve_parts_is_refused(lab):
    with lab.machine.running("lying", f"{CHANGING} whole") as server:
        server.says("serving")
        lab.refuses("does not serve byte ranges", CHANGED + "noise.img")


def test_a_file_that_another_one_takes_the_place_of_is_read_no_more(lab):
    with lab.machine.running("changing", CHANGING) as server:
        server.says("serving")
        lab.mounted(CHANGED + "noise.img")
        disk = lab.disk(0)
        lab.same("noise.img", disk)
        lab.machine.run(f"curl -sf {CHANGED}change")
        read = f"echo 3 >/proc/sys/vm/drop_caches; dd if={disk} of=/dev/null count=1 skip=3000 iflag=direct"
        assert lab.machine.attempt(read, 60)[0] != 0, "a sector of the other file"
        told = lambda: "another one now" in lab.drives()[0]["trouble"]
        eventually(told, 20, "what became of the file to be told")
        lab.faults += 1


def test_a_killed_daemon_leaves_nothing_but_what_can_be_gone_on_with(lab):
    with lab.machine.running("httpd", SERVER):
        lab.machine.run(f"wait_for 10 curl -sf -o /dev/null -r 0-0 {URL}disc.iso")
        lab.mounted(URL + "disc.iso", cdrom=True)
        lab.machine.run("wait_for 30 blockdev --getsize64 /dev/sr0")
        assert lab.call("storage/upload", name="part.iso", size=5000)["code"] == 0
        lab.machine.run(f"kill -9 {lab.daemon.pid}")
        lab.machine.run("wait_for 20 sh -c '! pgrep -x nbdkit'")
        # The computer still has the dead disc; the next start takes it out.
        lab.start("storage-again")
        assert [drive["file"] for drive in lab.drives()] == ["", ""]
        uploads = lab.call("storage/upload")["data"]["uploads"]
        assert [upload["name"] for upload in uploads] == ["part.iso"]
        lab.mounted(URL + "disc.iso", cdrom=True)
        lab.same("disc.iso", "/dev/sr0")


def test_a_daemon_that_ends_takes_its_disc_out(lab):
    with lab.machine.running("httpd", SERVER):
        lab.machine.run(f"wait_for 10 curl -sf -o /dev/null -r 0-0 {URL}disc.iso")
        lab.mounted(URL + "disc.iso", cdrom=True)
        lab.machine.run("wait_for 30 blockdev --getsize64 /dev/sr0")
        lab.machine.run(f"kill {lab.daemon.pid}; wait_for 30 test ! -e /proc/{lab.daemon.pid}")
        lab.machine.run("wait_for 20 test ! -e /sys/block/nbd0/pid")
        lab.daemon.says("stopping")
        assert "storage" not in lab.daemon.log().split("stopping")[1]
        lab.start("storage-anew")
