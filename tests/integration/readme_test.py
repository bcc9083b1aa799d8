# SPDX-License-Identifier: LGPL-2.1-or-later
"""Every launch line in an element's README runs as it is printed. A block that needs a screen, or
has no end, is marked sh-display there; its lines need only be understood. One marked sh-board needs
a board's encoder, for which a library stands in."""
import os
import pathlib
import re
import subprocess

import pytest
import wire
from daemon import BUILD

ROOT = pathlib.Path(__file__).resolve().parents[2]
READMES = sorted((ROOT / "plugins").glob("*/README.md"))
FRONT_PAGE = ROOT / "README.md"
HEADINGS = ["What", "Properties", "Messages", "Hardware", "Limits", "Try it"]


def commands(kind):
    """(README, command) for every line of the blocks of that kind; a backslash continues a line."""
    for readme in [*READMES, FRONT_PAGE]:
        for block in re.findall(rf"^```{kind}\n(.*?)^```", readme.read_text(), re.M | re.S):
            for line in block.replace("\\\n", " ").splitlines():
                if line.strip() and not line.startswith("#"):
                    yield readme.parent.name, line.strip()


def named(pairs):
    return [pytest.param(command, id=f"{name}-{n}") for n, (name, command) in enumerate(pairs)]


def run(command, folder, **variables):
    done = subprocess.run(
        ["bash", "-o", "pipefail", "-c", command],
        cwd=folder,
        env={**os.environ, **variables},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        timeout=60,
    )
    assert done.returncode == 0, done.stdout.decode(errors="replace")[-3000:]


@pytest.mark.parametrize("command", named(commands("sh")))
def test_runs_as_printed(command, tmp_path):
    run(command, tmp_path)


@pytest.mark.parametrize("command", named(commands("sh-board")))
def test_runs_where_a_board_has_an_encoder(command, tmp_path):
    fakes = BUILD / "tests/fakes"
    run(
        command,
        tmp_path,
        GST_PLUGIN_PATH=f"{fakes}/venc:{BUILD}/plugins",
        GST_REGISTRY=f"{tmp_path}/registry.bin",
        VENC_MPP_LIBRARY=f"{fakes}/mpp/librockchip_mpp.so.1",
    )


@pytest.mark.parametrize("command", named(commands("sh-display")))
def test_plays_until_it_is_interrupted(command, tmp_path):
    """The line as it is; only what autovideosink finds first is a sink that needs no screen."""
    done = subprocess.run(
        ["timeout", "--preserve-status", "-s", "INT", "5", "bash", "-c", f"exec {command}"],
        cwd=tmp_path,
        env={**os.environ, "GST_PLUGIN_FEATURE_RANK": "fakevideosink:MAX"},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        timeout=60,
    )
    said = done.stdout.decode(errors="replace")
    assert "Setting pipeline to PLAYING" in said and "ERROR" not in said, said[-3000:]


@pytest.mark.parametrize("readme", READMES, ids=lambda path: path.parent.name)
def test_has_the_headings_a_reader_looks_for(readme):
    assert re.findall(r"^## (.*)$", readme.read_text(), re.M) == HEADINGS


def test_every_plugin_folder_has_a_readme():
    folders = {p.parent for p in (ROOT / "plugins").glob("*/*.cpp")}
    assert folders == {readme.parent for readme in READMES}


def test_the_front_pages_requests_are_answered(daemon, tmp_path):
    """The block marked sh-daemon, against a daemon of the test's own instead of ./dev run's."""
    (block,) = re.findall(r"^```sh-daemon\n(.*?)^```", FRONT_PAGE.read_text(), re.M | re.S)
    script = block.replace("127.0.0.1:8080", f"127.0.0.1:{daemon.port}")
    done = subprocess.run(
        ["bash", "-e", "-o", "pipefail", "-c", script],
        cwd=tmp_path,
        env={**os.environ, "PANTOGRAPH_PASSWORD": wire.PASSWORD},
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.count('"code":0,"msg":"success"') == block.count("curl") - 1, done.stdout
    assert (tmp_path / "screen.jpg").read_bytes().startswith(b"\xff\xd8")
