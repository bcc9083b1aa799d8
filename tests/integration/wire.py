# SPDX-License-Identifier: LGPL-2.1-or-later
"""A plain client of the daemon's sockets: HTTP, WebSocket and raw bytes, with a limit to each wait."""
import base64
import dataclasses
import http.client
import json
import os
import socket
import struct
import time
import urllib.parse

import ledger

LIMIT = 15  # seconds that any one answer may take

# Passwords and what the two login forms make of them (the key and the salt are fixed, so are they).
PASSWORD = "correct horse battery staple 1234567890"
FORM_W = "U2FsdGVkX18BAgMEBQYHCOLRbhNYdvZvm7RmtoZSeBBex8SIOSXXoJTbScdA1nzoBazOoUqKPg6Ob2dXlnsKTQ=="
FORM_Z = "AAECAwQFBgcICQoLDA0OD/azd2URGaXw6tPD4DnbSMiwU5KEhrYBo0bVQVIhKXqhZZNUAMdc3+fEZ7E84PwG0w=="
NEW_PASSWORD = "another horse 42"
NEW_FORM_W = "U2FsdGVkX18BAgMEBQYHCGxELKaQERfH23YVEMr3C/n2ezjnPj5p0Hoa3wmrOLXi"
WRONG_FORM_W = "U2FsdGVkX18BAgMEBQYHCHku/+Z3MQWLAg3IiCWFyN+MeGDZG3jvEo/1Ef1RW4Xn"


def escaped(field):
    return urllib.parse.quote(field, safe="")


@dataclasses.dataclass
class Reply:
    status: int
    headers: list
    body: bytes

    def header(self, name):
        values = [v for n, v in self.headers if n.lower() == name.lower()]
        assert len(values) <= 1, f"{name} more than once: {values}"
        return values[0] if values else None

    def json(self):
        return json.loads(self.body)


class Client:
    """One browser or script: an address, a session, and where its connections come from."""

    def __init__(self, port, token=None, source="127.0.0.1", host="127.0.0.1"):
        self.port = port
        self.token = token
        self.source = source
        self.host = host

    def connect(self, limit=LIMIT):
        s = socket.create_connection((self.host, self.port), limit, (self.source, 0))
        s.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return s

    def cookies(self):
        return {"Cookie": f"nano-kvm-token={self.token}"} if self.token else {}

    def request(self, method, path, body=None, content=None, headers=None, limit=LIMIT):
        """A whole exchange on a connection of its own. A body of neither bytes nor parts goes as JSON."""
        sent = {**self.cookies(), **(headers or {})}
        if isinstance(body, (dict, list, str, int, float)):
            body, content = json.dumps(body).encode(), content or "application/json"
        if content:
            sent["Content-Type"] = content
        connection = http.client.HTTPConnection(self.host, self.port)
        connection.sock = self.connect(limit)
        try:
            connection.request(method, path, body, sent)
            answer = connection.getresponse()
            reply = Reply(answer.status, answer.getheaders(), answer.read())
            ledger.note(method, path, reply.status, reply.body)
            return reply
        finally:
            connection.close()

    def get(self, path, **more):
        return self.request("GET", path, **more)

    def post(self, path, body=None, **more):
        return self.request("POST", path, body, **more)

    def login(self, password=FORM_W, username="admin"):
        reply = self.post("/api/auth/login", {"username": username, "password": password})
        answer = reply.json()
        if answer["code"] == 0 and answer["data"]:
            self.token = answer["data"]["token"]
        return reply

    def raw(self, text, limit=LIMIT):
        """Sends bytes and returns all that comes back until the daemon closes."""
        with self.connect(limit) as s:
            s.sendall(text if isinstance(text, bytes) else text.encode())
            return read_all(s)


def read_all(s):
    out = b""
    while chunk := s.recv(65536):
        out += chunk
    return out


class Refused(Exception):
    """The daemon did not upgrade."""

    def __init__(self, status, body):
        super().__init__(f"{status} {body!r}")
        self.status = status
        self.body = body


def words(answer):
    """All that an answer says for people: of a failure, what was wrong, too."""
    return ": ".join(filter(None, (answer["msg"], answer.get("reason"))))


TEXT, BINARY, CLOSE, PING, PONG = 1, 2, 8, 9, 10


class WebSocket:
    def __init__(self, client, path, headers=None):
        self.socket = client.connect()
        key = base64.b64encode(os.urandom(16)).decode()
        lines = {
            "Host": f"{client.host}:{client.port}",
            "Upgrade": "websocket",
            "Connection": "Upgrade",
            "Sec-WebSocket-Version": "13",
            "Sec-WebSocket-Key": key,
            **client.cookies(),
            **(headers or {}),
        }
        head = f"GET {path} HTTP/1.1\r\n" + "".join(f"{n}: {v}\r\n" for n, v in lines.items())
        self.socket.sendall(head.encode() + b"\r\n")
        self.buffer = b""
        while b"\r\n\r\n" not in self.buffer:
            self._more(time.monotonic() + LIMIT)
        head, self.buffer = self.buffer.split(b"\r\n\r\n", 1)
        status = int(head.split()[1])
        if status != 101:
            length = [
                int(line.split(b":")[1])
                for line in head.lower().split(b"\r\n")
                if line.startswith(b"content-length:")
            ]
            while length and len(self.buffer) < length[0]:
                self._more(time.monotonic() + LIMIT)
            self.socket.close()
            raise Refused(status, self.buffer)
        ledger.note("GET", path, status, b"")
        self.head = head.decode()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.socket.close()

    def _more(self, end):
        self.socket.settimeout(max(end - time.monotonic(), 0.001))
        chunk = self.socket.recv(65536)
        if not chunk:
            raise EOFError("the daemon closed the connection")
        self.buffer += chunk

    def _take(self, size, end):
        while len(self.buffer) < size:
            self._more(end)
        out, self.buffer = self.buffer[:size], self.buffer[size:]
        return out

    def send(self, data):
        """Text as a text frame, bytes as a binary one, anything else as JSON text."""
        if isinstance(data, bytes):
            return self.frame(BINARY, data)
        return self.frame(TEXT, (data if isinstance(data, str) else json.dumps(data)).encode())

    def frame(self, opcode, payload, final=True):
        size = len(payload)
        head = bytes([opcode | (0x80 if final else 0)])
        if size < 126:
            head += bytes([0x80 | size])
        elif size < 1 << 16:
            head += bytes([0x80 | 126]) + struct.pack(">H", size)
        else:
            head += bytes([0x80 | 127]) + struct.pack(">Q", size)
        self.socket.sendall(head + bytes(4) + payload)  # a mask of zeros changes nothing

    def receive(self, limit=LIMIT):
        """The next message as (opcode, bytes); answers pings on the way."""
        end = time.monotonic() + limit
        while True:
            first, second = self._take(2, end)
            size = second & 0x7F
            if size == 126:
                size = struct.unpack(">H", self._take(2, end))[0]
            elif size == 127:
                size = struct.unpack(">Q", self._take(8, end))[0]
            assert not second & 0x80, "a server does not mask"
            payload = self._take(size, end)
            assert first & 0x80, "the daemon sends whole messages"
            if first & 0x0F != PING:
                return first & 0x0F, payload
            self.frame(PONG, payload)

    def until(self, wanted, limit=LIMIT):
        """The first JSON message that `wanted` says yes to."""
        end = time.monotonic() + limit
        while True:
            opcode, payload = self.receive(max(end - time.monotonic(), 0.001))
            assert opcode == TEXT, (opcode, payload)
            message = json.loads(payload)
            if wanted(message):
                return message

    def status(self, kind, wanted=lambda data: True, limit=LIMIT):
        """The data of the next status of that type that `wanted` says yes to."""

        def right(message):
            return message.get("type") == kind and wanted(json.loads(message["data"]))

        return json.loads(self.until(right, limit)["data"])

    def close_code(self, limit=LIMIT):
        """Reads on to the daemon's close frame; (code, reason)."""
        end = time.monotonic() + limit
        while True:
            opcode, payload = self.receive(max(end - time.monotonic(), 0.001))
            if opcode == CLOSE:
                return struct.unpack(">H", payload[:2])[0], payload[2:].decode()

    def pong(self, limit=LIMIT):
        """What the next answer to a ping brings back."""
        end = time.monotonic() + limit
        while True:
            opcode, payload = self.receive(max(end - time.monotonic(), 0.001))
            if opcode == PONG:
                return payload

    def close(self):
        self.frame(CLOSE, struct.pack(">H", 1000))
        self.socket.close()
