#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Log rotation of every kind under the eyes of the daemon: two failures before,
# three after, must be five; four must stay four.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/e2e_lib.sh"

server_up
mkdir "$T/logs"
jail_local <<END
[sshd]
enabled = true
logpath = $T/logs/auth*.log
bantime = 1h
END
LOG=$T/logs/auth.log
: >"$LOG"
daemon_up

by_rename() {
	mv "$LOG" "$LOG.1"
	: >"$LOG"
}
by_copytruncate() {
	cp "$LOG" "$LOG.1"
	: >"$LOG"
}
by_rename_and_late_create() {
	mv "$LOG" "$LOG.1"
	sleep 0.2
	: >"$LOG"
}
by_delete() {
	rm "$LOG"
	: >"$LOG"
}
by_replacement() {
	: >"$LOG.new"
	mv "$LOG.new" "$LOG"
}
# A service writes to the old file until it is told to open its log again.
by_rename_with_a_late_writer() {
	exec 9>>"$LOG"
	mv "$LOG" "$LOG.1"
	: >"$LOG"
	failures "$five" 1 /dev/fd/9
	exec 9>&-
}

n=0
for kind in by_rename by_copytruncate by_rename_and_late_create by_delete \
	by_replacement by_rename_with_a_late_writer; do
	n=$((n + 1))
	five=203.0.113.$n four=198.51.100.$n after=3
	[ $kind = by_rename_with_a_late_writer ] && after=2
	failures $five 2
	failures $four 2
	# What copytruncate or deletion may lose is what nobody has read yet.
	all_read
	$kind
	failures $four 2
	failures $five $after
	check "${kind//_/ }: no line is lost" banned_in 10 $five
	all_read
	check_not "${kind//_/ }: no line is read twice" is_banned $four
done

# A line that is written in two pieces is one line.
whole=203.0.113.100
failures $whole 4
line="$(date +%FT%T.%6N%:z) server sshd[9]: Failed password for root from $whole port 9 ssh2"
printf '%s' "${line:0:70}" >>"$LOG"
failures 198.51.100.100 1 "$T/logs/auth-other.log"
printf '%s\n' "${line:70}" >>"$LOG"
check "a line in two pieces counts once it is whole" banned_in 10 $whole

# A file that the glob matches later on.
failures 203.0.113.101 5 "$T/logs/auth-new.log"
check "a new file of the glob is found" banned_in 10 203.0.113.101
finish
