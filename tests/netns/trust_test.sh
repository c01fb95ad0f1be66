#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Trunks that the PBX's configuration names are not banned: not by their own
# failures, not by hand, not as part of a network; changes of the files count
# without a restart, and names stay what they were when nobody resolves them.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/e2e_lib.sh"

server_up
TRUNK=198.51.100.7 BYNAME=203.0.113.20 BYSRV=203.0.113.21 PHONE=203.0.113.99
printf 'nameserver %s\noptions timeout:1 attempts:1\n' "$(addr4 1 client)" >"$T/resolv.conf"
mount --bind "$T/resolv.conf" /etc/resolv.conf || skip "cannot bind a file"
cat >"$T/zone" <<END
sip.carrier.example A $BYNAME 30
itsp.example NAPTR _sip._udp.servers.itsp.example
_sip._udp.servers.itsp.example SRV edge.itsp.example
edge.itsp.example A $BYSRV 30
edge.itsp.example AAAA 2001:db8:5::21 30
END
in_bg phone python3 "$HERE/dns.py" "$(addr4 1 client)" "$T/zone"
wait_until 10 eval 'in_ns phone cat /proc/net/udp | grep -q ":0035 "'
mkdir -p "$T/asterisk"
pjsip() { # NAME: standard input becomes the file, as FreePBX writes it
	cat >"$T/asterisk/$1.new"
	mv "$T/asterisk/$1.new" "$T/asterisk/$1"
}
pjsip pjsip.conf <<'END'
#include pjsip.registration.conf
#include pjsip.identify.conf
#tryinclude pjsip.later.conf
END
pjsip pjsip.registration.conf <<'END'
[itsp]
type=registration
server_uri=sip:itsp.example
END
pjsip pjsip.identify.conf <<END
[carrier]
type=identify
endpoint=carrier
match=$TRUNK,sip.carrier.example
END
cat >"$CONF/xdpban.local" <<END
[xdpban]
trust = asterisk:$T/asterisk
aggregate = 3
aggregate-prefix4 = 24
END
jail_local <<END
[sshd]
enabled = true
backend = auto
logpath = $LOG
maxretry = 3
END
trusted() { # ADDRESS: it is listed as trusted
	x trust list --json | jq -r --arg a "$1" 'select(.address == $a) | .file' | grep .
}
spared() { # ADDRESS: failures do not ban it
	failures "$1" 6
	all_read
	! is_banned "$1"
}
daemon_up

# ---- what is named is not banned -------------------------------------------------
check "an address is trusted" wait_until 20 trusted $TRUNK
check "a host name is resolved" wait_until 20 trusted $BYNAME
check "a SIP domain is resolved through NAPTR and SRV" wait_until 20 trusted $BYSRV
check "in IPv6 too" wait_until 20 trusted 2001:db8:5::21
for who in $TRUNK $BYNAME $BYSRV 2001:db8:5::21; do
	check "failures do not ban $who" spared $who
	check_not "nor does somebody by hand" x ban $who
done
check_not "nor its network" x ban 198.51.100.0/24
check_has "and is told which line says so" "$(x ban $TRUNK 2>&1)" "pjsip.identify.conf:4"
check_has "why says so" "$(x why $TRUNK)" "pjsip.identify.conf:4"
check_not "a list of bans is no way around it" \
	bash -c "echo $BYSRV | '$XDPBAN' ban --file - --socket '$T/sock' | grep -q $BYSRV"
for i in 71 72 73 74; do failures 198.51.100.$i 3; done
check "three of its neighbours are banned" banned_in 10 198.51.100.74
all_read
check_not "and still not the network around it" is_banned 198.51.100.0/24
failures $PHONE 3
check "others are" banned_in 10 $PHONE
check_has "the list tells where it comes from" "$(x trust list)" \
	"$TRUNK         identify match \"carrier\" at $T/asterisk/pjsip.identify.conf:4"
check "nothing is wrong" x trust check

# ---- files change -------------------------------------------------------------------
pjsip pjsip.later.conf <<END
[$PHONE]
type=identify
match=$PHONE
END
check "an include that appears counts" wait_until 20 trusted $PHONE
check_not "who was banned before is free" is_banned $PHONE
mkdir "$T/asterisk/d"
ln -sf d/real.conf "$T/asterisk/pjsip.identify.conf"
complained() { x trust check | grep "cannot read"; }
check "an include that is missing is complained of" wait_until 20 complained
check "and what it said before holds" trusted $TRUNK
printf '[carrier]\ntype=identify\nmatch=198.51.100.9\n' >"$T/asterisk/d/real.conf"
check "a change of what a link leads to counts" wait_until 20 trusted 198.51.100.9
check "who is not named any more is not trusted" wait_until 20 eval '! trusted $TRUNK'
failures $TRUNK 3
check "and may be banned" banned_in 10 $TRUNK

# ---- the operator's own ---------------------------------------------------------------
check "trust add" x trust add 192.0.2.55 --reason "test call centre"
check "is trusted at once" trusted 192.0.2.55
check_has "with the reason beside it" "$(x trust list | grep 192.0.2.55)" 'list "test call centre" at'
check_not "not twice" x trust add 192.0.2.55
check_not "what is no peer is refused" x trust add "no peer"
check_not "what is too wide, too" x trust add 0.0.0.0/0
check "trust del" x trust del 192.0.2.55
check_not "and does not stay in the list" x trust del 0.0.0.0/0
check_not "is gone" trusted 192.0.2.55
x trust add 192.0.2.56

# ---- names that nobody resolves ----------------------------------------------------------
mv "$T/zone" "$T/zone.away"
printf '[carrier]\ntype=identify\nmatch=198.51.100.9,gone.example\n' >"$T/asterisk/d/real.conf"
unresolved() { x trust check | grep -q 'gone.example" does not resolve: it is not covered'; }
check "a name without address is an error" wait_until 30 unresolved
check_has "which status tells" "$(x status)" 'gone.example" does not resolve'
daemon_stop
check_is "SIGTERM ends it well ($(tail -n 3 "$T/daemon.out"))" $? 0
daemon_up
check "after a restart without name server, names are what they were" trusted $BYSRV
check_has "the operator's list is still there" "$(x trust list)" 192.0.2.56
last_known() { x trust check | grep -q 'itsp.example" does not resolve; it is covered by what'; }
check "and the operator is warned" wait_until 30 last_known
check "failures still do not ban it" spared $BYSRV

# ---- the machine's own name server -----------------------------------------------------------
# Nothing announces that there is another one now.
printf 'nameserver 203.0.113.53\n' >"$T/resolv.conf"
resolver_spared() {
	x ban 203.0.113.53 >"$T/out" 2>&1 || return 0
	x unban 203.0.113.53
	return 1
}
check "a new name server is not banned" wait_until 10 resolver_spared
check_has "for that reason" "$(cat "$T/out")" "(name server)"

# ---- off -----------------------------------------------------------------------------------
printf '[xdpban]\ntrust = of\n' >"$CONF/xdpban.local"
check_not "a word that is none is refused" x reload
check "and changes nothing" trusted $BYSRV
printf '[xdpban]\ntrust = off\n' >"$CONF/xdpban.local"
check "off" x reload
check_not "nobody of the PBX's is trusted" trusted $BYSRV
check "the operator's own are" trusted 192.0.2.56
daemon_stop
finish
