// SPDX-License-Identifier: GPL-2.0-or-later
/* read - what the program counted, and what the maps hold. */
#include "maps_private.h"

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <stdlib.h>

#include "walk.h"

static const char *const reason_names[REASON_N] = {
	[PASS_NOT_BANNED] = "pass-not-banned", [PASS_NOT_IP] = "pass-not-ip",
	[PASS_TRUNCATED] = "pass-truncated", [PASS_VLAN_TOO_DEEP] = "pass-vlan-too-deep",
	[PASS_EXPIRED] = "pass-expired", [PASS_OUT_OF_SCOPE] = "pass-out-of-scope",
	[PASS_ALLOWED] = "pass-allowed", [DROP_HOST] = "drop-host",
	[DROP_NET] = "drop-net", [DROP_UNDECIDED] = "drop-undecided",
	[DROP_SIP_LIMITED] = "drop-sip-limited", [DROP_SIP_ALL] = "drop-sip-all",
	[DROP_SIP_SIEGE] = "drop-sip-siege", [DROP_SIP_SIGNATURE] = "drop-sip-signature",
};
_Static_assert(REASON_N <= ENFORCE_TOTALS, "every reason has a total");

static void add_hits(const struct hits *h, boot_t now, struct enforce_hits *out)
{
	boot_t seen = { hits_last_seen(h, now.ns) };

	out->frames += hits_frames(h);
	out->bytes += h->bytes;
	if (seen.ns > out->last_seen.ns)
		out->last_seen = seen;
}

int maps_hits(struct enforcer *e, const struct ipaddr *who, boot_t now,
	     struct enforce_hits *out)
{
	struct maps *maps = (struct maps *)e;
	int family = family_of(who), ret = -ENOENT;
	struct host_ban host;
	struct net_ban net;
	struct prefix6 key;

	if (ipaddr_is_host(who) &&
	    !bpf_map_lookup_elem(maps->fd[MAP_BANS4 + family], who->bytes, &host)) {
		add_hits(&host.hits, now, out);
		ret = 0;
	}
	prefix_make(who, &key);
	if (!bpf_map_lookup_elem(maps->fd[MAP_NETS4 + family], &key, &net) &&
	    net.prefixlen == who->prefix) {
		add_hits(&net.hits, now, out);
		ret = 0;
	}
	return ret;
}

struct each {
	int family;
	boot_t now;
	enforce_entry_fn *fn;
	void *ctx;
};

static int each_host(void *ctx, const void *key, const void *value)
{
	const struct each *each = ctx;
	const struct host_ban *v = value;
	struct enforce_entry entry = { 0 };

	host_decode(each->family, key, v, &entry.ban);
	add_hits(&v->hits, each->now, &entry.hits);
	return each->fn(each->ctx, &entry);
}

static int each_net(void *ctx, const void *key, const void *value)
{
	const struct each *each = ctx;
	const struct net_ban *v = value;
	struct enforce_entry entry = { 0 };

	net_decode(each->family, key, v, &entry.ban);
	add_hits(&v->hits, each->now, &entry.hits);
	return each->fn(each->ctx, &entry);
}

int maps_each(struct enforcer *e, boot_t now, enforce_entry_fn *fn, void *ctx)
{
	struct maps *maps = (struct maps *)e;
	int ret = 0;

	for (int family = 0; family < 2 && !ret; family++) {
		struct each each = { family, now, fn, ctx };

		ret = map_walk(maps->fd[MAP_BANS4 + family], each_host, &each);
		if (!ret)
			ret = map_walk(maps->fd[MAP_NETS4 + family], each_net, &each);
	}
	return ret;
}

static int sum_totals(struct maps *maps, struct enforce_stats *out)
{
	int cpus = libbpf_num_possible_cpus(), err;
	struct cpu *cpu = calloc(cpus, sizeof(*cpu));
	__u32 zero = 0;

	if (!cpu)
		return -ENOMEM;
	err = bpf_map_lookup_elem(maps->fd[MAP_CPU], &zero, cpu);
	for (int r = 0; r < REASON_N && !err; r++) {
		struct enforce_total *t = &out->totals[out->n_totals++];

		t->reason = reason_names[r];
		t->dropped = r >= DROP_HOST;
		for (int c = 0; c < cpus; c++) {
			t->frames += cpu[c].totals[r].frames;
			t->bytes += cpu[c].totals[r].bytes;
		}
	}
	free(cpu);
	return err;
}

int maps_stats(struct enforcer *e, struct enforce_stats *out)
{
	struct maps *maps = (struct maps *)e;
	struct settings s;
	__u32 zero = 0;
	int err = bpf_map_lookup_elem(maps->fd[MAP_SETTINGS], &zero, &s);

	if (err)
		return err;
	out->max_bans4 = maps->max_bans[0];
	out->max_bans6 = maps->max_bans[1];
	out->nets4 = s.nets4;
	out->nets6 = s.nets6;
	out->allow4 = s.allow4;
	out->allow6 = s.allow6;
	return sum_totals(maps, out);
}
