# SPDX-License-Identifier: LGPL-2.1-or-later
"""A daemon that is killed while a key is held. The kernel keeps its gadget, and so the computer keeps
the key down: until the next start, or until the service's own command has pulled the cable."""
import asyncio
import contextlib
import re
import time

from conftest import ROOT, eventually
from figures import record
from kvm import CONFIG, DEVICE, Kvm, key

BOUND_SECONDS = 60  # on a machine that is emulated and busy
OF_ANOTHER = CONFIG.replace("gadget: on", "gadget: off")


def kill_while_a_key_is_held(kvm, daemon, usage, name):
    def kill():
        kvm.machine.run(f"kill -STOP {daemon.pid}")
        # Not yet, or not any more: a busy machine may be too slow for the lease.
        if name not in kvm.held():
            kvm.machine.run(f"kill -CONT {daemon.pid}")
            return False
        kvm.machine.run(f"kill -9 {daemon.pid}; wait_for 30 test ! -e /proc/{daemon.pid}")
        return True

    async def die(socket):
        killed = asyncio.create_task(asyncio.to_thread(eventually, kill, BOUND_SECONDS, name))
        while not killed.done():
            with contextlib.suppress(OSError):  # the last one may meet nobody
                await socket.send_bytes(key(usage))
            await asyncio.sleep(0.05)
        await killed

    kvm.sockets(die)
    time.sleep(1)  # longer than any lease
    assert kvm.held() == [name], "what the next start is for"


def test_the_next_start_or_the_services_last_command_lets_go_of_a_key(machine):
    text = (ROOT / "docs/architecture.md").read_text()
    last_command = re.search(r"^ *ExecStopPost=-(.*)$", text, re.MULTILINE)[1]
    with Kvm(machine) as kvm:
        with kvm.daemon("crash") as daemon:
            kvm.becomes("on")
            kvm.types()
            kill_while_a_key_is_held(kvm, daemon, 0x04, "KEY_A")
        begun = time.monotonic()
        with kvm.daemon("after-crash") as daemon:
            eventually(lambda: kvm.held() == [], BOUND_SECONDS, "all up by the start")
            record(
                "usb-key-up-after-kill-and-start", round(1000 * (time.monotonic() - begun)), "ms"
            )
            kvm.becomes("on")
            kvm.types(0x05, "KEY_B")
            kill_while_a_key_is_held(kvm, daemon, 0x06, "KEY_C")
        machine.run(last_command)
        eventually(lambda: kvm.held() == [], BOUND_SECONDS, "all up by the command")
        assert machine.attempt(f"test -e {DEVICE}")[0] != 0, "the computer has no keyboard now"
        with kvm.daemon("started"):
            kvm.becomes("on")
            kvm.types(0x07, "KEY_D")


def test_the_first_report_lets_go_where_the_gadget_is_another_programs(machine):
    machine.run("gadget_up")
    with Kvm(machine, clear="true", config=OF_ANOTHER) as kvm:
        with kvm.daemon("foreign") as daemon:
            kvm.types()
            kill_while_a_key_is_held(kvm, daemon, 0x04, "KEY_A")
        plugged = kvm.seen().count("plugged keyboard")
        with kvm.daemon("foreign-again"):
            eventually(lambda: kvm.held() == [], BOUND_SECONDS, "all up")
            assert kvm.seen().count("plugged keyboard") == plugged, "by a report, not by the cable"
            kvm.types(0x05, "KEY_B")
    machine.run("gadget_down")
