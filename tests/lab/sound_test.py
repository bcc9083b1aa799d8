# SPDX-License-Identifier: LGPL-2.1-or-later
"""The computer's sound on the kernel's own loopback card: what is played at one end is heard by a
viewer of the other, and whatever becomes of the card is named, mended by itself and no viewer's
loss."""
import contextlib

import pytest
from conftest import eventually
from figures import record
from served import Served

CONFIG = """
video: {width: 320, height: 200, fps: 5, stamp: true}
audio: {device: "hw:CARD=Loopback,DEV=1"}
"""
STATE = "/tmp/state-sound"
TONE_HZ = 1000
LOUD = 1000
CARD = "/sys/bus/platform/drivers/snd_aloop"
PLAY = (
    f"gst-launch-1.0 -q audiotestsrc freq={TONE_HZ} volume=0.5 samplesperbuffer=960"
    " ! audioconvert ! audioresample ! alsasink device=hw:CARD=Loopback,DEV=0"
)
RECORD = "gst-launch-1.0 -q alsasrc device=hw:CARD=Loopback,DEV=1 ! fakesink"


class Room(Served):
    """A daemon that hears the loopback card."""

    def sound(self, state, seconds=120):
        """Waits for that state of the sound; what was said of it."""
        line = f"sound state={state}"
        eventually(lambda: self._last_sound().startswith(line), seconds, f"the sound {state}")
        return self._last_sound()

    def _last_sound(self):
        lines = [line for line in self.log().splitlines() if " media sound state=" in line]
        return lines[-1].partition(" media ")[2] if lines else ""

    def doctors_word(self):
        (link,) = [one for one in self.call("/api/doctor")["links"] if one["link"] == "audio"]
        return link["state"], link["what"].partition(": ")[0]

    @contextlib.contextmanager
    def viewer(self, name):
        """A viewer who listens, once there is a picture; its log grows."""
        command = f"/usr/bin/python3 tests/lab/machine/hear.py {self.token()}"
        with self.machine.running(name, command) as viewer:
            viewer.says("seen", 150)
            yield viewer


def loud_ones(viewer):
    lines = [line.split() for line in viewer.log().splitlines() if line[:1].isdigit()]
    return [int(hz) for hz, loudness in lines if int(loudness) > LOUD]


def hears_the_tone(viewer):
    """Waits for a second of it in all; how many tenths were loud until then. An emulated machine on a
    busy host may play with gaps, and no tenth with one has the tone's pitch."""

    def at_pitch():
        return sum(abs(hz - TONE_HZ) <= 5 for hz in loud_ones(viewer))

    eventually(lambda: at_pitch() >= 10, 120, f"a second of {TONE_HZ} Hz")
    return len(loud_ones(viewer))


@pytest.fixture(scope="module")
def room(machine):
    machine.run("modprobe snd-aloop pcm_substreams=1; wait_for 30 test -e /dev/snd/pcmC0D1c")
    room = Room(machine, "sound", CONFIG, STATE)
    with room.daemon() as daemon:
        room.log = daemon.log
        yield room


def test_a_viewer_hears_what_the_computer_plays(room):
    with room.machine.running("play", PLAY), room.viewer("hear") as viewer:
        room.sound("ok")
        record("sound.heard-for-a-second-at-pitch", hears_the_tone(viewer) / 10, "s")
    room.sound("idle")


def test_a_card_that_is_pulled_out_or_taken_is_named_and_comes_back_by_itself(room):
    with room.viewer("hear-on") as viewer:
        room.sound("ok")
        assert room.doctors_word() == ("ok", "somebody listens")
        room.machine.run(f"echo snd_aloop.0 >{CARD}/unbind", 120)
        assert "Loopback" in room.sound("device-lost")
        room.machine.run(f"echo snd_aloop.0 >{CARD}/bind; wait_for 30 test -e /dev/snd/pcmC0D1c")
        room.sound("ok")
        with room.machine.running("play-again", PLAY):
            hears_the_tone(viewer)
        assert viewer.alive(), "nobody was dropped"
    room.sound("idle")
    assert room.doctors_word() == ("ok", "hw:CARD=Loopback,DEV=1")
    with room.machine.running("recorder", RECORD) as other:
        room.machine.run(f"wait_for 60 sh -c 'ls -l /proc/{other.pid}/fd | grep -q pcmC0D1c'")
        with room.viewer("hear-later"):
            assert "another program" in room.sound("busy")
            room.machine.run(f"kill {other.pid}")
            room.sound("ok")
    record("sound.faults-survived", 2, "of 2")
