// SPDX-License-Identifier: GPL-2.0-or-later
#include "pyregex_parse.h"

#include <errno.h>
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

int py_refuse(struct pyparser *ps, const char *at, const char *fmt, ...)
{
	va_list ap;

	ps->err->at = (size_t)(at - ps->pattern);
	va_start(ap, fmt);
	vsnprintf(ps->err->text, sizeof(ps->err->text), fmt, ap);
	va_end(ap);
	return -EINVAL;
}

static int alternative(struct pyparser *ps, const char *at)
{
	struct pyscope *scope = ps->depth ? &ps->scopes[ps->depth - 1] : NULL;

	if (scope && scope->conditional && scope->branched)
		return py_refuse(ps, at, "a third branch of a condition");
	if (scope)
		scope->branched = true;
	else
		str_reset(&ps->out->prefix);
	ps->prefix = PY_PREFIX_DONE;
	str_putc(&ps->out->text, '|');
	ps->last = PY_NOTHING;
	return 0;
}

static const char *digits_end(const char *p)
{
	while (*p >= '0' && *p <= '9')
		p++;
	return p;
}

/*
 * @ps->p is behind '{': write {n}, {n,} or {n,m} and return 1, or 0 if the
 * bracket stands for itself.  PCRE2 before 10.43 does not know {,m}.
 */
static int braces(struct pyparser *ps, const char *at)
{
	const char *low = ps->p, *comma = digits_end(low);
	const char *high = *comma == ',' ? comma + 1 : low;
	const char *end = digits_end(high);
	unsigned long min, max;

	if (*end != '}' || end == low)
		return 0;
	min = strtoul(low, NULL, 10);
	max = high == end ? ULONG_MAX : strtoul(high, NULL, 10);
	if (max < min)
		return py_refuse(ps, at, "the least number is above the greatest");
	if (min > 65535 || (high != end && max > 65535))
		return py_refuse(ps, at, "more than 65535 repetitions");
	ps->p = end + 1;
	str_printf(&ps->out->text, "{%lu", min);
	if (high != low)
		str_printf(&ps->out->text, ",%.*s", (int)(end - high), high);
	str_putc(&ps->out->text, '}');
	return 1;
}

/* What is repeated may be missing, so the last character is not certain. */
static void end_prefix(struct pyparser *ps)
{
	struct str *prefix = &ps->out->prefix;

	if (ps->prefix == PY_PREFIX_ANCHORED && prefix->len)
		prefix->s[--prefix->len] = '\0';
	ps->prefix = PY_PREFIX_DONE;
}

static int quantifier(struct pyparser *ps, const char *at)
{
	if (*at == '{') {
		int found = braces(ps, at);

		if (found < 0)
			return found;
		if (!found) {
			py_atom(ps, '{');
			return 0;
		}
	} else {
		str_putc(&ps->out->text, *at);
	}
	if (ps->last == PY_NOTHING)
		return py_refuse(ps, at, "there is nothing to repeat");
	if (ps->last == PY_REPEATED)
		return py_refuse(ps, at, "repeats a repetition");
	if (*ps->p == '?' || *ps->p == '+')
		str_putc(&ps->out->text, *ps->p++);
	ps->last = PY_REPEATED;
	end_prefix(ps);
	return 0;
}

static int literal(struct pyparser *ps, const char *at)
{
	uint32_t c;
	int err;

	ps->p = at;
	err = py_char(ps, &c);
	if (!err)
		py_atom(ps, c);
	return err;
}

/* ^, $ and the dot.  A prefix must be at the begin of the subject, not of a line. */
static int symbol(struct pyparser *ps, char c)
{
	bool begins = c == '^' && ps->prefix == PY_PREFIX_OPEN &&
		      !(ps->flags & (REGEX_MULTILINE | REGEX_ICASE));

	ps->prefix = begins ? PY_PREFIX_ANCHORED : PY_PREFIX_DONE;
	ps->last = c == '.' ? PY_ATOM : PY_NOTHING;
	str_putc(&ps->out->text, c);
	return 0;
}

/* Under the flag x: 1 if blanks or a comment were skipped. */
static int skip_blank(struct pyparser *ps, const char *at)
{
	if (!(ps->flags & REGEX_VERBOSE))
		return 0;
	if (strchr(" \t\n\r\f\v", *at))
		return 1;
	if (*at != '#')
		return 0;
	ps->p += strcspn(ps->p, "\n");
	return 1;
}

static int step(struct pyparser *ps)
{
	const char *at = ps->p++;

	if (skip_blank(ps, at))
		return 0;
	switch (*at) {
	case '\\':
		return py_escape(ps);
	case '[':
		return py_set(ps);
	case '(':
		return py_open_group(ps, at);
	case ')':
		return py_close_group(ps, at);
	case '|':
		return alternative(ps, at);
	case '*':
	case '+':
	case '?':
	case '{':
		return quantifier(ps, at);
	case '^':
	case '$':
	case '.':
		return symbol(ps, *at);
	}
	return literal(ps, at);
}

static int add_place(struct pyparser *ps)
{
	struct pyregex *out = ps->out;
	size_t size = out->size_places ? out->size_places * 2 : 64;
	struct pyregex_place *p;

	if (out->n_places == out->size_places) {
		p = realloc(out->places, size * sizeof(*p));
		if (!p)
			return -ENOMEM;
		out->places = p;
		out->size_places = size;
	}
	out->places[out->n_places++] = (struct pyregex_place){
		out->text.len, (size_t)(ps->p - ps->pattern),
	};
	return 0;
}

static int parse(struct pyparser *ps)
{
	int err = py_add_group(ps->out, NULL);

	while (!err && *ps->p) {
		err = add_place(ps);
		if (!err)
			err = step(ps);
	}
	if (!err && ps->depth)
		return py_refuse(ps, ps->pattern + ps->scopes[ps->depth - 1].at,
				 "the group is not closed");
	return err;
}

static void free_groups(struct pyregex *p)
{
	for (unsigned int i = 0; i < p->n_groups; i++)
		free(p->groups[i].name);
	p->n_groups = 0;
}

static void reset(struct pyregex *p)
{
	free_groups(p);
	p->n_places = 0;
	p->ascii = true;
	str_reset(&p->prefix);
	str_reset(&p->text);
	str_puts(&p->text, "");		/* an empty pattern is text as well */
}

int pyregex_translate(struct pyregex *out, const char *pattern,
		      unsigned int flags, struct regex_error *err)
{
	struct pyparser ps;
	int ret;

	*out = (struct pyregex){ .flags = flags };
	do {
		reset(out);
		ps = (struct pyparser){
			.out = out, .err = err, .flags = out->flags,
			.pattern = pattern, .p = pattern,
		};
		if (strlen(pattern) > PYREGEX_MAX)
			return py_refuse(&ps, pattern + PYREGEX_MAX,
					 "longer than %u bytes", PYREGEX_MAX);
		ret = parse(&ps);
	} while (ret == PY_START_AGAIN);
	return !ret && out->text.failed ? -ENOMEM : ret;
}

void pyregex_fini(struct pyregex *p)
{
	free_groups(p);
	str_fini(&p->text);
	str_fini(&p->prefix);
	free(p->groups);
	free(p->places);
	*p = (struct pyregex){ 0 };
}

size_t pyregex_place(const struct pyregex *p, size_t at)
{
	size_t in = 0;

	for (size_t i = 0; i < p->n_places && p->places[i].out <= at; i++)
		in = p->places[i].in;
	return in;
}
