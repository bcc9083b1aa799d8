# SPDX-License-Identifier: LGPL-2.1-or-later
"""Addresses, name servers and Wi-Fi, as NetworkManager has them: the right calls with the right
arguments on a private bus, and what is answered when it refuses or is not there."""
import os
import subprocess
import threading
import time

import dbus
import dbusmock
import pytest
import wire
from daemon import Daemon, eventually

DNS = "/api/network/dns"
WIFI = "/api/network/wifi"
NM = "org.freedesktop.NetworkManager"
TOP = "/org/freedesktop/NetworkManager"
CONNECTION = f"{NM}.Settings.Connection"
EMPTY = {"interface": "", "type": "", "address": "", "subnetMask": "", "gateway": ""}


def u(number):
    return dbus.UInt32(number)


def path(name):
    return dbus.ObjectPath(f"{TOP}/{name}")


class Network:
    """NetworkManager of the private bus, with a wired connection."""

    def __init__(self, bus):
        self.bus = bus
        self.process, self.mock = dbusmock.DBusTestCase.spawn_server_template(
            "networkmanager", {}, stdout=subprocess.PIPE
        )
        self.wired = self.mock.AddEthernetDevice("eth", "eth7", 100)
        self.add("DHCP/1", f"{NM}.DHCP4Config", {"Options": self.lease("192.0.2.1 192.0.2.2")})
        ip = {
            "AddressData": dbus.Array(
                [dbus.Dictionary({"address": "192.0.2.7", "prefix": u(22)}, signature="sv")],
                signature="a{sv}",
            ),
            "Gateway": "192.0.2.254",
            "NameserverData": dbus.Array(
                [dbus.Dictionary({"address": "192.0.2.1"}, signature="sv")], signature="a{sv}"
            ),
            "Searches": dbus.Array(["example.org"], signature="s"),
        }
        self.add("IP/1", f"{NM}.IP4Config", ip)
        self.add("Settings/1", CONNECTION, {}, self.settings({"method": "auto"}))
        active = {
            "Devices": dbus.Array([self.wired], signature="o"),
            "Connection": path("Settings/1"),
            "Ip4Config": path("IP/1"),
            "Dhcp4Config": path("DHCP/1"),
            "State": u(2),
        }
        self.add("Active/1", f"{NM}.Connection.Active", active)
        self.object(TOP).AddProperties(NM, {"PrimaryConnection": path("Active/1")})
        device = self.object(self.wired)
        device.AddMethod(f"{NM}.Device", "Reapply", "a{sa{sv}}tu", "", "")

    @staticmethod
    def lease(servers):
        return dbus.Dictionary({"domain_name_servers": servers}, signature="sv")

    @staticmethod
    def settings(ipv4, ipv6=None):
        """Methods of a connection that keeps what it is given."""
        own = {"connection": {"id": "wired"}, "ipv4": ipv4, "ipv6": ipv6 or {"method": "auto"}}
        get = f"self.own = getattr(self, 'own', None) or dbus.Dictionary({own!r}, signature='sa{{sv}}'); ret = self.own"
        return [
            ("GetSettings", "", "a{sa{sv}}", get),
            ("Update", "a{sa{sv}}", "", "self.own = args[0]"),
        ]

    def add(self, name, interface, properties, methods=()):
        self.object(TOP).AddObject(
            path(name),
            interface,
            dbus.Dictionary(properties, signature="sv"),
            dbus.Array(methods, signature="(ssss)"),
        )

    def object(self, where):
        return dbus.Interface(self.bus.get_object(NM, where), dbusmock.MOCK_IFACE)

    def calls(self, where, *names):
        got = self.object(where).GetCalls()
        return [(str(n), args) for _, n, args in got if str(n) in names]

    def answer_with(self, active):
        """The connection that whoever adds one gets."""
        self.object(TOP).AddMethod(
            NM,
            "AddAndActivateConnection",
            "a{sa{sv}}oo",
            "oo",
            f"ret = ('{TOP}/Settings/1', '{TOP}/{active}')",
        )

    def end(self):
        self.process.stdout.close()
        self.process.terminate()
        self.process.wait(10)


@pytest.fixture(scope="module")
def bus():
    dbusmock.DBusTestCase.start_system_bus()
    yield dbusmock.DBusTestCase.get_dbus(system_bus=True)
    dbusmock.DBusTestCase.tearDownClass()


@pytest.fixture(scope="module")
def host(bus, tmp_path_factory):
    env = {"DBUS_SYSTEM_BUS_ADDRESS": os.environ["DBUS_SYSTEM_BUS_ADDRESS"]}
    with Daemon(tmp_path_factory.mktemp("network"), env=env) as daemon:
        admin = daemon.admin()
        admin.log = daemon.log
        yield admin


@pytest.fixture
def network(bus):
    made = Network(bus)
    yield made
    made.end()


@pytest.fixture
def wifi(network):
    """With a Wi-Fi device that hears one network."""
    network.wifi = network.mock.AddWiFiDevice("wifi", "wlan0", 30)
    network.point = network.mock.AddAccessPoint(
        network.wifi,
        "Home",
        "Home",
        "00:23:F8:7E:12:BB",
        u(2),
        u(2425),
        u(5400),
        dbus.Byte(82),
        u(0x188),
    )
    network.answer_with("Active/1")
    return network


def said(reply):
    answer = reply.json()
    return answer["code"], wire.words(answer)


def test_where_names_are_asked_for_is_told_with_the_address(host, network):
    assert host.get(DNS).json() == {
        "code": 0,
        "msg": "success",
        "data": {
            "mode": "dhcp",
            "servers": [],
            "effective": ["192.0.2.1"],
            "dhcp": ["192.0.2.1", "192.0.2.2"],
            "info": {
                "interface": "eth7",
                "type": "Wired",
                "address": "192.0.2.7/22",
                "subnetMask": "255.255.252.0",
                "gateway": "192.0.2.254",
                "searchDomains": ["example.org"],
            },
        },
    }


def test_servers_that_are_set_count_alone_now_and_later(host, network):
    servers = ["192.0.2.53", "2001:db8::53"]
    assert said(host.post(DNS, {"mode": "manual", "servers": servers})) == (0, "success")
    (update,) = network.calls(path("Settings/1"), "Update")
    ipv4, ipv6 = update[1][0]["ipv4"], update[1][0]["ipv6"]
    assert ipv4["dns"] == [int.from_bytes(bytes([192, 0, 2, 53]), "little")]
    assert ipv4["ignore-auto-dns"] and ipv6["ignore-auto-dns"] and ipv4["method"] == "auto"
    assert [bytes(one).hex() for one in ipv6["dns"]] == ["20010db8" + "0" * 22 + "53"]
    assert update[1][0]["connection"]["id"] == "wired"
    assert len(network.calls(network.wired, "Reapply")) == 1
    data = host.get(DNS).json()["data"]
    assert (data["mode"], data["servers"]) == ("manual", servers)


def test_a_form_has_as_many_servers_as_it_names(host, network):
    form = b"Mode=manual&Servers=192.0.2.53&Servers=192.0.2.54"
    answer = host.post(DNS, form, content="application/x-www-form-urlencoded")
    assert said(answer) == (0, "success")
    assert host.get(DNS).json()["data"]["servers"] == ["192.0.2.53", "192.0.2.54"]


def test_dhcps_servers_count_again_when_asked_for(host, network):
    host.post(DNS, {"mode": "manual", "servers": ["192.0.2.53"]})
    assert said(host.post(DNS, {"mode": "dhcp"})) == (0, "success")
    update = network.calls(path("Settings/1"), "Update")[-1][1][0]["ipv4"]
    assert "dns" not in update and not update["ignore-auto-dns"]
    assert host.get(DNS).json()["data"]["mode"] == "dhcp"


@pytest.mark.parametrize(
    "body, code, msg",
    [
        ({"mode": "manual"}, -2, "dns servers are required"),
        ({"mode": "manual", "servers": []}, -2, "dns servers are required"),
        ({"mode": "manual", "servers": ["192.0.2.1"] * 7}, -2, "too many dns servers"),
        ({"mode": "manual", "servers": ["example.org"]}, -2, "invalid dns server: example.org"),
        ({"mode": "manual", "servers": ["192.0.2.1", ""]}, -2, "invalid dns server: "),
        ({"mode": "manual", "servers": [5]}, -1, "invalid arguments: servers must be texts"),
        ({"mode": "static"}, -1, "invalid dns mode: mode: must be one of manual|dhcp"),
        ({}, -1, "invalid arguments: mode is required"),
    ],
)
def test_what_is_no_list_of_servers_changes_nothing(host, network, body, code, msg):
    assert said(host.post(DNS, body)) == (code, msg)
    assert network.calls(path("Settings/1"), "Update") == []


@pytest.mark.parametrize("text", ["example.org", "", "192.0.2.256", "192.0.2.1/24", "fe80::1%eth0"])
def test_what_is_no_address_is_refused_also_where_nobody_could_set_it(host, text):
    body = {"mode": "manual", "servers": ["192.0.2.1", text]}
    assert said(host.post(DNS, body)) == (-2, f"invalid dns server: {text}")


def test_without_a_lease_there_are_no_servers_of_dhcp(host, network):
    lease = dbus.Interface(network.bus.get_object(NM, path("DHCP/1")), dbus.PROPERTIES_IFACE)
    lease.Set(f"{NM}.DHCP4Config", "Options", dbus.Dictionary({}, signature="sv"))
    assert said(host.post(DNS, {"mode": "dhcp"})) == (-3, "no dhcp dns is currently available")


def test_what_networkmanager_refuses_is_answered_in_its_words(host, network):
    refuse = "raise dbus.exceptions.DBusException('not you', name='org.freedesktop.NetworkManager.Settings.PermissionDenied')"
    network.object(path("Settings/1")).AddMethod(CONNECTION, "Update", "a{sa{sv}}", "", refuse)
    code, msg = said(host.post(DNS, {"mode": "manual", "servers": ["192.0.2.53"]}))
    assert code == -3 and "not you" in msg


def test_without_networkmanager_the_kernel_is_asked_and_nothing_can_be_set(host):
    data = host.get(DNS).json()["data"]
    assert data["mode"] == "dhcp" and data["servers"] == [] and data["dhcp"] == []
    assert set(data["info"]) == {*EMPTY, "searchDomains"}
    code, msg = said(host.post(DNS, {"mode": "manual", "servers": ["192.0.2.53"]}))
    assert code == -3 and NM in msg
    assert host.get(WIFI).json()["data"]["supported"] is False
    code, msg = said(host.post(f"{WIFI}/connect", {"ssid": "Home", "password": "12345678"}))
    assert code == -2 and NM in msg
    assert said(host.post(f"{WIFI}/disconnect"))[0] == -1


# Wi-Fi


def test_a_device_without_wifi_says_so(host, network):
    assert host.get(WIFI).json()["data"] == {
        "supported": False,
        "apMode": False,
        "connected": False,
        "ssid": "",
    }
    code, msg = said(host.post(f"{WIFI}/connect", {"ssid": "Home", "password": "12345678"}))
    assert (code, msg) == (-2, "failed to connect wifi: this device has no Wi-Fi")
    assert said(host.post(f"{WIFI}/disconnect")) == (
        -1,
        "failed to stop wifi: this device has no Wi-Fi",
    )


def test_a_network_is_joined_with_its_password_which_no_log_has(host, wifi):
    body = {"ssid": "Home", "password": "xkcd9q3zjw"}
    assert said(host.post(f"{WIFI}/connect", body, limit=30)) == (0, "success")
    ((_, (profile, device, point)),) = wifi.calls(TOP, "AddAndActivateConnection")
    assert (device, point) == (wifi.wifi, wifi.point)
    assert bytes(profile["802-11-wireless"]["ssid"]) == b"Home"
    security = profile["802-11-wireless-security"]
    assert (security["key-mgmt"], security["psk"]) == ("wpa-psk", "xkcd9q3zjw")
    assert "xkcd9q3zjw" not in host.log()


def test_what_is_joined_is_told(host, wifi):
    device = wifi.object(wifi.wifi)
    device.UpdateProperties(f"{NM}.Device", {"State": u(100)})
    device.AddProperties(
        f"{NM}.Device.Wireless", {"ActiveAccessPoint": dbus.ObjectPath(wifi.point)}
    )
    data = host.get(WIFI).json()["data"]
    assert data == {"supported": True, "apMode": False, "connected": True, "ssid": "Home"}


def test_an_open_network_gets_no_password(host, wifi):
    assert said(host.post(f"{WIFI}/connect", {"ssid": "Home"}, limit=30)) == (0, "success")
    ((_, (profile, _, _)),) = wifi.calls(TOP, "AddAndActivateConnection")
    assert "802-11-wireless-security" not in profile


def test_the_next_network_takes_the_place_of_the_one_before(host, wifi):
    wifi.add("Settings/ours", CONNECTION, {}, Network.settings({"method": "auto"}))
    wifi.object(f"{TOP}/Settings").AddMethod(
        f"{NM}.Settings", "GetConnectionByUuid", "s", "o", f"ret = '{TOP}/Settings/ours'"
    )
    wifi.object(TOP).AddMethod(NM, "ActivateConnection", "ooo", "o", f"ret = '{TOP}/Active/1'")
    body = {"ssid": "Home", "password": "12345678"}
    assert said(host.post(f"{WIFI}/connect", body, limit=30)) == (0, "success")
    (update,) = wifi.calls(path("Settings/ours"), "Update")
    assert bytes(update[1][0]["802-11-wireless"]["ssid"]) == b"Home"
    ((_, used),) = wifi.calls(TOP, "ActivateConnection")
    assert used == [path("Settings/ours"), wifi.wifi, wifi.point]


@pytest.mark.parametrize("state", [4, 3])
def test_a_network_that_refuses_is_told(host, wifi, state):
    wifi.add("Active/2", f"{NM}.Connection.Active", {"State": u(state)})
    wifi.answer_with("Active/2")
    body = {"ssid": "Home", "password": "wrong password"}
    code, msg = said(host.post(f"{WIFI}/connect", body, limit=30))
    assert code == -2 and "wrong password, or out of reach" in msg


def test_a_network_that_takes_its_time_is_waited_for(host, wifi):
    wifi.add("Active/2", f"{NM}.Connection.Active", {"State": u(1)})
    wifi.answer_with("Active/2")
    active = wifi.object(path("Active/2"))
    done = {"State": u(2)}
    later = threading.Timer(1.5, active.UpdateProperties, (f"{NM}.Connection.Active", done))
    later.start()
    begun = time.monotonic()
    body = {"ssid": "Home", "password": "12345678"}
    assert said(host.post(f"{WIFI}/connect", body, limit=30)) == (0, "success")
    assert time.monotonic() - begun > 1
    later.join(10)


@pytest.mark.parametrize(
    "body",
    [
        {"ssid": "", "password": "12345678"},
        {"ssid": "x" * 33, "password": "12345678"},
        {"ssid": "Home", "password": "1234567"},
        {"ssid": "Home", "password": "x" * 64},
    ],
)
def test_what_can_be_no_network_is_not_asked_for(host, wifi, body):
    code, msg = said(host.post(f"{WIFI}/connect", body))
    assert code == -1 and msg.startswith("invalid parameters")
    assert wifi.calls(TOP, "AddAndActivateConnection") == []


def test_leaving_disconnects_the_device(host, wifi):
    wifi.object(wifi.wifi).AddMethod(f"{NM}.Device", "Disconnect", "", "", "")
    assert said(host.post(f"{WIFI}/disconnect")) == (0, "success")
    assert len(wifi.calls(wifi.wifi, "Disconnect")) == 1


def test_nobody_sets_up_wifi_without_a_session(host, wifi):
    stranger = wire.Client(host.port)
    begun = time.monotonic()
    for where in (WIFI, f"{WIFI}/verify"):
        answer = stranger.post(where, {"ssid": "Home", "password": "12345678"})
        assert said(answer) == (-1, "invalid mode")
    assert time.monotonic() - begun > 3.9
    assert wifi.calls(TOP, "AddAndActivateConnection") == []


def test_an_old_clients_admin_joins_by_the_other_path(host, wifi):
    body = {"ssid": "Home", "password": "12345678"}
    assert said(host.post(WIFI, body, limit=30)) == (0, "success")
    assert len(wifi.calls(TOP, "AddAndActivateConnection")) == 1


def test_the_other_path_has_codes_of_its_own(host, wifi):
    code, msg = said(host.post(WIFI, {"ssid": "", "password": "12345678"}))
    assert code == -2 and msg.startswith("invalid parameters")
    wifi.add("Active/2", f"{NM}.Connection.Active", {"State": u(4)})
    wifi.answer_with("Active/2")
    code, msg = said(host.post(WIFI, {"ssid": "Home", "password": "wrong password"}, limit=30))
    assert code == -3 and msg.startswith("failed to connect wifi")


def test_whether_it_stands_is_not_made_up_when_nobody_can_tell(host, wifi):
    wifi.add("Active/2", f"{NM}.Connection.Active", {"State": u(1)})
    wifi.answer_with("Active/2")
    answers = []
    body = {"ssid": "Home", "password": "12345678"}
    joins = threading.Thread(
        target=lambda: answers.append(said(host.post(f"{WIFI}/connect", body, limit=30)))
    )
    joins.start()
    eventually(lambda: wifi.calls(TOP, "AddAndActivateConnection"), 10, "the network asked for")
    wifi.process.kill()
    joins.join(30)
    ((code, msg),) = answers
    assert code == -3 and msg.startswith("failed to get wifi status: ")
