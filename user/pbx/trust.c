// SPDX-License-Identifier: GPL-2.0-or-later
#include "pbx/trust.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/log.h"
#include "pbx/trust_private.h"

/* ---- what the book says, into the allowlist ------------------------------------- */

struct claim { char *label; struct ipaddr net; };
struct claims { struct claim *v; size_t n, size; };

static int take_group(void *ctx, const char *label, const struct ipaddr *nets, size_t n)
{
	struct claims *c = ctx;

	while (c->n + n > c->size) {
		size_t size = c->size ? c->size * 2 : 64;
		struct claim *v = realloc(c->v, size * sizeof(*v));

		if (!v)
			return -ENOMEM;
		c->v = v;
		c->size = size;
	}
	for (size_t i = 0; i < n; i++) {
		struct claim *to = &c->v[c->n];

		to->net = nets[i];
		to->label = strdup(label);
		if (!to->label)
			return -ENOMEM;
		c->n++;
	}
	return 0;
}

static int by_label(const void *a, const void *b)
{
	return strcmp(((const struct claim *)a)->label, ((const struct claim *)b)->label);
}

static int by_text(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

static void labels_free(char **v, size_t n)
{
	for (size_t i = 0; i < n; i++)
		free(v[i]);
	free(v);
}

/* The claims of one label, the first of which is @from, in @nets; gives the next. */
static size_t take_label(const struct claims *c, size_t from, bool all, struct ipaddr *nets)
{
	size_t i = from;

	for (; i < c->n && (all || streq(c->v[i].label, c->v[from].label)); i++)
		nets[i - from] = c->v[i].net;
	return i;
}

/*
 * One group of the allowlist for each label, as `why` shows it.  There is no room
 * for thousands of them, so the last ones share a label.
 */
static int set_groups(struct trust *t, const struct claims *c, struct ipaddr *nets,
		      char **labels, size_t *n)
{
	for (size_t i = 0, next; i < c->n; i = next) {
		bool rest = *n == TRUST_MAX_LABELS - 1;
		char *label = strdup(rest ? "~ further peers of the PBX" : c->v[i].label);
		int err;

		if (!label)
			return -ENOMEM;
		labels[(*n)++] = label;
		next = take_label(c, i, rest, nets);
		err = allowlist_set(t->everyone, ALLOW_TRUSTED, label, nets, next - i);
		if (err)
			return err;
	}
	return 0;
}

/* These groups were set before something failed: the next time they may go. */
static void remember(struct trust *t, char **labels, size_t n)
{
	char **v = realloc(t->labels, (t->n_labels + n + 1) * sizeof(*v));

	if (!v) {
		labels_free(labels, n);
		return;
	}
	memcpy(v + t->n_labels, labels, n * sizeof(*v));
	t->labels = v;
	t->n_labels += n;
	free(labels);
}

/* New groups first, then the old ones go: nobody is without trust in between. */
static int set_allowlist(struct trust *t, struct claims *c)
{
	struct ipaddr *nets = calloc(c->n + 1, sizeof(*nets));
	char **labels = calloc(TRUST_MAX_LABELS, sizeof(*labels));
	size_t n = 0;
	int err = nets && labels ? 0 : -ENOMEM;

	if (!err)
		err = set_groups(t, c, nets, labels, &n);
	free(nets);
	if (err) {
		if (labels)
			remember(t, labels, n);
		return err;
	}
	for (size_t i = 0; i < t->n_labels; i++)
		if (!bsearch(&t->labels[i], labels, n, sizeof(*labels), by_text))
			allowlist_set(t->everyone, ALLOW_TRUSTED, t->labels[i], NULL, 0);
	labels_free(t->labels, t->n_labels);
	t->labels = labels;
	t->n_labels = n;
	t->n_nets = c->n;
	return 0;
}

void trust_apply(struct trust *t)
{
	struct claims c = { 0 };
	int err = trust_book_groups(t->book, take_group, &c);

	if (!err && c.n)
		qsort(c.v, c.n, sizeof(*c.v), by_label);
	if (!err)
		err = set_allowlist(t, &c);
	if (err)
		log_err("trust: cannot take over who is trusted: %s", strerror(-err));
	for (size_t i = 0; i < c.n; i++)
		free(c.v[i].label);
	free(c.v);
	t->changed(t->ctx);
}

/* ---- reading ---------------------------------------------------------------------- */

static void say(const struct trust *t, const struct trust_counts *before)
{
	struct trust_counts now = trust_count(t);

	if (now.entries != before->entries || now.nets != before->nets || now.readings == 1)
		log_notice("trust: sources %zu, lines in them %zu; addresses and networks "
			   "trusted %zu, host names %zu", now.sources, now.entries,
			   now.nets, now.names);
}

int trust_reread(struct trust *t)
{
	struct trust_counts before = trust_count(t);
	boot_t begin = boot_now(), end;
	int err = trust_book_read(t->book);

	end = boot_now();
	t->rested.ns = end.ns + TRUST_REST * (end.ns - begin.ns);
	if (err)
		log_err("trust: cannot read all of it: %s; what was known stays",
			strerror(-err));
	t->readings++;
	if (!t->names_loaded)
		trust_names_load(t);
	t->names_loaded = true;
	trust_apply(t);
	trust_watch_dirs(t);
	trust_names_due(t);
	say(t, &before);
	return err;
}

int trust_configure(struct trust *t, const struct config_settings *s)
{
	struct trust_source v[TRUST_MAX_SOURCES];
	struct trust_limits limits = {
		(unsigned int)s->trust_prefix4, (unsigned int)s->trust_prefix6,
	};
	size_t n = trust_setting_sources(s, v, NULL);
	int err;

	for (size_t i = 0; i < n; i++)
		t->named[i] = trust_setting_names(s, &v[i]);
	t->named[n] = false;
	v[n++] = (struct trust_source){ TRUST_LIST, t->own_path };
	err = trust_book_configure(t->book, v, n, &limits);
	return err ? err : trust_reread(t);
}

/* ---- lifetime --------------------------------------------------------------------- */

int trust_new(struct trust **out, const struct trust_params *p)
{
	struct trust *t = calloc(1, sizeof(*t));
	int err = -ENOMEM;

	if (!t)
		return -ENOMEM;
	*t = (struct trust){
		.loop = p->loop, .resolver = p->resolver, .everyone = p->everyone,
		.changed = p->changed, .ctx = p->ctx, .book = trust_book_new(),
	};
	trust_names_start(t);
	if (asprintf(&t->names_path, "%s/trust-names", p->state) < 0)
		t->names_path = NULL;
	if (asprintf(&t->own_path, "%s/trusted", p->state) < 0)
		t->own_path = NULL;
	if (t->book && t->names_path && t->own_path)
		err = trust_watch_start(t);
	if (err) {
		trust_free(t);
		return err;
	}
	*out = t;
	return 0;
}

void trust_stop(struct trust *t)
{
	if (!t)
		return;
	trust_names_stop(t);
	trust_watch_stop(t);
}

void trust_free(struct trust *t)
{
	if (!t)
		return;
	trust_stop(t);
	trust_book_free(t->book);
	labels_free(t->labels, t->n_labels);
	free(t->names_path);
	free(t->own_path);
	free(t);
}

const struct trust_book *trust_known(const struct trust *t)
{
	return t->book;
}
