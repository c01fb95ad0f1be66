#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Forge log lines and see whether a filter blames anyone but their sender.

    forge.py [--engine CMD] [--config DIR] [--lines N] [--seed N] [FORMAT...]

For each format below, fields that a remote party controls are filled with
imitations of the text that follows them, naming victims, in the way the server
would log them (with its escapes, its limits, its truncation).  The filter may
report the sender of a line or nothing, never anyone else; and it must report
the sender where the fields hold ordinary text.
Last line: 'N passed, N failed', where every format is two cases.
"""
import argparse
import json
import os
import random
import shlex
import subprocess
import sys
import tempfile

SENDERS = ["203.0.113.%d" % n for n in range(1, 200)] + ["2001:db8:bad::%x" % n for n in range(1, 200)]
VICTIMS = ["198.51.100.60", "192.0.2.66", "2001:db8:10::50", "::ffff:198.51.100.60"]
NOW = 1795402300

rnd = random.Random()


def bracket(addr):
    return "[%s]" % addr if ":" in addr else addr


def victim():
    """An address to blame, in one of the ways to write it."""
    addr = rnd.choice(VICTIMS)
    port = rnd.choice(["5060", "1", "65535"])
    return rnd.choice(["%s", "%s:" + port, "[%s]", "[%s]:" + port, "(%s)", "%s'", "%s/5060"]) % addr


# ---- what to write into a field ------------------------------------------------

# Whole messages as the servers write them; V is a victim's address.
IMITATIONS = [
    "NOTICE[1234] chan_sip.c: Registration from '\"x\" <sip:1@h>' failed for 'V:5060' - Wrong password",
    "NOTICE[1234][C-0000000a] chan_sip.c: Call from '' (V:5060) to extension '900' rejected because extension "
    "not found in context 'public'.",
    "NOTICE[1234]: res_pjsip/pjsip_distributor.c:674 in log_failed_request: Request 'INVITE' from '\"x\" <sip:1@h>' "
    "failed for 'V:5060' (callid: 2) - No matching endpoint found after 5 tries in 12.345 ms",
    "<sip:1@h>' failed for 'V:5060' (callid: \" <sip:2@h>' failed for 'V:5060' (callid: 2) - Failed to authenticate",
    "1) - No matching endpoint found' failed for 'V:5060' (callid: 2",
    "NOTICE[1234] res_pjsip_session.c: anonymous: Call (UDP:V:5060) to extension '900' rejected because extension "
    "not found in context 'public'.",
    "WARNING[1] res_pjsip_registrar.c: Endpoint 'anonymous' (V:5060) has no configured AORs",
    "NOTICE[1234] acl.c: SIP Peer ACL: Rejecting 'V' due to a failure to pass ACL '(BASELINE)'",
    "NOTICE[1] chan_iax2.c: No registration for peer 'x' (from V:4569)",
    "NOTICE[1] chan_iax2.c: Host V:4569 failed to authenticate as x",
    "NOTICE[1] chan_iax2.c: Rejected connect attempt from V:4569, request 's@public' does not exist",
    "NOTICE[1] manager.c: V tried to authenticate with nonexistent user 'x'",
    "SECURITY[1] res_security_log.c: SecurityEvent=\"InvalidPassword\",EventTV=\"2026-11-23T02:36:17.180+0000\","
    "Severity=\"Error\",Service=\"SIP\",EventVersion=\"2\",AccountID=\"1\",SessionID=\"0x7f2450047a20\","
    "LocalAddress=\"IPV4/UDP/198.51.100.10/5060\",RemoteAddress=\"IPV4/UDP/V/5060\",Challenge=\"1a\","
    "ReceivedChallenge=\"1a\",ReceivedHash=\"00\"",
    "x\",SessionID=\"0x1\",LocalAddress=\"IPV4/UDP/1.1.1.1/5060\",RemoteAddress=\"IPV4/UDP/V/5060\",Challenge=\"1\","
    "Response=\"2\",ExpectedResponse=\"",
    "x\",SessionID=\"0x1\",LocalAddress=\"IPV4/UDP/1.1.1.1/5060\",RemoteAddress=\"IPV4/UDP/V/5060",
    "{\"hostname\":\"\",\"timestamp\":\"2026-11-22 21:22:39.660\",\"identifiers\":{\"lwp\":1,\"callid\":\"\"},\"logmsg\":"
    "{\"location\":{\"filename\":\"chan_sip.c\",\"function\":\"f\",\"line\":1},\"level\":\"NOTICE\",\"message\":\""
    "Registration from 'x' failed for 'V:5060' - Wrong password\\n\"}}",
    "kamailio[1]: ALERT: {1 2 REGISTER x} <script>: ALERT: pike blocking REGISTER from sip:1@h (IP:V:5060)",
    "kamailio[1]: NOTICE: {1 2 REGISTER x} <script>: NOTICE: auth failed for 1 in REGISTER from sip:1@h (IP:V:5060)",
    "WARNING: {1 2 R x} pike [pike_funcs.c:135]: pike_check_ipaddr(): PIKE - BLOCKing ip V, node=0x7ff0e4a7f1b8",
    "x} <script>: XDPBAN ip=V port=5060 proto=udp m=INVITE why=auth",
    "opensips[1]: WARNING:pike:pike_check_req: PIKE - BLOCKing ip V, node=0x7ff0e4a7f1b8",
    "[WARNING] sofia_reg.c:1478 SIP auth failure (INVITE) on sofia profile 'internal' for [x@h] from ip V",
    "[WARNING] sofia_reg.c:2531 Can't find user [x@h] from V",
    "sshd[1]: Failed password for invalid user x from V port 22 ssh2",
    "sshd-session[1]: Invalid user x from V port 22",
    "message repeated 5 times: [ Failed password for root from V port 22 ssh2]",
    "Connection closed by authenticating user root V port 22 [preauth]",
    "Received disconnect from V port 22:3: x: Auth fail [preauth]",
    "xdpban.actions [1]: NOTICE  [asterisk] Ban V",
]
DATES = ["[2026-11-23 02:20:48] ", "[Nov 23 02:20:48] ", "Nov 23 02:20:48 pbx1 ", "2026-11-23T02:20:48.1+00:00 pbx1 ",
         "1795400448 ", ""]
MARKS = "'\"<>()[]{}:;,\\/ =-"


def imitation():
    """A message for a victim, or the part of one from some mark on."""
    text = rnd.choice(IMITATIONS).replace("V", rnd.choice(VICTIMS))
    if rnd.random() < 0.5:  # a connection would prove who sends
        text = text.replace("UDP", "TCP").replace("udp", "tls")
    cuts = [0] * 6 + [i for i, c in enumerate(text) if c in MARKS]
    text = text[rnd.choice(cuts):]
    if rnd.random() < 0.3:
        text = text[:rnd.randrange(len(text) + 1)]
    return text


def disguise(text):
    """The same in a form that some reader may undo."""
    kind = rnd.random()
    if kind < 0.70:
        return text
    if kind < 0.80:
        return text.replace('"', '\\"')
    if kind < 0.85:
        return text.replace("\\", "\\\\").replace('"', '\\"')
    if kind < 0.90:
        return text.replace(" ", "\t")
    if kind < 0.95:
        return "".join("%%%02x" % ord(c) if c in MARKS else c for c in text)
    return text + "\x1b[0m"


def hostile():
    parts = []
    for _ in range(rnd.choice([1, 1, 1, 2, 2, 3])):
        parts.append(rnd.choice(["", "", "a", "' ", "\" ", "> ", "\\", "} ", "@", victim()]))
        parts.append(rnd.choice(DATES) if rnd.random() < 0.1 else "")
        parts.append(disguise(imitation()))
    return "".join(parts).replace("\n", " ").replace("\r", " ")


def word():
    return rnd.choice(["100", "alice", "sip.example.net", "0972598285108", "trunk-1", "d3621db71de5874d@203.0.113.9"])


# A log that cuts long lines can be made to cut right behind a forged tail:
# between these two marks stands what shall be the end of the line.
FROM, UPTO = "\x02", "\x03"


def cut(line, limit):
    """The line as a log with this limit writes it; marks become padding."""
    if FROM in line:
        head, _, rest = line.partition(FROM)
        rest = rest.replace(FROM, "")
        tail = rest.partition(UPTO)[0]
        padding = max(0, limit - len(head.replace(UPTO, "")) - len(tail))
        line = head + "A" * padding + rest
    return line.replace(UPTO, "")[:limit]


class Field:
    """Text for the fields of one line: ordinary or hostile."""

    def __init__(self, forged):
        self.forged = forged

    def raw(self, limit=4000):
        if not self.forged or rnd.random() < 0.2:
            return word()
        if limit > 1000 and rnd.random() < 0.15:
            return FROM + imitation() + UPTO
        return hostile()[:limit]

    def token(self):
        if not self.forged:
            return "REGISTER"
        return "".join(c for c in hostile() if c.isalnum() or c in "-.!%*_+`'~")[:60] or "X"

    def no_quote(self):
        """What comes out of a quoted string: no quote; or of a bare one: no comma."""
        text = self.raw()
        return text.replace('"', "") if rnd.random() < 0.5 else text.split(",")[0].lstrip('"')

    def backslashed(self, limit):
        """What comes out of PJSIP's quoted strings: quotes with their backslash."""
        return self.raw(limit).replace("\\", "\\\\").replace('"', '\\"')[:limit]


# ---- Asterisk: messages ----------------------------------------------------------
# A message: level, source file, function, text.

def sip_register(f, src):
    return "NOTICE", "chan_sip.c", "handle_request_register", "Registration from '%s' failed for '%s:5060' - %s" % (
        f.raw(), bracket(src), rnd.choice(["Wrong password", "No matching peer found", "Device does not match ACL"]))


def sip_call(f, src):
    return "NOTICE", "chan_sip.c", "handle_request_invite", (
        "Call from '' (%s:5060) to extension '%s' rejected because extension not found in context 'public'." % (
            bracket(src), f.raw()))


def printed_uri(f):
    user = "".join(c if c.isalnum() or c in "-_.!~*'()&=+$,;?/" else "%%%02x" % ord(c) for c in f.raw(200))
    param = ""
    if f.forged and rnd.random() < 0.15:
        param = ';p="%s"' % f.backslashed(200)
    return "<sip:%s@%s%s>" % (user, "198.51.100.10", param)


def printed_from(f):
    """PJSIP's idea of a From header, parsed and printed again."""
    kind = rnd.random()
    if kind < 0.3:
        return printed_uri(f)
    if kind < 0.8:
        display = f.raw(300)
        if f.forged:
            display = display.replace("\\", "\\\\").replace('"', '\\"')
    else:
        display = f.raw(300).replace("<", "").replace(":", "").strip().lstrip('"')
    return '"%s" %s' % (display, printed_uri(f))


def pjsip_request(f, src):
    text = "Request '%s' from '%s' failed for '%s:5060' (callid: %s) - %s" % (
        f.token(), printed_from(f), bracket(src), f.raw(511),
        rnd.choice(["No matching endpoint found", "Failed to authenticate", "Not match Endpoint ACL"]))
    return "NOTICE", "res_pjsip/pjsip_distributor.c", "log_failed_request", text + rnd.choice(
        ["", " after 5 tries in 1.250 ms"])


def pjsip_call(f, src):
    if rnd.random() < 0.5:
        who = "anonymous: Call (UDP:%s:5060)" % bracket(src)
    else:
        who = "Call from 'anonymous' (UDP:%s:5060)" % src
    return "NOTICE", "res_pjsip_session.c", "new_invite", (
        "%s to extension '%s' rejected because extension not found in context 'public'." % (who, f.raw()))


def iax(f, src):
    at = bracket(src) + ":4569"
    return "NOTICE", "chan_iax2.c", "socket_process", rnd.choice([
        "No registration for peer '%s' (from %s)" % (f.raw(255), at),
        "Host %s failed MD5 authentication for 'peer' (0123 != %s)" % (src, f.raw(255)),
        "Host %s failed to authenticate as %s" % (at, f.raw(255)),
        "Rejected connect attempt from %s, who was trying to reach '%s@%s'" % (at, f.raw(255), f.raw(255)),
        "Rejected connect attempt from %s, request '%s@public' does not exist" % (at, f.raw(255))])


def manager(f, src):
    return "NOTICE", "manager.c", "authenticate", "%s %s '%s'" % (src, rnd.choice(
        ["tried to authenticate with nonexistent user", "failed to authenticate as"]), f.raw())


def security(event, service, account, session, src, tail):
    fam, transport = "IPV6" if ":" in src else "IPV4", "TCP" if service == "AMI" else "UDP"
    return "SECURITY", "res_security_log.c", "security_event_stasis_cb", (
        'SecurityEvent="%s",EventTV="2026-11-23T02:36:17.180+0000",Severity="Error",Service="%s",EventVersion="1",'
        'AccountID="%s",SessionID="%s",LocalAddress="%s/%s/%s/5060",RemoteAddress="%s/%s/%s/5061"%s' % (
            event, service, account, session, fam, transport, "2001:db8:10::10" if ":" in src else "198.51.100.10",
            fam, transport, src, tail))


def security_sip(f, src):
    event, tail = rnd.choice([
        ("InvalidAccountID", ""), ("FailedACL", ',ACLName="device_must_match_acl"'),
        ("InvalidPassword", ',Challenge="1a8834ad",ReceivedChallenge="%s",ReceivedHash="%s"' % (
            f.no_quote(), f.no_quote())),
        ("ChallengeResponseFailed", ',Challenge="1a8834ad",Response="%s",ExpectedResponse="101"' % f.no_quote())])
    return security(event, "SIP", f.raw(), "0x7f2450047a20", src, tail)


def security_pjsip(f, src):
    event, tail = rnd.choice([
        ("InvalidAccountID", ""),
        ("ChallengeResponseFailed", ',Challenge="%s",Response="%s",ExpectedResponse=""' % (
            f.backslashed(63), f.backslashed(255)))])
    return security(event, "PJSIP", f.raw(), f.raw(), src, tail)


def security_ami(f, src):
    since = ',SessionTV="1969-12-31T18:00:00.000-0600"'
    event, account, tail = rnd.choice([
        ("InvalidAccountID", f.raw(), since), ("InvalidPassword", f.raw(), since),
        ("ChallengeResponseFailed", "admin", ',Challenge="123456",Response="%s",ExpectedResponse="0f"' % f.raw())])
    return security(event, "AMI", account, "0x7f5471043460", src, tail)


# Lines that are no failure at all, whatever their foreign part says.
def harmless(f, src):
    return rnd.choice([
        ("NOTICE", "chan_sip.c", "send_check", "Failed to authenticate device %s for INVITE, code = -1" % f.raw()),
        ("WARNING", "chan_sip.c", "check_auth", "username mismatch, have <1>, digest has <%s>" % f.raw()),
        ("WARNING", "res_pjsip_acl.c", "apply_contact_acl",
         "Incoming SIP message from %s did not pass ACL test" % victim()),
        ("NOTICE", "acl.c", "ast_apply_acl", "SIP Contact ACL: Rejecting '%s' due to a failure to pass ACL 'x'" %
         rnd.choice(VICTIMS)),
        ("NOTICE", "chan_iax2.c", "register_verify", "Host %s failed RSA authentication with inkeys 'k'" % victim()),
        ("VERBOSE", "pbx.c", "pbx_extension_helper", "Executing [s@x:1] NoOp(\"SIP/1\", \"%s\") in new stack" % f.raw()),
        ("WARNING", "Ext. %s" % word(), "@ x", f.raw()),
        ("ERROR", "chan_sip.c", "register_verify",
         "Peer '%s' is trying to register, but not configured as host=dynamic" % f.raw()),
        security("ChallengeSent", "PJSIP", f.raw(), f.raw(), src, ',Challenge="1"'),
        security("SuccessfulAuth", "SIP", f.raw(), "0x1", src, ',UsingPassword="1"'),
    ])


# ---- Asterisk: forms of a line -----------------------------------------------------

FILE_LIMIT, SYSLOG_LIMITS = 8191, (1024, 2048, 8192)


def in_file(msg, date="[Nov 23 02:20:48] "):
    level, source, _, text = msg
    line = "%s%s[24220]%s %s: %s" % (date, level, rnd.choice(["", "[C-0000000a]"]), source, text)
    line = cut(line, FILE_LIMIT)
    if len(line) < FILE_LIMIT:
        return line
    # Cut off without a line feed: the next message, of anyone, continues the line.
    return line + rnd.choice([date + "VERBOSE[24220] asterisk.c: Remote UNIX connection", "", "\r"])


def in_iso_file(msg):
    return in_file(msg, rnd.choice(["[2026-11-23 02:20:48] ", "[2026-11-23 02:20:48.123] ", "[1795400448] ",
                                    "[2026-11-23T02:20:48.123+0000] "]))


def in_syslog(msg):
    level, source, function, text = msg
    line = "pbx1 asterisk[99]: %s[24220]: %s:123 in %s: %s" % (level, source, function, text)
    return rnd.choice(["Nov 23 02:20:48 ", "2026-11-23T02:20:48.123456+00:00 "]) + cut(line, rnd.choice(SYSLOG_LIMITS))


def in_console(msg):
    level, source, function, text = msg
    text = cut(text, FILE_LIMIT)
    if rnd.random() < 0.5:
        return "[2026-11-23 02:20:48] %s[24220]: %s:123 %s: %s" % (level, source, function, text)
    return "[2026-11-23 02:20:48] \x1b[1;33m%s\x1b[0m[24220]: \x1b[1;37m%s\x1b[0m:\x1b[1;37m123\x1b[0m \x1b[1;37m%s\x1b[0m: %s" % (
        level, source, function, text)


def in_json(msg):
    level, source, function, text = msg
    text = cut(text, FILE_LIMIT)
    line = json.dumps({
        "hostname": rnd.choice(["", "pbx"]), "timestamp": rnd.choice(["2026-11-23 02:20:48.123", "Nov 23 02:20:48"]),
        "identifiers": {"lwp": 24220, "callid": rnd.choice(["", "[C-0000000a]"])},
        "logmsg": {"location": {"filename": source, "function": function, "line": 123}, "level": level,
                   "message": text + "\n"}}, separators=(",", ":"), ensure_ascii=False)
    return line[:FILE_LIMIT]


# ---- the other servers ---------------------------------------------------------------

def syslog(program, text):
    return rnd.choice(["Nov 23 02:20:48 ", "2026-11-23T02:20:48.123456+00:00 "]) + cut(
        "pbx1 %s[99]: %s" % (program, text), rnd.choice(SYSLOG_LIMITS))


def kamailio(f, src):
    prefix = "{1 %s %s} " % (f.raw(60) if rnd.random() < 0.3 else "2 REGISTER", f.raw(2000))
    return syslog("kamailio", rnd.choice([
        "NOTICE: %s<script>: NOTICE: auth failed for %s in REGISTER from %s (IP:%s:5060)" % (prefix, f.raw(), f.raw(), src),
        "ALERT: %s<script>: ALERT: pike blocking %s from %s (IP:%s:5060)" % (prefix, f.token(), f.raw(), src),
        "WARNING: %spike [pike_funcs.c:135]: pike_check_ipaddr(): PIKE - BLOCKing ip %s, node=0x7ff0e4a7f1b8" % (prefix, src),
        "ERROR: %s<script>: Malformed SIP request from %s:5060" % (prefix, src),
        "NOTICE: %s<script>: XDPBAN ip=%s port=5060 proto=udp m=%s why=auth" % (prefix, src, f.token())]))


def kamailio_harmless(f, src):
    prefix = "{1 2 REGISTER %s} " % f.raw(2000)
    return syslog("kamailio", rnd.choice([
        "INFO: %s<script>: new request from %s, agent %s" % (prefix, rnd.choice(VICTIMS), f.raw()),
        "ERROR: %s<core> [core/parser/msg_parser.c:339]: parse_headers(): bad header field [%s]" % (prefix, f.raw())]))


def opensips(f, src):
    return syslog("/usr/sbin/opensips", rnd.choice([
        "WARNING:pike:pike_check_req: PIKE - BLOCKing ip %s, node=0x7ff0e4a7f1b8" % src,
        "XDPBAN ip=%s port=5060 proto=udp m=%s why=auth" % (src, f.token())]))


def freeswitch(f, src):
    date = rnd.choice(["2026-11-23 02:20:48.767815 ", "2026-11-23 02:20:48.767815 98.43% ",
                       "2d6a1b9e-3f0c-4d2c-9b73-1d0d1c2b3a4f 2026-11-23 02:20:48.767815 "])
    return date + "[WARNING] sofia_reg.c:1478 " + rnd.choice([
        "SIP auth failure (%s) on sofia profile 'internal' for [%s@%s] from ip %s" % (
            rnd.choice(["REGISTER", "INVITE"]), f.raw(400), f.raw(400), src),
        "Can't find user [%s@%s] from %s" % (f.raw(400), f.raw(400), src)])


def sshd(f, src):
    user = f.raw(100)
    return syslog(rnd.choice(["sshd", "sshd-session"]), rnd.choice([
        "Failed password for invalid user %s from %s port 40022 ssh2" % (user, src),
        "Failed keyboard-interactive/pam for invalid user %s from %s port 40022 ssh2" % (user, src),
        "Failed publickey for invalid user %s from %s port 40022 ssh2: ED25519 SHA256:Ab+/c" % (user, src),
        "Invalid user %s from %s port 40022" % (user, src),
        "error: PAM: Authentication failure for illegal user %s from %s" % (user, src),
        "error: maximum authentication attempts exceeded for invalid user %s from %s port 22 ssh2 [preauth]" % (user, src)]))


def sshd_preauth(f, src):
    user = f.raw(100)
    return syslog("sshd", rnd.choice([
        "Connection closed by invalid user %s %s port 40022 [preauth]" % (user, src),
        "Disconnected from authenticating user %s %s port 40022 [preauth]" % (user, src),
        "Bad protocol version identification '%s' from %s port 40022" % (f.raw(200), src),
        "Unable to negotiate with %s port 40022: no matching cipher found. Their offer: %s [preauth]" % (src, f.raw(200)),
        "Disconnecting invalid user %s %s port 40022: Too many authentication failures [preauth]" % (user, src)]))


def sshd_harmless(f, src):
    return syslog("sshd", rnd.choice([
        "error: kex_exchange_identification: client sent invalid protocol identifier \"%s\"" % f.raw(200),
        "Failed hostbased for root from %s port 2 ssh2: RSA SHA256:x, client user \"%s\", client host \"%s\"" % (
            rnd.choice(VICTIMS), f.raw(100), f.raw(100)),
        "pam_unix(sshd:auth): authentication failure; logname= uid=0 euid=0 tty=ssh ruser= rhost=%s  user=%s" % (
            rnd.choice(VICTIMS), f.raw(100)),
        "reverse mapping checking getaddrinfo for %s [%s] failed." % (word(), rnd.choice(VICTIMS))]))


ASTERISK = [sip_register, sip_call, pjsip_request, pjsip_call, iax, manager, security_sip, security_pjsip, security_ami]
FORMS = [in_file, in_iso_file, in_syslog, in_console, in_json]


def asterisk_formats(wrap, mode):
    spec = "asterisk[mode=%s]" % mode
    for message in ASTERISK + ([harmless] if mode == "normal" else []):
        yield ("%s %s" % (message.__name__, wrap.__name__), spec, message is not harmless,
               lambda f, src, m=message: wrap(m(f, src)))


def formats():
    """(name, filter, whether ordinary lines must be reported, maker of a line)"""
    for wrap in FORMS:
        yield from asterisk_formats(wrap, "normal")
    yield from asterisk_formats(in_file, "aggressive")
    yield "kamailio", "kamailio", True, kamailio
    yield "kamailio harmless", "kamailio[mode=aggressive]", False, kamailio_harmless
    yield "opensips", "opensips", True, opensips
    yield "freeswitch", "freeswitch", True, freeswitch
    yield "sshd", "sshd", True, sshd
    yield "sshd preauth", "sshd[mode=aggressive]", True, sshd_preauth
    yield "sshd harmless", "sshd[mode=aggressive]", False, sshd_harmless


# ---- running ---------------------------------------------------------------------------

def reports(engine, config, spec, lines):
    """What the engine reports: line number -> its rows."""
    with tempfile.NamedTemporaryFile("w", suffix=".log", newline="\n") as log:
        log.write("".join(line + "\n" for line in lines))
        log.flush()
        done = subprocess.run(
            shlex.split(engine) + ["test", "--json", "--config", config, "--now", str(NOW), spec, log.name],
            stdout=subprocess.PIPE, env={**os.environ, "TZ": "UTC"})
    if done.returncode:
        sys.exit("forge: %s failed on %s" % (engine, spec))
    found = {}
    for row in done.stdout.decode("utf-8", "surrogateescape").splitlines():
        row = json.loads(row)
        found.setdefault(row["line"], []).append(row)
    return found


def lies(rows, src, must, transports):
    """Who else is blamed, or said to have logged in; and transports that nobody can forge."""
    failures = {row["id"] for row in rows if not row["nofail"]}
    # What only casts doubt on a log is about nobody.
    logins = {row["id"] for row in rows if row["nofail"] and not row["fields"].get("doubt")}
    proofs = {row["fields"].get("transport", "udp").upper() for row in rows}
    return (failures - {src} if must else failures) | (logins - {src}) | (proofs - transports)


def run_format(args, name, spec, must, make):
    lines, senders, ordinary = [], [], max(20, args.lines // 20)
    for number in range(args.lines + ordinary):
        src = rnd.choice(SENDERS)
        lines.append(make(Field(number >= ordinary), src))
        senders.append(src)
    found = reports(args.engine, args.config, spec, lines)
    bad = missed = seen = 0
    for number, (line, src) in enumerate(zip(lines, senders)):
        rows = found.get(number + 1, [])
        ids = {row["id"] for row in rows if not row["nofail"]}
        seen += bool(ids) and number >= ordinary
        wrong = lies(rows, src, must, {"UDP", "TCP"} if "ami" in name else {"UDP"})
        if wrong:
            bad += 1
            print("BLAMES %s, from %s (%s): %s" % (wrong, src, name, line[:1500]))
        elif must and number < ordinary and not ids:
            missed += 1
            print("MISSES %s (%s): %s" % (src, name, line[:1500]))
    print("%-34s %6d forged lines, %3d %% reported, %d blame a victim" % (
        name, args.lines, 100 * seen // args.lines, bad))
    return bad, missed


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--engine", default="build/xdpban")
    parser.add_argument("--config", default="configs")
    parser.add_argument("--lines", type=int, default=400, help="forged lines for each format")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("formats", nargs="*", help="only those whose name contains this")
    args = parser.parse_args()
    rnd.seed(args.seed)
    passed = failed = 0
    for name, spec, must, make in formats():
        if args.formats and not any(part in name for part in args.formats):
            continue
        for wrong in run_format(args, name, spec, must, make):
            passed += not wrong
            failed += bool(wrong)
    print("%d passed, %d failed" % (passed, failed))
    sys.exit(1 if failed or not passed else 0)


if __name__ == "__main__":
    main()
