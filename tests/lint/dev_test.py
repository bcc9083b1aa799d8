# SPDX-License-Identifier: LGPL-2.1-or-later
"""What ./dev says when it is asked for something that there is not."""
import subprocess

from sources import ROOT, text

BENCHES = " ".join(sorted(p.stem for p in (ROOT / "tests/bench").glob("*.mjs")))


def dev(*args):
    done = subprocess.run([ROOT / "dev", *args], capture_output=True, text=True, timeout=20)
    return done.returncode, done.stdout, done.stderr


def test_a_command_that_there_is_not_is_named():
    assert dev("nosuch") == (1, "", "dev: no such command: nosuch (see ./dev help)\n")


def test_a_benchmark_that_there_is_not_is_named():
    for name in ("nosuch", "page", "latency.mjs", "../bench/latency", ""):
        said = f"dev: no such benchmark: {name} (there is: {BENCHES})\n"
        assert dev("bench", name) == (1, "", said)


def test_the_benchmarks_are_listed():
    assert dev("bench") == (1, "", f"dev: which benchmark? there is: {BENCHES}\n")
    assert f"there is: {BENCHES}\n" in dev("help")[1]


def test_a_benchmark_leaves_its_figures_where_the_help_says():
    assert "build/results/NAME.json" in dev("help")[1]
    for name in BENCHES.split():
        assert f"'{name}.json'" in text(f"tests/bench/{name}.mjs")
