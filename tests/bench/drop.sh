#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# What does a frame cost that is dropped, or passed?  xdpban, and what people
# use instead, in turns on one core.
#
#	sudo make bench-drop		or: tests/bench/drop.sh BINARY
#	QUICK=1				fewer rounds, no peers
#	ROUNDS=15 BANS=1000000		how long, how many
#
# Everything happens on veth devices in private namespaces.  The frames come
# from one generator (lib/flood.h), whose own time is in every figure; with a
# bare `return XDP_DROP` hardly more is left than that: the floor.
here=$(dirname "$(realpath "$0")")
. "$here/../../scripts/demo/stage.sh"
stage_enter "$0" "$@"
set -eu
xdpban=$(realpath "${1:-build/xdpban}")
drop=${xdpban%/*}/tests/bench/drop
few=16384		# sources of a peer
rules=1000		# in Fail2ban's chain: one for each ban
: "${QUICK:=0}" "${BANS:=1000000}"
: "${ROUNDS:=$([ "$QUICK" = 1 ] && echo 5 || echo 15)}"
peers=() names=()

fail() {
	echo "bench-drop: $*" >&2
	exit 1
}

# pair NAME [NAMESPACE]: NAME0 here, where frames go in, and NAME1.
pair() {
	ip link add "$1"0 type veth peer name "$1"1 address 02:00:00:00:00:01 \
		netns "${2:-$$}"
	ip link set "$1"0 up
	[ -n "${2:-}" ] || ip link set "$1"1 up
}

# peer NAME SOURCES TEXT: a host that frames are for, all of its own.  Without
# XDP there, veth takes them in only with GRO on.
peer() {
	ip netns add "$1"
	no_dad "/run/netns/$1"
	on "$1" sysctl -qw net.ipv4.conf.all.rp_filter=0 \
		net.ipv4.conf.default.rp_filter=0 net.ipv6.conf.default.disable_ipv6=1
	pair "$1" "$1"
	on "$1" ip addr add $SERVER4/24 dev "$1"1
	on "$1" ip link set "$1"1 up
	on "$1" ethtool -K "$1"1 gro on
	on "$1" ip route add default via 198.51.100.1
	on "$1" ip neigh add 198.51.100.1 lladdr 02:00:00:00:00:02 dev "$1"1
	peers+=("$3" "$1"0 "$2")
	names+=("$1")
}

sources() { "$drop" --sources "$1"; }

# nft_set NAME TABLE HOOK: an nftables set, and the rule that drops it.
nft_set() {
	{
		echo "table $2 t {"
		echo "	set s { type ipv4_addr; elements = {"
		sources $few | sed 's/$/,/'
		echo "	} }"
		echo "	chain c { type filter hook $3; ip saddr @s drop; }"
		echo "}"
	} | on "$1" nft -f -
}

ip_set() {
	{
		echo "create s hash:ip maxelem $few"
		sources $few | sed 's/^/add s /'
	} | on "$1" ipset restore
}

# What Fail2ban's action iptables-multiport makes for a SIP jail.
fail2ban_chain() {
	{
		echo "*filter"
		echo ":f2b-asterisk-udp - [0:0]"
		echo "-A INPUT -p udp -m multiport --dports 5060,5061 -j f2b-asterisk-udp"
		sources $rules | tac | sed 's/.*/-A f2b-asterisk-udp -s &\/32 -j REJECT/'
		echo "-A f2b-asterisk-udp -j RETURN"
		echo "COMMIT"
	} | on "$1" iptables-restore
}

# xdp-filter adds one address for each call, so only the first, to learn what
# its map holds; the others go into the map as that one.  10,000 are its limit.
xdp_filter() {
	local map=/sys/fs/bpf/xdp-filter/filter_ipv4 value

	mount -t bpf bpf /sys/fs/bpf
	on "$1" xdp-filter load -p allow -f ipv4 "$1"1
	on "$1" xdp-filter ip -m src "$(sources 1)"
	# bpftool gives one value to all processors.
	value=$(bpftool -j map dump pinned $map | jq -r '.[0].values[0].value | join(" ")')
	sources "$2" | tr . ' ' | sed "s|.*|map update pinned $map key & value $value|" |
		bpftool batch file - >/dev/null
}

have() { command -v "$1" >/dev/null; }

make_peers() {
	if have xdp-filter; then
		peers+=("xdpban, 10000 banned sources in turn" few0 10000)
		peer xf 10000 "xdp-filter, 10000 sources (its limit)"
		xdp_filter xf 10000
	else
		echo "without xdp-filter: Debian's package xdp-tools is not installed"
	fi
	peer ingress $few "nft set at netdev ingress"
	nft_set ingress netdev 'ingress device "ingress1" priority 0'
	peer raw $few "nft set in raw prerouting"
	nft_set raw ip "prerouting priority raw"
	peer ipsraw $few "ipset in raw PREROUTING"
	ip_set ipsraw
	on ipsraw iptables -t raw -A PREROUTING -m set --match-set s src -j DROP
	peer ipsin $few "ipset in INPUT"
	ip_set ipsin
	on ipsin iptables -A INPUT -m set --match-set s src -j DROP
	peer f2b $rules "Fail2ban's iptables chain, $rules bans"
	fail2ban_chain f2b
	peer nobody $few "nobody: into the stack, no such port"
}

# Datagrams that a host's UDP saw: those that its filter let pass.
passed() {
	on "$1" awk '/^Udp:/ { if (n++) print $2 + $3 }' /proc/net/snmp
}

# A filter that lets frames pass is no peer of ours, however fast it is.
check_peers() {
	local n

	for n in "${names[@]}"; do
		if [ "$n" = nobody ]; then
			[ "$(passed "$n")" -gt 0 ] || fail "the frames do not reach UDP"
		else
			[ "$(passed "$n")" = 0 ] || fail "$n let frames pass"
		fi
	done
}

private_files
sysctl -qw net.ipv6.conf.default.disable_ipv6=1
for name in floor few many pass easy nets kept pfew pmany ppass; do
	pair $name
done
[ "$QUICK" = 1 ] || make_peers
"$drop" "$ROUNDS" "$BANS" "${peers[@]}" >$STAGE/table
check_peers
echo "Linux $(uname -r), $(sed -n 's/^model name[^:]*: //p' /proc/cpuinfo | head -n 1);" \
	"one core, veth, 64-byte frames; medians of $ROUNDS rounds"
cat $STAGE/table
