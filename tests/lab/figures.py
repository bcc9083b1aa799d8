# SPDX-License-Identifier: LGPL-2.1-or-later
"""Figures that the tests of this folder measure: conftest prints them at the end, one a line."""
import collections

Times = collections.namedtuple("Times", "p50 p95 max")

lines = []


def record(name, value, unit):
    assert " " not in name, "a line is read by its blanks"
    lines.append(f"figure: {name} {value} {unit}")


def record_times(name, ms):
    """Records the median, the 95th percentile and the longest of some times in ms."""
    ordered = sorted(ms)
    times = Times(ordered[len(ms) // 2], ordered[len(ms) * 95 // 100], ordered[-1])
    for quantile, value in times._asdict().items():
        record(f"{name}-{quantile}", round(value), "ms")
    return times
