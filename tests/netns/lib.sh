# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# The stage on which a namespace test plays; source it first:
#
#	. "$(dirname "$0")/lib.sh"
#	ns_new server; ns_new phone; ns_link server phone 1
#	in_ns server "$XDPBAN" attach phone --pin "$PIN"
#	check "the phone is answered" ask phone "$(addr4 1 server)"
#	finish
#
# The test runs again in a mount namespace of its own, where /run/netns and the
# BPF file system are private: whatever happens to the test, even kill -9, the
# kernel takes everything down with the last process, and two tests at once do
# not see each other.  Nothing touches the machine's own network.
set -u
export LC_ALL=C

skip() {
	echo "$*"
	exit 77
}

[ "$(id -u)" = 0 ] || skip "needs root"
if [ "${XDPBAN_STAGE:-}" != "$$" ]; then
	unshare --mount true 2>/dev/null || skip "mount namespaces are not allowed here"
	# shellcheck disable=SC2016	# $$ is the new shell's
	exec unshare --mount --propagation private \
		bash -c 'export XDPBAN_STAGE=$$; exec "$@"' bash "$BASH" "$0" "$@"
fi
: "${XDPBAN:=$PWD/build/xdpban}" "${BUILD:=$PWD/build}"

T=$(mktemp -d)		# the test's own directory, gone afterwards
P=xb$$			# what its namespaces' names begin with
export PIN=$T/bpf/xdpban	# for --pin
HERE=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
children=() namespaces=() passed=0 failed=0

# A child of this shell that still runs.  The number of one that has ended may be
# anybody's by now, also another test's: they share the machine's process numbers.
still_runs() {
	[[ $'\n'$(jobs -pr)$'\n' == *$'\n'$1$'\n'* ]]
}

# end_child SIGNAL PID: its exit status; no other process has ever that signal.
end_child() {
	! still_runs "$2" || kill "-$1" "$2"
	wait "$2" 2>/dev/null
}

# With sanitizers (tests/run.sh says so), daemons that still run are asked to end, not
# killed: only then leaks are looked for.
end_sanitized() {
	local p

	for p in "${children[@]}"; do
		[ "$(readlink "/proc/$p/exe")" = "$XDPBAN" ] && still_runs "$p" || continue
		kill "$p"
		wait_until 20 gone "$p"
	done
}
gone() { ! still_runs "$1"; }

strike() {
	local p n
	[ -z "${SAN_REPORTS:-}" ] || end_sanitized 2>/dev/null
	{
		for p in "${children[@]}"; do ! still_runs "$p" || kill -9 "$p"; done
		wait
	} 2>/dev/null
	for n in "${namespaces[@]}"; do ip netns del "$n" 2>/dev/null; done
	umount "$T/bpf" 2>/dev/null
	rm -rf "$T"
}
trap strike EXIT
trap 'exit 1' INT TERM HUP

mkdir -p /run/netns "$T/bpf"
mount -t tmpfs tmpfs /run/netns || skip "cannot mount a tmpfs"
mount -t bpf bpf "$T/bpf" || skip "this kernel has no BPF file system"
ip netns add "$P-probe" 2>/dev/null || skip "needs network namespaces"
ip -n "$P-probe" link add type veth 2>/dev/null || skip "needs veth devices"
ip netns del "$P-probe"

# ---- namespaces and links ---------------------------------------------------

# ns_new NAME: a network namespace, loopback up.
ns_new() {
	ip netns add "$P-$1" || exit 1
	namespaces+=("$P-$1")
	ip -n "$P-$1" link set lo up
	in_ns "$1" sysctl -qw net.ipv6.conf.all.accept_dad=0 net.ipv6.conf.default.accept_dad=0
}

# in_ns NAME COMMAND...: run it there.
in_ns() {
	local n=$1
	shift
	ip netns exec "$P-$n" "$@"
}

# in_bg NAME COMMAND...: the same in the background; ends with the test.
# $! is the command's own process.
in_bg() {
	local n=$1
	shift
	setpriv --pdeathsig KILL ip netns exec "$P-$n" "$@" &
	children+=($!)
}

# addr4 N server|client, addr6 N server|client: the addresses of link N.
addr4() { echo "10.77.$1.$([ "$2" = server ] && echo 1 || echo 2)"; }
addr6() { echo "fd77:$1::$([ "$2" = server ] && echo 1 || echo 2)"; }

# ns_link SERVER CLIENT N: a veth pair.  SERVER's end is called CLIENT, CLIENT's
# is called `wire`.  Neighbours are permanent, so the only packets on the wire are
# those that the test sends.
ns_link() {
	local s=$P-$1 c=$P-$2 n=$3
	ip -n "$s" link add "$2" address "02:00:00:00:$(printf %02x "$n"):01" \
		type veth peer name wire netns "$c" \
		address "02:00:00:00:$(printf %02x "$n"):02" || exit 1
	ip -n "$s" addr add "$(addr4 "$n" server)/24" dev "$2"
	ip -n "$c" addr add "$(addr4 "$n" client)/24" dev wire
	ip -n "$s" addr add "$(addr6 "$n" server)/64" dev "$2" nodad
	ip -n "$c" addr add "$(addr6 "$n" client)/64" dev wire nodad
	ip -n "$s" link set "$2" up
	ip -n "$c" link set wire up
	ip -n "$s" neigh replace "$(addr4 "$n" client)" dev "$2" \
		lladdr "02:00:00:00:$(printf %02x "$n"):02" nud permanent
	ip -n "$s" neigh replace "$(addr6 "$n" client)" dev "$2" \
		lladdr "02:00:00:00:$(printf %02x "$n"):02" nud permanent
	ip -n "$c" neigh replace "$(addr4 "$n" server)" dev wire \
		lladdr "02:00:00:00:$(printf %02x "$n"):01" nud permanent
	ip -n "$c" neigh replace "$(addr6 "$n" server)" dev wire \
		lladdr "02:00:00:00:$(printf %02x "$n"):01" nud permanent
}

# ns_addr SERVER CLIENT N ADDRESS: one more address for the client of link N.
ns_addr() {
	local bits=32
	[[ $4 == *:* ]] && bits=128
	ip -n "$P-$2" addr add "$4/$bits" dev wire
	ip -n "$P-$1" route replace "$4/$bits" dev "$2"
	ip -n "$P-$1" neigh replace "$4" dev "$2" \
		lladdr "02:00:00:00:$(printf %02x "$3"):02" nud permanent
}

# ---- traffic ----------------------------------------------------------------

PORT=5060
# echo_server NAME [PORT]: answers every UDP datagram, both families.
echo_server() {
	in_bg "$1" python3 "$HERE/talk.py" serve "${2:-$PORT}"
	wait_until 10 listening "$1" "${2:-$PORT}"
}
listening() {
	in_ns "$1" cat /proc/net/udp6 | grep -q ":$(printf %04X "$2") "
}
# Namespaces `server`, with that service, and `phone`, and a wire between them.
server_and_phone() {
	ns_new server
	ns_new phone
	ns_link server phone 1
	echo_server server
}
# ask NAME ADDRESS [PORT [FROM [OWN-PORT]]]: true when the server there answers one
# datagram: within half a second, or ASK_S.
ask() {
	in_ns "$1" python3 "$HERE/talk.py" ask "${ASK_S:-0.5}" "$2" "${3:-$PORT}" ${4:+"$4"} ${5:+"$5"}
}
# ask_all NAME ADDRESS FROM...: the same from each of these, one after another.
ask_all() {
	in_ns "$1" python3 "$HERE/talk.py" ask-all "${ASK_S:-0.5}" "$2" "$PORT" "${@:3}"
}

# ---- checks -----------------------------------------------------------------

pass() { passed=$((passed + 1)); }
fail() {
	failed=$((failed + 1))
	echo "FAILED: $*"
}
# check WHAT COMMAND...: COMMAND must succeed; its output is shown if it fails.
# An answer that must come may take its time.
check() {
	local what=$1 out ASK_S=20
	shift
	if out=$("$@" 2>&1); then
		pass
	else
		fail "$what (status $?)${out:+: $out}"
	fi
}
# check_not WHAT COMMAND...: COMMAND must fail.
check_not() {
	local what=$1 out ASK_S=0.5
	shift
	if out=$("$@" 2>&1); then
		fail "$what${out:+: $out}"
	else
		pass
	fi
}
# check_is WHAT GOT WANT: equal texts.
check_is() {
	if [ "$2" = "$3" ]; then pass; else fail "$1: got '$2', want '$3'"; fi
}
# check_has WHAT TEXT PART: PART occurs in TEXT.
check_has() {
	if [[ $2 == *"$3"* ]]; then pass; else fail "$1: no '$3' in: $2"; fi
}

# wait_until SECONDS COMMAND...: poll until COMMAND succeeds; false when late.
# So many seconds on a machine with nothing else to do; others get PATIENCE times as
# many, since being late is never what a test is about.
wait_until() {
	local end=$((SECONDS + ${PATIENCE:-5} * $1)) ASK_S=0.5
	shift
	until "$@" >/dev/null 2>&1; do
		[ $SECONDS -lt $end ] || return 1
		sleep 0.02
	done
}

# since VERSION: this kernel is of that version or a later one.
since() {
	[ "$(printf '%s\n' "$1" "$(uname -r)" | sort -V | head -n 1)" = "$1" ]
}

# secs N: how long something must last that is looked at meanwhile: N seconds, or
# more where everything is slow (tests/kernels/run.sh).
secs() {
	echo $(($1 * ${SLOW:-1}))
}

finish() {
	echo "$passed passed, $failed failed"
	[ $failed = 0 ] && [ $passed -gt 0 ]
	exit
}
