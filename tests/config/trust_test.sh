#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# What `xdpban check` says of the setting `trust` and of the sources that it names.
. "$(dirname "$0")/lib.sh"

# said SETTING...: what check says of it, without the directory; and its exit status
said() {
	printf '[xdpban]\n' >"$dir/xdpban.local"
	printf '%s\n' "$@" >>"$dir/xdpban.local"
	"$XDPBAN" check --config "$dir" 2>&1 | sed "\$d; s|$dir/||g"
	echo "status ${PIPESTATUS[0]}"
}

mkdir "$dir/pbx"
: >"$dir/jail.conf"
cat >"$dir/pbx/pjsip.conf" <<'END'
[good]
type=identify
match=198.51.100.7
[wide]
type=identify
match=198.0.0.0/8
#include lost.conf
END
is "auto is the default, and quiet" "$(said)" "status 0"
is "off" "$(said 'trust = off')" "status 0"
is "a word that is none" "$(said 'trust = auto asterix:/etc/asterisk pjsip:relative')" \
"xdpban.local:2: \"trust = asterix:/etc/asterisk\": neither auto nor off nor KIND:/PATH\
 (kinds: asterisk, pjsip, sip, freeswitch, kamailio, opensips, dispatcher, address, dbtext, list)
xdpban.local:2: \"trust = pjsip:relative\": neither auto nor off nor KIND:/PATH\
 (kinds: asterisk, pjsip, sip, freeswitch, kamailio, opensips, dispatcher, address, dbtext, list)
status 1"
is "a source that is not there" "$(said "trust = sip:$dir/none")" \
"none: there is nothing for \"trust = sip:none\" to read
status 1"
is "what is wrong in a source" "$(said "trust = asterisk:$dir/pbx")" \
"warning: pbx/pjsip.conf:6: identify match: \"198.0.0.0/8\" is too wide to be trusted
pbx/pjsip.conf:7: cannot read \"lost.conf\": No such file or directory
status 1"
sed -i 7d "$dir/pbx/pjsip.conf"
is "a wider limit" "$(said "trust = asterisk:$dir/pbx" 'trust-prefix4 = 8')" "status 0"
is "too wide a limit" "$(said 'trust-prefix4 = 7')" \
"xdpban.local:2: \"trust-prefix4 = 7\": it must be between 8 and 32
status 1"
echo "$passed passed, $failed failed"
[ $failed = 0 ]
