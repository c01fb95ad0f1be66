// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What does a frame cost, dropped or passed?  One core makes frames and decides
 * about them; every way of deciding is a lane, a veth pair of its own that is
 * set up once.  A round runs each lane for a moment, so that whatever else the
 * machine does falls on all of them, and a lane's figure is the median over the
 * rounds of its ratio to the floor, a bare `return XDP_DROP`, in that round.
 *
 *	drop ROUNDS BANS [NAME INTERFACE SOURCES]...
 *	drop --sources N	print the first N of them
 *
 * The veth devices are there already (drop.sh).  Each NAME is a peer of ours,
 * which drops the first SOURCES sources at the other end of INTERFACE.
 */
#include <bpf/libbpf.h>
#include <errno.h>
#include <ifaddrs.h>
#include <linux/if_link.h>
#include <linux/if_packet.h>
#include <net/if.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/log.h"
#include "lib/deciders.h"
#include "lib/flood.h"
#include "lib/measure.h"
#include "xdpban/sip_abi.h"
#include "tests/bench/bpf/verdict.skel.h"

enum {
	FEW = 16384,		/* sources of a flood that fits into the caches */
	NETS = 1000,		/* banned networks */
	ALLOWED = 100,		/* addresses on the allowlist */
	ISSUE_NS = 183,		/* a frame, where the targets come from */
	LANES_MAX = 40,
	ROUNDS_MAX = 101,
	RUN_NS = 150000000,	/* how long a lane runs in a round */
	CALLS = 10,		/* for the other floor, of a lane in a round */
	CALLS_NS = 400000000,	/* how long they may take; a million sources may more */
	CALLS_FOR_ONE = 4,	/* of the floor itself; all lanes share these */
	CALLS_KEPT = 4096,
	CALIBRATION = 31,	/* calls to learn how long one takes */
};

/* What beginning and end of each call took. */
struct ends {
	int n;
	double ns[CALLS_KEPT];
};

struct lane {
	char what[80];
	struct flood_path path;
	char ifname[IF_NAMESIZE];	/* where frames go in */
	int floor;		/* index of what it is compared with */
	struct xdp *x;		/* borrows; NULL: not ours */
	enum reason why;	/* what its program must count */
	uint32_t frames;	/* of one round */
	double ns[ROUNDS_MAX];	/* for one frame */
	double ratio[ROUNDS_MAX];	/* to the floor */
	double more[ROUNDS_MAX];	/* ns more than the floor */
	struct ends ends;	/* for the other floor */
};

struct bench {
	struct flood *flood;
	struct verdict_bpf *verdict[3];	/* on the maps of @many, @few, @nets */
	struct verdict_bpf *plain[2];	/* with a plain table of few, of many */
	struct xdp *few, *many, *nets, *kept;
	uint32_t bans;		/* in @many, of each family */
	int rounds;
	uint32_t call;		/* frames of one call, for the other floor */
	size_t n;
	struct lane lanes[LANES_MAX];
};

/* ---- lanes ------------------------------------------------------------------- */

static struct lane *lane_add(struct bench *b, const char *what, const char *ifname,
			     int family, uint32_t first, uint32_t n)
{
	struct lane *l = &b->lanes[b->n];

	if (b->n++ == LANES_MAX)
		need("too many lanes", -E2BIG);
	*l = (struct lane){ .path = { .family = family, .first = first, .n = n, .stride = 1,
				      .ifindex = (int)if_nametoindex(ifname) } };
	need(ifname, l->path.ifindex ? 0 : -errno);
	snprintf(l->what, sizeof(l->what), "%s", what);
	snprintf(l->ifname, sizeof(l->ifname), "%s", ifname);
	return l;
}

static struct lane *lane_ours(struct bench *b, const char *what, const char *ifname,
			      int family, uint32_t first, uint32_t n)
{
	char text[80];
	struct lane *l;
	int floor = (int)b->n;

	snprintf(text, sizeof(text), "IPv%d: %s", family, what);
	l = lane_add(b, text, ifname, family, first, n);
	while (floor && strcmp(b->lanes[floor].ifname, "floor0"))
		floor--;
	l->floor = floor;
	return l;
}

static void counts(struct lane *l, struct xdp *x, enum reason why)
{
	l->x = x;
	l->why = why;
}

/* A number that has no divisor in common with @n, so that all have their turn. */
static uint32_t stride_for(uint32_t n)
{
	uint32_t stride = (uint32_t)(n * 0.618) | 1;

	for (;; stride += 2) {
		uint32_t a = n, b = stride;

		while (b) {
			uint32_t rest = a % b;

			a = b;
			b = rest;
		}
		if (a == 1)
			return stride;
	}
}

static void lanes_ours(struct bench *b, int family)
{
	char what[64];
	struct lane *l;

	lane_ours(b, "return XDP_DROP (the floor)", "floor0", family, 0, FEW);
	snprintf(what, sizeof(what), "%u banned sources in turn", FEW);
	counts(lane_ours(b, what, "few0", family, 0, FEW), b->few, DROP_HOST);
	snprintf(what, sizeof(what), "%u banned sources in turn", b->bans);
	counts(lane_ours(b, what, "many0", family, 0, b->bans), b->many, DROP_HOST);
	l = lane_ours(b, "the same, in another order than banned", "many0", family, 0,
		      b->bans);
	l->path.stride = stride_for(b->bans);
	counts(l, b->many, DROP_HOST);
	snprintf(what, sizeof(what), "%u others, beside these bans", b->bans);
	counts(lane_ours(b, what, "pass0", family, b->bans, b->bans), b->many,
	       PASS_NOT_BANNED);
	snprintf(what, sizeof(what), "%u others, beside %u bans", b->bans, FEW);
	counts(lane_ours(b, what, "easy0", family, b->bans, b->bans), b->few,
	       PASS_NOT_BANNED);
	if (family == 6)
		return;
	snprintf(what, sizeof(what), "%u others, beside %u banned /24", b->bans, NETS);
	lane_ours(b, what, "nets0", family, b->bans, b->bans);
	snprintf(what, sizeof(what), "%u banned, beside %u allowed", FEW, ALLOWED);
	counts(lane_ours(b, what, "kept0", family, 0, FEW), b->kept, DROP_HOST);
}

static void lanes_plain(struct bench *b)
{
	char what[64];

	snprintf(what, sizeof(what), "a plain LRU look-up, %u banned", FEW);
	lane_ours(b, what, "pfew0", 4, 0, FEW);
	snprintf(what, sizeof(what), "a plain LRU look-up, %u banned", b->bans);
	lane_ours(b, what, "pmany0", 4, 0, b->bans);
	snprintf(what, sizeof(what), "a plain LRU look-up, %u others", b->bans);
	lane_ours(b, what, "ppass0", 4, b->bans, b->bans);
}

static void set_up(struct bench *b)
{
	need("cannot load the generator", flood_open(&b->flood));
	b->few = decider_ours(ENFORCE_MAX_BANS, FEW);
	b->many = decider_ours(b->bans, b->bans);
	b->nets = decider_ours(ENFORCE_MAX_BANS, 0);
	decider_ban_nets(b->nets, NETS);
	b->kept = decider_ours(ENFORCE_MAX_BANS, FEW);
	decider_allow(b->kept, b->bans, ALLOWED);
	decider_compare(b->few);
	decider_compare(b->many);
	decider_compare(b->nets);
	decider_compare(b->kept);
	b->verdict[0] = decider_beside(b->many);
	b->verdict[1] = decider_beside(b->few);
	b->verdict[2] = decider_beside(b->nets);
	decider_put_on(bpf_program__fd(b->verdict[0]->progs.just_drop), "floor1");
	decider_put_on(b->few->prog_fd, "few1");
	decider_put_on(b->many->prog_fd, "many1");
	decider_put_on(b->kept->prog_fd, "kept1");
	decider_put_on(bpf_program__fd(b->verdict[0]->progs.pass_dropped), "pass1");
	decider_put_on(bpf_program__fd(b->verdict[1]->progs.pass_dropped), "easy1");
	decider_put_on(bpf_program__fd(b->verdict[2]->progs.pass_dropped), "nets1");
	b->plain[0] = decider_plain(FEW);
	b->plain[1] = decider_plain(b->bans);
	decider_put_on(bpf_program__fd(b->plain[0]->progs.plain_banned), "pfew1");
	decider_put_on(bpf_program__fd(b->plain[1]->progs.plain_banned), "pmany1");
	decider_put_on(bpf_program__fd(b->plain[1]->progs.plain_others), "ppass1");
	lanes_ours(b, 4);
	lanes_plain(b);
	lanes_ours(b, 6);
}

/* ---- measuring --------------------------------------------------------------- */

/* Frames that the other end of @ifname has taken in. */
static uint32_t arrived(const char *ifname)
{
	struct ifaddrs *list;
	uint32_t n = 0;

	need("getifaddrs", getifaddrs(&list) ? -errno : 0);
	for (struct ifaddrs *i = list; i; i = i->ifa_next)
		if (i->ifa_addr && i->ifa_addr->sa_family == AF_PACKET &&
		    !strcmp(i->ifa_name, ifname))
			n = ((struct rtnl_link_stats *)i->ifa_data)->tx_packets;
	freeifaddrs(list);
	return n;
}

static uint64_t counted(const struct lane *l)
{
	struct enforce_stats stats;

	if (!l->x)
		return 0;
	need("cannot read the counters", enforcer_stats(&l->x->maps.e, &stats));
	return stats.totals[l->why].frames;
}

/* Run @l, and make sure that its frames met the end that it is about. */
static double run(struct bench *b, struct lane *l, uint32_t frames)
{
	uint32_t before = arrived(l->ifname);
	uint64_t count = counted(l);
	double ns;

	need("cannot send frames", flood_run(b->flood, &l->path, frames, &ns));
	before = arrived(l->ifname) - before;
	count = counted(l) - count;
	if (before != frames || (l->x && count != frames)) {
		fprintf(stderr, "drop: %s: of %u frames %u arrived, %llu were as meant\n",
			l->what, frames, before, (unsigned long long)count);
		exit(1);
	}
	return ns;
}

/* So many frames that every source has its turn. */
static void calibrate(struct bench *b)
{
	for (size_t i = 0; i < b->n; i++) {
		struct lane *l = &b->lanes[i];

		l->frames = (uint32_t)(RUN_NS / run(b, l, 4 * FLOOD_MIN));
		if (l->frames < l->path.n)
			l->frames = l->path.n;
		if (l->frames < FLOOD_MIN)
			l->frames = FLOOD_MIN;
	}
}

/*
 * Where the targets come from, one frame took ISSUE_NS at the floor: as much as
 * here with the beginning and the end of the call in it, some 10 to 30 ms, when a
 * call is this long.  @ns: a frame without these; @ends: both of them.
 */
static void choose_call(struct bench *b, double ns, double ends)
{
	b->call = ns < ISSUE_NS ? (uint32_t)(ends / (ISSUE_NS - ns)) : 0;
	if (b->call < FLOOD_MIN)
		b->call = FLOOD_MIN;
}

static void calibrate_calls(struct bench *b)
{
	struct lane *floor = &b->lanes[0];
	double ns[CALIBRATION], ends[CALIBRATION];

	for (int i = 0; i < CALIBRATION; i++) {
		ns[i] = run(b, floor, FLOOD_MIN);
		ends[i] = (floor->path.whole - ns[i]) * FLOOD_MIN;
	}
	choose_call(b, quantile(ns, CALIBRATION, 0.5), quantile(ends, CALIBRATION, 0.5));
}

/* A call of that length; gives the nanoseconds. */
static double call(struct bench *b, struct lane *l, double part)
{
	uint32_t frames = (uint32_t)(b->call * part);
	double ns;

	if (frames < FLOOD_MIN)
		frames = FLOOD_MIN;
	ns = run(b, l, frames);
	if (l->ends.n < CALLS_KEPT)
		l->ends.ns[l->ends.n++] = (l->path.whole - ns) * frames;
	return l->path.whole * frames;
}

/*
 * Calls of about that length, from three to five quarters of it: a call ends with a
 * tick of the clock (4 ms), so were they all alike, who takes a bit longer would pay
 * nothing for it, or a whole tick.  Ends wander more than what is measured does, each
 * for itself: so there are many, of all lanes in turn, and the floor has its share.
 */
static void run_calls(struct bench *b, struct lane *l)
{
	double took = 0, frames = 0, part = 0.75;

	for (int n = 0; (n < CALLS && took < CALLS_NS) || frames < l->path.n; n++) {
		if (n % CALLS_FOR_ONE == 0)
			call(b, &b->lanes[l->floor], part);
		took += call(b, l, part);
		frames += b->call * part;
		part += part < 0.94 ? 0.31 : -0.19;
	}
}

/* The mean of the middle half: now and then a call takes very long. */
static double ends_of(const struct lane *l)
{
	double sorted[CALLS_KEPT], sum = 0;
	int n = l->ends.n;

	memcpy(sorted, l->ends.ns, sizeof(sorted));
	qsort(sorted, (size_t)n, sizeof(*sorted), compare_numbers);
	for (int i = n / 4; i < n - n / 4; i++)
		sum += sorted[i];
	return sum / (n - n / 4 * 2);
}

/* A frame of a call of b->call frames, with the call's ends in it. */
static double whole(const struct bench *b, struct lane *l)
{
	return quantile(l->ns, b->rounds, 0.5) + ends_of(l) / b->call;
}

static void measure(struct bench *b)
{
	for (int r = 0; r < b->rounds; r++) {
		for (size_t i = 0; i < b->n; i++) {
			struct lane *l = &b->lanes[i];

			l->ns[r] = run(b, l, l->frames);
			run_calls(b, l);
			l->ratio[r] = b->lanes[l->floor].ns[r] / l->ns[r];
			l->more[r] = l->ns[r] - b->lanes[l->floor].ns[r];
		}
		show_round(r, b->rounds);
	}
	show_round(b->rounds, b->rounds);
}

/* ---- the table --------------------------------------------------------------- */

/*
 * The targets of this project were ratios, measured where the floor was 183 ns a
 * frame.  What we cost does not depend on the floor, the ratio does: so both.
 */
static void print_table(struct bench *b)
{
	choose_call(b, quantile(b->lanes[0].ns, b->rounds, 0.5), ends_of(&b->lanes[0]));
	printf("%-52s %6s %8s %8s %15s   at %.0f ns\n", "", "Mpps", "ns more", "of floor",
	       "(middle half)", whole(b, &b->lanes[0]));
	for (size_t i = 0; i < b->n; i++) {
		struct lane *l = &b->lanes[i];

		printf("%-52s %6.2f %8.1f %8.2f   (%.2f to %.2f) %10.2f\n", l->what,
		       1000 / quantile(l->ns, b->rounds, 0.5),
		       quantile(l->more, b->rounds, 0.5),
		       quantile(l->ratio, b->rounds, 0.5),
		       quantile(l->ratio, b->rounds, 0.25),
		       quantile(l->ratio, b->rounds, 0.75),
		       whole(b, &b->lanes[l->floor]) / whole(b, l));
	}
	printf("The last column: of a floor that has the calls' beginning and end in it "
	       "(of %u frames).\n", b->call);
}

static int print_sources(uint32_t n)
{
	for (uint32_t i = 0; i < n; i++) {
		struct ipaddr who = source_address(4, i);
		char text[IPADDR_TEXT];

		puts(ipaddr_format(&who, text));
	}
	return 0;
}

int main(int argc, char **argv)
{
	static struct bench b;

	if (argc == 3 && streq(argv[1], "--sources"))
		return print_sources((uint32_t)atoi(argv[2]));
	if (argc < 3 || argc % 3)
		need("arguments", -EINVAL);
	log_plain(LOG_LEVEL_ERROR);
	b.rounds = atoi(argv[1]);
	b.bans = (uint32_t)atoi(argv[2]);
	if (b.rounds < 1 || b.rounds > ROUNDS_MAX || b.bans < FEW)
		need("arguments", -EINVAL);
	set_up(&b);
	for (int i = 3; i < argc; i += 3)
		lane_add(&b, argv[i], argv[i + 1], 4, 0, (uint32_t)atoi(argv[i + 2]));
	take_core();
	calibrate(&b);
	calibrate_calls(&b);
	measure(&b);
	print_table(&b);
	return 0;
}
