#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Several interfaces share the maps; they come, go, and are called all sorts.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/pinned.sh"

ns_new server
for i in 1 2; do
	ns_new "phone$i"
	ns_link server "phone$i" $i
done
echo_server server

check "attach the first" xb server attach phone1
pinned_ban "$(addr4 2 client)"
check "the second is not attached" ask phone2 "$(addr4 2 server)"
check "attach the second" xb server attach phone2
check_not "the ban counts there at once" ask phone2 "$(addr4 2 server)"
pinned_ban "$(addr4 1 client)"
check_not "a new one counts on both" ask phone1 "$(addr4 1 server)"
check_is "one program for both" "$(prog_on server phone1)" "$(prog_on server phone2)"

check "detach the first" xb server detach phone1
check "which is free" ask phone1 "$(addr4 1 server)"
check_not "the second is not" ask phone2 "$(addr4 2 server)"

# A name with a dot, as VLAN devices have; pins cannot have dots.
ip -n "$P-server" link set phone1 down
ip -n "$P-server" link set phone1 name eth0.100
ip -n "$P-server" link set eth0.100 up
check "attach to a name with a dot" xb server attach eth0.100
check "again" xb server attach eth0.100
check_is "it is there" "$(prog_on server eth0.100)" "$(prog_on server phone2)"
check "detach from a name with a dot" xb server detach eth0.100
check_is "nothing is there" "$(prog_on server eth0.100)" none

# A name that changes while attached.
check "attach" xb server attach eth0.100
ip -n "$P-server" link set eth0.100 down
ip -n "$P-server" link set eth0.100 name trunk
ip -n "$P-server" link set trunk up
check "attach under the new name" xb server attach trunk
check "detach under the new name" xb server detach trunk
check_is "it is gone" "$(prog_on server trunk)" none

# An interface that vanishes and comes again.
ip -n "$P-server" link del phone2
ns_link server phone2 2
check "free: the program went with it" ask phone2 "$(addr4 2 server)"
check_has "attach to the new one" "$(xb server attach phone2)" native
check_not "and the ban counts" ask phone2 "$(addr4 2 server)"
ip -n "$P-server" link del phone2
check "detach from what is gone" xb server detach phone2
check_not "once" xb server detach phone2
finish
