#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# A daemon whose log is quiet sleeps, and is small.  Counted, not timed: what
# strace saw of it while nothing was written.
# Directories above a log are watched, too, so that it is found when it moves; in
# /tmp others come and go.  So the test has a place of its own, once it runs in the
# mount namespace of lib.sh.
export TMPDIR=/dev/shm
[ "${XDPBAN_STAGE:-}" != $$ ] || mount -t tmpfs tmpfs /dev/shm
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/e2e_lib.sh"
command -v strace >/dev/null || skip "needs strace"

SECONDS_QUIET=${SECONDS_QUIET:-8}
MAX_RSS_KB=12288

server_up
# What a PBX runs: sshd, Asterisk with all of its expressions, and those who come back.
: >"$T/asterisk.log"
jail_local <<END
[sshd]
enabled = true
logpath = $LOG
maxretry = 5
[asterisk]
enabled = true
logpath = $T/asterisk.log
[recidive]
enabled = true
END
daemon_up
failures 203.0.113.7 5
check "it works: somebody is banned" banned_in 10 203.0.113.7

# What follows a ban (the database, a first comparison with the kernel) is done
# when a second went by in which nothing happened.
watch_for() {
	timeout "$1" strace -f -qq -e signal=none -o "$T/strace" -p "$daemon_pid" 2>"$T/strace.err"
	# The calls that each thread sleeps in are cut off at the end.
	grep -vc '<\(unfinished\|detached\) \.\.\.>$' "$T/strace"
}
comes_to_rest() { [ "$(watch_for 1)" = 0 ]; }
if ! timeout 2 strace -qq -o /dev/null true 2>/dev/null; then
	skip "strace may not trace here"
fi
check "it comes to rest" wait_until 90 comes_to_rest
calls=$(watch_for "$SECONDS_QUIET")
# Once a minute the bans are compared with those of the kernel: not twice in a row.
[ "$calls" = 0 ] || calls=$(watch_for "$SECONDS_QUIET")
check "no call in $SECONDS_QUIET seconds: $(head -n 5 "$T/strace")" [ "$calls" = 0 ]

# Libraries for what is not configured: GnuTLS for an Asterisk far away.
check "no library for TLS is loaded" sh -c "! grep -q gnutls /proc/$daemon_pid/maps"
rss=$(sed -n 's/^VmRSS:[^0-9]*\([0-9]*\) kB/\1/p' "/proc/$daemon_pid/status")
echo "      resident: $rss kB"
# Sanitizers need a multiple.
grep -q __asan_init "$XDPBAN" ||
	check "at most 12 MB are resident: $rss kB" [ "$rss" -le $MAX_RSS_KB ]

failures 203.0.113.8 5
check "it wakes up when a log changes" banned_in 10 203.0.113.8
daemon_stop
finish
