# SPDX-License-Identifier: LGPL-2.1-or-later
"""udev passes over a line that it cannot read, and says so in a log only: so they are read here."""
import re

from sources import all_files, text

PART = re.compile(r'(KERNEL|SUBSYSTEM|ATTRS?\{\w+\}|MODE|GROUP)(==|=)"([^"]+)"')
MATCHES, ASSIGNS = ("KERNEL", "SUBSYSTEM", "ATTR"), ("MODE", "GROUP")


def rules(name):
    """(line, its parts as (key, operator, value)) of each; None for one that cannot be read."""
    for line in text(name).splitlines():
        if line and not line.startswith("#"):
            parts = [PART.fullmatch(part) for part in line.split(", ")]
            yield line, [p.groups() for p in parts] if all(parts) else None


def test_every_rule_can_be_read_and_gives_a_device_to_a_group():
    names = [name for name in all_files() if name.endswith(".rules")]
    assert names
    for name in names:
        for line, parts in rules(name):
            assert parts, f"{name}: {line}"
            for key, operator, _ in parts:
                assert operator == ("=" if key in ASSIGNS else "=="), f"{name}: {line}"
            given = {key: value for key, operator, value in parts if operator == "="}
            assert given == {"MODE": "0660", "GROUP": "video"}, f"{name}: {line}"
            assert parts[0][0].startswith(MATCHES), f"{name}: {line}"
