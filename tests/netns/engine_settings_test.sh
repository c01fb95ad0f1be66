#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# get and set: settings of a jail that runs, and how they count.
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
ignoreip = 198.51.100.1
END
daemon_up
refuses() { check_not "set sshd $*" x set sshd "$@"; }

check_is "maxretry" "$(x get sshd maxretry)" 5
check_is "findtime" "$(x get sshd findtime)" 600
check_is "those that can be set come first" "$(x get sshd | head -n 5 | tr '\n' ';')" \
	"maxretry = 5;findtime = 600;bantime = 3600;maxmatches = 5;ignoreip = 198.51.100.1;"
check_is "as JSON" "$(x get sshd bantime --json | jq -c .)" \
	'{"jail":"sshd","option":"bantime","value":3600}'
check_not "no such jail" x get nonesuch maxretry
check_not "no such option" x get sshd colour
check_has "and which there are" "$(x get sshd colour 2>&1)" "maxretry, findtime, bantime"

# Failures that were counted before count on.
failures 203.0.113.1 2
failures 198.51.100.2 2
all_read
check_not "two are not enough" is_banned 203.0.113.1
check "set maxretry" x set sshd maxretry 3
check_is "it is 3" "$(x get sshd maxretry)" 3
check_is "status says so" "$(x status sshd --json | jq '.jails[0].maxretry')" 3
check "set bantime" x set sshd bantime 2h
failures 203.0.113.1 1
check "the third one bans" banned_in 5 203.0.113.1
check_is "for two hours" "$(field 203.0.113.1 'remaining > 7000')" true
x ban 203.0.113.8 --jail sshd >/dev/null
check_is "so does a ban by hand" "$(field 203.0.113.8 'remaining > 7000')" true

check "allow somebody" x set sshd addignoreip 198.51.100.2 203.0.113.0/24
check_is "he is on the list" "$(x get sshd ignoreip | sort | tr '\n' ' ')" \
	"198.51.100.1 198.51.100.2 203.0.113.0/24 "
failures 198.51.100.2 5
failures 203.0.113.9 5
failures 192.0.2.1 3
check "somebody else is banned" banned_in 5 192.0.2.1
check_not "not he" is_banned 198.51.100.2
check_not "nor one of the network" is_banned 203.0.113.9
check "no more" x set sshd delignoreip 203.0.113.0/24
failures 203.0.113.9 3
check "banned now" banned_in 5 203.0.113.9
refuses delignoreip 203.0.113.0/24
refuses maxretry 0
refuses maxretry many
refuses maxretry 99999
refuses findtime soon
refuses findtime -1
refuses ignoreip 192.0.2.1
check_is "nothing of it happened" "$(x get sshd maxretry)" 3

# A shorter findtime: what lies before it counts no more.
check "set findtime" x set sshd findtime 2
failures 192.0.2.50 2
counted() { ! old; }
old() { [ "$(x why --json 192.0.2.50 | jq -s '[.[] | select(.what == "watched")] | length')" = 0 ]; }
check "they are counted" wait_until 5 counted
check "two seconds later nothing counts" wait_until 10 old
# Times are read to the second: one more, to be sure.
mark=$(date +%s)
later() { [ "$(date +%s)" -gt $((mark + 1)) ]; }
wait_until 10 later
failures 192.0.2.50 2
failures 192.0.2.51 3
check "another one" banned_in 5 192.0.2.51
check_not "two and two are not three" is_banned 192.0.2.50

check "reload" x reload
check_is "as configured again" "$(x get sshd | head -n 5 | tr '\n' ';')" \
	"maxretry = 5;findtime = 600;bantime = 3600;maxmatches = 5;ignoreip = 198.51.100.1;"

# ---- settings of the daemon ------------------------------------------------------------
printf '[xdpban]\nallowipv6 = no\nmax-allow = 1\n' >>"$CONF/xdpban.local"
check "reload with allowipv6 = no" x reload
failures 2001:db8::66 5
failures 192.0.2.66 5
check "IPv4 is banned" banned_in 10 192.0.2.66
check_not "IPv6 is not" is_banned 2001:db8::66
check "which the log says" grep -q '2001:db8::66 (allowipv6 = no: not banned)' "$T/daemon.out"
x trust add 192.0.2.200 >/dev/null
check_has "max-allow is reached: status says so" "$(x status)" "raise max-allow"
finish
