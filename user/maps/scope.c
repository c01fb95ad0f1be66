// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * scope - gives sets of ports and protocols their numbers.
 * Pinned bans refer to these numbers, so an old one keeps its meaning as long
 * as any ban in the maps uses it, also when the configuration changes.
 */
#include "maps_private.h"

#include <bpf/bpf.h>
#include <errno.h>
#include <netinet/in.h>

#include "base/log.h"
#include "walk.h"

static bool all_zero(const uint8_t *bytes, size_t n)
{
	while (n && !bytes[n - 1])
		n--;
	return !n;
}

static void set_protocol(struct scope *s, unsigned int p)
{
	s->protocols[p / 64] |= 1ull << p % 64;
}

/* Ports of no protocol in particular are ports of every protocol that has any. */
static void encode(const struct enforce_scope *s, struct scope *out)
{
	bool any = all_zero(s->protocols, sizeof(s->protocols));

	*out = (struct scope){ .n_ports = s->n_ports, .used = 1 };
	for (unsigned int p = 0; p < 256; p++)
		if (any ? has_ports((uint8_t)p) : s->protocols[p / 8] >> p % 8 & 1)
			set_protocol(out, p);
	for (unsigned int i = 0; i < SCOPE_PORTS; i++) {
		/* A range that begins behind its end holds no port. */
		out->ports[i] = (struct port_range){ UINT16_MAX, 0 };
		if (i < s->n_ports)
			out->ports[i] = (struct port_range){ s->ports[i].first,
							     s->ports[i].last };
	}
}

/* ---- numbers that no ban uses any more -------------------------------------- */

struct in_use {
	bool trie;
	bool id[SCOPE_MAX];
};

static int note_use(void *ctx, const void *key, const void *value)
{
	const struct host_ban *host = value;
	const struct net_ban *net = value;
	struct in_use *u = ctx;

	(void)key;
	if (!u->trie && end_scope(host->end) < SCOPE_MAX)
		u->id[end_scope(host->end)] = true;
	for (unsigned int i = 0; u->trie && i < net->n_ends && i < NET_ENDS; i++)
		if (end_scope(net->ends[i]) < SCOPE_MAX)
			u->id[end_scope(net->ends[i])] = true;
	return 0;
}

/* Free the numbers that neither a ban nor we use; gives one of them. */
static int collect(struct maps *maps)
{
	struct in_use u = { 0 };
	struct scope unused = { 0 };
	int found = -ENOSPC;

	for (int m = MAP_BANS4; m <= MAP_NETS6; m++) {
		int err;

		u.trie = m >= MAP_NETS4;
		err = map_walk(maps->fd[m], note_use, &u);
		if (err)
			return err;
	}
	for (__u32 id = SCOPE_MAX - 1; id > SCOPE_ALL; id--)
		if (!u.id[id] && !maps->scopes[id].used &&
		    !bpf_map_update_elem(maps->fd[MAP_SCOPES], &id, &unused, BPF_ANY))
			found = (int)id;
	return found;
}

/* The number that already means @s, or the first that means nothing. */
static int find(struct maps *maps, const struct scope *s)
{
	struct scope there;
	int unused = -ENOSPC;

	for (__u32 id = SCOPE_ALL + 1; id < SCOPE_MAX; id++) {
		int err = bpf_map_lookup_elem(maps->fd[MAP_SCOPES], &id, &there);

		if (err)
			return err;
		if (there.used && !memcmp(&there, s, sizeof(there)))
			return (int)id;
		if (!there.used && unused < 0)
			unused = (int)id;
	}
	return unused;
}

int maps_scope(struct enforcer *e, const struct enforce_scope *scope)
{
	struct maps *maps = (struct maps *)e;
	struct scope s;
	__u32 id;
	int ret;

	if (!scope->n_ports && all_zero(scope->protocols, sizeof(scope->protocols)))
		return ENFORCE_SCOPE_ALL;
	encode(scope, &s);
	ret = find(maps, &s);
	if (ret == -ENOSPC)
		ret = collect(maps);
	if (ret >= 0) {
		int err;

		id = (__u32)ret;
		err = bpf_map_update_elem(maps->fd[MAP_SCOPES], &id, &s, BPF_ANY);
		if (err)
			ret = err;
		else
			maps->scopes[id] = s;
	}
	if (ret == -ENOSPC)
		log_err("xdp: more than %d different sets of ports are in use", SCOPE_MAX - 1);
	else if (ret < 0)
		log_err("xdp: cannot write a set of ports: %s", strerror(-ret));
	return ret;
}

int maps_scope_get(struct enforcer *e, uint16_t scope, struct enforce_scope *out)
{
	struct maps *maps = (struct maps *)e;
	struct scope s;
	__u32 id = scope;

	*out = (struct enforce_scope){ 0 };
	if (scope == ENFORCE_SCOPE_ALL)
		return 0;
	if (bpf_map_lookup_elem(maps->fd[MAP_SCOPES], &id, &s) || !s.used)
		return -ENOENT;
	for (unsigned int p = 0; p < 256; p++)
		if (s.protocols[p / 64] >> p % 64 & 1)
			enforce_scope_protocol(out, (uint8_t)p);
	for (unsigned int i = 0; i < s.n_ports && i < SCOPE_PORTS; i++)
		enforce_scope_ports(out, s.ports[i].first, s.ports[i].last);
	return 0;
}

int maps_scope_repair(struct maps *maps, uint64_t *repaired)
{
	for (__u32 id = SCOPE_ALL + 1; id < SCOPE_MAX; id++) {
		struct scope there;
		int err;

		if (!maps->scopes[id].used)
			continue;
		err = bpf_map_lookup_elem(maps->fd[MAP_SCOPES], &id, &there);
		if (err)
			return err;
		if (!memcmp(&there, &maps->scopes[id], sizeof(there)))
			continue;
		err = bpf_map_update_elem(maps->fd[MAP_SCOPES], &id, &maps->scopes[id], BPF_ANY);
		if (err)
			return err;
		++*repaired;
	}
	return 0;
}
