#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Debian's journald at work, on a machine without auth.log: backend = auto reads
# the journal.  It is rotated, moved from /run to /var and vacuumed; then a log
# file appears after all.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/e2e_lib.sh"
journald=/usr/lib/systemd/systemd-journald
[ -x $journald ] || skip "needs systemd-journald"
[ -s /etc/machine-id ] || skip "needs /etc/machine-id"

problems() { x status --json | jq -r '.problems[]'; }
sources() { x status sshd --json | jq -r '.jails[0].sources[].path'; }

# Its places, seen by this test alone.  It must not turn on the kernel's auditing.
journald_up() {
	local dir

	mkdir -p /run/systemd /run/log
	for dir in /run/systemd /run/log /var/log; do
		mount -t tmpfs tmpfs $dir || skip "cannot mount a tmpfs"
	done
	mkdir -p /run/systemd/journald.conf.d /run/systemd/journal
	printf '%s\n' '[Journal]' Storage=auto ReadKMsg=no Audit=no ForwardToSyslog=no \
		ForwardToWall=no RateLimitBurst=0 >/run/systemd/journald.conf.d/test.conf
	$journald >"$T/journald.out" 2>&1 &
	journald_pid=$!
	children+=($journald_pid)
	wait_until 10 [ -S /run/systemd/journal/dev-log ] ||
		skip "journald does not run here: $(tail -n 1 "$T/journald.out")"
	wait_until 5 files_in /run/log '*.journal' ||
		skip "journald writes no journal here: $(tail -n 1 "$T/journald.out")"
}
files_in() { compgen -G "$1/journal/*/$2" >/dev/null; }

# journald asks the kernel for the name of who wrote: a logger that is called sshd.
sshd_up() {
	cp "$(command -v logger)" "$T/sshd"
	mkfifo "$T/says"
	"$T/sshd" -u /run/systemd/journal/dev-log -t sshd <"$T/says" &
	children+=($!)
	exec 8>"$T/says"
}
failed() {
	local i

	for ((i = 0; i < $2; i++)); do
		echo "Failed password for root from $1 port 22 ssh2"
	done >&8
}
marks=0
entries_read() {
	marks=$((marks + 1))
	failed 198.18.$marks.2 5
	check "what was written has been read ($marks)" banned_in 10 198.18.$marks.2
}

server_up
jail_local <<END
[sshd]
enabled = true
logpath = /var/log/auth.log
journalmatch = _SYSTEMD_UNIT=ssh.service + _COMM=sshd
bantime = 1h
[quiet]
enabled = true
filter = sshd
journalmatch =
skip_if_nologs = true
logpath = /var/log/none.log
[loud]
enabled = true
filter = sshd
journalmatch =
logpath = /var/log/none.log
END

journald_up
sshd_up
daemon_up 8>&-
check_is "no log: the journal is read" "$(sources)" \
	"journal _SYSTEMD_UNIT=ssh.service + _COMM=sshd"
check_has "which is said" "$(cat "$T/daemon.out")" "there is no log file, it reads the journal"
check_has "a jail without any log is a problem" "$(problems)" "jail loud has no log to read"
check_not "unless it may be" grep -q quiet <<<"$(problems)"

failed 203.0.113.1 4
entries_read
check_not "four are not enough" is_banned 203.0.113.1
failed 203.0.113.1 1
check "the fifth is" banned_in 10 203.0.113.1

failed 203.0.113.2 2
failed 203.0.113.3 4
kill -USR2 $journald_pid
check "rotation" wait_until 10 files_in /run/log 'system@*.journal'
failed 203.0.113.2 3
check "rotation: nothing is lost" banned_in 10 203.0.113.2

failed 203.0.113.4 2
mkdir /var/log/journal
kill -USR1 $journald_pid
check "to /var" wait_until 10 files_in /var/log system.journal
failed 203.0.113.4 3
check "moved to /var: nothing is lost" banned_in 10 203.0.113.4

# What vacuum may lose is what nobody has read yet.
failed 203.0.113.5 2
entries_read
kill -USR2 $journald_pid
check "rotation" wait_until 10 files_in /var/log 'system@*.journal'
check "vacuum" journalctl --vacuum-files=1 --quiet
check_not "which leaves one file" files_in /var/log 'system@*.journal'
failed 203.0.113.5 3
check "vacuum: nothing is lost" banned_in 10 203.0.113.5

failed 203.0.113.6 2
entries_read
daemon_kill
failed 203.0.113.6 3
kill -USR2 $journald_pid
check "rotation" wait_until 10 files_in /var/log 'system@*.journal'
daemon_up 8>&-
check "a crash and a rotation: nothing is lost" banned_in 10 203.0.113.6
entries_read
check_not "and nothing counts twice" is_banned 203.0.113.3

# rsyslog is installed.
LOG=/var/log/auth.log
failures 203.0.113.7 5
check "reload" x reload
check "a log that has appeared is read" banned_in 10 203.0.113.7
check_is "and the journal is not" "$(sources)" /var/log/auth.log
finish
