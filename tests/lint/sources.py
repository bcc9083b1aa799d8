# SPDX-License-Identifier: LGPL-2.1-or-later
"""The project's own files, as git knows them; without git, all that was not built or installed."""
import pathlib
import re
import subprocess

ROOT = pathlib.Path(__file__).resolve().parents[2]
HAS_HISTORY = (ROOT / ".git").exists()
NOT_OURS = re.compile(r"(^|/)(build[^/]*|node_modules|vendor|__pycache__|\.git)/")


def git(*args):
    done = subprocess.run(["git", "-C", ROOT, *args], capture_output=True, text=True, check=True)
    return done.stdout.splitlines()


def all_files():
    if HAS_HISTORY:
        names = git("ls-files", "--cached", "--others", "--exclude-standard")
    else:
        names = [str(p.relative_to(ROOT)) for p in ROOT.rglob("*") if p.is_file()]
    return sorted(n for n in names if (ROOT / n).is_file() and not NOT_OURS.search(n))


def text(name):
    return (ROOT / name).read_text(encoding="utf-8", errors="replace")


def shebang(name):
    with open(ROOT / name, "rb") as file:
        first = file.readline(80)
    return first.decode(errors="replace").strip() if first.startswith(b"#!") else ""


def written_in(language):
    """Paths of the files in `language`: cpp, python, shell, js or web."""
    suffixes = {
        "cpp": (".h", ".cpp"),
        "python": (".py",),
        "shell": (".sh",),
        "js": (".js", ".mjs"),
        "web": (".html", ".css", ".svg"),
    }[language]
    interpreter = {"python": "python", "shell": "sh", "js": "node"}.get(language)
    return [
        n
        for n in all_files()
        if n.endswith(suffixes)
        or (interpreter and "." not in n.rsplit("/", 1)[-1] and shebang(n).endswith(interpreter))
        or (interpreter == "python" and "." not in n and "python" in shebang(n))
    ]
