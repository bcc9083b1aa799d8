# SPDX-License-Identifier: LGPL-2.1-or-later
"""Runs in the lab machine: a viewer who listens.

hear.py TOKEN    with that session of the daemon on port 8080

Prints `seen` at the first picture, and `HZ LOUDNESS` for each tenth of a second of sound."""
import pathlib
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).parents[2] / "integration"))
import peer  # noqa: E402
import wire  # noqa: E402

peer.PATIENCE = 120  # an emulated machine
said = 0
with peer.Peer(wire.Client(8080, sys.argv[1]), "--sound") as viewer:
    viewer.watch()
    print("seen", flush=True)
    while True:
        heard = viewer.hears()
        for hz, loudness in heard[said:]:
            print(hz, loudness, flush=True)
        said = len(heard)
        time.sleep(0.1)
