#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# attach and detach in every mode: before, during and after.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/pinned.sh"

ns_new server
ns_new phone
ns_link server phone 1
ns_addr server phone 1 192.0.2.66
ns_addr server phone 1 2001:db8::66
echo_server server
s4=$(addr4 1 server) s6=$(addr6 1 server)

talks() {	# WHO FROM4 FROM6
	check "$1 is answered" ask phone "$s4" $PORT "$2"
	check "$1 is answered, IPv6" ask phone "$s6" $PORT "$3"
}
silent() {
	check_not "$1 is dropped" ask phone "$s4" $PORT "$2"
	check_not "$1 is dropped, IPv6" ask phone "$s6" $PORT "$3"
}
attacker=(192.0.2.66 2001:db8::66)
phone=("$(addr4 1 client)" "$(addr6 1 client)")

talks "before: the attacker" "${attacker[@]}"

check_not "nothing is pinned yet" xb server list
out=$(xb server attach phone)
check_is "attach works" $? 0
check_has "and says how" "$out" native
check_is "native on the interface" "$(ip -n "$P-server" link show phone | grep -o 'xdp[a-z]*' | head -1)" xdp
talks "attached: the attacker, not banned" "${attacker[@]}"

for a in "${attacker[@]}"; do pinned_ban "$a"; done
silent "banned: the attacker" "${attacker[@]}"
talks "banned: the phone" "${phone[@]}"
check_is "its packet is counted" "$(dropped 192.0.2.66)" 1
check_is "its IPv6 packet is counted" "$(dropped 2001:db8::66)" 1

id=$(prog_on server phone)
out=$(xb server attach phone)
check_is "attaching again is harmless" $? 0
check_is "the program stays" "$(prog_on server phone)" "$id"
check_has "the mode is the same" "$out" native
silent "attached twice: the attacker" "${attacker[@]}"
check_is "nothing was reset" "$(dropped 192.0.2.66)" 2

out=$(xb server attach phone --mode generic)
check_is "to generic" $? 0
check_has "it says so" "$out" generic
check_has "generic on the interface" "$(ip -n "$P-server" link show phone)" xdpgeneric
silent "generic: the attacker" "${attacker[@]}"
talks "generic: the phone" "${phone[@]}"
out=$(xb server attach phone)
check_has "auto leaves the mode in use" "$out" generic
check_has "back to native" "$(xb server attach phone --mode native)" native
silent "native again: the attacker" "${attacker[@]}"

check_has "JSON" "$(xb server attach phone --json | jq -r .mode)" native
check_is "a mode that there is not: status" "$(xb server attach phone --mode fast >/dev/null 2>&1; echo $?)" 2

pinned_unban 192.0.2.66
check "lifted: the attacker is answered" ask phone "$s4" $PORT 192.0.2.66
pinned_ban 192.0.2.66
check_not "banned again" ask phone "$s4" $PORT 192.0.2.66

check "detach" xb server detach phone
check_is "nothing is on the interface" "$(prog_on server phone)" none
talks "detached: the attacker" "${attacker[@]}"
check_not "detach again" xb server detach phone
check "the bans are still in the maps" [ -n "$(dropped 192.0.2.66)" ]
check "attach again" xb server attach phone
silent "and they are enforced: the attacker" "${attacker[@]}"
finish
