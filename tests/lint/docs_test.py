# SPDX-License-Identifier: LGPL-2.1-or-later
"""What the documents name exists: files they link to or show, and commands of ./dev."""
import re
import subprocess

from sources import ROOT, all_files, text

DOCUMENTS = [name for name in all_files() if name.endswith(".md")]


def test_every_link_leads_somewhere():
    bad = []
    for name in DOCUMENTS:
        for target in re.findall(r"\]\(([^)#\s]+)[^)]*\)", text(name)):
            if "://" not in target and not (ROOT / name).parent.joinpath(target).exists():
                bad.append(f"{name}: {target}")
    assert not bad, "\n".join(bad)


def test_the_architecture_names_every_room():
    words = set(re.findall(r"\w+", text("docs/architecture.md")))
    rooms = {name.split("/")[1] for name in all_files() if re.match(r"daemon/\w+/", name)}
    assert rooms and rooms <= words, rooms - words


def test_every_dev_command_is_one():
    help_text = subprocess.run([ROOT / "dev", "help"], capture_output=True, text=True).stdout
    known = set(re.findall(r"^\./dev (\w+)", help_text, re.M))
    assert {"run", "test"} <= known
    bad = [
        f"{name}: ./dev {command}"
        for name in DOCUMENTS
        for command in re.findall(r"\./dev (\w+)", text(name))
        if command not in known
    ]
    assert not bad, "\n".join(bad)
