// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <stdlib.h>

#include "ban_store_private.h"

struct ban_store *ban_store_new(const struct ban_store_params *params)
{
	struct ban_store *s = calloc(1, sizeof(*s));

	if (!s)
		return NULL;
	if (hmap_init(&s->by_who)) {
		free(s);
		return NULL;
	}
	s->params = *params;
	ban_texts_init(&s->texts, params->max_text);
	return s;
}

void ban_store_free(struct ban_store *s)
{
	if (!s)
		return;
	ban_texts_fini(&s->texts);
	for (size_t i = 0; i < s->n_chunks; i++)
		free(s->chunks[i]);
	free(s->chunks);
	ban_names_fini(&s->jails);
	free(s->counts);
	hmap_fini(&s->by_who);
	heap_fini(&s->by_end);
	free(s);
}

void ban_store_set_max(struct ban_store *s, size_t max_bans, enum ban_policy policy)
{
	s->params.max_bans = max_bans;
	s->params.policy = policy;
}

/* ---- nodes ---------------------------------------------------------------- */

static int add_chunk(struct ban_store *s)
{
	size_t room = s->chunk_room ? s->chunk_room * 2 : 16;
	struct node **p, *chunk;

	if (s->n_chunks == s->chunk_room) {
		p = realloc(s->chunks, room * sizeof(*p));
		if (!p)
			return -ENOMEM;
		s->chunks = p;
		s->chunk_room = room;
	}
	chunk = calloc(CHUNK, sizeof(*chunk));
	if (!chunk)
		return -ENOMEM;
	s->chunks[s->n_chunks++] = chunk;
	for (size_t i = CHUNK; i-- > 0;) {
		chunk[i].next_free = s->free;
		s->free = &chunk[i];
	}
	return 0;
}

static int get_jail(struct ban_store *s, const char *name)
{
	size_t known = s->jails.n;
	int jail = ban_names_find(&s->jails, name);
	struct jail_count *p;

	if (jail >= 0)
		return jail;
	/* Room for its counts first: no name is without them. */
	p = realloc(s->counts, (known + 1) * sizeof(*p));
	if (!p)
		return -ENOMEM;
	s->counts = p;
	p[known] = (struct jail_count){ 0 };
	return ban_names_get(&s->jails, name);
}

/* ---- end ------------------------------------------------------------------- */

static void count(struct ban_store *s, const struct node *n, int by)
{
	s->by_prefix[n->who.family == 6][n->who.prefix] += (size_t)by;
	s->counts[n->jail].bans += (size_t)by;
	s->stats.bans += (size_t)by;
}

static void unlink_node(struct ban_store *s, struct node *n)
{
	struct node *heir;

	hmap_remove(&s->by_who, &n->by_who);
	heap_remove(&s->by_end, &n->by_end);
	count(s, n, -1);
	if (!n->leads)
		return;
	heir = ban_node_first(s, &n->who);
	if (heir)
		heir->leads = true;
	else
		s->addresses--;
}

/* The ban is out of the store when others are told, its texts last that long. */
static void end(struct ban_store *s, struct node *n, enum ban_end how)
{
	struct ban b = ban_node_value(s, n);
	struct ban_text *text = ban_text_take(&s->texts, &n->text);

	s->stats.expired += how == BAN_EXPIRED;
	s->stats.removed += how == BAN_REMOVED;
	s->stats.replaced += how == BAN_REPLACED;
	unlink_node(s, n);
	n->used = n->leads = false;
	n->next_free = s->free;
	s->free = n;
	if (s->params.ended)
		s->params.ended(s->params.ctx, &b, how);
	free(text);
}

/* ---- add ------------------------------------------------------------------- */

static int make_room(struct ban_store *s, const struct ban *b)
{
	struct heap_node *top = heap_top(&s->by_end);

	if (s->stats.bans < s->params.max_bans)
		return 0;
	if (s->params.policy == BAN_FULL_REFUSE || !top || top->key >= b->until.ns) {
		s->stats.refused++;
		return -ENOSPC;
	}
	end(s, container_of(top, struct node, by_end), BAN_REPLACED);
	return 0;
}

static void fill(struct ban_store *s, struct node *n, const struct ban *b)
{
	n->scope = b->scope;
	n->failures = b->failures;
	n->earlier = b->earlier;
	if (b->reason || b->lines)
		ban_text_set(&s->texts, &n->text, b->reason, b->lines);
}

static int prolong(struct ban_store *s, struct node *n, const struct ban *b)
{
	if (b->until.ns <= n->by_end.key)
		return BAN_SAME;
	fill(s, n, b);
	heap_move(&s->by_end, &n->by_end, b->until.ns);
	s->stats.prolonged++;
	return BAN_PROLONGED;
}

static int add_new(struct ban_store *s, const struct ban *b, int jail, uint64_t hash)
{
	struct node *n;
	int err = make_room(s, b);

	if (!err && !s->free)
		err = add_chunk(s);
	if (err)
		return err;
	n = s->free;
	err = heap_insert(&s->by_end, &n->by_end, b->until.ns);
	if (err)
		return err;
	s->free = n->next_free;
	n->text = NULL;
	n->who = b->who;
	n->jail = (uint16_t)jail;
	n->since = b->since;
	n->used = true;
	n->marked = false;
	n->leads = !ban_node_hashed(s, &b->who, hash);
	s->addresses += n->leads;
	fill(s, n, b);
	hmap_insert(&s->by_who, &n->by_who, hash);
	count(s, n, 1);
	s->counts[jail].total++;
	s->stats.added++;
	return BAN_NEW;
}

static bool is_valid(const struct ban *b)
{
	return (b->who.family == 4 || b->who.family == 6) && b->jail && *b->jail &&
	       b->who.prefix <= (b->who.family == 4 ? 32 : 128) && b->scope < BAN_SCOPES;
}

int ban_store_add(struct ban_store *s, const struct ban *b)
{
	uint64_t hash;
	struct node *n;
	int jail;

	if (!is_valid(b))
		return -EINVAL;
	jail = get_jail(s, b->jail);
	if (jail < 0)
		return jail;
	hash = hmap_hash_addr(s->by_who.key, &b->who);
	n = ban_node_hashed(s, &b->who, hash);
	while (n && n->jail != jail)
		n = ban_node_next(n);
	return n ? prolong(s, n, b) : add_new(s, b, jail, hash);
}

/* ---- delete ---------------------------------------------------------------- */

size_t ban_store_del(struct ban_store *s, const struct ipaddr *who, const char *jail)
{
	int only = jail ? ban_names_find(&s->jails, jail) : -1;
	struct node *n = ban_node_first(s, who), *next;
	size_t removed = 0;

	if (jail && only < 0)
		return 0;
	for (; n; n = next) {
		next = ban_node_next(n);
		if (jail && n->jail != only)
			continue;
		end(s, n, BAN_REMOVED);
		removed++;
	}
	return removed;
}

size_t ban_store_expire(struct ban_store *s, boot_t now)
{
	struct heap_node *top;
	size_t ended = 0;

	while ((top = heap_top(&s->by_end)) && top->key <= now.ns && top->key != BOOT_NEVER.ns) {
		end(s, container_of(top, struct node, by_end), BAN_EXPIRED);
		ended++;
	}
	return ended;
}

boot_t ban_store_next_end(const struct ban_store *s)
{
	struct heap_node *top = heap_top(&s->by_end);

	return top ? (boot_t){ top->key } : BOOT_NEVER;
}
