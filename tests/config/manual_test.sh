#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# The manual page, the usage texts and the README speak of the same program:
# every verb and option of the binary is in xdpban(8), every default too.
set -u
passed=0 failed=0
page=docs/xdpban.8

check() {
	local what=$1

	shift
	if "$@" >/dev/null; then
		passed=$((passed + 1))
	else
		failed=$((failed + 1))
		echo "FAILED: $what"
	fi
}

# has TEXT: the page has it, as it stands there.
has() {
	grep -qF -- "$1" $page
}

verbs=$("$XDPBAN" --help | sed -n '/^$/,/^$/s/^  \([a-z]*\) .*/\1/p')
check "the binary has verbs" [ -n "$verbs" ]
for verb in $verbs; do
	check "$verb --help works" "$XDPBAN" "$verb" --help
	check "$verb is explained" grep -q "^\.It Cm $verb" $page
	check "$verb is in the synopsis" grep -q "^\.Cm $verb$" $page
	for option in $("$XDPBAN" "$verb" --help | grep -o -- '  --[a-z-]*'); do
		check "$verb: $option is documented" has "Fl ${option#-}"
	done
done
for path in $("$XDPBAN" --help | grep -o '(/[^)]*)' | tr -d '()'); do
	check "default $path is documented" has "$path"
done
for setting in $(sed -n 's/^#\{0,1\}\([a-z-]*\) *=.*/\1/p' configs/xdpban.conf); do
	check "help $setting" "$XDPBAN" help "$setting"
	check "setting $setting is documented" grep -q "^\.\(It \)\?Cm .*\<$setting\>" $page
done
# Both ways: what the program reads, and no setting that it does not.
known=$(grep -o '\.name = "[a-z0-9-]*"' user/config/settings.c | cut -d'"' -f2 | sort)
shown=$(sed -n 's/^#\{0,1\}\([a-z0-9-]*\) *=.*/\1/p' configs/xdpban.conf | sort)
check "xdpban.conf has every setting, and no other" [ "$known" = "$shown" ]
for setting in $(grep -o '\.name = "[a-z._]*"' user/config/jail_options.c | cut -d'"' -f2); do
	check "help $setting" "$XDPBAN" help "$setting"
	check "setting $setting of a jail is documented" \
		grep -qE "^\.(It )?Cm (.*[ ,])?$setting( |$)" $page
done
# The map has every room, and every file of those above the stages.
for room in $(ls user); do
	check "docs/design.md says what user/$room is" grep -qF "| \`user/$room/\` |" docs/design.md
done
for room in $(sed -n '/^# Above them/,$s/^KNOWS_\([a-z]*\).*/\1/p' scripts/rooms.mk | grep -vx cli); do
	map=$(sed -n "/^| \*\*\`user\/$room\/\`/,/^\(| \*\*\|$\)/p" docs/design.md)
	for file in user/"$room"/*.c; do
		name=$(basename "$file" .c)
		check "docs/design.md says where $name belongs" \
			grep -qE "\`($name|${name%%_*}_\*)\`" <<<"$map"
	done
done
for file in $(grep -oE '`(user|bpf|scripts)/[a-z0-9_/.*]*\.(c|h|sh)`' docs/design.md | tr -d '\`'); do
	check "$file, which docs/design.md names, is there" compgen -G "$file"
done
# A quote in the wrong place is taken for a macro's own.
if command -v man >/dev/null; then
	check "examples keep their quotes" grep -qF '{"jail": "web", "ip":' <(man -l $page)
fi
if command -v mandoc >/dev/null; then
	check "the page is well formed" mandoc -T lint -W warning $page
else
	echo "SKIP  the form of the manual is not checked: no mandoc here"
fi
# To the macros quotes are something else than to their reader.
if command -v nroff >/dev/null; then
	check "examples in JSON are such" grep -qF '{"jail": "web", "ip": "203.0.113.9"' \
		<(nroff -mdoc -Tascii $page 2>/dev/null)
else
	echo "SKIP  the manual's examples are not checked: no nroff here"
fi
for file in $(grep -o '](\([a-z/.]*\))' README.md | tr -d ']()'); do
	check "README's link to $file leads somewhere" [ -e "$file" ]
done
echo "$passed passed, $failed failed"
[ $failed = 0 ]
