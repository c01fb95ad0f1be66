// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The packet table: what the program does with one frame, for every branch it
 * has, in both of its forms, without and with the filter in front of the hash.
 * A row says which of the reasons must be counted; the verdict, the byte count
 * and that nothing else is counted follow from it.
 */
#include <bpf/bpf.h>
#include <errno.h>

#include "../unit/t.h"
#include "maps/maps_private.h"
#include "maps/walk.h"
#include "xdp/xdp.h"
#include "lift.h"
#include "packet.h"
#include "packet_rows.h"

/* ---- who is banned ---------------------------------------------------------- */

struct stage {
	struct xdp *x;
	int sip, ssh, sctp, any, edges;	/* scopes */
	boot_t now, past, later;
};

static int scope_of(struct stage *s, const uint8_t *protocols, size_t n,
		    const uint16_t (*ports)[2], size_t n_ports)
{
	struct enforce_scope scope = { 0 };
	int id;

	for (size_t i = 0; i < n; i++)
		enforce_scope_protocol(&scope, protocols[i]);
	for (size_t i = 0; i < n_ports; i++)
		enforce_scope_ports(&scope, ports[i][0], ports[i][1]);
	id = enforcer_scope(&s->x->maps.e, &scope);
	t_ok("a scope gets a number", id > 0);
	return id;
}

static void make_scopes(struct stage *s)
{
	static const uint16_t sip[][2] = { { 5060, 5070 } }, ssh[][2] = { { 22, 22 } },
		one[][2] = { { 5060, 5060 } }, edges[][2] = { { 0, 0 }, { 65535, 65535 } };

	s->sip = scope_of(s, (uint8_t[]){ 17 }, 1, sip, 1);
	s->ssh = scope_of(s, (uint8_t[]){ 6 }, 1, ssh, 1);
	s->sctp = scope_of(s, (uint8_t[]){ 132, 1, 58 }, 3, NULL, 0);
	s->any = scope_of(s, NULL, 0, one, 1);
	s->edges = scope_of(s, (uint8_t[]){ 6, 17, 33, 132, 136 }, 5, edges, 2);
	t_is("the same scope has the same number",
	     scope_of(s, (uint8_t[]){ 17 }, 1, sip, 1), s->sip);
}

static struct ipaddr address(const char *text)
{
	struct ipaddr a;

	if (ipaddr_parse_net(text, strlen(text), &a))
		abort();
	return a;
}

/* One or two ends for one address. */
static void ban(struct stage *s, const char *who, int scope, boot_t until, int scope2,
		boot_t until2)
{
	struct enforce_ban b = { .who = address(who) };

	enforce_ban_add(&b, (uint16_t)scope, until);
	if (scope2)
		enforce_ban_add(&b, (uint16_t)scope2, until2);
	t_is("a ban is written", enforcer_add(&s->x->maps.e, &b, 1), 0);
}

/* 192.0.2.N and 2001:db8::N */
static void ban_n(struct stage *s, int n, int scope, boot_t until, int scope2, boot_t until2)
{
	char who[64];

	snprintf(who, sizeof(who), "192.0.2.%d", n);
	ban(s, who, scope, until, scope2, until2);
	snprintf(who, sizeof(who), "2001:db8::%d", n);
	ban(s, who, scope, until, scope2, until2);
}

static void ban_hosts(struct stage *s)
{
	ban_n(s, 1, 0, s->later, 0, s->later);
	ban_n(s, 2, 0, s->past, 0, s->past);
	ban_n(s, 3, s->sip, s->later, 0, s->later);
	ban_n(s, 4, 0, BOOT_NEVER, 0, s->later);
	ban_n(s, 5, s->sip, s->later, s->ssh, BOOT_NEVER);
	ban_n(s, 6, s->sip, s->past, s->ssh, s->later);
	ban_n(s, 7, s->sctp, s->later, 0, s->later);
	ban_n(s, 8, s->sip, s->past, 0, s->later);
	ban_n(s, 9, s->any, s->later, 0, s->later);
	ban_n(s, 10, s->edges, s->later, 0, s->later);
	ban_n(s, 11, s->sip, s->later, 0, s->later);
}

static void ban_networks(struct stage *s)
{
	ban(s, "198.51.100.0/24", 0, s->later, 0, s->later);
	ban(s, "203.0.113.0/24", 0, s->past, 0, s->later);
	ban(s, "203.0.113.0/25", s->ssh, s->later, 0, s->later);
	ban(s, "203.0.0.0/16", s->sip, s->later, s->ssh, s->later);
	for (int len = 10; len <= 16; len++) {
		char net[32];

		snprintf(net, sizeof(net), "100.64.0.0/%d", len);
		ban(s, net, 0, s->past, 0, s->later);
	}
	ban(s, "2001:db8:1::/48", 0, s->later, 0, s->later);
	ban(s, "2001:db8:2::/64", 0, s->past, 0, s->later);
	ban(s, "2001:db8:2::/48", s->ssh, s->later, 0, s->later);
}

static void allow(struct stage *s)
{
	const char *who[] = { "192.0.2.4", "192.0.2.11", "198.51.100.7", "2001:db8::4",
			      "2001:db8:1::7" };
	struct ipaddr list[ARRAY_SIZE(who)];

	for (size_t i = 0; i < ARRAY_SIZE(who); i++)
		list[i] = address(who[i]);
	t_is("the allowlist is written", enforcer_allow(&s->x->maps.e, list, ARRAY_SIZE(who)), 0);
}

/* ---- running ---------------------------------------------------------------- */

/*
 * Run the program on @len bytes; gives what it returned, or -errno.  The kernel
 * wants 14 bytes at least; fewer are had by calling the first ones metadata.
 */
static int run(struct stage *s, const uint8_t *bytes, size_t len)
{
	size_t meta = len < 14 ? (14 - len + 3) / 4 * 4 : 0;
	uint8_t in[PACKET_MAX], out[PACKET_MAX];
	struct xdp_md ctx = { .data = (__u32)meta, .data_end = (__u32)(meta + len) };
	LIBBPF_OPTS(bpf_test_run_opts, opts, .data_in = in, .data_size_in = ctx.data_end,
		    .data_out = out, .data_size_out = sizeof(out));
	int err;

	memset(in, 0, meta);
	memcpy(in + meta, bytes, len);
	if (meta) {
		opts.ctx_in = &ctx;
		opts.ctx_size_in = sizeof(ctx);
	}
	err = bpf_prog_test_run_opts(s->x->prog_fd, &opts);
	return err ? err : (int)opts.retval;
}

/* Exactly this reason went up, by one frame of @len bytes. */
static bool counted(const struct enforce_stats *a, const struct enforce_stats *b,
		    enum reason why, size_t len)
{
	for (unsigned int r = 0; r < a->n_totals; r++) {
		uint64_t frames = b->totals[r].frames - a->totals[r].frames;
		uint64_t bytes = b->totals[r].bytes - a->totals[r].bytes;

		if (frames != (r == why) || bytes != (r == why ? len : 0))
			return false;
	}
	return true;
}

static void check(struct stage *s, const char *what, const char *frame,
		  const uint8_t *bytes, size_t len, enum reason why)
{
	struct enforce_stats before, after;
	char label[256];
	int ret;

	enforcer_stats(&s->x->maps.e, &before);
	ret = run(s, bytes, len);
	enforcer_stats(&s->x->maps.e, &after);
	snprintf(label, sizeof(label), "%s: %s (%zu bytes): %s", what, frame, len,
		 after.totals[why].reason);
	t_ok(label, ret == (why >= DROP_HOST ? XDP_DROP : XDP_PASS) &&
	     counted(&before, &after, why, len));
}

static void check_rows(struct stage *s, const struct row *rows, size_t n)
{
	struct packet p;

	for (size_t i = 0; i < n; i++) {
		packet_build(&p, rows[i].frame);
		check(s, rows[i].what, rows[i].frame, p.bytes, p.len, rows[i].why);
	}
}

static void check_cuts(struct stage *s)
{
	struct packet p;

	for (size_t i = 0; i < ARRAY_SIZE(cuts); i++) {
		const struct cut *c = &cuts[i];
		int step = 0;

		packet_build(&p, c->frame);
		for (size_t len = 14; len <= p.len; len++) {
			step += len > c->lens[step];
			check(s, "cut off", c->frame, p.bytes, len, c->reasons[step]);
		}
		t_is("the last step is the whole frame", c->lens[step], p.len);
	}
}

/* Shorter than an Ethernet header: not every kernel lets a test have that. */
static void check_stubs(struct stage *s)
{
	struct packet p;

	packet_build(&p, "eth ip4:192.0.2.1 udp:5060");
	for (size_t len = 2; len < 14; len += 4)
		if (run(s, p.bytes, len) != -EINVAL)
			check(s, "stub", "eth", p.bytes, len, PASS_TRUNCATED);
}

static void check_hits(struct stage *s)
{
	struct ipaddr host = address("192.0.2.1"), net = address("198.51.100.0/24"),
		      two = address("192.0.2.5"), allowed = address("192.0.2.4"),
		      ended = address("192.0.2.2"), nobody = address("192.0.2.99");
	struct enforce_hits before, after;
	struct packet p;

	packet_build(&p, "eth ip4:192.0.2.1 udp:5060 raw:1000");
	t_is("hits are found", enforcer_hits(&s->x->maps.e, &host, s->now, &before), 0);
	for (int i = 0; i < 5; i++)
		run(s, p.bytes, p.len);
	enforcer_hits(&s->x->maps.e, &host, boot_now(), &after);
	t_is("five frames", after.frames - before.frames, 5);
	t_is("and their bytes", after.bytes - before.bytes, 5 * p.len);
	t_ok("seen in the last ten seconds",
	     boot_now().ns - after.last_seen.ns < 10 * NS_PER_S);

	packet_build(&p, "eth ip4:198.51.100.77 tcp:1");
	enforcer_hits(&s->x->maps.e, &net, s->now, &before);
	run(s, p.bytes, p.len);
	enforcer_hits(&s->x->maps.e, &net, boot_now(), &after);
	t_is("a network counts", after.frames - before.frames, 1);

	enforcer_hits(&s->x->maps.e, &two, s->now, &before);
	packet_build(&p, "eth ip4:192.0.2.5 udp:5060");
	run(s, p.bytes, p.len);
	packet_build(&p, "eth ip4:192.0.2.5 tcp:22");
	run(s, p.bytes, p.len);
	packet_build(&p, "eth ip4:192.0.2.5 tcp:80");
	run(s, p.bytes, p.len);
	enforcer_hits(&s->x->maps.e, &two, boot_now(), &after);
	t_is("hits of all scopes add up", after.frames - before.frames, 2);

	enforcer_hits(&s->x->maps.e, &allowed, s->now, &after);
	t_is("what is allowed is no hit", after.frames, 0);
	t_is("and was never seen", after.last_seen.ns, 0);
	enforcer_hits(&s->x->maps.e, &ended, s->now, &after);
	t_is("nor is what has ended", after.frames, 0);
	t_is("who is not banned has no hits",
	     enforcer_hits(&s->x->maps.e, &nobody, s->now, &after), -ENOENT);
}

/* Lifting and changing: the next frame sees it. */
static void check_changes(struct stage *s)
{
	struct ipaddr who = address("192.0.2.5");
	struct enforce_hits before, after;
	struct packet ssh, sip;

	packet_build(&ssh, "eth ip4:192.0.2.5 tcp:22");
	packet_build(&sip, "eth ip4:192.0.2.5 udp:5060");
	enforcer_hits(&s->x->maps.e, &who, s->now, &before);
	ban(s, "192.0.2.5", s->sip, s->later, 0, s->later);
	check(s, "the second scope is lifted", "ssh", ssh.bytes, ssh.len, PASS_OUT_OF_SCOPE);
	check(s, "the first is not", "sip", sip.bytes, sip.len, DROP_HOST);
	enforcer_hits(&s->x->maps.e, &who, s->now, &after);
	t_ok("counters go on", after.frames >= 2 && after.frames <= before.frames + 1);
	ban(s, "192.0.2.5", 0, s->later, 0, s->later);
	check(s, "now everything", "ssh", ssh.bytes, ssh.len, DROP_HOST);
	t_is("lift", lift(&s->x->maps.e, &who, 1), 0);
	check(s, "lifted", "sip", sip.bytes, sip.len, PASS_NOT_BANNED);
	t_is("lift again", lift(&s->x->maps.e, &who, 1), 0);
	ban(s, "192.0.2.5", s->sip, s->later, s->ssh, s->later);
	check(s, "banned again", "ssh", ssh.bytes, ssh.len, DROP_HOST);
	t_is("lift both", enforcer_add(&s->x->maps.e, &(struct enforce_ban){ .who = who }, 1), 0);
	check(s, "both are lifted", "ssh", ssh.bytes, ssh.len, PASS_NOT_BANNED);
}

/* Frames in several buffers: all their bytes count. */
static void check_jumbo(struct stage *s)
{
	struct packet p;

	packet_build(&p, "eth ip4:192.0.2.1 udp:5060 raw:9000");
	check(s, "jumbo frame", "raw:9000", p.bytes, p.len, DROP_HOST);
}

struct filling {
	struct xdp *x;
	int family;
};

static int fill_filter(void *ctx, const void *key, const void *value)
{
	struct filling *f = ctx;

	(void)value;
	maps_front_add(&f->x->maps, f->family, key);
	return 0;
}

/* From now on the filters are asked before the hash and the tries. */
static void make_filter(struct stage *s)
{
	struct maps *maps = &s->x->maps;

	t_is("a map of networks is made", maps_near_begin(maps) + maps_near_finish(maps), 0);
	t_is("a filter is begun", maps_front_begin(maps), 0);
	for (int family = 0; family < 2; family++) {
		struct filling f = { s->x, family };

		t_is("filled", map_walk(maps->fd[MAP_BANS4 + family], fill_filter, &f), 0);
		t_ok("and in use", maps_front_finish(maps, family));
	}
}

static void play_all(struct stage *s, bool one_buffer)
{
	/* Without and with networks: the program goes different ways. */
	check_rows(s, host_rows, ARRAY_SIZE(host_rows));
	ban_networks(s);
	check_rows(s, host_rows, ARRAY_SIZE(host_rows));
	check_rows(s, net_rows, ARRAY_SIZE(net_rows));
	check_cuts(s);
	check_stubs(s);
	check_hits(s);
	check_changes(s);
	if (!one_buffer && xdp_kernel_has_frags())
		check_jumbo(s);
}

static bool play(bool one_buffer, bool filter)
{
	struct xdp_params params = { .max_bans = { 1000, 1000 }, .one_buffer = one_buffer };
	struct stage s = { .now = boot_now() };

	s.past.ns = s.now.ns - NS_PER_S;
	s.later.ns = s.now.ns + 3600 * NS_PER_S;
	if (xdp_open(&s.x, &params))
		return false;
	make_scopes(&s);
	ban_hosts(&s);
	allow(&s);
	if (filter)
		make_filter(&s);
	play_all(&s, one_buffer);
	xdp_close(s.x);
	return true;
}

int main(void)
{
	if (!play(true, false)) {
		puts("this kernel or user cannot load the program");
		return 77;
	}
	play(true, true);
	play(false, false);
	play(false, true);
	return t_done();
}
