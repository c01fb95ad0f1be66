// SPDX-License-Identifier: GPL-2.0-or-later
#include "ami_parse.h"

#include <errno.h>
#include <stdlib.h>
#include <strings.h>

#define BANNER	"Asterisk Call Manager"

struct ami_parser {
	ami_message_fn *fn;
	void *ctx;
	bool greeted, refuse;
	size_t len;			/* of the line at hand, as far as it is kept */
	bool cut, cr;			/* more came; a CR came, which may end it */
	struct ami_message message;
	struct ami_parse_stats stats;
	/* The line at hand is built in the place of the next field. */
	char lines[AMI_FIELDS_MAX + 1][AMI_LINE_MAX + 1];
};

const char *ami_field(const struct ami_message *m, const char *key)
{
	for (size_t i = 0; i < m->n; i++)
		if (!strcasecmp(m->fields[i].key, key))
			return m->fields[i].value;
	return NULL;
}

struct ami_parser *ami_parser_new(ami_message_fn *fn, void *ctx)
{
	struct ami_parser *p = calloc(1, sizeof(*p));

	if (!p)
		return NULL;
	p->fn = fn;
	p->ctx = ctx;
	return p;
}

void ami_parser_free(struct ami_parser *p)
{
	free(p);
}

static void begin_line(struct ami_parser *p)
{
	p->len = 0;
	p->cut = p->cr = false;
}

static void begin_message(struct ami_parser *p)
{
	p->message.n = 0;
	p->message.odd = p->refuse = false;
}

void ami_parser_reset(struct ami_parser *p)
{
	p->greeted = false;
	begin_line(p);
	begin_message(p);
}

static void end_message(struct ami_parser *p)
{
	if (p->refuse) {
		p->stats.refused++;
	} else if (p->message.n || p->message.odd) {
		p->stats.messages++;
		p->fn(p->ctx, &p->message);
	}
	begin_message(p);
}

/* @line is "Key: Value", or not. */
static void take_field(struct ami_parser *p, char *line)
{
	struct ami_message *m = &p->message;
	char *colon = strchr(line, ':');

	if (!colon || colon == line) {
		m->odd = true;
		return;
	}
	if (m->n == AMI_FIELDS_MAX) {
		p->refuse = true;
		return;
	}
	*colon++ = '\0';
	m->fields[m->n++] = (struct ami_field){ line, colon + (*colon == ' ') };
}

static int take_line(struct ami_parser *p)
{
	char *line = p->lines[p->message.n];

	line[p->len] = '\0';
	p->stats.cut += p->cut;
	if (!p->greeted) {
		p->greeted = starts_with(line, BANNER);
		return p->greeted ? 0 : -EPROTO;
	}
	if (p->len)
		take_field(p, line);
	else
		end_message(p);
	return 0;
}

/* A byte of the line, which has not ended. */
static void take_byte(struct ami_parser *p, char c)
{
	if (!c || c == '\r' || c == '\n')
		p->message.odd = true;
	if (p->len == AMI_LINE_MAX)
		p->cut = true;
	else
		p->lines[p->message.n][p->len++] = c ? c : '?';
}

/* Only CR LF ends a line: either alone may be part of a value. */
int ami_parser_push(struct ami_parser *p, const char *data, size_t len)
{
	int err = 0;

	for (size_t i = 0; i < len && !err; i++) {
		if (p->cr && data[i] == '\n') {
			err = take_line(p);
			begin_line(p);
			continue;
		}
		if (p->cr)
			take_byte(p, '\r');
		p->cr = data[i] == '\r';
		if (!p->cr)
			take_byte(p, data[i]);
		if (!p->greeted && p->len > AMI_BANNER_MAX)
			err = -EPROTO;
	}
	return err;
}

bool ami_parser_greeted(const struct ami_parser *p)
{
	return p->greeted;
}

const struct ami_parse_stats *ami_parser_stats(const struct ami_parser *p)
{
	return &p->stats;
}
