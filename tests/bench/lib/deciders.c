// SPDX-License-Identifier: GPL-2.0-or-later
#include "deciders.h"

#include <arpa/inet.h>
#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <net/if.h>
#include <stdlib.h>

#include "measure.h"
#include "sources.h"
#include "xdpban/sip_abi.h"
#include "tests/bench/bpf/verdict.skel.h"

enum { CHUNK = 4096 };		/* bans written at once */

struct ipaddr source_address(int family, uint32_t i)
{
	struct ipaddr a = { .family = (uint8_t)family, .prefix = family == 4 ? 32 : 128 };
	__u32 word[4] = { sources_ipv4(i) };

	if (family == 6)
		sources_ipv6(i, word);
	for (int w = 0; w < 4; w++)
		word[w] = htonl(word[w]);
	memcpy(a.bytes, word, family == 4 ? 4 : 16);
	return a;
}

/* ---- ours ---------------------------------------------------------------------- */

static struct enforce_ban for_ever(struct ipaddr who)
{
	return (struct enforce_ban){ .who = who, .n = 1, .ends = { { 0, BOOT_NEVER } } };
}

static void ban_first(struct xdp *x, int family, uint32_t n)
{
	struct enforce_ban *bans = calloc(CHUNK, sizeof(*bans));

	need("bans", bans ? 0 : -ENOMEM);
	for (uint32_t i = 0; i < n; i++) {
		bans[i % CHUNK] = for_ever(source_address(family, i));
		if (i % CHUNK == CHUNK - 1 || i == n - 1)
			need("cannot ban", maps_add(&x->maps.e, bans, i % CHUNK + 1));
	}
	free(bans);
}

struct xdp *decider_ours(uint32_t max_bans, uint32_t bans)
{
	struct xdp_params params = { .max_bans = { max_bans, max_bans } };
	struct xdp *x;

	need("cannot load the program", xdp_open(&x, &params));
	ban_first(x, 4, bans);
	ban_first(x, 6, bans);
	return x;
}

void decider_ban_nets(struct xdp *x, uint32_t n)
{
	for (uint32_t i = 0; i < n; i++) {
		struct enforce_ban b = for_ever(source_address(4, i));

		ipaddr_mask(&b.who, 24);
		need("cannot ban a network", maps_add(&x->maps.e, &b, 1));
	}
}

void decider_allow(struct xdp *x, uint32_t first, uint32_t n)
{
	struct ipaddr *who = calloc(n, sizeof(*who));

	need("addresses", who ? 0 : -ENOMEM);
	for (uint32_t i = 0; i < n; i++)
		who[i] = source_address(4, first + i);
	need("cannot allow", enforcer_allow(&x->maps.e, who, n));
	free(who);
}

/* Whoever is banned shall be. */
static bool find_any(void *ctx, const struct ipaddr *who, struct enforce_ban *out)
{
	(void)ctx;
	*out = for_ever(*who);
	return true;
}

static bool next_none(void *ctx, size_t *cursor, struct enforce_ban *out)
{
	(void)ctx, (void)cursor, (void)out;
	return false;
}

void decider_compare(struct xdp *x)
{
	struct enforce_truth all = { NULL, find_any, next_none };

	need("cannot compare", enforcer_resync(&x->maps.e, &all, boot_now, NULL));
}

/* ---- others ---------------------------------------------------------------------- */

struct verdict_bpf *decider_beside(const struct xdp *x)
{
	struct verdict_bpf *v = verdict_bpf__open();
	struct bpf_program *prog;

	need("cannot open the programs to compare with", v ? 0 : -errno);
	bpf_object__for_each_program(prog, v->obj)
		bpf_program__set_autoload(prog, prog == v->progs.just_drop ||
			prog == (x->maps.sensor ? v->progs.sip_pass_dropped :
				 v->progs.pass_dropped));
	for (int m = 0; m < MAP_N; m++) {
		struct bpf_map *map = xdp_map_of(v->obj, (enum map_id)m);

		need(map_names[m], m < maps_n(&x->maps) ?
		     bpf_map__reuse_fd(map, x->maps.fd[m]) :
		     bpf_map__set_autocreate(map, false));
	}
	need("cannot load the programs to compare with", bpf_object__load(v->obj));
	return v;
}

struct verdict_bpf *decider_plain(uint32_t bans)
{
	const struct { uint64_t until, frames; } endless = { UINT64_MAX, 0 };
	struct verdict_bpf *v = verdict_bpf__open();
	struct bpf_program *prog;
	struct bpf_map *map;

	need("cannot open the plain programs", v ? 0 : -errno);
	bpf_object__for_each_program(prog, v->obj)
		bpf_program__set_autoload(prog, prog == v->progs.plain_banned ||
					  prog == v->progs.plain_others);
	bpf_object__for_each_map(map, v->obj)
		bpf_map__set_autocreate(map, map == v->maps.plain);
	bpf_map__set_max_entries(v->maps.plain, bans + bans / 4);
	need("cannot load the plain programs", bpf_object__load(v->obj));
	for (uint32_t i = 0; i < bans; i++) {
		__be32 who = htonl(sources_ipv4(i));

		need("cannot fill the plain table",
		     bpf_map_update_elem(bpf_map__fd(v->maps.plain), &who, &endless, 0));
	}
	return v;
}

void decider_put_on(int prog_fd, const char *ifname)
{
	need(ifname, bpf_link_create(prog_fd, (int)if_nametoindex(ifname), BPF_XDP, NULL));
}
