// SPDX-License-Identifier: GPL-2.0-or-later
/* Which lines of a log prove who sent what they complain about. */
#include "../t.h"
#include "regex/regex.h"
#include "lanes/lane.h"
#include "sip/challenge.h"

#define NOW_S	1700000000

struct scene {
	struct config *config;
	struct regex_env *env;
	struct challenges *challenges;
	struct lane *lane;
	struct freshness fresh;
	struct now now;
	int successes;
};

static void on_verdict(void *ctx, struct lane *lane, const struct verdict *v,
		       const struct now *now)
{
	(void)ctx, (void)lane, (void)v, (void)now;
}

static void on_success(void *ctx, const struct ipaddr *who, const struct now *now)
{
	struct scene *s = ctx;

	(void)now;
	s->successes += who->family == 4;
}

static void begin(struct scene *s, const char *filter)
{
	static struct config_jail jail;
	struct diag d = { 0 };
	struct lane_params p;

	*s = (struct scene){
		.config = config_load_filter("configs", filter, false, &d),
		.env = regex_env_new(), .challenges = challenges_new(100),
		.now = { { 1000 * NS_PER_S }, { NOW_S * US_PER_S } },
	};
	jail = s->config->jails[0];
	jail.evidence = EVIDENCE_PROVEN;
	jail.maxretry = 1000;
	p = (struct lane_params){
		.conf = &jail, .env = s->env, .max_ids = 100,
		.challenges = s->challenges, .as_logged = true,
		.ops = { .verdict = on_verdict, .success = on_success, .ctx = s },
	};
	t_is("a lane", lane_new(&s->lane, &p, s->now.wall, &d), 0);
	diag_fini(&d);
}

static void end(struct scene *s)
{
	lane_free(s->lane);
	challenges_free(s->challenges);
	regex_env_free(s->env);
	config_free(s->config);
}

#define DATE	"[2023-11-14 22:13:20] "
#define EVENT(event, proto, account, tail) DATE "SECURITY[1] res_security_log.c: " \
	"SecurityEvent=\"" event "\",EventTV=\"2023-11-14T22:13:20.000+0000\",Severity=\"Error\"," \
	"Service=\"PJSIP\",EventVersion=\"1\",AccountID=\"" account "\",SessionID=\"x\"," \
	"LocalAddress=\"IPV4/" proto "/198.51.100.10/5060\"," \
	"RemoteAddress=\"IPV4/" proto "/192.0.2.1/5061\"" tail
#define FAILED(proto, nonce) EVENT("ChallengeResponseFailed", proto, "100", ",Challenge=\"" nonce \
	"\",Response=\"r\",ExpectedResponse=\"\"")
#define PASSWORD(first, second) EVENT("InvalidPassword", "UDP", "100", ",Challenge=\"" first \
	"\",ReceivedChallenge=\"" second "\",ReceivedHash=\"h\"")
#define SENT(nonce) EVENT("ChallengeSent", "UDP", "100", ",Challenge=\"" nonce "\"")
#define LONG	"1700000000/0123456789abcdef0123456789abcdef0123456789abcdef0123"
#define FORGED	"\",SessionID=\"x\",LocalAddress=\"IPV4/TCP/1.1.1.1/1\",RemoteAddress=\"IPV4/TCP/192.0.2.1/5\""

/* What chan_sip logs, and its events; the forged second half of such a line. */
#define CHAN_SIP(text) DATE "NOTICE[1] chan_sip.c: " text
#define SIP_EVENT(event, account) DATE "SECURITY[1] res_security_log.c: " \
	"SecurityEvent=\"" event "\",EventTV=\"2023-11-14T22:13:20.000+0000\",Severity=\"Error\"," \
	"Service=\"SIP\",EventVersion=\"1\",AccountID=\"" account
#define JSON(file, message) "{\"hostname\":\"h\",\"timestamp\":\"2023-11-14 22:13:20\"," \
	"\"identifiers\":{\"lwp\":1,\"callid\":\"\"},\"logmsg\":{\"location\":{\"filename\":\"" \
	file "\",\"function\":\"f\",\"line\":1},\"level\":\"NOTICE\",\"message\":\"" message "\"}}"
#define SYSLOG	"Nov 14 22:13:20 h asterisk[9]: "
#define TCP_CALL "NOTICE[1] res_pjsip_session.c: anonymous: Call (TCP:192.0.2.1:1) to extension '" \
	"900' rejected because extension not found in context 'public'."

/* All lines are read in their order; so many failures, so many of them proven. */
static const struct {
	const char *what, *filter, *lines[4];
	unsigned int found, proven;
} cases[] = {
	{ "UDP alone", "asterisk", { FAILED("UDP", "n") }, 1, 0 },
	{ "TLS", "asterisk", { FAILED("TLS", "n") }, 1, 1 },
	{ "TCP", "asterisk", { EVENT("InvalidAccountID", "TCP", "100", "") }, 1, 1 },
	{ "WebSocket", "asterisk", { EVENT("InvalidAccountID", "WSS", "100", "") }, 1, 1 },
	{ "a challenge that came back", "asterisk", { SENT("n1"), FAILED("UDP", "n1") }, 1, 1 },
	{ "another one", "asterisk", { SENT("n1"), FAILED("UDP", "n2") }, 1, 0 },
	{ "as long as the log has it", "asterisk", { SENT(LONG), FAILED("UDP", LONG) }, 1, 1 },
	{ "chan_sip's own nonce is no proof", "asterisk", { SENT("n1"), PASSWORD("n1", "n2") }, 1, 0 },
	{ "but the client's is", "asterisk", { SENT("n1"), PASSWORD("n1", "n1") }, 1, 1 },
	{ "the transport of a forged account", "asterisk",
	  { EVENT("InvalidAccountID", "UDP", "a" FORGED, "") }, 1, 0 },
	{ "the challenge of a forged account", "asterisk",
	  { SENT("n1"), EVENT("ChallengeResponseFailed", "UDP", "a" FORGED ",Challenge=\"n1\"",
			      ",Challenge=\"n2\",Response=\"r\",ExpectedResponse=\"\"") }, 1, 0 },
	{ "a challenge that nobody was sent", "asterisk",
	  { EVENT("InvalidAccountID", "UDP", "x\",Challenge=\"n1", ""), FAILED("UDP", "n1") }, 2, 0 },
	{ "a guest's call by TCP", "asterisk",
	  { DATE "NOTICE[1] res_pjsip_session.c: anonymous: Call (TCP:192.0.2.1:5060) to extension "
	    "'900' rejected because extension not found in context 'public'." }, 1, 1 },
	{ "a guest's call by UDP", "asterisk",
	  { DATE "NOTICE[1] res_pjsip_session.c: anonymous: Call (UDP:192.0.2.1:5060) to extension "
	    "'(TCP:192.0.2.1:5)' rejected because extension not found in context 'public'." }, 1, 0 },
	{ "a line that says nothing of it", "asterisk",
	  { DATE "NOTICE[1] chan_sip.c: Registration from '<sip:1@h>' failed for '192.0.2.1:5060' "
	    "- Wrong password" }, 1, 0 },
	{ "chan_sip: the second half of a line", "asterisk",
	  { CHAN_SIP("Registration from '\"x"), FAILED("TLS", "n") }, 1, 0 },
	{ "of one that looks whole", "asterisk",
	  { CHAN_SIP("Registration from '<sip:1@h>' failed for '192.0.2.1:5060' - Wrong password"),
	    FAILED("TLS", "n") }, 2, 0 },
	{ "of a call", "asterisk",
	  { CHAN_SIP("Call from '' (192.0.2.1:5060) to extension '1"), FAILED("TLS", "n") }, 2, 0 },
	{ "of an event", "asterisk",
	  { SIP_EVENT("ChallengeSent", "x"), FAILED("TLS", "n") }, 1, 0 },
	{ "of an event that looks whole", "asterisk",
	  { SIP_EVENT("InvalidAccountID", "100") "\",SessionID=\"x\",LocalAddress="
	    "\"IPV4/UDP/198.51.100.10/5060\",RemoteAddress=\"IPV4/UDP/192.0.2.1/5061\"",
	    SENT("n1"), FAILED("UDP", "n1") }, 2, 0 },
	{ "anything that it says, and for good", "asterisk",
	  { CHAN_SIP("Peer '100' is now Reachable. (9ms / 2000ms)"), TCP_CALL,
	    DATE TCP_CALL }, 2, 0 },
	{ "chan_sip in JSON tears nothing", "asterisk",
	  { JSON("chan_sip.c", "Registration from '\\\"x"), FAILED("TLS", "n") }, 1, 1 },
	{ "nor in syslog", "asterisk",
	  { SYSLOG "NOTICE[1]: chan_sip.c:7 in f: Registration from '\"x#012y",
	    SYSLOG "SECURITY[1]: res_security_log.c:7 in f: SecurityEvent=\"InvalidAccountID\","
	    "EventTV=\"x\",Severity=\"Error\",Service=\"SIP\",EventVersion=\"1\",AccountID=\"1\","
	    "SessionID=\"x\",LocalAddress=\"IPV4/UDP/1.1.1.1/1\",RemoteAddress=\"IPV4/UDP/1.1.1.2/1\"",
	    FAILED("TLS", "n") }, 2, 1 },
	{ "who only writes its name", "asterisk",
	  { EVENT("InvalidAccountID", "UDP", "NOTICE[1] chan_sip.c: x", ""), FAILED("TLS", "n") }, 2, 1 },
	{ "a line without a time", "asterisk", { DATE TCP_CALL, TCP_CALL }, 2, 1 },
	{ "Kamailio, UDP", "kamailio",
	  { "Nov 14 22:13:20 h kamailio[1]: NOTICE: <script>: XDPBAN ip=192.0.2.1 port=5060 "
	    "proto=udp m=INVITE why=auth" }, 1, 0 },
	{ "Kamailio, TLS", "kamailio",
	  { "Nov 14 22:13:20 h kamailio[1]: NOTICE: <script>: XDPBAN ip=192.0.2.1 port=5060 "
	    "proto=tls m=INVITE why=auth" }, 1, 1 },
	{ "Kamailio, something else", "kamailio",
	  { "Nov 14 22:13:20 h kamailio[1]: NOTICE: <script>: XDPBAN ip=192.0.2.1 m=INVITE "
	    "proto=tls" }, 1, 0 },
};

static void test_lines(void)
{
	struct scene s;

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		begin(&s, cases[i].filter);
		for (const char *const *l = cases[i].lines; *l; l++)
			lane_line(s.lane, &s.fresh, *l, strlen(*l), &s.now);
		t_is(cases[i].what, (int64_t)lane_stats(s.lane)->found, cases[i].found);
		t_is(cases[i].what, (int64_t)lane_stats(s.lane)->proven, cases[i].proven);
		end(&s);
	}
}

static void test_success(void)
{
	static const char *const lines[] = {
		EVENT("SuccessfulAuth", "UDP", "100", ",UsingPassword=\"1\""),
		/* Not these: without a password; by whose name only. */
		EVENT("SuccessfulAuth", "UDP", "100", ",UsingPassword=\"0\""),
		EVENT("InvalidAccountID", "UDP", "SecurityEvent=\"SuccessfulAuth\"", ""),
	};
	struct scene s;

	begin(&s, "asterisk");
	for (size_t i = 0; i < ARRAY_SIZE(lines); i++)
		lane_line(s.lane, &s.fresh, lines[i], strlen(lines[i]), &s.now);
	t_is("who has logged in", s.successes, 1);
	t_is("has not failed", (int64_t)lane_stats(s.lane)->found, 1);
	/* Somebody ends a line in a name of chan_sip's, and writes the next. */
	lane_line(s.lane, &s.fresh, SIP_EVENT("ChallengeSent", "x"),
		  sizeof(SIP_EVENT("ChallengeSent", "x")) - 1, &s.now);
	lane_line(s.lane, &s.fresh, lines[0], strlen(lines[0]), &s.now);
	t_is("nobody is believed to have", s.successes, 1);
	end(&s);
}

int main(void)
{
	test_lines();
	test_success();
	return t_done();
}
