# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# A PBX (Kamailio) and those who talk to it, for the SIP benchmark and tests.
# Source it after scripts/demo/stage.sh and stage_enter:
#
#	sip_world			router (here), phones, trunk, two offices
#	pbx NAME N [DEFINE]		a host with Kamailio at $(pbx_addr N)
#	registers NAME N SECONDS RATE	the phones register; a line of figures
#	calls NAME N SECONDS RATE	the phones call
#	trunk NAME N SECONDS RATE	the trunk calls
#	office NAME N HOST MS		a hundred phones behind one address come back
#					at once; each answers a challenge after MS
#	sip_flood NAME N METHOD SOURCES RATE SECONDS	forged requests to that PBX
#
# NAME is of a directory of its own.  Figures: percent in time, median and 95th
# percentile in milliseconds, percent at all.  In time is within half a second:
# before a phone sends its request again (T1 of RFC 3261).

SIP_DIR=$(dirname "$(realpath "${BASH_SOURCE[0]}")")
PHONES=40				# each with an address of its own
PHONES_NET=203.0.113.0/24
TRUNK=198.51.100.200
OFFICE=192.0.2.77			# and branch, which nobody has seen yet:
BRANCH=192.0.2.78
OFFICE_PHONES=100
FLOOD_NET=64.0.0.0/3			# tests/bench/lib/sources.h
# In front of the commands of server and phones, and of the generator's; and which
# processor takes what comes for the server from the network (empty: whichever).
: "${patience_s:=5}" "${on_cpu:=}" "${as_flood:=}" "${net_cpu:=}"

pbx_addr() { echo "10.5.$1.10"; }

sip_world() {
	local i

	private_files
	clients=0
	no_dad /proc/self/ns/net
	ip link set lo up
	sysctl -qw net.ipv4.ip_forward=1 net.ipv4.conf.all.rp_filter=0
	# What is sent to forged sources comes to nothing, and nobody says so.
	ip route add blackhole $FLOOD_NET
	# Keeps the generator's program in use (tests/bench/sipflood.c).
	ip link add spare0 type veth peer name spare1
	client phones 203.0.113.1
	client trunk $TRUNK
	client office $OFFICE
	client branch $BRANCH
	ip route add $PHONES_NET dev c1
	for ((i = 1; i < PHONES; i++)); do
		on phones ip addr add "203.0.113.$((1 + i))/32" dev eth0
	done
	[ -z "$net_cpu" ] || one_receiver
	mkdir -p $STAGE/kamailio
	sed "s|ADDRESSES|$STAGE/kamailio/address.list|" "$SIP_DIR/kamailio.cfg" \
		>$STAGE/kamailio/kamailio.cfg
	# group, address, length, port (any), name
	echo "1 $TRUNK 32 0 trunk" >$STAGE/kamailio/address.list
	# Users from 1000 on; a password is "pw-" and the user.
	phone_list 1000 $PHONES "203.0.113.%d" 1 >$STAGE/phones.csv
	phone_list 1100 $OFFICE_PHONES $OFFICE >$STAGE/office.csv
	phone_list 1200 $OFFICE_PHONES $BRANCH >$STAGE/branch.csv
	# Far away: an answer takes its time.
	sed 's|<recv response="401" auth="true"/>|&<pause/>|' "$SIP_DIR/register.xml" \
		>$STAGE/far.xml
}

# A network card's queue is emptied by the processor that has its interrupt.  A veth
# device's is emptied by whoever put something in last: phones would take over the
# flood's frames, and the generator, free of that work, would overrun the queue.
one_receiver() {
	local dev

	mkdir -p $STAGE/sys
	mount -t sysfs sysfs $STAGE/sys
	for dev in $STAGE/sys/class/net/c[0-9]*; do
		printf '%x' $((1 << net_cpu)) >"$dev/queues/rx-0/rps_cpus"
	done
}

# phone_list USER N ADDRESS [HOST]: address, user and password of each, from USER
# on; %d in ADDRESS counts from HOST on.
phone_list() {
	local i user addr

	echo SEQUENTIAL
	for ((i = 0; i < $2; i++)); do
		# shellcheck disable=SC2059	# that is what it is for
		printf -v addr "$3" $((${4:-0} + i))
		user=$(($1 + i))
		echo "$addr;$user;[authentication username=$user password=pw-$user]"
	done
}

pbx() {
	local name=$1 n=$2 addr

	addr=$(pbx_addr "$n")
	ip netns add "$name"
	no_dad "/run/netns/$name"
	ip link add "up$n" type veth peer name eth0 netns "$name"
	ip addr add "10.5.$n.1/24" dev "up$n"
	ip link set "up$n" up
	on "$name" ip link set lo up
	on "$name" ip addr add "$addr/24" dev eth0
	on "$name" ip link set eth0 up
	# Redirected frames are taken in with GRO or XDP here; to be said while up.
	on "$name" ethtool -K eth0 gro on
	on "$name" ip route add default via "10.5.$n.1"
	on "$name" sysctl -qw net.ipv4.conf.all.rp_filter=0
	mkdir -p "$STAGE/$name"
	boot "$name" "$STAGE/$name/answer.out" $on_cpu sipp -sf "$SIP_DIR/answer.xml" \
		-i 127.0.0.1 -p 5070 -nostdin
	boot "$name" "$STAGE/$name/kamailio.out" $on_cpu kamailio -DD -m 256 \
		-f $STAGE/kamailio/kamailio.cfg -Y "$STAGE/$name" ${3:+-A "$3"} \
		-l "udp:$addr:5060"
	within 10 udp_open "$name" 5060 && within 10 udp_open "$name" 5070
}

udp_open() {
	[ -n "$(on "$1" ss -Hlnu "sport = :$2")" ]
}

# ---- who talks to it ---------------------------------------------------------------

# sipp_run HOST NAME SCENARIO-FILE N SECONDS RATE OPTION...: so many a second for so
# long, and $patience_s (5) more for what is still unanswered.  Kamailio's processes
# overtake each other: a 100 after the 180 is no reason to give a call up.
sipp_run() {
	local host=$1 dir=$STAGE/$2 xml=$3 to n=$(($5 * $6)) seconds=$5 rate=$6

	to=$(pbx_addr "$4"):5060
	shift 6
	mkdir -p "$dir"
	echo $n >"$dir/sent"
	(cd "$dir" && on "$host" $on_cpu timeout $((seconds + patience_s + 3)) sipp -sf "$xml" \
		-r "$rate" -m $n -l $n -timeout $((seconds + patience_s))s -max_socket 2000 \
		-default_behaviors all,-abortunexp -trace_shortmsg -nostdin "$@" \
		"$to") >"$dir/out" 2>&1 </dev/null
}

registers() {
	sipp_run phones "$1" $SIP_DIR/register.xml "$2" "$3" "$4" -t ui -inf $STAGE/phones.csv -ip_field 0
	figures "$1" register REGISTER
}

calls() {
	sipp_run phones "$1" $SIP_DIR/call.xml "$2" "$3" "$4" -t ui -inf $STAGE/phones.csv -ip_field 0
	figures "$1" call INVITE
}

trunk() {
	sipp_run trunk "$1" $SIP_DIR/trunk.xml "$2" "$3" "$4" -i $TRUNK
	figures "$1" trunk INVITE
}

# All within a tenth of a second; they ask again for some seconds.
office() {
	sipp_run "$3" "$1" $STAGE/far.xml "$2" 5 $((OFFICE_PHONES / 5)) -t un -d "$4" \
		-inf "$STAGE/$3.csv" -i "$(sed -n '2s/;.*//p' "$STAGE/$3.csv")" -r 1000
	figures "$1" far REGISTER
}

# figures NAME SCENARIO METHOD: from the first request to the 200 of METHOD.
figures() {
	awk -F '\t' -v sent="$(cat "$STAGE/$1/sent")" -v method="$3" '
		$4 == "S" && $6 == "CSeq:1 " method && !($5 in began) { began[$5] = $3 }
		$4 == "R" && $7 ~ / 200 / && $6 ~ method && $5 in began && !($5 in took) {
			took[$5] = ($3 - began[$5]) * 1000
		}
		END {
			for (c in took) {
				print took[c] | "sort -n"
				n++
				in_time += took[c] < 500
			}
			close("sort -n")
			printf "end %.1f %.1f\n", 100 * in_time / sent, 100 * n / sent
		}' "$STAGE/$1/$2"_*_shortmessages.log | awk '
		$1 == "end" { in_time = $2; all = $3; next }
		{ ms[++n] = $1 }
		END {
			printf "%s %.2f %.2f %s\n", in_time, n ? ms[int((n + 1) / 2)] : -1,
				n ? ms[int(n * 0.95 + 0.999)] : -1, all
		}'
}

# Straight into the server's link, as fast as that goes.  The generator has the
# way to the server to itself; where it runs and how eagerly says $as_flood.
sip_flood() {
	local mac

	mac=$(ip -n "$1" -o link show eth0 | sed 's/.*link.ether \([0-9a-f:]*\).*/\1/')
	$as_flood "$BUILD/tests/bench/sipflood" "up$2" spare0 "$mac" "$(pbx_addr "$2")" \
		"$3" "$4" "$5" "$6"
}
