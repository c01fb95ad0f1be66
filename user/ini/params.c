// SPDX-License-Identifier: GPL-2.0-or-later
#include "params.h"

#include <errno.h>

#include "chars.h"

struct parser {
	struct loader *l;
	const struct value *v;
	size_t at, start;		/* @start: of the item, for messages */
};

static bool is_name(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
	       (c >= '0' && c <= '9') || c == '_' || c == '-' || c == '.';
}

static void skip_blanks(struct parser *p)
{
	size_t n;

	while ((n = blank_at(p->v->s + p->at, p->v->s + p->v->len)))
		p->at += n;
}

static int fail(struct parser *p, const char *why)
{
	const char *s = p->v->s + p->at, *bol = s;
	char item[QUOTE_SIZE], here[QUOTE_SIZE];

	while (bol > p->v->s && bol[-1] != '\n')
		bol--;
	loader_error(p->l, value_place(p->v, p->at), "\"%s\": %s at column %zu, before \"%s\"",
		     quote(p->v->s + p->start, item), why, (size_t)(s - bol) + 1,
		     quote(s, here));
	return -EINVAL;
}

const struct value *params_get(const struct params *p, const char *name)
{
	for (size_t i = 0; i < p->n; i++)
		if (streq(p->vars[i].name, name))
			return &p->vars[i].value;
	return NULL;
}

int params_set(struct loader *l, struct params *p, const char *name,
	       const struct value *v)
{
	struct value *old = (struct value *)params_get(p, name);

	if (old) {
		*old = *v;
		return 0;
	}
	if (p->n >= PARAMS_MAX) {
		loader_error(l, p->at, "\"%s\" has more than %d parameters", p->name,
			     PARAMS_MAX);
		return -EINVAL;
	}
	p->vars = loader_grow(l, p->vars, p->n, sizeof(*p->vars));
	if (!p->vars)
		return loader_nomem(l);
	p->vars[p->n++] = (struct ini_var){ name, *v };
	return 0;
}

/* Bytes [from, to) of the value, stripped, with their places. */
static int cut(struct parser *p, size_t from, size_t to, struct value *out)
{
	const char *s = p->v->s + from, *end = p->v->s + to;
	struct value_builder b = { 0 };
	size_t line = 0;
	int err;

	strip(&s, &end);
	if (s > end)
		s = end;
	from = (size_t)(s - p->v->s);
	for (size_t i = 0; i < from; i++)
		line += p->v->s[i] == '\n';
	value_add(&b, p->v, from, (size_t)(end - p->v->s), &line);
	err = value_take(&b, p->l->pool, out);
	return err ? loader_nomem(p->l) : 0;
}

/* "name" or "name?family=inet6", directly followed by "=". */
static int parse_name(struct parser *p, const char **name)
{
	const char *s = p->v->s + p->at;
	size_t n = 0, m;

	while (is_name(s[n]))
		n++;
	if (n && s[n] == '?') {
		for (m = n + 1; is_name(s[m]); m++)
			;
		if (m > n + 1 && s[m] == '=') {
			for (n = m + 1; is_name(s[n]); n++)
				;
		}
	}
	if (!n || s[n] != '=')
		return fail(p, "a parameter is written name=value;");
	*name = pool_strndup(p->l->pool, s, n);
	p->at += n + 1;
	return *name ? 0 : loader_nomem(p->l);
}

static int parse_value(struct parser *p, struct value *out)
{
	const char *s = p->v->s + p->at;
	const char *close = *s == '"' || *s == '\'' ? strchr(s + 1, *s) : NULL;
	size_t from = p->at;

	if (close) {
		p->at = (size_t)(close + 1 - p->v->s);
		return cut(p, from + 1, p->at - 1, out);
	}
	p->at += strcspn(s, ",]");
	return cut(p, from, p->at, out);
}

/* Behind a value: 1: another one follows, 0: that was the last. */
static int parse_separator(struct parser *p)
{
	char c;

	skip_blanks(p);
	c = p->v->s[p->at];
	if (c == ',') {
		p->at++;
		return 1;
	}
	if (c != ']')
		return fail(p, c ? "a \",\" or \"]\" is missing" : "the \"]\" is missing");
	p->at++;
	return 0;
}

/* Behind "[". */
static int parse_group(struct parser *p, struct params *out)
{
	const char *name = NULL;
	struct value v = { 0 };
	int err, more = 1;

	while (more > 0) {
		skip_blanks(p);
		if (p->v->s[p->at] == ',') {	/* one too many does no harm */
			p->at++;
			continue;
		}
		if (p->v->s[p->at] == ']') {
			p->at++;
			return 0;
		}
		err = parse_name(p, &name);
		if (!err)
			err = parse_value(p, &v);
		if (!err)
			err = params_set(p->l, out, name, &v);
		if (err)
			return err;
		more = parse_separator(p);
	}
	return more;
}

/* A "[" that comes next, blanks before it or not. */
static bool take_bracket(struct parser *p)
{
	size_t before = p->at;

	skip_blanks(p);
	if (p->v->s[p->at] == '[') {
		p->at++;
		return true;
	}
	p->at = before;
	return false;
}

/* After an error: the next item is looked for on the next line. */
static void skip_line(struct parser *p)
{
	p->at += strcspn(p->v->s + p->at, "\n");
}

int params_next(struct loader *l, const struct value *v, size_t *offset,
		struct params *out)
{
	struct parser p = { .l = l, .v = v, .at = *offset };
	int err = 0;

	*out = (struct params){ 0 };
	skip_blanks(&p);
	p.start = p.at;
	*offset = p.at;
	if (!v->s[p.at])
		return 0;
	while (v->s[p.at] && v->s[p.at] != '[' && !blank_at(v->s + p.at, v->s + v->len))
		p.at++;
	out->at = value_place(v, p.start);
	out->name = pool_strndup(l->pool, v->s + p.start, p.at - p.start);
	if (!out->name)
		err = loader_nomem(l);
	else if (!*out->name)
		err = fail(&p, "a name is missing");
	while (!err && take_bracket(&p))
		err = parse_group(&p, out);
	if (!err && v->s[p.at] && !blank_at(v->s + p.at, v->s + v->len))
		err = fail(&p, "text follows the \"]\"");
	if (err)
		skip_line(&p);
	*offset = p.at;
	return err ? err : 1;
}

int params_parse(struct loader *l, const struct value *v, struct params *out)
{
	struct parser p = { .l = l, .v = v };
	int got = params_next(l, v, &p.at, out);

	if (got <= 0)
		return got;
	skip_blanks(&p);
	return v->s[p.at] ? fail(&p, "only one name can stand here;") : 1;
}
