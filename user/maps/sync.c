// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * sync - compares what the kernel enforces with what should be enforced, in
 * steps: first through the kernel's entries, each looked up in the truth; then
 * through the truth, each looked up in the kernel.  Bans come and go between
 * steps; they come through maps_add(), so they are right, seen or not.
 * On the way, a new filter is made of what is there (maps_front.c).
 */
#include "maps_private.h"

#include <bpf/bpf.h>
#include <errno.h>
#include <stdlib.h>

#include "base/log.h"
#include "walk.h"

/*
 * Ends come from the wall clock after a restart, and are never the same twice;
 * to write a million bans again for a few microseconds would be a waste.
 */
#define SAME_NS	(1ull << 30)

#define STEP	1024	/* bans of one step: about a millisecond */
/*
 * Where there are fewer entries than buckets in a hash, most of the time goes
 * into empty buckets: this many in one step.
 */
#define STEP_BUCKETS	(1u << 18)

enum stage { REST, HOSTS4, NETS4, HOSTS6, NETS6, MISSING, FRONT4, FRONT6, NEAR, DONE };

struct maps_sync {
	enum stage stage;
	struct map_walk *walk;		/* owns; in stages that walk a map */
	uint64_t found;			/* entries of that map that may stay */
	struct settings counted;	/* of the tries, while they are walked */
	uint64_t tries_changed;		/* maps->tries_changed when that began */
	uint64_t right;			/* addresses that are as they should be */
	uint64_t writes;		/* maps->writes when the pass began, and ours since */
	size_t count;			/* of the truth when it began */
	size_t cursor;			/* in the truth */
	int err;			/* the last one; we go on */
	struct enforce_ban bans[STEP];	/* to put back */
};

/* What one step is about. */
struct step {
	struct maps *maps;
	struct maps_sync *sync;
	const struct enforce_truth *truth;
	boot_t now;
	struct enforce_repairs *out;
	int family;
};

static bool same_end(__u64 a, __u64 b)
{
	__u64 apart = a > b ? a - b : b - a;

	return end_scope(a) == end_scope(b) && apart < SAME_NS;
}

/* The order of ends means nothing. */
static bool same_trie(const struct net_ban *a, const struct net_ban *b)
{
	if (a->n_ends != b->n_ends || a->prefixlen != b->prefixlen)
		return false;
	for (unsigned int i = 0; i < a->n_ends && i < NET_ENDS; i++) {
		unsigned int j = 0;

		while (j < b->n_ends && j < NET_ENDS && !same_end(a->ends[i], b->ends[j]))
			j++;
		if (j == b->n_ends)
			return false;
	}
	return true;
}

static bool ended(const struct enforce_ban *b, boot_t now)
{
	for (unsigned int i = 0; i < b->n; i++)
		if (b->ends[i].until.ns > now.ns)
			return false;
	return true;
}

static void note(struct step *s, int err)
{
	if (err)
		s->sync->err = err;
}

static bool is_in_hash(struct maps *maps, const struct ipaddr *who)
{
	struct host_ban host;

	return maps_front_maybe(maps, family_of(who), who->bytes) &&
	       !bpf_map_lookup_elem(maps->fd[MAP_BANS4 + family_of(who)], who->bytes, &host);
}

static bool is_in_trie(struct maps *maps, const struct ipaddr *who)
{
	struct net_ban net;
	struct prefix6 key;

	prefix_make(who, &key);
	return !bpf_map_lookup_elem(maps->fd[MAP_NETS4 + family_of(who)], &key, &net) &&
	       net.prefixlen == who->prefix;
}

/* ---- the kernel's entries --------------------------------------------------- */

/* Nobody wants @there: clear it away, as ended or as somebody else's. */
static void take_out(struct step *s, const struct enforce_ban *there)
{
	s->sync->writes++;
	if (ended(there, s->now))
		s->out->expired++;
	else
		s->out->foreign++;
	note(s, maps_del(&s->maps->e, &there->who, 1));
}

/* Where one end is over, and another takes its place, nothing was wrong. */
static void change(struct step *s, const struct enforce_ban *there,
		   const struct enforce_ban *want)
{
	s->sync->writes++;
	++*(ended(there, s->now) ? &s->out->expired : &s->out->changed);
	note(s, maps_add(&s->maps->e, want, 1));
}

/* Nobody knows whether @there is wanted: it stays, and the filters must show it. */
static void keep(struct step *s, const struct enforce_ban *there)
{
	s->sync->found++;
	if (ipaddr_is_host(&there->who))
		maps_front_add(s->maps, s->family, there->who.bytes);
	else
		maps_near_add(s->maps, &there->who);
}

/* What should be enforced for the address of @there; false: nothing. */
static bool wanted(struct step *s, const struct enforce_ban *there, struct enforce_ban *want)
{
	s->out->checked++;
	if (s->truth->find(s->truth->ctx, &there->who, want) && !ended(want, s->now)) {
		s->sync->found++;
		return true;
	}
	if (s->truth->partial && !ended(there, s->now))
		keep(s, there);
	else
		take_out(s, there);
	return false;
}

static int check_host(void *ctx, const void *key, const void *value)
{
	struct step *s = ctx;
	const struct host_ban *v = value;
	struct enforce_ban there, want = { 0 };
	struct ban_image image;

	host_decode(s->family, key, v, &there);
	if (!wanted(s, &there, &want))
		return 0;
	ban_encode(&want, &image);
	if (!maps_front_add(s->maps, s->family, key))
		s->out->other++;	/* was not dropped, though in the hash */
	if (!same_end(image.hash.end, v->end))
		change(s, &there, &want);
	/* Whether the other ends are right, the walk of the trie sees. */
	s->sync->right += !image.in_trie || is_in_trie(s->maps, &there.who);
	return 0;
}

static int check_net(void *ctx, const void *key, const void *value)
{
	struct step *s = ctx;
	const struct net_ban *v = value;
	struct enforce_ban there, want = { 0 };
	struct ban_image image;

	++*maps_trie_count(&s->sync->counted, MAP_NETS4 + s->family, key);
	net_decode(s->family, key, v, &there);
	if (!wanted(s, &there, &want))
		return 0;
	ban_encode(&want, &image);
	if (!ipaddr_is_host(&there.who) && !maps_near_add(s->maps, &there.who))
		s->out->other++;	/* was not dropped, though in the trie */
	if (!same_trie(&image.trie, v))
		change(s, &there, &want);	/* takes it out, if there is but one end */
	s->sync->right += !ipaddr_is_host(&there.who);
	return 0;
}

/* How many entries to ask for, so that a step does not walk too many buckets. */
static uint32_t portion(const struct step *s)
{
	uint64_t n = s->maps->hosts[s->family] * STEP_BUCKETS /
		     (s->maps->max_bans[s->family] * 2ull + 1) + 1;

	return n < STEP ? (uint32_t)n : STEP;
}

static void begin_walk(struct step *s, enum map_id m)
{
	struct maps_sync *sync = s->sync;

	sync->found = 0;
	sync->counted = (struct settings){ 0 };
	sync->tries_changed = s->maps->tries_changed;
	note(s, map_walk_begin(&sync->walk, s->maps->fd[m]));
}

/* The counts of networks say whether to look for any: they must be right. */
static void end_walk(struct step *s, bool hosts)
{
	struct settings *ours = &s->maps->settings;

	map_walk_end(s->sync->walk);
	s->sync->walk = NULL;
	if (hosts) {
		s->maps->hosts[s->family] = s->sync->found;
		return;
	}
	if (s->sync->tries_changed != s->maps->tries_changed)
		return;		/* then it cannot be told; next time */
	if (s->family) {
		ours->nets6 = s->sync->counted.nets6;
		ours->more6 = s->sync->counted.more6;
	} else {
		ours->nets4 = s->sync->counted.nets4;
		ours->more4 = s->sync->counted.more4;
	}
	note(s, maps_settings_write(s->maps));
}

/*
 * A million empty buckets take milliseconds.  Where there are no bans of ours,
 * the filter lets nobody through to those of somebody else.
 */
static bool nothing_to_see(struct step *s)
{
	return !s->maps->hosts[s->family] && s->maps->front[s->family].next &&
	       (s->family ? s->maps->settings.front6 : s->maps->settings.front4);
}

static void abandon_filters(struct maps *maps)
{
	maps_front_abandon(maps);
	maps_near_abandon(maps);
}

/* One step of walking; true when all of the map was seen. */
static bool walk(struct step *s)
{
	bool hosts = s->sync->stage == HOSTS4 || s->sync->stage == HOSTS6;
	int err;

	s->family = s->sync->stage >= HOSTS6;
	if (hosts && nothing_to_see(s)) {
		maps_front_whole(s->maps, s->family);
		return true;
	}
	if (!s->sync->walk)
		begin_walk(s, (hosts ? MAP_BANS4 : MAP_NETS4) + s->family);
	if (!s->sync->walk)
		return true;
	err = map_walk_step(s->sync->walk, hosts ? portion(s) : STEP,
			    hosts ? check_host : check_net, s);
	note(s, err);
	if (!err && !map_walk_done(s->sync->walk))
		return false;
	/* Not seen all: a filter of them would let some of the banned through. */
	if (err)
		abandon_filters(s->maps);
	else if (hosts)
		maps_front_whole(s->maps, s->family);
	end_walk(s, hosts);
	return true;
}

/* ---- the truth -------------------------------------------------------------- */

static bool is_there(struct maps *maps, const struct ipaddr *who, const struct ban_image *image)
{
	return (!image->in_hash || is_in_hash(maps, who)) &&
	       (!image->in_trie || is_in_trie(maps, who));
}

static size_t count_of(const struct enforce_truth *truth)
{
	return truth->count ? truth->count(truth->ctx) : SIZE_MAX;
}

/*
 * If there are as many as are right, none is missing: unless some came or went,
 * which they did not when nobody but us has written, and the number is what it
 * was when we began.
 */
static bool is_complete(struct step *s)
{
	return s->sync->writes == s->maps->writes && s->sync->right == s->sync->count &&
	       s->sync->count == count_of(s->truth);
}

/* The next bans that should be there; true at the end. */
static bool find_missing(struct step *s)
{
	struct enforce_ban *bans = s->sync->bans;
	bool more = true;
	size_t n = 0;

	if (!s->sync->cursor && is_complete(s))
		return true;
	for (int i = 0; i < STEP && more; i++) {
		struct ban_image image;

		more = s->truth->next(s->truth->ctx, &s->sync->cursor, &bans[n]);
		if (!more || ended(&bans[n], s->now))
			continue;
		ban_encode(&bans[n], &image);
		if (!is_there(s->maps, &bans[n].who, &image))
			bans[n++].anew = true;
	}
	s->out->missing += n;
	note(s, maps_add(&s->maps->e, bans, n));
	return !more;
}

/* ---- what is not a ban ------------------------------------------------------ */

static void repair_settings(struct step *s)
{
	struct settings ours = s->maps->settings, there = { 0 };
	__u32 zero = 0;

	note(s, bpf_map_lookup_elem(s->maps->fd[MAP_SETTINGS], &zero, &there));
	s->out->other += memcmp(&there, &ours, sizeof(ours)) != 0;
	note(s, maps_allow_count(s->maps));
	s->out->other += ours.allow4 != s->maps->settings.allow4;
	s->out->other += ours.allow6 != s->maps->settings.allow6;
}

static void repair_rest(struct step *s)
{
	repair_settings(s);
	note(s, maps_scope_repair(s->maps, &s->out->other));
	note(s, maps_allow_repair(s->maps, &s->out->other));
	if (s->maps->repair_else)
		note(s, s->maps->repair_else(s->maps, &s->out->other));
	note(s, maps_front_begin(s->maps));
	note(s, maps_near_begin(s->maps));
	s->sync->writes = s->maps->writes;
	s->sync->count = count_of(s->truth);
}

/* ---- steps ------------------------------------------------------------------ */

/* True when the stage is complete. */
static bool go_on(struct step *s)
{
	switch (s->sync->stage) {
	case REST:
		repair_rest(s);
		return true;
	case MISSING:
		return find_missing(s);
	case FRONT4:
	case FRONT6:
		return maps_front_finish(s->maps, s->sync->stage == FRONT6);
	case NEAR:
		note(s, maps_near_finish(s->maps));
		return true;
	default:
		return walk(s);
	}
}

void maps_sync_stop(struct maps *maps)
{
	if (maps->sync)
		map_walk_end(maps->sync->walk);
	free(maps->sync);
	maps->sync = NULL;
	abandon_filters(maps);
}

void maps_resync_stop(struct enforcer *e)
{
	maps_sync_stop((struct maps *)e);
}

bool maps_wants_resync(const struct enforcer *e)
{
	const struct maps *maps = (const struct maps *)e;

	return !maps->sync && (maps_front_full(maps, 0) || maps_front_full(maps, 1));
}

int maps_resync_step(struct enforcer *e, const struct enforce_truth *truth, boot_t now,
		     struct enforce_repairs *out)
{
	struct maps *maps = (struct maps *)e;
	struct step s = { .maps = maps, .truth = truth, .now = now, .out = out };
	int err;

	if (!maps->sync)
		maps->sync = calloc(1, sizeof(*maps->sync));
	if (!maps->sync)
		return -ENOMEM;
	s.sync = maps->sync;
	if (go_on(&s))
		maps->sync->stage++;
	if (maps->sync->stage != DONE)
		return 1;
	err = maps->sync->err;
	if (err)
		log_err("xdp: cannot compare or repair the maps: %s", strerror(-err));
	maps_sync_stop(maps);
	return err;
}
