// SPDX-License-Identifier: GPL-2.0-or-later
#include "ami.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/random.h>

#include "ami_event.h"
#include "ami_parse.h"
#include "base/log.h"
#include "base/resolve.h"
#include "secret.h"
#include "stream.h"

#define PORT_PLAIN	5038
#define PORT_TLS	5039
#define ANSWER_NS	(10 * NS_PER_S)	/* the server has so long for each step */
#define SILENCE_NS	(15 * NS_PER_S)	/* then ask whether it is still there */
#define RETRY_MIN_NS	NS_PER_S
#define RETRY_MAX_NS	(60 * NS_PER_S)
#define STEADY_NS	(30 * NS_PER_S)	/* live for so long: trouble is new again */

enum stage {
	WAITING, RESOLVING, CONNECTING, CHALLENGING, LOGGING_IN, SUBSCRIBING, LIVE,
};

/* A question to the resolver cannot be taken back, only disowned. */
struct question { struct ami *ami; };

struct ami {
	struct loop *loop;		/* borrows, as all down to ctx */
	struct resolver *resolver;
	ami_line_fn *line;
	void *ctx;

	char *host, *user, *secret_file, *ca_file, *fingerprint;	/* owns */
	struct ami_settings how;	/* its strings are these */
	char *name;			/* owns */

	enum stage stage;
	struct stream *stream;		/* owns */
	struct ami_parser *parser;	/* owns */
	struct question *question;	/* waits for an answer; its own */
	struct loop_timer timer;	/* what it is for depends on the stage */
	boot_t timer_at;
	unsigned int action;		/* number of the last one that we sent */
	bool pinged, refused;		/* no answer yet; our login was not taken */
	const char *broken;		/* why the connection must end; maybe said[] */
	uint64_t backoff_ns;
	unsigned int tries;
	boot_t live_since, down_since;
	char why[256], logged[256], said[256];
	struct str text;
	struct ami_stats stats;
};

/* ---- trying again ---------------------------------------------------------- */

static void set_timer(struct ami *a, uint64_t ns)
{
	a->timer_at.ns = loop_boot(a->loop).ns + ns;
	loop_timer_in(a->loop, &a->timer, ns);
}

/* Half of the pause is certain, so that many clients do not come at one moment. */
static uint64_t pause_ns(struct ami *a)
{
	uint32_t dice = 0;
	uint64_t ns = a->refused ? RETRY_MAX_NS : a->backoff_ns;

	if (getrandom(&dice, sizeof(dice), GRND_NONBLOCK) != sizeof(dice))
		dice = 0;
	a->backoff_ns = a->backoff_ns * 2 < RETRY_MAX_NS ? a->backoff_ns * 2 : RETRY_MAX_NS;
	return ns / 2 + ns / 2 * dice / UINT32_MAX;
}

/* What a server says may be anything. */
static void note_why(struct ami *a, const char *why)
{
	snprintf(a->why, sizeof(a->why), "%s", why);
	for (char *c = a->why; *c; c++)
		if ((unsigned char)*c < 0x20 || *c == 0x7f)
			*c = '?';
	if (streq(a->why, a->logged))
		return;
	memcpy(a->logged, a->why, sizeof(a->logged));
	log_warn("%s: %s; trying again from time to time", a->name, a->why);
}

static void lost(struct ami *a, const char *why)
{
	boot_t now = loop_boot(a->loop);

	if (a->stage == LIVE) {
		a->stats.losses++;
		a->down_since = now;
		a->logged[0] = '\0';
		if (now.ns - a->live_since.ns >= STEADY_NS)
			a->backoff_ns = RETRY_MIN_NS;
	}
	note_why(a, why);
	a->stage = WAITING;
	set_timer(a, pause_ns(a));
}

/* ---- what we say ----------------------------------------------------------------- */

/* Send an action with these headers, and wait for the answer with its number. */
static void say(struct ami *a, const char *action, const char *headers)
{
	struct str s = { 0 };

	str_printf(&s, "Action: %s\r\nActionID: xdpban-%u\r\n%s\r\n", action, ++a->action,
		   headers);
	if (s.failed || stream_write(a->stream, s.s, s.len))
		a->broken = "no memory for what should be said";
	if (s.s)
		explicit_bzero(s.s, s.size);
	str_fini(&s);
}

static void say_login(struct ami *a, const char *challenge)
{
	char secret[SECRET_MAX], both[AMI_LINE_MAX + SECRET_MAX], key[33];
	char headers[AMI_LINE_MAX];
	int err = secret_read(a->secret_file, secret);

	if (err) {
		snprintf(a->said, sizeof(a->said), "%s: %s", a->secret_file, secret_why(err));
		a->refused = true;
		a->broken = a->said;
		return;
	}
	a->stage = LOGGING_IN;
	snprintf(both, sizeof(both), "%s%s", challenge ? challenge : "", secret);
	if (!challenge)
		snprintf(headers, sizeof(headers), "Username: %s\r\nSecret: %s\r\n"
			 "Events: off\r\n", a->user, secret);
	else if (!stream_md5(both, strlen(both), key))
		snprintf(headers, sizeof(headers), "AuthType: MD5\r\nUsername: %s\r\n"
			 "Key: %s\r\nEvents: off\r\n", a->user, key);
	else
		a->broken = "this machine's policy forbids MD5: use TLS and ami-auth = plain";
	if (!a->broken)
		say(a, "Login", headers);
	explicit_bzero(secret, sizeof(secret));
	explicit_bzero(both, sizeof(both));
	explicit_bzero(headers, sizeof(headers));
}

static void greet(struct ami *a)
{
	if (a->how.plain_login) {
		say_login(a, NULL);
		return;
	}
	a->stage = CHALLENGING;
	say(a, "Challenge", "AuthType: MD5\r\n");
}

/* ---- what it says ----------------------------------------------------------------- */

static void become_live(struct ami *a)
{
	boot_t now = loop_boot(a->loop);

	if (a->live_since.ns)
		a->stats.lost_ns += now.ns - a->down_since.ns;
	a->stage = LIVE;
	a->live_since = now;
	a->refused = false;
	a->why[0] = a->logged[0] = '\0';
	log_notice("%s: connected, listening to security events", a->name);
}

static void take_answer(struct ami *a, const struct ami_message *m)
{
	const char *id = ami_field(m, "ActionID"), *said = ami_field(m, "Message");
	const char *challenge = ami_field(m, "Challenge");
	char expected[32];

	snprintf(expected, sizeof(expected), "xdpban-%u", a->action);
	if (!id || !streq(id, expected) || a->stage == LIVE)
		return;
	if (!streq(m->fields[0].value, "Success")) {
		snprintf(a->said, sizeof(a->said), "it refuses our login as \"%s\": %s",
			 a->user, said ? said : m->fields[0].value);
		a->refused = true;
		a->broken = a->said;
	} else if (a->stage == CHALLENGING && challenge) {
		say_login(a, challenge);
	} else if (a->stage == LOGGING_IN) {
		a->stage = SUBSCRIBING;
		say(a, "Events", "EventMask: security\r\n");
	} else if (a->stage == SUBSCRIBING) {
		become_live(a);
	}
}

static void note_doubt(struct ami *a, const struct ami_message *m)
{
	if (a->stats.doubted || !ami_event_gives_doubt(m))
		return;
	a->stats.doubted = true;
	log_warn("%s: its events of \"%.16s\" can be made up by clients: from now on events "
		 "prove nothing, see docs/events.md", a->name, ami_field(m, "Service"));
}

static void take_event(struct ami *a, const struct ami_message *m)
{
	int err;

	note_doubt(a, m);
	err = ami_event_line(m, a->stats.doubted, &a->text);
	a->stats.refused += err == -EBADMSG;
	a->stats.other += err == -ENOMSG;
	if (err || a->stage < SUBSCRIBING)
		return;
	a->stats.lines++;
	a->stats.bytes += a->text.len;
	a->line(a->ctx, a->text.s, a->text.len);
}

static void on_message(void *ctx, const struct ami_message *m)
{
	struct ami *a = ctx;
	bool answer = m->n && streq(m->fields[0].key, "Response");

	if (a->broken)
		return;
	if (answer && !m->odd)
		take_answer(a, m);
	else
		take_event(a, m);
}

/* ---- the connection ------------------------------------------------------------------ */

static void on_open(void *ctx)
{
	struct ami *a = ctx;

	set_timer(a, ANSWER_NS);
}

static const char *on_bytes(void *ctx, const char *data, size_t len)
{
	struct ami *a = ctx;
	enum stage before = a->stage;

	if (ami_parser_push(a->parser, data, len) && !a->broken)
		a->broken = "what answers is not Asterisk's manager interface";
	if (!a->broken && a->stage == CONNECTING && ami_parser_greeted(a->parser))
		greet(a);
	a->pinged = false;
	if (!a->broken && (a->stage != before || a->stage == LIVE))
		set_timer(a, a->stage == LIVE ? SILENCE_NS : ANSWER_NS);
	return a->broken;
}

static void on_over(void *ctx, const char *why)
{
	lost(ctx, why);
}

static const struct stream_ops ops = { .open = on_open, .bytes = on_bytes, .over = on_over };

static bool is_loopback(const struct ipaddr *who)
{
	static const uint8_t one[16] = { [15] = 1 };

	return who->family == 4 ? who->bytes[0] == 127 : !memcmp(who->bytes, one, 16);
}

static void connect_to(struct ami *a, const struct ipaddr *to)
{
	struct stream_tls how = {
		.name = a->host, .ca_file = a->ca_file, .fingerprint = a->fingerprint,
	};
	bool tls = a->how.tls == AMI_TLS_YES ||
		   (a->how.tls == AMI_TLS_AUTO && !is_loopback(to));
	uint16_t port = a->how.port ? a->how.port : tls ? PORT_TLS : PORT_PLAIN;
	const char *why = NULL;
	int err;

	a->stage = CONNECTING;
	a->broken = NULL;
	a->pinged = false;
	ami_parser_reset(a->parser);
	set_timer(a, ANSWER_NS);
	err = stream_open(&a->stream, a->loop, to, port, tls ? &how : NULL, &ops, a, &why);
	if (err)
		lost(a, why ? why : strerror(-err));
}

static void on_resolved(void *ctx, const struct ipaddr *addrs, size_t n)
{
	struct question *q = ctx;
	struct ami *a = q->ami;

	free(q);
	if (!a)
		return;
	a->question = NULL;
	if (a->stage != RESOLVING)
		return;
	if (n)
		connect_to(a, &addrs[a->tries++ % n]);
	else
		lost(a, "the name of the server has no address");
}

static void ask_name(struct ami *a)
{
	struct question *q = calloc(1, sizeof(*q));
	int err;

	if (!q) {
		lost(a, strerror(ENOMEM));
		return;
	}
	q->ami = a;
	a->question = q;
	a->stage = RESOLVING;
	set_timer(a, ANSWER_NS);
	err = resolver_ask(a->resolver, a->host, on_resolved, q);
	if (!err)
		return;
	free(q);
	a->question = NULL;
	lost(a, err == -EINVAL ? "ami-host is neither an address nor a name" : strerror(-err));
}

static void disown(struct ami *a)
{
	if (a->question)
		a->question->ami = NULL;
	a->question = NULL;
}

static void hang_up(struct ami *a)
{
	stream_close(a->stream);
	a->stream = NULL;
	disown(a);
}

static void try_again(struct ami *a)
{
	struct ipaddr to;

	hang_up(a);
	if (!ipaddr_parse(a->host, strlen(a->host), &to))
		connect_to(a, &to);
	else
		ask_name(a);
}

static void ping(struct ami *a)
{
	a->pinged = true;
	say(a, "Ping", "");
	set_timer(a, ANSWER_NS);
}

static void on_timer(void *ctx)
{
	struct ami *a = ctx;

	if (a->stage == WAITING) {
		try_again(a);
	} else if (a->stage == LIVE && !a->pinged) {
		ping(a);
	} else {
		hang_up(a);
		lost(a, a->stage == LIVE ? "it does not answer any more" :
		     a->stage == LOGGING_IN ? "no answer to our login" : "no answer");
	}
}

/* ---- lifetime ------------------------------------------------------------------------- */

static bool copy(char **out, const char *s)
{
	*out = s ? strdup(s) : NULL;
	return *out || !s;
}

static bool copy_settings(struct ami *a, const struct ami_settings *s)
{
	bool ok = copy(&a->host, s->host) && copy(&a->user, s->user) &&
		  copy(&a->secret_file, s->secret_file) && copy(&a->ca_file, s->ca_file) &&
		  copy(&a->fingerprint, s->fingerprint);
	struct ipaddr who;
	bool v6 = !ipaddr_parse(s->host, strlen(s->host), &who) && who.family == 6;

	a->how = *s;
	a->how.host = a->host;
	a->how.user = a->user;
	a->how.secret_file = a->secret_file;
	a->how.ca_file = a->ca_file;
	a->how.fingerprint = a->fingerprint;
	if (!ok)
		return false;
	if (!s->port)
		return asprintf(&a->name, "ami %s", s->host) >= 0;
	return asprintf(&a->name, v6 ? "ami [%s]:%u" : "ami %s:%u", s->host, s->port) >= 0;
}

int ami_new(struct ami **out, struct loop *loop, struct resolver *resolver,
	    const struct ami_settings *settings, ami_line_fn *line, void *ctx)
{
	struct ami *a = calloc(1, sizeof(*a));

	if (!a)
		return -ENOMEM;
	*a = (struct ami){
		.loop = loop, .resolver = resolver, .line = line, .ctx = ctx,
		.backoff_ns = RETRY_MIN_NS, .timer = { .fn = on_timer, .ctx = a },
		.down_since = loop_boot(loop),
	};
	a->parser = ami_parser_new(on_message, a);
	if (!a->parser || !copy_settings(a, settings)) {
		ami_free(a);
		return -ENOMEM;
	}
	set_timer(a, 0);
	*out = a;
	return 0;
}

void ami_free(struct ami *a)
{
	if (!a)
		return;
	hang_up(a);
	loop_timer_cancel(a->loop, &a->timer);
	ami_parser_free(a->parser);
	str_fini(&a->text);
	free(a->host);
	free(a->user);
	free(a->secret_file);
	free(a->ca_file);
	free(a->fingerprint);
	free(a->name);
	free(a);
}

/* ---- what others may ask -------------------------------------------------------------- */

static bool same(const char *a, const char *b)
{
	return a && b ? streq(a, b) : a == b;
}

bool ami_settings_equal(const struct ami *a, const struct ami_settings *s)
{
	const struct ami_settings *h = &a->how;

	return same(h->host, s->host) && h->port == s->port && same(h->user, s->user) &&
	       same(h->secret_file, s->secret_file) && h->tls == s->tls &&
	       same(h->ca_file, s->ca_file) && same(h->fingerprint, s->fingerprint) &&
	       h->plain_login == s->plain_login;
}

void ami_try_now(struct ami *a)
{
	if (a->stage != WAITING)
		return;
	a->backoff_ns = RETRY_MIN_NS;
	set_timer(a, 0);
}

void ami_stats(const struct ami *a, struct ami_stats *out)
{
	const struct ami_parse_stats *parsed = ami_parser_stats(a->parser);
	boot_t now = loop_boot(a->loop);

	*out = a->stats;
	out->state = a->stage == LIVE ? AMI_LIVE : a->stage == WAITING ? AMI_WAITING :
		     AMI_CONNECTING;
	out->name = a->name;
	out->why = a->why;
	out->cut = parsed->cut;
	out->too_long = parsed->refused;
	if (a->stage == LIVE)
		return;
	out->down_ns = now.ns - a->down_since.ns;
	if (a->live_since.ns)
		out->lost_ns += out->down_ns;
	if (a->stage == WAITING && a->timer_at.ns > now.ns)
		out->retry_ns = a->timer_at.ns - now.ns;
}
