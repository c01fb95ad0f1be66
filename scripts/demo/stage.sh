# SPDX-License-Identifier: GPL-2.0-or-later
# A stage for the demo and the end-to-end tests: a server and a small internet
# around it, both inside namespaces.  Source it; bash only.
#
#	stage_enter "$0" "$@"	first thing: go on inside private namespaces
#	stage_up		router (here) and server
#	client NAME ADDRESS	one host of the internet, with one address
#	on NAME COMMAND...	run a command on that host ("server" is one too)
#	boot NAME LOG COMMAND...	the same in the background; sets $booted and
#				adds it to $children
#
# Everything lives in one mount, one PID and a few network namespaces whose
# first process is the script itself.  When that ends, however it ends, the
# kernel ends every other process in there and takes the interfaces, the mounts
# and the files away.  No packet can leave: the machine's own interfaces are
# not in there.
#
#	router (this namespace)			server
#	  up0 198.51.100.1, 2001:db8:10::1 ---- eth0 198.51.100.10, 2001:db8:10::10
#	  c1, c2, ...  169.254.0.1, fe80::1 --- eth0 of a client

SERVER4=198.51.100.10
SERVER6=2001:db8:10::10
STAGE=/run/stage		# private: gone with the stage

stage_enter() {
	[ "${XDPBAN_STAGE:-}" = "$$" ] && return
	if [ "$(id -u)" != 0 ]; then
		echo "needs root: it makes network namespaces"
		exit 77
	fi
	# In there we are process 1, which is how the line above knows.
	XDPBAN_STAGE=1 exec unshare --mount --pid --net --fork --kill-child \
		--mount-proc -- bash "$@"
}

# Services log to /dev/log and /var/log, keep state in /run, and find names in
# /etc/hosts: here those are private, so that nothing of the machine's changes.
private_files() {
	local d

	mount -t tmpfs -o mode=755 tmpfs /run
	mkdir -p $STAGE/dev /run/sshd /run/lock
	mount -t tmpfs -o mode=755 tmpfs $STAGE/dev
	for d in null zero full random urandom tty ptmx; do
		: >$STAGE/dev/$d
		mount --bind /dev/$d $STAGE/dev/$d
	done
	mkdir $STAGE/dev/pts $STAGE/dev/shm
	mount --bind /dev/pts $STAGE/dev/pts
	mount -t tmpfs tmpfs $STAGE/dev/shm
	ln -s /proc/self/fd $STAGE/dev/fd
	mount --move $STAGE/dev /dev
	mount -t tmpfs -o mode=755 tmpfs /var/log
	: >/var/log/btmp
	: >/var/log/wtmp
	mkdir $STAGE/bpf
	mount -t bpf bpf $STAGE/bpf
}

# All addresses are ready at once: no duplicate address detection.
no_dad() {
	local ns=$1

	nsenter --net="$ns" sysctl -qw net.ipv6.conf.default.accept_dad=0 \
		net.ipv6.conf.all.accept_dad=0 net.ipv6.conf.default.accept_ra=0
}

stage_up() {
	private_files
	clients=0
	no_dad /proc/self/ns/net
	ip link set lo up
	sysctl -qw net.ipv4.ip_forward=1 net.ipv6.conf.all.forwarding=1
	ip netns add server
	no_dad /run/netns/server
	ip link add up0 type veth peer name eth0 netns server
	ip addr add 198.51.100.1/25 dev up0
	ip addr add 2001:db8:10::1/64 dev up0
	ip link set up0 up
	on server ip link set lo up
	on server ip addr add $SERVER4/25 dev eth0
	on server ip addr add $SERVER6/64 dev eth0
	on server ip link set eth0 up
	on server ip route add default via 198.51.100.1
	on server ip route add default via 2001:db8:10::1
}

client() {
	local name=$1 addr=$2 via=169.254.0.1 len=32 dev

	clients=$((clients + 1)) dev=c$clients
	[[ $addr == *:* ]] && via=fe80::1 len=128
	ip netns add "$name"
	no_dad "/run/netns/$name"
	ip link add "$dev" type veth peer name eth0 netns "$name"
	ip addr add 169.254.0.1/32 dev "$dev"
	ip link set "$dev" up
	ip addr add fe80::1/64 dev "$dev"
	on "$name" ip link set lo up
	on "$name" ip addr add "$addr/$len" dev eth0
	on "$name" ip link set eth0 up
	[ $len = 32 ] && on "$name" ip route add $via dev eth0
	on "$name" ip route add default via $via dev eth0
	ip route add "$addr/$len" dev "$dev"
}

# nsenter and not `ip netns exec`, which would hide the pinned maps in /sys.
on() {
	local name=$1

	shift
	nsenter --net="/run/netns/$name" -- "$@"
}

boot() {
	local name=$1 log=$2

	shift 2
	nsenter --net="/run/netns/$name" -- "$@" >>"$log" 2>&1 </dev/null &
	booted=$!
	children+=($booted)
}

# Poll with a deadline: within SECONDS COMMAND...
within() {
	local end=$((SECONDS + $1))

	shift
	until "$@"; do
		[ $SECONDS -lt $end ] || return 1
		sleep 0.05
	done
}
