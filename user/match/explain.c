// SPDX-License-Identifier: GPL-2.0-or-later
#include "explain.h"

#include "filter_parts.h"
#include "tags.h"

#include <errno.h>

struct explainer {
	struct filter *f;
	explain_fn *fn;
	void *ctx;
	int err;
};

/* From an offset in the expanded expression to one in what was configured. */
static int configured_place(struct explainer *e, const struct tagged *p, size_t *at)
{
	struct tags tags;
	int err = tags_expand(&tags, p->origin, e->f->names != FILTER_NAMES_NONE);

	if (!err)
		*at = tags_place(&tags, *at);
	tags_fini(&tags);
	return err;
}

/* Ask one expression and tell what came of it. */
static bool ask(struct explainer *e, enum filter_part part, size_t i,
		const struct tagged *p, const struct view *v)
{
	struct explain_step step = {
		.part = part, .index = i, .regex = p->origin, .text = { v->s, v->len },
	};
	struct regex_reach reach;
	int err = 0;

	regex_env_refill(e->f->env);
	step.matched = filter_search(e->f, p, v);
	if (!step.matched) {
		err = regex_reach(p->re, v->s, v->len, &reach);
		step.start = reach.start;
		step.reached = reach.end;
		step.at = reach.pattern;
		if (!err)
			err = configured_place(e, p, &step.at);
	}
	if (err)
		e->err = err;
	else
		e->fn(e->ctx, &step);
	return step.matched;
}

/* True if one matched, @which says the first. */
static bool ask_all(struct explainer *e, enum filter_part part,
		    const struct patterns *p, const struct view *v, size_t *which)
{
	for (size_t i = 0; i < p->n; i++) {
		if (ask(e, part, i, &p->v[i], v)) {
			*which = i;
			return true;
		}
	}
	return false;
}

int filter_explain(struct filter *f, const struct filter_line *line,
		   explain_fn *fn, void *ctx)
{
	struct explainer e = { f, fn, ctx, 0 };
	struct hit_text content;
	struct view v, asked;
	size_t i;

	if (!filter_load(f, line, &v))
		return -ENOMEM;
	if (filter_ignores_first(f) && ask_all(&e, FILTER_IGNORE, &f->ignore, &v, &i))
		return e.err;
	ask_all(&e, FILTER_PREF, &f->pref, &v, &i);
	if (!filter_prepare(f, &v, &content))
		return e.err;
	if (!ask_all(&e, FILTER_FAIL, &f->fail, &v, &i))
		return e.err;
	/* Once more, for the lines that matched. */
	if (filter_search(f, &f->fail.v[i], &v)) {
		asked = filter_take(f, &f->fail.v[i], v);
		ask_all(&e, FILTER_IGNORE, &f->ignore, &asked, &i);
	}
	return e.err;
}
