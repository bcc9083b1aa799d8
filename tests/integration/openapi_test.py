# SPDX-License-Identifier: LGPL-2.1-or-later
"""The OpenAPI document: the one that is served is the one in docs/, and both say what is so."""
import json
import re

import pytest
import routes
from daemon import BUILD, ROOT

METHODS = {"get", "post", "put", "patch", "delete"}


@pytest.fixture(scope="module")
def document(admin):
    reply = admin.get("/api/openapi.json")
    assert reply.status == 200
    return reply.json()


def operations(document):
    return {
        (method, path): operation
        for path, item in document["paths"].items()
        for method, operation in item.items()
        if method in METHODS
    }


def test_the_committed_document_is_the_served_one(document):
    served = json.dumps(document, indent=1, ensure_ascii=False) + "\n"
    made = BUILD / "results/openapi.json"
    made.parent.mkdir(exist_ok=True)
    made.write_text(served)
    committed = ROOT / "docs/openapi.json"
    assert committed.read_text() == served, f"cp {made} {committed}"


def test_every_route_of_the_tables_is_in_it(document):
    wanted = {
        (method.lower().replace("ws", "get"), re.sub(r":(\w+)", r"{\1}", path))
        for method, path in routes.entries()
    }
    assert set(operations(document)) == wanted


def test_every_operation_has_an_id_of_its_own_and_a_sentence(document):
    all_of_them = operations(document).values()
    ids = [o["operationId"] for o in all_of_them]
    assert len(set(ids)) == len(ids)
    assert all(len(o["summary"]) > 4 and o["tags"] for o in all_of_them)


def test_every_reference_leads_somewhere(document):
    for reference in re.findall(r'"#/([^"]+)"', json.dumps(document)):
        node = document
        for part in reference.split("/"):
            node = node[part]


def test_what_is_not_for_anyone_says_that_it_wants_a_session(document):
    """roles_test asks each route whether it does."""
    for (method, path), operation in operations(document).items():
        if operation["x-role"] == "anyone":
            assert operation["security"] == []
        else:
            assert operation["responses"]["401"], (method, path)
