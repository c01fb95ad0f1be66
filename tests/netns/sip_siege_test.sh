#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# A siege: only who is trusted or known speaks SIP.  By hand, for a time, by load; it
# outlives a restart, and ends by itself when the daemon dies.
SETTINGS='sip-sensor = on
sip-siege-above = 200
sip-siege-below = 100
sip-siege-calm = 5s
sip-limits = all-register=50/100'
. "$(dirname "$0")/e2e_services.sh"

talk() {
	local host=$1

	shift
	on "$host" python3 "$HERE/sip_talk.py" "$@"
}
siege() { x siege "$@" --json | jq -r "$field"; }
is_siege() { [ "$(field=.active siege)" = "$1" ]; }
registers() {
	[ "$(talk "$1" register $SERVER4 alice "$PHONE_PASSWORD" --patience "${ASK_S:-10}")" = 200 ]
}
flood() {
	while :; do talk liar forge $SERVER4 10.1.0.0 3000 --different; done
}

[ "$(x status --json | jq -r .sip.running)" = true ] || skip "the SIP sensor does not run here"
client stranger 203.0.113.66
client liar 203.0.113.99
for dev in /proc/sys/net/ipv4/conf/*/rp_filter; do echo 0 >"$dev"; done

check "the phone registers" registers phone
check_is "nobody asked for a siege" "$(field=.mode siege)" auto
check "there is none" is_siege false

# ---- by hand
check "on" x siege on
check "there is a siege" is_siege true
check "status says so" eval "x status | grep -q '^SIEGE'"
check "the log says so, loudly" grep -q 'WARNING.*SIEGE begins (by hand)' "$T/daemon.out"
check "the phone, which is known, registers" registers phone
check_not "a stranger does not" registers stranger

# ---- it outlives a restart, and a crash ends it
daemon_stop
daemon_up
check "after a restart it goes on" wait_until 10 is_siege true
check_not "for strangers" registers stranger
daemon_kill
check "when the daemon is dead, it ends" wait_until 40 registers stranger
daemon_up
check "a siege by hand is back with the daemon" wait_until 10 is_siege true

# ---- off, and for a time
check "off" x siege off
check "strangers speak again" registers stranger
check "for some seconds" x siege on --for 5s
check "on" is_siege true
check "then off again" wait_until 20 is_siege false
check_is "the mode of before" "$(field=.mode siege)" off
check_not "a time that is none" x siege on --for never
check_not "a word that is none" x siege perhaps

# ---- by load
flood &
flooding=$!
children+=($flooding)
too_much() { [ "$(field='.kept_out_per_s > 200' siege)" = true ]; }
check "strangers send too much" wait_until 30 too_much
sleep 3		# which begins a siege after two seconds, or never
check "off is off, whatever comes" is_siege false
check "and it still comes" wait_until 30 too_much
check "by load" x siege auto
check "a siege begins" wait_until 30 is_siege true
check "the log says why" grep -q 'SIEGE begins (strangers send too much)' "$T/daemon.out"
check "the phone registers in the middle of it" registers phone
end_child TERM $flooding
check "it ends a while after the flood" wait_until 60 is_siege false
check "the log says so" grep -q 'the siege is over' "$T/daemon.out"
check "nobody was banned" [ -z "$(x list --json)" ]
finish
