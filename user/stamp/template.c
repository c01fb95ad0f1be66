// SPDX-License-Identifier: GPL-2.0-or-later
#include "stamp/template.h"

#include <errno.h>
#include <stdio.h>

/* Directives whose groups carry a part of the time. */
static const char field_keys[] = "yYmBbdHIpMSAawjUWzZ";

int template_init(struct stamp_template *t, const char *text, int last_year,
		  const char **bad)
{
	*t = (struct stamp_template){
		.fast = fast_of(text, last_year), .weight = 1,
	};
	return pattern_init(&t->pattern, text, last_year, bad);
}

void template_fini(struct stamp_template *t)
{
	pattern_fini(&t->pattern);
	regex_free(t->re);
	t->re = NULL;
}

/* ---- compiling ---- */

/* Group numbers, in the order of the expression: of two, the later one wins. */
static void find_fields(struct stamp_template *t)
{
	for (unsigned int i = 1; i <= regex_groups(t->re); i++) {
		const char *name = regex_group_name(t->re, i);

		if (!name || name[1] || !strchr(field_keys, *name))
			continue;
		t->fields[t->n_fields].group = (uint8_t)i;
		t->fields[t->n_fields++].key = *name;
	}
}

static void find_epoch(struct stamp_template *t)
{
	int group = regex_group(t->re, PATTERN_EPOCH_GROUP);

	t->epoch_group = group > 0 ? (unsigned int)group : 1;
}

int template_compile(struct stamp_template *t, struct regex_env *env,
		     struct regex_error *err)
{
	int ret;

	if (t->re)
		return 0;
	ret = regex_new(&t->re, env, t->pattern.regex, t->pattern.flags, err);
	if (ret)
		goto fail;
	if (regex_groups(t->re) >= TEMPLATE_GROUPS) {
		snprintf(err->text, sizeof(err->text), "more than %d groups",
			 TEMPLATE_GROUPS - 1);
		err->at = 0;
		regex_free(t->re);
		t->re = NULL;
		ret = -EINVAL;
		goto fail;
	}
	find_fields(t);
	find_epoch(t);
	return 0;
fail:
	t->broken = true;
	return ret;
}

/* ---- computing ---- */

static int from_fields(const struct stamp_template *t, const char *line,
		       const struct regex_span *spans, struct moment_zone *z,
		       wall_t now, wall_t *when)
{
	struct moment m = MOMENT_INIT;

	for (size_t i = 0; i < t->n_fields; i++) {
		struct regex_span s = spans[t->fields[i].group];
		int ret;

		if (s.start == REGEX_UNSET)
			continue;
		ret = moment_set(&m, t->fields[i].key, line + s.start,
				 s.end - s.start);
		if (ret)
			return ret;
	}
	return moment_resolve(&m, z, now, when);
}

static int hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* "@", then 16 digits of seconds, the first of which only sets them to 2^62. */
static int from_tai64n(const char *text, size_t len, wall_t *when)
{
	int64_t s = 0;

	if (len < 17)
		return -EINVAL;
	for (size_t i = 2; i < 17; i++) {
		int digit = hex_digit(text[i]);

		if (digit < 0)
			return -EINVAL;
		s = s << 4 | digit;
	}
	when->us = (s < MOMENT_LAST_S ? s : MOMENT_LAST_S) * US_PER_S;
	return 0;
}

int template_compute(const struct stamp_template *t, const char *line,
		     size_t from, size_t limit, struct moment_zone *z,
		     wall_t now, wall_t *when)
{
	struct regex_span spans[TEMPLATE_GROUPS], s;

	if (!regex_match(t->re, line, limit, from, spans, regex_groups(t->re) + 1))
		return -EINVAL;
	if (t->pattern.kind == PATTERN_FIELDS)
		return from_fields(t, line, spans, z, now, when);
	s = spans[t->pattern.kind == PATTERN_TAI64N ? 1 : t->epoch_group];
	if (s.start == REGEX_UNSET)
		return -EINVAL;
	if (t->pattern.kind == PATTERN_TAI64N)
		return from_tai64n(line + s.start, s.end - s.start, when);
	return moment_epoch(line + s.start, s.end - s.start,
			    t->pattern.kind == PATTERN_LONG_EPOCH, when);
}
