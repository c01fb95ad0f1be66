// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * xdp_sync - compares what the kernel enforces with what should be enforced.
 * First through the kernel's entries, each looked up in the truth; then, only
 * if there are too few of them, through the truth, each looked up in the kernel.
 */
#include "xdp.h"

#include <bpf/bpf.h>
#include <errno.h>
#include <stdlib.h>

#include "base/log.h"

/*
 * Ends come from the wall clock after a restart, and are never the same twice;
 * to write a million bans again for a few microseconds would be a waste.
 */
#define SAME_NS	(1ull << 30)

struct sync {
	struct xdp *x;
	const struct enforce_truth *truth;
	boot_t now;
	struct enforce_repairs *out;
	int family;
	uint64_t right;		/* entries that are now as they should be */
	int err;		/* the last one; we go on */
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

static void note(struct sync *s, int err)
{
	if (err)
		s->err = err;
}

/* Nobody wants @there: clear it away, as ended or as somebody else's. */
static void take_out(struct sync *s, const struct enforce_ban *there)
{
	if (ended(there, s->now))
		s->out->expired++;
	else
		s->out->foreign++;
	note(s, xdp_del(&s->x->e, &there->who, 1));
}

static void change(struct sync *s, const struct enforce_ban *want)
{
	s->out->changed++;
	note(s, xdp_add(&s->x->e, want, 1));
}

static int check_host(void *ctx, const void *key, const void *value)
{
	struct sync *s = ctx;
	const struct host_ban *v = value;
	struct enforce_ban there, want = { 0 };
	struct ban_image image;

	s->out->checked++;
	host_decode(s->family, key, v, &there);
	if (!s->truth->find(s->truth->ctx, &there.who, &want) || ended(&want, s->now)) {
		take_out(s, &there);
		return 0;
	}
	ban_encode(&want, &image);
	if (!same_end(image.hash.end, v->end))
		change(s, &want);
	s->right++;
	return 0;
}

static int check_net(void *ctx, const void *key, const void *value)
{
	struct sync *s = ctx;
	const struct net_ban *v = value;
	struct enforce_ban there, want = { 0 };
	struct ban_image image;

	s->out->checked++;
	net_decode(s->family, key, v, &there);
	if (!s->truth->find(s->truth->ctx, &there.who, &want) || ended(&want, s->now)) {
		take_out(s, &there);
		return 0;
	}
	ban_encode(&want, &image);
	if (!same_trie(&image.trie, v))
		change(s, &want);	/* takes it out, if there is but one end */
	s->right += image.in_trie;
	return 0;
}

static bool is_there(struct xdp *x, const struct ipaddr *who, const struct ban_image *image)
{
	struct host_ban host;
	struct net_ban net;
	struct prefix6 key;

	if (image->in_hash && bpf_map_lookup_elem(x->fd[MAP_BANS4 + family_of(who)],
						  who->bytes, &host))
		return false;
	prefix_make(who, &key);
	return !image->in_trie ||
	       (!bpf_map_lookup_elem(x->fd[MAP_NETS4 + family_of(who)], &key, &net) &&
		net.prefixlen == who->prefix);
}

#define MISSING	512	/* put back in one call */

static void put_back(struct sync *s, struct enforce_ban *bans, size_t *n)
{
	s->out->missing += *n;
	note(s, xdp_add(&s->x->e, bans, *n));
	*n = 0;
}

/* @all: the maps are empty, so all of them are missing. */
static void find_missing(struct sync *s, struct enforce_ban *bans, bool all)
{
	size_t cursor = 0, n = 0;

	while (s->truth->next(s->truth->ctx, &cursor, &bans[n])) {
		struct ban_image image;

		if (ended(&bans[n], s->now))
			continue;
		ban_encode(&bans[n], &image);
		if (all || !is_there(s->x, &bans[n].who, &image))
			n++;
		if (n == MISSING)
			put_back(s, bans, &n);
	}
	put_back(s, bans, &n);
}

/* How many entries the truth makes. */
static uint64_t count_wanted(struct sync *s, struct enforce_ban *scratch)
{
	uint64_t wanted = 0;
	size_t cursor = 0;

	while (s->truth->next(s->truth->ctx, &cursor, scratch)) {
		struct ban_image image;

		if (ended(scratch, s->now))
			continue;
		ban_encode(scratch, &image);
		wanted += image.in_hash + image.in_trie;
	}
	return wanted;
}

static int check_entries(struct sync *s)
{
	int err = 0;

	for (s->family = 0; s->family < 2 && !err; s->family++) {
		err = map_walk(s->x->fd[MAP_BANS4 + s->family], check_host, s);
		if (!err)
			err = map_walk(s->x->fd[MAP_NETS4 + s->family], check_net, s);
	}
	return err;
}

/* The settings say how much is in the tries, and both may have been changed. */
static void repair_settings(struct sync *s)
{
	struct settings ours = s->x->settings, there = { 0 };
	__u32 zero = 0;

	note(s, bpf_map_lookup_elem(s->x->fd[MAP_SETTINGS], &zero, &there));
	s->out->other += memcmp(&there, &ours, sizeof(ours)) != 0;
	note(s, xdp_settings_count(s->x));
	s->out->other += ours.allow4 != s->x->settings.allow4;
	s->out->other += ours.allow6 != s->x->settings.allow6;
}

/* What is not a ban. */
static void repair_rest(struct sync *s)
{
	repair_settings(s);
	note(s, xdp_scope_repair(s->x, &s->out->other));
	note(s, xdp_allow_repair(s->x));
	note(s, xdp_pins_repair(s->x, &s->out->other));
	note(s, xdp_links_repair(s->x, &s->out->other));
}

int xdp_resync(struct enforcer *e, const struct enforce_truth *truth, boot_t now,
	       struct enforce_repairs *out)
{
	struct sync s = { .x = (struct xdp *)e, .truth = truth, .now = now, .out = out };
	struct enforce_ban *bans = calloc(MISSING, sizeof(*bans));

	if (!bans)
		return -ENOMEM;
	repair_rest(&s);
	note(&s, check_entries(&s));
	if (count_wanted(&s, bans) > s.right)
		find_missing(&s, bans, !out->checked);
	free(bans);
	if (s.err)
		log_err("xdp: cannot compare or repair the maps: %s", strerror(-s.err));
	return s.err;
}
