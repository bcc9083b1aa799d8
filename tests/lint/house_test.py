# SPDX-License-Identifier: LGPL-2.1-or-later
"""The house rules that a pattern can judge. Each test lists every offender at once."""
import re

import pytest
from sources import HAS_HISTORY, all_files, git, text, written_in

LANGUAGES = ("cpp", "python", "shell", "js", "web")
LOG_CALL = re.compile(
    r"\b(?:GST_(?:ERROR|WARNING|FIXME|INFO|DEBUG|LOG|TRACE)\w*|g_(?:log\w*|print\w*|"
    r"message|warning|info|debug|critical)|log(?:_\w+|::\w+)|(?:std::)?(?:printf|fprintf|puts))\s*\("
)
SECRET = re.compile(
    r"\b(password|passphrase|token|jwt|secret|sdp|typed|pasted|report|keycodes?|"
    r"scancodes?|usages?)_?\b(?!_)"
)
BANNED = {  # pattern -> (which files, why)
    r"\bgoto\b": (r".*\.(cpp|h)$", "errors leave through Result and destructors"),
    r"\busing namespace std;": (r".*\.(cpp|h)$", "std:: is five letters"),
    r"\bg_main_context_invoke": (r".*\.(cpp|h)$", "it may run inline; post() always defers"),
    r"\bGST_MEMDUMP": (r".*\.(cpp|h)$", "it logs what was typed"),
    r"\bstd::(cout|cerr)\b": (r"(lib|plugins|daemon)/.*", "the log is the only way out"),
    r"\bco_(await|return|yield)\b": (r".*\.(cpp|h)$", "GCC 12 miscompiles coroutines"),
    r"(?<![.>\w])(?<!void )(sleep|usleep|nanosleep|sleep_for|sleep_until|g_usleep)\s*\(": (
        r"(tests/(unit|element)|lib|plugins|daemon)/.*",
        "time comes from a Clock",
    ),
    r"\b(GTEST_SK(IP)|DISABLED(_)\w+)\b": (
        r"tests/(unit|element)/.*",
        "a test runs or is not there",
    ),
    r"\bpytest\.(mark\.)?(importor)?(skip|xfail)": (
        r"tests/.*\.py",
        "a missing tool is a failure",
    ),
    r"\b(test|it|describe)\.(skip|todo|only)\b": (r"tests/.*\.m?js", "a test runs or is not there"),
}
LIBRARIES = {  # header -> the only rooms that may know it
    r"libsoup/": ("daemon/http/", "daemon/app/"),
    r"yaml-cpp/": ("daemon/config/",),
    r"openssl/|crypt\.h": ("daemon/auth/", "daemon/app/", "daemon/tls/"),
    r"json-glib/": ("lib/json/",),
    r"gpiod\.h": ("daemon/power/",),
}


def lines_of(*languages):
    for language in languages:
        for name in written_in(language):
            if name != "tests/lint/house_test.py":
                for n, line in enumerate(text(name).splitlines(), 1):
                    yield name, n, line


def test_every_source_names_its_licence_first():
    bad = []
    for language in LANGUAGES:
        for name in written_in(language):
            lines = text(name).splitlines()[:2]
            first = lines[1:] if lines and lines[0].startswith(("#!", "<?xml", "<!")) else lines[:1]
            if "SPDX-License-Identifier: LGPL-2.1-or-later" not in "".join(first):
                bad.append(name)
    assert not bad, "\n".join(bad)


def test_every_page_and_build_file_names_its_licence_first():
    bad = [
        name
        for name in all_files()
        if name.endswith((".md", "meson.build", "meson_options.txt"))
        or re.fullmatch(r"pipelines/.*\.yaml", name)
        if "SPDX-License-Identifier: LGPL-2.1-or-later" not in text(name).split("\n")[0]
    ]
    assert not bad, "\n".join(bad)


@pytest.mark.parametrize(
    "language, limit", [("cpp", 800), ("python", 400), ("shell", 400), ("js", 400)]
)
def test_no_file_is_too_long(language, limit):
    limits = {n: 400 if n.endswith(".h") else limit for n in written_in(language)}
    sizes = {n: len(text(n).splitlines()) for n in limits}
    bad = [f"{n}: {size} lines" for n, size in sizes.items() if size > limits[n]]
    assert not bad, "\n".join(bad)


def test_nothing_secret_is_logged():
    bad = []
    for name in written_in("cpp"):
        if not name.startswith(("lib/", "plugins/", "daemon/")):
            continue
        source = text(name)
        for call in LOG_CALL.finditer(source):
            statement = source[call.end() : source.find(";", call.end())]
            if SECRET.search(re.sub(r'"(\\.|[^"\\])*"', '""', statement)):
                bad.append(f"{name}:{source.count(chr(10), 0, call.start()) + 1}: {call[0]}")
    assert not bad, "\n".join(bad)


def test_nothing_banned_is_used():
    bad = []
    for name, n, line in lines_of("cpp", "python", "js"):
        code = line.split("//")[0] if name.endswith((".cpp", ".h")) else line
        for pattern, (where, why) in BANNED.items():
            if re.fullmatch(where, name) and re.search(pattern, code):
                bad.append(f"{name}:{n}: {why}")
    assert not bad, "\n".join(bad)


def test_libraries_stay_in_their_rooms():
    bad = []
    for name, n, line in lines_of("cpp"):
        for header, rooms in LIBRARIES.items():
            if re.match(rf"#include <(?:{header})", line) and not name.startswith(
                (*rooms, "tests/")
            ):
                bad.append(f"{name}:{n}: {line}")
    assert not bad, "\n".join(bad)


def test_every_todo_has_a_number():
    bad = [
        f"{f}:{n}"
        for f, n, line in lines_of(*LANGUAGES)
        if re.search(r"\b(TO(DO)|FIX(ME)|X(XX))\b(?=[:\s(])(?!\(#\d+\))", line)
    ]
    assert not bad, "\n".join(bad)


def test_text_ends_with_one_newline_and_lines_with_none_to_spare():
    bad = []
    for name in all_files():
        if name.endswith(
            (".h", ".cpp", ".py", ".sh", ".js", ".mjs", ".css", ".html", ".md", ".yaml", ".build")
        ):
            body = text(name)
            if not body.endswith("\n") or body.endswith("\n\n"):
                bad.append(f"{name}: end of file")
            bad += [
                f"{name}:{n}" for n, line in enumerate(body.split("\n"), 1) if line != line.rstrip()
            ]
    assert not bad, "\n".join(bad)


def test_commit_titles_say_where_and_what():
    titles = git("log", "--no-merges", "--format=%s") if HAS_HISTORY else []
    bad = [
        t for t in titles if not re.match(r"^[a-z][a-z0-9/-]*: [A-Z].{5,}[^.]$", t) or len(t) > 76
    ]
    assert not bad, "\n".join(bad)
