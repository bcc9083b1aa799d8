# SPDX-License-Identifier: LGPL-2.1-or-later
"""Session tokens (JWT) as a test that knows the key can make them."""
import base64
import hashlib
import hmac
import json


def part(data):
    text = data if isinstance(data, bytes) else json.dumps(data).encode()
    return base64.urlsafe_b64encode(text).rstrip(b"=").decode()


def unpart(text):
    return json.loads(base64.urlsafe_b64decode(text + "=="))


def claims(token):
    return unpart(token.split(".")[1])


def signed(claims, key, header=None, digest=hashlib.sha256):
    text = part(header or {"alg": "HS256", "typ": "JWT"}) + "." + part(claims)
    return text + "." + part(hmac.new(key.encode(), text.encode(), digest).digest())
