# SPDX-License-Identifier: LGPL-2.1-or-later
"""pantographd's command line in the lab machine, and the account that its tests sign in with."""
import json

from conftest import BUILD, ROOT

# The documented vector of an obfuscated password, so that no cipher is needed here: "correct horse
# battery staple 1234567890". Its hash has the least rounds: one that the daemon makes itself takes
# this machine's emulated processor 5 s to check.
OBFUSCATED = (
    "U2FsdGVkX18BAgMEBQYHCOLRbhNYdvZvm7RmtoZSeBBex8SIOSXXoJTbScdA1nzoBazOoUqKPg6Ob2dXlnsKTQ%3D%3D"
)
OWNER = {
    "username": "admin",
    "password": "$2b$04$vlQon4vfxwOOoLXqrEFi8OqJeJE4nATWbm4YbU5OIGZWCeNpLpfve",
    "role": "admin",
    "enabled": True,
    "tokenVersion": 1,
    "systemAccount": True,
}


def command(machine, config, state, port=8080):
    """Starts pantographd; what its state folder holds already stays."""
    (machine.share / "account").write_text(json.dumps({"version": 1, "users": [OWNER]}))
    machine.run(f"mkdir -p {state}; test -e {state}/pwd || install -m 600 /lab/account {state}/pwd")
    return (
        f"{BUILD}/daemon/pantographd --config {config} --state {state}"
        f" --pipelines {ROOT}/pipelines --host 0.0.0.0 --port {port} --web-root {ROOT}/data/web"
    )
