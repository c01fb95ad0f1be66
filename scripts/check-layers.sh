#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# Fail when a room includes one that it must not know (docs/design.md).
# Stages are strangers: each sees base/, itself and include/xdpban/.
cd "$(dirname "$0")/.." || exit 1

allowed() {
	case $1 in
	cli)		echo 'base|cli|control|daemon|enforce' ;;
	control|daemon)	echo '[a-z]*' ;;
	*)		echo "base|$1" ;;
	esac
}

bad=0
for room in $(ls user); do
	# "room/file.h" names another room; a bare "file.h" is the room's own.
	out=$(grep -nE '^#include "[a-z0-9_]+/' "user/$room"/*.[ch] 2>/dev/null |
	      grep -vE "#include \"(xdpban|$(allowed "$room"))/")
	[ -z "$out" ] && continue
	echo "$out" | sed 's/$/   <- this room must not know that one/' >&2
	bad=1
done
# Libraries that one file alone may know.
only() {
	out=$(grep -lE "^#include <$1" user/*/*.[ch] 2>/dev/null | grep -vE "^($2)$")
	[ -z "$out" ] && return
	echo "$out: includes <$1>; only $2 may" >&2
	bad=1
}
only 'pcre2\.h' 'user/base/regex_private\.h'
only 'systemd/sd-journal' 'user/source/source_journal\.c'
only 'gnutls/' 'user/event/tls_library\.h'
only 'bpf/' 'user/enforce/[a-z_]*\.[ch]'
exit $bad
