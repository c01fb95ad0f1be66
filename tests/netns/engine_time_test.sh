#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Clocks that step, sleep and change to summer time, and logs from the past and the
# future.  The daemon's clocks are moved by clock_shim.c; the kernel's are real.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/e2e_lib.sh"
command -v cc >/dev/null || skip "needs a C compiler"

cc -shared -fPIC -O1 -o "$T/shim.so" "$HERE/clock_shim.c" || skip "cannot build the shim"
# A sanitizer comes before everything else.
preload=$(ldd "$XDPBAN" | sed -n 's/.*lib[at]san[^ ]* => \([^ ]*\).*/\1:/p')$T/shim.so

# clocks WALL BOOT: seconds to add.
clocks() { python3 -c 'import struct, sys
open(sys.argv[1], "r+b").write(struct.pack("dd", float(sys.argv[2]), float(sys.argv[3])))' \
	"$T/clock" "$1" "$2"; wall=$1; }
head -c 16 /dev/zero >"$T/clock"
clocks 0 0
export XDPBAN_TEST_CLOCK=$T/clock
# The daemon alone lives in the other time.
daemon_up_at() {
	[ -n "${attached:-}" ] || check "attach" x attach phone
	attached=1
	at_server_bg env LD_PRELOAD="$preload" TZ="${zone:-UTC}" "$XDPBAN" run --foreground \
		--config "$CONF" --state "$T/state" --socket "$T/sock" --pin "$PIN" \
		>>"$T/daemon.out" 2>&1
	daemon_pid=$!
	wait_until 10 daemon_answers || { fail "no answer: $(tail "$T/daemon.out")"; finish; }
}
# says SECONDS-FROM-NOW FORMAT ADDRESS N [LOG]: lines as a server with the daemon's clock
# and zone writes them.
says() {
	local i stamp
	stamp=$(TZ=${zone:-UTC} date -d "@$(python3 -c 'import sys, time
print(time.time() + float(sys.argv[1]) + float(sys.argv[2]))' "$wall" "$1")" "$2")
	for ((i = 0; i < $4; i++)); do
		echo "$stamp server sshd[7]: Failed password for root from $3 port 4 ssh2"
	done >>"${5:-$LOG}"
}
RFC=+%FT%T%:z BARE='+%b %e %T'
remaining() { field "$1" remaining | cut -d. -f1; }
# The machine may be slow; what is wrong here is wrong by hours.
near() { [ "$(($1 - $2))" -ge -120 ] && [ "$(($1 - $2))" -le 120 ]; }
watched() { x why --json "$1" | jq -r 'select(.what == "watched") | .failures'; }
counts() { [ "$(watched "$1")" = "$2" ]; }

server_up
jail_local <<END
[sshd]
enabled = true
logpath = $LOG
maxretry = 4
findtime = 10m
bantime = 1h
END
for i in 1 2 3 4 5 6 7 8; do ns_addr server phone 1 203.0.113.$i; done
daemon_up_at

# ---- steps of the wall clock: a ban is as long as it was ------------------------------
says 0 $RFC 203.0.113.1 4
check "banned" banned_in 5 203.0.113.1
check "for an hour" near "$(remaining 203.0.113.1)" 3600
clocks 86400 0
check "a day forward: still an hour" near "$(remaining 203.0.113.1)" 3600
check_not "and no answer" ask phone "$SERVER" $PORT 203.0.113.1
check_is "its end is told by the new clock" \
	"$(field 203.0.113.1 "until - now - 86400 - 3600 | fabs < 120")" true
says 0 $RFC 203.0.113.2 4
check "a ban by the new clock" banned_in 5 203.0.113.2
check "is an hour, too" near "$(remaining 203.0.113.2)" 3600
clocks -86400 0
check "two days back: still an hour" near "$(remaining 203.0.113.2)" 3600
says 0 $RFC 203.0.113.3 4
check "a ban by that clock" banned_in 5 203.0.113.3
check "is an hour, too" near "$(remaining 203.0.113.3)" 3600
# A step over a restart: the boot is the same, so the boot clock is believed.
stored() { x why --json "$1" | jq -s '[.[] | select(.what == "event")] | length' | grep -qx 1; }
check "written down" wait_until 5 stored 203.0.113.3
daemon_kill
clocks 864000 0
daemon_up_at
check "ten days forward while it was down: still an hour" near "$(remaining 203.0.113.1)" 3600
check "of all of them" near "$(remaining 203.0.113.3)" 3600

# ---- failures are counted by the log's time, as long as it is believable ------------------
clocks 0 0
daemon_kill
: >"$LOG"
daemon_up_at
x unban --all >/dev/null
says 0 $RFC 203.0.113.4 1
check "one" wait_until 5 counts 203.0.113.4 1
says -55 $RFC 203.0.113.4 1
check "and one of a minute ago" wait_until 5 counts 203.0.113.4 2
says 7200 $RFC 203.0.113.4 1
check "one from the future counts as now" wait_until 5 counts 203.0.113.4 3
says -18000 $RFC 203.0.113.4 1
check "one with a wrong zone counts as now: four" banned_in 5 203.0.113.4
check "from now on" near "$(remaining 203.0.113.4)" 3600
says 0 $RFC 203.0.113.5 3
check "three" wait_until 5 counts 203.0.113.5 3
clocks 700 0
check "a step over findtime: they are too old" wait_until 5 counts 203.0.113.5 ""
says 0 $RFC 203.0.113.5 1
check "and a new one is the first" wait_until 5 counts 203.0.113.5 1
clocks 0 0

# ---- an outage: what was logged meanwhile counts with its own time -----------------------------
daemon_kill
says -900 $RFC 203.0.113.6 4	# longer ago than findtime
says -420 $RFC 203.0.113.7 4	# seven minutes ago: a ban that has gone on since then
says -590 $RFC 203.0.113.8 2
says -10 $RFC 203.0.113.8 1	# three in ten minutes
daemon_up_at
check "a backlog bans" banned_in 5 203.0.113.7
check "since the failure" near "$(remaining 203.0.113.7)" 3180
check_is "at its time" "$(field 203.0.113.7 'since - now + 420 | fabs < 120')" true
check "three of ten minutes count" wait_until 5 counts 203.0.113.8 3
check_not "older than findtime does not" is_banned 203.0.113.6
check_is "not at all" "$(watched 203.0.113.6)" ""
# Bans that would be over by now are none.
x set sshd bantime 60 >/dev/null
daemon_kill
sed -i 's/^bantime = 1h/bantime = 60/' "$CONF/jail.local"
says -420 $RFC 203.0.113.6 4
says 0 $RFC 198.51.100.1 4
daemon_up_at
check "a ban of now" banned_in 5 198.51.100.1
check_not "not one that is over" is_banned 203.0.113.6

# ---- suspend: the boot clock goes on, and both clocks are later --------------------------------
x unban --all >/dev/null
x ban 203.0.113.1 --for 1h >/dev/null
x ban 203.0.113.2 --for 10h >/dev/null
clocks 7200 7200
gone() { ! is_banned "$1"; }
check "two hours asleep: the ban of one hour is over" wait_until 5 gone 203.0.113.1
check "the one of ten has eight left" near "$(remaining 203.0.113.2)" 28800
daemon_kill

# ---- summer time: local times without a zone -----------------------------------------------------
zone=Europe/Berlin
summer() {	# WHEN: the daemon lives around that moment (UTC)
	[ -z "${daemon_pid:-}" ] || daemon_kill
	rm -rf "$T/state"
	: >"$LOG"
	clocks "$(($(date -u -d "$1" +%s) - $(date +%s)))" 0
	daemon_up_at
}
if TZ=$zone date +%Z | grep -q CE; then
	# Clocks are set back at 01:00 UTC: 02:59 is followed by 02:00.
	summer "2026-10-25 00:59:40"
	says 0 "$BARE" 192.0.2.1 3
	check "before: three" wait_until 5 counts 192.0.2.1 3
	clocks "$(($(date -u -d "2026-10-25 01:00:10" +%s) - $(date +%s)))" 0
	says 0 "$BARE" 192.0.2.1 1
	check "set back: half a minute later is half a minute later" banned_in 5 192.0.2.1
	check_is "by the true time" "$(field 192.0.2.1 "since - $(date -u -d "2026-10-25 01:00:10" +%s) | fabs < 120")" true
	# Clocks are set forward at 01:00 UTC: 01:59 is followed by 03:00.
	summer "2027-03-28 00:59:40"
	says 0 "$BARE" 192.0.2.2 3
	check "before: three" wait_until 5 counts 192.0.2.2 3
	clocks "$(($(date -u -d "2027-03-28 01:00:10" +%s) - $(date +%s)))" 0
	says 0 "$BARE" 192.0.2.2 1
	check "set forward: the same" banned_in 5 192.0.2.2
	check_is "by the true time" "$(field 192.0.2.2 "since - $(date -u -d "2027-03-28 01:00:10" +%s) | fabs < 120")" true
	# The year is not in the line either.
	summer "2026-12-31 22:59:40"
	says 0 "$BARE" 192.0.2.3 3
	check "before the new year: three" wait_until 5 counts 192.0.2.3 3
	clocks "$(($(date -u -d "2026-12-31 23:00:10" +%s) - $(date +%s)))" 0
	says 0 "$BARE" 192.0.2.3 1
	check "a new year" banned_in 5 192.0.2.3
else
	echo "SKIP summer time: no zone $zone here"
fi
finish
