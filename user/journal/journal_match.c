// SPDX-License-Identifier: GPL-2.0-or-later
#include "journal_match.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

struct parser {
	struct journal_match *m;
	const char *at, *end;		/* of the line at hand */
	struct str word;
	char *why;
	size_t why_size;
};

static int refuse(struct parser *p, const char *fmt, ...) PRINTF_LIKE(2, 3);
static int refuse(struct parser *p, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	if (p->why)
		vsnprintf(p->why, p->why_size, fmt, ap);
	va_end(ap);
	return -EINVAL;
}

/* ---- words ------------------------------------------------------------------ */

static bool is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\r';
}

/* Behind an opening @quote.  Inside "" only \" and \\ are special. */
static int read_quoted(struct parser *p, char quote)
{
	for (; p->at < p->end && *p->at != quote; p->at++) {
		if (quote == '"' && *p->at == '\\' && p->at + 1 < p->end &&
		    (p->at[1] == '"' || p->at[1] == '\\'))
			p->at++;
		str_putc(&p->word, *p->at);
	}
	if (p->at == p->end)
		return refuse(p, "journalmatch: the closing %c is missing", quote);
	p->at++;
	return 0;
}

/* 1: p->word is the next one, 0: the line ends, or -EINVAL. */
static int next_word(struct parser *p)
{
	int err = 0;

	while (p->at < p->end && is_blank(*p->at))
		p->at++;
	if (p->at == p->end)
		return 0;
	str_reset(&p->word);
	while (p->at < p->end && !is_blank(*p->at) && !err) {
		char c = *p->at++;

		if (c == '\'' || c == '"')
			err = read_quoted(p, c);
		else if (c == '\\' && p->at == p->end)
			err = refuse(p, "journalmatch: nothing follows the \\");
		else
			str_putc(&p->word, c == '\\' ? *p->at++ : c);
	}
	return err ? err : 1;
}

/* ---- terms ------------------------------------------------------------------ */

static bool is_field_char(char c)
{
	return (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
}

/* What sd_journal_add_match(3) takes, so that it never has to refuse. */
static bool is_term(const char *s)
{
	size_t n = 0;

	while (is_field_char(s[n]))
		n++;
	return n && s[n] == '=' && !starts_with(s, "__");
}

static int add(struct parser *p, char *term)
{
	struct journal_match *m = p->m;
	char **terms;

	if (m->n == JOURNAL_TERMS_MAX) {
		free(term);
		return refuse(p, "journalmatch: more than %d terms", JOURNAL_TERMS_MAX);
	}
	terms = realloc(m->terms, (m->n + 1) * sizeof(*terms));
	if (!terms) {
		free(term);
		return -ENOMEM;
	}
	m->terms = terms;
	terms[m->n++] = term;
	return 0;
}

/* Only between two terms: an empty side of it says nothing. */
static int add_or(struct parser *p)
{
	return p->m->n && p->m->terms[p->m->n - 1] ? add(p, NULL) : 0;
}

static int add_word(struct parser *p)
{
	char *term;

	str_add(&p->word, "", 0);
	if (p->word.failed)
		return -ENOMEM;
	if (streq(p->word.s, "+"))
		return add_or(p);
	if (!is_term(p->word.s))
		return refuse(p, "journalmatch: \"%s\" is not FIELD=value, with a field in "
			      "capitals that does not begin with __", p->word.s);
	term = strdup(p->word.s);
	return term ? add(p, term) : -ENOMEM;
}

static int parse_line(struct parser *p)
{
	int got, err = add_or(p);

	while (!err && (got = next_word(p)))
		err = got < 0 ? got : add_word(p);
	return err;
}

int journal_match_parse(struct journal_match *m, const char *lines, char *why,
			size_t why_size)
{
	struct parser p = { .m = m, .why = why, .why_size = why_size };
	int err = 0;

	*m = (struct journal_match){ 0 };
	for (p.at = lines; !err && p.at && *p.at; p.at = *p.end ? p.end + 1 : p.end) {
		p.end = p.at + strcspn(p.at, "\n");
		err = parse_line(&p);
	}
	while (m->n && !m->terms[m->n - 1])
		m->n--;
	str_fini(&p.word);
	if (err)
		journal_match_fini(m);
	return err;
}

void journal_match_fini(struct journal_match *m)
{
	for (size_t i = 0; i < m->n; i++)
		free(m->terms[i]);
	free(m->terms);
	*m = (struct journal_match){ 0 };
}

/* ---- text ------------------------------------------------------------------- */

void journal_match_quote(const char *word, struct str *out)
{
	static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
				    "0123456789_=/.:@,%*?-";

	if (*word && !word[strspn(word, plain)]) {
		str_puts(out, word);
		return;
	}
	str_putc(out, '"');
	for (; *word; word++) {
		if (*word == '"' || *word == '\\')
			str_putc(out, '\\');
		str_putc(out, *word);
	}
	str_putc(out, '"');
}

void journal_match_print(const struct journal_match *m, struct str *out)
{
	for (size_t i = 0; i < m->n; i++) {
		if (i)
			str_putc(out, ' ');
		if (m->terms[i])
			journal_match_quote(m->terms[i], out);
		else
			str_putc(out, '+');
	}
}
