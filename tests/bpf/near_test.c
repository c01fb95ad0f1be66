// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Networks of every length come and go at random, and the map of neighbourhoods
 * that they touch with them: every frame from inside of one is dropped, none
 * from outside, whatever was done last.  So do those of the allowlist.
 */
#include <bpf/bpf.h>
#include <bpf/libbpf.h>

#include "../unit/t.h"
#include "base/log.h"
#include "xdp/xdp.h"
#include "lift.h"
#include "verdict.h"

#define NETS	200
#define ROUNDS	1500
#define ALLOWED	20

struct stage {
	struct xdp *x;
	struct enforce_truth truth;
	uint64_t random;
	struct enforce_ban nets[NETS];	/* the model; n == 0: not banned */
	struct ipaddr allowed[ALLOWED];
	size_t n_allowed;
};

static uint32_t draw(struct stage *s, uint32_t below)
{
	s->random ^= s->random << 13;
	s->random ^= s->random >> 7;
	s->random ^= s->random << 17;
	return (uint32_t)(s->random >> 20) % below;
}

static void draw_bytes(struct stage *s, uint8_t *to, int n)
{
	while (n--)
		*to++ = (uint8_t)draw(s, 256);
}

/* Most are long, as bans are; a few are very short. */
static struct ipaddr draw_net(struct stage *s)
{
	struct ipaddr a = { .family = draw(s, 2) ? 6 : 4 };
	unsigned int full = a.family == 6 ? 128 : 32;
	unsigned int len = draw(s, 8) ? full / 2 + draw(s, full / 2) : 3 + draw(s, full / 2);

	draw_bytes(s, a.bytes, (int)full / 8);
	a.prefix = (uint8_t)full;
	ipaddr_mask(&a, len);
	return a;
}

static bool find(void *ctx, const struct ipaddr *who, struct enforce_ban *out)
{
	struct stage *s = ctx;

	for (int i = 0; i < NETS; i++) {
		*out = s->nets[i];
		if (out->n && ipaddr_equal(&out->who, who))
			return true;
	}
	return false;
}

static bool next(void *ctx, size_t *cursor, struct enforce_ban *out)
{
	struct stage *s = ctx;

	while (*cursor < NETS) {
		*out = s->nets[(*cursor)++];
		if (out->n)
			return true;
	}
	return false;
}

static bool is_banned(const struct stage *s, const struct ipaddr *who)
{
	for (int i = 0; i < NETS; i++)
		if (s->nets[i].n && ipaddr_contains(&s->nets[i].who, who))
			return true;
	return false;
}

static bool is_allowed(const struct stage *s, const struct ipaddr *who)
{
	for (size_t i = 0; i < s->n_allowed; i++)
		if (ipaddr_contains(&s->allowed[i], who))
			return true;
	return false;
}

static bool right(struct stage *s, const struct ipaddr *who)
{
	bool drop = is_banned(s, who) && !is_allowed(s, who);

	return verdict_on(s->x->prog_fd, who) == (drop ? XDP_DROP : XDP_PASS);
}

/* The first and the last address of @net, one in between, and one behind it. */
static bool right_around(struct stage *s, const struct ipaddr *net)
{
	unsigned int full = net->family == 6 ? 128 : 32;
	struct ipaddr first = *net, last = *net, some = *net, behind;

	if (!net->family)
		return true;	/* never drawn */
	for (unsigned int bit = net->prefix; bit < full; bit++) {
		last.bytes[bit / 8] |= 0x80 >> bit % 8;
		some.bytes[bit / 8] |= (0x80 >> bit % 8) * draw(s, 2);
	}
	first.prefix = last.prefix = some.prefix = (uint8_t)full;
	behind = last;
	for (int i = (int)full / 8 - 1; i >= 0 && !++behind.bytes[i]; i--)
		;
	return right(s, &first) && right(s, &last) && right(s, &some) && right(s, &behind);
}

static bool churn(struct stage *s)
{
	struct enforce_ban *b = &s->nets[draw(s, NETS)], twin;
	struct ipaddr was;

	if (b->n) {
		was = b->who;
		b->n = 0;
		return find(s, &was, &twin) ||
		       (!lift(&s->x->maps.e, &was, 1) && right_around(s, &was));
	}
	*b = (struct enforce_ban){ .who = draw_net(s), .n = 1, .ends = { { 0, BOOT_NEVER } } };
	return !enforcer_add(&s->x->maps.e, b, 1) && right_around(s, &b->who);
}

static bool all_right(struct stage *s)
{
	bool ok = true;

	for (int i = 0; i < NETS; i++)
		ok = ok && right_around(s, &s->nets[i].who);
	return ok;
}

static void check_churn(struct stage *s)
{
	bool ok = true;

	for (int i = 0; i < ROUNDS && ok; i++) {
		struct enforce_repairs r = { 0 };
		struct ipaddr anybody = draw_net(s);
		int ret = 0;

		if (draw(s, 4))
			ok = churn(s);
		else
			ret = enforcer_resync_step(&s->x->maps.e, &s->truth, boot_now(), &r);
		anybody.prefix = anybody.family == 6 ? 128 : 32;
		ok = ok && ret >= 0 && !(r.changed + r.foreign + r.other) && right(s, &anybody);
	}
	t_ok("whatever happens, the right frames are dropped", ok);
	t_is("the map is in use", s->x->maps.settings.near, 1);
	t_ok("in the end all is right", all_right(s));
}

/* What is allowed: half of it within what is banned, a network of it or all. */
static void draw_allowed(struct stage *s)
{
	s->n_allowed = draw(s, ALLOWED);
	for (size_t i = 0; i < s->n_allowed; i++) {
		struct ipaddr *a = &s->allowed[i];

		*a = s->nets[draw(s, NETS)].who;
		if (!a->family || draw(s, 2))
			*a = draw_net(s);
		else if (a->prefix < 24)
			ipaddr_mask(a, a->prefix + draw(s, 8));
	}
}

static bool allowed_right(struct stage *s)
{
	bool ok = true;

	for (size_t i = 0; i < s->n_allowed; i++)
		ok = ok && right_around(s, &s->allowed[i]);
	return ok;
}

static unsigned int bits_of_allowed(struct stage *s)
{
	unsigned int n = 0;

	for (int i = 2 * NEAR_WORDS; i < 4 * NEAR_WORDS; i++)
		n += (unsigned int)__builtin_popcountll(s->x->maps.near.live[i]);
	return n;
}

static void check_allowed(struct stage *s)
{
	bool ok = true;

	for (int i = 0; i < 100 && ok; i++) {
		struct ipaddr before[ALLOWED];
		size_t n = s->n_allowed;

		memcpy(before, s->allowed, sizeof(before));
		draw_allowed(s);
		ok = !enforcer_allow(&s->x->maps.e, s->allowed, s->n_allowed) && allowed_right(s) &&
		     all_right(s);
		for (size_t b = 0; b < n; b++)
			ok = ok && right_around(s, &before[b]);
	}
	t_ok("whoever is allowed passes, the others do not", ok);
	t_is("the map of the allowlist is in use", s->x->maps.settings.near_allow, 1);
}

static void check_allowed_wiped(struct stage *s)
{
	struct enforce_repairs r = { 0 };

	s->n_allowed = 1;
	ipaddr_parse_net("192.0.2.0/24", 12, &s->allowed[0]);
	s->nets[0] = (struct enforce_ban){ .who = s->allowed[0], .n = 1,
					   .ends = { { 0, BOOT_NEVER } } };
	t_is("ban a network", enforcer_add(&s->x->maps.e, &s->nets[0], 1), 0);
	t_is("and allow it", enforcer_allow(&s->x->maps.e, s->allowed, 1), 0);
	t_is("that takes one bit, the others are cleared", bits_of_allowed(s), 1);
	t_ok("it passes", allowed_right(s));
	memset(s->x->maps.near.live + 2 * NEAR_WORDS, 0, 2 * NEAR_WORDS * sizeof(uint64_t));
	t_ok("without its bit it does not", !allowed_right(s));
	enforcer_resync(&s->x->maps.e, &s->truth, boot_now, &r);
	t_is("a comparison finds and counts it", (int64_t)r.other, 1);
	t_ok("and it passes again", allowed_right(s));
	s->n_allowed = 0;
	t_is("allow nobody", enforcer_allow(&s->x->maps.e, NULL, 0), 0);
	t_is("no bit is left", bits_of_allowed(s), 0);
	t_ok("and all are dropped", all_right(s));
}

static void check_wiped(struct stage *s)
{
	struct enforce_repairs r;

	/* Short ones would touch every neighbourhood. */
	for (int i = 0; i < NETS; i++)
		if (s->nets[i].who.prefix < 16)
			s->nets[i].n = 0;
	enforcer_resync(&s->x->maps.e, &s->truth, boot_now, &r);
	memset(s->x->maps.near.live, 0, 2 * NEAR_WORDS * sizeof(uint64_t));
	t_ok("without the map's bits networks are overlooked", !all_right(s));
	enforcer_resync(&s->x->maps.e, &s->truth, boot_now, &r);
	t_ok("a comparison finds and counts it", r.other > 0);
	t_ok("and all is right again", all_right(s));
	enforcer_resync(&s->x->maps.e, &s->truth, boot_now, &r);
	t_is("nothing is left to repair", (int64_t)(r.other + r.missing + r.changed), 0);
}

int main(void)
{
	static struct stage s = { .random = 88172645463325252ull };
	struct xdp_params params = { .max_bans = { 1000, 1000 } };

	libbpf_set_print(NULL);
	log_plain(LOG_LEVEL_ERROR);
	if (xdp_open(&s.x, &params)) {
		puts("this kernel or user cannot load the program");
		return 77;
	}
	if (!s.x->maps.near.live) {
		puts("this kernel does not share maps with user space");
		return 77;
	}
	s.truth = (struct enforce_truth){ &s, find, next };
	check_churn(&s);
	check_allowed(&s);
	check_allowed_wiped(&s);
	check_wiped(&s);
	xdp_close(s.x);
	return t_done();
}
