#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Runs the suites named on the command line, whatever the one before did, and adds them up.

The last line printed is `N passed, N failed`. What was skipped counts as failed, and so does a
runner that crashed, ran into its time limit, or found nothing to run. Suites that wait for what
happens on a shared machine get a second try of at most three files each; what failed first and
passed then is named and counted as unsteady.
"""
import os
import pathlib
import shutil
import signal
import subprocess
import sys
import tempfile
import time

import results

ROOT = pathlib.Path(__file__).resolve().parents[2]
RESULTS = ROOT / "build/results"


class Pytest:
    """What a folder's tests are run by. Some wait for what happens on a shared machine: patient; and
    some of these wait so much that whole files of theirs may run at once."""

    def __init__(self, folder, patient=False, at_once=1):
        self.folder = folder
        self.patient = patient
        self.at_once = at_once

    def run(self, seconds, files=None):
        report = RESULTS / f"{self.folder.replace('/', '-')}.xml"
        command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "--durations=30"]
        if self.at_once > 1:
            command += ["-n", str(self.at_once), "--dist", "loadfile"]
        command += [f"--junitxml={report}", *(files or [self.folder])]
        # What tests write goes with the run: pytest itself would keep that of the last three.
        with tempfile.TemporaryDirectory(
            prefix="pantograph-", ignore_cleanup_errors=True
        ) as folder:
            command += [f"--basetemp={folder}/t"]
            return judged(self.folder, command, report, results.from_junit, seconds)


class Meson:
    patient = False

    def __init__(self, suite):
        self.suite = suite

    def run(self, seconds):
        report = ROOT / f"build-asan/meson-logs/{self.suite}.junit.xml"
        command = [
            "meson",
            "test",
            "-C",
            "build-asan",
            "--no-rebuild",
            "--print-errorlogs",
        ]
        command += ["--suite", self.suite, "--logbase", self.suite]
        return judged(self.suite, command, report, results.from_junit, seconds)


class Node:
    patient = True

    def __init__(self, folder):
        self.folder = folder

    def run(self, seconds, files=None):
        outcome = results.Outcome()
        end = time.monotonic() + seconds
        for path in files or sorted((ROOT / self.folder).glob("*.test.mjs")):
            name = os.path.relpath(path, ROOT)
            report = RESULTS / f"{name.replace('/', '-')}.tap"
            command = ["tests/run/netns", "node", "--test", "--test-reporter=spec"]
            command += ["--test-reporter-destination=stdout", "--test-reporter=tap"]
            command += [f"--test-reporter-destination={report}", name]
            left = max(end - time.monotonic(), 1)
            one = judged(name, command, report, results.from_tap, left)
            one.failed = [f"{name}: {what}" for what in one.failed]
            outcome.add(one)
        return outcome


class Bench:
    """Each benchmark's short form: a row that misses its bound, in a ratio to its peer, has failed."""

    patient = True

    def __init__(self, *names):
        self.files = [f"tests/bench/{name}.mjs" for name in names]

    def run(self, seconds, files=None):
        outcome = results.Outcome()
        end = time.monotonic() + seconds
        for name in files or self.files:
            report = RESULTS / f"{pathlib.Path(name).stem}.json"
            command = ["tests/run/netns", "node", name, "--smoke"]
            left = max(end - time.monotonic(), 1)
            one = judged(name, command, report, results.from_rows, left)
            one.failed = [f"{name}: {what}" for what in one.failed]
            outcome.add(one)
        return outcome


class Fuzz:
    patient = False

    def run(self, seconds):
        report = RESULTS / "fuzz.tap"
        return judged("fuzz", ["tests/run/fuzz", str(report)], report, results.from_tap, seconds)


SUITES = {  # runner, longest run in seconds
    "lint": (Pytest("tests/lint"), 300),
    "unit": (Meson("unit"), 600),
    "element": (Meson("element"), 600),
    "integration": (Pytest("tests/integration", patient=True, at_once=2), 1800),
    "browser": (Node("tests/browser"), 1500),
    "bench-smoke": (Bench("mjpeg", "still", "joins", "viewers", "throttle", "latency", "hid"), 300),
    "lab": (Pytest("tests/lab", patient=True, at_once=2), 2400),
    "fuzz": (Fuzz(), 1200),
}
MOST_AGAIN = 3  # files of one suite that may need a second try


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


def judged(name, command, report, read, seconds):
    report.unlink(missing_ok=True)
    status = limited(command, seconds)
    try:
        outcome = read(report.read_text())
    except (
        OSError,
        SyntaxError,
        ValueError,
    ) as e:  # of XML a SyntaxError, of JSON a ValueError
        outcome = results.Outcome(failed=[f"{name}: no results: {e}"])
    return outcome.judged(name, status)


def run(name):
    """A suite's outcome. Of a patient one, the files with failures get a second try."""
    suite, seconds = SUITES[name]
    outcome = suite.run(seconds)
    files = outcome.files()
    if not suite.patient or not files or None in files or len(files) > MOST_AGAIN:
        return outcome
    print(f"\n== {name} again: {' '.join(sorted(files))}", flush=True)
    return outcome.settled(suite.run(seconds, sorted(files)))


def closing(table):
    """The closing lines, of (name, outcome, seconds) each."""
    for name, outcome, _ in table:
        for what in outcome.failed:
            yield f"failed   {name}: {what}"
        for what in outcome.skipped:
            yield f"skipped  {name}: {what}"
        for what in outcome.unsteady:
            yield f"unsteady {name}: {what} (failed, then passed)"
    yield f"{'suite':14}{'passed':>8}{'failed':>8}{'skipped':>9}{'unsteady':>10}{'seconds':>9}"
    for name, o, seconds in table:
        counts = f"{o.passed:8}{len(o.failed):8}{len(o.skipped):9}{len(o.unsteady):10}"
        yield f"{name:14}{counts}{seconds:9.0f}"
    unsteady = sum(len(o.unsteady) for _, o, _ in table)
    if unsteady:
        yield f"{unsteady} unsteady: failed first, and counted as passed"
    passed = sum(o.passed for _, o, _ in table)
    failed = sum(len(o.failed) + len(o.skipped) for _, o, _ in table)
    yield f"{passed} passed, {failed} failed"


def main(names):
    unknown = [name for name in names if name not in SUITES]
    if unknown:
        sys.exit(f"no such suite: {' '.join(unknown)} (there are: {' '.join(SUITES)})")
    RESULTS.mkdir(parents=True, exist_ok=True)
    table = []
    for name in names:
        print(f"\n== {name}", flush=True)
        start = time.monotonic()
        outcome = run(name)
        table.append((name, outcome, time.monotonic() - start))
    print("", *closing(table), sep="\n", flush=True)
    return 0 if all(o.clean() for _, o, _ in table) else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
