# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# A server with xdpban on it, whole: for the end-to-end tests.  After lib.sh:
#
#	. "$(dirname "$0")/e2e_lib.sh"
#	server_up			namespaces server and phone, a UDP service
#	jail_local <<END ... END	the configuration beside the shipped one
#	daemon_up			attach and run; daemon_pid is set
#	failures ADDRESS N [LOG]	N refused logins in the log, as sshd writes them
#
# Clients are further addresses of the namespace `phone`.

command -v jq >/dev/null || skip "needs jq"

LOG=$T/auth.log
CONF=$T/etc

# Where the server is; tests with another stage have their own.
at_server() { in_ns server "$@"; }
at_server_bg() { in_bg server "$@"; }

# x VERB...: xdpban in the server's namespace, with this test's own places.
x() {
	local verb=$1

	shift
	at_server "$XDPBAN" "$verb" "$@" --config "$CONF" \
		--state "$T/state" --socket "$T/sock" --pin "$PIN"
}

server_up() {
	server_and_phone
	SERVER=$(addr4 1 server) SERVER6=$(addr6 1 server)
	: >"$LOG"
	cp -r configs "$CONF"
}

# jail_local: standard input becomes jail.local; [sshd] reads $LOG by default.
jail_local() {
	{
		printf '%s\n' '[DEFAULT]' 'backend = auto' "banaction = %(banaction_allports)s"
		cat
	} >"$CONF/jail.local"
}

daemon_up() {
	[ -n "${attached:-}" ] || check "attach" x attach "${1:-phone}"
	attached=1
	at_server_bg "$XDPBAN" run --foreground --config "$CONF" \
		--state "$T/state" --socket "$T/sock" --pin "$PIN" >>"$T/daemon.out" 2>&1
	daemon_pid=$!
	wait_until 10 daemon_answers || {
		fail "the daemon does not answer: $(tail -n 20 "$T/daemon.out")"
		finish
	}
}

# Not `list`, which answers from the pinned maps when there is no daemon.
daemon_answers() {
	x status --json | grep -q '"version"'
}

# The process that in_bg started is the daemon itself: everything before it
# was replaced by exec.
daemon_kill() {
	end_child KILL "$daemon_pid"
}

# As systemd stops it; with sanitizers, leaks make this fail too.
daemon_stop() {
	end_child TERM "$daemon_pid"
}

# The daemon's process of that name; nothing if there is none.
process_of() {
	local pid

	for pid in $(cat "/proc/$daemon_pid/task/$daemon_pid/children"); do
		[ "$(cat "/proc/$pid/comm")" != "$1" ] || echo "$pid"
	done
}

# Lines of sshd through rsyslog, with the time of now.
failures() {
	local i

	for ((i = 0; i < $2; i++)); do
		printf '%s server sshd[%d]: Failed password for root from %s port %d ssh2\n' \
			"$(date +%FT%T.%6N%:z)" $((1000 + i)) "$1" $((40000 + i))
	done >>"${3:-$LOG}"
}

is_banned() {
	[ "$(times_listed "$1")" -gt 0 ]
}

banned_in() {
	wait_until "$1" is_banned "$2"
}

# field ADDRESS NAME: of its ban, as the daemon or the maps tell it.
field() {
	x list --json 2>/dev/null | jq -r --arg a "$1" "select(.address == \$a) | .$2"
}

times_listed() {
	x list --json 2>/dev/null |
		jq -r --arg a "$1" 'select(.address == $a) | .address' | wc -l
}

# Everything written so far has been read: a marker, written after it, is banned.
markers=0
all_read() {
	local marker

	markers=$((markers + 1))
	marker=198.18.$markers.1
	failures $marker 5 "${1:-$LOG}"
	check "what was written has been read ($marker)" banned_in 10 $marker
}

# A filter `toy` whose failures need no more than a name: toy LOG WHO N.
toy_filter() {
	printf '[Definition]\nfailregex = ^ toy: failed from <HOST>$\n' >"$CONF/filter.d/toy.conf"
}

toy() {
	local i

	for ((i = 0; i < $3; i++)); do
		echo "$(date '+%b %e %T') toy: failed from $2"
	done >>"$T/$1"
}
