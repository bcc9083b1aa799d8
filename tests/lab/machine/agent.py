# SPDX-License-Identifier: LGPL-2.1-or-later
"""Runs in the lab machine: takes bash scripts over TCP, one per connection, and answers each with
one JSON line: what the script printed, and its exit status."""
import json
import pathlib
import socketserver
import subprocess

LIBRARY = pathlib.Path(__file__).with_name("lib.sh")
PORT = 7000


class Script(socketserver.StreamRequestHandler):
    def handle(self):
        script = f"set -e; . {LIBRARY}\n{json.loads(self.rfile.readline())}"
        done = subprocess.run(
            ["bash", "-c", script],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
        )
        answer = {"status": done.returncode, "output": done.stdout.decode(errors="replace")}
        self.wfile.write(json.dumps(answer).encode() + b"\n")


class Agent(socketserver.ThreadingTCPServer):
    allow_reuse_address = True
    daemon_threads = True


if __name__ == "__main__":
    with Agent(("10.0.2.15", PORT), Script) as agent:
        pathlib.Path("/lab/ready").touch()
        agent.serve_forever()
