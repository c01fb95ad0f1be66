#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# What config_print() writes must read back to the very same configuration:
# for Debian's whole /etc/fail2ban, and for our own collection of odd values.
. "$(dirname "$0")/lib.sh"
make_dump || exit 1

same() { # WHAT FILE FILE
	if diff -u "$2" "$3" >"$dir/diff"; then
		passed=$((passed + 1))
	else
		failed=$((failed + 1))
		echo "FAILED: $1"
		head -40 "$dir/diff"
	fi
}

# The JSON without what has to differ: places, and the names of native actions.
facts() {
	"$dir/dump" "$1" 2>"$2.problems" |
		sed -E 's/"file": ("[^"]*"|null)(, "line": [0-9]+)?//g
			s/("native": true, .*)"parameters": \{[^}]*\}/\1/
			s/"filter": \{"name": ("[^"]*"|null)/"filter": {/' >"$2"
}

for config in /etc/fail2ban tests/config/language tests/config/odd; do
	[ -d $config ] || continue
	mkdir -p "$dir/again"
	cp -r $config/action.d "$dir/again/"
	"$dir/dump" $config --print >"$dir/again/jail.conf" 2>"$dir/problems"
	"$dir/dump" "$dir/again" --print >"$dir/second" 2>"$dir/again.problems"
	same "$config: the text" "$dir/again/jail.conf" "$dir/second"
	facts $config "$dir/facts"
	facts "$dir/again" "$dir/facts.again"
	same "$config: the facts" "$dir/facts" "$dir/facts.again"
	[ -s "$dir/facts" ] && [ "$(grep -c failregex "$dir/facts")" -gt 2 ]
	same "$config: there are some" <(echo $?) <(echo 0)
	same "$config: no problem" "$dir/again.problems" /dev/null
	rm -r "$dir/again"
done
echo "$passed passed, $failed failed"
[ $failed = 0 ]
