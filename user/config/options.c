// SPDX-License-Identifier: GPL-2.0-or-later
#include "options.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <strings.h>

#include "base/guess.h"
#include "ini/chars.h"
#include "ini/params.h"
#include "timespan.h"

#define WORDS_MAX	65536		/* entries of one list */

/* ---- lists ------------------------------------------------------------------------ */

struct text text_of(const struct value *v)
{
	const char *s = v->s, *end = s + v->len;
	size_t line = 0;

	strip(&s, &end);
	if (s >= end)
		return (struct text){ 0 };
	for (const char *c = v->s; c < s; c++)
		line += *c == '\n';
	return (struct text){ s, v->at[line].file, v->at[line].line };
}

static int add_text(struct loader *l, struct texts *list, const char *s,
		    const char *end, struct place at)
{
	struct text *v;

	if (list->n >= WORDS_MAX) {
		loader_error(l, at, "more than %d entries in one list", WORDS_MAX);
		return -EINVAL;
	}
	v = loader_grow(l, (void *)list->v, list->n, sizeof(*v));
	if (v)
		v[list->n] = (struct text){ pool_strndup(l->pool, s, (size_t)(end - s)),
					    at.file, at.line };
	if (!v || !v[list->n].s)
		return loader_nomem(l);
	list->v = v;
	list->n++;
	return 0;
}

/* Pieces of @v between the bytes of @separators; lines are always separate. */
static int split(struct loader *l, const struct value *v, const char *separators,
		 struct texts *out)
{
	size_t line = 0;
	int err = 0;

	*out = (struct texts){ 0 };
	for (const char *s = v->s, *end; *s && !err; s = *end ? end + 1 : end) {
		end = s + strcspn(s, separators);
		if (end > s)
			err = add_text(l, out, s, end, v->at[line]);
		line += *end == '\n';
	}
	return err;
}

int texts_of_lines(struct loader *l, const struct value *v, struct texts *out)
{
	return split(l, v, "\n", out);
}

int texts_of_words(struct loader *l, const struct value *v, struct texts *out)
{
	return split(l, v, " \t,\n", out);
}

int params_keep(struct loader *l, const struct params *p, struct config_params *out)
{
	struct config_param *v = pool_array(l->pool, p->n + 1, sizeof(*v));

	if (!v)
		return loader_nomem(l);
	for (size_t i = 0; i < p->n; i++) {
		const struct value *from = &p->vars[i].value;

		v[i].name = p->vars[i].name;
		v[i].value = (struct text){ from->s, from->at[0].file, from->at[0].line };
	}
	*out = (struct config_params){ v, p->n };
	return 0;
}

/* ---- single values ------------------------------------------------------------------ */

static bool is_one_of(const char *word, const char *const *list)
{
	while (*list && strcasecmp(word, *list))
		list++;
	return *list;
}

bool value_is_true(struct loader *l, const char *name, const struct value *v)
{
	static const char *const yes[] = { "1", "on", "true", "yes", NULL };
	static const char *const no[] = { "0", "off", "false", "no", "", NULL };
	char buf[QUOTE_SIZE];

	if (is_one_of(v->s, yes))
		return true;
	if (!is_one_of(v->s, no))
		loader_warn(l, value_place(v, 0), "\"%s = %s\": neither yes nor no, "
			    "taken as no", name, quote(v->s, buf));
	return false;
}

int parse_int(const char *s, int *out)
{
	char *end;
	long v;

	errno = 0;
	v = strtol(s, &end, 10);
	while (blank_at(end, end + strlen(end)))
		end += blank_at(end, end + strlen(end));
	if (end == s || *end || errno || v > INT_MAX || v < INT_MIN)
		return -EINVAL;
	*out = (int)v;
	return 0;
}

static int reject(struct loader *l, const struct option_row *row, void *base,
		  const struct value *v, const char *why)
{
	char buf[QUOTE_SIZE];

	if (!row->lenient) {
		loader_error(l, value_place(v, 0), "\"%s = %s\": %s", row->name,
			     quote(v->s, buf), why);
		return -EINVAL;
	}
	loader_warn(l, value_place(v, 0), "\"%s = %s\": %s; %s is used", row->name,
		    quote(v->s, buf), why, row->fallback);
	return option_default(l, row, base);
}

static const char *range_text(struct loader *l, const struct option_row *row)
{
	const char *text = pool_printf(l->pool, "it must be between %.0f and %.0f",
				       row->min, row->max);

	return text ? text : "out of range";
}

static int set_int(struct loader *l, const struct option_row *row, void *base,
		   const struct value *v)
{
	int *field = (int *)((char *)base + row->offset), n;

	if (parse_int(v->s, &n))
		return reject(l, row, base, v, "not a whole number");
	if (n < row->min || n > row->max)
		return reject(l, row, base, v, range_text(l, row));
	*field = n;
	return 0;
}

static int set_time(struct loader *l, const struct option_row *row, void *base,
		    const struct value *v)
{
	double *field = (double *)((char *)base + row->offset), seconds;
	const char *bad, *why;
	char buf[QUOTE_SIZE];

	if (timespan_parse(v->s, &seconds, &bad)) {
		why = pool_printf(l->pool, *bad ? "not a time, from \"%s\" on (units are "
				  "s m h d w mo y)" : "not a time, something is missing%s",
				  *bad ? quote(bad, buf) : "");
		return reject(l, row, base, v, why ? why : "not a time");
	}
	if (seconds < row->min || seconds > row->max)
		return reject(l, row, base, v, range_text(l, row));
	*field = seconds;
	return 0;
}

static int reject_word(struct loader *l, const struct option_row *row, void *base,
		       const struct value *v)
{
	struct guess g = guess_init(v->s);
	struct str why = { 0 };
	int err;

	str_puts(&why, "not one of");
	for (int i = 0; row->words[i]; i++) {
		guess_try(&g, row->words[i]);
		str_printf(&why, "%s %s", i ? "," : "", row->words[i]);
	}
	if (g.best)
		str_printf(&why, " (did you mean \"%s\"?)", g.best);
	err = reject(l, row, base, v, why.s ? why.s : "not a known word");
	str_fini(&why);
	return err;
}

static int set_word(struct loader *l, const struct option_row *row, void *base,
		    const struct value *v)
{
	for (int i = 0; row->words[i]; i++) {
		if (!strcasecmp(row->words[i], v->s)) {
			*(int *)((char *)base + row->offset) = i;
			return 0;
		}
	}
	return reject_word(l, row, base, v);
}

int option_set(struct loader *l, const struct option_row *row, void *base,
	       const struct value *v)
{
	void *field = (char *)base + row->offset;

	switch (row->type) {
	case OPTION_BOOL:
		*(bool *)field = value_is_true(l, row->name, v);
		return 0;
	case OPTION_INT:
		return set_int(l, row, base, v);
	case OPTION_TIME:
		return set_time(l, row, base, v);
	case OPTION_TEXT:
		*(struct text *)field = text_of(v);
		return 0;
	case OPTION_WORDS:
		return texts_of_words(l, v, field);
	case OPTION_LINES:
		return texts_of_lines(l, v, field);
	case OPTION_WORD:
		return set_word(l, row, base, v);
	case OPTION_OTHER:
		return row->set(l, base, v);
	}
	return -EINVAL;
}

int option_default(struct loader *l, const struct option_row *row, void *base)
{
	struct option_row strict = *row;
	struct value v;

	strict.lenient = false;
	if (value_make(l->pool, &v, row->fallback, (struct place){ 0 }))
		return loader_nomem(l);
	return option_set(l, &strict, base, &v);
}

/* ---- back into text ------------------------------------------------------------------ */

int option_format(const struct option_row *row, const void *base, struct str *out)
{
	const void *field = (const char *)base + row->offset;
	const struct texts *list = field;

	switch (row->type) {
	case OPTION_BOOL:
		str_puts(out, *(const bool *)field ? "true" : "false");
		break;
	case OPTION_INT:
		str_printf(out, "%d", *(const int *)field);
		break;
	case OPTION_TIME:
		str_printf(out, "%.15g", *(const double *)field);
		break;
	case OPTION_TEXT:
		if (((const struct text *)field)->s)
			str_puts(out, ((const struct text *)field)->s);
		break;
	case OPTION_WORD:
		str_puts(out, row->words[*(const int *)field]);
		break;
	case OPTION_WORDS:
	case OPTION_LINES:
		for (size_t i = 0; i < list->n; i++) {
			if (i)
				str_putc(out, '\n');
			str_puts(out, list->v[i].s);
		}
		break;
	case OPTION_OTHER:
		return -EINVAL;
	}
	return out->failed ? -ENOMEM : 0;
}
