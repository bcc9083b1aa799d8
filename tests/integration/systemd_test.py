# SPDX-License-Identifier: LGPL-2.1-or-later
"""systemd passes over a line that it does not know, and says so in its journal only; so the drop-in for
a board's encoder is read by systemd's own reader, beside a unit that closes its devices."""
import json
import pathlib
import shutil
import subprocess

import pytest

DROP_IN = pathlib.Path(__file__).parents[2] / "data/systemd/pantographd.service.d/venc.conf"
CLOSED = """[Service]
ExecStart=/bin/true
PrivateDevices=yes
DevicePolicy=closed
ProcSubset=pid
"""


@pytest.fixture
def unit(tmp_path):
    path = tmp_path / "pantographd.service"
    path.write_text(CLOSED)
    return path


def add(unit, text):
    folder = unit.with_suffix(".service.d")
    folder.mkdir()
    (folder / "venc.conf").write_text(text)


def analyze(*arguments):
    tool = shutil.which("systemd-analyze")
    assert tool, "the package systemd is missing"
    done = subprocess.run([tool, *map(str, arguments)], capture_output=True, text=True, timeout=30)
    assert done.returncode == 0, done.stderr
    return done


def judged(unit):
    """What systemd makes of each setting: its description by its name."""
    out = analyze("security", "--offline=true", "--json=short", unit).stdout
    return {entry["json_field"]: entry["description"] for entry in json.loads(out)}


def test_systemd_knows_every_line_of_the_drop_in(unit):
    add(unit, DROP_IN.read_text())
    assert analyze("verify", unit).stderr == ""


def test_systemd_names_a_line_that_it_does_not_know(unit):
    add(unit, DROP_IN.read_text().replace("SupplementaryGroups", "SupplementryGroups"))
    assert "Unknown key" in analyze("verify", unit).stderr


def test_the_drop_in_opens_the_devices_that_it_names_and_no_others(unit):
    before = judged(unit)
    add(unit, DROP_IN.read_text())
    after = judged(unit)
    changed = {name for name in before if before[name] != after[name]}
    assert changed == {"PrivateDevices", "DeviceAllow", "ProcSubset"}
    names = after["DeviceAllow"].split("special devices: ")[1].split()
    assert sorted(names) == [
        "/dev/mpp-service:rw",
        "/dev/mpp_service:rw",
        "/dev/rga:rw",
        "char-dma_heap:rw",
        "char-drm:rw",
    ]
