#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# More bans than max-bans: refused, or in place of the one that ends soonest; the
# kernel follows at once, and status tells.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/e2e_lib.sh"

server_up
jail_local </dev/null
printf '[xdpban]\nmax-bans = 3\n' >"$CONF/xdpban.local"
for i in 1 2 3 4 5; do ns_addr server phone 1 203.0.113.$i; done
problems() { x status --json | jq -r '.problems[]'; }

daemon_up
x ban 203.0.113.1 --for 1h >/dev/null
x ban 203.0.113.2 --for 10m >/dev/null
x ban 203.0.113.3 --for 2h >/dev/null
check_not "a fourth one is refused" x ban 203.0.113.4 --for 1h
check "and is answered" ask phone "$SERVER" $PORT 203.0.113.4
check_has "status tells" "$(problems)" "1 bans were refused"
echo 'when-full = replace' >>"$CONF/xdpban.local"
check "reload" x reload
check "before: the third one stands" is_banned 203.0.113.3
check "a fourth one replaces" x ban 203.0.113.4 --for 1h
check_not "it gets no answer" ask phone "$SERVER" $PORT 203.0.113.4
check_not "the one that would have ended first is gone" is_banned 203.0.113.2
check "and answered at once" ask phone "$SERVER" $PORT 203.0.113.2
check_not "one that ends sooner than all is refused" x ban 203.0.113.5 --for 1m
check_not "the others stand" ask phone "$SERVER" $PORT 203.0.113.1
check_has "status tells" "$(problems)" "1 bans ended early"
check_is "three bans" "$(x list --json | wc -l)" 3
finish
