#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Every stock filter of Fail2ban against its sample logs, engine beside engine.

    differential.py --exam DIR --engine BINARY --filters DIR --logs DIR [--full]

Fail2ban's engine runs inside this process (through DIR/oracle.py), ours as
`xdpban test --json`, once for each pair of filter and log.  Without --full each
filter meets its own log and a few others, the same on every run.  A line that
is reported differently is a failure, unless tests/exam/accepted.txt lists it:
"FILTER LOG LINE", each with its reason in docs/compatibility.md.
"""
import argparse
import concurrent.futures
import glob
import importlib.util
import json
import logging
import os
import subprocess
import sys

NOW = "1124013600"
OTHERS = 6


def arguments():
    parser = argparse.ArgumentParser()
    for name in ("exam", "engine", "filters", "logs"):
        parser.add_argument("--" + name, required=True)
    parser.add_argument("--full", action="store_true")
    return parser.parse_args()


def load_oracle(folder):
    """oracle.py runs when imported: take its functions, not its last line."""
    path = os.path.join(folder, "oracle.py")
    source = open(path).read().rsplit("\nmain()", 1)[0]
    module = importlib.util.module_from_spec(importlib.util.spec_from_loader("oracle", None))
    exec(compile(source, path, "exec"), module.__dict__)
    sys.path.append("/usr/lib/python3/dist-packages")
    return module


def key_of(report):
    time = None if report["time"] is None else round(report["time"], 3)
    return (report["id"].lower(), time, json.dumps(report["fields"].get("user")))


def theirs(oracle, config, name, log):
    from fail2ban.server.mytime import MyTime
    MyTime.setAlternateNow(float(NOW))
    MyTime.setTime(float(NOW))
    engine = oracle.build_filter(name, {}, config)
    found = {}
    for number, line in enumerate(open(log, errors="surrogateescape"), 1):
        for _, fid, when, fail in engine.processLine(line.rstrip("\r\n")):
            if fid is None or fail.get("nofail"):
                continue
            report = {"id": str(fid), "time": when,
                      "fields": {"user": oracle.plain(fail["user"])} if fail.get("user") is not None else {}}
            found.setdefault(number, []).append(key_of(report))
    return found


def ours(engine, config, name, log):
    done = subprocess.run([engine, "test", "--json", "--config", config, "--now", NOW, name, log],
                          stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    found = {}
    for row in done.stdout.decode("utf-8", "surrogateescape").splitlines():
        report = json.loads(row)
        if not report["nofail"]:
            found.setdefault(report["line"], []).append(key_of(report))
    return found, done.stderr.decode(errors="replace").strip() if done.returncode else ""


def compare(job):
    args, name, log = job
    oracle = load_oracle(args.exam)
    logging.disable(logging.CRITICAL)
    config = os.path.dirname(args.filters)
    lines = sum(1 for _ in open(log, "rb"))
    want = theirs(oracle, config, name, log)
    got, error = ours(args.engine, config, name, log)
    if error:
        return lines, [(name, os.path.basename(log), 0, error, "")]
    differ = [n for n in sorted(set(got) | set(want)) if got.get(n) != want.get(n)]
    return lines, [(name, os.path.basename(log), n, got.get(n), want.get(n)) for n in differ]


def pairs(args):
    names = sorted(os.path.basename(p)[:-5] for p in glob.glob(args.filters + "/*.conf")
                   if not p.endswith("common.conf"))
    logs = sorted(p for p in glob.glob(args.logs + "/*") if os.path.isfile(p))
    for index, name in enumerate(names):
        own = os.path.join(args.logs, name)
        step = max(1, len(logs) // OTHERS)
        some = logs[index % step::step]
        for log in logs if args.full else sorted(set(some) | ({own} & set(logs))):
            yield args, name, log


def accepted():
    path = os.path.join(os.path.dirname(os.path.abspath(__file__)), "accepted.txt")
    rows = (line.split() for line in open(path) if line.strip() and not line.startswith("#"))
    return {(name, log, int(number)) for name, log, number in rows}


def main():
    args = arguments()
    fine = accepted()
    passed = failed = 0
    os.environ["TZ"] = "CET-01CEST-02,M3.5.0,M10.5.0"
    with concurrent.futures.ProcessPoolExecutor(os.cpu_count()) as pool:
        for lines, differ in pool.map(compare, pairs(args), chunksize=4):
            wrong = [d for d in differ if d[:3] not in fine]
            failed += len(wrong)
            passed += lines - len(wrong)
            for name, log, number, got, want in wrong[:3]:
                print("%s on %s:%d: xdpban %s, fail2ban %s" % (name, log, number, got, want))
    print("%d passed, %d failed" % (passed, failed))
    sys.exit(1 if failed or not passed else 0)


main()
