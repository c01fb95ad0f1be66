#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""send_events.py PATH|ADDRESS:PORT TEXT|-   one datagram, or one for each line."""
import socket
import sys

to, text = sys.argv[1:]
if to.startswith("/"):
    s = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
    s.connect(to)
else:
    host, port = to.rsplit(":", 1)
    s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    s.connect((host, int(port)))
s.settimeout(10)
if text != "-":
    s.send(text.encode("utf-8", "surrogateescape"))
else:
    for line in sys.stdin.buffer:
        s.send(line.rstrip(b"\n"))
