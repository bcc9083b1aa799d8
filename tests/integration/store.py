# SPDX-License-Identifier: LGPL-2.1-or-later
"""A daemon with a folder of images, for the tests of its storage."""
import hashlib
import random
import socket

from daemon import Daemon, eventually

MIB = 1 << 20


def noise(size, seed=1):
    return random.Random(seed).randbytes(size)


def sum_of(data):
    return hashlib.sha256(data).hexdigest()


class Store:
    """A daemon with a folder of images."""

    def __init__(self, folder, **settings):
        folder.mkdir(exist_ok=True)
        self.images = folder / "images"
        self.images.mkdir(exist_ok=True)
        storage = {"directory": self.images, "reserve_mib": 0, **settings}
        self.daemon = Daemon(folder / "daemon", {"storage": storage})

    def __enter__(self):
        self.daemon.start()
        self.admin = self.daemon.admin()
        return self

    def __exit__(self, *_):
        self.daemon.__exit__()

    def add(self, name, data):
        path = self.images / name
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(data)
        return str(path)

    def get(self, path):
        return self.admin.get(path).json()

    def post(self, path, **body):
        return self.admin.post(path, body).json()

    def put(self, path, data, **more):
        return self.admin.request("PUT", path, data, **more).json()

    def mount(self, **wish):
        return self.post("/api/storage/image/mount", **wish)

    def mounted(self):
        return self.get("/api/storage/image/mounted")["data"]["file"]

    def files(self):
        return self.get("/api/storage/image")["data"]["files"]

    def begin(self, name, data, sha256=None):
        answer = self.post(
            "/api/storage/upload", name=name, size=len(data), sha256=sha256 or sum_of(data)
        )
        assert answer["code"] == 0, answer
        return answer["data"]

    def part_and_break_off(self, upload, data, offset, until):
        """Sends a request whose body ends too early; returns where to go on."""
        head = f"PUT /api/storage/upload/{upload}?offset={offset} HTTP/1.1\r\nHost: x\r\n"
        head += f"Cookie: nano-kvm-token={self.admin.token}\r\n"
        head += f"Content-Length: {len(data) - offset}\r\n\r\n"
        with self.admin.connect() as s:
            s.sendall(head.encode() + data[offset:until])
            s.shutdown(socket.SHUT_WR)
            while s.recv(65536):
                pass
        return self.free_again(upload)["offset"]

    def free_again(self, upload):
        def state():
            now = self.get(f"/api/storage/upload/{upload}")["data"]
            return now if not now["busy"] else None

        return eventually(state, 10, "the upload to be free again")

    def parts(self):
        folder = self.images / ".parts"
        return sorted(p.name for p in folder.iterdir()) if folder.exists() else []
