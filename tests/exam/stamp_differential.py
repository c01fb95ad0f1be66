#!/usr/bin/env python3
"""Compare stamp with Fail2ban's own date detector, line by line.

    stamp_differential.py STAMP_LINES [--show N]

Every line of Fail2ban's sample logs, as it is and mutated (seeded), is given to
both under each stock `datepattern`, to STAMP_LINES with and without its
hand-written matchers.  The same bytes must be cut out, the same moment found.
"""
import argparse
import glob
import os
import random
import re
import subprocess
import sys
import time

NOW = 1124013600
YEAR_9999 = 253402300799
ZONE = "CET-01CEST-02,M3.5.0,M10.5.0"
PACKAGE = "/usr/lib/python3/dist-packages"
LOGS = PACKAGE + "/fail2ban/tests/files/logs/*"
FILTERS = "/etc/fail2ban/filter.d/*.conf"

os.environ["TZ"] = ZONE
os.environ["LC_ALL"] = "C.UTF-8"
time.tzset()
sys.path.append(PACKAGE)
from fail2ban.server.mytime import MyTime
MyTime.setAlternateNow(NOW)
MyTime.setTime(NOW)
import logging
logging.disable(logging.CRITICAL)
from fail2ban.server.datedetector import DateDetector


def sample_lines():
    lines = []
    for log in sorted(glob.glob(LOGS)):
        if os.path.isfile(log):
            with open(log, encoding="utf-8", errors="replace") as f:
                lines.append([line.rstrip("\r\n") for line in f])
    return lines


def stock_patterns():
    """The values of `datepattern` in the stock filters, as the server gets them."""
    found = {(), ("{^LN-BEG}",)}
    for path in sorted(glob.glob(FILTERS)):
        with open(path, encoding="utf-8") as f:
            for m in re.finditer(r"(?m)^datepattern\s*=[ \t]*(.*(?:\n[ \t]+\S.*)*)", f.read()):
                parts = [p.strip() for p in m[1].replace("%%", "%").split("\n")]
                parts = tuple(p for p in parts if p)
                if parts and not any("<L" in p or "<lt" in p or "%(" in p for p in parts):
                    found.add(parts)
    return sorted(found)


# Patterns of no stock filter: every directive and every special word.
EXTRA = [
    ("{DEFAULT}",), ("{NONE}",), ("Epoch",), ("^Epoch",), ("LEpoch",), ("^LEPOCH",),
    ("TAI64N",), ("{DATE}",), ("^{DATE}",), ("t={EPOCH}",), (r"^\S+ ({EPOCH})",),
    ("{^LN-BEG}{DATE}",), ("{UNB}%Y-%m-%d",), ("**%H:%M**",), ("%d/%b/%Y",),
    (r"%Y%m%d", "{^LN-BEG}"), (r"(?i)t%H:%M",), (r"%S$",), (r"%j %H:%M", r"%b %d"),
    (r"%Y W%W %a",), (r"%Y U%U %A", r"%w %U"), (r"%c", "%x", "%X"), (r"%B %d %Y",),
    (r"%I:%M %p",), (r"%l:%M:%S ?%p",), (r"%Exl:%ExM",), (r"%ExH:%ExM:%ExS %ExZ",),
    (r"%H:%M:%S ?%Exz",), (r"%H:%M:%S %Z",), (r"%k:%M:%S",), (r"%Exk:%M",),
    (r"%Exy-%Exm-%Exd",), (r"%y%m%d",), (r"%d.%m.%Y %H:%M", r"%d.%m. %H:%M"),
    (r"^\W*(?P<Y>\d{4})-(?P<m>\d+)-(?P<d>\d+)",), (r"(%Y-%m-%d)? ",),
    (r"^(?:(%b %d %H:%M:%S) )?",), (r"%G-%V-%u",), (r"%%%H",), (r"\[%Y[-/]%m\]",),
]

# What EXTRA's patterns match.
EXTRA_LINES = [
    "1124013600 x", "1124013600.123456 x", "[1124013600] x", "audit(1124013600.123:4): x",
    "11240136001 x", "1124013600123 x", "1124013600123.456 x", "1124013600123456 x",
    "112401360012 x", "t=1124013600 x", "a 1124013600.5 x", "a 1124013600.555 x",
    "@4000000042ff20e0abcdef01 x", "@4000000042ff20e0abcdef0 x", "2005-W32 Fri 2005 W32 Fri",
    "2005 W00 Sun", "2005 U32 Friday", "5 32", "226 10:00", "366 23:59", "Feb 29", "Feb 28",
    "Fri Aug 12 10:00:00 2005", "08/12/05", "10:00:00", "August 12 2005", "10:00 PM",
    "12:00 am", "12:30 pm", "19:00 pm", "1:02:03 pm", " 9:02:03am", "23:59:59 CET",
    "23:59:59 MSK", "23:59:59 XYZ", "23:59:59 UTC+0130", "23:59:59+01:00", "23:59:59Z",
    "23:59:59 ist", "05-08-12", "050812", "12.08.2005 10:00", "12.08. 10:00", "2005-32-5",
    "%12", "[2005-08]", "[2005/08]", "2005-08-12 x", "x", "Aug 12 10:00:00 x", "T10:00",
    "2005-02-30 10:00:00 x", "2005-08-12 24:00:00 x", "Aug 12 25:00:00 x",
    "2005-08-12 23:59:60 x", "2005-08-12 23:59:59 +0199 x", "Aug 16 10:00:00 x",
    "Aug 15 10:00:00 x", "Aug 15 10:00:01 x", "Dec 31 23:59:59 x", "Jan  1 00:00:00 x",
    "00:00:00 x", "10:00:00 x", "12:00:00 x", "12:00:01 x", "23:59:59 x",
    "2005-03-27 01:59:59 x", "2005-03-27 03:00:00 x", "2005-10-30 01:59:59 x",
    "2005-10-30 03:00:00 x", "2004-02-29 12:00:00 x", "2005-02-29 12:00:00 x",
    "01-27-2012 16:22:44.252 x", "01-02-2012 16:22:44.252 x", "17-07-2008 17:23:25 x",
    "23/01/05 21:59:59 x", "CET Apr 16 21:05:29 x", "+01:00 Jan 23 21:59:59.011 2005 x",
    "Apr-27-13 02:33:06 x", "<09/16/08@05:03:30> x", "130322 11:46:11 x",
    "Feb 3, 2013 11:46:11 AM x", "20050123T215959 x", "20050123 215959,5Z x",
]


def mutate(rng, line):
    """One to three small changes, most of them near the date."""
    for _ in range(rng.randint(1, 3)):
        at = min(int(rng.expovariate(1 / 20)), len(line))
        pick = rng.random()
        if pick < 0.3:
            line = line[:at] + rng.choice("0123456789") + line[at + 1:]
        elif pick < 0.5:
            line = line[:at] + line[at + 1:]
        elif pick < 0.7:
            line = line[:at] + rng.choice(" :.,-/[]+TZaU_@0\t\u00e9\u20ac") + line[at:]
        elif pick < 0.8:
            line = line[:at] + rng.choice([" 2005", ".123", ",1234567", "+02:00", " -0500", "Z",
                                           " UTC", " GMT ", "  ", "Jan 12 03:04:05 ",
                                           "2005-01-02 03:04:05 "]) + line[at:]
        elif pick < 0.9:
            line = rng.choice(["[", " ", "[[", "x ", "<", "\u00e9", "\ufeff", "CEST ", "host "]) + line
        else:
            line = line.swapcase() if rng.random() < 0.5 else line[:at]
    return line


def ambiguous(moment):
    """True near a change of offset, where mktime(3) follows its own history."""
    if moment > YEAR_9999:
        return False
    return len({time.localtime(moment + h * 3600).tm_gmtoff for h in (-2, 0, 2)}) > 1


def detect(detector, line):
    """As stamp_lines prints it; and whether the date has a zone, but no year."""
    match, template = detector.matchTime(line)
    if not match:
        return "-", False
    start, end = match.span(1)
    if start == end:
        return "empty", False
    prefix = "%d %d " % (len(line[:start].encode()), len(line[:end].encode()))
    groups = match.groupdict()
    zone_only = bool((groups.get("z") or groups.get("Z")) and
                     not (groups.get("Y") or groups.get("y")))
    try:
        date = detector.getTime(line[start:end], (match, template))
    except KeyError:
        return prefix + "nozone", zone_only
    except (TypeError, OverflowError):
        return prefix + "nodate", zone_only
    return prefix + ("nodate" if date is None else "%.6f" % date[0]), zone_only


def theirs(patterns, lines):
    detector = DateDetector()
    for pattern in patterns:
        detector.appendTemplate(pattern)
    if not patterns:
        detector.addDefaultTemplate()
    for template in detector.templates:
        template.template.hits = 0      # counted for all detectors of a process
    for line in lines:
        try:
            yield detect(detector, line)
        except Exception:
            yield None                  # Fail2ban itself fails on the line


def ours(program, slow, patterns, lines):
    done = subprocess.run([program, str(NOW), "", slow] + list(patterns),
                          input="".join(line + "\n" for line in lines).encode(),
                          stdout=subprocess.PIPE, check=True)
    return done.stdout.decode().splitlines()


def same(a, b, zone_only):
    if a == b:
        return True
    if b == "empty":
        return a.endswith("empty")
    (where_a, _, when_a), (where_b, _, when_b) = a.rpartition(" "), b.rpartition(" ")
    if where_a != where_b or not (when_a[0].isdigit() and when_b[0].isdigit()):
        return False
    apart = abs(float(when_a) - float(when_b))
    # Without a year, Fail2ban takes the local day for the day in that zone.
    return (apart < 5e-6 or zone_only and apart == 86400 or ambiguous(float(when_b))
            or float(when_b) > YEAR_9999)


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("program")
    parser.add_argument("--show", type=int, default=10)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--mutants", type=int, default=1, help="of each line")
    args = parser.parse_args()
    rng = random.Random(args.seed)
    logs = sample_lines()
    passed = failed = 0
    corpus = [line for log in logs for line in log] + EXTRA_LINES
    for _ in range(args.mutants):
        for log in logs + [EXTRA_LINES] * 3:
            corpus += [mutate(rng, line).replace("\n", "").replace("\r", "") for line in log]
    for patterns in stock_patterns() + EXTRA:
        want = list(theirs(patterns, corpus))
        for slow in "01":
            got = ours(args.program, slow, patterns, corpus)
            for line, a, b in zip(corpus, got, want):
                if b is None:
                    continue
                if same(a, *b):
                    passed += 1
                    continue
                failed += 1
                if failed <= args.show:
                    print("%r slow=%s %r:\n    stamp %s, fail2ban %s" % (patterns, slow, line[:150], a, b[0]))
            failed += abs(len(got) - len(want))
    print("%d passed, %d failed" % (passed, failed))
    sys.exit(1 if failed or not passed else 0)


main()
