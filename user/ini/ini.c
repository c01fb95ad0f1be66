// SPDX-License-Identifier: GPL-2.0-or-later
#include "ini.h"

#include <errno.h>

static void drop_indexes(void *ctx)
{
	struct ini *ini = ctx;

	hmap_fini(&ini->sections);
	hmap_fini(&ini->options);
}

struct ini *ini_new(struct loader *l)
{
	struct ini *ini = pool_alloc(l->pool, sizeof(*ini));

	if (!ini)
		goto fail;
	if (hmap_init(&ini->sections) || hmap_init(&ini->options) ||
	    pool_defer(l->pool, drop_indexes, ini)) {
		drop_indexes(ini);
		goto fail;
	}
	ini->defaults.name = "DEFAULT";
	return ini;
fail:
	loader_nomem(l);
	return NULL;
}

static uint64_t option_hash(const struct ini *ini, const struct ini_section *s,
			    const char *name)
{
	return hmap_hash(&ini->options, name, strlen(name)) ^
	       hmap_hash(&ini->options, &s, sizeof(s));
}

struct ini_section *ini_section(const struct ini *ini, const char *name)
{
	struct hmap_node *n;

	n = hmap_first(&ini->sections, hmap_hash(&ini->sections, name, strlen(name)));
	for (; n; n = hmap_next(n)) {
		struct ini_section *s = container_of(n, struct ini_section, node);

		if (streq(s->name, name))
			return s;
	}
	return NULL;
}

static struct ini_option *find_option(const struct ini *ini,
				      const struct ini_section *s, const char *name)
{
	struct hmap_node *n = hmap_first(&ini->options, option_hash(ini, s, name));

	for (; n; n = hmap_next(n)) {
		struct ini_option *o = container_of(n, struct ini_option, node);

		if (o->section == s && streq(o->name, name))
			return o;
	}
	return NULL;
}

const struct ini_option *ini_option(const struct ini *ini,
				    const struct ini_section *s, const char *name)
{
	return find_option(ini, s, name);
}

struct ini_section *ini_want_section(struct loader *l, struct ini *ini,
				     const char *name, struct place at)
{
	struct ini_section *s;

	if (streq(name, "DEFAULT"))
		return &ini->defaults;
	s = ini_section(ini, name);
	if (s)
		return s;
	if (ini->n_sections >= INI_SECTIONS_MAX) {
		loader_error(l, at, "more than %d sections", INI_SECTIONS_MAX);
		return NULL;
	}
	s = pool_alloc(l->pool, sizeof(*s));
	if (!s) {
		loader_nomem(l);
		return NULL;
	}
	s->name = name;
	s->where = at;
	hmap_insert(&ini->sections, &s->node,
		    hmap_hash(&ini->sections, name, strlen(name)));
	if (ini->last)
		ini->last->next = s;
	else
		ini->first = s;
	ini->last = s;
	ini->n_sections++;
	return s;
}

static struct ini_option *new_option(struct loader *l, struct ini *ini,
				     struct ini_section *s, const char *name)
{
	struct ini_option *o;

	if (s->n_options >= INI_OPTIONS_MAX) {
		loader_error(l, s->where, "more than %d options in section \"%s\"",
			     INI_OPTIONS_MAX, s->name);
		return NULL;
	}
	o = pool_alloc(l->pool, sizeof(*o));
	if (!o) {
		loader_nomem(l);
		return NULL;
	}
	o->name = name;
	o->section = s;
	hmap_insert(&ini->options, &o->node, option_hash(ini, s, name));
	if (s->last)
		s->last->next = o;
	else
		s->first = o;
	s->last = o;
	s->n_options++;
	return o;
}

int ini_set(struct loader *l, struct ini *ini, struct ini_section *s,
	    const char *name, const struct value *v)
{
	struct ini_option *o = find_option(ini, s, name);
	struct ini_layer *layer = pool_alloc(l->pool, sizeof(*layer));

	if (!layer)
		return loader_nomem(l);
	if (!o)
		o = new_option(l, ini, s, name);
	if (!o)
		return -E2BIG;
	*layer = (struct ini_layer){ .value = *v, .below = o->top };
	o->top = layer;
	return 0;
}

char *ini_lower(struct loader *l, const char *name, size_t len)
{
	char *lower = pool_strndup(l->pool, name, len);

	for (char *c = lower; c && *c; c++)
		if (*c >= 'A' && *c <= 'Z')
			*c += 'a' - 'A';
	return lower;
}

/* ---- one set over another ------------------------------------------------------ */

/*
 * A section [Init?family=inet6] is folded into [Init], its options becoming
 * "name?family=inet6".  The length of the base name, or 0.
 */
static size_t condition_at(const char *name)
{
	size_t n = 0;

	while ((name[n] >= 'a' && name[n] <= 'z') || (name[n] >= 'A' && name[n] <= 'Z') ||
	       (name[n] >= '0' && name[n] <= '9') || name[n] == '_')
		n++;
	return name[n] == '?' && name[n + 1] ? n : 0;
}

static int merge_section(struct loader *l, struct ini *ini,
			 const struct ini_section *from)
{
	size_t base = condition_at(from->name);
	const char *name = base ? pool_strndup(l->pool, from->name, base) : from->name;
	struct ini_section *to;
	int err;

	if (!name)
		return loader_nomem(l);
	to = ini_want_section(l, ini, name, from->where);
	if (!to)
		return -E2BIG;
	to->broken |= from->broken;
	for (const struct ini_option *o = from->first; o; o = o->next) {
		name = base ? pool_printf(l->pool, "%s%s", o->name, from->name + base)
			    : o->name;
		if (!name)
			return loader_nomem(l);
		err = ini_set(l, ini, to, name, &o->top->value);
		if (err)
			return err;
	}
	return 0;
}

int ini_merge(struct loader *l, struct ini *ini, const struct ini *from)
{
	int err = merge_section(l, ini, &from->defaults);

	for (const struct ini_section *s = from->first; s && !err; s = s->next)
		err = merge_section(l, ini, s);
	ini->broken |= from->broken || err;
	return err == -ENOMEM ? err : 0;
}
