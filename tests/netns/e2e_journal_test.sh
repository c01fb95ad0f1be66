#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# A jail that reads the journal: failures in files that systemd-journal-remote
# writes become bans, over a crash and a rotation, and nothing else does.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/e2e_lib.sh"
remote=/usr/lib/systemd/systemd-journal-remote
[ -x $remote ] || skip "needs systemd-journal-remote"

J=$T/journal

writer_up() {
	mkfifo "$T/entries.$1"
	$remote -o "$J/system.journal" - <"$T/entries.$1" >"$T/writer.out" 2>&1 &
	writer=$!
	children+=($writer)
	exec 8>"$T/entries.$1"
}
writer_down() {
	exec 8>&-
	wait $writer
	check_is "the writer ends well" $? 0
}

# entry MESSAGE [SECONDS-AGO [UNIT [COMM]]]: in the export format.
entry() {
	local now=$((${EPOCHREALTIME/[.,]/} - ${2:-0} * 1000000))

	printf '%s\n' "__REALTIME_TIMESTAMP=$now" "__MONOTONIC_TIMESTAMP=$now" \
		_BOOT_ID=0123456789abcdef0123456789abcdef _HOSTNAME=server \
		SYSLOG_IDENTIFIER=sshd _PID=77 "_COMM=${4:-sshd}" \
		"_SYSTEMD_UNIT=${3:-ssh.service}" "MESSAGE=$1" '' >&8
}

# failed ADDRESS N [SECONDS-AGO [UNIT [COMM]]]
failed() {
	local address=$1 n=$2
	shift 2
	while ((n-- > 0)); do
		entry "Failed password for root from $address port 22 ssh2" "$@"
	done
}

# As all_read of e2e_lib.sh, through the journal.
marks=0
entries_read() {
	marks=$((marks + 1))
	failed 198.18.$marks.2 5
	check "what was written has been read ($marks)" banned_in 10 198.18.$marks.2
}

problems() { x status --json | jq -r '.problems[]'; }

server_up
mkdir "$J"		# daemons must not hold the writer's pipe (8) open
jail_local <<END
[sshd]
enabled = true
backend = systemd[journalpath="$J"]
journalmatch = _SYSTEMD_UNIT=ssh.service + _COMM=sshd
bantime = 1h
findtime = 10m
[broken]
enabled = true
filter = sshd
backend = systemd[journalpath="$J"]
journalmatch = _COMM=a + /usr/sbin/sshd
END

writer_up 1
failed 203.0.113.1 5 30
failed 203.0.113.2 5 3600
failed 203.0.113.3 2 3600
failed 203.0.113.3 3
daemon_up 8>&-
check "failures from before count, if they are young" banned_in 10 203.0.113.1
entries_read
check_not "those older than findtime do not" is_banned 203.0.113.2
check_not "also among others" is_banned 203.0.113.3

failed 203.0.113.4 4
entries_read
check_not "four are not enough" is_banned 203.0.113.4
failed 203.0.113.4 1
check "the fifth is" banned_in 10 203.0.113.4
check_is "by the jail" "$(field 203.0.113.4 jail)" sshd
failed 2001:db8::4 5
check "IPv6 too" banned_in 10 2001:db8::4

failed 203.0.113.5 5 0 other.service
failed 203.0.113.6 5 0 other.service login
failed 203.0.113.7 5 0 other.service sshd
check "either of the two matches" banned_in 10 203.0.113.7
entries_read
check_is "another unit with that command matches" "$(times_listed 203.0.113.5)" 1
check_not "no match, no failure" is_banned 203.0.113.6

# A user name with a line end in it must not become a line of its own.
for i in 1 2 3 4 5; do
	printf '%s\n' "__REALTIME_TIMESTAMP=${EPOCHREALTIME/[.,]/}" __MONOTONIC_TIMESTAMP=1 \
		_BOOT_ID=0123456789abcdef0123456789abcdef _HOSTNAME=server _COMM=sshd MESSAGE
	message=$'Bad x\nserver sshd[1]: Failed password for root from 203.0.113.8 port 22 ssh2'
	printf "\\x$(printf %x ${#message})\\0\\0\\0\\0\\0\\0\\0%s\\n\\n" "$message"
done >&8
entries_read
check_not "what follows a line end is no line" is_banned 203.0.113.8

check_has "a wrong match is told" "$(problems)" \
	'journalmatch: "/usr/sbin/sshd" is not FIELD=value'
check_has "also by check" "$(x check 2>&1)" 'journalmatch: "/usr/sbin/sshd" is not FIELD=value'
source=$(x status sshd --json | jq -c '.jails[0].sources[] | [.path, .state, .error]')
check_is "the journal is a source" "$source" \
	"[\"journal path=$J _SYSTEMD_UNIT=ssh.service + _COMM=sshd\",\"live\",null]"

# A crash: what was counted stays counted, what is written meanwhile is read.
failed 203.0.113.10 2
failed 203.0.113.11 4
entries_read
daemon_kill
failed 203.0.113.10 3
failed 203.0.113.12 5
daemon_up 8>&-
check "failures before and after a crash add up" banned_in 10 203.0.113.10
check "those of the time without daemon count" banned_in 10 203.0.113.12
entries_read
check_not "none counts twice" is_banned 203.0.113.11

# Rotation under the daemon's eyes, and while it is down.
failed 203.0.113.20 2
failed 203.0.113.21 4
writer_down
mv "$J/system.journal" "$J/system@1.journal"
writer_up 2
failed 203.0.113.20 3
check "rotation: nothing is lost" banned_in 10 203.0.113.20
daemon_stop
check_is "stop" $? 0
failed 203.0.113.22 2
writer_down
mv "$J/system.journal" "$J/system@2.journal"
writer_up 3
failed 203.0.113.22 3
daemon_up 8>&-
check "rotation unseen: nothing is lost" banned_in 10 203.0.113.22
entries_read
check_not "rotation: nothing counts twice" is_banned 203.0.113.21

# Vacuum, and a reload on top.
rm "$J/system@1.journal" "$J/system@2.journal"
failed 203.0.113.23 2
check_not "a reload with a wrong match is refused" x reload
sed -i '/^\[broken\]/,$d' "$CONF/jail.local"
check "reload" x reload
failed 203.0.113.23 3
check "vacuum and reload: nothing is lost" banned_in 10 203.0.113.23
entries_read
check_not "nor counted twice" is_banned 203.0.113.21
finish
