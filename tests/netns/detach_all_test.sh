#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# The way back: detach --all leaves nothing in the kernel.  And the way in where
# there is no systemd: attach mounts the BPF file system.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/e2e_lib.sh"

A=192.0.2.66
server_up
ns_addr server phone 1 $A
jail_local <<END
[sshd]
enabled = true
logpath = $LOG
END
daemon_up
x ban $A --for 1h >/dev/null
check_not "a ban" ask phone "$SERVER" $PORT $A
err=$(x detach --all 2>&1)
check_is "a daemon would put it back: refused" $? 1
check_has "and told what to do" "$err" "stop it first"
check_not "the ban stands" ask phone "$SERVER" $PORT $A

daemon_stop
check_not "without it, too" ask phone "$SERVER" $PORT $A
mkdir "$PIN/v1"			# of an older version
out=$(x detach --all)
check_is "all of it" $? 0
check_has "the interface" "$out" "phone: detached"
check_has "the pins" "$out" "$PIN: removed"
check_not "no directory is left" [ -e "$PIN" ]
check "nobody is banned" ask phone "$SERVER" $PORT $A
check_is "again: nothing to do" "$(x detach --all)" "nothing of xdpban is in the kernel"
check "list says so, too: make uninstall asks it" eval '! x list 2>/dev/null'

daemon_up
x attach phone >/dev/null
check_not "the database has kept the ban" ask phone "$SERVER" $PORT $A
daemon_stop
x detach --all >/dev/null

jail_local <<END
[xdpban]
backend = nftables
END
attached=1 daemon_up
x ban $A --for 1h >/dev/null
daemon_stop
check_not "a ban by nftables" ask phone "$SERVER" $PORT $A
check_has "its rules" "$(x detach --all)" "nftables: our rules are out"
check "are out" ask phone "$SERVER" $PORT $A

x detach 2>/dev/null
check_is "of what?" $? 2
x detach phone --all 2>/dev/null
check_is "of one, or of all" $? 2

# `ip netns exec` has a /sys of its own, where nobody has mounted anything.
out=$(in_ns server bash -c "'$XDPBAN' attach phone 2>&1
	grep -c ' /sys/fs/bpf bpf ' /proc/mounts; '$XDPBAN' detach --all")
check_has "attach mounts what it needs" "$out" "mounted a BPF file system at /sys/fs/bpf"
check_has "and works" "$out" "phone: attached"
check_has "once" "$out" $'\n1\n'
check_not "no other place is mounted" in_ns server "$XDPBAN" attach phone --pin "$T/elsewhere/x"
finish
