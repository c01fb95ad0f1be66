// SPDX-License-Identifier: GPL-2.0-or-later
#include "definition.h"

#include <dirent.h>
#include <errno.h>

#include "base/guess.h"

#define REPEAT_MAX	25		/* one tag, inside one value */
#define TAGS_MAX	512		/* different tags inside one value */
#define WORK_MAX	(64u << 20)	/* bytes copied for one value */

/* ---- what a name stands for ------------------------------------------------------ */

/* "blocktype?family=inet6": the length of "blocktype", or 0. */
static size_t base_length(const char *name)
{
	const char *mark = strchr(name, '?');

	return mark && mark > name && mark[1] ? (size_t)(mark - name) : 0;
}

static bool has_condition(const struct params *p, const char *name)
{
	size_t len = strlen(name);

	for (size_t i = 0; i < p->n; i++)
		if (base_length(p->vars[i].name) == len &&
		    !strncmp(p->vars[i].name, name, len))
			return true;
	return false;
}

/*
 * An option with another value for each address family is left alone until the
 * family is known.
 */
static bool is_late(const struct definition *d, const char *name)
{
	for (const char *const *late = d->late; late && *late; late++)
		if (streq(*late, name))
			return true;
	return has_condition(&d->params, name) || has_condition(&d->init, name);
}

/* An overridden layer, in which <known/x> again means the layer below. */
static int known_layer(struct definition *d, const struct ini_option *o,
		       const struct ini_layer *layer, struct value *out)
{
	struct value_builder b = { 0 };
	const struct ini_section *s = ini_section(d->ini, "Definition");
	struct value v, below;
	size_t from = 0, line = 0;
	const char *tag, *hit;
	int err = ini_expand(d->l, d->ini, s, o, layer, &d->env, &v);

	if (err || !layer->below) {
		*out = v;
		return err;
	}
	tag = pool_printf(d->l->pool, "<known/%s>", o->name);
	if (!tag)
		return loader_nomem(d->l);
	while ((hit = strstr(v.s + from, tag))) {
		err = known_layer(d, o, layer->below, &below);
		if (err)
			break;
		value_add(&b, &v, from, (size_t)(hit - v.s), &line);
		from = (size_t)(hit - v.s) + strlen(tag);
		value_insert(&b, &below, v.s[from] == '\n' || !v.s[from]);
	}
	if (!err) {
		value_add(&b, &v, from, v.len, &line);
		err = value_take(&b, d->l->pool, out);
	}
	value_builder_fini(&b);
	return err;
}

/* <known/x>: what [Definition] had before the last file, or has. */
static int known_tag(struct definition *d, const char *name, struct value *out)
{
	const struct ini_section *s = ini_section(d->ini, "Definition");
	const struct ini_option *o = s ? ini_option(d->ini, s, name) : NULL;
	int err;

	if (!o || !o->top->below)
		return ini_get(d->l, d->ini, "Definition", name, NULL, out);
	err = known_layer(d, o, o->top->below, out);
	return err ? err : 1;
}

/* <section/option>, read with the eyes of that section. */
static int section_tag(struct definition *d, const char *name, struct value *out)
{
	const char *slash = strchr(name, '/');
	char *section = pool_strndup(d->l->pool, name, (size_t)(slash - name));
	char *option = ini_lower(d->l, slash + 1, strlen(slash + 1));

	if (!section || !option)
		return loader_nomem(d->l);
	if (!strcmp(section, "known"))
		return known_tag(d, option, out);
	if (!strcmp(section, "default"))
		return ini_get(d->l, d->ini, "DEFAULT", option, NULL, out);
	if (!ini_section(d->ini, section))
		return 0;
	return ini_get(d->l, d->ini, section, option, NULL, out);
}

/* The text a tag stands for, tags in it not yet replaced. */
static int lookup(struct definition *d, const char *name, struct value *out)
{
	const struct value *v = params_get(&d->params, name);
	char *lower;
	int got;

	if (!v)
		v = params_get(&d->init, name);
	if (!v && starts_with(name, "known/"))
		v = params_get(&d->init, name + strlen("known/"));
	if (v) {
		*out = *v;
		return 1;
	}
	if (strchr(name, '/') && *name != '/') {
		got = section_tag(d, name, out);
		if (got)
			return got;
	}
	lower = ini_lower(d->l, name, strlen(name));
	return lower ? ini_get(d->l, d->ini, "Definition", lower, &d->env, out) :
		       loader_nomem(d->l);
}

/* ---- replacing tags ----------------------------------------------------------------- */

struct tag_count {
	const char *tag;
	unsigned int n;
};

struct subst {
	struct definition *d;
	const char *option;		/* whose value this is */
	struct tag_count *counts;
	size_t n_counts;
	size_t work;
};

/* The first "<name>" from @from on: @start of "<" and @end behind ">". */
static bool find_tag(const struct value *v, size_t from, size_t *start, size_t *end)
{
	for (const char *s = v->s + from; (s = strchr(s, '<'));) {
		size_t n = strcspn(s + 1, " <>");

		if (n && s[1 + n] == '>') {
			*start = (size_t)(s - v->s);
			*end = *start + n + 2;
			return true;
		}
		s += 1 + n;
	}
	return false;
}

static int report(struct subst *s, const struct value *v, size_t at, const char *why)
{
	char option[QUOTE_SIZE], tag[QUOTE_SIZE];

	loader_error(s->d->l, value_place(v, at), "\"%s\" in \"%s\": %s",
		     quote(v->s + at, tag), quote(s->option, option), why);
	return -EINVAL;
}

/* Count one more replacement of @tag; false: too many. */
static bool count_tag(struct subst *s, const char *tag)
{
	for (size_t i = 0; i < s->n_counts; i++)
		if (streq(s->counts[i].tag, tag))
			return ++s->counts[i].n <= REPEAT_MAX;
	if (s->n_counts == TAGS_MAX)
		return false;
	s->counts = loader_grow(s->d->l, s->counts, s->n_counts, sizeof(*s->counts));
	if (!s->counts)
		return false;
	s->counts[s->n_counts++] = (struct tag_count){ tag, 1 };
	return true;
}

/* Every <tag> in @v becomes @repl. */
static int replace_all(struct subst *s, struct value *v, const char *tag,
		       const struct value *repl)
{
	struct value_builder b = { 0 };
	size_t from = 0, line = 0, len = strlen(tag);
	const char *hit = v->s;

	while ((hit = strstr(hit, tag))) {
		if (hit == v->s || hit[-1] != '<' || hit[len] != '>') {
			hit++;
			continue;
		}
		value_add(&b, v, from, (size_t)(hit - 1 - v->s), &line);
		from = (size_t)(hit - v->s) + len + 1;
		value_insert(&b, repl, v->s[from] == '\n' || !v->s[from]);
		hit = v->s + from;
	}
	value_add(&b, v, from, v->len, &line);
	s->work += b.text.len + v->len;
	return value_take(&b, s->d->l->pool, v);
}

/* One pass over @v; 1: something was replaced, so look again. */
static int replace_tags(struct subst *s, struct value *v)
{
	size_t at = 0, start, end;
	struct value repl;
	int got, changed = 0;

	while (find_tag(v, at, &start, &end)) {
		const char *tag = pool_strndup(s->d->l->pool, v->s + start + 1,
					       end - start - 2);

		if (!tag)
			return loader_nomem(s->d->l);
		at = end;
		if (is_late(s->d, tag))
			continue;
		if (streq(tag, s->option))
			return report(s, v, start, "the option refers to itself");
		got = lookup(s->d, tag, &repl);
		if (got < 0)
			return got;
		if (!got)
			continue;
		if (!count_tag(s, tag) || s->work > WORK_MAX)
			return report(s, v, start, "the tag leads back to itself, or there "
				      "are too many of them");
		if (replace_all(s, v, tag, &repl))
			return report(s, v, start, "the result is too long");
		at = start;
		changed = 1;
	}
	return changed;
}

static int substitute(struct definition *d, const char *option, struct value *v)
{
	struct subst s = { .d = d, .option = option };
	int again;

	do
		again = replace_tags(&s, v);
	while (again > 0);
	return again;
}

/* ---- the calls --------------------------------------------------------------------- */

/* [Init] as it stands; a plain parameter covers the conditional forms too. */
static int read_init(struct definition *d)
{
	const struct ini_section *s = ini_section(d->ini, "Init");
	struct value v;
	char *base;
	int got;

	for (const struct ini_option *o = s ? s->first : NULL; o; o = o->next) {
		base = pool_strndup(d->l->pool, o->name, base_length(o->name));
		if (!base)
			return loader_nomem(d->l);
		if (*base && params_get(&d->params, base))
			continue;
		got = ini_get(d->l, d->ini, "Init", o->name, NULL, &v);
		if (got > 0)
			got = params_set(d->l, &d->init, o->name, &v);
		if (got < 0)
			return got;
	}
	return 0;
}

/* One list for %(name)s: the first match counts. */
static int join_vars(struct definition *d, const struct definition_spec *spec)
{
	size_t n = d->params.n + spec->n_outer + (spec->init_counts ? d->init.n : 0);
	struct ini_var *vars = pool_array(d->l->pool, n ? n : 1, sizeof(*vars));

	if (!vars)
		return loader_nomem(d->l);
	n = d->params.n;
	if (n)
		memcpy(vars, d->params.vars, n * sizeof(*vars));
	if (spec->init_counts && d->init.n) {
		memcpy(vars + n, d->init.vars, d->init.n * sizeof(*vars));
		n += d->init.n;
	}
	if (spec->n_outer)
		memcpy(vars + n, spec->outer, spec->n_outer * sizeof(*vars));
	d->env = (struct ini_env){ .vars = vars, .n_vars = n + spec->n_outer };
	return 0;
}

static bool any_broken(const struct ini *ini)
{
	bool broken = ini->broken;

	for (const struct ini_section *s = ini->first; s; s = s->next)
		broken |= s->broken;
	return broken;
}

int definition_open(struct loader *l, struct definition *d,
		    const struct definition_spec *spec)
{
	const char *name = spec->base ? spec->base : spec->path;
	int got;

	*d = (struct definition){ .l = l, .name = name, .late = spec->late };
	if (spec->params)
		d->params = *spec->params;
	d->init = (struct params){ .name = name };
	got = spec->base ? ini_load(l, spec->base, &d->ini) :
			   ini_load_file(l, spec->path, &d->ini);
	if (got <= 0)
		return got;
	d->broken = any_broken(d->ini);
	got = read_init(d);
	if (!got)
		got = join_vars(d, spec);
	return got ? got : 1;
}

bool definition_has(const struct definition *d, const char *name)
{
	const struct ini_section *s = ini_section(d->ini, "Definition");

	return s && ini_option(d->ini, s, name);
}

int definition_get(struct definition *d, const char *name, struct value *out)
{
	int got = lookup(d, name, out), err;

	if (got <= 0 || is_late(d, name))
		return got;
	err = substitute(d, name, out);
	return err ? err : 1;
}

static int add_final(struct definition *d, const char *name, struct params *out)
{
	struct value v;
	int got = params_get(out, name) ? 0 : definition_get(d, name, &v);

	return got > 0 ? params_set(d->l, out, name, &v) : got;
}

int definition_all(struct definition *d, const char *const *names, struct params *out)
{
	const struct ini_section *s = ini_section(d->ini, "Definition");
	int err = 0;

	*out = (struct params){ .name = d->name, .at = d->params.at };
	for (; *names && !err; names++)
		err = add_final(d, *names, out);
	for (const struct ini_option *o = s ? s->first : NULL; o && !err; o = o->next)
		if (base_length(o->name))
			err = add_final(d, o->name, out);
	for (size_t i = 0; i < d->params.n && !err; i++)
		err = add_final(d, d->params.vars[i].name, out);
	for (size_t i = 0; i < d->init.n && !err; i++)
		err = add_final(d, d->init.vars[i].name, out);
	return err;
}

/* ---- a name that is none --------------------------------------------------------- */

/* Offer the files of @dir, without what follows the last dot. */
static void guess_files(struct loader *l, const char *dir, struct guess *g)
{
	DIR *d = opendir(dir);
	struct dirent *e;

	while (d && (e = readdir(d))) {
		const char *dot = strrchr(e->d_name, '.');
		const char *stem = dot ? pool_strndup(l->pool, e->d_name,
						      (size_t)(dot - e->d_name)) : NULL;

		if (stem)
			guess_try(g, stem);
	}
	if (d)
		closedir(d);
}

void definition_missing(struct loader *l, struct place at, const char *kind,
			const char *name)
{
	const char *dir = pool_printf(l->pool, "%s/%s.d", l->dir, kind);
	struct guess g = guess_init(name);
	char buf[QUOTE_SIZE];

	if (dir)
		guess_files(l, dir, &g);
	if (g.best)
		loader_error(l, at, "\"%s\": there is no such %s in %s (did you mean \"%s\"?)",
			     quote(name, buf), kind, dir, g.best);
	else
		loader_error(l, at, "\"%s\": there is no such %s in %s", quote(name, buf),
			     kind, dir ? dir : l->dir);
}
