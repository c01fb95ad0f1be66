#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# `xdpban check`: every problem of every file in one run, each with its place.
. "$(dirname "$0")/lib.sh"

check() { # DIR [OPTION...]: what is printed, without the path of the directory
	"$XDPBAN" check --config "$@" 2>&1
	echo "status $?"
}

# ---- several things wrong at once ----------------------------------------------
mkdir -p "$dir/bad/filter.d"
cat >"$dir/bad/jail.conf" <<'END'
[DEFAULT]
findtime = 10m

[good]
enabled = true
filter = good
logpath = /var/log/good.log

[typo]
enabled = true
filter = god
maxrety = 3

[broken]
enabled = true
filter = broken
bantime = 1 hour and a half
this line is no option

[off]
filter = broken
findtime = 10 bananas
END
cat >"$dir/bad/filter.d/good.conf" <<'END'
[Definition]
failregex = ^bad <HOST>$
END
cat >"$dir/bad/filter.d/broken.conf" <<'END'
[Definition]
failregex = ^good <HOST>$
            # a comment does not move the lines
            ^bad (<HOST>$
            ^%(prefx)s <HOST>$
prefix = x
END
cat >"$dir/bad/filter.d/spare.conf" <<'END'
[Definition]
failregex = ^one <HOST>$
            ^two [<HOST>$
END
got=$(check "$dir/bad" | sed "s|$dir/bad/||g" | sort)
want='  would not: typo, broken
  would run: good
note: jail.conf:7: jail '"'good'"': there is no log /var/log/good.log now; it is read when it appears
note: jail.conf:9: jail '"'typo'"' has no logpath
note: jail.conf:14: jail '"'broken'"' has no logpath
bad: 3 of 4 jails enabled, 1 expressions, 4 errors, 3 warnings
filter.d/broken.conf:5: "%(prefx)s" refers to an option that is not set (did you mean "prefix"?)
jail.conf:11: "god": there is no such filter in filter.d (did you mean "good"?)
jail.conf:17: "bantime = 1 hour and a half": not a time, from "and a half" on (units are s m h d w mo y)
jail.conf:18: "this line is no option": not a section and not an option: there is no "="
status 1
warning: filter.d/spare.conf:3: *
warning: jail.conf:12: "maxrety" is not an option of a jail (did you mean "maxretry"?)
warning: jail.conf:22: "findtime = 10 bananas": not a time, from "bananas" on (units are s m h d w mo y)'
got=$(sed "s|^$dir/bad: |bad: |; s|^\(warning: filter.d/spare.conf:3: \).*|\1*|" <<<"$got")
is "all of them" "$got" "$(sort <<<"$want")"

# The regex that does not compile is told once the reference is right.
sed -i 's/prefx/prefix/' "$dir/bad/filter.d/broken.conf"
got=$(check "$dir/bad" | grep -c "filter.d/broken.conf:4: ")
is "the line of a regex, for the jail that is on and the one that is off" "$got" 2

got=$(check "$dir/bad" --json | grep -c '"line": *17')
is "as JSON" "$got" 1

# A slip in an allowlist is found out by who is banned; so it is said, and once.
mkdir -p "$dir/slip"
cat >"$dir/slip/jail.conf" <<'END'
[DEFAULT]
ignoreip = 192.0.2.300 203.0.113.0/33 192.0.2.1-192.0.2.9 192.0.2.* 10.0.0.0/8 2001:db8::/32 host.example file:/a
failregex = ^<HOST>$
[one]
enabled = true
[two]
enabled = true
END
is "words of ignoreip that are none" "$(check "$dir/slip" | grep -o "jail.conf:2: ignoreip '[^']*'" | sort | tr '\n' ' ')" \
	"jail.conf:2: ignoreip '192.0.2.*' jail.conf:2: ignoreip '192.0.2.1-192.0.2.9' jail.conf:2: ignoreip '192.0.2.300' jail.conf:2: ignoreip '203.0.113.0/33' "

# ---- nothing wrong ---------------------------------------------------------------
is "what is shipped" "$(check configs | sed 's/.* expressions, //')" "0 errors, 0 warnings
  nothing would run: write 'enabled = true' below a jail's name in jail.local
status 0"
is "nowhere" "$(check "$dir/none" | tail -1)" "status 1"

# ---- the SIP sensor ----------------------------------------------------------------
cp -r configs "$dir/sip"
printf '[%s]\nenabled = true\n' asterisk freeswitch >"$dir/sip/jail.local"
printf '[xdpban]\nsip-sensor = on\n' >"$dir/sip/xdpban.local"
got=$(check "$dir/sip" | grep -c "nothing proves their senders")
is "whose filter cannot tell proof, and only that" "$got" 1
enabled() { check "$dir/sip" --json | grep -o '"enabled": *[0-9]*' | tr -d ' '; }
is "its own jail is on where it is" "$(enabled)" '"enabled":3'
sed -i 's/= on/= off/' "$dir/sip/xdpban.local"
is "and off where it is not" "$(enabled)" '"enabled":2'
sed -i 's/= off/= on/' "$dir/sip/xdpban.local"
printf 'sip-ports = 5060 many\nsip-limits = register=1/20 dance=1/1\nsip-signatures = hang agent x\n' \
	>>"$dir/sip/xdpban.local"
got=$(check "$dir/sip" | grep -oE 'xdpban.local:[0-9]: sip-[a-z]+: "[^"]*"')
is "all that is wrong with it" "$got" 'xdpban.local:3: sip-ports: "many"
xdpban.local:4: sip-limits: "dance=1/1"
xdpban.local:5: sip-signatures: "hang agent x"'

# ---- paths that cannot be ----------------------------------------------------------
mkdir -p "$dir/paths/filter.d"
cp "$dir/bad/filter.d/good.conf" "$dir/paths/filter.d"
printf '[good]\nenabled = true\nfilter = good\nlogpath = good.log\n\t%s\n' "$dir" >"$dir/paths/jail.conf"
printf '[xdpban]\nlogtarget = %s/none/log\ndbfile = %s/none/db\n' "$dir" "$dir" \
	>"$dir/paths/xdpban.local"
got=$(check "$dir/paths" | sed "s|$dir|DIR|g" | grep -v '^note: \|jails enabled\|would run')
is "a log without its directory, a directory, no directory" "$got" \
'warning: DIR/paths/jail.conf:4: jail '"'good'"': "good.log" is looked for wherever the daemon is started: write the whole path
warning: DIR/paths/jail.conf:5: jail '"'good'"': "DIR" is a directory: name the files in it, as DIR/*.log
DIR/paths/xdpban.local:2: "logtarget = DIR/none/log": there is no such directory
DIR/paths/xdpban.local:3: "dbfile = DIR/none/db": there is no such directory
status 1'

# ---- a library that is loaded only when it is needed ------------------------------
mkdir "$dir/ami" "$dir/lib"
: >"$dir/ami/jail.conf"
printf '[xdpban]\nami-host = 192.0.2.1\nami-user = x\nami-secret-file = /dev/null\n' \
	>"$dir/ami/xdpban.local"
: >"$dir/lib/libgnutls.so.30"
is "it is there" "$(check "$dir/ami" | grep -c GnuTLS)" 0
got=$(LD_LIBRARY_PATH=$dir/lib check "$dir/ami" | sed "s|$dir/ami/||" | grep GnuTLS)
is "it cannot be loaded" "$got" 'warning: xdpban.local:2: ami-host needs GnuTLS '\
'(libgnutls.so.30), which is not there, for TLS and for logging in without sending the password'
printf 'ami-auth = plain\nami-tls = no\n' >>"$dir/ami/xdpban.local"
is "nobody needs it" "$(LD_LIBRARY_PATH=$dir/lib check "$dir/ami" | grep -c GnuTLS)" 0

if [ -d /etc/fail2ban/filter.d ]; then
	cp -r /etc/fail2ban "$dir/all"
	printf '[DEFAULT]\nenabled = true\n' >"$dir/all/jail.d/zz.local"
	got=$(check "$dir/all" | sed "s|^$dir/all: \([0-9]*\) of \1 jails enabled, .*, 0 errors.*|all|")
	# pass2allow-ftp turns its firewall action round: that is refused, with a reason.
	# Jails without logs turn to the journal where there is one, or wait.
	# Where this machine's sshd listens is not the matter here.
	got=$(grep -v '^warning: .*pass2allow-ftp\|: sshd listens on\|^note: .* \(it reads the journal\|appears\)$' <<<"$got")
	is "none of them would not run" "$(grep -c '^  would not' <<<"$got")" 0
	got=$(grep -v '^  would run: ' <<<"$got")
	is "every jail of Debian's Fail2ban, enabled" "$got" "$(printf 'all\nstatus 0')"

	# What it prints must be the very configuration that it read.
	"$XDPBAN" check --print --config "$dir/all" >"$dir/first"
	mkdir "$dir/again"
	cp -r /etc/fail2ban/action.d "$dir/again"
	cp "$dir/first" "$dir/again/jail.conf"
	"$XDPBAN" check --print --config "$dir/again" >"$dir/second"
	is "printed, read, printed" "$(diff "$dir/first" "$dir/second"; wc -l <"$dir/second")" \
		"$(wc -l <"$dir/first")"
	is "and it is not empty" "$(grep -c '^failregex' "$dir/first")" \
		"$(grep -c '^\[' "$dir/first" | awk '{ print $1 - 1 }')"
fi
echo "$passed passed, $failed failed"
[ $failed = 0 ]
