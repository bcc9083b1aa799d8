# SPDX-License-Identifier: LGPL-2.1-or-later
"""Which of the NanoKVM's routes were answered, and with which of the codes that the wire lists."""
import dataclasses
import json
import pathlib
import re

HERE = pathlib.Path(__file__).resolve().parent
LAB = HERE.parent / "lab"
answers = set()  # (method, path, code), of all that the tests asked for
passed, failed = set(), set()  # "nanokvm/answers_test::test_x", whatever its parameters
ANYTHING = re.compile(r":\w+")


@dataclasses.dataclass(frozen=True)
class Row:
    method: str
    path: str
    access: str
    first: str  # the code of success, or of a device that lacks the thing
    errors: tuple

    @property
    def in_lab(self):
        """Rows that begin with `lab` succeed with a real gadget only, in tests/lab."""
        return self.first == "lab"

    @property
    def served(self):
        """Rows that begin with a minus are not served yet, and count as not covered."""
        return self.first != "-"

    def matches(self, method, path):
        pattern = ANYTHING.sub("[^/]+", self.path)
        return method == self.method and re.fullmatch(pattern, path.rstrip("/")) is not None

    def met(self, code):
        return any(code == c and self.matches(m, p) for m, p, c in answers)


def rows(name):
    """The rows of nanokvm/<name>.txt."""
    found = []
    for line in (HERE / f"nanokvm/{name}.txt").read_text().splitlines():
        if line and not line.startswith("#"):
            method, path, access, first, *errors = line.split()
            found.append(Row(method, path, access, first.lstrip("="), tuple(errors)))
    return found


def note(method, target, status, body):
    """One answer: its HTTP status, and the code in its envelope."""
    path = target.split("?")[0]
    answers.add((method, path, str(status)))
    if body[:1] == b"{":
        try:
            answers.add((method, path, str(json.loads(body).get("code"))))
        except ValueError:
            pass


def checklist():
    """{number: tests} of nanokvm/checklist.txt."""
    found = {}
    for line in (HERE / "nanokvm/checklist.txt").read_text().splitlines():
        if line and not line.startswith("#"):
            number, test = line.split()
            found.setdefault(int(number), []).append(test)
    return found


def note_test(path, name, outcome):
    test = f"{pathlib.Path(path).relative_to(HERE).with_suffix('')}::{name.split('[')[0]}"
    (passed if outcome == "passed" else failed).add(test)


def covered(row):
    """Whether a test saw its first code, or one in the lab asks for it."""
    if row.in_lab:
        return any(row.path in page.read_text() for page in LAB.glob("*_test.py"))
    return row.met(row.first)


def summary():
    """The lines that sum up, and those that name routes which no test saw answered."""
    lines, missing = [], []
    for name, what in (("routes", "the document’s"), ("aliases", "other spellings’")):
        table = rows(name)
        answered = [row for row in table if row.served and covered(row)]
        errors = [(row, code) for row in table for code in row.errors]
        met = [(row, code) for row, code in errors if row.met(code)]
        lines.append(f"NanoKVM: {what} routes covered: {len(answered)} of {len(table)}")
        lines.append(f"NanoKVM: {what} listed errors met: {len(met)} of {len(errors)}")
        wrong = [row for row in table if row.served and row not in answered]
        missing += [f"{row.method} {row.path}: no {row.first}" for row in wrong]
        lines += [f"  {row.method} {row.path}: not served yet" for row in table if not row.served]
        lines += [f"  {r.method} {r.path}: no {c}" for r, c in errors if (r, c) not in met]
    items = checklist()
    unproven = {
        number: [test for test in tests if test not in passed - failed]
        for number, tests in items.items()
    }
    proven = [number for number, tests in unproven.items() if not tests]
    lines.append(f"NanoKVM: checklist items proven: {len(proven)} of {len(items)}")
    missing += [f"checklist {n}: {test}" for n, tests in unproven.items() for test in tests]
    return lines, missing
