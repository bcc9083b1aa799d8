# SPDX-License-Identifier: LGPL-2.1-or-later
"""A file system whose server goes away: an empty folder that answers, and then waits for ever.
And one that takes folders and no file, as FAT takes none of some names."""
import ctypes
import os
import select
import struct
import threading

LIBC = ctypes.CDLL(None, use_errno=True)
MNT_DETACH = 2

# Source: Linux include/uapi/linux/fuse.h, protocol 7.31
GETATTR, STATFS, INIT, OPENDIR, READDIR, LOOKUP = 3, 17, 26, 27, 28, 1
FORGET, INTERRUPT, BATCH_FORGET = 2, 36, 42  # have no answer
MKDIR, CREATE = 9, 35
NOT_THERE, NOT_HELD, NO_ROOM, NOT_MADE = -2, -22, -28, -38  # ENOENT, EINVAL, ENOSPC, ENOSYS
FOLDER = struct.pack("<6Q10I", 1, *[0] * 8, 0o40755, 2, 0, 0, 0, 4096, 0)
ANSWERS = {
    INIT: struct.pack("<4I2H2I2H8I", 7, 31, 65536, 0, 16, 12, 65536, 1, 16, *[0] * 9),
    GETATTR: struct.pack("<QII", 0, 0, 0) + FOLDER,
    OPENDIR: struct.pack("<QII", 1, 0, 0),
    READDIR: b"",
    STATFS: struct.pack("<5Q10I", 1 << 20, 1 << 19, 1 << 19, 1000, 900, 4096, 255, 4096, *[0] * 7),
}


HEADER, CREATE_HEADER = 40, 16
VALID_S = 3600


class SilentDisk:
    """Mounted on a folder. The kernel's requests are left unread while it is silent, as on a network."""

    def __init__(self, folder):
        self.folder = str(folder).encode()
        self.device = os.open("/dev/fuse", os.O_RDWR | os.O_NONBLOCK)
        options = f"fd={self.device},rootmode=40000,user_id=0,group_id=0,allow_other".encode()
        if LIBC.mount(b"silent", self.folder, b"fuse", 0, options) != 0:
            raise OSError(ctypes.get_errno(), "mount")
        self.server = None
        self.speak()

    def speak(self):
        self.stop = os.pipe()
        self.server = threading.Thread(target=self._serve, args=(self.stop[0],))
        self.server.start()

    def fall_silent(self):
        os.close(self.stop[1])
        self.server.join()
        os.close(self.stop[0])
        self.server = None

    def _serve(self, stop):
        while stop not in select.select([self.device, stop], [], [])[0]:
            try:
                request = os.read(self.device, 1 << 17)
            except (BlockingIOError, InterruptedError, FileNotFoundError):
                continue
            _, what, unique = struct.unpack_from("<IIQ", request)
            if what in (FORGET, INTERRUPT, BATCH_FORGET):
                continue
            error, answer = self._answer(what, request[HEADER:])
            os.write(self.device, struct.pack("<IiQ", 16 + len(answer), error, unique) + answer)

    def _answer(self, what, _):
        if what in ANSWERS:
            return 0, ANSWERS[what]
        return NOT_THERE if what == LOOKUP else NOT_MADE, b""

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if self.server:
            self.fall_silent()
        LIBC.umount2(self.folder, MNT_DETACH)
        os.close(self.device)  # whoever waits still gets an error


class PickyDisk(SilentDisk):
    """Holds folders, and has no room for a file; it does not even know the names that FAT has not."""

    def _answer(self, what, body):
        if what == MKDIR:
            return 0, struct.pack("<4Q2IQ", 2, 0, VALID_S, 0, 0, 0, 2) + FOLDER[8:]
        if what == CREATE:
            name = body[CREATE_HEADER:].rstrip(b"\0")
            return NOT_HELD if set(name) & set(b':?*"<>|') else NO_ROOM, b""
        return super()._answer(what, body)
