// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A ban drops until its end, not a second less or more.  Nothing here is timed: the
 * clock is read before and after each packet, and what lies on both sides of the end
 * is not judged.
 */
#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <unistd.h>

#include "../unit/t.h"
#include "base/clock.h"
#include "xdp/xdp.h"
#include "packet.h"

#define MS		(NS_PER_S / 1000)
#define LASTS		(300 * MS)
/* The program reads the clock once for each tick; twenty of the longest ones. */
#define LATE		(200 * MS)

enum { TRIES = 50 };

static bool is_dropped(struct xdp *x, const struct packet *p)
{
	LIBBPF_OPTS(bpf_test_run_opts, opts, .data_in = p->bytes, .data_size_in = (__u32)p->len);
	int err = bpf_prog_test_run_opts(x->prog_fd, &opts);

	if (err)
		t_is("the program runs", err, 0);
	return opts.retval == XDP_DROP;
}

/* The end, and all that is judged after it, is in the second that begins now. */
static boot_t end_of_next(void)
{
	boot_t now = boot_now();

	for (; now.ns % NS_PER_S > 200 * MS; now = boot_now())
		usleep(10000);
	return (boot_t){ now.ns + LASTS };
}

struct seen { bool before, after, wrong; };

static struct seen watch(struct xdp *x, const struct packet *p, boot_t end)
{
	struct seen seen = { 0 };

	while (!seen.wrong) {
		boot_t before = boot_now();
		bool dropped = is_dropped(x, p);
		boot_t after = boot_now();

		if (after.ns < end.ns) {
			seen.before = true;
			seen.wrong = !dropped;
		} else if (before.ns > end.ns + LATE) {
			seen.after = before.ns / NS_PER_S == end.ns / NS_PER_S;
			seen.wrong = dropped;
			break;
		}
		usleep(5000);
	}
	return seen;
}

/* A machine that stands still for so long that nothing can be said is asked again. */
static void check_end(struct xdp *x, const char *who, uint16_t scope, const char *frame)
{
	struct enforce_ban b = { 0 };
	struct seen seen = { 0 };
	struct packet p;

	t_is("an address", ipaddr_parse_net(who, strlen(who), &b.who), 0);
	packet_build(&p, frame);
	for (int i = 0; i < TRIES && !seen.wrong && !(seen.before && seen.after); i++) {
		b.n = 0;
		enforce_ban_add(&b, scope, end_of_next());
		t_is("banned", enforcer_add(&x->maps.e, &b, 1), 0);
		seen = watch(x, &p, b.ends[0].until);
	}
	t_ok(frame, !seen.wrong);
	t_ok("seen before its end", seen.before);
	t_ok("and less than a second after it", seen.after);
}

static int scope_of_sip(struct xdp *x)
{
	struct enforce_scope scope = { 0 };

	enforce_scope_protocol(&scope, 17);
	enforce_scope_ports(&scope, 5060, 5060);
	return enforcer_scope(&x->maps.e, &scope);
}

int main(void)
{
	struct xdp_params params = { .max_bans = { 100, 100 } };
	struct xdp *x;
	int sip;

	if (xdp_open(&x, &params)) {
		puts("this kernel or user cannot load the program");
		return 77;
	}
	sip = scope_of_sip(x);
	t_ok("a scope", sip > 0);
	check_end(x, "192.0.2.1", 0, "eth ip4:192.0.2.1 udp:5060");
	check_end(x, "2001:db8::1", 0, "eth ip6:2001:db8::1 tcp:22");
	check_end(x, "192.0.2.2", (uint16_t)sip, "eth ip4:192.0.2.2 udp:5060");
	check_end(x, "198.51.100.0/24", 0, "eth ip4:198.51.100.9 udp:5060");
	xdp_close(x);
	return t_done();
}
