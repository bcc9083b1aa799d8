# SPDX-License-Identifier: LGPL-2.1-or-later
"""Which of the NanoKVM's routes were answered, and with which of the codes that the wire lists."""
import ast
import collections
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
    never: tuple = ()  # (code, reason)
    lacking: bool = False  # whether first is the answer of a device that lacks the thing
    lab: str = ""  # "usb_test::test_x" of tests/lab: only there can it succeed

    def __str__(self):
        return f"{self.method} {self.path}"

    def matches(self, method, path):
        pattern = ANYTHING.sub("[^/]+", self.path)
        return method == self.method and re.fullmatch(pattern, path.rstrip("/")) is not None

    def met(self, code):
        return any(code == c and self.matches(m, p) for m, p, c in answers)

    def covered(self):
        """Whether a test saw its first code, or the named one of the lab asks for it."""
        return asks_in_lab(self) if self.lab else self.met(self.first)


def row_of(line):
    method, path, access, first, *codes = line.split()
    never = tuple(tuple(c.split(":")[1:]) for c in codes if c.startswith("never:"))
    errors = tuple(c for c in codes if not c.startswith("never:"))
    lab = first.removeprefix("lab:") if first.startswith("lab:") else ""
    return Row(method, path, access, first.lstrip("="), errors, never, first.startswith("="), lab)


def rows(name):
    """The rows of nanokvm/<name>.txt."""
    lines = (HERE / f"nanokvm/{name}.txt").read_text().splitlines()
    return [row_of(line) for line in lines if line and not line.startswith("#")]


def asks_in_lab(row):
    """Whether that test has a call of the method and path: ask(path) gets, ask(path, body) posts."""
    file, name = row.lab.split("::")
    page = ast.parse((LAB / f"{file}.py").read_text())
    test = [n for n in page.body if isinstance(n, ast.FunctionDef) and n.name == name]
    for call in (n for t in test for n in ast.walk(t) if isinstance(n, ast.Call)):
        if getattr(call.func, "attr", "") in ("ask", "call") and call.args:
            method = "POST" if len(call.args) > 1 else "GET"
            path = call.args[0]
            if isinstance(path, ast.Constant) and row.matches(method, path.value):
                return True
    return False


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


def sums(what, table):
    """What a table's lines sum up to, and what of it no test saw."""
    done = [row for row in table if row.covered()]
    lacking = sum(row.lacking for row in done)
    lab = sum(bool(row.lab) for row in done)
    errors = [(row, code) for row in table for code in row.errors]
    unmet = [(row, code) for row, code in errors if not row.met(code)]
    never = [(row, *code) for row in table for code in row.never]
    reasons = collections.Counter(reason for _, _, reason in never)
    why = "".join(f", {reason} {count}" for reason, count in sorted(reasons.items()))
    lines = [
        f"NanoKVM: {what} routes covered: {len(done)} of {len(table)}",
        f"NanoKVM: {what} routes that succeeded here: {len(done) - lacking - lab}, "
        f"in the lab: {lab}, as a device that lacks the thing: {lacking}",
        f"NanoKVM: {what} listed errors met: {len(errors) - len(unmet)} of {len(errors) + len(never)}",
        f"NanoKVM: {what} listed errors that cannot come: {len(never)}{why}",
    ]
    missing = [f"{row}: no {row.first}" for row in table if row not in done]
    missing += [f"{row}: no {code}" for row, code in unmet]
    missing += [f"{row}: {code} comes after all" for row, code, _ in never if row.met(code)]
    return lines, missing


def summary():
    """The lines that sum up, and those that name what no test saw."""
    lines, missing = [], []
    for name, what in (("routes", "the document’s"), ("aliases", "other spellings’")):
        summed, unseen = sums(what, rows(name))
        lines += summed
        missing += unseen
    items = checklist()
    unproven = {
        number: [test for test in tests if test not in passed - failed]
        for number, tests in items.items()
    }
    proven = [number for number, tests in unproven.items() if not tests]
    lines.append(f"NanoKVM: checklist items proven: {len(proven)} of {len(items)}")
    missing += [f"checklist {n}: {test}" for n, tests in unproven.items() for test in tests]
    return lines, missing
