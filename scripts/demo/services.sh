# SPDX-License-Identifier: GPL-2.0-or-later
# The server's services: rsyslog, sshd and Kamailio as Debian ships them, with
# configurations of their own in $STAGE.  Source it after stage.sh.
#
#	services_up		/var/log/auth.log and /var/log/kamailio.log grow
#	PHONE_USER, PHONE_PASSWORD	the one SIP account that exists

PHONE_USER=alice
PHONE_PASSWORD=$(head -c 12 /dev/urandom | od -An -tx1 | tr -d ' \n')

rsyslog_up() {
	cat >$STAGE/rsyslog.conf <<-'END'
	module(load="imuxsock" SysSock.RateLimit.Interval="0")
	auth,authpriv.*	/var/log/auth.log
	local0.*	/var/log/kamailio.log
	END
	boot server $STAGE/rsyslog.out rsyslogd -n -f $STAGE/rsyslog.conf \
		-i $STAGE/rsyslog.pid
	within 5 test -S /dev/log
}

sshd_up() {
	ssh-keygen -q -t ed25519 -N '' -f $STAGE/ssh_host_key
	cat >$STAGE/sshd_config <<-END
	HostKey $STAGE/ssh_host_key
	PidFile $STAGE/sshd.pid
	UsePAM yes
	PermitRootLogin no
	KbdInteractiveAuthentication no
	MaxStartups 100
	UseDNS no
	END
	boot server $STAGE/sshd.out /usr/sbin/sshd -D -f $STAGE/sshd_config
	within 5 listens tcp 22
}

# The account is kept in a text database, as HA1 and not in clear.
kamailio_up() {
	local ha1 db=$STAGE/kamailio

	mkdir -p $db
	ha1=$(printf '%s:%s:%s' $PHONE_USER example.org "$PHONE_PASSWORD" |
		md5sum | cut -d' ' -f1)
	printf '%s\n' 'table_name(string) table_version(int)' subscriber:7 >$db/version
	printf '%s\n' 'username(string) domain(string) ha1(string)' \
		"$PHONE_USER:example.org:$ha1" >$db/subscriber
	boot server $STAGE/kamailio.out kamailio -DD -m 256 \
		-f "${KAMAILIO_CFG:-${BASH_SOURCE[0]%/*}/kamailio.cfg}" -Y $STAGE \
		-l udp:$SERVER4:5060 -l "udp:[$SERVER6]:5060" ${KAMAILIO_ARGS:-}
	kamailio_pid=$booted
	within 10 listens udp 5060
}

listens() {
	[ -n "$(on server ss -Hln --"$1" "sport = :$2")" ]
}

services_up() {
	rsyslog_up && sshd_up && kamailio_up
}
