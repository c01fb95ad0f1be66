// SPDX-License-Identifier: GPL-2.0-or-later
#include "resync.h"

#include <errno.h>
#include <stdlib.h>

#include "base/util.h"

struct item {
	struct hmap_node node;
	struct enforce_entry entry;
};

/* Many are made, and all go at once. */
struct chunk {
	struct chunk *next;
	size_t n;
	struct item items[256];
};

static struct item *new_item(struct snapshot *s)
{
	struct chunk *c = s->chunks;

	if (!c || c->n == ARRAY_SIZE(c->items)) {
		c = malloc(sizeof(*c));
		if (!c)
			return NULL;
		c->next = s->chunks;
		c->n = 0;
		s->chunks = c;
	}
	return &c->items[c->n++];
}

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
		item = new_item(s);
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

static int snapshot_make(struct snapshot *s)
{
	int err = hmap_init(&s->map);

	s->made = !err;
	return err;
}

int snapshot_take(struct snapshot *s, struct enforcer *e, boot_t now)
{
	int err;

	snapshot_fini(s);
	err = snapshot_make(s);
	return err ? err : e->ops->each(e, now, put, s);
}

void snapshot_fini(struct snapshot *s)
{
	struct chunk *c;

	while ((c = s->chunks)) {
		s->chunks = c->next;
		free(c);
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
#define STEP	1024		/* bans of one step: about a millisecond */
#define SAME_NS	(2 * NS_PER_S)	/* kernels count in seconds, some of them */

struct resync {
	struct enforcer *e;		/* borrows */
	struct snapshot there;
	struct snapshot touched;	/* written since the pass began */
	struct hmap_cursor seen;	/* in @there */
	bool all_seen;
	size_t cursor;			/* in the truth */
	struct enforce_ban changes[BATCH];
	size_t n;
	int err;			/* the last one; we go on */
};

/* What one step is about. */
struct comparison {
	struct resync *r;
	const struct enforce_truth *truth;
	boot_t now;
	struct enforce_repairs *out;
};

static void flush(struct resync *r)
{
	int err = r->n ? r->e->ops->add(r->e, r->changes, r->n) : 0;

	if (err)
		r->err = err;
	r->n = 0;
}

static void change(struct resync *r, const struct enforce_ban *b)
{
	r->changes[r->n++] = *b;
	if (r->n == BATCH)
		flush(r);
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
	if (snapshot_find(&c->r->touched, &there.who))
		return;
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
	change(c->r, &want);
}

/* True when all of the truth was seen. */
static bool find_missing(struct comparison *c)
{
	struct resync *r = c->r;
	struct enforce_ban want = { 0 };

	for (int i = 0; i < STEP; i++) {
		if (!c->truth->next(c->truth->ctx, &r->cursor, &want))
			return true;
		forget_ended(&want, c->now);
		if (!want.n || snapshot_find(&r->there, &want.who) ||
		    snapshot_find(&r->touched, &want.who))
			continue;
		c->out->missing++;
		change(r, &want);
	}
	return false;
}

/* ---- in steps --------------------------------------------------------------------------- */

int resync_begin(struct resync **out, struct enforcer *e)
{
	struct resync *r = calloc(1, sizeof(*r));
	int err = r ? snapshot_make(&r->there) : -ENOMEM;

	if (!err)
		err = snapshot_make(&r->touched);
	if (err) {
		resync_end(r);
		return err;
	}
	r->e = e;
	*out = r;
	return 0;
}

void resync_end(struct resync *r)
{
	if (!r)
		return;
	snapshot_fini(&r->there);
	snapshot_fini(&r->touched);
	free(r);
}

int resync_put(struct resync *r, const struct enforce_entry *entry)
{
	return put(&r->there, entry);
}

/* Where there is no memory to note it, it is written once more, and counted. */
void resync_touch(struct resync *r, const struct ipaddr *who)
{
	struct enforce_entry entry = { .ban.who = *who };

	if (r)
		put(&r->touched, &entry);
}

int resync_compare(struct resync *r, const struct enforce_truth *truth, boot_t now,
		   struct enforce_repairs *out)
{
	struct comparison c = { r, truth, now, out };
	const struct enforce_entry *entry = NULL;
	bool done = false;

	for (int i = 0; i < STEP && !r->all_seen; i++) {
		entry = snapshot_each(&r->there, &r->seen);
		r->all_seen = !entry;
		if (entry)
			check_there(&c, entry);
	}
	if (r->all_seen)
		done = find_missing(&c);
	flush(r);	/* what is right now may be wrong in the next step */
	return done ? r->err : 1;
}

static int put_all(void *ctx, const struct enforce_entry *entry)
{
	return resync_put(ctx, entry);
}

int resync_bans(struct enforcer *e, const struct enforce_truth *truth, boot_t now,
		struct enforce_repairs *out)
{
	struct resync *r;
	int ret = resync_begin(&r, e);

	if (ret)
		return ret;
	ret = e->ops->each(e, now, put_all, r);
	if (!ret)
		do
			ret = resync_compare(r, truth, now, out);
		while (ret > 0);
	resync_end(r);
	return ret;
}
