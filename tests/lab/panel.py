# SPDX-License-Identifier: LGPL-2.1-or-later
"""A front panel of the lab machine, on either of its GPIO drivers, with the daemon that has it."""
import asyncio
import contextlib
import re

import account
from conftest import eventually
from remote_test import remote

SIM = """
power:
  backend: gpio
  power_button: power-btn
  reset_button: front-panel/1 active-low
  power_led: power-led active-low
  disk_led: front-panel/disk-led
"""
PCA = """
power:
  backend: gpio
  power_button: {pca}/0
  reset_button: {pca}/1 active-low
  power_led: {pca}/4
"""
DOWN, UP = {"power": "1", "reset": "0"}, {"power": "0", "reset": "1"}


class Panel:
    """pantographd with a front panel, and the lines as the computer sees them."""

    def __init__(self, kind, machine, config, lines):
        self.kind = kind
        self.machine = machine
        self.http_port = machine.http_port
        self.config = config
        self.lines = lines  # {"power": source, "reset": source}

    @contextlib.contextmanager
    def daemon(self, config=None, user=""):
        (self.machine.share / "panel.yaml").write_text(config or self.config)
        self.machine.run("install -m 644 /lab/panel.yaml /tmp/panel.yaml")
        state = f"/tmp/panel{len(user)}"
        command = f"{user} {account.command(self.machine, '/tmp/panel.yaml', state)}"
        if user:
            self.machine.run(f"chown -R nobody {state}")
        with self.machine.running("panel", command) as program:
            program.says("password:")
            yield program

    @contextlib.contextmanager
    def watched(self):
        """The lines' changes: (ms, "power" or "reset", value)."""
        script = "/usr/bin/python3 tests/lab/machine/lines.py watch"
        with self.machine.running("lines", f"{script} {' '.join(self.lines.values())}") as watch:
            names = list(self.lines)

            def changes():
                rows = [line.split() for line in watch.log().splitlines()]
                return [(int(ms), names[int(n)], value) for ms, n, value in rows]

            eventually(lambda: len(changes()) >= len(names), 30, "the lines' first values")
            first = len(names)
            yield lambda: changes()[first:]

    def call(self, method, path, body=None):
        async def work(session):
            async with session.request(method, path, json=body) as answer:
                return await answer.json()

        return remote(self, work)

    def press(self, button, ms):
        return self.call("POST", "/api/vm/gpio", {"type": button, "duration": ms})

    def leds(self):
        return self.call("GET", "/api/vm/gpio")

    @contextlib.contextmanager
    def pressed(self, button):
        """A press of 20 s, for as long as the block lasts; nobody waits for its answer."""

        async def work(session):
            body = {"type": button, "duration": 20000}
            request = asyncio.ensure_future(session.post("/api/vm/gpio", json=body))
            await asyncio.to_thread(self.until_down, button)
            request.cancel()

        self.holder()  # a press is refused while one that was killed is being replaced
        remote(self, work)
        yield

    def value(self, button):
        source = self.lines[button]
        if source.startswith("/"):
            return self.machine.run(f"cat {source}").strip()
        register, bit = source.split(".")
        return str(int(self.machine.run(f"pca_register {register}"), 16) >> int(bit) & 1)

    def until_down(self, button):
        eventually(lambda: self.value(button) == DOWN[button], 30, f"{button} down")

    def kill(self, pid, button):
        """kill -9; how many ms of the guest's clock until the button was up."""
        script = "/usr/bin/python3 tests/lab/machine/lines.py kill"
        return int(self.machine.run(f"{script} {pid} {self.lines[button]} {UP[button]}"))

    def holder(self):
        """The process that holds the lines, as soon as there is one."""

        def pid():
            held = re.search('"pantograph" +output', self.machine.run("gpioinfo"))
            return held and self.machine.attempt("pgrep -x pantograph-hold")[1].strip()

        return eventually(pid, 30, "a process that holds the lines")


def sim_panel(machine):
    machine.run("sim_up")
    lines = machine.run("sim_file 0 value; sim_file 1 value").split()
    return Panel("gpio-sim", machine, SIM, dict(zip(("power", "reset"), lines)))


def pca_panel(machine):
    chip = machine.run("pca_up; pca_chip").split()[-1]
    return Panel("pca9554", machine, PCA.format(pca=chip), {"power": "1.0", "reset": "1.1"})


PANELS = {"gpio-sim": sim_panel, "pca9554": pca_panel}
