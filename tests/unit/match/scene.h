/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * scene - lines told to a filter, and what it should answer, as table rows.
 * A line's date is what stands between { and }, which are not part of the line.
 */
#pragma once
#include "regex/regex.h"
#include "regex/sieve.h"
#include "base/str.h"
#include "match/filter.h"

#include <stdlib.h>

#include "../t.h"

#define SCENE_REGEXES	6
#define SCENE_STEPS	12

struct step {
	const char *line;
	/*
	 * "ID regex attempts", then what is special about it, then its fields:
	 * "192.0.2.1 0 2 users=a,b user=b"; NULL: nothing is reported.
	 */
	const char *want;
	int64_t after_s;		/* seconds since the step before */
};

struct scene {
	const char *what;
	const char *prefregex, *failregex[SCENE_REGEXES], *ignoreregex[SCENE_REGEXES];
	unsigned int maxlines;
	enum filter_names names;
	struct step steps[SCENE_STEPS];
};

static inline wall_t scene_when(void *ctx)
{
	return *(wall_t *)ctx;
}

static inline size_t scene_texts(struct text *out, const char *const *v)
{
	size_t n = 0;

	for (; n < SCENE_REGEXES && v[n]; n++)
		out[n] = (struct text){ v[n], "filter.conf", (int)n + 1 };
	return n;
}

static inline int scene_filter(struct filter **out, const struct scene *s,
			       struct regex_env *env, struct diag *d)
{
	struct text fail[SCENE_REGEXES], ignore[SCENE_REGEXES];
	struct filter_spec spec = {
		.name = "test",
		.prefregex = { s->prefregex, "filter.conf", 9 },
		.failregex = fail,
		.n_failregex = scene_texts(fail, s->failregex),
		.ignoreregex = ignore,
		.n_ignoreregex = scene_texts(ignore, s->ignoreregex),
		.maxlines = s->maxlines,
		.names = s->names,
	};

	return filter_new(out, &spec, env, d);
}

static inline void scene_show_fields(struct filter *f, const struct hit *hit,
				     struct str *out)
{
	const struct hit_field *fields;
	size_t n = filter_fields(f, hit, &fields);

	for (size_t i = 0; i < hit->n_users; i++)
		str_printf(out, "%s%.*s", i ? "," : " users=",
			   (int)hit->users[i].len, hit->users[i].s);
	for (size_t i = 0; i < n; i++) {
		str_printf(out, " %s=", fields[i].name);
		str_add(out, fields[i].value.s, fields[i].value.len);
	}
}

static inline const char *scene_show(struct filter *f, const struct hit *hit,
				     struct str *out)
{
	struct hit_text id = filter_id(f, hit);

	str_reset(out);
	str_add(out, id.s, id.len);
	str_printf(out, " %u %u", hit->regex, hit->attempts);
	if (hit->dns)
		str_puts(out, " dns");
	if (hit->bogus)
		str_puts(out, " bogus");
	if (hit->nofail)
		str_puts(out, " nofail");
	if (!hit->addr.family && !hit->dns && !hit->bogus)
		str_puts(out, " text");
	scene_show_fields(f, hit, out);
	return out->s;
}

/* Take the marks of the date out of @line. */
static inline struct filter_line scene_line(const char *line, char *buf, wall_t *now)
{
	const char *open = strchr(line, '{'), *close = strchr(line, '}');
	struct filter_line l = { .s = buf, .when = scene_when, .ctx = now };

	if (!open || !close) {
		strcpy(buf, line);
	} else {
		l.date_start = (size_t)(open - line);
		l.date_end = (size_t)(close - line) - 1;
		sprintf(buf, "%.*s%.*s%s", (int)(open - line), line,
			(int)(close - open) - 1, open + 1, close + 1);
	}
	l.len = strlen(buf);
	return l;
}

/* As lane.c does it: what no expression can match is not shown to the filter. */
static inline int scene_match(struct filter *f, struct filter_line *line, bool sift,
			      struct hit *hit)
{
	uint64_t marks = FILTER_MARKS_ALL;

	if (sift)
		marks = filter_marks(f, sieve_marks(filter_sieve(f), line->s, line->len),
				     line->s, line->len, line->date_start, line->date_end);
	line->ruled_out = ~marks;
	/* Its newline is there, as it is in a log, and has to be ignored without. */
	((char *)line->s)[line->len] = '\n';
	line->ended = sift;
	return marks ? filter_match(f, line, hit) : 0;
}

/* Another filter of the same kind that knows what this one knew. */
static inline struct filter *scene_restart(struct filter *f, const struct scene *s,
					   struct regex_env *env)
{
	struct str saved = { 0 };
	struct diag d = { 0 };
	struct filter *again = NULL;

	filter_touch(f);
	t_ok("saved", filter_save(f, &saved) && !saved.failed);
	t_is("made again", scene_filter(&again, s, env, &d), 0);
	if (saved.len)
		t_is("restored", filter_restore(again, saved.s, saved.len), 0);
	str_fini(&saved);
	filter_free(f);
	diag_fini(&d);
	return again;
}

enum { SCENE_PLAIN, SCENE_SIFTED, SCENE_RESTARTED };

static inline void scene_play_once(const struct scene *s, struct regex_env *env, int how)
{
	wall_t now = { 1700000000 * US_PER_S };
	struct str shown = { 0 };
	struct diag d = { 0 };
	struct filter *f;
	char buf[1024];

	if (t_is(s->what, scene_filter(&f, s, env, &d), 0)) {
		printf("  %s\n", d.n ? d.entries[0].text : "no reason given");
		diag_fini(&d);
		return;
	}
	for (const struct step *step = s->steps; step->line; step++) {
		struct filter_line line = scene_line(step->line, buf, &now);
		struct hit hit;

		if (how == SCENE_RESTARTED)
			f = scene_restart(f, s, env);
		now.us += step->after_s * US_PER_S;
		t_str(s->what, scene_match(f, &line, how == SCENE_SIFTED, &hit) ?
		      scene_show(f, &hit, &shown) : NULL, step->want);
	}
	str_fini(&shown);
	filter_free(f);
	diag_fini(&d);
}

/* The sieve must make no difference, nor a restart. */
static inline void scene_play(const struct scene *s, struct regex_env *env)
{
	scene_play_once(s, env, SCENE_PLAIN);
	scene_play_once(s, env, SCENE_SIFTED);
	scene_play_once(s, env, SCENE_RESTARTED);
}
