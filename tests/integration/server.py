# SPDX-License-Identifier: LGPL-2.1-or-later
"""A web server of the test's own that misbehaves as it is told."""
import http.server
import re
import socket
import threading


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self):
        server = self.server.files
        server.requests.append((self.path, self.headers.get("Range")))
        if self.path in server.redirects:
            self.send_response(302)
            self.send_header("Location", server.redirects[self.path])
            self.send_header("Content-Length", "0")
            return self.end_headers()
        data = server.files.get(self.path)
        if data is None:
            return self.send_error(404)
        first = self.first_byte(len(data))
        self.send_response(206 if first else 200)
        if first:
            self.send_header("Content-Range", f"bytes {first}-{len(data) - 1}/{len(data)}")
        if server.ranges:
            self.send_header("Accept-Ranges", "bytes")
        if server.tag:
            self.send_header("ETag", server.tag)
        if server.sized:
            self.send_header("Content-Length", str(len(data) - first))
        else:
            self.send_header("Connection", "close")
        self.end_headers()
        self.send_body(data[first:])

    def first_byte(self, size):
        server = self.server.files
        wanted = re.fullmatch(r"bytes=(\d+)-", self.headers.get("Range", ""))
        same = self.headers.get("If-Range") == server.tag
        return int(wanted[1]) if server.ranges and wanted and same and int(wanted[1]) < size else 0

    def send_body(self, data):
        server = self.server.files
        limit = server.break_after.pop(0) if server.break_after else None
        try:
            self.wfile.write(data[:limit])
            if limit is not None:
                self.wfile.flush()
                server.gate.wait(120)
                self.close_connection = True
                self.connection.shutdown(socket.SHUT_RDWR)
        except OSError:  # whoever asked is gone
            self.close_connection = True

    def log_message(self, *_):
        pass


class Server:
    """Files by their path; `break_after` holds, for each answer to come, where it ends too early."""

    def __init__(self, **files):
        self.files = {f"/{name.replace('_', '.')}": data for name, data in files.items()}
        self.redirects, self.requests, self.break_after = {}, [], []
        self.ranges, self.sized, self.tag = True, True, '"one"'
        self.gate = threading.Event()  # until it is set, an answer that ends too early just stalls
        self.gate.set()

    def __enter__(self):
        self._server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.files = self
        self._server.daemon_threads = True
        threading.Thread(target=self._server.serve_forever, daemon=True).start()
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        return self

    def __exit__(self, *_):
        self.gate.set()
        self._server.shutdown()
        self._server.server_close()
