#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# xdpban called as fail2ban-client, beside Debian's own fail2ban-client with its
# own server: the same commands, the same output, the same exit status.
# Fail2ban has no actions here and a socket, log and database of its own.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/e2e_lib.sh"
command -v fail2ban-server >/dev/null || skip "needs fail2ban"

server_up
cp -r /etc/fail2ban "$T/f2b"
rm -f "$T"/f2b/jail.d/*
: >"$T/web.log" >"$T/web2.log"
cat >"$T/jail.local" <<END
[sshd]
enabled = true
backend = polling
logpath = $LOG
maxretry = 3
bantime = 1h
ignoreip = 127.0.0.0/8 10.0.0.1
[web]
enabled = true
backend = polling
filter = sshd
logpath = $T/web.log
          $T/web2.log
END
{ printf '[DEFAULT]\naction =\n'; cat "$T/jail.local"; } >"$T/f2b/jail.local"
jail_local <"$T/jail.local"
sed -i 's/^backend = auto$/ignoreip =/' "$CONF/jail.local"
cat >"$T/f2b/fail2ban.local" <<END
[Definition]
loglevel = INFO
logtarget = $T/f2b.log
socket = $T/f2b.sock
pidfile = $T/f2b.pid
dbfile = None
END
printf '[xdpban]\ndbfile = None\nlogtarget = %s\n' "$T/f2b.log" >"$CONF/xdpban.local"
ln -s "$XDPBAN" "$T/fail2ban-client"

theirs() { fail2ban-client -c "$T/f2b" -s "$T/f2b.sock" -p "$T/f2b.pid" "$@" 2>/dev/null; }
ours() { at_server "$T/fail2ban-client" -c "$CONF" -s "$T/sock" -p "$T/f2b.pid" "$@" 2>/dev/null; }

# Before: nobody answers.
ours ping >/dev/null
check_is "no daemon: ping" $? 255
ours status >/dev/null
check_is "no daemon: status" $? 255

in_bg server fail2ban-server -c "$T/f2b" -s "$T/f2b.sock" -p "$T/f2b.pid" -xf start >/dev/null 2>&1
wait_until 20 theirs ping || skip "fail2ban-server does not start here"
daemon_up

# same COMMAND...: both say the same.
same() {
	local want got want_status got_status

	want=$(theirs "$@")
	want_status=$?
	got=$(ours "$@")
	got_status=$?
	check_is "$*: exit status" $got_status $want_status
	if [ "$got" = "$want" ]; then
		pass
	else
		fail "$*: $(diff <(echo "$want") <(echo "$got"))"
	fi
}
# same_status COMMAND...: only the exit status, as texts of errors are their own.
same_status() {
	theirs "$@" >/dev/null
	local want=$?
	ours "$@" >/dev/null
	check_is "$*: exit status" $? $want
}
# Times of the two differ by what lies between the two calls.
same_but_times() {
	local want got
	want=$(theirs "$@" | sed -E 's/[0-9]{2}:[0-9]{2}:[0-9]{2}|[0-9-]{10}//g; s/\+ 36[0-9]{2} /+ N /')
	got=$(ours "$@" | sed -E 's/[0-9]{2}:[0-9]{2}:[0-9]{2}|[0-9-]{10}//g; s/\+ 36[0-9]{2} /+ N /')
	check_is "$*" "$got" "$want"
}

# Of a tree only what is in it: the order means nothing.
same_set() {
	check_is "$*" "$(ours "$@" | tr -d '|`-' | sort)" "$(theirs "$@" | tr -d '|`-' | sort)"
}

same ping
same version
same -V
same status
same status sshd
same status web
same status nonesuch
same status a b c
same banned
same get sshd banned
same get sshd banip
for option in maxretry findtime bantime maxmatches maxlines ignoreself ignorecommand \
	logpath journalmatch ignoreregex; do
	same get sshd $option
done
same_set get sshd ignoreip
same get web logpath
same get web ignoreip
same get web maxretry
same get nonesuch maxretry
same get sshd colour
same get
same get sshd
same get loglevel
same get dbfile
same get dbpurgeage

# Bans by hand.
same set sshd banip 203.0.113.1
same set sshd banip 203.0.113.1
same set sshd banip 2001:db8::1 203.0.113.2
same set web banip 203.0.113.1
same set nonesuch banip 203.0.113.1
same set sshd banip
# Fail2ban bans in a thread of its own.
theirs_has() { theirs get "$1" banned | grep -q "'$2'"; }
wait_until 10 theirs_has web 203.0.113.1
wait_until 10 theirs_has sshd 203.0.113.2
check "it is a ban" is_banned 2001:db8::1
same status sshd
same status web
same banned
same banned 203.0.113.1 203.0.113.9
same banned 203.0.113.9
same banned nonsense
same get sshd banned
same get sshd banned 203.0.113.1
same get sshd banned 203.0.113.1 203.0.113.9
same get sshd banned nonsense
same_but_times get sshd banip --with-time
same get web banip
same get web banip ,
same set sshd unbanip 203.0.113.2
same set sshd unbanip 203.0.113.77
same set sshd unbanip --report-absent 203.0.113.77
same set sshd unbanip
same set sshd unbanip nonsense
same unban 203.0.113.1 203.0.113.77
same status web
same unban
same unban --all
same banned

# Failures in the log: both count, both ban.
for i in 1 1 2 2 2; do
	echo "$(date '+%b %e %T') server sshd[1]: Failed password for root from 198.51.100.$i port 3 ssh2"
done >>"$LOG"
check "ours bans" banned_in 10 198.51.100.2
wait_until 10 theirs_has sshd 198.51.100.2
same status sshd
same get sshd banned

# Settings.
same set sshd maxretry 7
same get sshd maxretry
same set sshd findtime 5m
same set sshd bantime 90
same set sshd bantime 1h
same set sshd maxmatches 3
same_set set sshd addignoreip 10.9.9.9
same_status set sshd delignoreip 10.0.0.77
same_status set sshd maxretry x
same_status set sshd bantime x
same set sshd frob 1
same set sshd
same_status set web delignoreip 10.0.0.1
same echo hello world
same flushlogs
same frobnicate
same reload
same get sshd maxretry
same_status reload nonesuch
same -t
ours -h | grep -q "^Usage: fail2ban-client"
check_is "usage" $? 0
same_status

# What scripts do with it: a well-known exporter's and a dashboard's expressions.
check_is "currently banned" "$(ours status sshd | grep 'Currently banned' | grep -Eo '[0-9]+$')" 1
check_is "the list" "$(ours status sshd | sed -n 's/.*Banned IP list:\t//p')" 198.51.100.2
check_is "the jails" "$(ours status | sed -n 's/.*Jail list:\t//p')" "sshd, web"
finish
