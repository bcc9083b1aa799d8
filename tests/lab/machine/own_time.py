# SPDX-License-Identifier: LGPL-2.1-or-later
"""The lab machine's own time: what passes while the host lets it run.

On a busy host the emulated processors stand still again and again while their clock goes on. On each
of them a process of the highest priority does nothing but wake up every 10 ms; by how much it wakes
too late was taken by the host, as nothing else in the machine can keep it from running.

Run as a program it prints that time, in seconds, ten times in each."""
import mmap
import os
import struct
import time

WAKE_SECONDS = 0.01
PUNCTUAL_SECONDS = 0.002  # later than this is the host's doing
PRIORITY = 99
LOST = struct.Struct("d")


def _count(processor, memory, parent):
    os.sched_setaffinity(0, {processor})
    os.sched_setscheduler(0, os.SCHED_FIFO, os.sched_param(PRIORITY))
    lost, before = 0.0, time.monotonic()
    while os.getppid() == parent:
        time.sleep(WAKE_SECONDS)
        now = time.monotonic()
        late = now - before - WAKE_SECONDS
        before = now
        if late > PUNCTUAL_SECONDS:
            lost += late
            LOST.pack_into(memory, processor * LOST.size, lost)


class OwnTime:
    def __init__(self):
        self._processors = sorted(os.sched_getaffinity(0))
        self._memory = mmap.mmap(-1, mmap.PAGESIZE)
        self._begin = time.monotonic()
        parent = os.getpid()
        for processor in self._processors:
            if os.fork() == 0:
                try:
                    _count(processor, self._memory, parent)
                finally:
                    os._exit(0)

    def lost(self):
        """Seconds that the host took so far: the mean of the processors."""
        each = [LOST.unpack_from(self._memory, p * LOST.size)[0] for p in self._processors]
        return sum(each) / len(each)

    def now(self):
        """Seconds, from any beginning."""
        return time.monotonic() - self.lost()

    def taken_percent(self):
        return 100 * self.lost() / (time.monotonic() - self._begin)


if __name__ == "__main__":
    own = OwnTime()
    while True:
        print(f"{own.now():.2f}", flush=True)
        time.sleep(0.1)
