#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""A name server for tests: dns.py ADDRESS ZONE, where ZONE is a file of lines

    NAME A|AAAA ADDRESS [TTL]
    NAME SRV TARGET [TTL]
    NAME NAPTR REPLACEMENT [TTL]
    NAME FAIL

It is read again for each question, so a test changes it as it likes.  A name that
is not there does not exist; FAIL answers SERVFAIL, and a missing file does too.
"""
import ipaddress
import socket
import struct
import sys

TYPES = {"A": 1, "AAAA": 28, "SRV": 33, "NAPTR": 35}
NXDOMAIN, SERVFAIL = 3, 2


def encode(name):
    labels = [label.encode() for label in name.rstrip(".").split(".") if label]
    return b"".join(bytes([len(label)]) + label for label in labels) + b"\0"


def question(packet):
    """Name and type that are asked for, and where the question ends."""
    at, labels = 12, []
    while packet[at]:
        labels.append(packet[at + 1:at + 1 + packet[at]].decode())
        at += 1 + packet[at]
    return ".".join(labels).lower(), struct.unpack("!H", packet[at + 1:at + 3])[0], at + 5


def rdata(kind, value):
    if kind in ("A", "AAAA"):
        return ipaddress.ip_address(value).packed
    if kind == "SRV":
        return struct.pack("!HHH", 10, 10, 5060) + encode(value)
    return struct.pack("!HH", 10, 10) + b"\1s\7SIP+D2U\0" + encode(value)


def zone(path):
    with open(path) as file:
        return [line.split() for line in file if line.strip()]


def answer(packet, path):
    name, qtype, end = question(packet)
    records, code = [], NXDOMAIN
    try:
        for owner, kind, *rest in zone(path):
            if owner != name:
                continue
            if kind == "FAIL":
                code = SERVFAIL
                break
            code = 0
            if TYPES[kind] == qtype:
                ttl = int(rest[1]) if len(rest) > 1 else 60
                data = rdata(kind, rest[0])
                records.append(b"\xc0\x0c" + struct.pack("!HHIH", qtype, 1, ttl, len(data))
                               + data)
    except OSError:
        code = SERVFAIL
    if code:
        records = []
    header = packet[:2] + struct.pack("!HHHHH", 0x8180 | code, 1, len(records), 0, 0)
    return header + packet[12:end] + b"".join(records)


def main():
    sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    sock.bind((sys.argv[1], 53))
    while True:
        packet, who = sock.recvfrom(4096)
        sock.sendto(answer(packet, sys.argv[2]), who)


main()
