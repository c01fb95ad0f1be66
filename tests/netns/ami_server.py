#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Asterisk's manager interface, as far as security events need it.

    ami_server.py --port 5038 --user xdpban --secret S [--tls CERT KEY] LOG COMMANDS

Speaks as main/manager.c of Asterisk 20 does: banner, Challenge, Login (secret or
MD5 key), Events with a mask, Ping, Logoff; events go to sessions whose mask has
their class.  Every action that arrives is written to LOG.  COMMANDS is a pipe with a name:

    event NAME [KEY=VALUE ...]     a security event with these fields changed;
                                   VALUE is a Python string literal's inside
    burst N ADDRESS                N wrong passwords, in one write
    raw BYTES                      as they are, to everybody logged in
    drop                           close all connections
    deaf                           keep connections, answer nothing any more
    bytewise                       from now on, one byte in each write
    secret S                       the password changes
"""
import argparse
import hashlib
import random
import socket
import ssl
import threading
import time

FIELDS = ("EventTV", "Severity", "Service", "EventVersion", "AccountID", "SessionID",
          "LocalAddress", "RemoteAddress")


def now_tv():
    return time.strftime("%Y-%m-%dT%H:%M:%S.123+0000", time.gmtime())


def event(name, changes):
    fields = {
        "EventTV": now_tv(), "Severity": "Error", "Service": "PJSIP",
        "EventVersion": "2", "AccountID": "100", "SessionID": "3848276298220188511",
        "LocalAddress": "IPV4/UDP/198.51.100.1/5060",
        "RemoteAddress": "IPV4/UDP/203.0.113.1/5060",
    }
    if name in ("ChallengeSent", "ChallengeResponseFailed"):
        fields["Challenge"] = "1448276298/0123456789abcdef0123456789abcdef"
    if name == "ChallengeResponseFailed":
        fields["Response"] = fields["ExpectedResponse"] = ""
    if name in ("ChallengeSent", "SuccessfulAuth"):
        fields["Severity"] = "Informational"
    if name == "SuccessfulAuth":
        fields["UsingPassword"] = "1"
    fields.update(changes)
    return ("Event: %s\r\nPrivilege: security,all\r\n" % name +
            "".join("%s: %s\r\n" % f for f in fields.items()) + "\r\n").encode("latin-1")


class Session(threading.Thread):
    def __init__(self, server, sock):
        super().__init__(daemon=True)
        self.server, self.sock = server, sock
        self.challenge, self.logged_in, self.mask = "", False, set()
        self.lock = threading.Lock()

    def send(self, data):
        with self.lock:
            try:
                if not self.server.bytewise:
                    self.sock.sendall(data)
                    return
                for i in range(len(data)):
                    self.sock.sendall(data[i:i + 1])
            except OSError:
                self.close()

    def close(self):
        self.server.sessions.discard(self)
        try:
            self.sock.shutdown(socket.SHUT_RDWR)
        except OSError:
            pass
        self.sock.close()

    def respond(self, action, what, *lines):
        if self.server.deaf:
            return
        head = ["Response: " + what]
        if "actionid" in action:
            head.append("ActionID: " + action["actionid"])
        self.send("\r\n".join(head + list(lines) + ["", ""]).encode())

    def run(self):
        try:
            if self.server.tls:
                self.sock = self.server.tls.wrap_socket(self.sock, server_side=True)
            self.send(b"Asterisk Call Manager/8.0.2\r\n")
            for action in self.actions(self.sock.makefile("rb")):
                self.server.note(action)
                if not self.take(action):
                    break
        except OSError as e:
            self.server.note({"error": str(e)})
        self.close()

    @staticmethod
    def actions(lines):
        action = {}
        for line in lines:
            line = line.decode("latin-1").rstrip("\r\n")
            if line:
                key, _, value = line.partition(":")
                action[key.strip().lower()] = value.strip()
            elif action:
                yield action
                action = {}

    def take(self, action):
        name = action.get("action", "").lower()
        if name == "challenge":
            self.challenge = str(random.randrange(10 ** 8, 10 ** 9))
            self.respond(action, "Success", "Challenge: " + self.challenge)
        elif name == "login":
            return self.login(action)
        elif not self.logged_in:
            self.respond(action, "Error", "Message: Permission denied")
        elif name == "events":
            mask = action.get("eventmask", "")
            self.mask = set(mask.split(","))
            self.respond(action, "Success", "Events: " + ("Off" if mask == "off" else "On"))
        elif name == "ping":
            self.respond(action, "Success", "Ping: Pong", "Timestamp: %f" % time.time())
        elif name == "logoff":
            self.respond(action, "Goodbye", "Message: Thanks for all the fish.")
            return False
        else:
            self.respond(action, "Error", "Message: Invalid/unknown command: %s. Use Action: "
                         "ListCommands to show available commands." % name)
        return True

    def login(self, action):
        key = hashlib.md5((self.challenge + self.server.secret).encode()).hexdigest()
        good = action.get("username") == self.server.user and (
            action.get("secret") == self.server.secret or
            (action.get("authtype", "").upper() == "MD5" and self.challenge and
             action.get("key") == key))
        if not good:
            self.respond(action, "Error", "Message: Authentication failed")
            return False
        self.logged_in = True
        self.respond(action, "Success", "Message: Authentication accepted")
        return True


class Server:
    def __init__(self, args):
        self.user, self.secret = args.user, args.secret
        self.deaf = self.bytewise = False
        self.sessions = set()
        self.log = open(args.log, "a", buffering=1)
        self.tls = None
        if args.tls:
            self.tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            self.tls.load_cert_chain(*args.tls)
        self.listener = socket.create_server((args.host, args.port), reuse_port=False)
        threading.Thread(target=self.accept, daemon=True).start()

    def note(self, action):
        self.log.write(" ".join("%s=%s" % f for f in action.items()) + "\n")

    def accept(self):
        while True:
            sock, _ = self.listener.accept()
            session = Session(self, sock)
            self.sessions.add(session)
            session.start()

    def tell(self, data, all_of_them=False):
        for s in list(self.sessions):
            if s.logged_in and (all_of_them or "security" in s.mask):
                s.send(data)

    def command(self, words):
        if words[0] == "event":
            changes = dict(w.split("=", 1) for w in words[2:])
            self.tell(event(words[1], {k: v.encode().decode("unicode_escape")
                                       for k, v in changes.items()}))
        elif words[0] == "burst":
            where = {"RemoteAddress": "IPV4/TCP/%s/5060" % words[2]}
            self.tell(event("InvalidPassword", where) * int(words[1]))
        elif words[0] == "raw":
            self.tell(" ".join(words[1:]).encode().decode("unicode_escape").encode("latin-1"),
                      True)
        elif words[0] == "drop":
            for s in list(self.sessions):
                s.close()
        elif words[0] == "secret":
            self.secret = words[1]
        else:
            setattr(self, words[0], True)


def main():
    p = argparse.ArgumentParser()
    p.add_argument("--host", default="127.0.0.1")
    p.add_argument("--port", type=int, default=5038)
    p.add_argument("--user", required=True)
    p.add_argument("--secret", required=True)
    p.add_argument("--tls", nargs=2)
    p.add_argument("log")
    p.add_argument("commands")
    args = p.parse_args()
    server = Server(args)
    with open(args.commands) as commands:
        for line in commands:
            if line.strip():
                server.command(line.rstrip("\n").split(" "))


if __name__ == "__main__":
    main()
