# SPDX-License-Identifier: LGPL-2.1-or-later
"""The device's own services over D-Bus: the right calls with the right arguments on a private bus,
and what is answered when a service refuses, is not there, or there is no bus at all."""
import socket
import subprocess
import time

import dbus
import dbusmock
import pytest
import wire
from daemon import Daemon

HOSTNAME = "/api/vm/hostname"
REBOOT = "/api/vm/system/reboot"
SSH = "/api/vm/ssh"
MDNS = "/api/vm/mdns"
HOST1 = "org.freedesktop.hostname1"
LOGIN1 = "org.freedesktop.login1"
SYSTEMD1 = "org.freedesktop.systemd1"
# what is switched, in this order: Avahi's socket would start its service again
UNITS = {SSH: ["ssh.service"], MDNS: ["avahi-daemon.socket", "avahi-daemon.service"]}
DENIED = (
    "raise dbus.exceptions.DBusException('not you', name='org.freedesktop.DBus.Error.AccessDenied')"
)
MISSING = "raise dbus.exceptions.DBusException('none', name='org.freedesktop.systemd1.NoSuchUnit')"


class Mocked:
    """A service of the private bus, and the calls that it got."""

    def __init__(self, bus, name, path, interface):
        self.process = dbusmock.DBusTestCase.spawn_server(
            name, path, interface, system_bus=True, stdout=subprocess.PIPE
        )
        self.interface = interface
        self.object = dbus.Interface(bus.get_object(name, path), dbusmock.MOCK_IFACE)

    def method(self, name, takes, gives="", code=""):
        self.object.AddMethod(self.interface, name, takes, gives, code)

    def calls(self):
        return [
            (str(name), [plain(a) for a in arguments])
            for _, name, arguments in self.object.GetCalls()
        ]

    def forget(self):
        self.object.ClearCalls()

    def end(self):
        self.process.stdout.close()
        self.process.terminate()
        self.process.wait(10)


def plain(value):
    if isinstance(value, dbus.Boolean):
        return bool(value)
    if isinstance(value, dbus.Array):
        return [plain(v) for v in value]
    return str(value)


@pytest.fixture(scope="module")
def bus():
    dbusmock.DBusTestCase.start_system_bus()
    yield dbusmock.DBusTestCase.get_dbus(system_bus=True)
    dbusmock.DBusTestCase.tearDownClass()


@pytest.fixture(scope="module")
def host(bus, tmp_path_factory):
    """A daemon on that bus."""
    import os

    env = {"DBUS_SYSTEM_BUS_ADDRESS": os.environ["DBUS_SYSTEM_BUS_ADDRESS"]}
    with Daemon(tmp_path_factory.mktemp("services"), env=env) as daemon:
        yield daemon.admin()


def mocked(bus, name, path, interface, *methods):
    service = Mocked(bus, name, path, interface)
    for method in methods:
        service.method(*method)
    return service


@pytest.fixture
def hostnamed(bus):
    service = mocked(
        bus,
        HOST1,
        "/org/freedesktop/hostname1",
        HOST1,
        ("SetStaticHostname", "sb"),
        ("SetHostname", "sb"),
    )
    yield service
    service.end()


@pytest.fixture
def logind(bus):
    service = mocked(bus, LOGIN1, "/org/freedesktop/login1", f"{LOGIN1}.Manager", ("Reboot", "b"))
    yield service
    service.end()


@pytest.fixture
def systemd(bus):
    service = mocked(
        bus,
        SYSTEMD1,
        "/org/freedesktop/systemd1",
        f"{SYSTEMD1}.Manager",
        ("EnableUnitFiles", "asbb", "ba(sss)", "ret = (True, dbus.Array([], signature='(sss)'))"),
        ("DisableUnitFiles", "asb", "a(sss)", "ret = dbus.Array([], signature='(sss)')"),
        ("Reload", ""),
        ("StartUnit", "ss", "o", "ret = '/job/1'"),
        ("StopUnit", "ss", "o", "ret = '/job/2'"),
        ("GetUnitFileState", "s", "s", "ret = 'enabled'"),
    )
    yield service
    service.end()


def said(reply):
    answer = reply.json()
    return answer["code"], wire.words(answer)


def test_the_name_is_the_kernels(host):
    assert host.get(HOSTNAME).json()["data"] == {"hostname": socket.gethostname()}


def test_a_new_name_counts_now_and_at_the_next_start(host, hostnamed):
    assert said(host.post(HOSTNAME, {"hostname": "kvm-7.rack"})) == (0, "success")
    assert hostnamed.calls() == [
        ("SetStaticHostname", ["kvm-7.rack", False]),
        ("SetHostname", ["kvm-7.rack", False]),
    ]


@pytest.mark.parametrize(
    "name", ["", "a b", "-kvm", "kvm-", "a..b", "x" * 65, "ümlaut", "a;reboot"]
)
def test_what_is_no_name_never_reaches_the_service(host, hostnamed, name):
    assert said(host.post(HOSTNAME, {"hostname": name}))[0] == -1
    assert hostnamed.calls() == []


def test_who_may_not_rename_is_told_the_cure(host, hostnamed):
    hostnamed.method("SetStaticHostname", "sb", "", DENIED)
    code, message = said(host.post(HOSTNAME, {"hostname": "kvm"}))
    assert code == -2 and "not you" in message and "polkit" in message
    assert [name for name, _ in hostnamed.calls()] == ["SetStaticHostname"]


def test_a_name_that_counts_at_the_next_start_only_is_told(host, hostnamed):
    hostnamed.method("SetHostname", "sb", "", DENIED)
    code, message = said(host.post(HOSTNAME, {"hostname": "kvm"}))
    assert code == -3 and message.startswith("failed to write data: ") and "not you" in message
    assert [name for name, _ in hostnamed.calls()] == ["SetStaticHostname", "SetHostname"]


def test_a_service_that_is_not_there_is_named(host):
    code, message = said(host.post(HOSTNAME, {"hostname": "kvm"}))
    assert code == -2 and HOST1 in message
    code, message = said(host.post(REBOOT))
    assert code == -1 and LOGIN1 in message
    assert host.get(SSH).json()["data"] == {"enabled": False}
    code, message = said(host.post(f"{SSH}/enable"))
    assert code == -1 and SYSTEMD1 in message


def test_a_reboot_is_logind_s(host, logind):
    assert said(host.post(REBOOT)) == (0, "success")
    assert logind.calls() == [("Reboot", [False])]


def test_a_reboot_that_is_refused_says_so(host, logind):
    logind.method("Reboot", "b", "", DENIED)
    code, message = said(host.post(REBOOT))
    assert code == -1 and message.startswith("operation failed") and "not you" in message


def test_the_name_on_the_network_is_avahis(bus, host):
    assert host.get("/api/vm/info").json()["data"]["mdns"] == ""
    server = "org.freedesktop.Avahi.Server"
    avahi = mocked(
        bus,
        "org.freedesktop.Avahi",
        "/",
        server,
        ("GetHostNameFqdn", "", "s", "ret = 'kvm-2.local'"),
    )
    assert host.get("/api/vm/info").json()["data"]["mdns"] == "kvm-2.local"
    avahi.method("GetHostNameFqdn", "", "s", DENIED)
    assert host.get("/api/vm/info").json()["data"]["mdns"] == ""
    avahi.end()


def test_an_avahi_that_does_not_answer_is_waited_for_a_second_only(bus, host):
    avahi = mocked(
        bus,
        "org.freedesktop.Avahi",
        "/",
        "org.freedesktop.Avahi.Server",
        ("GetHostNameFqdn", "", "s", "import time; time.sleep(4); ret = 'late.local'"),
    )
    begun = time.monotonic()
    assert host.get("/api/vm/info").json()["data"]["mdns"] == ""
    assert time.monotonic() - begun < 3.5
    avahi.end()


@pytest.mark.parametrize("path", [SSH, MDNS])
@pytest.mark.parametrize("how", ["a path of its own", "a field"])
def test_a_service_is_switched_on_now_and_for_good(host, systemd, path, how):
    units = UNITS[path]
    on = host.post(f"{path}/enable") if how != "a field" else host.post(path, {"enabled": True})
    assert said(on) == (0, "success")
    assert systemd.calls() == [
        ("EnableUnitFiles", [units, False, False]),
        ("Reload", []),
        *(("StartUnit", [unit, "replace"]) for unit in units),
    ]
    systemd.forget()
    off = host.post(f"{path}/disable") if how != "a field" else host.post(path, {"enabled": False})
    assert said(off) == (0, "success")
    assert systemd.calls() == [
        ("DisableUnitFiles", [units, False]),
        ("Reload", []),
        *(("StopUnit", [unit, "replace"]) for unit in units),
    ]


@pytest.mark.parametrize("path", [SSH, MDNS])
def test_whether_a_service_is_on_is_what_systemd_says(host, systemd, path):
    for state, enabled in (("enabled", True), ("enabled-runtime", True), ("disabled", False)):
        systemd.method("GetUnitFileState", "s", "s", f"ret = '{state}'")
        assert host.get(path).json()["data"] == {"enabled": enabled}
    systemd.method("GetUnitFileState", "s", "s", MISSING)
    assert host.get(path).json()["data"] == {"enabled": False}
    assert systemd.calls()[-1] == ("GetUnitFileState", UNITS[path][-1:])


@pytest.mark.parametrize(
    "path, on, off",
    [
        (SSH, "operation failed", "operation failed"),
        (MDNS, "failed to enable mdns", "failed to disable mdns"),
    ],
)
def test_a_step_that_fails_ends_it_with_the_documented_words(host, systemd, path, on, off):
    systemd.method("EnableUnitFiles", "asbb", "ba(sss)", MISSING)
    systemd.method("DisableUnitFiles", "asb", "a(sss)", DENIED)
    code, message = said(host.post(f"{path}/enable"))
    assert code == -1 and message.startswith(on) and "none" in message
    code, message = said(host.post(f"{path}/disable"))
    assert code == -1 and message.startswith(off) and "polkit" in message
    assert [name for name, _ in systemd.calls()] == ["EnableUnitFiles", "DisableUnitFiles"]


@pytest.mark.parametrize("path", [SSH, MDNS])
def test_a_switch_without_a_position_is_refused(host, systemd, path):
    assert said(host.post(path, {}))[0] == -1
    assert said(host.post(path, {"enabled": "perhaps"}))[0] == -1
    assert systemd.calls() == []


def test_without_a_bus_everything_else_goes_on(tmp_path):
    env = {"DBUS_SYSTEM_BUS_ADDRESS": f"unix:path={tmp_path}/none"}
    with Daemon(tmp_path / "d", env=env) as daemon:
        admin = daemon.admin()
        start = time.monotonic()
        code, message = said(admin.post(REBOOT))
        assert code == -1 and "no system bus" in message
        assert admin.get(MDNS).json()["data"] == {"enabled": False}
        assert admin.get(HOSTNAME).json()["code"] == 0
        assert time.monotonic() - start < 10


@pytest.mark.parametrize("verb", ["start", "stop", "restart"])
def test_tailscales_service_is_systemds(host, systemd, verb):
    systemd.method("RestartUnit", "ss", "o", "ret = '/job/3'")
    assert said(host.post(f"/api/extensions/tailscale/{verb}")) == (0, "success")
    assert systemd.calls() == [(f"{verb.title()}Unit", ["tailscaled.service", "replace"])]


def test_a_service_that_is_not_installed_is_named(host, systemd):
    systemd.method("StartUnit", "ss", "o", MISSING)
    code, msg = said(host.post("/api/extensions/tailscale/start"))
    assert code == -1 and msg.startswith("start failed: ") and "none" in msg
