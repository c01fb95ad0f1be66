#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# make install: everything is where it belongs, and what the operator changed
# in the configuration survives the next installation.
set -u
T=$(mktemp -d)
trap 'rm -rf "$T"' EXIT
passed=0 failed=0

check() {
	local what=$1

	shift
	if "$@"; then
		passed=$((passed + 1))
	else
		failed=$((failed + 1))
		echo "FAILED: $what"
	fi
}

has() {
	grep -qx -- "$2" "$1"
}

# What systemd-analyze makes of a unit: 0, nothing can happen, to 100.
exposure() {
	systemd-analyze security --offline=true "$1" 2>/dev/null |
		sed -n 's/.*Overall exposure level[^:]*: \([0-9]*\)\.\([0-9]\).*/\1\2/p'
}

# A source tree's configs, and what becomes of it under $T/etc.
put() {
	scripts/install-configs.sh "$T/from" "$T/etc" "$T/originals" 2>"$T/said"
}

mkdir -p "$T/from/filter.d"
echo one >"$T/from/jail.conf"
echo one >"$T/from/filter.d/sshd.conf"
put
check "files are installed" has "$T/etc/jail.conf" one
check "in their folders" has "$T/etc/filter.d/sshd.conf" one

echo local >"$T/etc/jail.local"
echo two >"$T/from/jail.conf"
put
check "an unchanged file is brought up to date" has "$T/etc/jail.conf" two
check "without a word" [ ! -s "$T/said" ]
check "an operator's own file stays" has "$T/etc/jail.local" local

echo mine >"$T/etc/jail.conf"
put
check "a changed file stays when nothing new came" has "$T/etc/jail.conf" mine
echo three >"$T/from/jail.conf"
put
check "a changed file stays" has "$T/etc/jail.conf" mine
check "the new version is beside it" has "$T/etc/jail.conf.new" three
check "and that is said" grep -q "kept your $T/etc/jail.conf" "$T/said"

rm "$T/etc/filter.d/sshd.conf"
put
check "a deleted file comes back" has "$T/etc/filter.d/sshd.conf" one

if make -s install DESTDIR="$T/root" PREFIX=/usr >"$T/said" 2>&1; then
	for f in /usr/sbin/xdpban /usr/share/man/man8/xdpban.8 \
		/usr/share/bash-completion/completions/xdpban /etc/xdpban/jail.conf \
		/lib/systemd/system/xdpban.service /etc/logrotate.d/xdpban; do
		check "make install: $f" [ -f "$T/root$f" ]
	done
	"$T/root/usr/sbin/xdpban" version >"$T/version"
	for part in '^xdpban [0-9]' '^expressions: PCRE2 10.*(JIT)' '^prefilter: .*, [Ab]' \
		'libbpf v\?[0-9]' 'SQLite 3' 'jansson 2' 'c-ares 1' libsystemd; do
		check "version: $part" grep -q "$part" "$T/version"
	done
	check "the unit starts it" has "$T/root/lib/systemd/system/xdpban.service" \
		"ExecStart=/usr/sbin/xdpban run"
	for call in seccomp landlock_create_ruleset landlock_add_rule landlock_restrict_self; do
		check "the unit lets it confine itself: $call" grep -q "^SystemCallFilter=.*\<$call\>" \
			"$T/root/lib/systemd/system/xdpban.service"
	done
	if command -v systemd-analyze >/dev/null; then
		mkdir "$T/unit"
		sed "s|=/usr/sbin/xdpban|=$T/root/usr/sbin/xdpban|" \
			"$T/root/lib/systemd/system/xdpban.service" >"$T/unit/xdpban.service"
		# It also looks for the manual, which is not in its place here.
		check "systemd understands the unit" [ -z "$(systemd-analyze verify \
			"$T/unit/xdpban.service" 2>&1 | grep -v "'man xdpban")" ]
		# Without a figure: an older one, which judges only what runs.
		figure=$(exposure "$T/unit/xdpban.service")
		[ -z "$figure" ] || check "and finds little to reproach it with" [ "$figure" -le 50 ]
	else
		echo "SKIP  the unit is not checked: no systemd-analyze here"
	fi
	make -s uninstall DESTDIR="$T/root" PREFIX=/usr >"$T/said" 2>&1
	check "make uninstall says what it leaves" grep -q "$T/root/etc/xdpban" "$T/said"
	check "which is the configuration" [ -f "$T/root/etc/xdpban/jail.conf" ]
	check "and no other file" [ -z "$(find "$T/root" -type f -not -path "$T/root/etc/xdpban/*")" ]
else
	check "make install: $(cat "$T/said")" false
fi
echo "$passed passed, $failed failed"
[ $failed = 0 ]
