# SPDX-License-Identifier: LGPL-2.1-or-later
"""The daemon's routes, as the tables in its sources have them."""
import re

from daemon import ROOT

ENTRY = re.compile(r'\{\s*"(GET|POST|PUT|PATCH|DELETE|WS)",\s*"(/[^"]*)"')


def entries():
    """[(method, path)]"""
    sources = sorted((ROOT / "daemon/api").rglob("*.cpp"))
    found = [entry for source in sources for entry in ENTRY.findall(source.read_text())]
    assert len(found) >= 20, "the tables are written in another way"
    return found


def table():
    """[(method, path)], with something in place of each parameter."""
    some = "00000000-0000-0000-0000-000000000000"
    return [(method, re.sub(r":\w+", some, path)) for method, path in entries()]


def roles():
    """[(method, path, role)]"""
    source = "".join(p.read_text() for p in sorted((ROOT / "daemon/api").rglob("*.cpp")))
    entry = re.compile(
        r'\{\s*"(GET|POST|PUT|PATCH|DELETE|WS)",\s*"(/[^"]*)",\s*(?:http::)?Role::(\w+)'
    )
    return entry.findall(source)
