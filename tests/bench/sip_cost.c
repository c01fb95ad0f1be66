// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What does a SIP message cost the packet program, by who sends it?  As drop.c:
 * one core makes frames and decides about them, every way of deciding is a lane,
 * and a lane's figure is the median over the rounds of its ratio to a bare `return
 * XDP_DROP` in the same round.  What passes is dropped behind the verdict, since
 * its way into the stack would cost ten times as much.
 *
 *	sip_cost ROUNDS
 *
 * The veth devices floor, plain, pass and limit are there already (sip_cost.sh).
 */
#include <bpf/libbpf.h>
#include <errno.h>
#include <net/if.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/log.h"
#include "sensor/sensor.h"
#include "lib/deciders.h"
#include "lib/flood.h"
#include "lib/measure.h"
#include "xdpban/sip_abi.h"
#include "tests/bench/bpf/verdict.skel.h"

enum {
	ISSUE_NS = 183,		/* a frame, where the targets come from */
	ROUNDS_MAX = 101,
	RUN_NS = 100000000,	/* how long a lane runs in a round */
	OFFICES = 10000,	/* known addresses */
	FORGED = 1000000,
};

#define SHORT	"REGISTER sip:a SIP/2.0"	/* as much as 64 bytes have room for */
#define LONG	"REGISTER sip:pbx.example.com SIP/2.0\r\n" \
	"Via: SIP/2.0/UDP 192.0.2.77:5060;branch=z9hG4bK-524287-1---2b1f6c0a3e5d;rport\r\n" \
	"Max-Forwards: 70\r\nContact: <sip:1001@192.0.2.77:5060>\r\n" \
	"To: <sip:1001@pbx.example.com>\r\nFrom: <sip:1001@pbx.example.com>;tag=6b1f3a5c\r\n" \
	"Call-ID: 84d4a1be7c1f4c6e8e1f@192.0.2.77\r\nCSeq: 1 REGISTER\r\nExpires: 3600\r\n" \
	"Allow: INVITE, ACK, CANCEL, OPTIONS, BYE, REFER, NOTIFY\r\n" \
	"User-Agent: Grandstream GXP2170 1.0.11.64\r\nContent-Length: 0\r\n\r\n"

struct bench;

struct lane {
	const char *what, *ifname, *text;
	uint32_t sources;
	enum sip_verdict verdict;	/* what its messages get; SIP_VERDICTS: not looked at */
	void (*prepare)(struct bench *b);
	uint32_t frames;
	double ns[ROUNDS_MAX], ratio[ROUNDS_MAX], more[ROUNDS_MAX];
};

struct bench {
	struct flood *flood;
	struct xdp *plain, *x;		/* without and with the sensor */
	struct sensor *sensor;
	struct sensor_settings set;
	int rounds;
};

/* ---- who the sources are ----------------------------------------------------------- */

/* All of them, without limits. */
static void nobody_special(struct bench *b)
{
	sensor_defaults(&b->set);
	for (size_t i = 0; i < SIP_BUCKETS; i++)
		b->set.source[i] = b->set.all[i] = (struct sensor_rate){ 0 };
	b->set.known = (struct sensor_rate){ 0 };
	need("standing", sensor_trust(b->sensor, NULL, 0));
	for (uint32_t i = 0; i < OFFICES; i++) {
		struct ipaddr who = source_address(4, i);

		need("standing", sensor_unset(b->sensor, &who, 1));
	}
	need("siege", sensor_siege(b->sensor, (boot_t){ 0 }));
	need("settings", sensor_configure(b->sensor, &b->set));
}

static void stand(struct bench *b, enum sip_standing standing)
{
	nobody_special(b);
	for (uint32_t i = 0; i < OFFICES; i++) {
		struct sensor_entry e = { source_address(4, i), standing, BOOT_NEVER, BOOT_NEVER };

		need("standing", sensor_set(b->sensor, &e, 1));
	}
}

static void trusted(struct bench *b)
{
	struct ipaddr who = source_address(4, 0);

	nobody_special(b);
	need("trust", sensor_trust(b->sensor, &who, 1));
}

static void trusted_net(struct bench *b)
{
	struct ipaddr net = source_address(4, 0);

	nobody_special(b);
	ipaddr_mask(&net, 24);
	need("trust", sensor_trust(b->sensor, &net, 1));
}

static void known(struct bench *b)
{
	stand(b, SIP_KNOWN);
}

/* One message each, and then nothing for a quarter of an hour. */
#define USED_UP	((struct sensor_rate){ 0.001, 1 })

static void use_up(struct bench *b, struct sensor_rate *rate)
{
	uint32_t n = b->set.all == rate ? FORGED : OFFICES;
	struct flood_path path = { 4, 0, n, 1, 0, (int)if_nametoindex("limit0") };
	double ns;

	*rate = USED_UP;
	need("settings", sensor_configure(b->sensor, &b->set));
	flood_message(b->flood, SHORT);
	need("cannot send frames", flood_run(b->flood, &path, 8 * FLOOD_MIN, &ns));
}

static void penalty(struct bench *b)
{
	stand(b, SIP_PENALTY);
	use_up(b, &b->set.penalty);
}

static void own_bucket(struct bench *b)
{
	nobody_special(b);
	b->set.source[SIP_BUCKET_ANSWER] = USED_UP;
	use_up(b, &b->set.source[SIP_REGISTER]);
}

static void bucket_of_all(struct bench *b)
{
	nobody_special(b);
	b->set.all[SIP_BUCKET_ANSWER] = USED_UP;
	use_up(b, &b->set.all[SIP_REGISTER]);
}

static void siege(struct bench *b)
{
	nobody_special(b);
	need("siege", sensor_siege(b->sensor, BOOT_NEVER));
}

static struct lane lanes[] = {
	{ "return XDP_DROP (the floor)", "floor0", SHORT, OFFICES, SIP_VERDICTS },
	{ "passes: the program without the sensor", "plain0", SHORT, OFFICES, SIP_VERDICTS },
	{ "passes: trusted", "pass0", SHORT, 1, SIP_PASS_TRUSTED, trusted },
	{ "passes: in a trusted network", "pass0", SHORT, 1, SIP_PASS_TRUSTED, trusted_net },
	{ "passes: 100 known sources", "pass0", SHORT, 100, SIP_PASS_KNOWN, known },
	{ "passes: 10000 known sources", "pass0", SHORT, OFFICES, SIP_PASS_KNOWN, known },
	{ "passes: keep-alives of 10000 unknown", "pass0", "", OFFICES, SIP_PASS_UNKNOWN,
	  nobody_special },
	{ "passes: REGISTER of 10000 unknown, nobody reads", "pass0", SHORT, OFFICES,
	  SIP_PASS_UNKNOWN, nobody_special },
	{ "limited: 1 unknown source", "limit0", SHORT, 1, SIP_DROP_SOURCE, own_bucket },
	{ "limited: 200 unknown sources", "limit0", SHORT, 200, SIP_DROP_SOURCE, own_bucket },
	{ "limited: 10000 unknown sources", "limit0", SHORT, OFFICES, SIP_DROP_SOURCE,
	  own_bucket },
	{ "limited: 10000 with a penalty", "limit0", SHORT, OFFICES, SIP_DROP_PENALTY, penalty },
	{ "limited: 1000000 forged sources", "limit0", SHORT, FORGED, SIP_DROP_ALL,
	  bucket_of_all },
	{ "limited: the same in a siege", "limit0", SHORT, FORGED, SIP_DROP_SIEGE, siege },
	{ "the floor, with messages of 500 bytes", "floor0", LONG, OFFICES, SIP_VERDICTS },
	{ "passes: 10000 known sources", "pass0", LONG, OFFICES, SIP_PASS_KNOWN, known },
	{ "limited: 10000 unknown sources", "limit0", LONG, OFFICES, SIP_DROP_SOURCE,
	  own_bucket },
};
#define N_LANES ARRAY_SIZE(lanes)

/* ---- setting up ----------------------------------------------------------------------- */

static struct xdp *open_with(enum enforce_sensor sensor)
{
	struct xdp_params params = { .max_bans = { 10000, 10000 }, .sensor = sensor };
	struct xdp *x;

	need("cannot load the program", xdp_open(&x, &params));
	if (sensor == SENSOR_ON && !x->maps.sensor)
		need("the sensor", -EOPNOTSUPP);
	return x;
}

static void set_up(struct bench *b)
{
	struct verdict_bpf *plain, *with;

	need("cannot load the generator", flood_open(&b->flood));
	b->plain = open_with(SENSOR_OFF);
	b->x = open_with(SENSOR_ON);
	need("the sensor", sensor_open(&b->sensor, &b->x->maps.e));
	plain = decider_beside(b->plain);
	with = decider_beside(b->x);
	decider_put_on(bpf_program__fd(plain->progs.just_drop), "floor1");
	decider_put_on(bpf_program__fd(plain->progs.pass_dropped), "plain1");
	decider_put_on(bpf_program__fd(with->progs.sip_pass_dropped), "pass1");
	decider_put_on(b->x->prog_fd, "limit1");
}

/* ---- measuring ---------------------------------------------------------------------------- */

static uint64_t counted(struct bench *b, enum sip_verdict verdict)
{
	struct sensor_counts c;

	need("counters", sensor_counts(b->sensor, &c));
	return sensor_sum(&c, verdict, verdict);
}

/* Run @l, and make sure that its messages were judged as it says. */
static double run(struct bench *b, struct lane *l, uint32_t frames)
{
	struct flood_path path = { 4, 0, l->sources, 1, 0, (int)if_nametoindex(l->ifname) };
	uint64_t before;
	double ns;

	if (l->prepare)
		l->prepare(b);
	flood_message(b->flood, l->text);
	before = counted(b, l->verdict);
	need("cannot send frames", flood_run(b->flood, &path, frames, &ns));
	if (l->verdict < SIP_VERDICTS && counted(b, l->verdict) - before != frames) {
		fprintf(stderr, "sip_cost: %s: of %u messages only %llu were\n", l->what, frames,
			(unsigned long long)(counted(b, l->verdict) - before));
		exit(1);
	}
	return ns;
}

static void measure(struct bench *b)
{
	for (size_t i = 0; i < N_LANES; i++) {
		lanes[i].frames = (uint32_t)(RUN_NS / run(b, &lanes[i], 4 * FLOOD_MIN));
		if (lanes[i].frames < FLOOD_MIN)
			lanes[i].frames = FLOOD_MIN;
	}
	for (int r = 0; r < b->rounds; r++) {
		double floor = 0;

		for (size_t i = 0; i < N_LANES; i++) {
			struct lane *l = &lanes[i];

			l->ns[r] = run(b, l, l->frames);
			if (streq(l->ifname, "floor0"))
				floor = l->ns[r];
			l->ratio[r] = floor / l->ns[r];
			l->more[r] = l->ns[r] - floor;
		}
		show_round(r, b->rounds);
	}
	show_round(b->rounds, b->rounds);
}

static void print_table(const struct bench *b)
{
	printf("%-52s %6s %8s %8s   %s\n", "", "Mpps", "ns more", "of floor", "were it 183 ns");
	for (size_t i = 0; i < N_LANES; i++) {
		struct lane *l = &lanes[i];
		double more = quantile(l->more, b->rounds, 0.5);

		printf("%-52s %6.2f %8.1f %8.2f %14.2f\n", l->what,
		       1000 / quantile(l->ns, b->rounds, 0.5), more, quantile(l->ratio, b->rounds, 0.5),
		       ISSUE_NS / (ISSUE_NS + more));
	}
}

int main(int argc, char **argv)
{
	struct bench b = { .rounds = argc == 2 ? atoi(argv[1]) : 0 };

	log_plain(LOG_LEVEL_ERROR);
	if (b.rounds < 1 || b.rounds > ROUNDS_MAX)
		need("arguments", -EINVAL);
	set_up(&b);
	take_core();
	measure(&b);
	print_table(&b);
	return 0;
}
