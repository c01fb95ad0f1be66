#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# reload: a broken configuration changes nothing, a good one takes effect, and
# bans stand in either case.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/e2e_lib.sh"

server_up
with_maxretry() {
	jail_local <<-END
	[sshd]
	enabled = true
	logpath = $LOG
	bantime = 1h
	maxretry = $1
	END
}
with_maxretry 5
daemon_up
failures 203.0.113.1 5
check "the first configuration bans" banned_in 5 203.0.113.1
check "reload of the same is done" x reload

with_maxretry 2
printf '%s\n' '[Definition]' 'failregex = ^unclosed ( group from <ADDR>$' \
	>"$CONF/filter.d/sshd.local"
said=$(x reload 2>&1)
check_is "reload of a broken filter fails" $? 1
check_has "it says where" "$said" "sshd.local:2:"
said=$(x check 2>&1)
check_is "check fails alike" $? 1
check_has "check says where" "$said" "sshd.local:2:"
check "the ban stands" is_banned 203.0.113.1
failures 203.0.113.2 2
failures 203.0.113.3 5
check "the old filter works on, with the old maxretry" banned_in 5 203.0.113.3
check_not "two failures are still too few" is_banned 203.0.113.2

rm "$CONF/filter.d/sshd.local"
check "check is content again" x check
check "reload works again" x reload
failures 203.0.113.4 2
check "the new maxretry counts" banned_in 5 203.0.113.4
check "the oldest ban still stands" is_banned 203.0.113.1
check_is "it is listed once" "$(times_listed 203.0.113.1)" 1

# A jail that is new looks back; one with tail does not, nor do those before it.
failures 203.0.113.5 1
all_read
cat >>"$CONF/jail.local" <<END
[late]
enabled = true
filter = sshd
logpath = $LOG
maxretry = 1
[tail]
enabled = true
filter = sshd
logpath = $LOG tail
maxretry = 1
END
check "reload with new jails" x reload
check "a new jail reads what others have read" banned_in 5 203.0.113.5
check_is "and counts it" "$(field 203.0.113.5 jail)" late
found() { x status "$1" --json | jq ".jails[0].found"; }
before=$(found sshd)
failures 203.0.113.6 1
check "a line for all" banned_in 5 203.0.113.6
check_is "the jail of before does not read again" "$(found sshd)" $((before + 1))
check_is "nor does one that begins at the end" "$(found tail)" 1

daemon_stop
check_is "SIGTERM ends the daemon well ($(tail -n 5 "$T/daemon.out"))" $? 0
check "and leaves the bans standing" is_banned 203.0.113.4
ns_addr server phone 1 203.0.113.4
check_not "nothing gets through" ask phone "$SERVER" $PORT 203.0.113.4
finish
