// SPDX-License-Identifier: GPL-2.0-or-later
#include "message.h"

#include <errno.h>
#include <strings.h>

#define VERSION	"SIP/2.0"

bool sip_text_is(struct sip_text t, const char *word)
{
	return t.s && t.len == strlen(word) && !memcmp(t.s, word, t.len);
}

static bool is_word(struct sip_text t, const char *word)
{
	return t.s && t.len == strlen(word) && !strncasecmp(t.s, word, t.len);
}

static bool is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

static struct sip_text trim(struct sip_text t)
{
	while (t.len && is_blank(*t.s))
		t.s++, t.len--;
	while (t.len && is_blank(t.s[t.len - 1]))
		t.len--;
	return t;
}

/* What comes before the first blank; the rest stays in @t. */
static struct sip_text take_word(struct sip_text *t)
{
	struct sip_text word;

	*t = trim(*t);
	word = (struct sip_text){ t->s, 0 };
	while (word.len < t->len && !is_blank(t->s[word.len]))
		word.len++;
	t->s += word.len;
	t->len -= word.len;
	return word;
}

/* At most nine digits, so that it fits; false: it is no such number. */
static bool read_number(struct sip_text t, uint32_t *out)
{
	uint32_t n = 0;

	if (!t.len || t.len > 10)
		return false;
	for (size_t i = 0; i < t.len; i++) {
		if (t.s[i] < '0' || t.s[i] > '9' || n > (UINT32_MAX - 9) / 10)
			return false;
		n = n * 10 + (uint32_t)(t.s[i] - '0');
	}
	*out = n;
	return true;
}

/* ---- lines --------------------------------------------------------------------- */

/*
 * The next line with those that continue it (they begin with a blank), without its
 * end.  False: there is none that is known to be whole.
 */
static bool next_line(struct sip_text *rest, struct sip_text *line)
{
	size_t at = 0;

	do {
		const char *end = memchr(rest->s + at, '\n', rest->len - at);

		if (!end)
			return false;
		at = (size_t)(end - rest->s) + 1;
		/* The empty line ends the headers; nothing continues it. */
		if (!trim((struct sip_text){ rest->s, at }).len)
			break;
		/* It may go on in what was cut off. */
		if (at == rest->len)
			return false;
	} while (rest->s[at] == ' ' || rest->s[at] == '\t');
	*line = (struct sip_text){ rest->s, at };
	rest->s += at;
	rest->len -= at;
	return true;
}

/* ---- values -------------------------------------------------------------------- */

/* The end of the quoted string that begins at @at, behind its quote. */
static size_t skip_quoted(struct sip_text t, size_t at)
{
	for (at++; at < t.len && t.s[at] != '"'; at++)
		at += t.s[at] == '\\';
	return at < t.len ? at + 1 : t.len;
}

/*
 * The parameter @name of a list of name=value with @separator between them; quotes
 * are taken off.  What is inside a quoted value is no parameter.
 */
static struct sip_text find_param(struct sip_text t, char separator, const char *name)
{
	size_t at = 0;

	while (at < t.len) {
		struct sip_text key = { t.s + at, 0 }, value;
		size_t begin;

		while (at < t.len && t.s[at] != '=' && t.s[at] != separator && t.s[at] != '"')
			at++;
		key.len = (size_t)(t.s + at - key.s);
		begin = at < t.len && t.s[at] == '=' ? at + 1 : at;
		for (at = begin; at < t.len && t.s[at] != separator;)
			at = t.s[at] == '"' ? skip_quoted(t, at) : at + 1;
		value = trim((struct sip_text){ t.s + begin, at - begin });
		at++;
		if (!is_word(trim(key), name))
			continue;
		if (value.len >= 2 && *value.s == '"' && value.s[value.len - 1] == '"')
			value = (struct sip_text){ value.s + 1, value.len - 2 };
		return value;
	}
	return (struct sip_text){ 0 };
}

/* Of a list with commas between, what comes before the first one. */
static struct sip_text first_of(struct sip_text t)
{
	size_t at = 0;

	while (at < t.len && t.s[at] != ',')
		at = t.s[at] == '"' ? skip_quoted(t, at) : at + 1;
	return (struct sip_text){ t.s, at < t.len ? at : t.len };
}

/* Digest realm="x", nonce="y" */
static void read_nonce(struct sip_message *m, struct sip_text value)
{
	struct sip_text nonce, stale;

	if (!is_word(take_word(&value), "Digest"))
		return;
	nonce = find_param(value, ',', "nonce");
	stale = find_param(value, ',', "stale");
	m->stale |= is_word(stale, "true");
	if (nonce.len && m->n_nonces < SIP_NONCES_MAX)
		m->nonces[m->n_nonces++] = nonce;
}

/* "Name" <sip:user@host;x=y>;tag=z: what is in brackets, and what follows. */
static void split_address(struct sip_text value, struct sip_text *uri,
			  struct sip_text *params)
{
	size_t at = 0, end;

	while (at < value.len && value.s[at] != '<' && value.s[at] != ';')
		at = value.s[at] == '"' ? skip_quoted(value, at) : at + 1;
	end = at;
	if (at < value.len && value.s[at] == '<')
		while (end < value.len && value.s[end] != '>')
			end++;
	*uri = (struct sip_text){ value.s, at };
	if (end > at)
		*uri = (struct sip_text){ value.s + at + 1, end - at - 1 };
	*params = (struct sip_text){ value.s + end, value.len - end };
	while (params->len && *params->s != ';')
		params->s++, params->len--;
}

static struct sip_text user_of(struct sip_text uri)
{
	const char *colon, *at;

	uri = trim(uri);
	colon = memchr(uri.s, ':', uri.len);
	if (!colon)
		return (struct sip_text){ 0 };
	uri.len -= (size_t)(colon + 1 - uri.s);
	uri.s = colon + 1;
	at = memchr(uri.s, '@', uri.len);
	return at ? (struct sip_text){ uri.s, (size_t)(at - uri.s) } : (struct sip_text){ 0 };
}

static void read_from(struct sip_message *m, struct sip_text value)
{
	struct sip_text uri, params;

	split_address(value, &uri, &params);
	m->from_user = user_of(uri);
}

static void read_to(struct sip_message *m, struct sip_text value)
{
	struct sip_text uri, params;

	split_address(value, &uri, &params);
	m->to_user = user_of(uri);
	m->to_tag = find_param(params, ';', "tag");
}

static void read_call_id(struct sip_message *m, struct sip_text value)
{
	m->call_id = value;
}

/* 314159 INVITE */
static void read_cseq(struct sip_message *m, struct sip_text value)
{
	struct sip_text number = take_word(&value), method = take_word(&value);

	if (!read_number(number, &m->cseq) || !method.len)
		return;
	/* Both name the same, or the message is not to be understood. */
	if (m->status || (m->method.len == method.len &&
			  !memcmp(m->method.s, method.s, method.len)))
		m->method = method;
	else
		m->method = (struct sip_text){ 0 };
}

/* SIP/2.0/UDP host;branch=x, SIP/2.0/TCP ... */
static void read_via(struct sip_message *m, struct sip_text value)
{
	if (!m->branch.s)
		m->branch = find_param(first_of(value), ';', "branch");
}

static void read_user_agent(struct sip_message *m, struct sip_text value)
{
	m->user_agent = value;
}

static const struct {
	const char *name, *compact;
	bool responses, requests;	/* where it is looked at */
	void (*read)(struct sip_message *m, struct sip_text value);
} headers[] = {
	{ "Call-ID", "i", true, true, read_call_id },
	{ "Via", "v", true, true, read_via },
	{ "CSeq", NULL, true, true, read_cseq },
	{ "From", "f", true, true, read_from },
	{ "To", "t", true, true, read_to },
	{ "User-Agent", NULL, false, true, read_user_agent },
	{ "Authorization", NULL, false, true, read_nonce },
	{ "Proxy-Authorization", NULL, false, true, read_nonce },
	{ "WWW-Authenticate", NULL, true, false, read_nonce },
	{ "Proxy-Authenticate", NULL, true, false, read_nonce },
};

/* ---- the message ----------------------------------------------------------------- */

static void read_header(struct sip_message *m, struct sip_text line)
{
	const char *colon = memchr(line.s, ':', line.len);
	struct sip_text name, value;

	if (!colon)
		return;
	name = trim((struct sip_text){ line.s, (size_t)(colon - line.s) });
	value = trim((struct sip_text){ colon + 1, line.len - (size_t)(colon + 1 - line.s) });
	for (size_t i = 0; i < ARRAY_SIZE(headers); i++) {
		if (!is_word(name, headers[i].name) &&
		    !(headers[i].compact && is_word(name, headers[i].compact)))
			continue;
		if (m->status ? headers[i].responses : headers[i].requests)
			headers[i].read(m, value);
		return;
	}
}

/* "SIP/2.0 401 Unauthorized" or "REGISTER sip:example.com SIP/2.0" */
static bool read_first_line(struct sip_message *m, struct sip_text line)
{
	struct sip_text first = take_word(&line);
	uint32_t status;

	if (is_word(first, VERSION)) {
		if (!read_number(take_word(&line), &status) || status < 100 || status > 699)
			return false;
		m->status = status;
		return true;
	}
	m->method = first;
	line = trim(line);
	return first.len && line.len > strlen(VERSION) &&
	       is_word((struct sip_text){ line.s + line.len - strlen(VERSION),
					  strlen(VERSION) }, VERSION);
}

int sip_message_read(struct sip_message *m, const char *data, size_t len)
{
	struct sip_text rest = { data, len }, line;

	*m = (struct sip_message){ 0 };
	/* Keep-alives may stand in front of it. */
	while (rest.len && is_blank(*rest.s))
		rest.s++, rest.len--;
	if (!next_line(&rest, &line) || !read_first_line(m, line))
		return -EINVAL;
	while (next_line(&rest, &line)) {
		if (!trim(line).len)
			break;
		read_header(m, line);
	}
	return m->call_id.len && m->method.len && m->cseq ? 0 : -EINVAL;
}
