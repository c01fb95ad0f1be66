#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Every kind of interface that this kernel has: the program runs on it, natively or
# not, and drops; or one sentence says why not.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/pinned.sh"

server_and_phone
A=192.0.2.66
mac=02:00:00:00:01:01 peer=02:00:00:00:01:02
missing=

ip_server() { ip -n "$P-server" "$@"; }
ip_phone() { ip -n "$P-phone" "$@"; }
# make NAME COMMAND...: false, and noted, where the kernel has no such kind.
make() {
	local name=$1
	shift
	"$@" 2>"$T/why" && return
	missing+=" $name"
	return 1
}

# carries NAME ADDRESS MODE: NAME has the server's ADDRESS; attached, it becomes
# MODE and drops who is banned, and nobody else.
carries() {
	local from out

	from=$(sed 's/1$/2/' <<<"$2")
	check "$1 carries traffic" wait_until 20 ask phone "$2"
	out=$(xb server attach "$1" 2>&1)
	check_has "$1: attach" "$out" "$1: attached, $3 XDP"
	check "$1: not banned" wait_until 20 ask phone "$2"
	pinned_ban "$from"
	check_not "$1: banned" ask phone "$2"
	pinned_unban "$from"
	check "$1: not banned any more" ask phone "$2"
	check "$1: detach" xb server detach "$1"
}
# refused NAME WORD...
refused() {
	local name=$1 err
	shift
	err=$(xb server attach "$name" 2>&1)
	check_is "$name is refused" $? 1
	for word; do check_has "$name: why" "$err" "$word"; done
}

# ---- veth ------------------------------------------------------------------------------
carries phone "$(addr4 1 server)" native
ip_server link set phone mtu 9000
ip_phone link set wire mtu 9000
jumbo=generic
since 5.18 && jumbo=native
carries phone "$(addr4 1 server)" $jumbo
in_ns server ethtool -K phone gro off
carries phone "$(addr4 1 server)" $jumbo

# ---- what sits on top of another one: the frames arrive there without their tag ------------
if make vlan ip_server link add link phone name phone.5 type vlan id 5; then
	ip_phone link add link wire name wire.5 type vlan id 5
	ip_server addr add 10.88.5.1/24 dev phone.5
	ip_phone addr add 10.88.5.2/24 dev wire.5
	ip_server link set phone.5 up
	ip_phone link set wire.5 up
	carries phone.5 10.88.5.1 generic
	# On the parent, the tag is still there, and is looked through.
	check "attach to the parent" xb server attach phone
	pinned_ban 10.88.5.2
	check_not "which drops what is tagged" ask phone 10.88.5.1
	pinned_unban 10.88.5.2
	check "and nothing else" ask phone 10.88.5.1
	check "detach" xb server detach phone
	ip_server link del phone.5
fi
if make macvlan ip_server link add link phone name macvlan0 address 02:00:00:00:09:01 \
	type macvlan mode bridge; then
	ip_server addr add 10.88.6.1/24 dev macvlan0
	ip_phone addr add 10.88.6.2/24 dev wire
	ip_server link set macvlan0 up
	# Else its parent may answer for it.
	ip_phone neigh replace 10.88.6.1 dev wire lladdr 02:00:00:00:09:01 nud permanent
	carries macvlan0 10.88.6.1 generic
	ip_server link del macvlan0
fi
if make tap ip_server tuntap add dev tap0 mode tap; then
	check_has "tap" "$(xb server attach tap0 2>&1)" "attached, native XDP"
	check "tap: detach" xb server detach tap0
fi
if make dummy ip_server link add dummy0 type dummy; then
	check_has "dummy" "$(xb server attach dummy0 2>&1)" "attached, generic XDP"
	check "dummy: detach" xb server detach dummy0
fi

# ---- no Ethernet --------------------------------------------------------------------------
make tun ip_server tuntap add dev tun0 mode tun &&
	refused tun0 "no Ethernet frames" "the interface that"
make gre ip_server link add gre7 type gre local 10.77.1.1 remote 10.77.1.9 &&
	refused gre7 "no Ethernet frames"

# ---- a bond: to the bond itself, or to all that are in it -------------------------------------
if make bond ip_server link add bond0 type bond mode active-backup; then
	ip_server addr flush dev phone
	ip_server link set phone down
	ip_server link set phone master bond0
	ip_server link set bond0 address $mac up
	ip_server link set phone up
	ip_server addr add "$(addr4 1 server)/24" dev bond0
	ip_server neigh replace "$(addr4 1 client)" dev bond0 lladdr $peer nud permanent
	bond=generic
	since 5.15 && bond=native
	carries bond0 "$(addr4 1 server)" $bond
	err=$(xb server attach phone 2>&1)
	check_is "to a member, while it is not on the bond" $? 0
	check "a member: detach" xb server detach phone
fi
[ -z "$missing" ] || echo "this kernel has no:$missing"
finish
