#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# With nobody alive in user space: bans hold, count, and end on time.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/pinned.sh"

ns_new server
ns_new phone
ns_link server phone 1
ns_addr server phone 1 192.0.2.66
ns_addr server phone 1 2001:db8::66
echo_server server
s4=$(addr4 1 server) s6=$(addr6 1 server)
check "attach" xb server attach phone

# The ban's own seconds begin before anything is asked.
pinned_ban 192.0.2.66 "$(secs 10)"
pinned_ban 2001:db8::66 "$(secs 10)"
pinned_ban "$(addr4 1 client)"
check_not "banned" ask phone "$s4" $PORT 192.0.2.66
check_not "banned, IPv6" ask phone "$s6" $PORT 2001:db8::66
check_is "list shows three" "$(xb server list --json | jq -s length)" 3
check_is "two of them end" "$(xb server list --json | jq -s 'map(select(.until)) | length')" 2
check "it ends by itself" wait_until 20 ask phone "$s4" $PORT 192.0.2.66
check "so does the IPv6 one" wait_until 20 ask phone "$s6" $PORT 2001:db8::66
check_not "the one without an end does not" ask phone "$s4"
check_is "list shows only that" "$(xb server list --json | jq -r .address)" "$(addr4 1 client)"

in_ns phone python3 "$HERE/talk.py" flood "$s4" $PORT 500
check "every packet is counted" [ "$(dropped "$(addr4 1 client)")" -ge 500 ]
finish
