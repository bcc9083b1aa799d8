# SPDX-License-Identifier: LGPL-2.1-or-later
"""The states of a signal, as orders to the emulated device."""

FINE = {"signal": 1, "asleep": 0, "lock": 1, "range": 1, "silent": 0, "busy": 0, "gone": 0}
STATES = {
    "ok": {},
    "no-cable": {"signal": 0},
    "no-signal": {"asleep": 1},
    "no-sync": {"lock": 0},
    "out-of-range": {"range": 0},
    "stalled": {"silent": 1},
    "busy": {"busy": 1},
    "device-lost": {"gone": 1},
}


def change(before, after):
    """What the device does on the way from one state to the other, all at once."""
    orders = [f"{word} {value}" for word, value in (FINE | STATES[after]).items()]
    if after == "busy" and before in ("ok", "stalled"):
        orders.append("fail 1")  # who has a stream keeps it: it breaks off, and another is quicker
    return ";".join(orders)
