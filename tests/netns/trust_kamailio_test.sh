#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# A real Kamailio and xdpban read the same configuration: whom one sends calls to
# and takes calls from, the other trusts.  From plain files and from db_text.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/e2e_lib.sh"
for program in kamailio kamcmd; do
	command -v $program >/dev/null || skip "needs $program"
done
TABLES=/usr/share/kamailio/dbtext/kamailio
[ -e $TABLES/version ] || skip "needs Kamailio's db_text tables"

server_up
mkdir "$T/tables"
cp $TABLES/version $TABLES/address $TABLES/dispatcher $TABLES/trusted "$T/tables"
cat >"$T/kamailio.cfg" <<END
#!KAMAILIO
#!define WITH_LISTS
#!define TABLES "text://$T/tables"
debug=1
log_stderror=yes
children=1
listen=udp:$SERVER:5070
listen=udp:[$SERVER6]:5070
loadmodule "tm.so"
loadmodule "sl.so"
loadmodule "ctl.so"
loadmodule "db_text.so"
loadmodule "dispatcher.so"
loadmodule "permissions.so"
modparam("ctl", "binrpc", "unix:$T/ctl")
#!ifdef WITH_LISTS
modparam("dispatcher", "list_file", "$T/dispatcher.list")
modparam("permissions", "address_file", "$T/address.list")
#!else
/* the same from a database */
modparam("dispatcher|permissions", "db_url", TABLES)
modparam("permissions", "db_mode", 1)
#!endif
request_route { exit; }
END
cat >"$T/dispatcher.list" <<'END'
# setid destination flags priority attrs
1 sip:192.0.2.5:5060 0 0
1 sip:192.0.2.6;transport=tcp 8 50 duid=x;maxload=100
2 sip:gw@203.0.113.8:5061
3 sip:[2001:db8::5]:5060 0
END
cat >"$T/address.list" <<'END'
# group address mask port tag
1 198.51.100.0 28 0 carrier
1 198.51.101.7 32 0 carrier
2 203.0.113.9 32 5060 pbx
2 203.0.113.10
2 2001:db8:7:: 48
END
cat >>"$T/tables/dispatcher" <<'END'
1:1:sip\:192.0.2.15\:5060:0:0:x=1:a
2:3:sip\:[2001\:db8\:\:15]\:5060:0:0:x=1:b
END
cat >>"$T/tables/address" <<'END'
1:1:198.51.100.128:25:0:carrier
2:2:203.0.113.19:32:5060:pbx
3:2:2001\:db8\:8\:\::48:0:six
END
cat >"$CONF/xdpban.local" <<END
[xdpban]
trust = kamailio:$T/kamailio.cfg
END
jail_local </dev/null

ask_kamailio() { at_server kamcmd -s "unix:$T/ctl" "$@" 2>/dev/null; }
kamailio_up() {
	at_server_bg kamailio -f "$T/kamailio.cfg" -P "$T/kamailio.pid" -Y "$T" -DD -E \
		>>"$T/kamailio.out" 2>&1
	pid=$!
	wait_until 30 kamailio_answers ||
		{ fail "Kamailio does not run: $(tail -n 5 "$T/kamailio.out")"; finish; }
}
kamailio_answers() { ask_kamailio dispatcher.list | grep -q URI; }
kamailio_down() {
	end_child TERM "$pid"
	rm -f "$T/ctl"
}

# What Kamailio has, one "address" or "address/length" a line.
its_own() {
	ask_kamailio dispatcher.list | sed -n 's/.*URI: sip:\(.*@\)\{0,1\}//p' |
		sed 's/;.*//; s/^\[\(.*\)\].*/\1/; /:.*:/!s/:.*//'
	ask_kamailio permissions.addressDump | sed -n 's/.*ip: //p'
	ask_kamailio permissions.subnetDump | sed -n 's/.*ip: //p; s/.*mask: //p' | paste -d/ - -
}
ours() { x trust list --json | jq -r 'select(.source == "kamailio") | .address'; }
same() { # WHAT
	local a b

	a=$(its_own | sort) b=$(ours | sort)
	check "$1: Kamailio has some" [ "$(wc -l <<<"$a")" -ge "$2" ]
	check_is "$1: xdpban trusts exactly these" "$b" "$a"
}

kamailio_up
daemon_up
same "lists" 9
kamailio_down
sed -i 's/^#!define WITH_LISTS/##!define WITH_LISTS/' "$T/kamailio.cfg"
kamailio_up
check "a change is read" wait_until 20 eval 'ours | grep -qx 192.0.2.15'
same "tables" 5
kamailio_down
daemon_stop
finish
