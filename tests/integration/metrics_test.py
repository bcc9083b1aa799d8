# SPDX-License-Identifier: LGPL-2.1-or-later
"""What is counted, and who is named in the log for what they changed."""

import re

import wire
from daemon import eventually


def counter(page, route, status):
    found = re.search(
        rf'^pantograph_http_requests_total{{route="{route}",status="{status}"}} (\d+)$', page, re.M
    )
    return int(found[1]) if found else 0


def test_each_route_is_counted_by_its_name_in_the_document(daemon, admin):
    document = admin.get("/api/openapi.json").json()
    name = document["paths"]["/api/vm/hardware"]["get"]["operationId"]
    before = counter(admin.get("/metrics").body.decode(), name, 200)
    for _ in range(3):
        admin.get("/api/vm/hardware")
    page = admin.get("/metrics")
    assert page.status == 200 and page.header("Content-Type").startswith("text/plain; version=")
    assert counter(page.body.decode(), name, 200) == before + 3


def test_sockets_and_streams_are_counted_and_logged_when_they_open(daemon, admin):
    def opened(route, status):
        return counter(admin.get("/metrics").body.decode(), route, status)

    before = opened("ws_api_ws", 101), opened("get_api_stream_mjpeg", 200)
    with wire.WebSocket(admin, "/api/ws"):
        pass
    with admin.connect() as s:
        cookie = f"Cookie: nano-kvm-token={admin.token}\r\n"
        s.sendall(f"GET /api/stream/mjpeg HTTP/1.1\r\nHost: x\r\n{cookie}\r\n".encode())
        assert s.recv(1024).startswith(b"HTTP/1.1 200 ")
    after = opened("ws_api_ws", 101), opened("get_api_stream_mjpeg", 200)
    assert after == (before[0] + 1, before[1] + 1)
    assert " GET /api/ws status=101 peer=127.0.0.1" in daemon.log()
    assert " GET /api/stream/mjpeg status=200 peer=127.0.0.1" in daemon.log()


def test_nobody_without_a_session_sees_the_counters(daemon):
    assert daemon.client().get("/metrics").status == 401


def test_a_refused_request_counts_with_its_status(daemon, admin):
    before = counter(admin.get("/metrics").body.decode(), "get_api_vm_hardware", 401)
    daemon.client().get("/api/vm/hardware")
    assert counter(admin.get("/metrics").body.decode(), "get_api_vm_hardware", 401) == before + 1


def test_the_line_of_a_change_says_whose_session_it_came_with_and_what_it_was(daemon, admin):
    admin.post("/api/vm/web-title", {"title": "a counted page"})
    line = eventually(
        lambda: [l for l in daemon.log().splitlines() if " POST /api/vm/web-title " in l],
        5,
        "the line",
    )[-1]
    assert "user=admin" in line and "action=post_api_vm_webtitle" in line
    assert "counted page" not in line


def test_who_has_a_session_is_named_also_where_none_is_needed(daemon, admin):
    admin.post("/api/network/wifi", {"ssid": "a", "password": "12345678"})
    line = eventually(
        lambda: [l for l in daemon.log().splitlines() if " POST /api/network/wifi " in l],
        10,
        "the line",
    )[-1]
    assert "user=admin action=post_api_network_wifi" in line


def test_the_line_of_a_mere_question_names_nobody(daemon, admin):
    admin.get("/api/vm/web-title")
    lines = eventually(
        lambda: [l for l in daemon.log().splitlines() if " GET /api/vm/web-title " in l],
        5,
        "the line",
    )
    assert all("user=" not in line for line in lines)
