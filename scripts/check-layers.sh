#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# Fail when a room includes one that it must not know (docs/design.md).
# Stages are strangers: each sees base/, itself and include/xdpban/.  What the
# rooms above them may see is in scripts/rooms.mk.
cd "$(dirname "$0")/.." || exit 1
bad=0

complain() {
	printf '%s\n' "$1" | sed "s|\$|   <- $2|" >&2
	bad=1
}

# What room $1 may include of others, as words: "room" or "room/file.h".
knows() {
	sed -e ':a' -e '/\\$/N; s/\\\n//; ta' scripts/rooms.mk |
		sed -n "s/^KNOWS_$1[[:space:]]*:=//p"
}

# As an expression: any header of a whole room, else the one that is named.
allowed() {
	for word in base xdpban $(knows "$1"); do
		case $word in
		*/*)	printf '%s|' "$word" ;;
		*)	printf '%s/[^"]*|' "$word" ;;
		esac
	done
	printf '%s/[^"]*' "$1"
}

for room in $(ls user); do
	# "room/file.h" names another room; a bare "file.h" is the room's own.
	includes=$(grep -nE '^#include "[^"]+/' "user/$room"/*.[ch])
	out=$(echo "$includes" | grep -vE "#include \"($(allowed "$room"))\"" | grep .)
	[ -z "$out" ] || complain "$out" "this room must not know that one"
	out=$(echo "$includes" | grep '_private\.h"' | grep -v "#include \"$room/")
	[ -z "$out" ] || complain "$out" "that is the other room's own"
	out=$(find "user/$room" -mindepth 1 -type d)
	[ -z "$out" ] || complain "$out" "a room has no rooms in it"
done

# Arrows lead one way: tsort names every circle.
circles=$(for room in $(ls user); do
	for word in $(knows "$room"); do
		echo "$room ${word%%/*}"
	done
done | tsort 2>&1 >/dev/null)
[ -z "$circles" ] || complain "$circles" "rooms that know each other"

# Libraries that one file alone, or one room, may know.
only() {
	out=$(grep -lE "^#include <$1" user/*/*.[ch] 2>/dev/null | grep -vE "^($2)$")
	[ -z "$out" ] || complain "$out" "includes <$1>; only $2 may"
}
only 'pcre2\.h' 'user/regex/regex_private\.h'
only 'systemd/sd-journal' 'user/journal/journal_private\.h'
only 'gnutls/' 'user/event/tls_library\.h'
only 'bpf/' 'user/(xdp|maps|sensor)/[a-z_]*\.[ch]'
only 'linux/netfilter' 'user/netfilter/[a-z_]*\.[ch]'
exit $bad
