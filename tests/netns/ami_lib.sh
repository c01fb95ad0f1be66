# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# Asterisk's manager interface in the server's namespace.  After e2e_lib.sh:
#
#	PASSWORD=...
#	asterisk_up [ARGUMENTS]		of ami_server.py; asterisk_down kills it
#	say COMMAND			what it should do (ami_server.py)
#	ami MEMBER			of this input, in `status`
#
# Descriptor 9 is its pipe: daemons must not hold it (9>&-).

asterisk_up() {
	rm -f "$T/commands"
	mkfifo "$T/commands"
	exec 9<>"$T/commands"
	at_server_bg python3 "$HERE/ami_server.py" --user xdpban --secret "$PASSWORD" "$@" \
		"$T/actions" "$T/commands" >"$T/asterisk.out" 2>&1 9>&-
	asterisk=$!
}
asterisk_down() {
	exec 9>&-
	end_child KILL "$asterisk"
}
say() { printf '%s\n' "$*" >&9; }

ami() { x status --json | jq -r ".events[] | select(.name | startswith(\"ami\")) | .$1"; }
live() { [[ $(ami state) == live* ]]; }
