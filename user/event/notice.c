// SPDX-License-Identifier: GPL-2.0-or-later
#include "notice.h"

#include <ctype.h>
#include <errno.h>
#include <jansson.h>
#include <strings.h>

#define OPENSIPS_JAIL	"opensips"
#define USER_MAX	128u	/* bytes of a user's name in the text */
#define TIME_MAX	4e9	/* seconds since 1970 */

/* The members of an event, whatever form it had; NULL: not there. */
struct members {
	const char *jail, *ip, *what, *transport, *user, *text;
	bool proven, timed;
	double time;
};

/* ---- what they mean ----------------------------------------------------------- */

/* True: nobody else can have sent this; a connection needs answers to be made. */
static int transport_proves(const char *name)
{
	static const struct { const char *name; bool proves; } known[] = {
		{ "udp", false }, { "tcp", true }, { "tls", true }, { "ws", true },
		{ "wss", true }, { "sctp", true },
	};

	for (size_t i = 0; i < ARRAY_SIZE(known); i++)
		if (!strcasecmp(name, known[i].name))
			return known[i].proves;
	return -EINVAL;
}

/* Text that an attacker may have written, for logs and terminals. */
static void add(struct notice *n, const char *s, size_t max)
{
	size_t len = strlen(n->text);

	for (; *s && max && len < sizeof(n->text) - 1; s++, max--) {
		unsigned char c = (unsigned char)*s;

		n->text[len++] = c < 0x20 || c == 0x7f ? '?' : (char)c;
	}
	n->text[len] = '\0';
}

static void describe(struct notice *n, const struct members *m)
{
	char ip[IPADDR_TEXT];

	add(n, n->success ? "success of " : "failure of ", SIZE_MAX);
	add(n, ipaddr_format(&n->who, ip), SIZE_MAX);
	if (m->transport) {
		add(n, " by ", SIZE_MAX);
		add(n, m->transport, SIZE_MAX);
	}
	if (m->user) {
		add(n, " as \"", SIZE_MAX);
		add(n, m->user, USER_MAX);
		add(n, "\"", SIZE_MAX);
	}
	if (m->text) {
		add(n, ": ", SIZE_MAX);
		add(n, m->text, SIZE_MAX);
	}
}

static const char *understand(const struct members *m, struct notice *n)
{
	int proves = m->transport ? transport_proves(m->transport) : 0;

	if (!m->jail || !*m->jail)
		return "there is no \"jail\"";
	if (strlen(m->jail) >= sizeof(n->jail))
		return "no jail has so long a name";
	if (!m->ip || ipaddr_parse(m->ip, strlen(m->ip), &n->who))
		return "\"ip\" is not an address";
	if (m->what && !streq(m->what, "failure") && !streq(m->what, "success"))
		return "\"what\" is neither failure nor success";
	if (proves < 0)
		return "\"transport\" is not one of udp, tcp, tls, ws, wss, sctp";
	if (m->timed && !(m->time > 0 && m->time < TIME_MAX))
		return "\"time\" is not one in seconds since 1970";
	strcpy(n->jail, m->jail);
	n->success = m->what && streq(m->what, "success");
	n->proven = m->proven || proves > 0;
	n->timed = m->timed;
	n->when = m->timed ? wall_from_s(m->time) : (wall_t){ 0 };
	n->text[0] = '\0';
	describe(n, m);
	return NULL;
}

/* ---- JSON ----------------------------------------------------------------------- */

/* NULL and @why: there is one, but not of this type. */
static const char *string_of(const json_t *o, const char *name, const char **why)
{
	const json_t *v = json_object_get(o, name);

	if (v && !json_is_null(v) && !json_is_string(v))
		*why = "a member is not a string";
	return json_string_value(v);
}

static bool is_yes(const char *s)
{
	return s && (streq(s, "1") || streq(s, "true") || streq(s, "yes"));
}

/* Scripts know numbers and strings only. */
static bool is_true(const json_t *v)
{
	return json_is_true(v) || json_integer_value(v) || is_yes(json_string_value(v));
}

static const char *take_object(const json_t *o, struct members *m)
{
	const json_t *time = json_object_get(o, "time");
	const char *why = NULL;

	m->jail = string_of(o, "jail", &why);
	m->ip = string_of(o, "ip", &why);
	m->what = string_of(o, "what", &why);
	m->transport = string_of(o, "transport", &why);
	m->user = string_of(o, "user", &why);
	m->text = string_of(o, "text", &why);
	m->proven = is_true(json_object_get(o, "proven"));
	m->timed = time && !json_is_null(time);
	m->time = json_number_value(time);
	return why;
}

static const char *take_notification(const json_t *rpc, struct members *m)
{
	const json_t *params = json_object_get(rpc, "params");
	const char *why = NULL, *method = string_of(rpc, "method", &why);

	if (!json_is_object(params))
		return "\"params\" is not an object";
	why = take_object(params, m);
	if (!m->jail)
		m->jail = OPENSIPS_JAIL;
	if (!m->text)
		m->text = method;
	return why;
}

static const char *parse_json(const char *data, size_t len, struct notice *out)
{
	json_error_t bad;
	json_t *o = json_loadb(data, len, JSON_REJECT_DUPLICATES, &bad);
	struct members m = { 0 };
	const char *why;

	if (!json_is_object(o))
		why = "it is not one JSON object";
	else if (json_object_get(o, "method"))
		why = take_notification(o, &m);
	else
		why = take_object(o, &m);
	if (!why)
		why = understand(&m, out);
	json_decref(o);
	return why;
}

/* ---- lines, as OpenSIPS sends them up to 2.x ---------------------------------------- */

/*
 * "name::value" on each line.  A value with a line end stands in quotes, so what
 * looks like a line may be part of a value: then nothing but the address is
 * believed, and it only if there is one line that can be it.
 */
struct lines {
	char buf[NOTICE_MAX + 2];
	bool quotes;
};

/* The value on the only line for @name; NULL: none, or more than one (@twice). */
static const char *line_of(const struct lines *l, const char *name, bool *twice)
{
	const char *found = NULL, *line = l->buf;
	size_t len = strlen(name);

	while (*line) {
		if (!strncmp(line, name, len) && starts_with(line + len, "::")) {
			*twice |= found != NULL;
			found = line + len + 2;
		}
		line += strlen(line) + 1;
	}
	return found;
}

/* Cut @data into lines, each with its NUL, and an empty one behind the last. */
static const char *cut(struct lines *l, const char *data, size_t len)
{
	size_t n = 0;

	l->quotes = memchr(data, '"', len);
	for (size_t i = 0; i < len; i++) {
		if (!data[i])
			return "there is a NUL in it";
		if (data[i] != '\n')
			l->buf[n++] = data[i];
		else if (n && l->buf[n - 1])
			l->buf[n++] = '\0';
	}
	memset(l->buf + n, 0, 2);
	return NULL;
}

static const char *parse_lines(const char *data, size_t len, struct notice *out)
{
	struct members m = { 0 };
	struct lines l;
	bool twice = false;
	const char *why = cut(&l, data, len);

	if (why)
		return why;
	m.ip = line_of(&l, "ip", &twice);
	if (!l.quotes) {
		m.jail = line_of(&l, "jail", &twice);
		m.what = line_of(&l, "what", &twice);
		m.transport = line_of(&l, "transport", &twice);
		m.user = line_of(&l, "user", &twice);
		m.text = line_of(&l, "text", &twice);
		m.proven = is_yes(line_of(&l, "proven", &twice));
	}
	if (twice)
		return "a line comes twice";
	if (!m.jail)
		m.jail = OPENSIPS_JAIL;
	if (!m.text)
		m.text = l.buf;
	return understand(&m, out);
}

int notice_parse(const char *data, size_t len, struct notice *out, const char **why)
{
	size_t at = 0;

	*why = NULL;
	while (at < len && isspace((unsigned char)data[at]))
		at++;
	if (at == len)
		*why = "it is empty";
	else if (len > NOTICE_MAX)
		*why = "it is too long";
	else if (data[at] == '{')
		*why = parse_json(data, len, out);
	else if (len > 2 && !memcmp(data, "E_", 2))
		*why = parse_lines(data, len, out);
	else
		*why = "it is neither JSON nor an event of OpenSIPS";
	return *why ? -EINVAL : 0;
}
