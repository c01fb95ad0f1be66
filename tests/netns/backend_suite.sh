# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# What every backend must do, the same for all of them.  A test of one sets
#
#	SETTINGS	lines of [xdpban]
#	BACKEND		what `status` must call it
#	flush_it	a function: what somebody else does to its rules
#	rules_left	a function: true while anything of ours is in the kernel
#	remove_it	a function: take it out, as the manual says
#
# and maybe ATTACH (options of `attach`, for XDP), then sources this.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/e2e_lib.sh"

A4=192.0.2.66 A6=2001:db8::66 NET4=198.51.100.7 NET6=2001:db8:9::7

server_up
for a in $A4 $A6 $NET4 $NET6; do ns_addr server phone 1 $a; done
echo_server server 7777
jail_local <<END
[xdpban]
$SETTINGS
[sshd]
enabled = true
logpath = $LOG
[sip]
enabled = true
filter = sshd
logpath = $T/sip.log
bantime = 1h
banaction = iptables-multiport
port = 5060,5062:5063
protocol = udp
END
: >"$T/sip.log"
# A stateful firewall: what conntrack knows passes.
in_ns server nft -f - <<END
table inet wall {
	chain input {
		type filter hook input priority 0; policy accept;
		ct state established,related counter accept
	}
}
END

backend_up() {
	attached=1
	[ -z "${ATTACH:-}" ] || [ -n "${was_attached:-}" ] ||
		check "attach" x attach phone $ATTACH
	was_attached=1
	daemon_up
}
talks() { check "$1" ask phone "$SERVER" "${3:-$PORT}" "$2"; }
silent() { check_not "$1" ask phone "$SERVER" "${3:-$PORT}" "$2"; }
talks6() { check "$1" ask phone "$SERVER6" "${3:-$PORT}" "$2"; }
silent6() { check_not "$1" ask phone "$SERVER6" "${3:-$PORT}" "$2"; }

backend_up
check_is "status names the backend" "$(x status --json | jq -r .backend)" "$BACKEND"

# ---- ban and unban, both families ---------------------------------------------------
talks "before" $A4
talks6 "before, IPv6" $A6
check "ban" x ban $A4 --for 1h
check "ban, IPv6" x ban $A6 --for 1h
silent "banned" $A4
silent6 "banned, IPv6" $A6
talks "somebody else is not" "$(addr4 1 client)"
talks6 "somebody else is not, IPv6" "$(addr6 1 client)"
check_is "its packet is counted" "$(field $A4 packets)" 1
check_is "its IPv6 packet is counted" "$(field $A6 packets)" 1
check "the total has both" [ "$(x status --json | jq .bans.dropped_packets)" -ge 2 ]

# ---- prolonging keeps the counters ---------------------------------------------------
check "a longer ban" x ban $A4 --for 2h
silent "still banned" $A4
check_is "counted on" "$(field $A4 packets)" 2

check "unban" x unban $A4
check "unban, IPv6" x unban $A6
talks "unbanned" $A4
talks6 "unbanned, IPv6" $A6

# ---- the flow that conntrack knows -----------------------------------------------------
check "a flow begins" ask phone "$SERVER" $PORT $A4 40000
check "and goes on" ask phone "$SERVER" $PORT $A4 40000
check "conntrack calls it established" in_ns server sh -c \
	'nft list table inet wall | grep -vq "packets 0 "'
check "its source is banned" x ban $A4 --for 1h
check_not "the established flow stops" ask phone "$SERVER" $PORT $A4 40000
check "unban it" x unban $A4

# ---- networks, which overlap -------------------------------------------------------------
check "ban a network" x ban 198.51.100.0/24 --for 1h
check "and a wider one" x ban 198.51.0.0/16 --for 1h
check "a network, IPv6" x ban 2001:db8:9::/48 --for 1h
silent "an address of the network" $NET4
silent6 "an address of the network, IPv6" $NET6
check "unban the narrower one" x unban 198.51.100.0/24
silent "the wider one covers it" $NET4
check "unban the wider one" x unban 198.51.0.0/16
talks "now it is free" $NET4
check "unban the IPv6 network" x unban 2001:db8:9::/48
talks6 "and so is that" $NET6

# ---- some ports only ----------------------------------------------------------------------
failures $A4 5 "$T/sip.log"
failures $A6 5 "$T/sip.log"
check "ban from the SIP ports" banned_in 10 $A4
check "the same, IPv6" banned_in 10 $A6
silent "its port" $A4
silent6 "its port, IPv6" $A6
talks "another port" $A4 7777
talks6 "another port, IPv6" $A6 7777
check "all ports as well, for some seconds" x ban $A4 --jail sshd --for "$(secs 4)s"
silent "no port at all" $A4 7777
check "the shorter ban ends" wait_until 20 ask phone "$SERVER" 7777 $A4
silent "the longer one does not" $A4
check_is "list says which ports" "$(x list --json | jq -r --arg a $A4 \
	'select(.address == $a and .jail == "sip") | .scope')" udp/5060,5062-5063

# ---- the daemon comes and goes --------------------------------------------------------------
check "ban the network" x ban 198.51.100.0/24 --for 1h
check "ban for some seconds" x ban $A6 --for "$(secs 6)s"
daemon_stop
check_is "stop" $? 0
silent "with no daemon: the address" $A4
talks "with no daemon: its other port" $A4 7777
silent "with no daemon: the network" $NET4
check "list without the daemon" [ "$(times_listed 198.51.100.0/24)" -ge 1 ]
[ -n "${FORGETS:-}" ] ||
	check "with no daemon: it ends by itself" wait_until 15 \
		ask phone "$SERVER6" 7777 $A6
silent6 "and its port ban does not" $A6
backend_up
silent "with a new one: the address" $A4
talks "with a new one: its other port" $A4 7777
silent "with a new one: the network" $NET4
check_is "nothing is wrong" "$(x status --json | jq -c .problems)" '[]'
check "it ends" wait_until 15 ask phone "$SERVER6" 7777 $A6

# ---- somebody else's hand ---------------------------------------------------------------------
# A comparison may put it all back before we have looked: then once more.
nobody_banned() { flush_it; ASK_S=5 ask phone "$SERVER" $PORT $A4; }
check "somebody flushes it" flush_it
check "then nobody is banned" wait_until 20 nobody_banned
# A set can only be read whole, so for a quarter of a second one look serves all.
told_gone() { flush_it; x status | grep -q "are not in the kernel"; }
[ "$BACKEND" = iptables ] || check "the status says so" wait_until 5 told_gone
check "a ban meanwhile" x ban $A6 --for 1h
check "reload" x reload
silent6 "that one holds" $A6 7777
silent "the others are back" $A4
silent "the network, too" $NET4
talks "with the right ports" $A4 7777
check_has "and it is counted" "$(x status)" "put back"

# ---- the end -----------------------------------------------------------------------------------
check "unban all" x unban --all
talks "all are free" $A4
talks "networks, too" $NET4
daemon_stop
check_is "stop for good" $? 0
check "something is there" rules_left
check "take it out" remove_it
check_not "nothing is left" rules_left
talks "and packets pass" $A4
check "the neighbour's rules stand" in_ns server nft list table inet wall
finish
