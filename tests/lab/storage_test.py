# SPDX-License-Identifier: LGPL-2.1-or-later
"""Images on Linux's own mass storage: what the computer reads is what was stored, byte by byte, and
each way that a medium can go wrong is told."""
import contextlib
import http.cookiejar
import itertools
import json
import random
import time
import urllib.request

import account
import pytest
from conftest import eventually
from figures import record

CONFIG = """
usb: {gadget: "on", luns: 2}
storage: {directory: /tmp/images, reserve_mib: 0, url_timeout_s: 20}
"""
# The computer's driver asks at once, and udev is not there to make device nodes wait.
MODULES = "dummy_hcd libcomposite usb_f_mass_storage usb_f_hid usb_storage sd_mod sr_mod isofs nbd"
IMAGES = """
mkdir -p /tmp/images /tmp/disc && cd /tmp/images
head -c 3000000 /dev/urandom >/tmp/disc/BLOB
genisoimage -quiet -V LAB -o disc.iso /tmp/disc
head -c 4194304 /dev/urandom >noise.img
truncate -s 8M stick.img && /usr/sbin/mkfs.vfat -n STICK stick.img >/dev/null
head -c 4191111 noise.img >odd.img
cat disc.iso - <<<odd >odd.iso
"""
MIB, GIB = 1 << 20, 1 << 30
LARGE = 1152000 * 2048  # a DVD of 2.2 GiB: one block more than the kernel's CD has
PIECES = 32  # of 1 MiB, each of other noise, in the large disc; a half of them beyond 2 GiB
HELD = (
    'python3 -c \'import time; f = open("/dev/sr0", "rb"); print(1, flush=True); time.sleep(600)\''
)


class Lab:
    """The machine with images, drives and a signed-in admin."""

    def __init__(self, machine, programs):
        self.machine = machine
        self._programs = programs
        jar = http.cookiejar.CookieJar(http.cookiejar.DefaultCookiePolicy())
        self._opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(jar))
        self.compared = self.faults = 0

    def start(self, name):
        command = account.command(self.machine, "/lab/storage.yaml", "/tmp/storage-state")
        self.daemon = self._programs.enter_context(self.machine.running(name, command))
        self.daemon.says("http://")
        assert self.call("auth/login", username="admin", password=account.OBFUSCATED)["code"] == 0
        eventually(lambda: len(self.drives()) == 2, 30, "the gadget's two drives")

    def refuses(self, why, file, **more):
        """A fault that is named."""
        answer = self.mount(file, **more)
        assert answer["code"] == -2 and why in answer["reason"], answer
        self.faults += 1

    def call(self, path, **body):
        url = f"http://127.0.0.1:{self.machine.http_port}/api/{path}"
        data = json.dumps(body).encode() if body else None
        request = urllib.request.Request(url, data, {"Content-Type": "application/json"})
        with self._opener.open(request, timeout=60) as answer:
            return json.load(answer)

    def mount(self, file, **more):
        return self.call("storage/image/mount", file=file, **more)

    def mounted(self, file, **more):
        answer = self.mount(file, **more)
        assert answer["code"] == 0, answer

    def empty(self):
        for drive in range(2):
            self.mounted("", drive=drive)

    def drives(self):
        return self.call("storage/drives")["data"]["drives"]

    def sum_of(self, device, size):
        """What the computer reads, past its cache."""
        script = f"wait_for 30 test -b {device}; wait_for 30 blockdev --getsize64 {device} >&2"
        script += f"\necho 3 >/proc/sys/vm/drop_caches; head -c {size} {device} | sha256sum"
        return self.machine.run(script, 120).split()[-2]

    def disk(self, drive):
        """The computer's name of it: which it gives first is a matter of chance."""

        def there():
            script = f"ls /sys/bus/scsi/devices/*:0:0:{drive}/block"
            return self.machine.attempt(script)[1].strip().startswith("sd")

        eventually(there, 30, f"the disk in drive {drive}")
        return "/dev/" + self.machine.run(f"ls /sys/bus/scsi/devices/*:0:0:{drive}/block").strip()

    def same(self, name, device, block=1):
        """Compares the image, to its last byte, with what the computer sees: whole blocks."""
        size = int(self.machine.run(f"stat -c %s /tmp/images/{name}"))
        want = self.machine.run(f"sha256sum </tmp/images/{name}").split()[0]
        whole = -(-size // block) * block

        def seen():
            out = self.machine.attempt(f"blockdev --getsize64 {device}")[1].strip()
            return out == str(whole)

        eventually(seen, 30, f"{whole} bytes at {device}")
        assert self.sum_of(device, size) == want
        self.compared += size


@pytest.fixture(scope="module")
def lab(machine):
    (machine.share / "storage.yaml").write_text(CONFIG)
    machine.run(f"gadget_down; modprobe -a {MODULES}; modprobe usb_storage delay_use=0 || true")
    machine.run("echo 0 >/sys/module/usb_storage/parameters/delay_use; mount -t configfs none"
                " /sys/kernel/config || true")  # fmt: skip
    machine.run(IMAGES)
    with contextlib.ExitStack() as programs:
        made = Lab(machine, programs)
        made.start("storage")
        yield made
    record("storage-bytes-compared", made.compared, "bytes")
    record("storage-faults-named", made.faults, "faults")


@pytest.fixture(autouse=True)
def empty_drives(lab):
    yield
    lab.empty()


def test_a_disc_is_read_to_its_last_byte(lab):
    lab.mounted("disc.iso", cdrom=True)
    lab.same("disc.iso", "/dev/sr0")
    assert lab.drives()[0]["cdrom"] and lab.drives()[0]["readOnly"]


def test_disks_are_read_to_their_last_byte_on_both_drives(lab):
    lab.mounted("noise.img", drive=0, readOnly=True)
    lab.mounted("stick.img", drive=1)
    lab.same("noise.img", lab.disk(0))
    lab.same("stick.img", lab.disk(1))
    assert [d["readOnly"] for d in lab.drives()] == [True, False]


def test_what_the_computer_writes_is_in_the_image(lab):
    lab.mounted("stick.img", drive=1)
    stick = lab.disk(1)
    lab.same("stick.img", stick)
    lab.machine.run(f"echo written | dd of={stick} bs=512 seek=100 conv=sync,fsync status=none")
    assert "written" in lab.machine.run("dd if=/tmp/images/stick.img bs=512 skip=100 count=1")


def test_a_disc_that_the_kernel_would_cut_is_offered_as_a_disk(lab):
    ends = [2 * GIB - MIB // 2, LARGE - MIB]  # of what a signed number holds, and of the disc
    lowest = itertools.islice(itertools.cycle((4 * MIB, 2 * GIB)), PIECES)
    anywhere = [random.randrange(at, LARGE - MIB) for at in lowest]
    lab.machine.run(
        f"cd /tmp/images; cp disc.iso large.iso; truncate -s {LARGE} large.iso; for at in"
        f" {' '.join(map(str, ends + anywhere))}; do head -c {MIB} /dev/urandom | dd of=large.iso"
        " bs=64k iflag=fullblock oflag=seek_bytes seek=$at conv=notrunc status=none; done"
    )
    lab.refuses("mount it as a disk", "large.iso", cdrom=True)
    lab.mounted("large.iso")
    disk = lab.disk(0)
    eventually(
        lambda: lab.machine.attempt(f"blockdev --getsize64 {disk}")[1].strip() == str(LARGE),
        30,
        "all of it as a disk",
    )
    offsets = [0, *ends, *anywhere]  # all of it would take minutes
    lab.machine.run(
        "echo 3 >/proc/sys/vm/drop_caches; cd /tmp/images; for at in"
        f" {' '.join(map(str, offsets))}; do"
        f" cmp --bytes={2 * MIB} --ignore-initial=$at large.iso {disk}; done",
        seconds=300,
    )
    lab.compared += sum(min(2 * MIB, LARGE - at) for at in offsets)
    record("storage-large-disc-pieces-compared", len(offsets), "pieces")
    lab.mounted("")
    lab.machine.run("rm /tmp/images/large.iso")


def test_a_held_disc_is_left_or_taken_by_force(lab):
    lab.mounted("disc.iso", cdrom=True)
    lab.same("disc.iso", "/dev/sr0")
    with lab.machine.running("held", HELD) as held:
        held.says("1")
        lab.refuses("the computer holds the medium", "", force=False)
        assert lab.drives()[0]["file"] == "/tmp/images/disc.iso"
        lab.mounted("")
        assert lab.drives()[0]["file"] == ""


def test_the_computers_own_eject_is_noticed(lab):
    lab.mounted("disc.iso", cdrom=True)
    lab.same("disc.iso", "/dev/sr0")
    lab.machine.run("python3 -c 'import fcntl, os;"
                    " fcntl.ioctl(os.open(\"/dev/sr0\", os.O_NONBLOCK), 0x5309)'")  # fmt: skip
    eventually(lambda: lab.drives()[0]["file"] == "", 10, "the eject to be noticed")


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


def test_a_disc_takes_no_disk_off_the_cable_unless_forced(lab):
    lab.mounted("noise.img", readOnly=True)  # so that the drive is a disk's
    lab.mounted("stick.img", drive=1)
    lab.refuses("in drive 1 can be written to", "disc.iso", cdrom=True, force=False)
    assert [d["file"] for d in lab.drives()] == ["/tmp/images/noise.img", "/tmp/images/stick.img"]
    lab.mounted("disc.iso", cdrom=True)


def test_a_change_of_the_gadget_takes_no_medium_that_is_in_use_unless_forced(lab):
    lab.mounted("disc.iso", cdrom=True)
    lab.mounted("stick.img", drive=1)
    before, disk = lab.drives(), lab.disk(1)
    lab.machine.run("wait_for 30 test -b /dev/sr0")
    with lab.machine.running("holder", HELD) as holder:
        holder.says("1")
        answer = lab.call("usb", profile="no-storage")
        assert answer["code"] == -3 and "the computer holds it" in answer["reason"], answer
    write = f"dd if=/dev/zero of={disk} bs=512 count=1 seek=100 oflag=direct conv=fsync,notrunc"
    lab.machine.run(write)
    answer = lab.call("usb", profile="no-storage")
    assert answer["code"] == -3 and "has just written to it" in answer["reason"], answer
    assert lab.drives() == before
    assert lab.call("usb", profile="no-storage", force=True)["code"] == 0
    assert lab.call("usb", profile="normal")["code"] == 0
    eventually(lambda: lab.drives() == before, 30, "the media to be back")
    lab.same("stick.img", lab.disk(1))


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
