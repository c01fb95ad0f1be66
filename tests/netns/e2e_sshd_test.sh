#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# A real sshd and hydra, over IPv4 and IPv6: before, during and after the ban.
. "$(dirname "$0")/e2e_services.sh"

before() {
	check "before: $2 gets a connection" ssh_answers "$1" "$2"
}
banned() {
	check "$2 is banned" banned_in 30 "$2"
	check_is "by the jail sshd" "$(field "$2" jail)" sshd
	check_not "banned: $2 gets no connection" ssh_answers "$1" "$2"
	check "banned: $2 has dropped packets" [ "$(field "$2" packets)" -gt 0 ]
}
after() {
	check "unban $2" x unban "$2"
	check "after: $2 gets a connection again" ssh_answers "$1" "$2"
	check_not "after: $2 is not listed" is_banned "$2"
}

each_with hydra before
rest_s=40
each_attacker guess hydra
each_with hydra banned
check "others get a connection" ssh_answers phone $PHONE
attacks_end
each_with hydra after
finish
