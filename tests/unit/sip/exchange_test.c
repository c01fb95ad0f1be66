// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Conversations with a server, message by message: what is a failure of whom, and
 * is it proven?
 */
#include "sip/exchange.h"

#include <stdio.h>
#include <stdlib.h>

#include "../t.h"

/*
 * A step of a play: "<" a request comes in, ">" something goes out, "." time
 * passes.  What it must give: "-" nothing, "refused" with a '+' if it is proven,
 * "success", "called".
 */
struct step {
	char kind;
	const char *line;	/* method or status, and what else it says */
	const char *gives;
};

struct play {
	const char *what;
	bool tcp;
	struct step steps[10];
};

static const struct play plays[] = {
	{ "a phone registers", false, {
		{ '<', "REGISTER 1", "-" }, { '>', "401 1 REGISTER nonce=a", "-" },
		{ '<', "REGISTER 2 cred=a", "-" }, { '>', "200 2 REGISTER", "success" },
		{ '.', "60", "-" } } },
	{ "a phone, and somebody else with the same nonce", false, {
		{ '<', "REGISTER 1", "-" }, { '>', "401 1 REGISTER nonce=a", "-" },
		{ '>', "401 9 REGISTER nonce=a peer=192.0.2.99", "-" },
		{ '<', "REGISTER 2 cred=a", "-" }, { '>', "200 2 REGISTER", "success" } } },
	{ "a wrong password, and somebody else with the same nonce", false, {
		{ '<', "REGISTER 1", "-" }, { '>', "401 1 REGISTER nonce=a", "-" },
		{ '>', "401 9 REGISTER nonce=a peer=192.0.2.99", "-" },
		{ '<', "REGISTER 2 cred=a", "-" }, { '>', "401 2 REGISTER nonce=b", "-" },
		{ '.', "11", "refused never answered" } } },
	{ "an open registrar, and credentials of nobody", false, {
		{ '<', "REGISTER 1 cred=junk", "-" }, { '>', "200 1 REGISTER", "-" } } },
	{ "a phone that mistypes, then does not", false, {
		{ '<', "REGISTER 1", "-" }, { '>', "401 1 REGISTER nonce=a", "-" },
		{ '<', "REGISTER 2 cred=a", "-" },
		{ '>', "401 2 REGISTER nonce=b", "refused+ wrong credentials" },
		{ '<', "REGISTER 3 cred=b", "-" }, { '>', "200 3 REGISTER", "success" } } },
	{ "a forged sender never answers", false, {
		{ '<', "REGISTER 1", "-" }, { '>', "401 1 REGISTER nonce=a", "-" },
		{ '.', "9", "-" }, { '.', "11", "refused never answered" }, { '.', "60", "-" } } },
	{ "a forged sender with credentials of nobody", false, {
		{ '<', "REGISTER 1 cred=junk", "-" },
		{ '>', "401 1 REGISTER nonce=a", "-" },
		{ '.', "11", "refused never answered" } } },
	{ "the nonce of somebody else", false, {
		{ '>', "401 9 REGISTER nonce=x peer=192.0.2.99", "-" },
		{ '<', "REGISTER 1 cred=x", "-" },
		{ '>', "403 1 REGISTER", "refused wrong credentials" } } },
	{ "forbidden, with proof", false, {
		{ '<', "REGISTER 1", "-" }, { '>', "401 1 REGISTER nonce=a", "-" },
		{ '<', "REGISTER 2 cred=a", "-" },
		{ '>', "403 2 REGISTER", "refused+ wrong credentials" },
		{ '>', "403 2 REGISTER", "-" } } },
	{ "a scanner that does not count", false, {
		{ '<', "REGISTER 1", "-" }, { '>', "401 1 REGISTER nonce=a", "-" },
		{ '<', "REGISTER 2 cred=a branch=1", "-" },
		{ '>', "401 2 REGISTER nonce=b branch=1", "refused+ wrong credentials" },
		{ '<', "REGISTER 2 cred=b branch=2", "-" },
		{ '>', "401 2 REGISTER nonce=c branch=2", "refused+ wrong credentials" },
		{ '>', "401 2 REGISTER nonce=c branch=2", "-" } } },
	{ "an old nonce is nobody's fault", false, {
		{ '<', "REGISTER 1", "-" }, { '>', "401 1 REGISTER nonce=a", "-" },
		{ '<', "REGISTER 2 cred=a", "-" }, { '>', "401 2 REGISTER nonce=b stale", "-" },
		{ '<', "REGISTER 3 cred=b", "-" }, { '>', "200 3 REGISTER", "success" } } },
	{ "one after the other without an answer", false, {
		{ '<', "REGISTER 1", "-" }, { '>', "401 1 REGISTER nonce=a", "-" },
		{ '<', "REGISTER 1", "-" }, { '>', "401 1 REGISTER nonce=a", "-" },
		{ '<', "REGISTER 2", "refused never answered" } } },
	{ "an account that does not exist", false, {
		{ '<', "REGISTER 1", "-" }, { '>', "404 1 REGISTER", "refused" } } },
	{ "a guest who calls nowhere, and listens", false, {
		{ '<', "INVITE 1", "-" }, { '>', "404 1 INVITE tag=as12345678", "-" },
		{ '<', "ACK 1 tag=as12345678", "refused+" }, { '.', "60", "-" } } },
	{ "a guest who calls nowhere, and does not", false, {
		{ '<', "INVITE 1", "-" }, { '>', "404 1 INVITE tag=as12345678", "-" },
		{ '<', "ACK 1 tag=asguessed1", "-" }, { '.', "11", "refused" } } },
	{ "a scanner that reads challenges and leaves", false, {
		{ '<', "INVITE 1", "-" }, { '>', "407 1 INVITE nonce=a tag=as12345678", "-" },
		{ '<', "ACK 1 tag=as12345678", "-" }, { '.', "11", "refused+ never answered" } } },
	{ "a customer calls", false, {
		{ '<', "INVITE 1", "-" }, { '>', "407 1 INVITE nonce=a tag=as12345678", "-" },
		{ '<', "ACK 1 tag=as12345678", "-" }, { '<', "INVITE 2 cred=a", "-" },
		{ '>', "200 2 INVITE", "success" }, { '.', "60", "-" } } },
	{ "a customer calls a wrong number", false, {
		{ '<', "INVITE 1", "-" }, { '>', "407 1 INVITE nonce=a tag=as12345678", "-" },
		{ '<', "ACK 1 tag=as12345678", "-" }, { '<', "INVITE 2 cred=a", "-" },
		{ '>', "404 2 INVITE tag=as87654321", "-" }, { '.', "60", "-" } } },
	{ "a provider calls, and is answered", false, {
		{ '<', "INVITE 1", "-" }, { '>', "200 1 INVITE tag=as12345678", "-" },
		{ '>', "200 1 INVITE tag=as12345678", "-" },
		{ '<', "ACK 1 tag=as12345678", "answered" },
		{ '<', "ACK 1 tag=as12345678", "-" }, { '.', "60", "-" } } },
	{ "it rings for a minute", false, {
		{ '<', "INVITE 1", "-" }, { '.', "60", "-" },
		{ '>', "200 1 INVITE tag=as12345678", "-" },
		{ '<', "ACK 1 tag=as12345678", "answered" } } },
	{ "it is renewed", false, {
		{ '<', "INVITE 1", "-" }, { '>', "200 1 INVITE tag=as12345678", "-" },
		{ '<', "ACK 1 tag=as12345678", "answered" }, { '<', "INVITE 2", "-" },
		{ '>', "200 2 INVITE tag=as12345678", "-" },
		{ '<', "ACK 2 tag=as12345678", "answered" } } },
	{ "a forged sender calls, and guesses", false, {
		{ '<', "INVITE 1", "-" }, { '>', "200 1 INVITE tag=as12345678", "-" },
		{ '<', "ACK 1 tag=as87654321", "-" }, { '<', "ACK 1", "-" },
		{ '<', "BYE 2 tag=as12345678", "-" }, { '<', "ACK 1 tag=as12345678", "-" } } },
	{ "an answer to another call", false, {
		{ '<', "INVITE 1", "-" }, { '>', "200 1 INVITE tag=as12345678", "-" },
		{ '<', "ACK 2 tag=as12345678", "-" },
		{ '<', "ACK 1 tag=as12345678 peer=192.0.2.99", "-" } } },
	{ "a tag that others had", false, {
		{ '>', "200 9 INVITE tag=as12345678 peer=192.0.2.99", "-" },
		{ '<', "INVITE 1", "-" }, { '>', "200 1 INVITE tag=as12345678", "-" },
		{ '<', "ACK 1 tag=as12345678", "-" } } },
	{ "no call at all", false, {
		{ '<', "REGISTER 1", "-" }, { '>', "200 1 REGISTER tag=as12345678", "-" },
		{ '<', "ACK 1 tag=as12345678", "-" },
		{ '<', "OPTIONS 2", "-" }, { '>', "200 2 OPTIONS tag=as12345678", "-" },
		{ '<', "ACK 2 tag=as12345678", "-" } } },
	{ "answered, then refused", false, {
		{ '<', "INVITE 1", "-" }, { '>', "200 1 INVITE tag=as12345678", "-" },
		{ '<', "INVITE 2", "-" }, { '>', "404 2 INVITE tag=as12345678", "-" },
		{ '<', "ACK 2 tag=as12345678", "refused+" } } },
	{ "an open registrar makes nobody known", false, {
		{ '<', "REGISTER 1", "-" }, { '>', "200 1 REGISTER", "-" } } },
	{ "a monitor is answered", false, {
		{ '<', "OPTIONS 1", "-" }, { '>', "200 1 OPTIONS", "-" } } },
	{ "the server calls", false, {
		{ '>', "INVITE 1", "called" }, { '<', "200 1 INVITE", "-" } } },
	{ "by TCP, a phone registers", true, {
		{ '>', "401 1 REGISTER nonce=a", "-" }, { '>', "200 2 REGISTER", "success" },
		{ '.', "60", "-" } } },
	{ "by TCP, the wrong password", true, {
		{ '>', "401 1 REGISTER nonce=a", "-" },
		{ '>', "401 2 REGISTER nonce=b", "refused+ wrong credentials" },
		{ '>', "401 3 REGISTER nonce=c", "refused+ wrong credentials" } } },
	{ "by TCP, a scanner", true, {
		{ '>', "401 1 REGISTER nonce=a", "-" }, { '.', "11", "refused+ never answered" } } },
	{ "by TCP, an account that does not exist", true, {
		{ '>', "404 1 REGISTER", "refused+" } } },
	{ "an answer to something that was not seen", false, {
		{ '>', "403 1 REGISTER", "refused" } } },
};

/* "401 2 REGISTER nonce=a tag=b stale" as a message. */
static void write_message(const char *line, char out[static 1024])
{
	char first[16], cseq[16], method[16], word[64];
	int used, n;
	bool response;

	sscanf(line, "%15s %15s%n", first, cseq, &used);
	response = first[0] < 'A';
	line += used;
	snprintf(method, sizeof(method), "%s", first);
	if (response) {
		sscanf(line, "%15s%n", method, &used);
		line += used;
		n = sprintf(out, "SIP/2.0 %s X\r\n", first);
	} else {
		n = sprintf(out, "%s sip:h SIP/2.0\r\nUser-Agent: test er\r\n", first);
	}
	n += sprintf(out + n, "Call-ID: c\r\nCSeq: %s %s\r\nFrom: <sip:100@h>\r\n", cseq, method);
	while (sscanf(line, "%63s%n", word, &used) == 1) {
		line += used;
		if (starts_with(word, "nonce="))
			n += sprintf(out + n, "WWW-Authenticate: Digest nonce=\"%s\"%s\r\n",
				     word + 6, strstr(line, "stale") ? ", stale=true" : "");
		else if (starts_with(word, "branch="))
			n += sprintf(out + n, "Via: SIP/2.0/UDP h;%s\r\n", word);
		else if (starts_with(word, "cred="))
			n += sprintf(out + n, "Authorization: Digest nonce=\"%s\"\r\n", word + 5);
		else if (starts_with(word, "tag="))
			n += sprintf(out + n, "To: <sip:h>;tag=%s\r\n", word + 4);
	}
	sprintf(out + n, "\r\n");
}

static const char *name_of(const struct exchange_result *r, char out[static 64])
{
	static const char *const names[] = {
		[EXCHANGE_NOTHING] = "-", [EXCHANGE_SUCCEEDED] = "success",
		[EXCHANGE_CALLED] = "called", [EXCHANGE_ANSWERED] = "answered",
	};

	if (r->what != EXCHANGE_REFUSED)
		return names[r->what];
	snprintf(out, 64, "refused%s%s", r->proven ? "+" : "",
		 strstr(r->text, ", wrong cred") ? " wrong credentials" :
		 strstr(r->text, ", never") ? " never answered" : "");
	t_ok("its text says the same", !strstr(r->text, "not proven") == r->proven);
	return out;
}

static void see(struct exchanges *x, const struct step *s, bool tcp, boot_t when,
		struct exchange_result *r)
{
	const char *peer = strstr(s->line, "peer=");
	struct exchange_seen seen = { .out = s->kind == '>', .tcp = tcp, .when = when };
	struct sip_message m;
	char text[1024];

	peer = peer ? peer + 5 : "192.0.2.1";
	ipaddr_parse(peer, strlen(peer), &seen.peer);
	write_message(s->line, text);
	t_is("a message", sip_message_read(&m, text, strlen(text)), 0);
	seen.message = &m;
	exchanges_see(x, &seen, r);
}

static void perform(const struct play *p)
{
	struct challenges *c = challenges_new(100);
	struct exchanges *x = exchanges_new(10, c);
	boot_t now = { 1000 * NS_PER_S };
	char what[160], buf[64];

	for (const struct step *s = p->steps; s->kind; s++) {
		struct exchange_result r = { 0 };

		snprintf(what, sizeof(what), "%s: %c %s", p->what, s->kind, s->line);
		if (s->kind == '.') {
			now.ns += strtoull(s->line, NULL, 10) * NS_PER_S;
			exchanges_next_due(x, now, &r);
		} else {
			see(x, s, p->tcp, now, &r);
		}
		t_str(what, name_of(&r, buf), s->gives);
	}
	exchanges_free(x);
	challenges_free(c);
}

static void test_memory(void)
{
	struct challenges *c = challenges_new(100);
	struct exchanges *x = exchanges_new(10, c);
	struct exchange_result r;
	struct sip_message m;
	char text[200];
	int due = 0;

	for (int i = 0; i < 100; i++) {
		struct exchange_seen seen = { .out = true, .when = { (uint64_t)i }, .message = &m };

		ipaddr_parse("192.0.2.1", 9, &seen.peer);
		snprintf(text, sizeof(text), "SIP/2.0 401 X\r\nCall-ID: %d\r\nCSeq: 1 REGISTER\r\n\r\n", i);
		sip_message_read(&m, text, strlen(text));
		exchanges_see(x, &seen, &r);
	}
	t_is("calls", (int64_t)exchanges_stats(x).calls, 10);
	t_is("forgotten", (int64_t)exchanges_stats(x).evicted, 90);
	t_ok("with patience", !exchanges_next_due(x, (boot_t){ 89 + EXCHANGE_PATIENCE_NS }, &r));
	while (exchanges_next_due(x, (boot_t){ 60 * NS_PER_S }, &r))
		due++;
	t_is("each is due", due, 10);
	t_is("then all is over", (int64_t)exchanges_stats(x).calls, 0);
	exchanges_free(x);
	exchanges_free(NULL);
	challenges_free(c);
}

/* What strangers write is printed as it is, or not at all. */
static void test_hostile_text(void)
{
	static const char text[] = "SIP/2.0 404 X\r\nCall-ID: c\r\nCSeq: 1 REGISTER\r\n"
		"From: <sip:a\x1b[2J\"\x80%s\tand so on for a very, very, very long time@h>\r\n\r\n";
	struct exchange_seen seen = { .out = true };
	struct challenges *c = challenges_new(10);
	struct exchanges *x = exchanges_new(10, c);
	struct exchange_result r;
	struct sip_message m;

	ipaddr_parse("192.0.2.1", 9, &seen.peer);
	sip_message_read(&m, text, sizeof(text) - 1);
	seen.message = &m;
	t_is("a refusal", exchanges_see(x, &seen, &r), EXCHANGE_REFUSED);
	t_str("in print", r.text, "SIP REGISTER of a_[2J\"_%s_and_so_on_for_a_very,: 404, "
	      "sender not proven");
	exchanges_free(x);
	challenges_free(c);
}

int main(void)
{
	for (size_t i = 0; i < ARRAY_SIZE(plays); i++)
		perform(&plays[i]);
	test_memory();
	test_hostile_text();
	return t_done();
}
