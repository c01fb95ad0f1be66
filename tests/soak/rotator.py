# SPDX-License-Identifier: GPL-2.0-or-later
"""Write failures without a pause, and rotate the log in every way meanwhile.

  rotator.py LOG ROTATIONS SOCKET OWNER

Every second address fails five times, the others four times, in any order among
fifty of them, so that most straddle a rotation.  Prints what must follow: lines,
addresses that fail five times, rotations of each kind.  SOCKET is the daemon's:
what is deleted unread is lost to everybody, so before that we ask what was read.
"""
import gzip
import json
import os
import random
import shutil
import socket
import sys
import time

GENERATIONS, AROUND = 30, 50


class Writer:
    def __init__(self, path, control, owner):
        self.path, self.control, self.owner = path, control, owner
        self.lines, self.fives, self.next = 0, 0, 0
        self.waiting = []           # addresses, once for each line to come
        self.ending = False
        self.fd = self.open()

    def open(self):
        fd = os.open(self.path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o640)
        os.fchown(fd, self.owner, 0)
        return fd

    def text(self):
        if len(self.waiting) < 4 * AROUND and not self.ending:
            for i in range(self.next, self.next + AROUND):
                self.waiting += [i] * (5 if i % 2 else 4)
                self.fives += i % 2
            self.next += AROUND
            random.shuffle(self.waiting)
        i = self.waiting.pop()
        self.lines += 1
        return ("%s server sshd[7]: Failed password for root from 10.%d.%d.%d port 9 ssh2\n" % (
            time.strftime("%Y-%m-%dT%H:%M:%S+00:00", time.gmtime()),
            1 + (i >> 16), i >> 8 & 255, i & 255)).encode()

    def write(self, n, fd=None):
        """Some lines, now and then one in two pieces."""
        fd = self.fd if fd is None else fd
        for _ in range(n):
            line = self.text()
            cut = len(line) // 2 if random.random() < 0.1 else len(line)
            os.write(fd, line[:cut])
            os.write(fd, line[cut:])

    def drain(self):
        """Nobody new: every address gets the lines that are still to come."""
        self.ending = True
        self.write(len(self.waiting))

    def read_so_far(self):
        with socket.socket(socket.AF_UNIX) as s:
            s.connect(self.control)
            s.sendall(b'{"verb": "status"}\n')
            for row in s.makefile():
                row = json.loads(row)
                if "jails" in row:
                    return row["jails"][0]["lines"]

    def wait(self):
        end = time.time() + 60
        while self.read_so_far() < self.lines:
            if time.time() > end:
                sys.exit("only %d of %d lines were read" % (self.read_so_far(), self.lines))
            time.sleep(0.002)

    # ---- kinds ----------------------------------------------------------------

    def shift(self):
        for i in range(GENERATIONS, 1, -1):
            for end in ("", ".gz"):
                if os.path.exists("%s.%d%s" % (self.path, i - 1, end)):
                    os.rename("%s.%d%s" % (self.path, i - 1, end),
                              "%s.%d%s" % (self.path, i, end))

    def reopen(self):
        os.close(self.fd)
        self.fd = self.open()

    def rename_create(self):
        self.shift()
        os.rename(self.path, self.path + ".1")
        self.reopen()

    def rename_create_later(self):
        self.shift()
        os.rename(self.path, self.path + ".1")
        self.write(random.randrange(5))
        time.sleep(0.01)
        self.reopen()

    def rename_late_writer(self):
        """logrotate makes the new file; the service writes to the old one for a while."""
        self.shift()
        os.rename(self.path, self.path + ".1")
        os.close(self.open())
        self.write(random.randrange(5))
        self.reopen()

    def two_writers(self):
        """One of them has heard of the rotation, the other one not yet."""
        self.shift()
        os.rename(self.path, self.path + ".1")
        old, self.fd = self.fd, self.open()
        for _ in range(random.randrange(5)):
            self.write(1)
            self.write(1, old)
        os.close(old)

    def copytruncate(self):
        """A copy is known by what was read of the file: so something of it was."""
        self.wait()
        self.write(random.randrange(1, 60))
        self.shift()
        shutil.copyfile(self.path, self.path + ".1")
        os.ftruncate(self.fd, 0)

    def rename_compress(self):
        self.rename_create()
        self.wait()
        with open(self.path + ".1", "rb") as log, gzip.open(self.path + ".1.gz", "wb") as out:
            shutil.copyfileobj(log, out)
        os.unlink(self.path + ".1")

    def seen(self):
        """After a deletion nothing tells which old file comes next: until one is read."""
        self.write(1)
        self.wait()

    def delete_create(self):
        self.wait()
        os.unlink(self.path)
        self.reopen()
        self.seen()

    def replace(self):
        self.wait()
        fd = os.open(self.path + ".new", os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o640)
        os.fchown(fd, self.owner, 0)
        os.rename(self.path + ".new", self.path)
        os.close(self.fd)
        self.fd = fd
        self.seen()


def main(path, rotations, control, owner):
    random.seed(1)
    w = Writer(path, control, owner)
    kinds = [w.rename_create, w.rename_create_later, w.rename_late_writer, w.two_writers,
             w.copytruncate, w.rename_compress, w.delete_create, w.replace]
    done = dict.fromkeys((k.__name__ for k in kinds), 0)
    for _ in range(rotations):
        w.write(random.randrange(1, 60))
        kind = random.choice(kinds)
        kind()
        done[kind.__name__] += 1
        w.write(1)              # a file that was empty all along is no generation
        time.sleep(0.005)
    w.drain()
    w.wait()
    print(json.dumps({"lines": w.lines, "fives": w.fives, "addresses": w.next, "kinds": done}))


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), sys.argv[3], int(sys.argv[4]))
