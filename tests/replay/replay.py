#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Run logs with expected results through `xdpban test --json`.

    replay.py [--engine CMD] [--config DIR] LOG...

A log is what a server writes, and in front of each line what is to come of it:

    # filter: asterisk[mode=normal]    for the lines below; journal after it: no date
    # match 203.0.113.5                this address is reported, once
    # match 203.0.113.5 at 1795400448  and this time is found (seconds, in UTC)
    # no match: why not                nothing is reported
    ## a remark

Last line: 'N passed, N failed', where every line of a log is a case.
"""
import argparse
import ipaddress
import json
import os
import re
import shlex
import subprocess
import sys
import tempfile

NOW = 1795402300


class Case:
    def __init__(self, place, spec, wanted, when, line):
        self.place, self.spec, self.wanted, self.when, self.line = place, spec, wanted, when, line


def expectation(text):
    """(address or None, time or None) of a '# match' or '# no match' line."""
    found = re.fullmatch(r"match (\S+)(?: at ([\d.]+))?", text)
    if found:
        return str(ipaddress.ip_address(found[1])), found[2] and float(found[2])
    if re.match(r"no match(:|$)", text):
        return None, None
    raise ValueError("neither 'match ADDRESS' nor 'no match': " + text)


def read_cases(path):
    """The cases of a log, in groups that go through one filter together."""
    groups, spec, wanted = [], None, None
    # Bytes as they are: a log may hold escapes, bad UTF-8 and carriage returns.
    for number, line in enumerate(open(path, errors="surrogateescape", newline="\n"), 1):
        line, place = line.rstrip("\n"), "%s:%d" % (os.path.basename(path), number)
        if line.startswith("## ") or not line.strip() and not wanted:
            continue
        if line.startswith("# filter: "):
            spec = line[10:]
            groups.append((spec, []))
        elif line.startswith("# "):
            wanted = expectation(line[2:])
        elif wanted is None or spec is None:
            raise ValueError("%s: no expectation for this line" % place)
        else:
            groups[-1][1].append(Case(place, spec, wanted[0], wanted[1], line))
            wanted = None
    return groups


def run(args, spec, cases):
    """What the engine reports for each case: a list of (address, time)."""
    command = shlex.split(args.engine) + ["test", "--json", "--config", args.config, "--now", str(NOW)]
    if spec.endswith(" journal"):
        spec = spec[:-8]
        command.append("--journal")
    with tempfile.NamedTemporaryFile("w", errors="surrogateescape", newline="\n") as log:
        log.write("".join(case.line + "\n" for case in cases))
        log.flush()
        done = subprocess.run(command + [spec, log.name], stdout=subprocess.PIPE, env={**os.environ, "TZ": "UTC"})
    if done.returncode:
        raise RuntimeError("%s: exit status %d for %s" % (args.engine, done.returncode, spec))
    found = [[] for _ in cases]
    for row in done.stdout.decode("utf-8", "surrogateescape").splitlines():
        row = json.loads(row)
        if not row["nofail"]:
            found[row["line"] - 1].append((row["id"], row["time"]))
    return found


def verdict(case, found):
    """What is wrong, or None."""
    if case.wanted is None:
        return "reported %s" % found if found else None
    if len(found) != 1 or found[0][0] != case.wanted:
        return "reported %s instead of %s" % (found or "nothing", case.wanted)
    if case.when and abs(found[0][1] - case.when) >= 1:
        return "time %s instead of %s" % (found[0][1], case.when)
    return None


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--engine", default="build/xdpban")
    parser.add_argument("--config", default="configs")
    parser.add_argument("logs", nargs="+")
    args = parser.parse_args()
    passed = failed = 0
    for path in args.logs:
        for spec, cases in read_cases(path):
            for case, found in zip(cases, run(args, spec, cases)):
                wrong = verdict(case, found)
                passed += not wrong
                failed += bool(wrong)
                if wrong:
                    print("%s (%s): %s\n    %s" % (case.place, spec, wrong, case.line.encode(errors="replace").decode()))
    print("%d passed, %d failed" % (passed, failed))
    sys.exit(1 if failed or not passed else 0)


main()
