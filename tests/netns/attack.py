# SPDX-License-Identifier: GPL-2.0-or-later
"""A log of refused logins, and what must follow from it.

  attack.py write LOG RATE STOP     write lines until the file STOP exists
  attack.py check CONFIG-MAXRETRY LOGS... DB WHY
"""
import datetime
import json
import os
import random
import sqlite3
import sys
import time

EARLY_S = 5


def address(i):
    if i % 5 == 0:
        return "2001:db8:%x::%x" % (1 + (i >> 16), 1 + (i & 0x7FFF))
    return "10.%d.%d.%d" % (20 + (i >> 16), i >> 8 & 255, i & 255)


def line(who, user="root"):
    now = time.time()
    stamp = time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(now))
    return "%s.%06d+00:00 server sshd[%d]: Failed password for %s from %s port %d ssh2\n" % (
        stamp, now % 1 * 1e6, random.randrange(1000, 32768), user, who,
        random.randrange(1024, 65536))


def write(path, rate, stop):
    """Each address fails a few times, among thousands of others and honest lines."""
    random.seed(1)
    fd = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    first, n, rotated = 0, 0, time.time()
    while not os.path.exists(stop):
        lines = []
        for _ in range(max(1, rate // 100)):
            n += 1
            if n % 3 == 0:
                first += 1
            who = address(first + min(int(random.expovariate(0.02)), 400))
            lines.append(line(who))
            if n % 4 == 0:
                lines.append(line(who).replace("Failed", "Accepted"))
        text = "".join(lines).encode()
        # Half a line now, the rest later: a position must never lie in between.
        cut = random.randrange(len(text))
        os.write(fd, text[:cut])
        time.sleep(0.005)
        os.write(fd, text[cut:])
        time.sleep(0.005)
        if time.time() - rotated > 3:
            rotated = time.time()
            os.rename(path, "%s.%d" % (path, int(rotated)))
            os.close(fd)
            fd = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    os.close(fd)


def expected(paths, maxretry):
    """When each address that must be banned failed for the last time, and counts left over."""
    counts, banned = {}, {}
    for path in paths:
        for text in open(path):
            if "Failed" not in text:
                continue
            words = text.split()
            who, when = words[8], datetime.datetime.fromisoformat(words[0]).timestamp()
            counts[who] = counts.get(who, 0) + 1
            if counts[who] == maxretry:
                banned.setdefault(who, when)
                counts[who] = 0
    return banned, counts


def check(maxretry, paths, db, asked):
    """Compare with the records of bans; print the differences."""
    banned, counts = expected(paths, maxretry)
    seen, wrong = {}, []
    rows = sqlite3.connect(db).execute("SELECT who, since, failures FROM events WHERE jail='sshd'")
    for who, since, failures in rows:
        since /= 1e6
        if who in seen:
            wrong.append("%s was banned twice" % who)
        # A line that is newer than when the daemon woke up to read it counts as of then.
        elif who not in banned or not -EARLY_S <= since - banned[who] < 1e-5:
            wrong.append("%s was banned at %f, not at %s" % (who, since, banned.get(who)))
        if failures != maxretry:
            wrong.append("%s was banned after %d failures" % (who, failures))
        seen[who] = since
    wrong += ["%s was not banned" % who for who in banned if who not in seen]
    for who, n in json.load(open(asked)).items():
        if n != counts.get(who, 0):
            wrong.append("%s has %d failures counted, not %d" % (who, n, counts.get(who, 0)))
    print("%d bans, %d expected; %d counts looked at" % (len(seen), len(banned),
                                                        len(json.load(open(asked)))))
    for text in wrong[:20]:
        print(text)
    return 1 if wrong or not banned else 0


if __name__ == "__main__":
    if sys.argv[1] == "write":
        write(sys.argv[2], int(sys.argv[3]), sys.argv[4])
    elif sys.argv[1] == "sample":
        _, left = expected(sys.argv[4:], int(sys.argv[2]))
        random.seed(2)
        names = sorted(left)
        print("\n".join(random.sample(names, min(int(sys.argv[3]), len(names)))))
    else:
        sys.exit(check(int(sys.argv[2]), sys.argv[3:-2], sys.argv[-2], sys.argv[-1]))
