// SPDX-License-Identifier: GPL-2.0-or-later
/* Bytes of the manager interface into messages, and events into lines. */
#include <errno.h>
#include <stdlib.h>

#include "../t.h"
#include "event/ami_event.h"
#include "event/ami_parse.h"

#define BANNER	"Asterisk Call Manager/8.0.2\r\n"
#define HEAD	"Event: InvalidPassword\r\nPrivilege: security,all\r\n"
#define TV	"EventTV: 2026-11-23T10:00:00.123+0000\r\nSeverity: Error\r\n" \
		"Service: PJSIP\r\nEventVersion: 2\r\n"
#define ADDRS	"LocalAddress: IPV4/UDP/198.51.100.1/5060\r\n" \
		"RemoteAddress: IPV4/UDP/203.0.113.1/5060\r\n"
#define WHOLE	HEAD TV "AccountID: 100\r\nSessionID: abc\r\n" ADDRS
#define LINE	"SECURITY[1] res_security_log.c: SecurityEvent=\"InvalidPassword\"," \
		"EventTV=\"2026-11-23T10:00:00.123+0000\",Severity=\"Error\",Service=\"PJSIP\"," \
		"EventVersion=\"2\",AccountID=\"%s\",SessionID=\"abc\"," \
		"LocalAddress=\"IPV4/UDP/198.51.100.1/5060\"," \
		"RemoteAddress=\"IPV4/UDP/203.0.113.1/5060\"%s"

struct seen {
	size_t n, fields, odd;
	uint64_t cut;			/* lines */
	int err;			/* of the last event */
	bool doubted, doubt;
	struct str line;
};

static void take(void *ctx, const struct ami_message *m)
{
	struct seen *s = ctx;

	s->n++;
	s->fields = m->n;
	s->odd += m->odd;
	s->doubt = ami_event_gives_doubt(m);
	s->err = ami_event_line(m, s->doubted, &s->line);
}

/* Parse @text in pieces of @step bytes. */
static int parse(struct seen *s, const char *text, size_t len, size_t step)
{
	struct ami_parser *p = ami_parser_new(take, s);
	int err = 0;

	for (size_t i = 0; i < len && !err; i += step)
		err = ami_parser_push(p, text + i, len - i < step ? len - i : step);
	s->cut = ami_parser_stats(p)->cut;
	ami_parser_free(p);
	return err;
}

static const struct {
	const char *what, *text;
	size_t messages;
	int err;
	const char *account, *more;	/* of the line, if there is one */
} cases[] = {
	{ "an event", WHOLE "\r\n", 1, 0, "100", "" },
	{ "the one of a debugging server", HEAD "Timestamp: 1.2\r\nSequenceNumber: 7\r\n"
	  "File: a.c\r\nLine: 1\r\nFunc: f\r\n" TV "AccountID: 100\r\nSessionID: abc\r\n" ADDRS
	  "\r\n", 1, 0, "100", "" },
	{ "with fields of its own", WHOLE "Challenge: 1448/ab\r\nUsingPassword: 1\r\n\r\n", 1, 0,
	  "100", ",Challenge=\"1448/ab\",UsingPassword=\"1\"" },
	{ "an empty value", HEAD TV "AccountID: \r\nSessionID: abc\r\n" ADDRS "\r\n", 1, 0, "", "" },
	{ "a value with a colon", HEAD TV "AccountID: a: b\r\nSessionID: abc\r\n" ADDRS "\r\n",
	  1, 0, "a: b", "" },
	{ "quotes, backslashes and control characters", HEAD TV "AccountID: \"a\\b\tc\x7f\r\n"
	  "SessionID: abc\r\n" ADDRS "\r\n", 1, 0, "%22a%5Cb%09c%7F", "" },
	{ "a list of something", "Response: Success\r\nActionID: 1\r\n\r\n", 1, -ENOMSG, NULL, NULL },
	{ "an event of another class", "Event: Newchannel\r\nPrivilege: call,all\r\nX: y\r\n\r\n",
	  1, -ENOMSG, NULL, NULL },
	{ "no address", HEAD TV "AccountID: 100\r\nSessionID: abc\r\n\r\n", 1, -EBADMSG, NULL, NULL },
	{ "an address that is none", HEAD TV "AccountID: 100\r\nSessionID: abc\r\n"
	  "LocalAddress: IPV4/UDP/198.51.100.1/5060\r\n"
	  "RemoteAddress: IPV4/UDP/example.com/5060\r\n\r\n", 1, -EBADMSG, NULL, NULL },
	{ "an address with something behind it", HEAD TV "AccountID: 100\r\nSessionID: abc\r\n"
	  "LocalAddress: IPV4/UDP/198.51.100.1/5060\r\n"
	  "RemoteAddress: IPV4/UDP/203.0.113.1/5060 x\r\n\r\n", 1, -EBADMSG, NULL, NULL },
	{ "an address twice", HEAD TV "AccountID: x\r\nRemoteAddress: IPV4/UDP/192.0.2.1/1\r\n"
	  "SessionID: abc\r\n" ADDRS "\r\n", 1, -EBADMSG, NULL, NULL },
	{ "in another spelling", WHOLE "remoteaddress: IPV4/UDP/192.0.2.1/1\r\n\r\n", 1,
	  -EBADMSG, NULL, NULL },
	{ "an event in a name", HEAD TV "AccountID: x\r\nEvent: InvalidPassword\r\n"
	  "SessionID: abc\r\n" ADDRS "\r\n", 1, -EBADMSG, NULL, NULL },
	{ "a bare line feed in a value", HEAD TV "AccountID: a\nb\r\nSessionID: abc\r\n" ADDRS
	  "\r\n", 1, -EBADMSG, NULL, NULL },
	{ "two of them end no message", HEAD TV "AccountID: a\n\nEvent: b\r\nSessionID: abc\r\n"
	  ADDRS "\r\n", 1, -EBADMSG, NULL, NULL },
	{ "a bare carriage return", HEAD TV "AccountID: a\rb\r\nSessionID: abc\r\n" ADDRS "\r\n", 1,
	  -EBADMSG, NULL, NULL },
	{ "two before a line feed", HEAD TV "AccountID: a\r\r\nSessionID: abc\r\n" ADDRS "\r\n", 1,
	  -EBADMSG, NULL, NULL },
	{ "a line without colon", WHOLE "nothing\r\n\r\n", 1, -EBADMSG, NULL, NULL },
	{ "a name that is none", WHOLE "a b: c\r\n\r\n", 1, -EBADMSG, NULL, NULL },
	{ "fields in another order", HEAD TV "SessionID: abc\r\nAccountID: 100\r\n" ADDRS "\r\n", 1,
	  -EBADMSG, NULL, NULL },
	{ "what the manager adds, behind", WHOLE "File: a.c\r\n\r\n", 1, -EBADMSG, NULL, NULL },
	{ "only empty lines", "\r\n\r\n\r\n", 0, 0, NULL, NULL },
	{ "not ended yet", WHOLE, 0, 0, NULL, NULL },
};

static void check_cases(size_t step)
{
	char text[2048], want[2048];

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct seen s = { 0 };

		snprintf(text, sizeof(text), BANNER "%s", cases[i].text);
		t_is(cases[i].what, parse(&s, text, strlen(text), step), 0);
		t_is(cases[i].what, (int64_t)s.n, (int64_t)cases[i].messages);
		t_is(cases[i].what, s.err, cases[i].err);
		if (cases[i].account) {
			snprintf(want, sizeof(want), LINE, cases[i].account, cases[i].more);
			t_str(cases[i].what, s.line.s, want);
		}
		str_fini(&s.line);
	}
}

static void check_bad_format(void)
{
	static const char text[] = BANNER "Event: RequestBadFormat\r\nPrivilege: security,all\r\n"
		TV "SessionID: abc\r\n" ADDRS "RequestType: x\r\nAccountID: u\r\n\r\n";
	struct seen s = { 0 };

	parse(&s, text, sizeof(text) - 1, 7);
	t_is("the only event without an account in its place", s.err, 0);
	t_ok("it is behind", strstr(s.line.s, "5060\",RequestType=\"x\",AccountID=\"u\""));
	str_fini(&s.line);
}

#define OF(event, service)	BANNER "Event: " event "\r\nPrivilege: security,all\r\n" \
	"EventTV: 1-2\r\nSeverity: Error\r\nService: " service "\r\nEventVersion: 1\r\n" \
	"AccountID: 100\r\nSessionID: abc\r\n" \
	"LocalAddress: IPV4/TLS/198.51.100.1/5061\r\n" \
	"RemoteAddress: IPV4/TLS/203.0.113.1/5061\r\n"

static const struct {
	const char *what, *text;
	bool doubted, doubt;		/* before, and by it */
	int err;
	const char *end;		/* of the line */
} services[] = {
	{ "chan_pjsip", OF("InvalidPassword", "PJSIP") "\r\n", false, false, 0,
	  "/TLS/203.0.113.1/5061\"" },
	{ "the manager", OF("InvalidPassword", "AMI") "\r\n", false, false, 0,
	  "/TLS/203.0.113.1/5061\"" },
	{ "chan_sip", OF("InvalidPassword", "SIP") "\r\n", false, true, 0, NULL },
	{ "chan_sip, cut off by a name", BANNER "Event: InvalidPassword\r\nPrivilege: security,all"
	  "\r\nEventTV: 1-2\r\nSeverity: Error\r\nService: SIP\r\nEventVersion: 1\r\n"
	  "AccountID: x\r\n\r\n", false, true, -EBADMSG, NULL },
	{ "an event that names no service", BANNER "Event: \r\nPrivilege: security\r\n"
	  "SessionID: 1\r\n\r\n", false, false, -EBADMSG, NULL },
	{ "something new", OF("InvalidPassword", "XMPP") "\r\n", false, true, 0, NULL },
	{ "chan_sip inside a name is refused, and gives no doubt",
	  OF("InvalidPassword", "PJSIP") "Service: SIP\r\n\r\n", false, false, -EBADMSG, NULL },
	{ "afterwards a connection proves nothing", OF("InvalidPassword", "PJSIP") "\r\n", true,
	  false, 0, "=\"IPV4/UNPROVEN/203.0.113.1/5061\"" },
	{ "nobody has logged in", OF("SuccessfulAuth", "PJSIP") "\r\n", true, false, -ENOMSG, NULL },
	{ "and no challenge was sent", OF("ChallengeSent", "PJSIP") "\r\n", true, false, -ENOMSG,
	  NULL },
};

static void check_services(void)
{
	for (size_t i = 0; i < ARRAY_SIZE(services); i++) {
		struct seen s = { .doubted = services[i].doubted };
		const char *end = services[i].end;

		parse(&s, services[i].text, strlen(services[i].text), 64);
		t_is(services[i].what, s.doubt, services[i].doubt);
		t_is(services[i].what, s.err, services[i].err);
		if (end)
			t_ok(services[i].what, s.line.len > strlen(end) &&
			     streq(s.line.s + s.line.len - strlen(end), end));
		str_fini(&s.line);
	}
}

static void check_nul(void)
{
	static const char text[] = BANNER HEAD TV "AccountID: a\0b\r\nSessionID: abc\r\n" ADDRS
				   "\r\n";
	struct seen s = { 0 };

	parse(&s, text, sizeof(text) - 1, 3);
	t_is("a NUL", s.err, -EBADMSG);
	t_is("hides nothing", (int64_t)s.fields, 10);
	str_fini(&s.line);
}

/* ---- what is too much -------------------------------------------------------- */

static void check_banner(void)
{
	char endless[AMI_BANNER_MAX * 2];
	struct seen s = { 0 };

	memset(endless, 'A', sizeof(endless));
	t_is("something else answers", parse(&s, "220 smtp\r\n", 10, 10), -EPROTO);
	t_is("and does not stop", parse(&s, endless, sizeof(endless), 10), -EPROTO);
	t_is("half a banner", parse(&s, "Asterisk Call Man", 17, 1), 0);
}

static void check_long_line(void)
{
	struct str text = { 0 };
	struct seen s = { 0 };

	str_puts(&text, BANNER HEAD TV "AccountID: ");
	for (size_t i = 0; i < 3 * AMI_LINE_MAX; i++)
		str_putc(&text, 'x');
	str_puts(&text, "\r\nSessionID: abc\r\n" ADDRS "\r\n");
	parse(&s, text.s, text.len, 100);
	t_is("a long value hides no event", s.err, 0);
	t_ok("the address is there", strstr(s.line.s, "RemoteAddress=\"IPV4/UDP/203.0.113.1/5060\""));
	t_ok("the line is short", s.line.len < 700);
	t_is("what was cut is counted", (int64_t)s.cut, 1);
	str_fini(&text);
	str_fini(&s.line);
}

static void check_many_lines(void)
{
	struct ami_parser *p;
	struct str text = { 0 };
	struct seen s = { 0 };

	str_puts(&text, BANNER);
	for (size_t i = 0; i < AMI_FIELDS_MAX; i++)
		str_printf(&text, "K%zu: v\r\n", i);
	str_puts(&text, "\r\n");
	p = ami_parser_new(take, &s);
	ami_parser_push(p, text.s, text.len);
	t_is("as many lines as there may be", (int64_t)s.fields, AMI_FIELDS_MAX);
	for (size_t i = 0; i < 10 * AMI_FIELDS_MAX; i++)
		ami_parser_push(p, "K: v\r\n", 6);
	ami_parser_push(p, "\r\n" WHOLE "\r\n", sizeof("\r\n" WHOLE "\r\n") - 1);
	t_is("more are refused", (int64_t)ami_parser_stats(p)->refused, 1);
	t_is("and what follows is read", (int64_t)s.n, 2);
	t_is("right", s.err, 0);
	ami_parser_reset(p);
	t_is("a new connection begins anew", ami_parser_push(p, "K: v\r\n", 6), -EPROTO);
	ami_parser_free(p);
	str_fini(&text);
	str_fini(&s.line);
}

int main(void)
{
	check_cases(1);
	check_cases(17);
	check_cases(4096);
	check_bad_format();
	check_services();
	check_nul();
	check_banner();
	check_long_line();
	check_many_lines();
	return t_done();
}
