# SPDX-License-Identifier: LGPL-2.1-or-later
"""The front panel on real GPIO drivers: gpio-sim, whose lines have names and interrupts, and a
PCA9554, whose registers show what was written and whose levels outlive whoever wrote them."""
import asyncio
import json
import re
import statistics

import pytest
from conftest import ROOT, eventually
from figures import record
from panel import DOWN, PANELS, SIM, UP, pca_panel, sim_panel
from remote_test import remote
from served import NOBODY, READABLE

RELEASED, ON_A_BUSY_HOST = 500, 5000  # ms of the guest's clock, which runs ahead under load


@pytest.fixture
def sim(machine):
    return sim_panel(machine)


@pytest.fixture(scope="class", params=PANELS)
def panel(request, machine):
    made = PANELS[request.param](machine)
    with made.daemon() as made.program:
        yield made


def held(changes, button):
    """For how long: the one press among the changes."""
    of_it = [(ms, value) for ms, name, value in changes if name == button]
    assert [value for _, value in of_it] == [DOWN[button], UP[button]], changes
    return of_it[1][0] - of_it[0][0]


def check_released(who, times):
    record(f"power-{who}-killed-button-up-max", max(times), "ms")
    assert min(times) < RELEASED and statistics.median(times) < 3 * RELEASED, times
    assert max(times) < ON_A_BUSY_HOST, times


class TestEveryPanel:
    def test_a_button_is_down_as_long_as_it_was_asked_for(self, panel):
        ratios = []
        with panel.watched() as changes:
            for button, ms in (("power", 800), ("reset", 200), ("power", 4500)):
                before = len(changes())
                assert panel.press(button, ms)["code"] == 0
                eventually(lambda: len(changes()) == before + 2, 10, "down and up")
                took = held(changes()[before:], button)
                record(f"power-press-{ms}ms-{panel.kind}", took, "ms")
                ratios.append(took / ms)
        assert min(ratios) > 0.9, ratios
        assert statistics.median(ratios) < 1.15, f"who watches may be late, too: {ratios}"

    def test_a_stuck_daemon_holds_no_button_longer(self, panel):
        async def work(session):
            body = {"type": "power", "duration": 2000}
            request = asyncio.ensure_future(session.post("/api/vm/gpio", json=body))
            await asyncio.to_thread(eventually, changes, 30, "down")
            await asyncio.to_thread(panel.machine.run, f"kill -STOP {panel.program.pid}")
            await asyncio.to_thread(eventually, lambda: len(changes()) == 2, 20, "down and up")
            await asyncio.to_thread(panel.machine.run, f"kill -CONT {panel.program.pid}")
            async with await request as answer:
                return await answer.json()

        with panel.watched() as changes:
            assert remote(panel, work)["code"] == 0
            assert 1600 < held(changes(), "power") < 6000

    def test_a_button_goes_up_when_its_holder_is_killed(self, panel):
        times = []
        for button in ("power", "reset", "power"):
            with panel.pressed(button):
                times.append(panel.kill(panel.holder(), button))
        check_released(f"holder-{panel.kind}", times)
        assert panel.program.alive()
        panel.holder()
        assert panel.press("power", 100)["code"] == 0


@pytest.mark.parametrize("kind", PANELS)
def test_a_button_goes_up_when_the_daemon_is_killed(machine, kind):
    panel = PANELS[kind](machine)
    times = []
    for button in ("power", "reset"):
        with panel.daemon() as program, panel.pressed(button):
            times.append(panel.kill(program.pid, button))
        machine.run("wait_for 30 sh -c '! pgrep -x pantograph-hold'")
    check_released(f"daemon-{kind}", times)


@pytest.mark.parametrize("kind", PANELS)
def test_a_button_goes_up_when_the_daemon_ends_while_its_holder_is_stopped(machine, kind):
    panel = PANELS[kind](machine)
    with panel.daemon() as program, panel.pressed("power"):
        machine.run(f"kill -STOP {panel.holder()}; kill {program.pid}")
        machine.run(f"wait_for 30 test ! -e /proc/{program.pid}")
        assert panel.value("power") == UP["power"], "the holder would never have let go"
        assert "does not end: it is killed" in program.log()
    assert machine.attempt("pgrep -x pantograph-hold")[0] == 1


def test_the_units_last_command_lets_go_of_a_line_that_both_left_driven(machine):
    text = (ROOT / "docs/decisions/0005-buttons-have-a-holder.md").read_text()
    command = re.search(r"^ *ExecStopPost=-(.*)$", text, re.MULTILINE)[1]
    panel = pca_panel(machine)
    with panel.daemon() as program, panel.pressed("power"):
        holder = panel.holder()
        machine.run(f"kill -STOP {holder}; kill -9 {program.pid}; kill -9 {holder}")
        machine.run(f"wait_for 30 test ! -e /proc/{holder}")
        assert panel.value("power") == DOWN["power"], "else there is nothing to cure"
        chip = panel.config.split("power_button: ")[1].split("/0")[0]
        machine.run(command.replace("gpiochip0 3=0", f"{chip} 0=0"))
        assert panel.value("power") == UP["power"]


def test_a_button_goes_up_and_works_on_when_its_chip_comes_back_by_another_number(machine):
    panel = pca_panel(machine)
    numbered = panel.config.split("power_button: ")[1].split("/0")[0]
    driver = "/sys/bus/i2c/drivers/pca953x"
    with panel.daemon() as program:
        panel.holder()
        with panel.pressed("power"):
            machine.run(f"echo 0-0020 >{driver}/unbind; echo 0-0020 >{driver}/bind")
            machine.run("wait_for 30 compgen -G '/sys/bus/i2c/devices/0-0020/gpiochip*'")
            assert machine.run("pca_chip").strip() != numbered, "else there is nothing to follow"
            assert panel.value("power") == DOWN["power"], "else there is nothing to let go"
            eventually(lambda: panel.value("power") == UP["power"], 60, "the button up")
        assert panel.press("reset", 100)["code"] == 0, "whose line died with the chip, too"
        assert panel.press("power", 100)["code"] == 0
        machine.run("pca_register 0 0x10")
        eventually(lambda: panel.leds()["data"] == {"pwr": True, "hdd": False}, 30, "the LED lit")
        program.says("power.power_led: the line is there now")
        machine.run("pca_register 0 0x00")


async def heartbeat(socket):
    while True:  # the daemon's 90 s of silence may be 30 of ours
        await socket.send_bytes(b"\0")
        await asyncio.sleep(5)


def told(panel, change, wanted, seconds=30):
    """Changes something while a client listens; the LEDs it is told until they are as wanted."""

    async def work(session):
        seen = []
        async with session.ws_connect("/api/ws") as socket:
            alive = asyncio.ensure_future(heartbeat(socket))
            change_made = asyncio.ensure_future(asyncio.to_thread(panel.machine.run, change))
            async for message in socket:
                status = json.loads(message.data)
                if status["type"] == "power":
                    seen.append(json.loads(status["data"]))
                    if wanted(seen):
                        await change_made
                        alive.cancel()
                        return seen

    return remote(panel, work, seconds)


def pull(line, level):
    return f"echo pull-{level} >$(sim_file {line} pull)"


BLINK_20_TIMES = f"""
    sleep 1
    for n in $(seq 20); do {pull(3, "up")}; sleep 0.1; {pull(3, "down")}; sleep 0.1; done
    sleep 1
    {pull(2, "down")}
"""


class TestLinesWithInterrupts:
    @pytest.fixture(scope="class")
    def panel(self, machine):
        made = sim_panel(machine)
        machine.run(f"{pull(2, 'up')}; {pull(3, 'down')}")
        with made.daemon() as made.program:
            yield made

    def test_tell_when_they_change(self, panel):
        assert panel.leds()["data"] == {"pwr": False, "hdd": False}, "the power LED is active-low"
        lit, both = {"pwr": True, "hdd": False}, {"pwr": True, "hdd": True}
        assert told(panel, pull(2, "down"), lambda seen: lit in seen)
        assert told(panel, pull(3, "up"), lambda seen: both in seen)
        assert panel.leds()["data"] == both

    def test_need_nobody_who_looks(self, panel):
        panel.machine.run(f"{pull(2, 'up')}; {pull(3, 'down')}")
        eventually(lambda: not any(panel.leds()["data"].values()), 20, "both LEDs off")
        seen = told(panel, BLINK_20_TIMES, lambda seen: seen[-1]["pwr"], seconds=60)
        changes = sum(a["hdd"] != b["hdd"] for a, b in zip(seen, seen[1:]))
        record("power-led-changes-told-of-40", changes, "changes")
        assert changes > 30, "one that looks 4 times a second sees 16"
        assert "no interrupt" not in panel.program.log()


class TestAChipWithoutInterrupts:
    @pytest.fixture(scope="class")
    def panel(self, machine):
        made = pca_panel(machine)
        machine.run("pca_register 0 0x00")
        with made.daemon() as made.program:
            yield made

    def test_is_read_four_times_a_second(self, panel):
        panel.program.says("the chip has no interrupt: read 4 times a second")
        assert panel.leds()["data"]["pwr"] is False
        assert told(panel, "pca_register 0 0x10", lambda seen: seen[-1]["pwr"])
        assert panel.leds()["data"]["pwr"] is True

    def test_has_its_registers_written(self, panel):
        directions = int(panel.machine.run("pca_register 3"), 16)
        assert directions & 0b10011 == 0b10000, "buttons are outputs, the LED is an input"
        assert int(panel.machine.run("pca_register 1"), 16) & 0b11 == 0b10, "both are up"
        with panel.pressed("power"):
            assert int(panel.machine.run("pca_register 1"), 16) & 0b11 == 0b11


def test_leds_whose_chip_goes_are_no_longer_shown_as_they_were(sim):
    lit = {"pwr": True, "hdd": False}
    as_lit = f"{pull(2, 'down')}; {pull(3, 'down')}"
    sim.machine.run(as_lit)
    with sim.daemon() as program:
        eventually(lambda: sim.leds()["data"] == lit, 20, "the power LED on")
        try:
            seen = told(sim, "echo 0 >$panel/live", lambda seen: seen[-1] == {}, seconds=60)
            assert seen[0] == lit, seen
            answer = sim.leds()
            assert answer["code"] == -2, answer
            assert "panel.yaml:6: power.power_led: " in answer["msg"], answer
            program.says("panel.yaml:6: power.power_led: cannot read the line")
        finally:
            back = f"echo 1 >$panel/live; wait_for 30 gpiofind power-btn; {pull(1, 'up')}"
            sim.machine.run(f"{back}; {as_lit}")
        eventually(lambda: sim.leds()["data"] == lit, 30, "the power LED on again")
        program.says("power.power_led: the line is there now")


def test_a_line_of_another_program_is_named_with_it(sim):
    with sim.machine.running("other", "gpioset --mode=signal $(gpiofind power-btn)=0") as other:
        sim.machine.run("wait_for 20 sh -c 'gpioinfo | grep power-btn | grep -q gpioset'")
        with sim.daemon() as program:
            program.says("panel.yaml:4: power.power_button: line 0 of gpiochip")
            answer = sim.press("power", 100)
            assert answer["code"] == -3
            assert 'is in use by "gpioset": end what uses it' in answer["msg"]
            assert sim.press("reset", 100)["code"] == 0, "the other button is no worse for it"
            sim.machine.run(f"kill {other.pid}")
            program.says("power.power_button: the line is there now")
            assert sim.press("power", 100)["code"] == 0


def test_a_holder_that_is_stopped_is_killed_and_a_button_goes_up(sim):
    async def work(session):
        body = {"type": "power", "duration": 1500}
        request = asyncio.ensure_future(session.post("/api/vm/gpio", json=body))
        await asyncio.to_thread(eventually, changes, 30, "down")
        await asyncio.to_thread(sim.machine.run, "pkill -STOP -x pantograph-hold")
        async with await request as answer:
            return await answer.json()

    def stopped_in_time():
        answer = remote(sim, work)
        if answer["code"] == 0:  # a busy host: the button was up before the holder was stopped
            sim.machine.run("pkill -CONT -x pantograph-hold")
        return answer["code"] and answer

    with sim.daemon(SIM.replace("front-panel/disk-led", "no-such-led")) as program:
        sim.holder()
        with sim.watched() as changes:
            answer = eventually(stopped_in_time, 60, "a holder stopped in the midst of a press")
        assert answer["code"] == -3 and "the process that held the button ended" in answer["msg"]
        assert "does not let go in time" in program.log()
        eventually(lambda: sim.value("power") == UP["power"], 30, "the button up")
        assert sim.leds()["code"] == 0, "a disk LED that is not there hides no power LED"
        sim.holder()
        assert sim.press("power", 100)["code"] == 0
    record("power-stopped-holders-survived", 1, "holders")


def test_what_is_missing_is_named_with_what_is_there(sim):
    lines = "power: {backend: gpio, power_button: gpiochip77/3, reset_button: front-panel/8,\n"
    with sim.daemon(lines + "        power_led: no-such-led}\n") as program:
        program.says(
            "panel.yaml:1: power.power_button: no GPIO chip is called gpiochip77; there are:"
        )
        answer = sim.press("power", 100)
        assert answer["code"] == -3 and "(front-panel)" in answer["msg"]
        assert "has no line 8, only 0..7" in sim.press("reset", 100)["msg"]
        answer = sim.leds()
        assert answer["code"] == -2
        assert 'no GPIO line is called "no-such-led": gpioinfo lists' in answer["msg"]


def test_a_missing_permission_is_named_with_the_group(sim):
    sim.machine.run(f"chgrp dialout /dev/gpiochip*; chmod 660 /dev/gpiochip*; {READABLE}")
    readable = SIM + 'video: {pipelines_dir: ""}\n'  # its default is root's
    with sim.daemon(readable, user=NOBODY) as program:
        cure = "Permission denied: run as root, or add the user to the group dialout"
        program.says(cure)
        assert cure in sim.press("power", 100)["msg"]
        assert cure in sim.leds()["msg"]
