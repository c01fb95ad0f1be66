#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# A real Kamailio, svcrack and svwar over IPv4 and IPv6: they are out, and a
# phone that registers all the time notices nothing.
. "$(dirname "$0")/e2e_services.sh"

before() {
	check "before: $2 is answered" sip_answers "$1" "$2"
}
banned() {
	check "$2 is banned" banned_in 20 "$2"
	check_is "by the jail kamailio" "$(field "$2" jail)" kamailio
	check_not "banned: $2 gets no answer" sip_answers "$1" "$2"
	check "banned: $2 has dropped packets" [ "$(field "$2" packets)" -gt 0 ]
}
after() {
	check "unban $2" x unban "$2"
	check "after: $2 is answered again" sip_answers "$1" "$2"
}

each_with svcrack before
each_with svwar before
patience_s=30
phone_calls test 10 >"$T/phone" &
phone_pid=$!
children+=($phone_pid)
rest_s=30
each_attacker guess svcrack
each_attacker guess svwar
each_with svcrack banned
each_with svwar banned
wait $phone_pid
read -r _ _ _ percent <"$T/phone"
check_is "every registration of the phone succeeded ($(cat "$T/phone"))" "$percent" 100.0
check_not "the phone is not banned" is_banned $PHONE
attacks_end
each_with svcrack after
each_with svwar after
finish
