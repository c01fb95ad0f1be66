#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# The first start on a log that has grown for a month: only what lies within
# findtime is read, and all of that counts.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/e2e_lib.sh"

server_up
jail_local <<END
[sshd]
enabled = true
logpath = $LOG
maxretry = 5
findtime = 10m
bantime = 1h
END
# One line a minute for 30 days, then an attacker: two hours ago, and just now.
python3 - >"$LOG" <<'END'
import time
now = time.time()
def line(at, text):
    print(time.strftime("%b %e %H:%M:%S", time.localtime(at)), "pbx sshd[99]:", text)
for minute in range(30 * 24 * 60, 0, -1):
    line(now - minute * 60, "Connection from 198.51.100.7 port 4711 on 192.0.2.1 port 22")
    if minute == 120:
        for i in range(5):
            line(now - 7200, "Failed password for root from 203.0.113.66 port 22 ssh2")
for i in range(5):
    line(now - 300 + i, "Failed password for root from 203.0.113.67 port 22 ssh2")
END
size=$(stat -c %s "$LOG")
check "the log is larger than what is read whole" [ "$size" -gt 2000000 ]
daemon_up
check "who attacked within findtime is banned" banned_in 10 203.0.113.67
check_not "who did before is not" is_banned 203.0.113.66
read_bytes=$(x status --json | jq '.jails[0].sources[0].bytes')
check "the old part was not read ($read_bytes of $size bytes)" [ "$read_bytes" -lt 300000 ]
failures 203.0.113.68 5
check "and the log is followed" banned_in 10 203.0.113.68
daemon_stop
check_is "SIGTERM ends it well" $? 0
finish
