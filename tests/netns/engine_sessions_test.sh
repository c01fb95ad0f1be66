#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# The address is in one line of a session, the failure in a later one, and in
# between the daemon is killed, stopped or told to reload: nothing is lost.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/e2e_lib.sh"
. "$(dirname "$0")/../soak/lib.sh"

server_up
cat >"$CONF/filter.d/door.conf" <<'END'
[Definition]
prefregex = ^ door\[<F-MLFID>\d+</F-MLFID>\]: <F-CONTENT>.+</F-CONTENT>$
failregex = ^<F-NOFAIL>connection</F-NOFAIL> from <ADDR>$
            ^wrong key$
            ^<F-NOFAIL><F-MLFFORGET>closed</F-MLFFORGET></F-NOFAIL>$
END
jail_local <<END
[door]
enabled = true
filter = door
logpath = $LOG
maxretry = 2
bantime = 1h
END
quiet_daemon
daemon_up

# door SESSION TEXT: one line of the log.
door() { printf '%s door[%s]: %s\n' "$(date +%FT%T.%6N%:z)" "$1" "$2" >>"$LOG"; }
saved() { [ "$(in_db "SELECT count(*) FROM state WHERE owner='door' AND
	instr(value, '$1')")" = 1 ]; }

by_kill() {
	daemon_kill
	daemon_up
}
by_stop() {
	daemon_stop
	daemon_up
}
by_reload() { x reload; }

n=0
for how in by_kill by_stop by_reload; do
	n=$((n + 1)) who=203.0.113.$n
	door 1$n "connection from $who"
	door 2$n "connection from $who"
	check "written down" wait_until 10 saved "$who"
	$how
	door 1$n "wrong key"
	check_not "${how//_/ }: once is not enough" is_banned $who
	$how
	door 2$n "wrong key"
	check "${how//_/ }: the address was known from before" banned_in 10 $who
done

# A session that has ended is not brought back.
door 31 "connection from 203.0.113.31"
check "written down" wait_until 10 saved 203.0.113.31
door 31 "closed"
gone() { ! saved 203.0.113.31; }
check "and forgotten" wait_until 10 gone
by_kill
door 31 "wrong key"
door 31 "wrong key"
all_read_door() { [ "$(x status --json | jq '.jails[0].sources[0].lag')" = 0 ]; }
check "all is read" wait_until 10 all_read_door
check_not "nobody is banned for it" is_banned 203.0.113.31
daemon_stop
finish
