#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Both ends of a conversation over UDP, for the namespace tests.

talk.py serve PORT               answer every datagram, IPv4 and IPv6
talk.py ask SECONDS ADDRESS PORT [FROM [OWN-PORT]]
                                 exit 0 when an answer came in that time
talk.py ask-all SECONDS ADDRESS PORT FROM...
                                 exit 0 when each of them got one; prints who did not
talk.py flood ADDRESS PORT COUNT [FROM]   send, wait for nothing
"""
import socket
import sys


def serve(port):
    s = socket.socket(socket.AF_INET6, socket.SOCK_DGRAM)
    s.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 0)
    s.bind(("::", int(port)))
    while True:
        data, peer = s.recvfrom(65535)
        try:
            s.sendto(data, peer)
        except OSError:
            pass    # an answer that cannot be sent is the asker's failure


def connected(address, port, source, own_port=0):
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    s = socket.socket(family, socket.SOCK_DGRAM)
    if source:
        s.bind((source, int(own_port)))
    s.connect((address, int(port)))
    return s


def ask(seconds, address, port, source=None, own_port=0):
    s = connected(address, port, source, own_port)
    s.settimeout(float(seconds))
    try:
        s.send(b"ask")
        return s.recv(100) != b"ask"
    except OSError:
        return True


def ask_all(seconds, address, port, *sources):
    silent = [s for s in sources if ask(seconds, address, port, s)]
    for source in silent:
        print(source, "is not answered")
    return bool(silent)


def flood(address, port, count, source=None):
    s = connected(address, port, source)
    for _ in range(int(count)):
        try:
            s.send(b"flood")
        except OSError:
            pass    # an ICMP error from an earlier one
    return False


verbs = {"serve": serve, "ask": ask, "ask-all": ask_all, "flood": flood}
if __name__ == "__main__":
    if len(sys.argv) < 3 or sys.argv[1] not in verbs:
        sys.exit(__doc__)
    sys.exit(verbs[sys.argv[1]](*sys.argv[2:]))
