#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# A daemon that may write its own files only, and start nothing, still does all that
# it is there for: logs that a reload brings, commands that write where they like,
# its own log after a rotation, what a restart needs.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/e2e_lib.sh"

server_up
mkdir "$T/elsewhere" "$T/logs"
# Spares 203.0.113.5, and says so in a file of its own.
cat >"$T/spare" <<END
#!/bin/sh
echo "\$2 \$1" >>$T/elsewhere/asked
[ "\$1" = 203.0.113.5 ]
END
chmod +x "$T/spare"
toy_filter
: >"$T/one.log"
settings() {
	{
		echo '[xdpban]'
		printf '%s\n' "logtarget = $T/logs/own.log" "$@"
	} >"$CONF/xdpban.local"
}
jail() {
	cat <<-END
	[$1]
	enabled = true
	filter = toy
	logpath = $T/$1.log
	maxretry = 2
	bantime = 1h
	ignorecommand = $T/spare <ip> $1
	END
}
jail one | jail_local
settings ''

# Not in the foreground: with a log of its own.
up() {
	at_server_bg "$XDPBAN" run --config "$CONF" \
		--state "$T/state" --socket "$T/run/sock" --pin "$PIN" >>"$T/daemon.out" 2>&1
	daemon_pid=$!
	check "it runs: $(tail -n 5 "$T/daemon.out")" wait_until 10 daemon_answers
}
x() {
	local verb=$1

	shift
	at_server "$XDPBAN" "$verb" "$@" --config "$CONF" \
		--state "$T/state" --socket "$T/run/sock" --pin "$PIN"
}
confined() { x status --json | jq -r ".confined.$1"; }
asked() { grep -c "^$1\$" "$T/elsewhere/asked"; }

mkdir "$T/run"
check "attach" x attach phone
up
case "$(confined why)" in
*sanitizer*)	skip "$(confined why)" ;;
esac
! since 5.13 || check "files are confined, or it is said why not" \
	[ "$(confined landlock)" -gt 0 -o "$(confined why)" != null ]
check_is "calls are" "$(confined seccomp)" true
for task in "/proc/$daemon_pid/task/"*; do
	check "in each thread: $(cat "$task/comm")" grep -q '^Seccomp:[[:space:]]*2$' "$task/status"
done
check_has "status says it" "$(x status)" "confined"

toy one.log 203.0.113.5 2
toy one.log 203.0.113.6 2
check "a command is asked, and bans" banned_in 10 203.0.113.6
check_not "or spares" is_banned 203.0.113.5
check "it writes where it likes" [ "$(asked 'one 203.0.113.5')" -ge 1 ]

# A log that nobody had heard of, a command that nobody had, and another log of our own.
mkdir "$T/far"
: >"$T/two.log"
jail two >>"$CONF/jail.local"
sed -i "s|^logtarget.*|logtarget = $T/far/own.log|" "$CONF/xdpban.local"
check "reload" x reload
toy two.log 203.0.113.7 2
check "the new log is read" banned_in 10 203.0.113.7
toy two.log 203.0.113.5 2
spared() { [ "$(asked 'two 203.0.113.5')" -ge 1 ]; }
check "its command is asked" wait_until 10 spared
check_not "and spares" is_banned 203.0.113.5
check "its own log has another place" grep -q 'Ban 203.0.113.7' "$T/far/own.log"

mv "$T/far/own.log" "$T/far/own.log.1"
kill -USR1 "$daemon_pid"
check "its log is made anew after a rotation" wait_until 10 test -f "$T/far/own.log"
toy two.log 203.0.113.8 2
check "it goes on" banned_in 10 203.0.113.8
check "and into that log" grep -q 'Ban 203.0.113.8' "$T/far/own.log"

check "ban by hand" x ban 198.51.100.1 --for 1h
check "and unban" x unban 203.0.113.6
end_child KILL "$daemon_pid"
up
check "after a crash the bans are there" is_banned 203.0.113.8
check "and those by hand" is_banned 198.51.100.1
check_not "and who is free is free" is_banned 203.0.113.6

# Without the process that runs commands.
old=$(process_of xdpban-run)
kill -KILL "$old"
told() { x status | grep -q 'the process that runs ignorecommands'; }
check "its end is told" wait_until 10 told
check "and nothing stays of it" test ! -e "/proc/$old"
toy two.log 203.0.113.5 2
check "nobody is spared by a command then" banned_in 10 203.0.113.5
if [ "$(confined landlock)" -gt 0 ]; then
	mv "$T/far/own.log" "$T/far/own.log.2"
	kill -USR1 "$daemon_pid"
	toy two.log 203.0.113.10 2
	check "the daemon bans on" banned_in 10 203.0.113.10
	check_not "and cannot itself write elsewhere" test -e "$T/far/own.log"
	check "which the old log has" grep -q 'cannot open the log again' "$T/far/own.log.2"
fi
daemon_stop
check_is "it ends well" $? 0
check_not "its socket has gone" test -e "$T/run/sock"

# A disk that is full is no secret.
settings ''
sed -i 's|^logtarget.*|logtarget = /dev/full|' "$CONF/xdpban.local"
up
check_has "a log that cannot be written is told of" "$(x status)" "/dev/full: what is logged"
daemon_stop

settings 'confine = off'
up
check_is "who wants none gets none" "$(confined why)" "confine = off"
check_is "of either kind" "$(confined landlock) $(confined seccomp)" "0 false"
daemon_stop
finish
