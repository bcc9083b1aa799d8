# SPDX-License-Identifier: LGPL-2.1-or-later
"""The wire's table of routes against ours: each is there, and lets in whom it is to let in."""
import re

import ledger
import pytest
import routes

ROLES = {"N": "Anyone", "U": "User", "A": "Admin", "L": "Anyone", "K": "Anyone"}
DOCUMENT = 129  # routes that the wire has
CHECKLIST = 20  # things that break a client when they are missed
OURS = {(method.replace("WS", "GET"), path): role for method, path, role in routes.roles()}


def test_the_table_has_all_that_the_wire_has():
    table = ledger.rows("routes")
    assert len(table) == len({(row.method, row.path) for row in table}) == DOCUMENT


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
    assert same == ([ROLES[row.access]] if row.served else [])


def test_the_checklist_has_all_items_and_names_tests_that_there_are():
    items = ledger.checklist()
    assert sorted(items) == list(range(1, CHECKLIST + 1))
    for test in (test for tests in items.values() for test in tests):
        file, name = test.split("::")
        page = (ledger.HERE / f"{file}.py").read_text()
        assert re.search(rf"^ *def {name}\(", page, re.M), test
