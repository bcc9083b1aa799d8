# SPDX-License-Identifier: LGPL-2.1-or-later
"""https.py PORT FOLDER PAIR: serves a folder's files by HTTPS, with byte ranges, under the certificate
PAIR.crt and its key PAIR.key. Prints `serving` once it does."""
import functools
import http.server
import os
import re
import ssl
import sys


class Ranges(http.server.SimpleHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def send_head(self):
        wanted = re.fullmatch(r"bytes=(\d+)-(\d+)", self.headers.get("Range", ""))
        path = self.translate_path(self.path)
        size = os.path.getsize(path)
        first, last = map(int, wanted.groups()) if wanted else (0, size - 1)
        length = min(last + 1, size) - first
        self.send_response(206 if wanted else 200)
        if wanted:
            self.send_header("Content-Range", f"bytes {first}-{last}/{size}")
        self.send_header("Accept-Ranges", "bytes")
        self.send_header("Content-Length", str(length))
        self.end_headers()
        return path, first, length

    def do_HEAD(self):
        self.send_head()

    def do_GET(self):
        path, first, length = self.send_head()
        with open(path, "rb") as file:
            file.seek(first)
            self.wfile.write(file.read(length))


port, folder, pair = sys.argv[1:]
handler = functools.partial(Ranges, directory=folder)
server = http.server.ThreadingHTTPServer(("127.0.0.1", int(port)), handler)
context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
context.load_cert_chain(pair + ".crt", pair + ".key")
server.socket = context.wrap_socket(
    server.socket,
    server_side=True,
    do_handshake_on_connect=False,  # but on the thread of the request
)
print("serving", flush=True)
server.serve_forever()
