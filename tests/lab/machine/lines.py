# SPDX-License-Identifier: LGPL-2.1-or-later
"""Looks at the front panel's lines from the computer's side, and keeps time by the guest's clock.

    lines.py watch SOURCE...            a line "MS SOURCE-NUMBER VALUE" for each change, from the start on
    lines.py kill PID SOURCE VALUE      kill -9; after how many ms the line had that value

A source is a gpio-sim line's `value` file, or REGISTER.BIT of the PCA9554.
"""
import ctypes
import fcntl
import os
import signal
import sys
import time

I2C_SLAVE_FORCE, I2C_SMBUS = 0x0706, 0x0720  # linux/i2c-dev.h
SMBUS_READ, SMBUS_BYTE_DATA = 1, 2  # linux/i2c.h
PCA_ADDRESS = 0x20
LIMIT = 20


class Transfer(ctypes.Structure):
    _fields_ = [
        ("read_write", ctypes.c_uint8),
        ("command", ctypes.c_uint8),
        ("size", ctypes.c_uint32),
        ("data", ctypes.c_void_p),
    ]


def register_bit(source):
    register, bit = map(int, source.split("."))
    bus = os.open("/dev/i2c-0", os.O_RDWR)
    fcntl.ioctl(bus, I2C_SLAVE_FORCE, PCA_ADDRESS)
    data = ctypes.create_string_buffer(34)
    transfer = Transfer(SMBUS_READ, register, SMBUS_BYTE_DATA, ctypes.addressof(data))

    def value():
        fcntl.ioctl(bus, I2C_SMBUS, transfer)
        return data.raw[0] >> bit & 1

    return value


def sim_value(path):
    file = os.open(path, os.O_RDONLY)
    return lambda: int(os.pread(file, 8, 0))


def reader(source):
    return sim_value(source) if source.startswith("/") else register_bit(source)


def watch(sources):
    values = [reader(source) for source in sources]
    last = [None] * len(values)
    while True:
        for n, value in enumerate(values):
            now = value()
            if now != last[n]:
                print(int(time.monotonic() * 1000), n, now, flush=True)
                last[n] = now
        time.sleep(0.001)


def kill(pid, source, wanted):
    value = reader(source)
    assert value() != int(wanted), "it is not pressed"
    start = time.monotonic()
    os.kill(int(pid), signal.SIGKILL)
    while value() != int(wanted):
        assert time.monotonic() - start < LIMIT, f"still pressed after {LIMIT} s"
    print(int((time.monotonic() - start) * 1000))


if __name__ == "__main__":
    if sys.argv[1] == "watch":
        watch(sys.argv[2:])
    else:
        kill(*sys.argv[2:])
