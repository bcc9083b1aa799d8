# SPDX-License-Identifier: LGPL-2.1-or-later
"""UDP echo: `answer ADDRESS` sends back what comes, `ask ADDRESS COUNT` counts what came back whole."""
import os
import socket
import sys

PORT = 7777
MOST = 1400
SECONDS = 5


def answer(address):
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as s:
        s.bind((address, PORT))
        print("answering", flush=True)
        while True:
            s.sendto(*s.recvfrom(MOST))


def ask(address, count):
    whole = 0
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as s:
        s.settimeout(SECONDS)
        s.connect((address, PORT))
        for n in range(count):
            packet = n.to_bytes(4, "big") + os.urandom(1 + n * (MOST - 5) // count)
            s.send(packet)
            try:
                whole += s.recv(MOST) == packet
            except TimeoutError:
                pass
    print(f"{whole} of {count}")


if sys.argv[1] == "answer":
    answer(sys.argv[2])
else:
    ask(sys.argv[2], int(sys.argv[3]))
