# SPDX-License-Identifier: LGPL-2.1-or-later
"""The wire's table of routes against ours: each is there, and lets in whom it is to let in."""
import dataclasses
import re

import ledger
import pytest
import routes

ROLES = {"N": "Anyone", "U": "User", "A": "Admin", "L": "Anyone", "K": "Anyone"}
DOCUMENT = 129  # routes that the wire has
LISTED = 151  # error codes that it lists for them
CHECKLIST = 20  # things that break a client when they are missed
OURS = {(method.replace("WS", "GET"), path): role for method, path, role in routes.roles()}


def test_the_table_has_all_that_the_wire_has():
    table = ledger.rows("routes")
    assert len(table) == len({(row.method, row.path) for row in table}) == DOCUMENT
    assert sum(len(row.errors) + len(row.never) for row in table) == LISTED


@pytest.mark.parametrize(
    "row",
    [*ledger.rows("routes"), *ledger.rows("aliases")],
    ids=lambda row: f"{row.method} {row.path}",
)
def test_a_route_of_the_wire_is_served_and_lets_in_whom_it_should(row):
    same = [
        role
        for (method, path), role in OURS.items()
        if method == row.method
        and ledger.ANYTHING.sub(":", path) == ledger.ANYTHING.sub(":", row.path)
    ]
    assert same == [ROLES[row.access]]


def test_what_no_test_saw_is_missing_and_so_is_a_reason_that_does_not_hold(monkeypatch):
    row = ledger.row_of("GET /api/vm/x/:y U =-4 -1 -3 never:-2:known")
    lines, missing = ledger.sums("x", [row])
    assert missing == [f"{row}: no {code}" for code in (-4, -1, -3)]
    assert lines[0].endswith(" 0 of 1") and lines[2].endswith(" 0 of 3")
    seen = {("GET", "/api/vm/x/y", str(code)) for code in range(-4, 0)}
    monkeypatch.setattr(ledger, "answers", seen)
    lines, missing = ledger.sums("x", [row])
    assert missing == [f"{row}: -2 comes after all"]
    assert [line.rpartition(": ")[2] for line in lines] == ["1 of 1", "1", "2 of 3", "1, known 1"]


def test_every_route_that_was_met_is_covered_and_it_is_said_how(monkeypatch):
    here, lacks = (ledger.row_of(f"GET /api/vm/{name}") for name in ("x U 0", "y U =-4"))
    (lab, *_) = [row for row in ledger.rows("routes") if row.lab]
    unseen = ledger.row_of("GET /api/vm/z U 0")
    seen = {("GET", "/api/vm/x", "0"), ("GET", "/api/vm/y", "-4")}
    monkeypatch.setattr(ledger, "answers", seen)
    lines, missing = ledger.sums("x", [here, lacks, dataclasses.replace(lab, errors=())])
    assert lines[0] == "NanoKVM: x routes covered: 3 of 3" and not missing
    ways = "succeeded here: 1, in the lab: 1, as a device that lacks the thing: 1"
    assert lines[1] == f"NanoKVM: x routes that {ways}"
    assert ledger.sums("x", [here, unseen])[0][0] == "NanoKVM: x routes covered: 1 of 2"


def test_a_code_that_cannot_come_has_one_of_the_reasons_that_the_table_explains():
    page = (ledger.HERE / "nanokvm/routes.txt").read_text()
    head = page.partition("\n\n")[0]
    for row in (*ledger.rows("routes"), *ledger.rows("aliases")):
        for code, reason in row.never:
            assert f"`{reason}`:" in head and code not in (row.first, *row.errors), row


def test_a_row_of_the_lab_names_a_test_that_asks_for_its_route_by_its_method():
    (row, *_) = in_lab = [row for row in ledger.rows("routes") if row.lab]
    assert all(row.covered() for row in in_lab)
    for other in ({"method": "PUT"}, {"path": "/api/vm/none"}, {"lab": "usb_test::test_none"}):
        assert not dataclasses.replace(row, **other).covered(), other


def test_the_checklist_has_all_items_and_names_tests_that_there_are():
    items = ledger.checklist()
    assert sorted(items) == list(range(1, CHECKLIST + 1))
    for test in (test for tests in items.values() for test in tests):
        file, name = test.split("::")
        page = (ledger.HERE / f"{file}.py").read_text()
        assert re.search(rf"^ *def {name}\(", page, re.M), test
