#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# The scripts in docs/examples do what they say, and no text in an event makes them
# do more.
set -u
lua=$(command -v lua5.4 lua5.3 lua | head -n 1)
[ -n "$lua" ] || { echo "needs lua5.4"; exit 77; }
T=$(mktemp -d)
trap 'rm -rf "$T"' EXIT
passed=0 failed=0

# What a script would have the shell do.
cat >"$T/stage.lua" <<'END'
local headers = {}
for i = 1, #arg, 2 do headers[arg[i]] = arg[i + 1] end
event = { getHeader = function(_, name) return headers[name] end }
os.execute = function(command) print(command) end
dofile("docs/examples/freeswitch.lua")
END

# is WHAT WANT HEADER VALUE...
is() {
	local what=$1 want=$2 got

	shift 2
	got=$("$lua" "$T/stage.lua" "$@" 2>&1)
	[ -z "$want" ] || want="xdpban event freeswitch $want >/dev/null 2>&1 &"
	if [ "$got" = "$want" ]; then
		passed=$((passed + 1))
	else
		failed=$((failed + 1))
		echo "FAILED: $what: got '$got', want '$want'"
	fi
}

failure=(Event-Subclass sofia::register_failure)
success=(Event-Subclass sofia::register)
is "a failure" "203.0.113.9 what=failure user=100" \
	"${failure[@]}" network-ip 203.0.113.9 to-user 100
is "IPv6, no user" "2001:db8::9 what=failure" "${failure[@]}" network-ip 2001:db8::9
is "a login" "203.0.113.9 what=success user=bob transport=tls" "${success[@]}" \
	network-ip 203.0.113.9 from-user bob status 'Registered(TLS-NAT)'
is "by something new" "203.0.113.9 what=success user=bob" "${success[@]}" \
	network-ip 203.0.113.9 from-user bob status 'Registered(QUIC)'
is "a user like a command" "203.0.113.9 what=failure user=x__touch__tmp_y__" \
	"${failure[@]}" network-ip 203.0.113.9 to-user 'x; touch /tmp/y `'
is "with line ends and quotes" "203.0.113.9 what=failure user=_______" \
	"${failure[@]}" network-ip 203.0.113.9 to-user $'\'"\n$()&'
is "an address like a command" "" "${failure[@]}" network-ip '1.1.1.1; reboot'
is "none" "" "${failure[@]}"
echo "$passed passed, $failed failed"
[ $failed = 0 ]
