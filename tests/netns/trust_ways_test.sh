#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# No carrier is bannable: every place where one may be named, by every way that
# leads to a ban.  Whatever it is, the carrier is answered and not in the list.
# BACKEND=nftables: the same with another one than XDP.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/e2e_lib.sh"

if [ "${BACKEND:-xdp}" != xdp ]; then
	command -v nft >/dev/null || skip "needs nft"
	attached=none
fi
server_up
CARRIERS=() 		# one for each place
carrier() { # sets $C to an address of the next place
	C=198.51.$((100 + ${#CARRIERS[@]})).7
	CARRIERS+=($C)
	ns_addr server phone 1 $C
}
A=$T/asterisk FS=$T/freeswitch K=$T/kamailio O=$T/opensips
mkdir -p "$A" "$FS/sip_profiles/external" "$FS/autoload_configs" "$K/tables" "$O"
put() { cat >"$1"; }	# FILE
add() { cat >>"$1"; }

# ---- every place -------------------------------------------------------------------
carrier; add "$A/pjsip.conf" <<<"[a]
type=identify
match=$C"
carrier; add "$A/pjsip.conf" <<<"[b]
type=identify
match=$C/30"
carrier; add "$A/pjsip.conf" <<<"[c]
type=registration
server_uri=sip:$C:5060"
carrier; add "$A/pjsip.conf" <<<"[d]
type=registration
server_uri=sip:carrier.invalid
outbound_proxy=sip:$C\\;lr"
carrier; add "$A/pjsip.conf" <<<"[e]
type=aor
contact=sip:$C:5060"
carrier; add "$A/pjsip.conf" <<<"[f]
type=endpoint
outbound_proxy=sip:$C"
carrier; add "$A/pjsip.conf" <<<"[g]
type=acl
deny=0.0.0.0/0
permit=$C"
carrier; put "$A/pjsip_wizard.conf" <<<"[h]
type=wizard
remote_hosts=$C"
carrier; add "$A/sip.conf" <<<"[general]
register => me:secret@$C/me"
carrier; add "$A/sip.conf" <<<"[i]
type=peer
host=$C"
carrier; add "$A/sip.conf" <<<"[j]
type=user
deny=0.0.0.0/0.0.0.0
permit=$C/255.255.255.255"
carrier; put "$A/iax.conf" <<<"[k]
type=friend
host=$C"
carrier; put "$FS/sip_profiles/external/l.xml" <<<"<gateway name='l'><param name='proxy' value='$C'/></gateway>"
carrier; put "$FS/autoload_configs/acl.conf.xml" <<<"<list name='in' default='deny'><node type='allow' cidr='$C/32'/></list>"
put "$FS/sip_profiles/external.xml" <<<"<profile name='external'><X-PRE-PROCESS cmd='include' data='external/*.xml'/>
<settings><param name='apply-inbound-acl' value='in'/></settings></profile>"
put "$FS/freeswitch.xml" <<<"<X-PRE-PROCESS cmd='include' data='autoload_configs/*.xml'/>
<X-PRE-PROCESS cmd='include' data='sip_profiles/*.xml'/>"
carrier; put "$K/dispatcher.list" <<<"1 sip:$C:5060"
carrier; put "$K/address.list" <<<"1 $C 32"
put "$K/kamailio.cfg" <<<'loadmodule "dispatcher.so"
modparam("permissions", "address_file", "address.list")
modparam("drouting", "db_url", "text://tables")'
carrier; put "$K/tables/dr_gateways" <<<"gwid(string) address(string)
1:$C"
carrier; put "$O/address" <<<"id(int,auto) grp(int) ip(string) mask(int)
1:1:$C:32"
put "$O/opensips.cfg" <<<"loadmodule \"permissions.so\"
modparam(\"permissions\", \"db_url\", \"text://$O\")"
carrier; put "$T/list" <<<"$C"
carrier; OWN=$C
cat >"$CONF/xdpban.local" <<END
[xdpban]
trust = asterisk:$A freeswitch:$FS kamailio:$K/kamailio.cfg opensips:$O/opensips.cfg
	list:$T/list
aggregate = 2
aggregate-within = 1d
backend = ${BACKEND:-xdp}
END
jail_local <<END
[sshd]
enabled = true
logpath = $LOG
maxretry = 2
bantime = 1h
bantime.increment = true
[recidive]
enabled = true
maxretry = 1
[fail2ban]
enabled = true
filter = recidive
logpath = $T/fail2ban.log
maxretry = 1
END
: >"$T/fail2ban.log"
named() { x trust list --json | jq -r .address; }
free() { # none of them is banned
	local list c

	list=$(x list --json | jq -r .address)
	for c in "${CARRIERS[@]}"; do
		grep -qx -e "$c" -e "${c%.7}.0/24" -e "${c%.7}.4/30" <<<"$list" && echo "$c is banned" && return 1
	done
	return 0
}
answered() { ask_all phone "$SERVER" "${CARRIERS[@]}"; }
free_but_own() { CARRIERS=("${CARRIERS[@]::${#CARRIERS[@]}-1}") free && ! is_banned $OWN; }
unharmed() { # AFTER WHAT
	check "$1: no carrier is banned" free
	check "$1: all carriers are answered" answered
}

# ---- banned before anybody said that they are carriers --------------------------------
mv "$CONF/xdpban.local" "$T/xdpban.local"
printf '[xdpban]\ntrust = off\nbackend = %s\n' "${BACKEND:-xdp}" >"$CONF/xdpban.local"
daemon_up
for c in "${CARRIERS[@]}"; do echo "$c"; echo "${c%.7}.9"; done >"$T/before"
x ban --file "$T/before" --for 1d >/dev/null
check_not "nobody is trusted yet, so they can be banned" \
	ask phone "$SERVER" $PORT "${CARRIERS[0]}"
check_is "all of them" "$(x list --json | jq -r .address | sort -u | grep -cxF \
	-f <(printf "%s\n" "${CARRIERS[@]}"))" ${#CARRIERS[@]}
x export >"$T/bans.json"
daemon_stop
mv "$T/xdpban.local" "$CONF/xdpban.local"
daemon_up
x ban ${OWN%.7}.0/24 --for 1d >/dev/null
check_not "one is not named yet" ask phone "$SERVER" $PORT $OWN
x trust add $OWN >/dev/null
named >"$T/named"
for c in "${CARRIERS[@]}"; do
	check "$c is named" grep -qxE "$c|${c%.7}.4/30" "$T/named"
done
check "none is banned any more, but by the network of the last one" free_but_own
check "all are answered, though the network of the last one is banned" answered
ns_addr server phone 1 ${OWN%.7}.8
check "which is" is_banned ${OWN%.7}.0/24
check_not "his neighbour in it is not answered" ask phone "$SERVER" $PORT ${OWN%.7}.8
x unban --all >/dev/null

# ---- every way -----------------------------------------------------------------------
for c in "${CARRIERS[@]}"; do failures "$c" 5; done
all_read
unharmed "failures in a log"
for c in "${CARRIERS[@]}"; do
	failures "${c%.7}.101" 2
	failures "${c%.7}.102" 2
	failures "${c%.7}.103" 2
done
all_read
check "the neighbours are banned" is_banned 198.51.100.103
unharmed "a network with many banned addresses"
for c in "${CARRIERS[@]}"; do
	echo "$(date '+%F %T'),123 fail2ban.actions [77]: NOTICE  [asterisk] Ban $c"
	echo "$(date '+%F %T'),123 fail2ban.actions [77]: NOTICE  [asterisk] Ban $c"
done >>"$T/fail2ban.log"
echo "$(date '+%F %T'),123 fail2ban.actions [77]: NOTICE  [asterisk] Ban 203.0.113.200" >>"$T/fail2ban.log"
check "another one's log is read" banned_in 10 203.0.113.200
unharmed "bans by somebody else in his log"
for c in "${CARRIERS[@]}"; do
	x ban "$c" >/dev/null 2>&1 && fail "ban $c"
	x ban "$c" --jail sshd --for -1 >/dev/null 2>&1 && fail "ban $c --jail sshd"
	x ban "${c%.7}.0/24" >/dev/null 2>&1 && fail "ban of the network of $c"
done
x ban 198.51.0.0/16 >/dev/null 2>&1 && fail "ban of the network of all"
x ban 128.0.0.0/1 >/dev/null 2>&1 && fail "ban of half the world"
unharmed "bans by hand"
check_not "a list that names them is refused in part" x ban --file "$T/before" --for 1d
check "and counts for the others" is_banned 198.51.105.9
unharmed "a list"
x import "$T/bans.json" >/dev/null 2>&1
unharmed "an import"
daemon_kill
daemon_up
all_read
unharmed "a crash"
x reload >/dev/null
unharmed "a reload"
daemon_stop
finish
