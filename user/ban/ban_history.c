// SPDX-License-Identifier: GPL-2.0-or-later
#include "ban_history.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/queue.h>

#include "ban_names.h"
#include "base/hmap.h"

/* One offender in one jail. */
struct offender {
	struct hmap_node by_who;	/* several jails: several of one address */
	TAILQ_ENTRY(offender) age;
	struct ipaddr who;
	uint16_t jail;
	uint32_t bans;
	wall_t last;
	int64_t bantime_us;
};

struct ban_history {
	struct hmap by_who;		/* owns the offenders */
	TAILQ_HEAD(, offender) by_age;	/* the one banned longest ago comes first */
	struct offender *walk;		/* where ban_history_walk() goes on */
	struct ban_names jails;
	size_t max;
	ban_history_fn *gone;
	void *ctx;			/* borrows */
	uint64_t evicted;
};

struct ban_history *ban_history_new(size_t max_entries, ban_history_fn *gone, void *ctx)
{
	struct ban_history *h = calloc(1, sizeof(*h));

	if (!h)
		return NULL;
	if (hmap_init(&h->by_who)) {
		free(h);
		return NULL;
	}
	h->max = max_entries ? max_entries : 1;
	h->gone = gone;
	h->ctx = ctx;
	TAILQ_INIT(&h->by_age);
	return h;
}

static void list_out(struct ban_history *h, struct offender *o)
{
	if (h->walk == o)
		h->walk = TAILQ_NEXT(o, age);
	TAILQ_REMOVE(&h->by_age, o, age);
}

static void drop(struct ban_history *h, struct offender *o)
{
	hmap_remove(&h->by_who, &o->by_who);
	list_out(h, o);
	free(o);
}

static struct ban_past past_of(const struct offender *o)
{
	return (struct ban_past){ o->bans, o->last, o->bantime_us };
}

/* Told, and gone. */
static void let_go(struct ban_history *h, struct offender *o)
{
	struct ban_past past = past_of(o);

	if (h->gone)
		h->gone(h->ctx, h->jails.v[o->jail], &o->who, &past);
	drop(h, o);
}

void ban_history_free(struct ban_history *h)
{
	if (!h)
		return;
	while (!TAILQ_EMPTY(&h->by_age))
		drop(h, TAILQ_FIRST(&h->by_age));
	hmap_fini(&h->by_who);
	ban_names_fini(&h->jails);
	free(h);
}

/* ---- find ----------------------------------------------------------------- */

static struct offender *skip_others(struct hmap_node *at, const struct ipaddr *who)
{
	for (; at; at = hmap_next(at)) {
		struct offender *o = container_of(at, struct offender, by_who);

		if (ipaddr_equal(&o->who, who))
			return o;
	}
	return NULL;
}

static uint64_t hash_of(const struct ban_history *h, const struct ipaddr *who)
{
	return hmap_hash_addr(h->by_who.key, who);
}

static struct offender *first_of(const struct ban_history *h, const struct ipaddr *who)
{
	return skip_others(hmap_first(&h->by_who, hash_of(h, who)), who);
}

static struct offender *next_of(const struct offender *o)
{
	return skip_others(hmap_next(&o->by_who), &o->who);
}

static struct offender *find(const struct ban_history *h, const struct ipaddr *who, int jail,
			     uint64_t hash)
{
	struct offender *o = skip_others(hmap_first(&h->by_who, hash), who);

	while (o && o->jail != jail)
		o = next_of(o);
	return o;
}

/* Sums of bans stop at the largest number. */
static uint32_t sum(uint32_t a, uint32_t b)
{
	return a + b < a ? UINT32_MAX : a + b;
}

struct ban_past ban_history_get(const struct ban_history *h, const char *jail,
				const struct ipaddr *who)
{
	int only = jail ? ban_names_find(&h->jails, jail) : -1;
	struct ban_past past = { 0 };

	if (jail && only < 0)
		return past;
	for (const struct offender *o = first_of(h, who); o; o = next_of(o)) {
		uint32_t bans = sum(past.bans, o->bans);

		if (jail && o->jail != only)
			continue;
		if (!past.bans || o->last.us > past.last.us)
			past = past_of(o);
		past.bans = bans;
	}
	return past;
}

void ban_history_expect(const struct ban_history *h, const struct ipaddr *who, size_t n)
{
	uint64_t hashes[HMAP_BATCH];

	n = n < HMAP_BATCH ? n : HMAP_BATCH;
	for (size_t i = 0; i < n; i++)
		hashes[i] = hash_of(h, &who[i]);
	hmap_expect(&h->by_who, hashes, n);
}

/* ---- change --------------------------------------------------------------- */

static struct offender *get(struct ban_history *h, const char *jail, const struct ipaddr *who)
{
	int index = ban_names_get(&h->jails, jail);
	uint64_t hash = hash_of(h, who);
	struct offender *o;

	if (index < 0)
		return NULL;
	o = find(h, who, index, hash);
	if (o) {
		list_out(h, o);
		TAILQ_INSERT_TAIL(&h->by_age, o, age);
		return o;
	}
	o = calloc(1, sizeof(*o));
	if (!o)
		return NULL;
	while (h->by_who.n >= h->max) {
		let_go(h, TAILQ_FIRST(&h->by_age));
		h->evicted++;
	}
	o->who = *who;
	o->jail = (uint16_t)index;
	hmap_insert(&h->by_who, &o->by_who, hash);
	TAILQ_INSERT_TAIL(&h->by_age, o, age);
	return o;
}

int ban_history_add(struct ban_history *h, const char *jail,
		    const struct ipaddr *who, wall_t since, int64_t bantime_us,
		    struct ban_past *now)
{
	struct offender *o = get(h, jail, who);

	if (!o)
		return -ENOMEM;
	o->bans = sum(o->bans, 1);
	o->last = since;
	o->bantime_us = bantime_us;
	*now = past_of(o);
	return 0;
}

int ban_history_restore(struct ban_history *h, const char *jail,
			const struct ipaddr *who, const struct ban_past *past)
{
	struct offender *o = get(h, jail, who);
	bool same;

	if (!o)
		return -ENOMEM;
	/* Read late, when one who began at the same line was banned again. */
	same = o->bans && o->last.us == past->last.us;
	o->bans = sum(o->bans, past->bans - (same && past->bans));
	if (o->last.us > past->last.us)
		return 0;
	o->last = past->last;
	o->bantime_us = past->bantime_us;
	return 0;
}

size_t ban_history_forget(struct ban_history *h, const char *jail,
			  const struct ipaddr *who)
{
	int only = jail ? ban_names_find(&h->jails, jail) : -1;
	struct offender *o = first_of(h, who), *next;
	size_t n = 0;

	if (jail && only < 0)
		return 0;
	for (; o; o = next) {
		next = next_of(o);
		if (jail && o->jail != only)
			continue;
		let_go(h, o);
		n++;
	}
	return n;
}

static bool is_good_again(const struct offender *o, wall_t now, int64_t age_us)
{
	int64_t good_us;

	if (o->bantime_us < 0 || __builtin_sub_overflow(now.us, o->last.us, &good_us))
		return false;
	return good_us > age_us && (good_us - age_us) / 3 > o->bantime_us;
}

static bool is_recent(const struct offender *o, wall_t now, int64_t age_us)
{
	return o->last.us > now.us || now.us - o->last.us <= age_us;
}

size_t ban_history_purge(struct ban_history *h, wall_t now, int64_t age_us)
{
	struct offender *o, *next;
	size_t n = 0;

	for (o = TAILQ_FIRST(&h->by_age); o; o = next) {
		next = TAILQ_NEXT(o, age);
		if (is_recent(o, now, age_us))
			break;
		if (!is_good_again(o, now, age_us))
			continue;
		let_go(h, o);
		n++;
	}
	return n;
}

void ban_history_rewind(struct ban_history *h)
{
	h->walk = TAILQ_FIRST(&h->by_age);
}

bool ban_history_walk(struct ban_history *h, size_t max, ban_history_fn *fn, void *ctx)
{
	for (; h->walk && max; max--) {
		struct offender *o = h->walk;
		struct ban_past past = past_of(o);

		h->walk = TAILQ_NEXT(o, age);
		fn(ctx, h->jails.v[o->jail], &o->who, &past);
	}
	return h->walk;
}

void ban_history_of(const struct ban_history *h, const struct ipaddr *who,
		    ban_history_fn *fn, void *ctx)
{
	for (const struct offender *o = first_of(h, who); o; o = next_of(o)) {
		struct ban_past past = past_of(o);

		fn(ctx, h->jails.v[o->jail], &o->who, &past);
	}
}

size_t ban_history_count(const struct ban_history *h)
{
	return h->by_who.n;
}

uint64_t ban_history_evicted(const struct ban_history *h)
{
	return h->evicted;
}
