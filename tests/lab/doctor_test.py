# SPDX-License-Identifier: LGPL-2.1-or-later
"""pantographd --doctor on real drivers: each fault is put in, named with its cure, and gone again."""
import contextlib
import dataclasses
import re
import subprocess
import time

import account
import pytest
from conftest import BUILD, ROOT
from figures import record
from kvm import OURS, Kvm, shape

LINE = re.compile(r"^(ok|absent|warning|broken) +(\S+) +(.*)$")
WELL = """
proto: https
cert: {crt: /lab/good.crt, key: /lab/good.key}
video: {device: /dev/video0, pipelines_dir: ""}
audio: {device: "hw:CARD=Loopback,DEV=1"}
usb: {gadget: on}
hid: {keyboard: /dev/hidg0, relative: /dev/hidg1, absolute: /dev/hidg2}
storage: {directory: /tmp/doctor/images, reserve_mib: 1}
power: {backend: gpio, power_button: power-btn, power_led: power-led}
"""
STATE = "/tmp/doctor/state"  # of a daemon, and of a shape that was chosen in it
DAEMON = (
    f"{BUILD}/daemon/pantographd --config /tmp/doctor/daemon.yaml --state {STATE} --port 8282"
    f" --pipelines {ROOT}/pipelines --web-root {ROOT}/data/web"
)
START = """
vivid_up; hdmi 1280x720p60; sim_up; gadget_down; computer_usb_up; modprobe -a nbd libcomposite
modprobe snd-aloop pcm_substreams=1; wait_for 30 test -e /dev/snd/pcmC0D1c
mkdir -p /tmp/doctor/images /tmp/doctor/small /tmp/doctor/wrong
install -m 644 "$GST_REGISTRY" /tmp/doctor/registry
echo 'name: mine' >/tmp/doctor/wrong/mine.yaml
echo 'usb: {gadget: on}' >/tmp/doctor/daemon.yaml; echo 'normal ncm' >/tmp/doctor/state/usb
"""
# GStreamer's registry is its writer's alone; without it all plugins would be looked through.
NOBODY = (
    "env GST_REGISTRY=/tmp/doctor/registry setpriv --reuid=nobody --regid=nogroup --clear-groups"
)
NO_DRIVERS = "for m in $(lsmod | awk '/^usb_f_/ {print $1}'); do modprobe -r $m || true; done"
NO_MODULES = "mount -t tmpfs none /usr/lib/modules"
MODULES = "umount /usr/lib/modules"


@dataclasses.dataclass
class Fault:
    link: str
    what: str  # part of what the doctor says
    cure: str  # part of what it advises
    inject: str = ""
    mend: str = ""
    change: tuple = ("", "")  # of the settings above
    prefix: str = ""  # of the doctor's command
    program: str = ""  # runs meanwhile
    state: str = "broken"
    arguments: str = ""


SMALL = ("/tmp/doctor/images", "/tmp/doctor/small")
NO_SPACE = "mount -t tmpfs -o size=64k none /tmp/doctor/small"
OPEN = "umount /tmp/doctor/small"
VIVID = "vivid_up; hdmi 1280x720p60"
ALOOP = "/sys/bus/platform/drivers/snd_aloop"
FAULTS = {
    "setting not taken": Fault("settings", "video.colour: unknown key", "mend or remove those lines",
        change=("{device: /dev/video0", "{colour: red, device: /dev/video0"), state="warning"),
    "capture chip gone": Fault("capture", "No such file", "driver loaded", "modprobe -r vivid", VIVID),
    "node without capture": Fault("capture", "captures no video", "/dev/video0",
        change=("/dev/video0", "/dev/video1")),
    "capture by another": Fault("capture", "open in v4l2-ctl (pid", "end that program",
        "wait_for 20 sh -c 'ls -l /proc/$(pgrep -x v4l2-ctl)/fd | grep -q video0'",
        program="v4l2-ctl -d 0 --stream-mmap"),
    "cable out": Fault("signal", "no-cable", "cable", "hdmi unplugged", "hdmi back"),
    "target asleep": Fault("signal", "no-signal: nothing comes over the cable", "wake the target",
        "v4l2-ctl -d 0 --clear-edid", "v4l2-ctl -d 0 --set-edid=type=hdmi; hdmi 1280x720p60"),
    "signal unstable": Fault("signal", "no-sync", "HDMI cable", "hdmi unstable", "hdmi back"),
    "mode unsupported": Fault("signal", "out-of-range", "1280x720", "hdmi unsupported", "hdmi back"),
    "receiver set otherwise": Fault("timings", "the receiver is set to 1280x720", "first viewer",
        "hdmi 640x480p59", "hdmi 1280x720p60", state="warning"),
    "no EDID": Fault("edid", "sees no monitor", "preset", "v4l2-ctl -d 0 --clear-edid",
        "v4l2-ctl -d 0 --set-edid=type=hdmi; hdmi 1280x720p60"),
    "sound card gone": Fault("audio", "no sound card hw:CARD=Loopback", "plug it in",
        f"echo snd_aloop.0 >{ALOOP}/unbind",
        f"echo snd_aloop.0 >{ALOOP}/bind; wait_for 30 test -e /dev/snd/pcmC0D1c"),
    "sound by another": Fault("audio", "(pid ", "end that program",
        "wait_for 60 sh -c 'ls -l /proc/[0-9]*/fd 2>/dev/null | grep -q pcmC0D1c'",
        program="gst-launch-1.0 -q alsasrc device=hw:CARD=Loopback,DEV=1 ! fakesink"),
    "no USB port": Fault("udc", "no USB device port", "dr_mode", "modprobe -r dummy_hcd",
        "modprobe dummy_hcd"),
    "USB port taken": Fault("udc", "taken by the gadget lab", "stop the program", "gadget_up",
        "gadget_down"),
    "USB port driver unloaded below the daemon": Fault("udc", "USB device port", "dr_mode",
        "wait_for 120 test -e /dev/hidg2; modprobe -r dummy_hcd", "modprobe dummy_hcd",
        program=DAEMON),
    "no gadget module": Fault("configfs", "there is no /sys/kernel/config/usb_gadget",
        "modprobe libcomposite", f"{NO_DRIVERS}; modprobe -r libcomposite; {NO_MODULES}", MODULES),
    "no function module": Fault("configfs", "has no usb_f_hid", "modprobe usb_f_hid",
        f"modprobe libcomposite; {NO_DRIVERS}; {NO_MODULES}", MODULES),
    "no module of a network chosen before": Fault("configfs", "has no usb_f_ncm", "usb_f_ncm",
        f"modprobe -a libcomposite usb_f_hid usb_f_mass_storage; modprobe -r usb_f_ncm; {NO_MODULES}",
        MODULES, arguments=f"--state {STATE}"),
    "no right to configfs": Fault("configfs", "no permission", "as root", prefix=NOBODY),
    "no HID node": Fault("hid", "hid.absolute, /dev/hidg2: No such file", "udc and configfs",
        "gadget_up; rm /dev/hidg2", "gadget_down", change=("{gadget: on}", '{gadget: "off"}')),
    "keys to nobody": Fault("hid", "hid.keyboard is virtual: the target gets nothing of it",
        "/dev/hidg0", change=("keyboard: /dev/hidg0, ", "")),
    "no image folder": Fault("storage", "no such folder", "the first upload makes it",
        change=("/tmp/doctor/images", "/tmp/doctor/none"), state="warning"),
    "image folder read-only": Fault("storage", "Read-only file system", "for writing",
        "mount -t tmpfs -o ro none /tmp/doctor/small", OPEN, SMALL),
    "image folder full": Fault("storage", "disk full", "delete images", NO_SPACE, OPEN, SMALL),
    "image quota used up": Fault("storage", "over quota", "storage.quota_mib",
        "truncate -s 1M /tmp/doctor/images/a.img", "rm /tmp/doctor/images/a.img",
        ("reserve_mib: 1", "quota_mib: 1")),
    "no nbd module": Fault("urls", "nbd module is not loaded", "modprobe nbd", "modprobe -r nbd",
        "modprobe nbd", state="warning"),
    "no nbdkit": Fault("urls", "nbdkit is not installed", "apt-get install nbdkit",
        prefix="env PATH=/nowhere", state="warning"),
    "line taken": Fault("gpio", "is in use by gpioset", "end that program",
        "wait_for 20 sh -c 'gpioinfo | grep power-btn | grep -q gpioset'",
        program="gpioset --mode=signal $(gpiofind power-btn)=0"),
    "no such line": Fault("gpio", 'no GPIO line is called "no-btn"', "set power.power_button",
        change=("power-btn", "no-btn")),
    "no such chip": Fault("gpio", "no GPIO chip is called gpiochip77", "set power.power_led",
        change=("power-led}", "gpiochip77/1}")),
    "no right to the lines": Fault("gpio", "Permission denied", "use the GPIO chips",
        prefix=NOBODY),
    "no such encoder": Fault("encoder", "named nope", "install",
        change=("{device: /dev/video0", "{encoder: nope, device: /dev/video0")),
    "pipeline file wrong": Fault("pipelines", "mine.yaml:1", "mend or remove",
        change=('pipelines_dir: ""', "pipelines_dir: /tmp/doctor/wrong")),
    "port taken": Fault("port", "in use by python", "another port",
        "wait_for 20 curl -s -o /dev/null http://127.0.0.1:8181/",
        program="python3 -m http.server --bind 127.0.0.1 8181"),
    "port of https taken": Fault("port", "in use by python", "port.https to another port",
        "wait_for 20 curl -s -o /dev/null http://127.0.0.1:443/",
        program="python3 -m http.server --bind 127.0.0.1 443"),
    "certificate expired": Fault("certificate", "has expired", "renew it",
        change=("good.crt, key: /lab/good.key", "old.crt, key: /lab/old.key")),
    "key missing": Fault("certificate", "/lab/none.key", "cert.key",
        change=("good.key", "none.key")),
    "key of another": Fault("certificate", "is not the key of", "cert.key",
        change=("good.key", "old.key")),
    "disk full": Fault("disk", "MB left", "remove files", NO_SPACE, OPEN,
        arguments="--state /tmp/doctor/small"),
    "clock without battery": Fault("clock", "2000-01-01", "set-ntp", "date -s 2000-01-01",
        "date -s @NOW"),
}  # fmt: skip


class Doctor:
    """Walks the chain in the lab machine."""

    def __init__(self, machine):
        self.machine = machine
        self.injected = self.named = 0

    def walk(self, fault=None):
        """{link: (state, what, cure)}"""
        fault = fault or Fault("", "", "")
        old, new = fault.change
        assert old in WELL, "nothing is changed"
        (self.machine.share / "doctor.yaml").write_text(WELL.replace(old, new))
        status, out = self.machine.attempt(
            "install -m 644 /lab/doctor.yaml /tmp/doctor.yaml\n"
            f"{fault.prefix} {BUILD}/daemon/pantographd --doctor --config /tmp/doctor.yaml"
            f" --pipelines {ROOT}/pipelines --web-root {ROOT}/data/web --port 8181"
            f" {fault.arguments or '--state /tmp'}",
            seconds=120,
        )
        found, link = {}, None
        for line in out.splitlines():
            if match := LINE.match(line):
                link = match[2]
                found[link] = (match[1], match[3], "")
            elif "-> " in line:
                found[link] = (*found[link][:2], line.strip().removeprefix("-> "))
        assert found and (status == 1) == ("broken" in {s for s, _, _ in found.values()}), out
        return found

    def finds_all_well(self):
        found = self.walk()
        unwell = {link: said for link, said in found.items() if said[0] != "ok"}
        assert unwell.pop("hid")[0] == "absent", "the daemon that makes the nodes is not running"
        assert unwell.pop("h265")[0] == "absent", "this machine has no hardware for it"
        clock = unwell.pop("clock", ("ok",))  # no time server is there
        assert not unwell and clock[0] in ("ok", "warning"), found


def make_certificate(share, name, *prefix):
    command = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-subj", "/CN=kvm"]
    files = ["-keyout", share / f"{name}.key", "-out", share / f"{name}.crt", "-days", "90"]
    subprocess.run([*prefix, *command, *files], check=True, capture_output=True, timeout=60)


@pytest.fixture(scope="module")
def doctor(machine):
    make_certificate(machine.share, "good")
    make_certificate(machine.share, "old", "faketime", "-200 days")
    account.command(machine, "/tmp/doctor/daemon.yaml", STATE)
    machine.run(START)
    doctor = Doctor(machine)
    yield doctor
    record("faults-injected", doctor.injected, "faults")
    record("faults-named", doctor.named, "faults")


def test_finds_a_machine_well_where_all_works(doctor):
    doctor.finds_all_well()


def test_every_link_of_the_chain_has_a_fault(doctor):
    without = {"h265"}  # nothing needs it, so nothing about it is broken
    assert {fault.link for fault in FAULTS.values()} == set(doctor.walk()) - without


@pytest.mark.parametrize("name", FAULTS)
def test_names_with_its_cure(doctor, name):
    fault = FAULTS[name]
    with contextlib.ExitStack() as stack:
        if fault.program:
            stack.enter_context(doctor.machine.running("fault", fault.program))
        if fault.mend:
            now = lambda: str(int(time.time()))
            stack.callback(lambda: doctor.machine.run(fault.mend.replace("NOW", now())))
        if fault.inject:
            doctor.machine.run(fault.inject)
        doctor.injected += 1
        state, said, told = doctor.walk(fault)[fault.link]
        assert state == fault.state and fault.what in said and fault.cure in told, (said, told)
        doctor.named += 1


def test_finds_all_well_again_when_everything_is_mended(doctor):
    doctor.finds_all_well()


def test_a_daemon_that_runs_tells_how_its_own_gadget_is(machine):
    def link(name):
        (found,) = [one for one in kvm.call("/api/doctor")["links"] if one["link"] == name]
        return found["state"], found["what"]

    with Kvm(machine) as kvm, kvm.daemon("doctor-daemon"):
        kvm.becomes("on")
        assert (
            link("udc")[0] in ("ok", "warning") and "with the gadget pantograph" in link("udc")[1]
        )
        assert link("hid") == ("ok", "/dev/hidg0, /dev/hidg1, /dev/hidg2")
        assert shape(kvm, "boot-only")["code"] == 0
        kvm.becomes("on")
        assert link("hid") == ("ok", "/dev/hidg0, /dev/hidg1; this profile has no absolute")
        machine.run(f"echo >{OURS}/UDC")
        assert link("udc") == ("broken", "the gadget was taken off its port")
