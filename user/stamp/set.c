// SPDX-License-Identifier: GPL-2.0-or-later
#include "stamp/set.h"

#include "base/str.h"
#include "stamp/defaults.h"
#include "stamp/stamp.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <strings.h>

#define LINE_BEGIN		"{^LN-BEG}"
#define DATE			"{DATE}"
/* A default template bound to the line's begin is preferred to a hundred hits. */
#define LINE_BEGIN_WEIGHT	100

/* Who asks for a template, while it is added. */
struct filling {
	struct template_set *set;
	const struct text *where;
	int last_year;
	struct regex_env *env;
	struct diag *d;
};

static struct stamp_template *reserve(struct template_set *set)
{
	struct stamp_template *items;
	size_t size = set->size ? set->size * 2 : 4;

	if (set->n < set->size)
		return &set->items[set->n];
	items = realloc(set->items, size * sizeof(*items));
	if (!items)
		return NULL;
	set->items = items;
	set->size = size;
	return &set->items[set->n];
}

static bool known(const struct template_set *set, const char *name)
{
	for (size_t i = 0; i < set->n; i++)
		if (streq(set->items[i].pattern.name, name))
			return true;
	return false;
}

static int refuse(struct filling *f, const char *text, const char *why)
{
	diag_error(f->d, f->where, "datepattern \"%s\": %s", text, why);
	return -EINVAL;
}

/* Add a complete pattern; -EEXIST, with nothing added, when it is there. */
static int add(struct filling *f, const char *text, struct stamp_template **out)
{
	struct stamp_template *t = reserve(f->set);
	const char *bad;
	char why[80];
	int ret;

	if (!t)
		return -ENOMEM;
	if (f->set->n >= STAMP_TEMPLATES_MAX)
		return refuse(f, text, "too many date patterns");
	ret = template_init(t, text, f->last_year, &bad);
	if (ret == -EINVAL) {
		snprintf(why, sizeof(why), "\"%.5s\" is no date directive, "
			 "and a percent sign is written %%%%", bad);
		return refuse(f, text, why);
	}
	if (ret)
		return ret;
	if (known(f->set, t->pattern.name)) {
		template_fini(t);
		return -EEXIST;
	}
	f->set->n++;
	*out = t;
	return 0;
}

/* Add what the user wrote: it must compile, and twice is a mistake. */
static int add_own(struct filling *f, const char *text,
		   const struct default_pattern *within)
{
	struct stamp_template *t = NULL;
	struct regex_error err;
	int ret = add(f, text, &t);

	if (ret == -EEXIST) {
		diag_warn(f->d, f->where, "datepattern \"%s\" is given twice", text);
		return 0;
	}
	if (ret)
		return ret;
	t->everywhere = true;
	if (within && !within->word)
		t->need = within->need;
	ret = template_compile(t, f->env, &err);
	return ret == -EINVAL ? refuse(f, text, err.text) : ret;
}

/* ---- the defaults ---- */

static int add_default(struct filling *f, const struct default_pattern *p,
		       bool line_begin)
{
	struct str text = { 0 };
	struct stamp_template *t;
	int ret;

	str_printf(&text, "%s%s", line_begin ? LINE_BEGIN : "", p->text);
	ret = text.failed ? -ENOMEM : add(f, text.s, &t);
	if (!ret) {
		t->need = p->need | (line_begin || p->line_begin ? p->first : 0);
		t->weight = line_begin ? LINE_BEGIN_WEIGHT : 1;
	}
	str_fini(&text);
	return ret == -EEXIST ? 0 : ret;
}

/* First those made to begin the line; then, unless @begin_only, as they are. */
static int add_defaults(struct filling *f, bool begin_only)
{
	int ret = 0;

	for (size_t i = 0; i < n_default_patterns && !ret; i++)
		if (!default_patterns[i].line_begin)
			ret = add_default(f, &default_patterns[i], true);
	for (size_t i = 0; i < n_default_patterns && !ret; i++)
		if (default_patterns[i].line_begin || !begin_only)
			ret = add_default(f, &default_patterns[i], false);
	return ret;
}

/* ---- {DATE} ---- */

static const char *find_date(const char *text)
{
	for (const char *p = text; (p = strchr(p, '{')); p++)
		if (!strncasecmp(p, DATE, strlen(DATE)) &&
		    (p == text || p[-1] != '\\'))
			return p;
	return NULL;
}

/*
 * @text with @p for {DATE}.  The words among the defaults work only where they
 * are the whole pattern then, as `^Epoch` is; elsewhere they match themselves.
 */
static int add_around(struct filling *f, const char *text,
		      const struct default_pattern *p)
{
	const char *inner = p->word ? p->word : pattern_unbound(p->text), *date;
	struct str out = { 0 };
	int ret;

	while ((date = find_date(text))) {
		str_add(&out, text, (size_t)(date - text));
		str_puts(&out, inner);
		text = date + strlen(DATE);
	}
	str_puts(&out, text);
	ret = out.failed ? -ENOMEM : add_own(f, out.s, p);
	str_fini(&out);
	return ret;
}

static int add_each_date(struct filling *f, const char *text)
{
	int ret = 0;

	for (size_t i = 0; i < n_default_patterns && !ret; i++)
		ret = add_around(f, text, &default_patterns[i]);
	return ret;
}

/* ---- one configured pattern ---- */

static int add_pattern(struct filling *f, const char *text)
{
	if (pattern_is_word(text, LINE_BEGIN))
		return add_defaults(f, true);
	if (pattern_is_word(text, "{DEFAULT}"))
		return add_defaults(f, false);
	if (pattern_is_word(text, "{NONE}"))
		return add_own(f, "{UNB}^", NULL);
	if (find_date(text))
		return add_each_date(f, text);
	return add_own(f, text, NULL);
}

/* The text without blanks around it, on the heap; NULL: no memory. */
static char *trimmed(const char *text)
{
	size_t len;

	while (isspace((unsigned char)*text))
		text++;
	for (len = strlen(text); len && isspace((unsigned char)text[len - 1]); len--)
		;
	return strndup(text, len);
}

int template_set_fill(struct template_set *set, const struct text *patterns,
		      size_t n, int last_year, struct regex_env *env,
		      struct diag *d)
{
	struct filling f = { set, NULL, last_year, env, d };
	int ret = 0, err;

	for (size_t i = 0; i < n; i++) {
		char *text = trimmed(patterns[i].s ? patterns[i].s : "");

		if (!text)
			return -ENOMEM;
		f.where = &patterns[i];
		err = *text ? add_pattern(&f, text) : 0;
		free(text);
		if (err == -ENOMEM)
			return err;
		if (err)
			ret = err;
	}
	if (!ret && !set->n) {
		const struct text nowhere = { 0 };

		f.where = &nowhere;
		ret = add_defaults(&f, false);
	}
	return ret;
}

void template_set_fini(struct template_set *set)
{
	for (size_t i = 0; i < set->n; i++)
		template_fini(&set->items[i]);
	free(set->items);
	*set = (struct template_set){ 0 };
}
