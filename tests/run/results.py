# SPDX-License-Identifier: LGPL-2.1-or-later
"""Reads what the test runners wrote: JUnit XML (pytest, meson, GTest), TAP (node), and the rows of
benchmarks."""
import dataclasses
import json
import re
import xml.etree.ElementTree


def files_of(names):
    """The files that these tests are in; None among them for what is in no file."""
    return {m and m[0] for m in (re.match(r"tests/[\w/-]+\.(py|(test\.)?mjs)\b", n) for n in names)}


@dataclasses.dataclass
class Outcome:
    passed: int = 0
    failed: list = dataclasses.field(default_factory=list)
    skipped: list = dataclasses.field(default_factory=list)
    unsteady: list = dataclasses.field(default_factory=list)  # failed, then passed

    def add(self, other):
        self.passed += other.passed
        self.failed += other.failed
        self.skipped += other.skipped

    def files(self):
        return files_of(self.failed)

    def settled(self, second):
        """This outcome after a second run of its files: what passed then was unsteady."""
        if second.skipped or not second.passed:
            return self
        self.unsteady = [name for name in self.failed if name not in second.failed]
        self.failed = second.failed
        self.passed += len(self.unsteady)
        return self

    def clean(self):
        return self.passed > 0 and not self.failed and not self.skipped

    def judged(self, suite, status):
        """This outcome, with a failure added for a runner that ended badly or ran nothing."""
        if status != 0 and not self.failed:
            self.failed.append(f"{suite}: the runner ended with {status}")
        elif not self.passed and not self.failed:
            self.failed.append(f"{suite}: no test ran")
        return self


def from_junit(text):
    outcome = Outcome()
    for case in xml.etree.ElementTree.fromstring(text).iter("testcase"):
        name = f"{case.get('classname', '')}.{case.get('name')}".lstrip(".")
        name = re.sub(r"^(tests\.\w+\.\w+)\.", lambda m: m[1].replace(".", "/") + ".py::", name)
        if case.find("failure") is not None or case.find("error") is not None:
            outcome.failed.append(name)
        elif case.find("skipped") is not None or case.get("status") == "notrun":
            outcome.skipped.append(name)
        else:
            outcome.passed += 1
    return outcome


def from_tap(text):
    """The innermost results: a parent's line follows its children's and is indented less."""
    outcome = Outcome()
    inside = []  # (indent, failed) of the lines no parent has claimed yet
    for line in text.splitlines():
        m = re.match(r"( *)(not )?ok \d+(?: - )?(.*?)(?: # (\w+).*)?$", line)
        if not m:
            continue
        indent, failed, name = len(m[1]), bool(m[2]), m[3]
        children = []
        while inside and inside[-1][0] > indent:
            children.append(inside.pop()[1])
        inside.append((indent, failed or any(children)))
        if m[4]:
            outcome.skipped.append(name)
        elif failed and not any(children):
            outcome.failed.append(name)
        elif not failed and not children and name.endswith(".mjs"):
            outcome.failed.append(f"{name}: holds no test")
        elif not failed and not children:
            outcome.passed += 1
    return outcome


def from_rows(text):
    """What a benchmark measured, row by row, and whether each is within its bound."""
    outcome = Outcome()
    for row in json.loads(text):
        if row["met"]:
            outcome.passed += 1
        else:
            of_the_value = f"{row['value']:.2f} {row['unit']}"
            found = of_the_value if row["ratio"] is None else f"{row['ratio']:.2f} of the peer's"
            outcome.failed.append(f"{row['name']}: {found}, not {row['bound']}")
    return outcome
