#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Many banned addresses of one network ban the network: before, during, after;
# not where somebody is allowed; and counts survive kill -9.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/e2e_lib.sh"

NET=203.0.113.0/24 OTHER=203.0.113.200 NET6=2001:db8:1:2::/64
SPARED=198.51.100.0/24 HALF=192.0.2.0/24
server_up
jail_local <<END
[sshd]
enabled = true
logpath = $LOG
maxretry = 2
bantime = 1h
ignoreip = 198.51.100.99
[web]
enabled = true
filter = sshd
logpath = $T/web.log
maxretry = 2
port = 443
action = nftables-multiport[port="443", protocol="tcp"]
END
: >"$T/web.log"
cat >"$CONF/xdpban.local" <<END
[xdpban]
aggregate = 3
aggregate-bantime = 2h
END
ns_addr server phone 1 $OTHER
ns_addr server phone 1 2001:db8:1:2::77
daemon_up

check "before: a neighbour is answered" ask phone "$SERVER" $PORT $OTHER
failures 203.0.113.1 2
failures 203.0.113.2 2
failures 203.0.113.1 2
check "two of them are banned" banned_in 5 203.0.113.2
check_not "that is no network yet" is_banned $NET
check "the neighbour is still answered" ask phone "$SERVER" $PORT $OTHER
failures 203.0.113.3 2
check "three are a network" banned_in 5 $NET
check_not "the neighbour gets no answer" ask phone "$SERVER" $PORT $OTHER
check_is "whose ban it is" "$(field $NET jail)" aggregate
check_is "for how long" "$(field $NET 'remaining > 7100 and .remaining <= 7200')" true
check_is "every packet, as theirs" "$(field $NET scope)" all
check_has "list says what it covers" "$(x list)" " 256 addresses: 3 of its addresses"
check_has "and who led to it" "$(x list)" "203.0.113.1 203.0.113.2 203.0.113.3"
check_has "and why does" "$(x why $OTHER)" "inside of $NET, which is banned by jail aggregate"

for i in 1 2 3; do failures 2001:db8:1:2::$i 2; done
check "IPv6" banned_in 5 $NET6
check_not "its neighbour gets no answer" ask phone "$SERVER6" $PORT 2001:db8:1:2::77

for i in 1 2 3; do failures 198.51.100.$i 2; done
check "three with a friend" banned_in 5 198.51.100.3
all_read
check_not "are no network" is_banned $SPARED
check_is "and it is told" "$(x status --json | jq .aggregate.spared)" 1

for i in 1 2 3; do failures 192.0.2.$i 2 "$T/web.log"; done
check "a network of one jail's bans" banned_in 5 $HALF
check_is "shuts what they shut" "$(field $HALF scope)" tcp/443

# Counts go on after a crash; a pardon takes one back.
failures 198.18.200.1 2
failures 198.18.200.2 2
failures 198.18.201.1 2
failures 198.18.201.2 2
check "two and two more" banned_in 5 198.18.201.2
x unban 198.18.201.1 >/dev/null
on_disk() {
	python3 -c 'import sqlite3, sys
db = sqlite3.connect(sys.argv[1])
sys.exit(db.execute("SELECT count(*) FROM state WHERE owner=?", ["[aggregate]"]).fetchone()[0] < 3)
' "$T/state/xdpban.sqlite3"
}
check "saved" wait_until 5 on_disk
daemon_kill
daemon_up
check "after a crash: the network stands" is_banned $NET
failures 198.18.200.3 2
failures 198.18.201.3 2
check "the third one of them" banned_in 5 198.18.200.0/24
check "the second one of those" banned_in 5 198.18.201.3
check_not "is no network, as one was pardoned" is_banned 198.18.201.0/24
x unban $NET >/dev/null
check_not "a pardon of the network" is_banned $NET
check_not "is one for all in it" is_banned 203.0.113.1
check "the neighbour is answered again" ask phone "$SERVER" $PORT $OTHER

# A whole network from the start, where IPv6 is counted so.
echo 'ipv6-prefix = 64' >>"$CONF/xdpban.local"
check "reload" x reload
failures 2001:db8:7:7::1 1
failures 2001:db8:7:7::2 1
check "one failure each" banned_in 5 2001:db8:7:7::/64
check_is "is a ban of the jail" "$(field 2001:db8:7:7::/64 jail)" sshd
finish
