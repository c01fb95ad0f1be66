// SPDX-License-Identifier: GPL-2.0-or-later
/* What somebody did to the maps is found, counted and repaired. */
#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <stdlib.h>

#include "../unit/t.h"
#include "maps/maps_private.h"
#include "maps/walk.h"
#include "xdp/xdp.h"
#include "lift.h"

#define N	3000	/* more than what goes in one call, either way */

/* The truth: an array, where a ban of no ends is none. */
struct store {
	struct enforce_ban bans[N];
	size_t n;
};

static bool find(void *ctx, const struct ipaddr *who, struct enforce_ban *out)
{
	struct store *s = ctx;

	for (size_t i = 0; i < s->n; i++)
		if (s->bans[i].n && ipaddr_equal(&s->bans[i].who, who)) {
			*out = s->bans[i];
			return true;
		}
	return false;
}

static bool next(void *ctx, size_t *cursor, struct enforce_ban *out)
{
	struct store *s = ctx;

	while (*cursor < s->n && !s->bans[*cursor].n)
		++*cursor;
	if (*cursor == s->n)
		return false;
	*out = s->bans[(*cursor)++];
	return true;
}

static size_t count(void *ctx)
{
	struct store *s = ctx;
	size_t n = 0;

	for (size_t i = 0; i < s->n; i++)
		n += s->bans[i].n != 0;
	return n;
}

struct stage {
	struct xdp *x;
	struct store store;
	struct enforce_truth truth;
	boot_t now, later;
	uint16_t sip, ssh;
};

static struct ipaddr address(const char *text)
{
	struct ipaddr a;

	if (ipaddr_parse_net(text, strlen(text), &a))
		abort();
	return a;
}

static struct enforce_ban *want(struct stage *s, const char *who, uint16_t scope)
{
	struct enforce_ban *b = &s->store.bans[s->store.n++];

	*b = (struct enforce_ban){ .who = address(who) };
	enforce_ban_add(b, scope, s->later);
	return b;
}

/* Hosts of both families, one with two scopes, networks one in the other. */
static void fill_store(struct stage *s)
{
	char who[64];

	for (int i = 0; i < 1000; i++) {
		snprintf(who, sizeof(who), "192.0.%d.%d", i / 250, i % 250);
		want(s, who, 0);
		snprintf(who, sizeof(who), "2001:db8::%x", i + 1);
		want(s, who, s->sip);
	}
	enforce_ban_add(want(s, "198.51.100.1", s->sip), s->ssh, BOOT_NEVER);
	want(s, "203.0.113.0/24", 0);
	want(s, "203.0.0.0/16", s->ssh);
	want(s, "2001:db8:1::/48", 0);
}
#define HOSTS	2001
#define ENTRIES	(HOSTS + 1 + 3)		/* with the second scope, and networks */

static uint16_t scope_of(struct stage *s, uint8_t protocol, uint16_t port)
{
	struct enforce_scope scope = { 0 };

	enforce_scope_protocol(&scope, protocol);
	enforce_scope_ports(&scope, port, port);
	return (uint16_t)enforcer_scope(&s->x->maps.e, &scope);
}

static struct enforce_repairs sync(struct stage *s, const char *what)
{
	struct enforce_repairs r;

	t_is(what, enforcer_resync(&s->x->maps.e, &s->truth, boot_now, &r), 0);
	return r;
}

/* Nothing is left to repair, and everything is there. */
static void all_well(struct stage *s, const char *what)
{
	struct enforce_repairs r = sync(s, what);

	t_is(what, r.missing + r.changed + r.foreign + r.other, 0);
	t_is(what, r.checked, ENTRIES);
}

static void check_missing(struct stage *s)
{
	struct enforce_repairs r = sync(s, "the first time");

	t_is("all are missing", r.missing, HOSTS + 3);
	all_well(s, "then none is");

	for (int i = 0; i < 700; i++)
		bpf_map_delete_elem(s->x->maps.fd[MAP_BANS4], s->store.bans[2 * i].who.bytes);
	r = sync(s, "after 700 were deleted");
	t_is("they are put back", r.missing, 700);
	all_well(s, "and are there");

	lift(&s->x->maps.e, &s->store.bans[HOSTS].who, 1);
	r = sync(s, "after a network was deleted");
	t_is("it is put back", r.missing, 1);
	all_well(s, "and is there");
}

static void check_second_scope(struct stage *s)
{
	struct enforce_ban *both = &s->store.bans[2000], one = *both;
	struct enforce_repairs r;
	struct prefix6 key;

	prefix_make(&both->who, &key);
	bpf_map_delete_elem(s->x->maps.fd[MAP_NETS4], &key);
	r = sync(s, "after a second scope was deleted");
	t_is("it is put back", r.missing, 1);
	all_well(s, "and is there");

	bpf_map_delete_elem(s->x->maps.fd[MAP_BANS4], both->who.bytes);
	r = sync(s, "after the first was deleted");
	t_is("it is put back too", r.missing, 1);
	all_well(s, "and is there too");

	one.n = 1;
	enforcer_add(&s->x->maps.e, &one, 1);
	r = sync(s, "after one was lifted behind our back");
	t_is("that counts", r.missing + r.changed, 1);
	all_well(s, "and is undone");
}

static void check_foreign(struct stage *s)
{
	struct ipaddr net = address("10.0.0.0/8"), host = address("10.1.1.1");
	struct host_ban ever = { .end = end_make(UINT64_MAX, 0) },
			ended = { .end = end_make(s->now.ns / 2, 0) };
	struct net_ban net_ever = { .prefixlen = 8, .n_ends = 1, .ends = { ever.end } };
	struct enforce_repairs r;
	struct prefix6 key;

	bpf_map_update_elem(s->x->maps.fd[MAP_BANS4], host.bytes, &ever, BPF_ANY);
	prefix_make(&net, &key);
	bpf_map_update_elem(s->x->maps.fd[MAP_NETS4], &key, &net_ever, BPF_ANY);
	r = sync(s, "after somebody banned by himself");
	t_is("these are taken out", r.foreign, 2);
	all_well(s, "and gone");

	bpf_map_update_elem(s->x->maps.fd[MAP_BANS4], host.bytes, &ended, BPF_ANY);
	r = sync(s, "with one that has ended");
	t_is("it is cleared away", r.expired, 1);
	t_is("which is no repair", r.foreign, 0);
	all_well(s, "and gone too");
}

/* After a start not all is known yet: nothing is taken out, and all of it drops. */
static void check_partial(struct stage *s)
{
	struct ipaddr net = address("10.0.0.0/8"), host = address("10.1.1.1");
	struct enforce_ban bans[] = {
		{ .who = net, .n = 1, .ends = { { 0, s->later } } },
		{ .who = host, .n = 1, .ends = { { 0, s->later } } },
	};
	struct enforce_hits hits;
	struct enforce_repairs r;

	enforcer_add(&s->x->maps.e, bans, 2);
	s->truth.partial = true;
	r = sync(s, "with bans that may be somebody's");
	t_is("they stay", r.foreign + r.missing + r.changed + r.other, 0);
	t_ok("the host, seen by the filter too", maps_front_maybe(&s->x->maps, 0, host.bytes) &&
	     !enforcer_hits(&s->x->maps.e, &host, s->now, &hits));
	t_ok("the network, too", maps_near_add(&s->x->maps, &net) &&
	     !enforcer_hits(&s->x->maps.e, &net, s->now, &hits));
	s->truth.partial = false;
	r = sync(s, "when all is known");
	t_is("they go", r.foreign, 2);
	all_well(s, "and nothing else does");
}

/* Who was not banned before begins at zero, whatever is left of a ban that ended. */
static void check_anew(struct stage *s)
{
	struct enforce_ban again = s->store.bans[0];
	struct enforce_hits hits;
	struct host_ban v;

	bpf_map_lookup_elem(s->x->maps.fd[MAP_BANS4], again.who.bytes, &v);
	v.hits.frames = 5;
	bpf_map_update_elem(s->x->maps.fd[MAP_BANS4], again.who.bytes, &v, BPF_ANY);
	enforcer_add(&s->x->maps.e, &again, 1);
	enforcer_hits(&s->x->maps.e, &again.who, s->now, &hits);
	t_is("counters go on", (int64_t)hits.frames, 5);
	again.anew = true;
	enforcer_add(&s->x->maps.e, &again, 1);
	enforcer_hits(&s->x->maps.e, &again.who, s->now, &hits);
	t_is("or begin anew", (int64_t)hits.frames, 0);
	all_well(s, "the ban is the same");
}

static void check_changed(struct stage *s)
{
	struct enforce_ban sooner = s->store.bans[0], wider = s->store.bans[1];
	struct enforce_hits before, after;
	struct host_ban v;
	struct enforce_repairs r;

	bpf_map_lookup_elem(s->x->maps.fd[MAP_BANS4], sooner.who.bytes, &v);
	v.hits.frames = 77;
	v.hits.bytes = 7700;
	v.end = end_make(s->later.ns - 1800 * NS_PER_S, 0);
	bpf_map_update_elem(s->x->maps.fd[MAP_BANS4], sooner.who.bytes, &v, BPF_ANY);
	enforcer_hits(&s->x->maps.e, &sooner.who, s->now, &before);
	wider.ends[0].scope = 0;
	enforcer_add(&s->x->maps.e, &wider, 1);
	r = sync(s, "after an end and a scope were changed");
	t_is("both are put right", r.changed, 2);
	enforcer_hits(&s->x->maps.e, &sooner.who, s->now, &after);
	t_is("without losing the counters", after.frames, before.frames);
	all_well(s, "and are right");

	v.end = end_make(s->later.ns + NS_PER_S / 2, 0);
	bpf_map_update_elem(s->x->maps.fd[MAP_BANS4], sooner.who.bytes, &v, BPF_ANY);
	all_well(s, "half a second is no difference");
}

static void check_rest(struct stage *s)
{
	struct ipaddr allowed[] = { address("192.0.2.0/24"), address("2001:db8:9::1") };
	struct scope nothing = { 0 };
	struct settings zero = { 0 }, there;
	struct enforce_repairs r;
	struct prefix6 key;
	__u32 first = 0, scope = s->sip;

	enforcer_allow(&s->x->maps.e, allowed, 2);
	all_well(s, "an allowlist changes no ban");
	prefix_make(&allowed[0], &key);
	bpf_map_delete_elem(s->x->maps.fd[MAP_ALLOW4], &key);
	bpf_map_update_elem(s->x->maps.fd[MAP_SCOPES], &scope, &nothing, BPF_ANY);
	bpf_map_update_elem(s->x->maps.fd[MAP_SETTINGS], &first, &zero, BPF_ANY);
	r = sync(s, "after settings, a scope and an allowed network were wiped out");
	t_is("all three are counted", r.other, 3);
	bpf_map_lookup_elem(s->x->maps.fd[MAP_SETTINGS], &first, &there);
	t_is("networks are looked up again", there.nets4, 2);
	t_is("and second scopes", there.more4, 1);
	t_is("and the allowlist", there.allow4 * 10 + there.allow6, 11);
	t_is("which is there", bpf_map_lookup_elem(s->x->maps.fd[MAP_ALLOW4], &key, &first), 0);
	all_well(s, "and all is well");

	enforcer_allow(&s->x->maps.e, allowed + 1, 1);
	bpf_map_lookup_elem(s->x->maps.fd[MAP_SETTINGS], &zero.nets4, &there);
	t_is("a shorter allowlist", there.allow4 * 10 + there.allow6, 1);
}

static void check_lifted(struct stage *s)
{
	struct enforce_repairs r;
	uint32_t left;

	for (size_t i = 0; i < s->store.n; i++)
		s->store.bans[i].n = 0;
	r = sync(s, "when nobody is to be banned");
	t_ok("all are taken out", r.foreign >= ENTRIES - 1);
	for (int m = MAP_BANS4; m <= MAP_NETS6; m++) {
		map_count(s->x->maps.fd[m], &left);
		t_is("nothing is left", left, 0);
	}
}

/* Numbers of scopes are given out again only when no ban has them. */
static void check_scopes(struct stage *s)
{
	struct enforce_scope scope = { 0 };
	struct enforce_ban ban = { .who = address("192.0.2.1"), .n = 1 };
	struct enforce_scope back;
	int id;

	/* Of the SCOPE_MAX - 1 there are, sip is one, ssh another and port 22. */
	for (uint16_t port = 1; port < SCOPE_MAX - 1; port++)
		t_ok("a number", scope_of(s, 6, port) > 0);
	t_ok("the same again", scope_of(s, 6, 1) > 0);
	enforce_scope_protocol(&scope, 17);
	enforce_scope_ports(&scope, 1, 1);
	t_is("there are no more", enforcer_scope(&s->x->maps.e, &scope), -ENOSPC);

	/* A daemon that comes later has asked for none of them, but a ban has one. */
	ban.ends[0] = (struct enforce_end){ scope_of(s, 6, 100), s->later };
	enforcer_add(&s->x->maps.e, &ban, 1);
	memset(s->x->maps.scopes, 0, sizeof(s->x->maps.scopes));
	id = enforcer_scope(&s->x->maps.e, &scope);
	t_ok("now there are", id > 0 && id != ban.ends[0].scope);
	t_is("the ban's own is kept",
	     enforcer_scope_get(&s->x->maps.e, ban.ends[0].scope, &back), 0);
	t_is("with its meaning", back.ports[0].first, 100);
}

int main(void)
{
	static struct stage s;
	struct xdp_params params = { .max_bans = { 5000, 5000 } };

	libbpf_set_print(NULL);
	if (xdp_open(&s.x, &params)) {
		puts("this kernel or user cannot load the program");
		return 77;
	}
	s.truth = (struct enforce_truth){ &s.store, find, next, count };
	s.now = boot_now();
	s.later.ns = s.now.ns + 3600 * NS_PER_S;
	s.sip = scope_of(&s, 17, 5060);
	s.ssh = scope_of(&s, 6, 22);
	fill_store(&s);
	check_missing(&s);
	check_second_scope(&s);
	check_foreign(&s);
	check_partial(&s);
	check_anew(&s);
	check_changed(&s);
	check_rest(&s);
	check_lifted(&s);
	check_scopes(&s);
	xdp_close(s.x);
	return t_done();
}
