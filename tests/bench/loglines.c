// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * loglines - writes logs for log.sh: the same ones for the same seed.
 *
 *	loglines asterisk|sshd|mail LINES PERCENT [SEED [BEGIN]]
 *
 * PERCENT of the lines are failures, from 50,000 addresses, of which one in a
 * hundred causes half of all.  The other lines are what such a service logs all
 * day long.  Time passes as in a flood: 2,000 lines a second, from BEGIN on.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "../unit/random.h"
#include "base/ipaddr.h"
#include "base/str.h"

#define ADDRESSES	50000u
#define BUSY		500u		/* of these, half of all failures */
#define PER_SECOND	2000
#define BEGIN		1772323200	/* if nobody says: 2026-03-01 00:00:00 */

struct maker {
	struct str out;
	uint64_t random;
	struct ipaddr attacker;
};

struct kind {
	const char *name;
	const char *date;		/* for strftime() */
	const char *const *failures, *const *others;
};

/*
 * {a} the attacker's address, {v} its family, {p} a port, {w} a word that
 * attackers try, {n} a number, {x} eight hexadecimal digits, {c} a customer's
 * address, {e} a customer's extension.
 */
static const char *const asterisk_failures[] = {
	"NOTICE[28794] chan_sip.c: Registration from '\"{w}\" <sip:{w}@192.0.2.10>'"
		" failed for '{a}:{p}' - Wrong password",
	"NOTICE[28794] chan_sip.c: Registration from '\"{w}\"<sip:{w}@192.0.2.10:5060>'"
		" failed for '{a}:{p}' - No matching peer found",
	"NOTICE[28794] chan_sip.c: Registration from '<sip:{n}@192.0.2.10>'"
		" failed for '{a}:{p}' - Wrong password",
	"NOTICE[26220] res_pjsip/pjsip_distributor.c: Request 'REGISTER' from"
		" '<sip:{w}@192.0.2.10>' failed for '{a}:{p}' (callid: {x}@192.0.2.77)"
		" - No matching endpoint found",
	"NOTICE[26220] res_pjsip/pjsip_distributor.c: Request 'REGISTER' from"
		" '\"{w}\" <sip:{w}@192.0.2.10>' failed for '{a}:{p}' (callid: {x}{x})"
		" - Failed to authenticate",
	"SECURITY[26239] res_security_log.c: SecurityEvent=\"InvalidAccountID\","
		"EventTV=\"2026-03-01T00:00:00.624+0000\",Severity=\"Error\","
		"Service=\"PJSIP\",EventVersion=\"1\",AccountID=\"{w}\","
		"SessionID=\"{x}{x}\",LocalAddress=\"IPV4/UDP/192.0.2.10/5060\","
		"RemoteAddress=\"IPV{v}/UDP/{a}/{p}\"",
	"SECURITY[28796] res_security_log.c: SecurityEvent=\"InvalidPassword\","
		"EventTV=\"2026-03-01T00:00:00.170+0000\",Severity=\"Error\","
		"Service=\"SIP\",EventVersion=\"2\",AccountID=\"{e}\","
		"SessionID=\"0x7fe9{x}\",LocalAddress=\"IPV4/UDP/192.0.2.10/5060\","
		"RemoteAddress=\"IPV{v}/UDP/{a}/{p}\",Challenge=\"{x}\","
		"ReceivedChallenge=\"{x}\",ReceivedHash=\"{x}{x}{x}{x}\"",
	"NOTICE[28794][C-{x}] chan_sip.c: Call from '' ({a}:{p}) to extension"
		" '00972{n}' rejected because extension not found in context 'default'.",
	"NOTICE[28801] chan_iax2.c: Host {a} failed MD5 authentication for '{w}'"
		" ({x}{x}{x}{x} != {x}{x}{x}{x})",
	NULL,
};

static const char *const asterisk_others[] = {
	"VERBOSE[31102][C-{x}] pbx.c: Executing [{e}@internal:1]"
		" Dial(\"SIP/{e}-{x}\", \"SIP/{e},30,tT\") in new stack",
	"VERBOSE[31102][C-{x}] app_dial.c: SIP/{e}-{x} is ringing",
	"VERBOSE[31102][C-{x}] app_dial.c: SIP/{e}-{x} answered SIP/{e}-{x}",
	"VERBOSE[31140][C-{x}] bridge_channel.c: Channel SIP/{e}-{x} joined"
		" 'simple_bridge' basic-bridge <{x}-{x}>",
	"VERBOSE[31140][C-{x}] bridge_channel.c: Channel SIP/{e}-{x} left"
		" 'native_rtp' basic-bridge <{x}-{x}>",
	"VERBOSE[31102][C-{x}] pbx.c: Spawn extension (internal, {e}, 2) exited"
		" non-zero on 'SIP/{e}-{x}'",
	"VERBOSE[28794] chan_sip.c: Registered SIP '{e}' at {c}:5060",
	"VERBOSE[26222] res_pjsip_registrar.c: Added contact 'sip:{e}@{c}:5060' to"
		" AOR '{e}' with expiration of 300 seconds",
	"NOTICE[28794] chan_sip.c: Peer '{e}' is now Reachable. (17ms / 2000ms)",
	"NOTICE[28794] chan_sip.c: Peer '{e}' is now UNREACHABLE!  Last qualify: 23",
	"WARNING[31102][C-{x}] channel.c: Unable to find a codec translation path:"
		" (ulaw) -> (g729)",
	"SECURITY[28796] res_security_log.c: SecurityEvent=\"ChallengeSent\","
		"EventTV=\"2026-03-01T00:00:00.958+0000\",Severity=\"Informational\","
		"Service=\"SIP\",EventVersion=\"1\",AccountID=\"{e}\","
		"SessionID=\"0x7fe9{x}\",LocalAddress=\"IPV4/UDP/192.0.2.10/5060\","
		"RemoteAddress=\"IPV4/UDP/{c}/5060\",Challenge=\"{x}\"",
	"SECURITY[28796] res_security_log.c: SecurityEvent=\"SuccessfulAuth\","
		"EventTV=\"2026-03-01T00:00:00.960+0000\",Severity=\"Informational\","
		"Service=\"SIP\",EventVersion=\"1\",AccountID=\"{e}\","
		"SessionID=\"0x7fe9{x}\",LocalAddress=\"IPV4/UDP/192.0.2.10/5060\","
		"RemoteAddress=\"IPV4/UDP/{c}/5060\",UsingPassword=\"1\"",
	NULL,
};

static const char *const sshd_failures[] = {
	"sshd[{n}]: Failed password for root from {a} port {p} ssh2",
	"sshd[{n}]: Failed password for invalid user {w} from {a} port {p} ssh2",
	"sshd[{n}]: Invalid user {w} from {a} port {p}",
	"sshd[{n}]: Connection closed by authenticating user {w} {a} port {p} [preauth]",
	"sshd[{n}]: Disconnected from invalid user {w} {a} port {p} [preauth]",
	"sshd[{n}]: error: maximum authentication attempts exceeded for invalid user"
		" {w} from {a} port {p} ssh2 [preauth]",
	"sshd[{n}]: Did not receive identification string from {a} port {p}",
	"sshd[{n}]: Unable to negotiate with {a} port {p}: no matching host key type"
		" found. Their offer: ssh-dss [preauth]",
	NULL,
};

static const char *const sshd_others[] = {
	"sshd[{n}]: pam_unix(sshd:auth): check pass; user unknown",
	"sshd[{n}]: Accepted publickey for deploy from {c} port {p} ssh2: ED25519"
		" SHA256:fIMWcV/fONlgOD/tgBj93CnZdh5hPu5JFfVqutVEyqs",
	"sshd[{n}]: pam_unix(sshd:session): session opened for user deploy(uid=1000)"
		" by (uid=0)",
	"sshd[{n}]: pam_unix(sshd:session): session closed for user deploy",
	"sshd[{n}]: Received disconnect from {c} port {p}:11: disconnected by user",
	"sshd[{n}]: Disconnected from user deploy {c} port {p}",
	"CRON[{n}]: pam_unix(cron:session): session opened for user root(uid=0)"
		" by (uid=0)",
	"CRON[{n}]: pam_unix(cron:session): session closed for user root",
	"sudo:   deploy : TTY=pts/0 ; PWD=/srv/app ; USER=root ; COMMAND=/bin/systemctl"
		" reload app",
	"systemd-logind[612]: New session {n} of user deploy.",
	"systemd-logind[612]: Session {n} logged out. Waiting for processes to exit.",
	NULL,
};

static const char *const mail_failures[] = {
	"postfix/smtpd[{n}]: NOQUEUE: reject: RCPT from unknown[{a}]: 554 5.7.1"
		" <{w}@example.net>: Relay access denied; from=<{w}@example.com>"
		" to=<{w}@example.net> proto=ESMTP helo=<{w}>",
	"postfix/smtpd[{n}]: warning: unknown[{a}]: SASL LOGIN authentication failed:"
		" UGFzc3dvcmQ6",
	"postfix/smtpd[{n}]: lost connection after AUTH from unknown[{a}]",
	"dovecot: imap-login: Disconnected (auth failed, 1 attempts in 2 secs):"
		" user=<{w}>, method=PLAIN, rip={a}, lip=192.0.2.10, TLS,"
		" session=<{x}{x}>",
	"dovecot: auth-worker({n}): sql({w},{a}): unknown user",
	NULL,
};

static const char *const mail_others[] = {
	"postfix/smtpd[{n}]: connect from mail.example.org[{c}]",
	"postfix/smtpd[{n}]: {x}: client=mail.example.org[{c}]",
	"postfix/cleanup[{n}]: {x}: message-id=<{x}.{x}@mail.example.org>",
	"postfix/qmgr[812]: {x}: from=<list-{e}@example.org>, size={n}, nrcpt=1"
		" (queue active)",
	"postfix/lmtp[{n}]: {x}: to=<user{e}@example.net>, relay=mail[private/lmtp],"
		" delay=0.3, delays=0.2/0/0/0.1, dsn=2.0.0, status=sent (250 2.0.0 OK)",
	"postfix/qmgr[812]: {x}: removed",
	"postfix/smtpd[{n}]: disconnect from mail.example.org[{c}] ehlo=2 starttls=1"
		" mail=1 rcpt=1 data=1 quit=1 commands=7",
	"dovecot: imap-login: Login: user=<user{e}>, method=PLAIN, rip={c},"
		" lip=192.0.2.10, mpid={n}, TLS, session=<{x}{x}>",
	"dovecot: imap(user{e})<{n}><{x}>: Disconnected: Logged out in=412 out=7216"
		" deleted=0 expunged=0 trashed=0 hdr_count=0 hdr_bytes=0",
	"dovecot: lmtp(user{e})<{n}><{x}>: msgid=<{x}.{x}@mail.example.org>: saved mail"
		" to INBOX",
	NULL,
};

static const struct kind kinds[] = {
	{ "asterisk", "[%Y-%m-%d %H:%M:%S] ", asterisk_failures, asterisk_others },
	{ "sshd", "%b %e %H:%M:%S pbx1 ", sshd_failures, sshd_others },
	{ "mail", "%b %e %H:%M:%S mail ", mail_failures, mail_others },
};

/* One in eight comes over IPv6.  These networks are kept for benchmarks. */
static struct ipaddr address(uint32_t i)
{
	struct ipaddr v4 = { .bytes = { 198, 18 + (i >> 16) }, .family = 4, .prefix = 32 };
	struct ipaddr v6 = { .bytes = { 0x20, 0x01, 0x00, 0x02 }, .family = 6,
			     .prefix = 128 };
	struct ipaddr *who = i % 8 ? &v4 : &v6;
	int host = i % 8 ? 2 : 14;

	who->bytes[host] = (uint8_t)(i >> 8);
	who->bytes[host + 1] = (uint8_t)i;
	return *who;
}

static void put_variable(struct maker *m, char name)
{
	static const char *const words[] = {
		"100", "1001", "admin", "test", "user", "oracle", "5000", "guest",
	};
	uint32_t r = random_below(&m->random, UINT32_MAX);
	char text[IPADDR_TEXT];

	switch (name) {
	case 'a': str_puts(&m->out, ipaddr_format(&m->attacker, text)); break;
	case 'v': str_putc(&m->out, (char)('0' + m->attacker.family)); break;
	case 'p': str_printf(&m->out, "%u", 1024 + r % 60000); break;
	case 'w': str_puts(&m->out, words[r % 8]); break;
	case 'n': str_printf(&m->out, "%u", 1000 + r % 30000); break;
	case 'x': str_printf(&m->out, "%08x", r); break;
	case 'c': str_printf(&m->out, "203.0.113.%u", r % 250); break;
	case 'e': str_printf(&m->out, "%u", 101 + r % 80); break;
	}
}

static void put_line(struct maker *m, const char *template)
{
	const char *brace;

	while ((brace = strchr(template, '{'))) {
		str_add(&m->out, template, (size_t)(brace - template));
		put_variable(m, brace[1]);
		template = brace + 3;
	}
	str_puts(&m->out, template);
	str_putc(&m->out, '\n');
}

static const char *pick(struct maker *m, const char *const *v)
{
	uint32_t n = 0;

	while (v[n])
		n++;
	return v[random_below(&m->random, n)];
}

static int write_log(const struct kind *k, long lines, uint32_t percent, uint64_t seed,
		     time_t begin)
{
	struct maker m = { .random = seed };
	char date[64] = "";
	struct tm tm;

	for (long i = 0; i < lines; i++) {
		bool fails = random_below(&m.random, 100) < percent;
		bool busy = random_below(&m.random, 2);
		time_t t = begin + i / PER_SECOND;

		if (i % PER_SECOND == 0)
			strftime(date, sizeof(date), k->date, gmtime_r(&t, &tm));
		m.attacker = address(random_below(&m.random, busy ? BUSY : ADDRESSES));
		str_reset(&m.out);
		str_puts(&m.out, date);
		put_line(&m, pick(&m, fails ? k->failures : k->others));
		if (m.out.failed || !fwrite(m.out.s, m.out.len, 1, stdout))
			break;
	}
	str_fini(&m.out);
	return fflush(stdout) || ferror(stdout) ? 1 : 0;
}

int main(int argc, char **argv)
{
	const struct kind *k = NULL;

	for (size_t i = 0; argc > 3 && i < ARRAY_SIZE(kinds); i++)
		if (streq(argv[1], kinds[i].name))
			k = &kinds[i];
	if (!k) {
		fprintf(stderr, "usage: loglines asterisk|sshd|mail LINES PERCENT [SEED [BEGIN]]\n");
		return 2;
	}
	return write_log(k, atol(argv[2]), (uint32_t)atol(argv[3]),
			 argc > 4 ? strtoull(argv[4], NULL, 0) | 1 : 1,
			 argc > 5 ? atol(argv[5]) : BEGIN);
}
