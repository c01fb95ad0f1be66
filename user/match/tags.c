// SPDX-License-Identifier: GPL-2.0-or-later
#include "tags.h"

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>

/*
 * Wider than Fail2ban's own, so that an address is taken whole or not at all:
 * "::FFFF:" in any case, a dotted tail (64:ff9b::192.0.2.1) and a zone
 * (fe80::1%eth0).  Both are tried first and can be given back, so that every
 * line that matched still does; what looks like an address and is none is
 * refused later, by whoever parses the capture.
 */
#define QUAD	"(?:\\d{1,3}\\.){3}\\d{1,3}"
#define IP4	"(?:::[fF]{4,6}:)?(?P<ip4>" QUAD ")"
#define IP6	"(?P<ip6>(?:[0-9a-fA-F]{1,4}::?|::){1,7}" \
		"(?:" QUAD "|[0-9a-fA-F]{1,4}|(?<=:):)(?:%[\\w.\\-]+)?)"
#define NAME	"(?P<dns>[\\w\\-.^_]*\\w)"
#define ADDR	"\\[?(?:" IP4 "|" IP6 ")\\]?"
#define HOST	"(?:" ADDR "|" NAME ")"
#define CIDR	"(?P<cidr>\\d+)"
#define SUBNET	"\\[?(?:" IP4 "|" IP6 ")(?:/" CIDR ")?\\]?"

static const struct {
	const char *tag, *text;
} fixed[] = {
	{ "IP4",	IP4 },		{ "F-IP4/",	IP4 },
	{ "IP6",	IP6 },		{ "F-IP6/",	IP6 },
	{ "DNS",	NAME },		{ "F-DNS/",	NAME },
	{ "ADDR",	ADDR },		{ "F-ADDR/",	ADDR },
	{ "CIDR",	CIDR },		{ "F-CIDR/",	CIDR },
	{ "SUBNET",	SUBNET },	{ "F-SUBNET/",	SUBNET },
	{ "F-ID/",	"(?P<fid>\\S+)" },
	{ "F-PORT/",	"(?P<fport>\\w+)" },
};

#define NAME_MAX_LEN	255	/* of <F-...>; longer ones are no tags */

struct expander {
	struct tags *out;
	const char *regex;
	bool names;
	unsigned int skiplines;
};

static int add_piece(struct tags *t, size_t in, bool tag)
{
	struct tags_piece *p;

	p = realloc(t->pieces, (t->n_pieces + 1) * sizeof(*p));
	if (!p)
		return -ENOMEM;
	t->pieces = p;
	t->pieces[t->n_pieces++] = (struct tags_piece){ t->text.len, in, tag };
	return 0;
}

/* The '>' that ends the tag beginning at @open, or NULL if it is no tag. */
static const char *tag_end(const char *open)
{
	const char *name = open + 1 + (open[1] == '/');
	const char *p = name;

	while (isalnum((unsigned char)*p) || *p == '_' || *p == '-')
		p++;
	if (p == name)
		return NULL;
	if (*p == '/')
		p++;
	return *p == '>' ? p : NULL;
}

/* True if the text up to @end was opened by <F-@name> before. */
static bool was_opened(const char *regex, const char *end, const char *name)
{
	size_t len = strlen(name);

	for (const char *p = regex; (p = strstr(p, "<F-")) && p < end; p++)
		if (!strncmp(p + 3, name, len) && p[3 + len] == '>')
			return true;
	return false;
}

/* Upper-case letters, digits, '_' and '-': what a tag of one's own may hold. */
static bool is_own_name(const char *name)
{
	size_t len = strspn(name, "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-");

	return len && !name[len];
}

static void put_group(struct str *out, const char *name)
{
	if (streq(name, "ID"))
		name = "fid";
	else if (streq(name, "PORT"))
		name = "fport";
	str_puts(out, "(?P<");
	for (; *name; name++)
		str_putc(out, (char)tolower((unsigned char)*name));
	str_putc(out, '>');
}

/* False: not a tag that we know. */
static bool put_tag(struct expander *e, const char *open, const char *tag)
{
	struct str *out = &e->out->text;

	for (size_t i = 0; i < ARRAY_SIZE(fixed); i++) {
		if (streq(tag, fixed[i].tag)) {
			str_puts(out, fixed[i].text);
			return true;
		}
	}
	if (streq(tag, "HOST")) {
		str_puts(out, e->names ? HOST : ADDR);
	} else if (streq(tag, "SKIPLINES")) {
		str_printf(out, "\\n(?P<skiplines%u>(?:(?:.*\\n)*?))",
			   e->skiplines++);
	} else if (starts_with(tag, "F-") && is_own_name(tag + 2)) {
		put_group(out, tag + 2);
	} else if (starts_with(tag, "/F-") && is_own_name(tag + 3) &&
		   was_opened(e->regex, open, tag + 3)) {
		str_putc(out, ')');
	} else {
		return false;
	}
	return true;
}

/* At a '<': expand the tag, if it is one.  The end of what was consumed. */
static const char *expand_one(struct expander *e, const char *open)
{
	const char *end = tag_end(open);
	size_t len = end ? (size_t)(end - open) - 1 : 0;
	struct tags *t = e->out;
	char tag[NAME_MAX_LEN + 1];

	if (!end || len > NAME_MAX_LEN)
		goto literal;
	memcpy(tag, open + 1, len);
	tag[len] = '\0';
	if (add_piece(t, (size_t)(open - e->regex), true))
		return NULL;
	if (!put_tag(e, open, tag)) {
		t->n_pieces--;
		goto literal;
	}
	return add_piece(t, (size_t)(end + 1 - e->regex), false) ? NULL : end + 1;
literal:
	str_putc(&t->text, '<');
	return open + 1;
}

int tags_expand(struct tags *out, const char *regex, bool names)
{
	struct expander e = { .out = out, .regex = regex, .names = names };
	const char *p = regex, *open;

	*out = (struct tags){ 0 };
	if (add_piece(out, 0, false))
		return -ENOMEM;
	while ((open = strchr(p, '<'))) {
		str_add(&out->text, p, (size_t)(open - p));
		p = expand_one(&e, open);
		if (!p)
			return -ENOMEM;
	}
	str_puts(&out->text, p);
	return out->text.failed ? -ENOMEM : 0;
}

void tags_fini(struct tags *t)
{
	str_fini(&t->text);
	free(t->pieces);
	*t = (struct tags){ 0 };
}

size_t tags_place(const struct tags *t, size_t at)
{
	const struct tags_piece *p = &t->pieces[0];

	for (size_t i = 1; i < t->n_pieces && t->pieces[i].out <= at; i++)
		p = &t->pieces[i];
	return p->tag ? p->in : p->in + (at - p->out);
}
