# SPDX-License-Identifier: LGPL-2.1-or-later
"""A STUN and TURN server on UDP for one user, as small as a test needs it: turn.py ADDRESS USER PASSWORD
prints its port, and a line for each request that it has taken: "binding", "allocation", "denied".

Source  RFC 8489, RFC 8656
"""
import hashlib
import hmac
import os
import select
import socket
import struct
import sys

COOKIE = 0x2112A442
BINDING, ALLOCATE, REFRESH, SEND, DATA_CAME, PERMIT, BIND = 0x1, 0x3, 0x4, 0x16, 0x17, 0x8, 0x9
GOOD, BAD = 0x100, 0x110
USERNAME, INTEGRITY, ERROR, CHANNEL, LIFETIME, PEER, DATA = 0x6, 0x8, 0x9, 0xC, 0xD, 0x12, 0x13
REALM, NONCE, RELAYED, MAPPED = 0x14, 0x15, 0x16, 0x20
REALM_NAME, NONCE_TEXT = b"a test", b"once"


def attributes_of(message):
    """{type: value} and where the integrity begins, or None."""
    found, at, signed = {}, 20, None
    while at + 4 <= len(message):
        kind, size = struct.unpack_from(">HH", message, at)
        if kind == INTEGRITY:
            signed = at
        found.setdefault(kind, message[at + 4 : at + 4 + size])
        at += 4 + (size + 3 & ~3)
    return found, signed


def attribute(kind, value):
    return struct.pack(">HH", kind, len(value)) + value + bytes(-len(value) % 4)


def xored(address):
    host, port = address
    number = struct.unpack(">I", socket.inet_aton(host))[0]
    return struct.pack(">xBHI", 1, port ^ COOKIE >> 16, number ^ COOKIE)


def plain(value):
    port, number = struct.unpack(">HI", value[2:8])
    return socket.inet_ntoa(struct.pack(">I", number ^ COOKIE)), port ^ COOKIE >> 16


class Turn:
    def __init__(self, address, user, password):
        self.address, self.user = address, user.encode()
        secret = b":".join((self.user, REALM_NAME, password.encode()))
        self.key = hashlib.md5(secret, usedforsecurity=False).digest()
        self.server = self._socket()
        self.port = self.server.getsockname()[1]
        self.relays = {}  # by the client's address
        self.channels = {}  # (client, number) -> peer

    def _socket(self):
        made = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        made.bind((self.address, 0))
        return made

    def _digest(self, message):
        return hmac.new(self.key, message, "sha1").digest()

    def _message(self, kind, transaction, *attributes, signed=False):
        body = b"".join(attributes)
        head = struct.pack(">HHI", kind, len(body) + (24 if signed else 0), COOKIE) + transaction
        sum_ = attribute(INTEGRITY, self._digest(head + body)) if signed else b""
        return head + body + sum_

    def _allowed(self, message, found, signed):
        if signed is None or found.get(USERNAME) != self.user:
            return False
        start = message[:2] + struct.pack(">H", signed + 4) + message[4:signed]
        return hmac.compare_digest(self._digest(start), found[INTEGRITY])

    def serve(self):
        while True:
            clients = {relay: client for client, relay in self.relays.items()}
            for ready in select.select([self.server, *clients], [], [])[0]:
                data, sender = ready.recvfrom(65536)
                if ready is not self.server:
                    self._from_peer(clients[ready], sender, data)
                elif data[0] & 0xC0 == 0x40:
                    self._channel(sender, data)
                else:
                    self._request(sender, data)

    def _from_peer(self, client, peer, data):
        parts = attribute(PEER, xored(peer)), attribute(DATA, data)
        self.server.sendto(self._message(DATA_CAME, os.urandom(12), *parts), client)

    def _channel(self, client, data):
        number, size = struct.unpack_from(">HH", data)
        if peer := self.channels.get((client, number)):
            self.relays[client].sendto(data[4 : 4 + size], peer)

    def _request(self, client, message):
        kind, transaction = struct.unpack_from(">H", message)[0], message[8:20]
        found, signed = attributes_of(message)
        if kind == SEND and client in self.relays:
            self.relays[client].sendto(found[DATA], plain(found[PEER]))
            return
        if kind == BINDING:
            print("binding", flush=True)
            mapped = attribute(MAPPED, xored(client))
            self.server.sendto(self._message(kind | GOOD, transaction, mapped), client)
            return
        if not self._allowed(message, found, signed):
            if USERNAME in found:
                print("denied", flush=True)
            parts = attribute(ERROR, b"\0\0\4\1Unauthorized"), attribute(REALM, REALM_NAME)
            answer = self._message(kind | BAD, transaction, *parts, attribute(NONCE, NONCE_TEXT))
            self.server.sendto(answer, client)
            return
        parts = [attribute(LIFETIME, struct.pack(">I", 600))]
        if kind == ALLOCATE:
            print("allocation", flush=True)
            relay = self.relays.setdefault(client, self._socket())
            parts += [attribute(RELAYED, xored(relay.getsockname()))]
            parts += [attribute(MAPPED, xored(client))]
        elif kind == BIND:
            number = struct.unpack_from(">H", found[CHANNEL])[0]
            self.channels[client, number] = plain(found[PEER])
        self.server.sendto(self._message(kind | GOOD, transaction, *parts, signed=True), client)


if __name__ == "__main__":
    turn = Turn(*sys.argv[1:4])
    print(turn.port, flush=True)
    turn.serve()
