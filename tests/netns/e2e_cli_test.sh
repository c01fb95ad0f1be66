#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# The command line as scripts meet it: exit statuses, JSON, and what works
# without the daemon.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/e2e_lib.sh"

# status_is WANT WHAT COMMAND...
status_is() {
	local want=$1 what=$2 out

	shift 2
	out=$("$@" 2>&1)
	check_is "$what: exit status ($out)" $? "$want"
}
# one_json WHAT COMMAND...: every line of the output is one JSON object.
one_json() {
	local what=$1 out

	shift
	out=$("$@" 2>/dev/null)
	check "$what: JSON, one object a line" \
		jq -es 'length > 0 and all(type == "object")' <<<"$out"
	check_is "$what: lines and objects" "$(wc -l <<<"$out")" "$(jq -c . <<<"$out" | wc -l)"
}

server_up
jail_local <<END
[sshd]
enabled = true
logpath = $LOG
	  $T/odd/*.log
bantime = 1h
END
# Whoever may write there chooses names, too: no UTF-8, and what terminals obey.
mkdir "$T/odd"
: >"$T/odd/$(printf 'b\377d.log')"
: >"$T/odd/$(printf 'esc\033[2J.log')"

# ---- usage ------------------------------------------------------------------------
status_is 2 "no verb" "$XDPBAN"
status_is 2 "unknown verb" "$XDPBAN" frobnicate
status_is 2 "unknown option" x list --frobnicate
status_is 2 "attach without an interface" x attach
status_is 2 "ban without an address" x ban
status_is 2 "ban of what is no address" x ban 999.1.1.1
status_is 2 "ban for what is no time" x ban 203.0.113.9 --for 1x
status_is 2 "a negative time that is not -1" x ban 203.0.113.9 --for -5
status_is 2 "list of what is no time" x list --ending soon
status_is 2 "unban of nothing" x unban
status_is 0 "help" "$XDPBAN" --help
status_is 0 "version" "$XDPBAN" version
for verb in run attach detach list ban unban export why get set status check test replay import reload; do
	status_is 0 "$verb --help" "$XDPBAN" $verb --help
	check_has "$verb is in the help" "$("$XDPBAN" --help)" "  $verb "
done
check_has "a typo gets a suggestion" "$("$XDPBAN" stats 2>&1)" "'status'"
check_has "a word of other programs, too" "$(x stop 2>&1)" "systemctl stop xdpban"
check_has "and a setting" "$("$XDPBAN" help maxrety 2>&1)" "did you mean 'maxretry'"
check_has "in an option, too" "$(x list --jial sshd 2>&1)" "'--jail'"
check_has "options before the verb" "$("$XDPBAN" --config "$T/none" --json check)" '"errors": 1'
check_has "nothing but options" "$("$XDPBAN" --config 2>&1)" "there is no verb '--config'"
check_has "help VERB is VERB --help" "$("$XDPBAN" help ban)" "usage: xdpban ban "
check_has "help SETTING" "$("$XDPBAN" help max-bans)" "default 262144"
check_has "help settings" "$("$XDPBAN" help settings)" "  max-bans"
check_has "what is missing" "$(x attach 2>&1)" "usage: xdpban attach IF"
check_has "what is too much" "$("$XDPBAN" why 1.2.3.4 5.6.7.8 2>&1)" "'5.6.7.8' is too much"
status_is 2 "a test of nothing" x test sshd </dev/null

if [ -c /dev/full ]; then
	check_is "what cannot be written is a failure" \
		"$("$XDPBAN" check --help 2>&1 >/dev/full; echo $?)" \
		"xdpban: cannot write all of it: No space left on device
1"
fi

# ---- without the daemon -------------------------------------------------------------
status_is 1 "attach to no such interface" x attach nonesuch
status_is 1 "reload without the daemon" x reload
status_is 1 "ban without the daemon" x ban 203.0.113.9
status_is 1 "status without the daemon" x status
status_is 0 "check" x check
status_is 1 "import from no such directory" x import "$T/nonesuch"
failures 203.0.113.7 5
one_json "test" x test --json sshd "$LOG"
one_json "replay" x replay --json --jail sshd "$LOG"
check_is "replay finds the ban" \
	"$(x replay --json --jail sshd "$LOG" | jq -r 'select(.id) | .id')" 203.0.113.7
status_is 1 "replay of a missing log" x replay "$T/nonesuch.log"
status_is 1 "test with a missing filter" x test nonesuch "$LOG"

# ---- with it --------------------------------------------------------------------------
daemon_up
check "the log was read" banned_in 5 203.0.113.7
status_is 0 "attach again" x attach phone
check_has "what is left to do for the next boot" "$(x attach phone)" \
	"'interfaces = phone' below [xdpban] in $CONF/xdpban.local"
printf '[xdpban]\ninterfaces = lo phone\n' >"$CONF/xdpban.local"
check_not "what is done is not asked for" grep -q "next boot" <<<"$(x attach phone)"
rm "$CONF/xdpban.local"
status_is 0 "status" x status
one_json "status" x status --json
check_is "no limit has refused anything" \
	"$(x status --json | jq '[.refused_by_caps[]] | length > 4 and add == 0')" true
status_is 0 "status of a jail" x status sshd
status_is 1 "status of no such jail" x status nonesuch
status_is 1 "import beside the daemon" x import
status_is 0 "ban by hand" x ban 203.0.113.9 --for 1h
status_is 0 "ban over IPv6" x ban 2001:db8::9 --for 1h
status_is 0 "ban a network" x ban 198.51.100.0/24 --for 1h
one_json "list" x list --json
check_is "list has the ban by hand" "$(times_listed 203.0.113.9)" 1
check_is "and its end" "$(field 203.0.113.9 'remaining > 3500 and .remaining <= 3600')" true
x ban 203.0.113.99 --for -1 --reason "toll fraud" >/dev/null
check_is "an entry is a line of words, and a note behind them" "$(x list |
	awk '$1 == "203.0.113.99" { print $2, $4, $5, $6, $7, $8, $9 }')" \
	"manual ever 0 0 all toll fraud"
x unban 203.0.113.99 >/dev/null
ns_addr server phone 1 203.0.113.9
ns_addr server phone 1 198.51.100.77
check_not "the banned address gets no answer" ask phone "$SERVER" $PORT 203.0.113.9
check_not "an address of the banned network gets none" ask phone "$SERVER" $PORT 198.51.100.77
check "everybody else does" ask phone "$SERVER"
status_is 0 "unban" x unban 203.0.113.9
check "unbanned: it is answered" ask phone "$SERVER" $PORT 203.0.113.9
status_is 1 "unban who is not banned" x unban 203.0.113.9
x ban 198.18.0.0/24 >/dev/null
check_is "unban who is banned with his network" "$(x unban 198.18.0.9 2>&1; echo $?)" \
	"xdpban: 198.18.0.9 has no ban of its own; it is in 198.18.0.0/24, which is banned
1"
status_is 0 "unban that" x unban 198.18.0.0/24
status_is 1 "ban our own address" x ban "$SERVER"
check_has "which is named" "$(x ban "$SERVER" 2>&1)" "$SERVER: it must not be banned"
check_has "a jail that is off" "$(x status kamailio 2>&1)" "jail 'kamailio' is not enabled"
for verb in "list" "unban --all" "ban 203.0.113.9" "ban 203.0.113.9 203.0.113.10" "unban 203.0.113.9 203.0.113.10"; do
	# shellcheck disable=SC2086	# words
	check_is "$verb of a jail that is none" "$(x $verb --jail sshdd 2>&1)" \
		"xdpban: there is no jail 'sshdd' (did you mean 'sshd'?)"
done
status_is 0 "bans by hand have one" x list --jail manual
check_is "get: a flag" "$(x get sshd ignoreself)" true
check_is "get: a word" "$(x get sshd usedns)" no
check "get: an expression a line" [ "$(x get sshd failregex | wc -l)" -gt 5 ]
check_has "set says what is" "$(x set sshd maxretry 7)" "maxretry 7"

# ---- what others have written ------------------------------------------------------
escapes() { grep -q $'[\033\302\233]'; }
for name in 'b\ufffdd.log' 'esc\u001b[2J.log'; do
	check "status names $name" jq -e --arg path "$(jq -rn "\"$T/odd/$name\"")" \
		'any(.jails[].sources[]; .path == $path)' <<<"$(x status --json)"
done
check_not "status obeys no file name" escapes <<<"$(x status)"
check_not "nor does get" escapes <<<"$(x get sshd logpath)"
ln -s "$XDPBAN" "$T/fail2ban-client"
check_has "it lists all logs" "$(at_server "$T/fail2ban-client" -s "$T/sock" get sshd logpath)" \
	'esc?[2J.log'
printf 'missed \033[2J\302\2332J\233\n' >"$T/escapes.log"
check_has "test shows what it missed" "$(x test sshd "$T/escapes.log")" 'missed ?[2J'
check_not "and obeys none of it" escapes <<<"$(x test sshd "$T/escapes.log")"
line=$(printf 'sshd[1]: Failed password for \033[2J from 192.0.2.1 port 1 ssh2')
check_not "nor does it when it explains" escapes <<<"$(x test --explain "$line" sshd)"

# ---- and when it is gone ----------------------------------------------------------
daemon_kill
one_json "list without the daemon" x list --json
check "it still shows the bans" is_banned 2001:db8::9
check_is "and their end" "$(field 2001:db8::9 'remaining > 3000')" true
check "and the network" is_banned 198.51.100.0/24
check_not "drops go on" ask phone "$SERVER" $PORT 198.51.100.77
status_is 0 "detach" x detach phone
check "detached: everybody is answered" ask phone "$SERVER" $PORT 198.51.100.77
status_is 1 "detach again" x detach phone
x attach phone >/dev/null
check_has "not root" "$(at_server setpriv --reuid 65534 --clear-groups "$XDPBAN" detach phone \
	--pin "$PIN" 2>&1)" "needs root"

# ---- who reads its errors goes away -----------------------------------------------
mkfifo "$T/errors"
head -c 1 "$T/errors" >/dev/null &
reader=$!
at_server_bg "$XDPBAN" run --foreground --config "$CONF" --state "$T/state" \
	--socket "$T/sock" --pin "$PIN" >"$T/errors" 2>&1
daemon_pid=$!
check "a daemon whose errors are read" wait_until 10 daemon_answers
wait $reader
status_is 0 "what nobody reads is said" x reload
check "and it goes on" daemon_answers
finish
