# SPDX-License-Identifier: LGPL-2.1-or-later
"""UDP echo: `answer ADDRESS` sends back what comes, `ask ADDRESS COUNT` counts what came
back whole, and what it had to ask again, since UDP may lose some: "COUNT of COUNT, N again"."""
import os
import socket
import sys

PORT = 7777
MOST = 1400
SECONDS = 2
TRIES = 10


def answer(address):
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as s:
        s.bind((address, PORT))
        print("answering", flush=True)
        while True:
            s.sendto(*s.recvfrom(MOST))


def came_back(s, packet):
    try:
        while (back := s.recv(MOST)) != packet:
            if back[:4] >= packet[:4]:
                return False
        return True
    except TimeoutError:
        return False


def ask(address, count):
    whole = again = 0
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as s:
        s.settimeout(SECONDS)
        s.connect((address, PORT))
        for n in range(count):
            packet = n.to_bytes(4, "big") + os.urandom(1 + n * (MOST - 5) // count)
            for tries in range(TRIES):
                s.send(packet)
                if came_back(s, packet):
                    whole, again = whole + 1, again + tries
                    break
    print(f"{whole} of {count}, {again} again")


if sys.argv[1] == "answer":
    answer(sys.argv[2])
else:
    ask(sys.argv[2], int(sys.argv[3]))
