#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# A router: its many routes come and go without us; whom its default routes lead to is
# never banned.  ROUTES=200000 SECONDS_OF=10 prints what the daemon spends on changes.
#
# The daemon watches the folders above its logs: a compiler that writes files to /tmp
# wakes it, which would be counted.
export TMPDIR=/dev/shm
[ "${XDPBAN_STAGE:-}" != $$ ] || mount -t tmpfs tmpfs /dev/shm
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/e2e_lib.sh"
ROUTES=${ROUTES:-20000} CHANGES=2000

server_up
jail_local <<-END
[sshd]
enabled = true
logpath = $LOG
END
net() { ip -n "$P-server" "$@"; }
routes() { # ADD|DEL FROM N: that many /24
	local i
	for ((i = $2; i < $2 + $3; i++)); do
		echo "route $1 $((11 + (i >> 16))).$((i >> 8 & 255)).$((i & 255)).0/24 via $(addr4 1 client)"
	done
}
routes add 0 "$ROUTES" | net -batch - || skip "cannot add routes"
net route add default via 10.77.1.20
net -6 route add default via fd77:1::20
daemon_up

refused() { ! x ban "$1" >/dev/null 2>&1; }
# Whoever was banned by asking is let go again.
may_be_banned() { x ban "$1" >/dev/null 2>&1 && x unban "$1" >/dev/null 2>&1; }
check "the gateway is refused" refused 10.77.1.20
check "that of IPv6, too" refused fd77:1::20
check "who is behind a route is not" may_be_banned "$(addr4 1 client)"

woken() { awk '/ctxt_switches/ { n += $2 } END { print n }' "/proc/$daemon_pid/status"; }
before=$(woken)
routes add "$ROUTES" "$CHANGES" | net -batch -
routes del "$ROUTES" "$CHANGES" | net -batch -
woken=$(($(woken) - before))
check "changes of other routes do not wake the daemon ($woken)" [ $woken -lt $((CHANGES / 10)) ]

net route replace default via 10.77.1.21
check "another gateway is refused" wait_until 20 refused 10.77.1.21
check "the one before is not" wait_until 20 may_be_banned 10.77.1.20
net route add default via 10.77.1.22 metric 100 table 77
net -6 route add default via fd77:1::22 metric 7
check "of another table" wait_until 20 refused 10.77.1.22
check "of IPv6" wait_until 20 refused fd77:1::22
net route add default metric 200 nexthop via 10.77.1.30 nexthop via 10.77.1.31
check "one of several next hops" wait_until 20 refused 10.77.1.30
check "and the other" wait_until 20 refused 10.77.1.31
net addr add 10.77.1.77/24 dev phone
check "an own address" wait_until 20 refused 10.77.1.77
net addr del 10.77.1.77/24 dev phone
check "that goes" wait_until 20 may_be_banned 10.77.1.77

# The kernel takes routes with their link, and for IPv4 says so of the link alone.
ns_new other
ns_link server other 2
net route add default via 10.77.2.20 metric 300
check "a gateway behind another link" wait_until 20 refused 10.77.2.20
net link set other down
check "that goes down" wait_until 20 may_be_banned 10.77.2.20

if [ -n "${SECONDS_OF:-}" ]; then
	spent() { awk '{ print $14 + $15 }' "/proc/$daemon_pid/stat"; }
	before=$(spent)
	for ((i = 0; i < SECONDS_OF * 10; i++)); do
		routes add "$ROUTES" 1 | net -batch -
		routes del "$ROUTES" 1 | net -batch -
		sleep 0.1
	done
	echo "$ROUTES routes, 20 changes a second for $SECONDS_OF s:" \
		"$((($(spent) - before) * 1000 / $(getconf CLK_TCK))) ms of processor time"
	before=$(spent)
	for ((i = 0; i < SECONDS_OF * 10; i++)); do
		net route replace default via 10.77.1.$((40 + i % 2))
		sleep 0.1
	done
	echo "the default route 10 times a second:" \
		"$((($(spent) - before) * 1000 / $(getconf CLK_TCK))) ms"
fi
daemon_stop
check_is "the daemon ends well" $? 0
finish
