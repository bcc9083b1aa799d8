# SPDX-License-Identifier: LGPL-2.1-or-later
"""A lab machine with images, drives of Linux's own mass storage, and a signed-in admin."""
import contextlib
import http.cookiejar
import json
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
            name = self.machine.attempt(f"ls /sys/bus/scsi/devices/*:0:0:{drive}/block")[1].strip()
            return name.startswith("sd") and f"/dev/{name}"

        return eventually(there, 30, f"the disk in drive {drive}")

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
