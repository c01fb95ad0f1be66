#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""A SIP client that says what it should not.

    sip_talk.py forge SERVER SOURCE COUNT [--different] [--junk] [--nonce N]
                                  REGISTERs with a forged sender, or as many different
                                  ones from SOURCE on; with credentials of nobody
    sip_talk.py register SERVER USER PASSWORD [--tcp] [--wrong N] [--patience S]
                                  N wrong passwords first (echoing the real nonce),
                                  then the right one; prints the final status
    sip_talk.py nonce SERVER      prints the nonce of a challenge
    sip_talk.py call SERVER NUMBER [--deaf]
                                  one call without a password, which ends at once; prints the
                                  final status; deaf: its ACK has a guess for the tag
    sip_talk.py guests            a PBX that lets everybody call: 404 for numbers that begin
                                  with 9, 200 for the others; prints "ready"
"""
import argparse
import hashlib
import ipaddress
import random
import re
import socket
import struct
import time


def message(method, server, user, call, cseq, extra="", transport="UDP"):
    return ("%s sip:example.org SIP/2.0\r\nVia: SIP/2.0/%s %s:5060;branch=z9hG4bK%d;rport\r\n"
            "Max-Forwards: 70\r\nFrom: <sip:%s@example.org>;tag=%d\r\nTo: <sip:%s@example.org>\r\n"
            "Call-ID: %s\r\nCSeq: %d %s\r\nContact: <sip:%s@192.0.2.1>\r\n%sContent-Length: 0\r\n\r\n" % (
                method, transport, "[%s]" % server if ":" in server else server, random.getrandbits(40), user, random.getrandbits(30), user,
                call, cseq, method, user, extra)).encode()


# ---- forged senders --------------------------------------------------------------

def checksum(data):
    total = sum(struct.unpack("!%dH" % (len(data) // 2), data))
    while total >> 16:
        total = (total & 0xffff) + (total >> 16)
    return ~total & 0xffff


def datagram(source, target, payload):
    udp = struct.pack("!HHHH", random.randrange(1024, 65536), 5060, 8 + len(payload), 0) + payload
    if source.version == 6:
        ends = source.packed + target.packed
        odd = b"\0" * (len(udp) % 2)
        total = checksum(ends + struct.pack("!II", len(udp), 17) + udp + odd) or 0xffff
        return (struct.pack("!IHBB", 6 << 28, len(udp), 17, 64) + ends + udp[:6] +
                struct.pack("!H", total) + udp[8:])
    head = struct.pack("!BBHHHBBH4s4s", 0x45, 0, 20 + len(udp), 0, 0, 64, 17, 0,
                       source.packed, target.packed)
    return head[:10] + struct.pack("!H", checksum(head)) + head[12:] + udp


def sources(first, count, different):
    for i in range(count):
        yield ipaddress.ip_address(first) + (i if different else 0)


def forge(args):
    target = ipaddress.ip_address(args.server)
    out = socket.socket(socket.AF_INET6 if target.version == 6 else socket.AF_INET,
                        socket.SOCK_RAW, socket.IPPROTO_RAW)
    extra = ""
    if args.junk or args.nonce:
        extra = ('Authorization: Digest username="alice", realm="example.org", nonce="%s", uri="sip:example.org", '
                 'response="%032x"\r\n' % (args.nonce or "junk", random.getrandbits(128)))
    for source in sources(args.source, args.count, args.different):
        data = message("REGISTER", args.server, "alice", "%x@forged" % random.getrandbits(64),
                       random.randrange(1, 1000), extra)
        out.sendto(datagram(source, target, data), (args.server, 0))


# ---- honest senders ----------------------------------------------------------------

class Line:
    """To the server and back, by UDP or TCP."""

    def __init__(self, server, tcp, patience=10):
        family = socket.AF_INET6 if ":" in server else socket.AF_INET
        self.tcp, self.patience = tcp, patience
        self.s = socket.socket(family, socket.SOCK_STREAM if tcp else socket.SOCK_DGRAM)
        self.s.settimeout(patience)
        self.s.connect((server, 5060))

    def ask(self, data):
        """The final answer, or 0; by UDP the question is repeated, later each time."""
        end, pause = time.monotonic() + self.patience, self.patience if self.tcp else 1
        while time.monotonic() < end:
            self.s.send(data)
            status, reply = self.answer_to(data, min(end, time.monotonic() + pause))
            if status:
                return status, reply
            pause *= 2
        return 0, ""

    def answer_to(self, data, end):
        """Not a late one to an earlier question."""
        number = cseq_of(data.decode())
        while time.monotonic() < end:
            self.s.settimeout(max(end - time.monotonic(), 0.001))
            try:
                reply = self.s.recv(65536).decode(errors="replace")
            except (socket.timeout, ConnectionRefusedError):
                continue
            status = int(reply.split()[1])
            if status >= 200 and cseq_of(reply) == number:
                return status, reply
        return 0, ""


def cseq_of(text):
    found = re.search(r"^CSeq: *(\d+)", text, re.MULTILINE)
    return found.group(1) if found else ""


def nonce_of(reply):
    found = re.search(r'nonce="([^"]*)"', reply)
    return found.group(1) if found else ""


def answer(user, password, nonce):
    def md5(text):
        return hashlib.md5(text.encode()).hexdigest()

    ha1, ha2 = md5("%s:example.org:%s" % (user, password)), md5("REGISTER:sip:example.org")
    return ('Authorization: Digest username="%s", realm="example.org", nonce="%s", uri="sip:example.org", '
            'response="%s"\r\n' % (user, nonce, md5("%s:%s:%s" % (ha1, nonce, ha2))))


def register(args):
    line, call = Line(args.server, args.tcp, args.patience), "%x@phone" % random.getrandbits(64)
    how = "TCP" if args.tcp else "UDP"
    status, reply = line.ask(message("REGISTER", args.server, args.user, call, 1, transport=how))
    for cseq in range(2, 2 + args.wrong + (args.password != "-")):
        word = args.password if cseq == 2 + args.wrong else "wrong%d" % cseq
        status, reply = line.ask(message("REGISTER", args.server, args.user, call, cseq,
                                         answer(args.user, word, nonce_of(reply)), how))
        if not status:
            break
    print(status)


def nonce(args):
    line = Line(args.server, False)
    print(nonce_of(line.ask(message("REGISTER", args.server, "alice", "%x@x" % random.getrandbits(64), 1))[1]))


def tag_of(text):
    return re.search(r"To: [^\r]*;tag=([^\r;]*)", text).group(1)


def call(args):
    line, call_id = Line(args.server, False), "%x@trunk" % random.getrandbits(64)
    invite = message("INVITE", args.server, args.number, call_id, 1)
    status, reply = line.ask(invite)
    if status:
        tag = "x%x" % random.getrandbits(64) if args.deaf else tag_of(reply)
        for cseq, method in ((1, "ACK"), (2, "BYE")):
            line.s.send(invite.replace(b"CSeq: 1 INVITE", b"CSeq: %d %s" % (cseq, method.encode()))
                        .replace(b"INVITE", method.encode(), 1)
                        .replace(b"@example.org>\r\nCall", b"@example.org>;tag=%s\r\nCall" % tag.encode()))
    print(status)


def guests(args):
    s = socket.socket(socket.AF_INET6, socket.SOCK_DGRAM)
    s.bind(("::", 5060))
    print("ready", flush=True)
    while True:
        data, peer = s.recvfrom(65536)
        method, *head = data.decode(errors="replace").split("\r\n")
        if method.startswith("ACK "):
            continue
        kept = "".join(line + "\r\n" for line in head if re.match("(Via|From|Call-ID|CSeq):", line))
        to = next(line for line in head if line.startswith("To:"))
        to += "" if ";tag=" in to else ";tag=%016x" % random.getrandbits(64)
        status = "404 Not Found" if "<sip:9" in to else "200 OK"
        s.sendto(("SIP/2.0 %s\r\n%s%s\r\nContent-Length: 0\r\n\r\n" % (status, kept, to)).encode(), peer)


def main():
    parser = argparse.ArgumentParser()
    verbs = parser.add_subparsers(dest="verb", required=True)
    verb = verbs.add_parser("forge")
    verb.add_argument("server")
    verb.add_argument("source")
    verb.add_argument("count", type=int)
    verb.add_argument("--different", action="store_true")
    verb.add_argument("--junk", action="store_true")
    verb.add_argument("--nonce")
    verb.set_defaults(run=forge)
    verb = verbs.add_parser("register")
    verb.add_argument("server")
    verb.add_argument("user")
    verb.add_argument("password", help="-: none after the wrong ones")
    verb.add_argument("--tcp", action="store_true")
    verb.add_argument("--wrong", type=int, default=0)
    verb.add_argument("--patience", type=float, default=10, help="seconds for each answer")
    verb.set_defaults(run=register)
    verb = verbs.add_parser("nonce")
    verb.add_argument("server")
    verb.set_defaults(run=nonce)
    verb = verbs.add_parser("call")
    verb.add_argument("server")
    verb.add_argument("number")
    verb.add_argument("--deaf", action="store_true")
    verb.set_defaults(run=call)
    verbs.add_parser("guests").set_defaults(run=guests)
    args = parser.parse_args()
    args.run(args)


main()
