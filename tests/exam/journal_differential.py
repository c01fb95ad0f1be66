#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""The same journal through xdpban and through Fail2ban's own journal filter.

    journal_differential.py JOURNAL_LINES DIRECTORY

Entries of every shape are written by systemd-journal-remote.  Fail2ban's reader
(python3-systemd) and its formatting are the judge of text and time; a second run
compares which entries matches select.
"""
import os
import random
import struct
import subprocess
import sys

from systemd import journal
from fail2ban.server.filtersystemd import FilterSystemd

REMOTE = '/usr/lib/systemd/systemd-journal-remote'
BOOT = '0123456789abcdef0123456789abcdef'
START = 1700000000000000
ENTRIES = 3000

HOSTS = [None, b'', b'host', b'host.example.org', b'h\nh', 'hôte'.encode(), b'\xff\xfe']
NAMES = [None, b'', b'sshd', b'sshd-session', b'asterisk', b'kernel', b'two words', b'a[b]',
         b'x\ny', 'naïve'.encode(), b'\x80\x81']
PIDS = [None, b'', b'0', b'1', b'4711', b'4194304']
TIMES = [None, b'1600000000000001', b'1699999999999999', b'1700000000123456']
MONOTONIC = [None, b'0', b'1', b'12345678', b'86400000000', b'9999999999999']
TEXTS = [b'', b'Failed password for root from 192.0.2.1 port 22 ssh2', b'a\nb', b'\n', b'a\n',
         b'tab\there', b'cr\r', b'\x1b[31mred\x1b[0m', b'nul\x00nul', b'bad \xff\xc0\xaf utf',
         'schöne Grüße \u202e'.encode(), b' leading', b'trailing ', b'=', b'x' * 5000]


def fields_of(pick):
    fields = {'_HOSTNAME': pick(HOSTS), 'SYSLOG_IDENTIFIER': pick(NAMES), '_COMM': pick(NAMES),
              'SYSLOG_PID': pick(PIDS), '_PID': pick(PIDS), '_UID': pick([b'0', b'1000']),
              '_SYSTEMD_UNIT': pick([None, b'ssh.service', b'a b.service']),
              '_SOURCE_REALTIME_TIMESTAMP': pick(TIMES),
              '_SOURCE_MONOTONIC_TIMESTAMP': pick(MONOTONIC), 'OTHER': pick([None, b'y'])}
    result = [(k, v) for k, v in fields.items() if v is not None]
    for _ in range(pick([0, 1, 1, 1, 1, 1, 2, 3])):
        result.append(('MESSAGE', pick(TEXTS)))
    return result


def export(number, fields):
    out = [b'__REALTIME_TIMESTAMP=%d\n__MONOTONIC_TIMESTAMP=%d\n_BOOT_ID=%s\n'
           % (START + number * 1001, 5000000 + number * 1001, BOOT.encode())]
    for name, value in fields:
        out.append(name.encode() + b'\n' + struct.pack('<Q', len(value)) + value + b'\n')
    return b''.join(out) + b'\n'


class Judge(FilterSystemd):
    """Only the formatting of Fail2ban's filter, without a jail."""
    jailName = 'judge'

    def __init__(self):
        pass

    def getLogEncoding(self):
        return 'utf-8'

    def line(self, entry):
        (_, _, text), _ = self.formatJournalEntry(entry)
        when = entry.get('_SOURCE_REALTIME_TIMESTAMP') or entry['__REALTIME_TIMESTAMP']
        return '%d %s' % (round(when.timestamp() * 1e6), text)


def theirs(directory, groups):
    reader = journal.Reader(path=directory, converters={'__CURSOR': lambda x: x})
    for group in groups:
        for term in group:
            reader.add_match(term)
        reader.add_disjunction()
    judge = Judge()
    return [judge.line(entry) for entry in reader]


def ours(program, directory, match):
    command = [program, directory] + ([match] if match else [])
    out = subprocess.run(command, stdout=subprocess.PIPE, check=True).stdout
    return [line.decode('utf-8', 'replace') for line in out.split(b'\n')[:-1]]


def compare(what, mine, wanted):
    bad = 0
    for a, b in zip(mine, wanted):
        if a != b:
            bad += 1
            if bad <= 5:
                print('FAILED: %s:\n  ours     %r\n  fail2ban %r' % (what, a, b))
    if len(mine) != len(wanted):
        print('FAILED: %s: %d entries, Fail2ban has %d' % (what, len(mine), len(wanted)))
        bad += 1
    return len(wanted) - min(bad, len(wanted)), bad


MATCHES = [
    ('', []),
    ('_COMM=sshd', [['_COMM=sshd']]),
    ('_COMM=sshd _COMM=kernel _UID=0', [['_COMM=sshd', '_COMM=kernel', '_UID=0']]),
    ('_COMM=sshd _UID=0 + _SYSTEMD_UNIT=ssh.service',
     [['_COMM=sshd', '_UID=0'], ['_SYSTEMD_UNIT=ssh.service']]),
    ('_COMM=sshd\n"_SYSTEMD_UNIT=a b.service" _UID=1000',
     [['_COMM=sshd'], ['_SYSTEMD_UNIT=a b.service', '_UID=1000']]),
    ('_COMM=none', [['_COMM=none']]),
]


def main():
    program, directory = sys.argv[1:3]
    pick = random.Random(1).choice
    data = b''.join(export(i, fields_of(pick)) for i in range(ENTRIES))
    subprocess.run([REMOTE, '-o', os.path.join(directory, 'system.journal'), '-'], input=data,
                   check=True, stderr=subprocess.DEVNULL)
    passed = failed = 0
    for match, groups in MATCHES:
        good, bad = compare(match or 'no match', ours(program, directory, match),
                            theirs(directory, groups))
        print('%-60s %5d entries, %d differ' % (repr(match), good + bad, bad))
        passed += good
        failed += bad
    print('%d passed, %d failed' % (passed, failed))
    return 1 if failed or not passed else 0


if __name__ == '__main__':
    sys.exit(main())
