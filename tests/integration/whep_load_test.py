# SPDX-License-Identifier: LGPL-2.1-or-later
"""WHEP on a machine that has no time: an answer may come late, and with fewer candidates."""
import concurrent.futures
import signal
import subprocess
import sys
import time

import pytest
from daemon import Daemon
from offers import CHROMIUM

AT_ONCE = 6
PATIENCE = 30  # seconds that an answer may take


@pytest.fixture(scope="module")
def fresh(tmp_path_factory):
    with Daemon(tmp_path_factory.mktemp("load")) as daemon:
        yield daemon


def post(client):
    return client.request("POST", "/whep", CHROMIUM.encode(), "application/sdp", limit=PATIENCE)


def post_at_once(daemon, meanwhile=lambda: None):
    """Every answer to so many offers; their sessions are ended."""
    client = daemon.admin()
    with concurrent.futures.ThreadPoolExecutor(AT_ONCE) as pool:
        waiting = [pool.submit(post, client) for _ in range(AT_ONCE)]
        meanwhile()
        replies = [w.result() for w in waiting]
    for reply in replies:
        assert reply.status == 201, reply
        assert b"a=candidate:" in reply.body
        assert client.request("DELETE", reply.header("Location")).status == 200


def test_many_offers_at_once_are_all_answered(fresh):
    post_at_once(fresh)


def test_many_offers_at_once_are_all_answered_by_a_busy_machine(fresh):
    busy = [subprocess.Popen([sys.executable, "-c", "while True: pass"]) for _ in range(2)]
    try:
        for _ in range(3):
            post_at_once(fresh)
    finally:
        for process in busy:
            process.kill()
            process.wait()


@pytest.mark.parametrize("after", [0.005, 0.02, 0.05])
def test_an_answer_that_takes_long_is_waited_for(fresh, after):
    def stop_for_a_while():
        time.sleep(after)
        fresh.process.send_signal(signal.SIGSTOP)
        time.sleep(4)
        fresh.process.send_signal(signal.SIGCONT)

    post_at_once(fresh, stop_for_a_while)


def test_a_silent_stun_server_keeps_nobody_waiting(tmp_path):
    with Daemon(tmp_path, {"stun": "10.99.0.77:3478"}) as daemon:
        client = daemon.admin()
        start = time.monotonic()
        reply = post(client)
        assert reply.status == 201
        assert b"typ host" in reply.body
        assert time.monotonic() - start < PATIENCE / 2
        assert client.request("DELETE", reply.header("Location")).status == 200
