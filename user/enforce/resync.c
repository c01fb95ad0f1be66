// SPDX-License-Identifier: GPL-2.0-or-later
#include "resync.h"

#include <errno.h>
#include <stdlib.h>

#include "base/util.h"

struct item {
	struct hmap_node node;
	struct enforce_entry entry;
};

/* ---- reading it out ------------------------------------------------------------------ */

static struct item *find(const struct snapshot *s, const struct ipaddr *who, uint64_t hash)
{
	struct hmap_node *node = hmap_first(&s->map, hash);

	for (; node; node = hmap_next(node)) {
		struct item *item = container_of(node, struct item, node);

		if (ipaddr_equal(&item->entry.ban.who, who))
			return item;
	}
	return NULL;
}

/* A scope may come several times, where it takes several rules. */
static void put_end(struct enforce_ban *b, const struct enforce_end *end)
{
	for (unsigned int i = 0; i < b->n; i++)
		if (b->ends[i].scope == end->scope)
			return;
	if (b->n < ENFORCE_ENDS)
		b->ends[b->n++] = *end;
}

static int put(void *ctx, const struct enforce_entry *e)
{
	struct snapshot *s = ctx;
	uint64_t hash = hmap_hash(&s->map, &e->ban.who, sizeof(e->ban.who));
	struct item *item = find(s, &e->ban.who, hash);

	if (!item) {
		item = calloc(1, sizeof(*item));
		if (!item)
			return -ENOMEM;
		item->entry = *e;
		hmap_insert(&s->map, &item->node, hash);
		return 0;
	}
	for (unsigned int i = 0; i < e->ban.n; i++)
		put_end(&item->entry.ban, &e->ban.ends[i]);
	item->entry.hits.frames += e->hits.frames;
	item->entry.hits.bytes += e->hits.bytes;
	return 0;
}

int snapshot_take(struct snapshot *s, struct enforcer *e, boot_t now)
{
	int err;

	snapshot_fini(s);
	err = hmap_init(&s->map);
	if (err)
		return err;
	s->made = true;
	return e->ops->each(e, now, put, s);
}

void snapshot_fini(struct snapshot *s)
{
	struct hmap_cursor c = { 0 };
	struct hmap_node *node;

	while (s->made && (node = hmap_each(&s->map, &c))) {
		hmap_remove(&s->map, node);
		free(container_of(node, struct item, node));
	}
	if (s->made)
		hmap_fini(&s->map);
	s->made = false;
}

const struct enforce_entry *snapshot_find(const struct snapshot *s, const struct ipaddr *who)
{
	struct item *item = s->made ? find(s, who, hmap_hash(&s->map, who, sizeof(*who))) : NULL;

	return item ? &item->entry : NULL;
}

const struct enforce_entry *snapshot_each(const struct snapshot *s, struct hmap_cursor *c)
{
	struct hmap_node *node = s->made ? hmap_each(&s->map, c) : NULL;

	return node ? &container_of(node, struct item, node)->entry : NULL;
}

/* ---- comparing ------------------------------------------------------------------------- */

#define BATCH	512		/* changes in one call */
#define SAME_NS	(2 * NS_PER_S)	/* kernels count in seconds, some of them */

struct comparison {
	struct enforcer *e;
	const struct enforce_truth *truth;
	boot_t now;
	struct enforce_repairs *out;
	struct snapshot there;
	struct enforce_ban *changes;	/* owns; BATCH of them */
	size_t n;
	int err;			/* the last one; we go on */
};

static void flush(struct comparison *c)
{
	int err = c->n ? c->e->ops->add(c->e, c->changes, c->n) : 0;

	if (err)
		c->err = err;
	c->n = 0;
}

static void change(struct comparison *c, const struct enforce_ban *b)
{
	c->changes[c->n++] = *b;
	if (c->n == BATCH)
		flush(c);
}

/* Ends that are over count for nothing. */
static void forget_ended(struct enforce_ban *b, boot_t now)
{
	for (unsigned int i = 0; i < b->n; ) {
		if (b->ends[i].until.ns > now.ns)
			i++;
		else
			b->ends[i] = b->ends[--b->n];
	}
}

static bool same(const struct enforce_ban *a, const struct enforce_ban *b)
{
	if (a->n != b->n)
		return false;
	for (unsigned int i = 0; i < a->n; i++) {
		unsigned int j = 0;

		for (; j < b->n; j++) {
			uint64_t x = a->ends[i].until.ns, y = b->ends[j].until.ns;

			if (a->ends[i].scope == b->ends[j].scope &&
			    (x > y ? x - y : y - x) < SAME_NS)
				break;
		}
		if (j == b->n)
			return false;
	}
	return true;
}

static void check_there(struct comparison *c, const struct enforce_entry *entry)
{
	struct enforce_ban there = entry->ban, want = { 0 };

	c->out->checked++;
	if (!c->truth->find(c->truth->ctx, &there.who, &want))
		want = (struct enforce_ban){ .who = there.who };
	forget_ended(&there, c->now);
	forget_ended(&want, c->now);
	if (same(&there, &want) && there.n == entry->ban.n)
		return;
	if (c->truth->partial && there.n && !want.n)
		return;
	if (same(&there, &want) || !there.n)
		c->out->expired++;
	else if (!want.n)
		c->out->foreign++;
	else
		c->out->changed++;
	change(c, &want);
}

static void find_missing(struct comparison *c)
{
	struct enforce_ban want = { 0 };
	size_t cursor = 0;

	while (c->truth->next(c->truth->ctx, &cursor, &want)) {
		forget_ended(&want, c->now);
		if (!want.n || snapshot_find(&c->there, &want.who))
			continue;
		c->out->missing++;
		change(c, &want);
	}
}

int resync_bans(struct enforcer *e, const struct enforce_truth *truth, boot_t now,
		struct enforce_repairs *out)
{
	struct comparison c = { .e = e, .truth = truth, .now = now, .out = out };
	struct hmap_cursor cursor = { 0 };
	const struct enforce_entry *entry;

	c.changes = calloc(BATCH, sizeof(*c.changes));
	c.err = c.changes ? snapshot_take(&c.there, e, now) : -ENOMEM;
	if (!c.err) {
		while ((entry = snapshot_each(&c.there, &cursor)))
			check_there(&c, entry);
		find_missing(&c);
		flush(&c);
	}
	snapshot_fini(&c.there);
	free(c.changes);
	return c.err;
}
