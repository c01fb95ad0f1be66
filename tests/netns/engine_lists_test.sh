#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Bans by the list: from files and standard input in the forms of others, sorted
# and filtered, exported and taken back.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/e2e_lib.sh"

server_up
jail_local <<END
[sshd]
enabled = true
logpath = $LOG
ignoreip = 203.0.113.99
bantime = 1h
END
ns_addr server phone 1 203.0.113.1
ns_addr server phone 1 203.0.113.77
daemon_up
count() { x list --json "$@" | wc -l; }

# ---- in ---------------------------------------------------------------------------
check "before" ask phone "$SERVER" $PORT 203.0.113.1
check_is "several words" "$(x ban 203.0.113.1 203.0.113.2 2001:db8::1 --for 2h --reason 'a list')" \
	"3 banned, 0 were banned already, 0 refused, 0 not understood"
check_not "banned" ask phone "$SERVER" $PORT 203.0.113.1
check_is "with a reason" "$(field 2001:db8::1 reason)" "a list"
check_is "for so long" "$(field 2001:db8::1 'remaining > 7000')" true
check_not "a word that is no address" x ban 203.0.113.3 nonsense
check_not "bans nobody" is_banned 203.0.113.3
check_is "unban several" "$(x unban 203.0.113.1 203.0.113.2 2001:db8::1 203.0.113.3)" \
	"3 lifted, 1 were not banned, 0 refused, 0 not understood"
check "answered again" ask phone "$SERVER" $PORT 203.0.113.1

printf '%s\n' '# bad ones' 203.0.113.1 203.0.113.64/27 'what?' "$SERVER" 203.0.113.99 >"$T/list"
out=$(x ban --file "$T/list" --jail sshd 2>&1)
check_is "a file with mistakes: exit status" $? 1
check_has "what is wrong, and where" "$out" "$T/list:4: 'what?' is not an address"
check_has "who may not be banned" "$out" "$SERVER: it must not be banned"
check_has "nor by this jail" "$out" "203.0.113.99: it must not be banned"
check_has "the network has somebody allowed in it" "$out" "2 banned, 0 were banned already, 2 refused, 1 not"
check_not "but the network is banned" ask phone "$SERVER" $PORT 203.0.113.77
check_is "the jail's time" "$(field 203.0.113.1 'jail == "sshd" and .remaining > 3500')" true
check_is "lifted by the same list" "$(x unban --file - <"$T/list" 2>/dev/null)" \
	"2 lifted, 2 were not banned, 0 refused, 1 not understood"
check_is "nobody is left" "$(count)" 0

# ---- ten thousand --------------------------------------------------------------------
for a in {0..39}; do for b in {1..250}; do echo "10.66.$a.$b"; done; done >"$T/many"
check_is "ten thousand from standard input" "$(x ban --file - --for 1h <"$T/many")" \
	"10000 banned, 0 were banned already, 0 refused, 0 not understood"
check_is "again" "$(x ban --file - --for 1m <"$T/many")" \
	"0 banned, 10000 were banned already, 0 refused, 0 not understood"
check_is "all of them stand" "$(count)" 10000
check_is "in a network" "$(count 10.66.7.0/24)" 250
check_is "unban a network" "$(x unban 10.66.7.0/24)" "250 bans lifted"
check_is "the rest" "$(count)" 9750
# A request that does not say it well must not mean everybody.
raw() {
	at_server python3 -c 'import socket, sys
s = socket.socket(socket.AF_UNIX); s.connect(sys.argv[1])
s.sendall(sys.argv[2].encode() + b"\n"); print(s.recv(4096).decode())' "$T/sock" "$1"
}
x ban 203.0.113.250 >/dev/null
check_has "unban of a number" "$(raw '{"verb": "unban", "address": 1}')" 'is not a text'
check_has "unban in a jail that is none" "$(raw '{"verb": "unban", "jail": null}')" \
	'is not a text'
check_has "unban of many, likewise" \
	"$(raw '{"verb": "unban_many", "jail": 1, "addresses": "203.0.113.250"}')" 'is not a text'
check "nobody is free" is_banned 203.0.113.250
x unban --all >/dev/null

# ---- order ----------------------------------------------------------------------------
x ban 203.0.113.1 --for 3h >/dev/null
x ban 203.0.113.10 --for 1h --jail sshd >/dev/null
x ban 203.0.113.9 --for 2h >/dev/null
x ban 2001:db8::1 --for -1 >/dev/null
for i in 1 2 3; do ask phone "$SERVER" $PORT 203.0.113.1; done
order() { x list --json "$@" | jq -r .address | tr '\n' ' '; }
check_is "by address" "$(order --sort address)" "203.0.113.1 203.0.113.9 203.0.113.10 2001:db8::1 "
check_is "by end" "$(order --sort end)" "203.0.113.10 203.0.113.9 203.0.113.1 2001:db8::1 "
check_is "by beginning" "$(order --sort since)" "203.0.113.1 203.0.113.10 203.0.113.9 2001:db8::1 "
check_is "by jail" "$(order --sort jail --limit 3)" "203.0.113.1 203.0.113.9 2001:db8::1 "
check_is "who is dropped most" "$(order --sort packets --limit 1)" "203.0.113.1 "
check_is "limit alone" "$(count --limit 2)" 2
check_is "of a jail" "$(order --jail sshd)" "203.0.113.10 "
check_is "ending soon" "$(order --ending 90m)" "203.0.113.10 "
check_is "and in a network" "$(order 203.0.113.0/28 --ending 150m --sort end)" "203.0.113.10 203.0.113.9 "
x ban 198.51.100.0/24 198.51.100.7 --for 1h >/dev/null
check_is "who is inside of a ban" "$(order 198.51.100.9)" "198.51.100.0/24 "
check_is "himself, and around him" "$(order 198.51.100.7 | tr ' ' '\n' | sort | tr '\n' ' ')" \
	"198.51.100.0/24 198.51.100.7 "
x unban 198.51.100.0/24 >/dev/null
check_has "for people, too" "$(x list --sort end --limit 1)" "203.0.113.10"
for bad in "--sort size" "--limit 0" "--limit x"; do
	# shellcheck disable=SC2086	# two words
	x list $bad >/dev/null 2>&1
	check_is "list $bad" $? 2
done
check_not "no such time" x list --ending soon

# ---- out, and in again ----------------------------------------------------------------
failures 203.0.113.50 5
check "one with evidence" banned_in 5 203.0.113.50
x ban 198.51.100.0/24 --for 1h --reason 'a "net"' >/dev/null
x export >"$T/bans.json"
keep='{address, jail, length: (if .until then .until - .since | round else 0 end), since: (.since | floor), failures, reason, scope}'
x list --json --sort address | jq -c "$keep" >"$T/before"
lines_before=$(x why --json 203.0.113.50 | jq -c 'select(.what == "ban") | .lines')
for form in plain ipset nft; do
	x export --format $form >"$T/bans.$form"
done
events() { x why --json 203.0.113.50 | jq -s '[.[] | select(.what == "event")] | length'; }
recorded() { [ "$(events)" = 1 ]; }
check "recorded" wait_until 5 recorded
x unban --all >/dev/null
check_is "all gone" "$(count)" 0
check_has "imported" "$(x import "$T/bans.json")" "6 banned"
check_is "as they were" "$(x list --json --sort address | jq -c "$keep" | diff "$T/before" -)" ""
check_is "with their lines" "$(x why --json 203.0.113.50 | jq -c 'select(.what == "ban") | .lines')" "$lines_before"
check_is "which is no other ban on record" "$(events)" 1
check_has "twice is once" "$(x import - <"$T/bans.json")" "0 banned, 6 were banned already"
x unban --all >/dev/null
for form in plain ipset nft; do
	check_is "import of $form" "$(x import "$T/bans.$form")" \
		"6 banned, 0 were banned already, 0 refused, 0 not understood"
	check_is "$form: all of them" "$(order --sort address)" \
		"198.51.100.0/24 203.0.113.1 203.0.113.9 203.0.113.10 203.0.113.50 2001:db8::1 "
	[ $form = plain ] ||
		check_is "$form: how long" "$(field 203.0.113.9 'remaining > 7000 and .remaining < 7200')" true
	x unban --all >/dev/null
done

# The kernel's own tools read what we write, and we read what they print.
if command -v nft >/dev/null && at_server nft -f "$T/bans.nft" 2>/dev/null; then
	at_server nft list ruleset >"$T/nft.out"
	check_has "import of nft's own output" "$(x import "$T/nft.out")" "6 banned, 0 were banned already, 0 refused, 0 not"
	check_is "what nft had" "$(order --sort address)" \
		"198.51.100.0/24 203.0.113.1 203.0.113.9 203.0.113.10 203.0.113.50 2001:db8::1 "
	check_is "for how long" "$(field 203.0.113.9 'remaining > 7000 and .remaining < 7200')" true
	x unban --all >/dev/null
else
	echo "SKIP nft: not here, or no sets in this kernel"
fi
if command -v ipset >/dev/null && at_server ipset restore -exist -file "$T/bans.ipset" 2>/dev/null; then
	at_server ipset save >"$T/ipset.out"
	check_has "import of ipset's own output" "$(x import "$T/ipset.out")" "6 banned, 0 were banned already, 0 refused, 0 not"
	check_is "for how long" "$(field 203.0.113.9 'remaining > 7000 and .remaining < 7200')" true
else
	echo "SKIP ipset: not here, or no sets in this kernel"
fi
finish
