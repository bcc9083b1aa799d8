# SPDX-License-Identifier: LGPL-2.1-or-later
"""The OpenAPI document: the one that is served is the one in docs/, and both say what is so."""
import json
import re

import pytest
import routes
import wire
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


def test_roles_are_what_the_document_says(daemon, document):
    """Without a session every route but those for anyone answers 401, whatever comes with it."""
    stranger = daemon.client()
    for (method, path), operation in operations(document).items():
        if operation["x-role"] == "anyone":
            assert operation["security"] == []
            continue
        assert operation["responses"]["401"]
        path = re.sub(r"\{\w+\}", "00000000-0000-0000-0000-000000000000", path)
        if "101" in operation["responses"]:
            with pytest.raises(wire.Refused) as refused:
                wire.WebSocket(stranger, path)
            assert refused.value.status == 401, path
        else:
            reply = stranger.request(method.upper(), path)
            assert (reply.status, reply.body) == (401, b'"unauthorized"'), (method, path)
