# SPDX-License-Identifier: LGPL-2.1-or-later
"""The judge is judged: what ./dev test reads from its runners, and what it makes of it."""
import pathlib
import subprocess
import sys

RUN = pathlib.Path(__file__).parents[1] / "run"
sys.path.insert(0, str(RUN))
import results  # noqa: E402
import suites  # noqa: E402

JUNIT = """<testsuites><testsuite name="s">
<testcase classname="a" name="good" status="run"/>
<testcase classname="a" name="bad"><failure message="no"/></testcase>
<testcase classname="a" name="broken"><error message="no"/></testcase>
<testcase classname="a" name="left_out"><skipped/></testcase>
<testcase classname="a" name="switched_off" status="notrun"/>
</testsuite></testsuites>"""

TAP = """TAP version 13
# Subtest: the console
    # Subtest: signs in
    ok 1 - signs in
      ---
      duration_ms: 5
      ...
    # Subtest: shows the picture
    not ok 2 - shows the picture
    1..2
not ok 1 - the console
# Subtest: the pointer follows
ok 2 - the pointer follows
ok 3 - not now # SKIP
# Subtest: /t/empty.test.mjs
ok 4 - /t/empty.test.mjs
1..4
"""


ROWS = """[
{"name": "CPU", "ratio": 0.2, "bound": 0.5, "met": true},
{"name": "age", "value": 5, "unit": "ms", "ratio": 1.234, "bound": 0.5, "met": false},
{"name": "wait", "value": 801, "unit": "ms", "ratio": null, "bound": 800, "met": false}
]"""


def test_a_row_of_a_benchmark_that_misses_its_bound_has_failed():
    outcome = results.from_rows(ROWS)
    said = ["age: 1.23 of the peer's, not 0.5", "wait: 801.00 ms, not 800"]
    assert (outcome.passed, outcome.failed) == (1, said)
    outcome.failed = [f"tests/bench/x.mjs: {what}" for what in outcome.failed]
    assert outcome.files() == {"tests/bench/x.mjs"}, "and it gets a second try"


def test_junit_tells_passed_failed_and_skipped_apart():
    outcome = results.from_junit(JUNIT)
    assert outcome.passed == 1
    assert outcome.failed == ["a.bad", "a.broken"]
    assert outcome.skipped == ["a.left_out", "a.switched_off"]


def test_tap_counts_leaves_once():
    outcome = results.from_tap(TAP)
    assert outcome.passed == 2
    assert outcome.failed == ["shows the picture", "/t/empty.test.mjs: holds no test"]
    assert outcome.skipped == ["not now"]


def test_a_parent_that_fails_alone_is_a_failure():
    assert results.from_tap("    ok 1 - child\nnot ok 1 - parent\n").failed == ["parent"]


def test_a_crash_after_the_last_test_is_a_failure():
    assert results.Outcome(passed=3).judged("unit", 139).failed


def test_a_suite_without_tests_is_a_failure():
    assert not results.Outcome().judged("unit", 0).clean()


def test_a_skipped_test_is_not_clean():
    assert not results.Outcome(passed=1, skipped=["x"]).judged("unit", 0).clean()


FLAKY = "tests/lab/usb_test.py::test_typing"
BROWSER = "tests/browser/owner.test.mjs: A window types"


def test_a_pytest_failure_names_its_file():
    case = '<testsuite><testcase classname="tests.lab.usb_test" name="test_typing"><error/></testcase></testsuite>'
    assert results.from_junit(case).failed == [FLAKY]
    assert results.files_of([FLAKY, BROWSER]) == {
        "tests/lab/usb_test.py",
        "tests/browser/owner.test.mjs",
    }


def test_a_runner_that_crashed_gets_no_second_try():
    assert None in results.Outcome(passed=3).judged("lab", 139).files()


def test_what_passes_at_its_second_try_is_named_unsteady():
    outcome = results.Outcome(passed=10, failed=[FLAKY]).settled(results.Outcome(passed=4))
    assert outcome.clean() and outcome.passed == 11
    assert outcome.unsteady == [FLAKY]


def test_what_fails_twice_has_failed():
    outcome = results.Outcome(passed=10, failed=[FLAKY, BROWSER])
    outcome.settled(results.Outcome(passed=4, failed=[FLAKY]))
    assert outcome.failed == [FLAKY] and outcome.unsteady == [BROWSER] and not outcome.clean()


def test_a_second_try_that_runs_or_skips_nothing_settles_nothing():
    for second in (results.Outcome(), results.Outcome(passed=1, skipped=["x"])):
        assert not results.Outcome(passed=10, failed=[FLAKY]).settled(second).clean()


def test_the_closing_lines_count_what_was_unsteady():
    steady = results.Outcome(passed=3)
    settled = results.Outcome(passed=10, failed=[FLAKY]).settled(results.Outcome(passed=4))
    lines = list(suites.closing([("unit", steady, 1), ("lab", settled, 2)]))
    assert lines[-2:] == [
        "1 unsteady: failed first, and counted as passed",
        "14 passed, 0 failed",
    ]
    assert "unsteady" not in list(suites.closing([("unit", steady, 1)]))[-2]


def test_an_unknown_suite_is_refused():
    done = subprocess.run([RUN / "suites.py", "nonsense"], capture_output=True, text=True)
    assert done.returncode != 0
    assert "no such suite: nonsense" in done.stderr
