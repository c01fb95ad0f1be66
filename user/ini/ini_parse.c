// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The syntax of one file.  The rules are those of configparser with
 * strict=True, empty_lines_in_values=True, inline_comment_prefixes=";" and
 * comment_prefixes="#;"; what it calls an exception is a report here, and the
 * rest of the file is read all the same.
 */
#include <errno.h>

#include "chars.h"
#include "ini.h"

struct parser {
	struct loader *l;
	struct ini *ini;
	struct place at;		/* the line being read */
	struct ini_section *section;	/* NULL before the first header */
	const char *option;		/* its value is being collected, or NULL */
	struct place option_at;
	struct value_builder value;
	bool skipping;			/* lines that continue a rejected one */
	size_t indent;			/* of the line that began the option */
	int errors;
	int err;
};

static void spoil(struct parser *p)
{
	if (p->section && p->section != &p->ini->defaults)
		p->section->broken = true;
	else
		p->ini->broken = true;
	p->errors++;
}

static void reject(struct parser *p, const char *s, const char *end, const char *why)
{
	char *line = pool_strndup(p->l->pool, s, (size_t)(end - s));
	char buf[QUOTE_SIZE];

	loader_error(p->l, p->at, "\"%s\": %s", quote(line ? line : "", buf), why);
	spoil(p);
	p->skipping = true;
}

/* configparser joins the lines and strips the end of the result. */
static void trim_value(struct value_builder *b)
{
	size_t n;

	while (b->text.len &&
	       (n = blank_before(b->text.s, b->text.s + b->text.len))) {
		if (b->text.s[b->text.len - 1] == '\n')
			b->lines--;
		b->text.len -= n;
	}
}

static void end_option(struct parser *p)
{
	struct value v;
	int err;

	if (!p->option)
		return;
	trim_value(&p->value);
	err = value_take(&p->value, p->l->pool, &v);
	if (err == -E2BIG) {
		loader_error(p->l, p->option_at, "the value of \"%s\" is longer than %u bytes",
			     p->option, VALUE_MAX);
		spoil(p);
	} else if (err) {
		p->err = loader_nomem(p->l);
	} else if (ini_set(p->l, p->ini, p->section, p->option, &v)) {
		spoil(p);
	}
	p->option = NULL;
}

static void begin_section(struct parser *p, const char *s, const char *close)
{
	char *name = pool_strndup(p->l->pool, s + 1, (size_t)(close - s - 1));
	struct ini_section *old;

	if (!name) {
		p->err = loader_nomem(p->l);
		return;
	}
	old = ini_section(p->ini, name);
	p->section = old ? old : ini_want_section(p->l, p->ini, name, p->at);
	if (!p->section) {
		spoil(p);
		return;
	}
	if (!old)
		return;
	loader_error(p->l, p->at, "section \"[%s]\" begins a second time, it was at line %d",
		     name, old->where.line);
	spoil(p);
}

static const char *find_delimiter(const char *s, const char *end)
{
	while (s < end && *s != '=' && *s != ':')
		s++;
	return s < end ? s : NULL;
}

static void begin_option(struct parser *p, const char *s, const char *end)
{
	const char *delim = find_delimiter(s, end), *key_end = delim, *key = s;
	const struct ini_option *old;

	if (!delim) {
		reject(p, s, end, *s == '[' ? "a section header needs a \"]\"" :
		       "not a section and not an option: there is no \"=\"");
		return;
	}
	strip(&key, &key_end);
	if (key == key_end) {
		reject(p, s, end, "there is no name before the delimiter");
		return;
	}
	p->option = ini_lower(p->l, key, (size_t)(key_end - key));
	if (!p->option) {
		p->err = loader_nomem(p->l);
		return;
	}
	old = ini_option(p->ini, p->section, p->option);
	if (old) {
		loader_error(p->l, p->at, "\"%s\" is set a second time in section "
			     "\"[%s]\", it was at line %d", p->option,
			     p->section->name, old->top->value.at[0].line);
		spoil(p);
	}
	p->option_at = p->at;
	s = delim + 1;
	strip(&s, &end);
	value_add_line(&p->value, p->at);
	str_add(&p->value.text, s, (size_t)(end - s));
}

/* Where an inline comment starts: a ';' at the begin or after a blank. */
static const char *find_comment(const char *s, const char *end)
{
	for (const char *c = s; (c = memchr(c, ';', (size_t)(end - c))); c++)
		if (c == s || blank_before(s, c))
			return c;
	return NULL;
}

static size_t indent_of(const char *s, const char *end)
{
	size_t columns = 0, n;

	for (; (n = blank_at(s, end)); s += n)
		columns++;
	return columns;
}

/* configparser does not look there; whoever wrote something there meant it. */
static void warn_of_rest(struct parser *p, const char *s, const char *end)
{
	char buf[QUOTE_SIZE], *rest;

	strip(&s, &end);
	if (s == end || *s == '#' || *s == ';')
		return;
	rest = pool_strndup(p->l->pool, s, (size_t)(end - s));
	loader_warn(p->l, p->at, "\"%s\" behind a section header counts for nothing: it "
		    "belongs into the next line", quote(rest ? rest : "", buf));
}

static void begin_item(struct parser *p, const char *s, const char *end)
{
	const char *close = *s == '[' ? memrchr(s, ']', (size_t)(end - s)) : NULL;

	end_option(p);
	p->skipping = false;
	if (close && close > s + 1) {
		begin_section(p, s, close);
		warn_of_rest(p, close + 1, end);
	} else if (p->section) {
		begin_option(p, s, end);
	} else if (*s == '[' && !close) {
		reject(p, s, end, "a section header needs a \"]\"");
	} else {
		reject(p, s, end, "text before the first section header");
	}
}

static void parse_line(struct parser *p, const char *s, const char *end)
{
	size_t indent = indent_of(s, end);
	const char *comment = find_comment(s, end), *text = s, *text_end = end;

	strip(&text, &text_end);
	if (text < text_end && (*text == '#' || *text == ';'))
		comment = s;
	if (comment) {
		text = s;
		text_end = comment;
		strip(&text, &text_end);
	}
	if (text == text_end) {
		/* A blank line is part of a value, a comment is not. */
		if (!comment && p->option)
			value_add_line(&p->value, p->at);
		return;
	}
	if (indent > p->indent && p->option) {
		value_add_line(&p->value, p->at);
		str_add(&p->value.text, text, (size_t)(text_end - text));
	} else if (indent <= p->indent || !p->skipping) {
		p->indent = indent;
		begin_item(p, text, text_end);
	}
}

/* Python opens files with universal newlines: \n, \r\n and \r end a line. */
static const char *line_end(const char *s, const char *end)
{
	while (s < end && *s != '\n' && *s != '\r')
		s++;
	return s;
}

int ini_parse(struct loader *l, struct ini *ini, const char *name,
	      const char *bytes, size_t len)
{
	struct parser p = { .l = l, .ini = ini, .at = { .file = name } };
	const char *end = bytes + len, *eol;

	for (const char *s = bytes; s < end && !p.err; s = eol + 1) {
		eol = line_end(s, end);
		p.at.line++;
		parse_line(&p, s, eol);
		if (eol + 1 < end && eol[0] == '\r' && eol[1] == '\n')
			eol++;
		if (p.errors >= INI_ERRORS_MAX) {
			loader_error(l, p.at, "more than %d errors, the rest of the "
				     "file was not read", INI_ERRORS_MAX - 1);
			ini->broken = true;
			break;
		}
	}
	end_option(&p);
	value_builder_fini(&p.value);
	return p.err;
}
