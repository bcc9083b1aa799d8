# SPDX-License-Identifier: LGPL-2.1-or-later
"""changing.py PORT FILE [whole]: serves that file's bytes under every path, with byte ranges, as RFC 9110
has it; after a GET of /change, as many zeros in its place. `whole`: it says that it serves ranges, but
sends all. Prints `serving` once it does."""
import http.server
import re
import sys

port, name, *whole = sys.argv[1:]
data = [open(name, "rb").read()]


class Changing(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def answer(self, status, body, **fields):
        self.send_response(status)
        self.send_header("Accept-Ranges", "bytes")
        self.send_header("ETag", self.tag())
        self.send_header("Content-Length", str(len(body)))
        for field, value in fields.items():
            self.send_header(field.replace("_", "-"), value)
        self.end_headers()
        if self.command == "GET":
            self.wfile.write(body)

    def tag(self):
        return f'"{hash(data[0]):x}"'

    def do_HEAD(self):
        self.do_GET()

    def do_GET(self):
        if self.path == "/change":
            data[0] = bytes(len(data[0]))
            return self.answer(200, b"")
        if self.headers.get("If-Match", self.tag()) != self.tag():
            return self.answer(412, b"")
        wanted = re.fullmatch(r"bytes=(\d+)-(\d+)", self.headers.get("Range", ""))
        if whole or not wanted:
            return self.answer(200, data[0])
        first, last = int(wanted[1]), min(int(wanted[2]), len(data[0]) - 1)
        part = f"bytes {first}-{last}/{len(data[0])}"
        return self.answer(206, data[0][first : last + 1], Content_Range=part)


server = http.server.ThreadingHTTPServer(("127.0.0.1", int(port)), Changing)
print("serving", flush=True)
server.serve_forever()
