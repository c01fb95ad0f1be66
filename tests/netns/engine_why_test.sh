#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# `why`: every line that led to a ban, the expression, earlier bans, drops; and
# what saves an address, or how near it is to a ban.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/e2e_lib.sh"

BAD=203.0.113.1 NEAR=203.0.113.2 TRUNK=203.0.113.3 NET=198.51.100.0/24
server_up
jail_local <<END
[sshd]
enabled = true
logpath = $LOG
bantime = 1h
ignoreip = $TRUNK
[other]
enabled = true
filter =
failregex = refused <ADDR>\$
logpath = $T/other.log
maxretry = 2
END
: >"$T/other.log"
ns_addr server phone 1 $BAD
# about ADDRESS FILTER: what `why --json` says, through jq.
about() { x why --json "$1" | jq -rs "$2"; }
ban_of() { about "$1" ".[] | select(.what == \"ban\") | $2"; }

daemon_up
check_has "nothing is known" "$(x why $BAD)" "nothing is known"
check_is "nothing at all" "$(about $BAD length)" 0
failures $BAD 5
check "banned" banned_in 5 $BAD
ask phone "$SERVER" $PORT $BAD
check_is "the jail" "$(ban_of $BAD .jail)" sshd
check_is "every line" "$(ban_of $BAD '.lines | length')" 5
check_is "as it was logged" "$(ban_of $BAD '.lines[4].text')" "$(tail -n 1 "$LOG")"
check_has "the expression" "$(ban_of $BAD '.lines[0].expression')" "Failed"
check_is "when" "$(ban_of $BAD '.lines[4].time - .since | fabs < 0.001')" true
check_is "drops since" "$(ban_of $BAD '.packets > 0 and .last_seen >= .since - 5')" true
check_is "no earlier ban" "$(ban_of $BAD .earlier)" 0
check_is "the past, too" "$(about $BAD '.[] | select(.what == "past") | .bans')" 1
check_has "for people" "$(x why $BAD)" "after 5 failures"
check_has "for people: lines" "$(x why $BAD)" "$(tail -n 1 "$LOG")"

failures $NEAR 3
counted() { [ "$(about $NEAR '.[] | select(.what == "watched") | .failures')" = 3 ]; }
check "failures that count" wait_until 5 counted
check_is "with their lines" "$(about $NEAR '.[0].lines | length')" 3
check_has "for people" "$(x why $NEAR)" "counts 3 failures of $NEAR in 10m; 5 are a ban"
check_is "who may" "$(about $TRUNK '.[] | select(.what == "allowed") | .jail + " " + .by + " " + .entry')" \
	"sshd ignoreip $TRUNK"
check_has "this machine" "$(x why "$SERVER")" "xdpban never bans it: own address"

# What attackers write arrives as it was logged, and does nothing to a terminal.
printf '%s \x1b[2J\\n"\xff\xe2\x82\xac\x07 refused %s\n' "$(date +%FT%T%:z)" $NEAR \
	"$(date +%FT%T%:z)" $NEAR >>"$T/other.log"
check "banned by the other jail" banned_in 5 $NEAR
check_is "the bytes" "$(ban_of $NEAR '.lines[0].text | sub("^\\S+ "; "") | @json')" \
	'"\u001b[2J\\n\"'$'\xef\xbf\xbd''€\u0007 refused '$NEAR'"'
check_not "no escape on a terminal" grep -q $'\x1b' <<<"$(x why $NEAR)"
check_not "nor a bell" grep -q $'\x07' <<<"$(x why $NEAR)"

x ban $NET --for 1h --reason "a  bad	neighbourhood" >/dev/null
check_has "a network" "$(x why 198.51.100.9)" \
	"198.51.100.9 is inside of $NET, which is banned by jail manual"
check_has "and its reason" "$(x why 198.51.100.9)" "bad	neighbourhood"

# Evidence outlives the daemon, and a pardon.
stored() { about $NET '.[] | select(.what == "event") | .jail' | grep -q manual; }
check "on record" wait_until 5 stored
daemon_kill
daemon_up
check_is "after a crash: every line" "$(ban_of $BAD '.lines | length')" 5
check_is "the reason" "$(ban_of $NET .reason)" "a  bad	neighbourhood"
x unban $BAD >/dev/null
check_is "unbanned: the record stays" \
	"$(about $BAD '.[] | select(.what == "event") | .lines | length')" 5
check_is "no count is left" "$(about $BAD '[.[] | select(.what != "event")] | length')" 0
failures $BAD 4
failures 203.0.113.77 5
check "four more" banned_in 5 203.0.113.77
check_is "pardoned: it starts from nothing" \
	"$(about $BAD '.[] | select(.what == "watched") | .failures')" 4
finish
