#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# While floods come, from one source, from some and from very many, every phone
# registers and calls, every call of the trunk goes through, and nothing that they
# send is limited.
# alone: floods, and calls in the middle of them, are most of what a small machine can do
. "$(dirname "$0")/sip_lib.sh"
sip_server_up

check_is "the trunk is trusted, by Kamailio's own file" "$(standing $TRUNK)" trusted
all_succeed "the phones register, in peace" "$(registers peace 1 2 20)"
phone_is_known() { [ "$(standing 203.0.113.$1)" = known ]; }
for i in 1 20 $PHONES; do
	check "phone $i is known" wait_until 5 phone_is_known $i
done
check_is "nothing was dropped" "$(dropped)" 0

# under METHOD SOURCES RATE
under() {
	local before jobs=()

	before=$(dropped)
	flood_begins "$1" "$2" "$3" 5
	registers "r-$1" 1 3 20 >"$T/r" & jobs+=($!)
	calls "c-$1" 1 3 10 >"$T/c" & jobs+=($!)
	trunk "t-$1" 1 3 50 >"$T/t" & jobs+=($!)
	wait "${jobs[@]}"
	flood_ends
	all_succeed "$*: registrations" "$(cat "$T/r")"
	all_succeed "$*: calls of phones" "$(cat "$T/c")"
	all_succeed "$*: calls of the trunk" "$(cat "$T/t")"
	check "$*: much was dropped" [ $(($(dropped) - before)) -gt 3000 ]
}
under REGISTER 1 5000
under INVITE 200 5000
under OPTIONS 1000000 20000

check "what many sources send is more than all strangers may" \
	[ "$(messages options drop-all)" -gt 0 ]
check_is "of known sources nothing was limited" "$(messages all drop-known)" 0
# Sources that never answered a challenge may be limited for a while: forged ones.
check_is "neither phones nor trunk are limited" "$(x list --limited --json |
	jq -r .address | grep -cE "^(203\.0\.113\.|${TRUNK//./\\.}$)")" 0
check_is "nobody was banned" "$(x list --json | wc -l)" 0
finish
