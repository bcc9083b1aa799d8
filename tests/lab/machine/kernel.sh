# SPDX-License-Identifier: LGPL-2.1-or-later
# shellcheck shell=bash
# Sourced by setup: which kernel Debian ships today, and which one is kept.

# Package and version, or nothing where apt knows of none.
kernel_of_today() {
    local package version
    package=$(apt-cache depends linux-image-amd64 2>/dev/null |
        awk '/Depends: linux-image-/ {print $2; exit}')
    [ -n "$package" ] || return 0
    version=$(apt-cache policy "$package" 2>/dev/null | awk '$1 == "Candidate:" {print $2; exit}')
    [ -z "$version" ] || [ "$version" = "(none)" ] || echo "$package $version"
}

# The same of the kernel in folder $1, by its own words: "Linux version 6.1.0-56-amd64 ... SMP
# PREEMPT_DYNAMIC Debian 6.1.190-1 (2026-10-02)".
kept_kernel() {
    [ ! -e "$1/vmlinux" ] || grep -aom1 'Linux version [^ ]* .* Debian [^ ]* ([-0-9]*)' "$1/vmlinux" |
        awk '{print "linux-image-" $3, $(NF - 1)}'
}

# Whether the kernel in folder $1 is to be fetched; says why, or that the kept one is used unproven.
needs_kernel() {
    local today kept
    today=$(kernel_of_today)
    kept=$(kept_kernel "$1")
    if [ ! -e "$1/vmlinux" ]; then
        echo "lab: fetching Debian's kernel${today:+, $today}" >&2
    elif [ -z "$today" ]; then
        echo "lab: apt knows no kernel: the kept one is used, $kept" >&2
        return 1
    elif [ "$today" != "$kept" ]; then
        echo "lab: fetching $today in place of $kept" >&2
    else
        return 1
    fi
}
