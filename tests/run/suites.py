#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Runs the suites named on the command line, whatever the one before did, and adds them up.

The last line printed is `N passed, N failed`. What was skipped counts as failed, and so does a
runner that crashed, ran into its time limit, or found nothing to run.
"""
import os
import pathlib
import shutil
import signal
import subprocess
import sys
import time

import results

ROOT = pathlib.Path(__file__).resolve().parents[2]
RESULTS = ROOT / "build/results"


class Pytest:
    def __init__(self, folder):
        self.report = RESULTS / f"{folder.replace('/', '-')}.xml"
        self.command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider"]
        self.command += [f"--junitxml={self.report}", folder]
        self.read = results.from_junit


class Meson:
    def __init__(self, suite):
        self.report = ROOT / f"build-asan/meson-logs/{suite}.junit.xml"
        self.command = ["meson", "test", "-C", "build-asan", "--no-rebuild", "--print-errorlogs"]
        self.command += ["--suite", suite, "--logbase", suite]
        self.read = results.from_junit


class Node:
    def __init__(self, folder):
        self.report = RESULTS / f"{folder.replace('/', '-')}.tap"
        self.command = ["tests/run/netns", "node", "--test"]
        self.command += ["--test-reporter=spec", "--test-reporter-destination=stdout"]
        self.command += ["--test-reporter=tap", f"--test-reporter-destination={self.report}"]
        self.command += sorted(str(p) for p in (ROOT / folder).glob("*.test.mjs"))
        self.read = results.from_tap


class Fuzz:
    def __init__(self):
        self.report = RESULTS / "fuzz.tap"
        self.command = ["tests/run/fuzz", str(self.report)]
        self.read = results.from_tap


SUITES = {  # runner, longest run in seconds
    "lint": (Pytest("tests/lint"), 300),
    "unit": (Meson("unit"), 300),
    "element": (Meson("element"), 600),
    "integration": (Pytest("tests/integration"), 1200),
    "browser": (Node("tests/browser"), 600),
    "lab": (Pytest("tests/lab"), 1200),
    "fuzz": (Fuzz(), 1200),
}


def limited(command, seconds):
    """The command's exit status; it is interrupted, then killed, when it takes longer."""
    process = subprocess.Popen(command, cwd=ROOT)
    try:
        return process.wait(seconds)
    except subprocess.TimeoutExpired:
        process.send_signal(signal.SIGINT)
        try:
            process.wait(30)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        return f"its time limit of {seconds} s"


def run(name):
    runner, seconds = SUITES[name]
    runner.report.unlink(missing_ok=True)
    status = limited(runner.command, seconds)
    try:
        outcome = runner.read(runner.report.read_text())
    except (OSError, SyntaxError) as e:  # an XML parse error is a SyntaxError
        outcome = results.Outcome(failed=[f"{name}: no results: {e}"])
    return outcome.judged(name, status)


def main(names):
    unknown = [name for name in names if name not in SUITES]
    if unknown:
        sys.exit(f"no such suite: {' '.join(unknown)} (there are: {' '.join(SUITES)})")
    RESULTS.mkdir(parents=True, exist_ok=True)
    table = []
    for name in names:
        print(f"\n== {name}", flush=True)
        start = time.monotonic()
        table.append((name, run(name), time.monotonic() - start))
    print()
    for name, outcome, _ in table:
        for what in outcome.failed:
            print(f"failed   {name}: {what}")
        for what in outcome.skipped:
            print(f"skipped  {name}: {what}")
    print(f"{'suite':14}{'passed':>8}{'failed':>8}{'skipped':>9}{'seconds':>9}")
    for name, o, seconds in table:
        print(f"{name:14}{o.passed:8}{len(o.failed):8}{len(o.skipped):9}{seconds:9.0f}")
    passed = sum(o.passed for _, o, _ in table)
    failed = sum(len(o.failed) + len(o.skipped) for _, o, _ in table)
    print(f"{passed} passed, {failed} failed", flush=True)
    return 0 if all(o.clean() for _, o, _ in table) else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
