// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The filter in front of the hash must never overlook a ban.  Bans come and go
 * at random, beside a model of what is banned; daemons end and begin, filters
 * are made anew, in one go and in steps; and whatever was done last, every frame
 * of a banned address is dropped, and no other.
 */
#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/mount.h>
#include <unistd.h>

#include "../unit/t.h"
#include "base/log.h"
#include "maps/maps_private.h"
#include "xdp/xdp.h"
#include "lift.h"
#include "packet.h"
#include "verdict.h"

#define N		24000	/* addresses of each family that may be banned */
#define CAPACITY	100000
#define ROUNDS		1500

struct one {
	struct ipaddr who;
	bool banned;
};

struct stage {
	char dir[T_DIR], pin[T_DIR + 8];
	struct xdp *x;
	struct enforce_truth truth;
	uint64_t random;
	size_t n_banned;
	struct one all[2 * N];		/* the model, sorted by address */
};

/* ---- the model -------------------------------------------------------------- */

static uint32_t draw(struct stage *s, uint32_t below)
{
	s->random ^= s->random << 13;
	s->random ^= s->random >> 7;
	s->random ^= s->random << 17;
	return (uint32_t)(s->random >> 20) % below;
}

/* A third are neighbours, as attackers from one network are; others anywhere. */
static struct ipaddr address(uint32_t n, bool v6)
{
	struct ipaddr a = { .family = v6 ? 6 : 4, .prefix = v6 ? 128 : 32 };
	uint32_t v = n % 3 ? 0x80000000 | n * 2654435761u : 0x0a000000 | n;
	uint8_t *to = a.bytes + (v6 && n % 2 ? 12 : v6 ? 4 : 0);

	if (v6)
		memcpy(a.bytes, "\x20\x01\x0d\xb8", 4);
	v = htonl(v);
	memcpy(to, &v, 4);
	return a;
}

static int compare(const void *a, const void *b)
{
	return ipaddr_compare(&((const struct one *)a)->who, &((const struct one *)b)->who);
}

static void fill_in(const struct one *o, struct enforce_ban *out)
{
	*out = (struct enforce_ban){ .who = o->who, .n = o->banned,
				     .ends = { { 0, BOOT_NEVER } } };
}

static bool find(void *ctx, const struct ipaddr *who, struct enforce_ban *out)
{
	struct stage *s = ctx;
	struct one key = { .who = *who };
	struct one *o = bsearch(&key, s->all, 2 * N, sizeof(key), compare);

	if (o)
		fill_in(o, out);
	return o && o->banned;
}

static bool next(void *ctx, size_t *cursor, struct enforce_ban *out)
{
	struct stage *s = ctx;

	while (*cursor < 2 * N && !s->all[*cursor].banned)
		++*cursor;
	if (*cursor == 2 * N)
		return false;
	fill_in(&s->all[(*cursor)++], out);
	return true;
}

/* ---- what the program does -------------------------------------------------- */

static bool right(struct stage *s, const struct one *o)
{
	return verdict_on(s->x->prog_fd, &o->who) == (o->banned ? XDP_DROP : XDP_PASS);
}

static uint32_t wrong(struct stage *s)
{
	uint32_t n = 0;

	for (uint32_t i = 0; i < 2 * N; i++)
		n += !right(s, &s->all[i]);
	return n;
}

/* Who is not banned, but let through to the hash: a part of all. */
static double mistaken(struct stage *s, uint8_t family)
{
	uint32_t free = 0, taken = 0;

	for (uint32_t i = 0; i < 2 * N; i++) {
		const struct one *o = &s->all[i];

		if (o->banned || o->who.family != family)
			continue;
		free++;
		taken += maps_front_maybe(&s->x->maps, family == 6, o->who.bytes);
	}
	return free ? (double)taken / free : 0;
}

/* ---- what happens to bans --------------------------------------------------- */

#define AT_ONCE	200

/* Ban or lift some; @likely of 8 are bans. */
static bool churn(struct stage *s, uint32_t likely)
{
	struct enforce_ban bans[AT_ONCE];
	struct ipaddr lifted[AT_ONCE];
	uint32_t n = 1 + draw(s, AT_ONCE), which[AT_ONCE];
	bool ban = draw(s, 8) < likely, ok = true;

	for (uint32_t i = 0; i < n; i++) {
		struct one *o = &s->all[which[i] = draw(s, 2 * N)];

		s->n_banned += ban - o->banned;
		o->banned = ban;
		lifted[i] = o->who;
		fill_in(o, &bans[i]);
	}
	if (ban)
		ok = !enforcer_add(&s->x->maps.e, bans, n);
	else
		ok = !lift(&s->x->maps.e, lifted, n);
	for (uint32_t i = 0; i < n; i++)
		ok = ok && right(s, &s->all[which[i]]);
	return ok;
}

static struct enforce_repairs resync(struct stage *s, const char *what)
{
	struct enforce_repairs r;

	t_is(what, enforcer_resync(&s->x->maps.e, &s->truth, boot_now, &r), 0);
	return r;
}

static bool reopen(struct stage *s, uint32_t capacity)
{
	struct xdp_params params = { .pin = s->pin, .max_bans = { capacity, capacity },
				     .writer = true };

	xdp_close(s->x);
	s->x = NULL;
	if (xdp_open(&s->x, &params))
		return false;
	xdp_pins_unlock(s->x);
	return true;
}

/* ---- tests ------------------------------------------------------------------ */

static void check_first(struct stage *s)
{
	t_is("without a comparison there is no filter", (int64_t)s->x->maps.settings.front4, 0);
	t_ok("bans are dropped all the same", churn(s, 8) && churn(s, 8));
	t_is("and only they", wrong(s), 0);
	resync(s, "the first comparison");
	t_ok("makes a filter", s->x->maps.settings.front4 && s->x->maps.settings.front6);
	t_ok("of a small size",
	     front_lines(s->x->maps.settings.front4) < s->x->maps.front[0].lines);
	t_is("that overlooks nobody", wrong(s), 0);
}

/* Bans beyond the size in use ask for a comparison, which takes a larger one. */
static void check_growth(struct stage *s)
{
	uint32_t before = front_lines(s->x->maps.settings.front4);
	struct enforce_repairs r;
	int ret, n = 0, portions = 0;
	bool ok = true;

	t_ok("a new filter has room", !enforcer_wants_resync(&s->x->maps.e));
	while (!enforcer_wants_resync(&s->x->maps.e) && churn(s, 8) && n < 10000)
		n++;
	t_ok("in time it has not", enforcer_wants_resync(&s->x->maps.e));
	ret = enforcer_resync_step(&s->x->maps.e, &s->truth, boot_now(), &r);
	t_ok("while one is made, none is asked for",
	     ret == 1 && !enforcer_wants_resync(&s->x->maps.e));
	while (ret == 1) {
		portions += s->x->maps.front[0].target != 0;
		ok = ok && churn(s, 7);
		ret = enforcer_resync_step(&s->x->maps.e, &s->truth, boot_now(), &r);
	}
	t_is("when it is made", ret, 0);
	t_ok("bans came and went between its portions", ok && portions > 1);
	t_ok("it is larger", front_lines(s->x->maps.settings.front4) > before);
	t_ok("and has room", !enforcer_wants_resync(&s->x->maps.e));
	t_is("and overlooks nobody", wrong(s), 0);
}

/* One thing after another, most of it churn, first more bans, then fewer. */
static void check_churn(struct stage *s)
{
	bool ok = true, sizes[2] = { false };

	for (uint32_t i = 0; i < ROUNDS && ok; i++) {
		uint32_t what = draw(s, 100);
		struct enforce_repairs r = { 0 };
		int ret = 0;

		if (what < 60)
			ok = churn(s, i < ROUNDS / 2 ? 7 : 1);
		else if (what < 98)
			ret = enforcer_resync_step(&s->x->maps.e, &s->truth, boot_now(), &r);
		else if (what < 99)
			ret = enforcer_resync(&s->x->maps.e, &s->truth, boot_now, &r);
		else
			ok = reopen(s, i % 2 ? CAPACITY : CAPACITY / 2);
		ok = ok && ret >= 0 && !(r.missing + r.changed + r.foreign + r.other);
		for (int j = 0; j < 20; j++)
			ok = ok && right(s, &s->all[draw(s, 2 * N)]);
		sizes[front_lines(s->x->maps.settings.front4) == s->x->maps.front[0].lines] = true;
	}
	t_ok("whatever happens, the right frames are dropped", ok);
	t_ok("with a small filter and with a large one", sizes[0] && sizes[1]);
	t_is("in the end, verdicts that are wrong", wrong(s), 0);
}

static void check_mistakes(struct stage *s)
{
	resync(s, "a comparison of all");
	printf("%zu bans, filters of %u and %u lines; others taken for banned: "
	       "%.4f IPv4, %.4f IPv6\n", s->n_banned, front_lines(s->x->maps.settings.front4),
	       front_lines(s->x->maps.settings.front6), mistaken(s, 4), mistaken(s, 6));
	t_ok("few others are looked up", mistaken(s, 4) < 0.01 && mistaken(s, 6) < 0.01);
}

/* Somebody writes zeros over the filters. */
static void check_wiped(struct stage *s)
{
	struct enforce_repairs r;

	for (int family = 0; family < 2; family++) {
		struct maps_front *f = &s->x->maps.front[family];

		memset(f->live, 0, f->entries * sizeof(*f->live));
	}
	t_ok("without a filter's bits bans are overlooked", wrong(s) > 0);
	r = resync(s, "a comparison finds it");
	/* Each puts right what shares all its bits. */
	t_ok("bans that were overlooked are counted",
	     r.other <= s->n_banned && r.other > s->n_banned * 9 / 10);
	t_is("and dropped again", wrong(s), 0);
	r = resync(s, "once more");
	t_is("nothing is left to repair", (int64_t)(r.other + r.missing + r.changed), 0);
}

/* A shape that leads beyond the map's end: the hash is asked. */
static void check_beyond(struct stage *s)
{
	uint64_t was = s->x->maps.shared->front4;

	s->x->maps.shared->front4 = front_shape(s->x->maps.front[0].entries, 1 << 20);
	t_is("a filter of a wrong shape overlooks nobody", wrong(s), 0);
	s->x->maps.shared->front4 = was;
}

static void check_writers(struct stage *s)
{
	struct xdp_params params = { .pin = s->pin, .writer = true };
	struct xdp *second = NULL;

	t_is("two may not write", xdp_open(&second, &params), -EBUSY);
	params.writer = false;
	t_is("another may look, attach, make maps", xdp_open(&second, &params), 0);
	t_is("without changing what we do", wrong(s), 0);
	xdp_close(second);
	resync(s, "and we go on");
	t_is("as before", wrong(s), 0);
}

/* ---- frames all the time ---------------------------------------------------- */

struct sender {
	pthread_t thread;
	struct stage *s;
	const struct one *target;
	atomic_bool stop;
	atomic_ulong sent, passed;
};

static void *send_frames(void *arg)
{
	struct sender *t = arg;

	while (!t->stop) {
		t->passed += verdict_on(t->s->x->prog_fd, &t->target->who) != XDP_DROP;
		t->sent++;
	}
	return NULL;
}

/* Its own ban never changes; everything around it does, all the time. */
static void check_meanwhile(struct stage *s)
{
	struct sender t = { .s = s };
	bool ok = true;

	while (!t.target || !t.target->banned)
		t.target = &s->all[draw(s, 2 * N)];
	pthread_create(&t.thread, NULL, send_frames, &t);
	for (int i = 0; i < 60 || t.sent < 5000; i++) {
		for (int j = 0; j < 5; j++) {
			struct one *o = &s->all[draw(s, 2 * N)];
			struct enforce_ban b;

			if (o == t.target)
				continue;
			s->n_banned += 1 - 2 * o->banned;
			o->banned = !o->banned;
			fill_in(o, &b);
			ok = ok && !enforcer_add(&s->x->maps.e, &b, 1);
		}
		ok = ok && !enforcer_resync(&s->x->maps.e, &s->truth, boot_now, NULL);
	}
	t.stop = true;
	pthread_join(t.thread, NULL);
	t_ok("changes succeed", ok);
	t_is("of many frames, sent while filters were made anew, passed", (int64_t)t.passed, 0);
}

/* ---- stage ------------------------------------------------------------------ */

static bool set_up(struct stage *s)
{
	if (unshare(CLONE_NEWNS) || !t_dir(s->dir) ||
	    mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) ||
	    mount("bpf", s->dir, "bpf", 0, NULL))
		return false;
	snprintf(s->pin, sizeof(s->pin), "%s/xdpban", s->dir);
	s->truth = (struct enforce_truth){ s, find, next };
	s->random = 88172645463325252ull;
	for (uint32_t i = 0; i < 2 * N; i++)
		s->all[i].who = address(i % N, i >= N);
	qsort(s->all, 2 * N, sizeof(s->all[0]), compare);
	return reopen(s, CAPACITY);
}

int main(void)
{
	static struct stage s;

	libbpf_set_print(NULL);
	log_plain(LOG_LEVEL_ERROR);
	if (!set_up(&s)) {
		puts("needs namespaces, a BPF file system, and to load the program");
		return 77;
	}
	if (!s.x->maps.front[0].live) {
		puts("this kernel does not share maps with user space");
		return 77;
	}
	check_first(&s);
	check_growth(&s);
	check_churn(&s);
	check_mistakes(&s);
	check_wiped(&s);
	check_beyond(&s);
	check_writers(&s);
	check_meanwhile(&s);
	xdp_close(s.x);
	umount(s.dir);
	rmdir(s.dir);
	return t_done();
}
