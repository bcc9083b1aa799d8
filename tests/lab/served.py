# SPDX-License-Identifier: LGPL-2.1-or-later
"""pantographd in the lab machine, asked from outside as a script would."""
import contextlib
import json
import urllib.request

import account

# A user who may do nothing. GStreamer's registry is its writer's alone; without it all plugins would
# be looked through, which takes half a minute in there.
READABLE = 'install -m 644 "$GST_REGISTRY" /tmp/registry'
NOBODY = "env GST_REGISTRY=/tmp/registry setpriv --reuid=nobody --regid=nogroup --clear-groups"


class Served:
    """`name` is the configuration's, and what the daemon's log is called unless told otherwise."""

    def __init__(self, machine, name, config, state):
        self.machine = machine
        self._name, self._state = name, state
        self._cookie = ""
        (machine.share / f"{name}.yaml").write_text(config)
        machine.run(f"rm -rf {state}; install -m 644 /lab/{name}.yaml /tmp/{name}.yaml")

    def command(self, state, port=8080):
        return account.command(self.machine, f"/tmp/{self._name}.yaml", state, port)

    @contextlib.contextmanager
    def daemon(self, name=None, user=""):
        """`user`: a command that becomes one who is not root, such as NOBODY."""
        command = f"{user} {self.command(self._state)}"
        if user:
            self.machine.run(f"chown -R nobody {self._state}")
        with self.machine.running(name or f"{self._name}-daemon", command) as program:
            program.says("http://")
            self._cookie = ""
            answer = self.call(
                "/api/auth/login", {"username": "admin", "password": account.OBFUSCATED}
            )
            self._cookie = "nano-kvm-token=" + answer["token"]
            yield program

    def token(self):
        """The session that it is asked by."""
        return self._cookie.partition("=")[2]

    def ask(self, path, body=None, seconds=300):
        """The whole envelope of an answer."""
        request = urllib.request.Request(f"http://127.0.0.1:{self.machine.http_port}{path}")
        request.add_header("Cookie", self._cookie)
        if body is not None:
            request.add_header("Content-Type", "application/json")
            request.data = json.dumps(body).encode()
        with urllib.request.urlopen(request, timeout=seconds) as answer:
            return json.loads(answer.read())

    def call(self, path, body=None, seconds=300):
        answer = self.ask(path, body, seconds)
        assert answer["code"] == 0, answer
        return answer["data"]
