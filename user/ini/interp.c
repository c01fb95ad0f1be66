// SPDX-License-Identifier: GPL-2.0-or-later
#include "interp.h"

#include <errno.h>
#include <strings.h>

#include "base/guess.h"

#define DEPTH_MAX	10	/* configparser's limit: references in references */
#define STEPS_MAX	20000	/* references followed for one value */
#define KNOWN_MAX	64	/* layers of one option */

#ifndef XDPBAN_FAIL2BAN_VERSION
/* Whose language this is; stock files put it into their user agent. */
#define XDPBAN_FAIL2BAN_VERSION	"1.1.0"
#endif

/* An option being expanded: what %(known/x)s inside of it refers to. */
struct frame {
	const struct frame *up;
	const struct ini_section *section;
	const char *name;
	const struct ini_layer *layer;
	unsigned int depth;		/* references, those to known/ not counted */
	unsigned int known;		/* those */
};

struct interp {
	struct loader *l;
	const struct ini *ini;
	const struct ini_section *section;	/* whose eyes we look with */
	const struct ini_env *env;
	unsigned int steps;
};

/* A reference found: its text, and the layer it came from, if it has one. */
struct target {
	struct value value;
	struct frame frame;
	bool final;			/* nothing in it is a reference */
};

static int expand(struct interp *in, const struct value *v, const struct frame *f,
		  struct value_builder *b);

/* ---- finding what a name stands for -------------------------------------------- */

static bool from_option(struct interp *in, const struct ini_section *s,
			const char *name, struct target *t)
{
	const struct ini_option *o = s ? ini_option(in->ini, s, name) : NULL;

	if (!o)
		return false;
	t->value = o->top->value;
	t->frame.section = s;
	t->frame.name = o->name;
	t->frame.layer = o->top;
	return true;
}

static int from_env(struct interp *in, const char *name, struct target *t)
{
	const struct ini_env *e = in->env;

	for (size_t i = 0; e && i < e->n_vars; i++) {
		if (strcasecmp(e->vars[i].name, name))
			continue;
		t->value = e->vars[i].value;
		return 1;
	}
	return 0;
}

static int from_static(struct interp *in, const char *name, struct target *t)
{
	const struct place nowhere = { 0 };
	const char *s = NULL;

	if (streq(name, "__name__"))
		s = in->section->name;
	else if (streq(name, "fail2ban_version"))
		s = XDPBAN_FAIL2BAN_VERSION;
	else if (streq(name, "fail2ban_confpath"))
		s = in->l->dir;
	if (!s)
		return 0;
	return value_make(in->l->pool, &t->value, s, nowhere) ? loader_nomem(in->l) : 1;
}

/*
 * The layer below the one of @name that is being expanded, so that each file's
 * %(known/x)s is what the files before it had.  A file that is read twice must
 * not extend its own value: its layers have the same place.
 */
static bool from_layers(struct interp *in, const struct ini_section *s,
			const char *name, const struct frame *f, struct target *t)
{
	const struct ini_option *o = s ? ini_option(in->ini, s, name) : NULL;
	const struct ini_layer *layer = o ? o->top : NULL;
	struct place at = { 0 };

	for (const struct frame *up = f; up && o; up = up->up) {
		if (up->section == s && streq(up->name, name)) {
			layer = up->layer;
			break;
		}
	}
	if (layer)
		at = layer->value.at[0];
	do
		layer = layer ? layer->below : NULL;
	while (layer && at.file && layer->value.at[0].file == at.file &&
	       layer->value.at[0].line == at.line);
	if (!layer)
		return false;
	t->value = layer->value;
	t->frame.section = s;
	t->frame.name = o->name;
	t->frame.layer = layer;
	return true;
}

static bool being_expanded(const struct ini_section *s, const char *name,
			   const struct frame *f)
{
	for (; f; f = f->up)
		if (f->section == s && f->name && streq(f->name, name))
			return true;
	return false;
}

static int from_known(struct interp *in, const char *name, const struct frame *f,
		      struct target *t)
{
	const struct ini_section *defaults = &in->ini->defaults;
	int got = 0;

	t->frame.known = f->known + 1;
	t->frame.depth = f->depth;
	if (t->frame.known > KNOWN_MAX)
		return 0;
	if (in->env && in->env->known)
		got = in->env->known(in->env->ctx, name, &t->value);
	t->final = got > 0;
	if (got)
		return got;
	if (from_layers(in, in->section, name, f, t))
		return 1;
	if (being_expanded(defaults, name, f))
		return from_layers(in, defaults, name, f, t);
	return from_option(in, defaults, name, t);
}

/*
 * "section/option": the section's own text, or what [DEFAULT] has.  Sections
 * have case, so theirs is taken as @written; @name is all lower case.
 */
static int from_section(struct interp *in, const char *written, const char *name,
			const struct frame *f, struct target *t)
{
	const char *slash = strchr(name, '/'), *option = slash ? slash + 1 : NULL;
	const struct ini_section *s;
	char *section;

	if (!slash || slash == name)
		return 0;
	if (starts_with(name, "known/"))
		return from_known(in, option, f, t);
	if (starts_with(name, "default/"))
		return from_option(in, &in->ini->defaults, option, t);
	section = pool_strndup(in->l->pool, written, (size_t)(slash - name));
	if (!section)
		return loader_nomem(in->l);
	s = ini_section(in->ini, section);
	if (!s)
		return 0;
	return from_option(in, s, option, t) ||
	       from_option(in, &in->ini->defaults, option, t);
}

/* 1, 0, -errno. */
static int find_target(struct interp *in, const char *written, const char *name,
		       const struct frame *f, struct target *t)
{
	int got;

	*t = (struct target){ .frame = { .up = f, .depth = f->depth + 1,
					 .known = f->known } };
	got = from_env(in, name, t);
	if (!got)
		got = from_option(in, in->section, name, t);
	if (!got)
		got = from_static(in, name, t);
	if (!got)
		got = from_option(in, &in->ini->defaults, name, t);
	if (!got)
		got = from_section(in, written, name, f, t);
	return got;
}

/* ---- what can be wrong ------------------------------------------------------------ */

static void guess_options(struct guess *g, const struct ini_section *s)
{
	for (const struct ini_option *o = s ? s->first : NULL; o; o = o->next)
		guess_try(g, o->name);
}

static int report_missing(struct interp *in, const char *ref, const char *name,
			  struct place at)
{
	struct guess g = guess_init(name);
	char buf[QUOTE_SIZE];

	guess_options(&g, in->section);
	guess_options(&g, &in->ini->defaults);
	if (g.best)
		loader_error(in->l, at, "\"%s\" refers to an option that is not set "
			     "(did you mean \"%s\"?)", quote(ref, buf), g.best);
	else
		loader_error(in->l, at, "\"%s\" refers to an option that is not set",
			     quote(ref, buf));
	return -EINVAL;
}

static int report(struct interp *in, struct place at, const char *text, const char *why)
{
	char buf[QUOTE_SIZE];

	loader_error(in->l, at, "\"%s\": %s", quote(text, buf), why);
	return -EINVAL;
}

/* ---- replacing ------------------------------------------------------------------- */

static int follow(struct interp *in, const struct value *v, const char *ref,
		  const char *close, size_t line, const struct frame *f,
		  struct value_builder *b)
{
	const char *after = close + 2;		/* behind ")s" */
	struct value_builder inner = { 0 };
	struct value value;
	struct target t;
	char *written = pool_strndup(in->l->pool, ref + 2, (size_t)(close - ref - 2));
	char *name = written ? ini_lower(in->l, written, strlen(written)) : NULL;
	int got;

	if (!name)
		return loader_nomem(in->l);
	if (++in->steps > STEPS_MAX)
		return report(in, v->at[line], ref, "too many references");
	got = find_target(in, written, name, f, &t);
	if (got < 0)
		return got;
	if (!got)
		return report_missing(in, pool_printf(in->l->pool, "%%(%s)s", written),
				      name, v->at[line]);
	value = t.value;
	if (!t.final && memchr(t.value.s, '%', t.value.len)) {
		if (t.frame.depth > DEPTH_MAX)
			return report(in, v->at[line], ref, "the option refers to itself, "
				      "or references are nested too deep");
		got = expand(in, &t.value, &t.frame, &inner);
		if (got) {
			value_builder_fini(&inner);
			return got;
		}
		got = value_take(&inner, in->l->pool, &value);
		if (got)
			return report(in, v->at[line], ref, "the result is too long");
	}
	value_insert(b, &value, *after == '\n' || !*after);
	return 0;
}

static int expand(struct interp *in, const struct value *v, const struct frame *f,
		  struct value_builder *b)
{
	size_t line = 0, from = 0;
	const char *p, *close;
	int err;

	while ((p = memchr(v->s + from, '%', v->len - from))) {
		size_t at = (size_t)(p - v->s);

		value_add(b, v, from, at, &line);
		if (p[1] == '%') {
			value_add(b, v, at + 1, at + 2, &line);
			from = at + 2;
			continue;
		}
		close = p[1] == '(' ? strchr(p + 2, ')') : NULL;
		if (!close || close == p + 2 || close[1] != 's')
			return report(in, v->at[line], p, "a \"%\" must be written as "
				      "\"%%\", or be part of \"%(name)s\"");
		err = follow(in, v, p, close, line, f, b);
		if (err)
			return err;
		from = (size_t)(close + 2 - v->s);
	}
	value_add(b, v, from, v->len, &line);
	return 0;
}

/* ---- the calls ---------------------------------------------------------------------- */

static int expand_layer(struct interp *in, const struct frame *top, struct value *out)
{
	const struct value *v = &top->layer->value;
	struct value_builder b = { 0 };
	int err;

	*out = *v;
	if (!memchr(v->s, '%', v->len))
		return 0;
	err = expand(in, v, top, &b);
	if (!err) {
		err = value_take(&b, in->l->pool, out);
		if (err == -E2BIG)
			err = report(in, v->at[0], top->name, "the value is too long "
				     "when all references are replaced");
	}
	value_builder_fini(&b);
	return err;
}

int ini_expand(struct loader *l, const struct ini *ini, const struct ini_section *eyes,
	       const struct ini_option *o, const struct ini_layer *layer,
	       const struct ini_env *env, struct value *out)
{
	struct interp in = { .l = l, .ini = ini, .section = eyes, .env = env };
	const struct frame top = { .section = o->section, .name = o->name,
				   .layer = layer, .depth = 1 };

	return expand_layer(&in, &top, out);
}

int ini_get(struct loader *l, const struct ini *ini, const char *section,
	    const char *name, const struct ini_env *env, struct value *out)
{
	const struct ini_section *s = ini_section(ini, section);
	struct interp in = { .l = l, .ini = ini, .env = env };
	struct frame top = { .name = name, .depth = 1 };
	struct ini_layer layer;
	struct target t = { 0 };
	int err;

	if (!s && streq(section, "DEFAULT"))
		s = &ini->defaults;
	if (!s)
		return 0;
	in.section = s;
	if (from_env(&in, name, &t)) {
		layer = (struct ini_layer){ .value = t.value };
		top.layer = &layer;
	} else if (from_option(&in, in.section, name, &t) ||
		   from_option(&in, &ini->defaults, name, &t)) {
		top.section = t.frame.section;
		top.layer = t.frame.layer;
	} else {
		return 0;
	}
	err = expand_layer(&in, &top, out);
	return err ? err : 1;
}
