#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Answers that have to be waited for: host names in logs (usedns) and in
# ignoreip, and an ignorecommand.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/e2e_lib.sh"

server_up
printf '%s\n' '127.0.0.1 localhost' '203.0.113.7 attacker.example' \
	'203.0.113.8 partner.example' '::ffff:203.0.113.8 disguised.example' \
	'::ffff:203.0.113.20 mapped.example' >"$T/hosts"
mount --bind "$T/hosts" /etc/hosts || skip "cannot bind a file"
printf '#!/bin/sh\necho "$1" >>%s\n[ "$1" = 203.0.113.5 ]\n' "$T/asked" >"$T/spare"
chmod +x "$T/spare"
toy_filter
jail_local <<END
[toy]
enabled = true
filter = toy
logpath = $T/toy.log
maxretry = 2
[resolving]
enabled = true
filter = toy
usedns = yes
logpath = $T/names.log
maxretry = 2
ignoreip = partner.example
[asking]
enabled = true
filter = toy
logpath = $T/asking.log
maxretry = 2
ignorecommand = $T/spare <ip>
ignorecache = key="<ip>", max-count=10, max-time=1h
END
: >"$T/toy.log" >"$T/names.log" >"$T/asking.log"
daemon_up

toy names.log attacker.example 2
check "a name in the log is resolved and banned" banned_in 10 203.0.113.7
toy names.log partner.example 2
toy names.log 203.0.113.8 2
toy names.log 203.0.113.9 2
# An answer may write IPv4 as IPv6: it is the same address, for bans and for ignoreip.
toy names.log disguised.example 2
toy names.log mapped.example 2
check "an IPv4 address in disguise is one" banned_in 10 203.0.113.20
check "an address beside it is banned" banned_in 10 203.0.113.9
check_not "a host name of ignoreip is spared, by name and address" is_banned 203.0.113.8

toy asking.log 203.0.113.5 4
toy asking.log 203.0.113.6 2
check "whom the ignorecommand does not spare is banned" banned_in 10 203.0.113.6
check_not "whom it spares is not" is_banned 203.0.113.5
check_is "its answer is cached" "$(grep -c '^203.0.113.5$' "$T/asked")" 1

toy toy.log '203.0.113.4;touch${IFS}'"$T/owned" 2
toy toy.log '999.1.1.1' 2
toy toy.log 203.0.113.3 2
check "the next attacker is banned" banned_in 10 203.0.113.3
check_not "text is never run" test -e "$T/owned"
check_is "what is no address is not banned" \
	"$(x list --json --jail toy | jq -r .address)" 203.0.113.3

daemon_stop
check_is "SIGTERM ends it well ($(tail -n 3 "$T/daemon.out"))" $? 0
finish
