#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# BANS bans (a million) from a list, in any order; stopped at once; kill -9; a boot:
# how long does it take, in how much memory, are all of them back each time, and
# does anybody who is banned get an answer meanwhile?  Fail2ban with 3,000 beside it.
#
#	make soak		or: BANS=100000 XDPBAN=build/xdpban tests/soak/restore.sh
here=$(dirname "$(realpath "${BASH_SOURCE[0]}")")
: "${XDPBAN:=$(realpath "${1:-build/xdpban}")}"
export XDPBAN
. "$here/../netns/lib.sh"
. "$here/../netns/e2e_lib.sh"
. "$here/lib.sh"
BANS=${BANS:-1000000} PEER=${PEER:-1} PEER_BANS=3000

# addresses N: 10.0.0.1 and those that follow, in no order.
addresses() {
	python3 -c 'import random, sys
random.seed(1)
list = ["10.%d.%d.%d" % (i >> 16 & 255, i >> 8 & 255, i & 255) for i in range(1, int(sys.argv[1]) + 1)]
random.shuffle(list)
print("\n".join(list))' "$1"
}
all_here() { check_is "$1" "$(x status --json | jq .bans.now)" "$BANS"; }
# up WHAT: start it, and say how long that takes.
up() {
	begin=$(now_ms)
	daemon_up
	took=$(($(now_ms) - begin))
	report "$1" "$took ms; $(cpu_ms "$daemon_pid") ms of processor time, $(peak "$daemon_pid") MB"
}

server_up
jail_local </dev/null
quiet_daemon "max-bans = $((BANS + 10))"
sed -i 's/^loglevel = .*/loglevel = NOTICE/' "$CONF/xdpban.local"
ns_addr server phone 1 10.0.0.1
addresses "$BANS" >"$T/list"
daemon_up
begin=$(now_ms)
check_is "banned" "$(x ban --file "$T/list" --for 1d)" \
	"$BANS banned, 0 were banned already, 0 refused, 0 not understood"
report "$BANS bans from a list" "$(($(now_ms) - begin)) ms"
check_not "in force" ask phone "$SERVER" $PORT 10.0.0.1
begin=$(now_ms)
daemon_stop
check_is "stopped at once" $? 0
report "  stopped at once: until written" "$(($(now_ms) - begin)) ms"
check_is "all of it is in the database" "$(in_db 'SELECT count(*) FROM bans')" "$BANS"
report "  database" "$(size_mb "$T/state/xdpban.sqlite3") MB"
up "started again"
all_here "all are there after the stop"

# Somebody banned asks all the time, from before the crash until after the restart.
answers=$T/answers
: >"$answers"
while [ ! -e "$T/enough" ]; do
	ask phone "$SERVER" $PORT 10.0.0.1 && echo answered >>"$answers"
	echo asked >>"$answers"
done &
asker=$!
daemon_kill
up "after kill -9: until it answers"
: >"$T/enough"
wait $asker
all_here "all are there after the crash"
check "the banned one asked" grep -q asked "$answers"
check_not "and was never answered" grep -q answered "$answers"
[ "$BANS" -lt 1000000 ] || check "a million in 5 s" [ $took -le 5000 ]

# After a boot the kernel has nothing.
daemon_stop
check "detached" x detach phone
check "answered without it" ask phone "$SERVER" $PORT 10.0.0.1
PIN=$T/bpf/boot attached=
# The last one that the kernel is told of: they come in the order of their texts.
last=$(sort "$T/list" | tail -n 1)
ns_addr server phone 1 "$last"
in_ns phone python3 -c 'import socket, sys, time
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
s.bind((sys.argv[1], 0))
s.connect((sys.argv[2], int(sys.argv[3])))
s.settimeout(0.5)
answered = silent = 0
while silent < 4:
    try:
        s.send(b"ask")
        s.recv(100)
        if not answered:
            print("answered", flush=True)
        answered, silent = time.time(), 0
        time.sleep(0.01)
    except OSError:
        silent += 1
print(int(answered * 1000))' "$last" "$SERVER" $PORT >"$T/answered" &
asker=$!
check "he is answered, too" wait_until 20 grep -q answered "$T/answered"
up "after a boot: until it answers"
wait $asker
report "  until the last one is dropped" "$(($(tail -n 1 "$T/answered") - begin)) ms"
all_here "all are there after a boot"
check_not "in force again" ask phone "$SERVER" $PORT 10.0.0.1
check_is "nothing is wrong, but that no jail is running" \
	"$(x status --json | jq '.problems | length')" 1
begin=$(now_ms)
x unban --all >/dev/null
report "all lifted" "$(($(now_ms) - begin)) ms"
check "answered again" ask phone "$SERVER" $PORT 10.0.0.1

# ---- Fail2ban ----------------------------------------------------------------------
if [ "$PEER" = 1 ] && command -v fail2ban-server iptables >/dev/null; then
	peer=$T/f2b
	cp -r /etc/fail2ban "$peer"
	rm -f "$peer"/jail.d/*
	: >"$T/peer.log"
	printf '[sshd]\nenabled = true\nbackend = polling\nlogpath = %s\nbantime = 1d\n' \
		"$T/peer.log" >"$peer/jail.local"
	printf '[Definition]\nlogtarget = %s\nsocket = %s\npidfile = %s\ndbfile = %s\n' \
		"$T/peer.out" "$T/peer.sock" "$T/peer.pid" "$T/peer.sqlite3" >"$peer/fail2ban.local"
	in_bg server fail2ban-server -c "$peer" -s "$T/peer.sock" -p "$T/peer.pid" -xf start >/dev/null 2>&1
	peer_pid=$!
	client() { in_ns server fail2ban-client -s "$T/peer.sock" "$@"; }
	wait_until 20 client ping >/dev/null
	rules() { [ "$(in_ns server iptables -S f2b-sshd 2>/dev/null | grep -c REJECT)" -ge $PEER_BANS ]; }
	begin=$(now_ms)
	addresses $PEER_BANS | xargs -n 500 ip netns exec "$P-server" \
		fail2ban-client -s "$T/peer.sock" set sshd banip >/dev/null
	check "Fail2ban's are in force" wait_until 300 rules
	report "Fail2ban: $PEER_BANS bans in force" "$(($(now_ms) - begin)) ms; $(cpu_ms $peer_pid) ms of its own processor time"
fi
finish
