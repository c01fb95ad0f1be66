// SPDX-License-Identifier: GPL-2.0-or-later
#include "book.h"

#include <errno.h>
#include <stdlib.h>

#include "book_private.h"

struct trust_book *trust_book_new(void)
{
	struct trust_book *b = calloc(1, sizeof(*b));

	if (b && hmap_init(&b->by_name)) {
		free(b);
		return NULL;
	}
	return b;
}

static void places_free(struct place *v, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		trust_reading_fini(&v[i].reading);
		free(v[i].path);
	}
	free(v);
}

void trust_book_free(struct trust_book *b)
{
	if (!b)
		return;
	places_free(b->places, b->n);
	while (b->names) {
		struct named *n = named_of(b->names);

		b->names = n->pub.next;
		free(n);
	}
	hmap_fini(&b->by_name);
	free(b);
}

/* ---- sources ------------------------------------------------------------------ */

static struct place *find_place(const struct trust_book *b, const struct trust_source *s)
{
	for (size_t i = 0; i < b->n; i++)
		if (b->places[i].source.kind == s->kind &&
		    streq(b->places[i].source.path, s->path))
			return &b->places[i];
	return NULL;
}

int trust_book_configure(struct trust_book *b, const struct trust_source *sources, size_t n,
			 const struct trust_limits *limits)
{
	struct place *v = calloc(n + 1, sizeof(*v));

	for (size_t i = 0; v && i < n; i++) {
		v[i].path = strdup(sources[i].path);
		v[i].source = (struct trust_source){ sources[i].kind, v[i].path };
		if (!v[i].path) {
			places_free(v, i);
			v = NULL;
		}
	}
	if (!v)
		return -ENOMEM;
	for (size_t i = 0; i < n; i++) {
		struct place *old = find_place(b, &v[i].source);

		if (!old)
			continue;
		v[i].reading = old->reading;
		old->reading = (struct trust_reading){ 0 };
	}
	places_free(b->places, b->n);
	b->places = v;
	b->n = n;
	b->limits = *limits;
	return 0;
}

/* An unreadable file says nothing, so what it said before holds. */
static int read_place(struct place *p, const struct trust_limits *limits)
{
	struct trust_reading now;

	trust_read(&p->source, limits, &now);
	if (now.failed)
		trust_keep(&now, &p->reading);
	if (now.err) {
		int err = now.err;

		trust_reading_fini(&now);
		return err;
	}
	trust_reading_fini(&p->reading);
	p->reading = now;
	return 0;
}

int trust_book_read(struct trust_book *b)
{
	int err = 0;

	for (size_t i = 0; i < b->n; i++) {
		int ret = read_place(&b->places[i], &b->limits);

		err = err ? err : ret;
	}
	book_want_names(b);
	return err;
}

size_t trust_book_sources(const struct trust_book *b)
{
	return b->n;
}

const struct trust_source *trust_book_source(const struct trust_book *b, size_t i)
{
	return &b->places[i].source;
}

const struct trust_reading *trust_book_reading(const struct trust_book *b, size_t i)
{
	return &b->places[i].reading;
}

/* ---- for the allowlist ------------------------------------------------------------ */

struct group {
	struct str label;
	struct ipaddr *nets;		/* owns */
	size_t n, size;
	const struct trust_entry *of;
	trust_group_fn *fn;
	void *ctx;
};

static int add_net(struct group *g, const struct ipaddr *net)
{
	size_t size = g->size ? g->size * 2 : 64;
	struct ipaddr *v = g->nets;

	if (g->n == g->size) {
		v = realloc(v, size * sizeof(*v));
		if (!v)
			return -ENOMEM;
		g->nets = v;
		g->size = size;
	}
	g->nets[g->n++] = *net;
	return 0;
}

static bool is_of_group(const struct group *g, const struct trust_entry *e)
{
	return g->of && g->of->line == e->line && streq(g->of->file, e->file) &&
	       streq(g->of->role, e->role) && streq(g->of->name, e->name);
}

static int hand_out(struct group *g)
{
	const struct trust_entry *e = g->of;
	char name[TRUST_QUOTE];
	int err = 0;

	str_reset(&g->label);
	if (e && g->n) {
		str_printf(&g->label, "%s %s%s%s:%d", e->role, trust_quote(e->name, name),
			   *e->name ? ", " : "", e->file, e->line);
		err = g->label.failed ? -ENOMEM : g->fn(g->ctx, g->label.s, g->nets, g->n);
	}
	g->n = 0;
	return err;
}

static int add_entry(struct group *g, const struct trust_book *b, const struct trust_entry *e)
{
	const struct trust_name *name = trust_book_name(b, e);
	int err = 0;

	if (!is_of_group(g, e)) {
		err = hand_out(g);
		g->of = e;
	}
	if (!err && e->peer.net.family)
		err = add_net(g, &e->peer.net);
	for (size_t i = 0; name && i < name->n && !err; i++)
		err = add_net(g, &name->addrs[i].addr);
	return err;
}

int trust_book_groups(const struct trust_book *b, trust_group_fn *fn, void *ctx)
{
	struct group g = { .fn = fn, .ctx = ctx };
	int err = 0;

	for (size_t i = 0; i < b->n && !err; i++) {
		const struct trust_reading *r = &b->places[i].reading;

		for (size_t k = 0; k < r->n && !err; k++)
			err = add_entry(&g, b, &r->entries[k]);
	}
	if (!err)
		err = hand_out(&g);
	str_fini(&g.label);
	free(g.nets);
	return err;
}
