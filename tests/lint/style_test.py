# SPDX-License-Identifier: LGPL-2.1-or-later
"""What a tool can judge: format, shell pitfalls, syntax."""
import subprocess

from sources import ROOT, written_in


def accepted_by(command, files):
    """Fails with what the tool said; a tool that is not there fails as well."""
    assert files, f"nothing to check with {command[0]}"
    done = subprocess.run([*command, *files], cwd=ROOT, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, (done.stdout + done.stderr)[-4000:]


def test_cpp_is_formatted():
    accepted_by(["clang-format", "--dry-run", "-Werror"], written_in("cpp"))


def test_python_is_formatted():
    accepted_by(["black", "--check", "--quiet", "--diff", "-l", "100"], written_in("python"))


def test_shell_has_no_pitfalls():
    accepted_by(["shellcheck", "--external-sources"], written_in("shell"))


def test_javascript_parses():
    for name in written_in("js"):
        accepted_by(["node", "--check"], [name])
