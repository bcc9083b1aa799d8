# SPDX-License-Identifier: LGPL-2.1-or-later
"""Every line of docs/rest.md, typed in its order against a live daemon, says what the page says.

Run as a program, it types them, and prints what each said.
"""
import json
import os
import pathlib
import re
import subprocess
import sys

import pytest
import wire
from daemon import ROOT, Daemon

PAGE = ROOT / "docs/rest.md"
LIMIT = 60
GROUPS = "auth vm hid storage download network stream extensions mcp".split()


def steps():
    """[(command, what it says)]"""
    found = []
    for block in re.findall(r"^```console\n(.*?)^```", PAGE.read_text(), re.M | re.S):
        for command, said in re.findall(r"^\$ (.*)\n((?:(?!\$ ).*\n)*)", block, re.M):
            found.append((command, said.rstrip("\n")))
    assert len(found) > 50, "the page is written in another way"
    return found


STEPS = steps()


def typed(folder):
    """What one shell in a folder of its own says, that types all lines."""
    images = folder / "images"
    images.mkdir()
    script = "".join(f"{command}\necho; echo :end:\n" for command, _ in STEPS)
    settings = {"storage": {"directory": images, "reserve_mib": 0}}
    with Daemon(folder / "daemon", settings) as daemon:
        url = f"http://127.0.0.1:{daemon.port}"
        done = subprocess.run(
            ["bash", "-c", script],
            cwd=folder,
            env={**os.environ, "PANTOGRAPH_PASSWORD": wire.PASSWORD, "KVM": url},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=2 * LIMIT,
        )
    return done.stdout.split("\n:end:\n")


@pytest.fixture(scope="module")
def page(tmp_path_factory):
    """In a network of its own: one of the lines wakes a computer by a broadcast."""
    program = [ROOT / "tests/run/netns", sys.executable, __file__, tmp_path_factory.mktemp("page")]
    done = subprocess.run(program, capture_output=True, text=True, timeout=3 * LIMIT)
    assert done.returncode == 0, done.stdout + done.stderr
    return json.loads(done.stdout)


@pytest.mark.parametrize("n", range(len(STEPS)), ids=lambda n: STEPS[n][0][-60:])
def test_a_line_of_the_page_says_what_the_page_says(page, n):
    pattern = ".*".join(re.escape(part) for part in STEPS[n][1].split("..."))
    assert re.fullmatch(pattern, page[n].rstrip("\n"), re.S), (STEPS[n], page[n])


def test_each_group_of_routes_has_its_lines():
    said = " ".join(command for command, _ in STEPS)
    for group in GROUPS:
        assert f"/api/{group}/" in said


if __name__ == "__main__":
    print(json.dumps(typed(pathlib.Path(sys.argv[1]))))
