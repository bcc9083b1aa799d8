# SPDX-License-Identifier: LGPL-2.1-or-later
# shellcheck shell=bash
# Sourced by setup and run: where the lab machine's kernel is kept.
cache=${XDG_CACHE_HOME:-${HOME:-/nonexistent}/.cache}/pantograph-lab
if ! mkdir -p "$cache" 2>/dev/null || ! [ -w "$cache" ]; then # a home one cannot write to
    cache=$(readlink -f "$(dirname "${BASH_SOURCE[0]}")/../../../build")/lab
fi
