# SPDX-License-Identifier: LGPL-2.1-or-later
"""The lab's machine runs the kernel that Debian ships today, not the one of its first run."""
import os
import subprocess

import pytest
from sources import ROOT

KEPT = "linux-image-6.1.0-56-amd64 6.1.190-1"
BANNER = b"\0Linux version 6.1.0-56-amd64 (gcc 12) #1 SMP Debian 6.1.190-1 (2026-10-02)\0"
APT = """#!/bin/sh
case "$1 $2" in
"depends linux-image-amd64") printf 'linux-image-amd64\\n  Depends: {package}\\n' ;;
"policy {package}") printf '{package}:\\n  Installed: (none)\\n  Candidate: {version}\\n' ;;
*) exit 1 ;;
esac
"""


@pytest.fixture
def needs(tmp_path):
    """Whether a kernel is fetched where apt ships that one, and what is said."""
    cache, programs = tmp_path / "cache", tmp_path / "bin"
    cache.mkdir()
    programs.mkdir()
    (cache / "vmlinux").write_bytes(b"\x7fELF" + BANNER)

    def asked(shipped):
        apt = programs / "apt-cache"
        package, version = shipped.split() if shipped else ("", "")
        apt.write_text(APT.format(package=package, version=version) if shipped else "#!/bin/false")
        apt.chmod(0o755)
        script = f'set -euo pipefail; . {ROOT}/tests/lab/machine/kernel.sh; needs_kernel "$1"'
        done = subprocess.run(
            ["bash", "-c", script, "bash", cache],
            env={**os.environ, "PATH": f"{programs}:{os.environ['PATH']}"},
            capture_output=True,
            text=True,
            timeout=30,
        )
        return done.returncode == 0, done.stderr

    asked.cache = cache
    return asked


def test_the_kept_kernel_is_used_as_long_as_debian_ships_no_other(needs):
    assert needs(KEPT) == (False, "")


@pytest.mark.parametrize(
    "shipped", ["linux-image-6.1.0-57-amd64 6.1.192-3", "linux-image-6.1.0-56-amd64 6.1.191-1"]
)
def test_another_kernel_or_another_build_of_it_is_fetched(needs, shipped):
    assert needs(shipped) == (True, f"lab: fetching {shipped} in place of {KEPT}\n")


def test_where_apt_knows_nothing_the_kept_kernel_is_used_and_that_is_said(needs):
    assert needs("") == (False, f"lab: apt knows no kernel: the kept one is used, {KEPT}\n")


def test_a_first_run_fetches_it_whatever_apt_knows(needs):
    (needs.cache / "vmlinux").unlink()
    assert needs(KEPT)[0] and needs("")[0]
