#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Interfaces that are configured are attached to whenever they appear.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/e2e_lib.sh"
. "$(dirname "$0")/pinned.sh"

A=192.0.2.66
ns_new server
for i in 1 2 3; do ns_new "phone$i"; done
echo_server server
: >"$LOG"
cp -r configs "$CONF"
configure() {
	jail_local <<-END2
	[xdpban]
	backend = xdp
	interfaces = $1
	[sshd]
	enabled = true
	logpath = $LOG
	END2
}
configure "phone1 phone2"
attached=1
ns_link server phone1 1
daemon_up

link_up() {
	ns_link server "phone$1" "$1"
	ns_addr server "phone$1" "$1" $A
}
on() { [ "$(prog_on server "$1")" != none ]; }
state() { x status --json | jq -c --arg i "$1" '.interfaces[] | select(.name == $i) | .ok'; }
problems() { x status --json | jq -r '.problems[]'; }
is_ok() { [ "$(state "$1")" = true ]; }

check "at the start: the one that is there" on phone1
check_is "status says so" "$(state phone1)" true
check_is "and that the other is not" "$(state phone2)" false
check_has "as a problem" "$(problems)" "phone2: there is no such interface"
check "ban" x ban $A --for 1h

link_up 2
check "when it appears it is attached to" wait_until 20 on phone2
check_not "and the ban counts there" ask phone2 "$(addr4 2 server)" $PORT $A
check "somebody else is answered" ask phone2 "$(addr4 2 server)"
check "status knows" wait_until 10 is_ok phone2
check_is "nothing is wrong" "$(problems)" ""

ip -n "$P-server" link del phone2
misses() { problems | grep -q "$1"; }
check "it goes: status says so" wait_until 10 misses phone2
link_up 2
check "made anew: attached to again" wait_until 20 on phone2
check_not "and the ban counts" ask phone2 "$(addr4 2 server)" $PORT $A

# What an operator took off stays off, until it is made anew or configured again.
check "detach by hand" xb server detach phone2
ip -n "$P-server" link set phone2 mtu 1400
ip -n "$P-server" link set phone1 mtu 1400
sleep 1
check_not "stays so" on phone2
check "reload" x reload
check "attaches again" wait_until 20 on phone2

configure "phone1 phone2 phone3"
check "one more" x reload
link_up 3
check "and it is attached to when it appears" wait_until 20 on phone3

# Somebody else's program is there first, then goes.
configure "phone1"
check "fewer" x reload
check "the others stay attached" on phone3
if command -v clang >/dev/null; then
	ip -n "$P-server" link del phone3
	link_up 3
	cat >"$T/foreign.c" <<-'END2'
	#define SEC(name) __attribute__((section(name), used))
	SEC("xdp") int somebody_else(void *ctx) { return 2; }
	SEC("license") char LICENSE[] = "GPL";
	END2
	clang -O2 -g --target=bpf -c "$T/foreign.c" -o "$T/foreign.o"
	bpftool prog load "$T/foreign.o" "$T/bpf/foreign" type xdp
	check "somebody else's program" in_ns server bpftool net attach xdpdrv \
		pinned "$T/bpf/foreign" dev phone3
	configure "phone1 phone3"
	check "reload" x reload
	refuses() { problems | grep -q somebody_else; }
	check "status says who is there" wait_until 20 refuses
	check "and it is in the log once" \
		[ "$(grep -c somebody_else "$T/daemon.out")" = 1 ]
	check "it goes" in_ns server bpftool net detach xdpdrv dev phone3
	check "ours comes" wait_until 30 on phone3
	check "status is content" wait_until 10 is_ok phone3
fi

# The right to attach is not the daemon's.
pid=$(process_of xdpban-attach)
check "a process of its own has the right" [ -n "$pid" ]
check_is "and no file but the socket and what it needs" \
	"$(find "/proc/$pid/fd" -lname '*bpf-map*' | wc -l)" 0

# Somebody ends it: that is said, and nothing of it is left.
gone() { [ ! -e "/proc/$pid" ]; }
kill -9 "$pid"
check "it is ended: nothing of it stays" wait_until 10 gone
ended() { grep -q "the process that attaches to interfaces has ended" "$T/daemon.out"; }
check "the log has it" wait_until 10 ended
check "the daemon goes on" x ban 192.0.2.67

daemon_stop
daemon_up
pid=$(process_of xdpban-attach)
check "with a process of its own again" [ -n "$pid" ]
daemon_stop
check "it ends with the daemon" wait_until 10 gone
check "the programs stay" on phone3
finish
