// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * How long do very many bans take?  From the ban store into an empty kernel, as
 * after a restart of the machine; compared when all are there, as after a
 * restart of the daemon and once a minute; and the longest step of that, which
 * is how long the daemon may be late for a log line.
 *
 *	bans N		IPv4 bans; needs privileges, touches nothing else
 */
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "ban/ban_store.h"
#include "base/log.h"
#include "lib/sources.h"
#include "xdp/xdp_open.h"

/* Not what others did with the processor meanwhile: nothing here waits. */
static double now_s(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &ts);
	return (double)ts.tv_sec + (double)ts.tv_nsec / 1e9;
}

static void die(const char *what, int err)
{
	fprintf(stderr, "bans: %s: %s\n", what, strerror(-err));
	exit(1);
}

static struct ban_store *fill(uint32_t n)
{
	struct ban_store_params params = { .max_bans = n };
	struct ban_store *store = ban_store_new(&params);

	for (uint32_t i = 0; i < n && store; i++) {
		uint32_t addr = __builtin_bswap32(sources_ipv4(i));
		struct ban ban = { .jail = "bench", .until = BOOT_NEVER };

		ban.who = (struct ipaddr){ .family = 4, .prefix = 32 };
		memcpy(ban.who.bytes, &addr, sizeof(addr));
		if (ban_store_add(store, &ban) < 0)
			die("cannot fill the store", -12);
	}
	return store;
}

/* ---- the store as the truth, as in keeping/bans.c ---------------------------- */

static bool find(void *ctx, const struct ipaddr *who, struct enforce_ban *out)
{
	struct ban_effect effects[ENFORCE_ENDS];
	size_t n = ban_store_effects(ctx, who, effects, ARRAY_SIZE(effects));

	*out = (struct enforce_ban){ .who = *who };
	for (size_t i = 0; i < n; i++)
		enforce_ban_add(out, effects[i].scope, effects[i].until);
	return n;
}

static bool next(void *ctx, size_t *cursor, struct enforce_ban *out)
{
	struct ban_cursor c = { *cursor };
	struct ipaddr who;

	if (!ban_store_next_address(ctx, &c, &who))
		return false;
	*cursor = c.at;
	find(ctx, &who, out);
	return true;
}

static size_t count(void *ctx)
{
	return ban_store_stats(ctx).addresses;
}

/* ---- measuring --------------------------------------------------------------- */

static void pass(struct enforcer *e, const struct enforce_truth *truth, const char *what)
{
	double start = now_s(), longest = 0, took;
	struct enforce_repairs step, sum = { 0 };
	int steps = 0, ret;

	do {
		double from = now_s();

		ret = enforcer_resync_step(e, truth, boot_now(), &step);
		took = now_s() - from;
		longest = took > longest ? took : longest;
		enforce_repairs_add(&sum, &step);
		steps++;
	} while (ret > 0);
	if (ret)
		die(what, ret);
	printf("%-44s %6.2f s, %5d steps, the longest %5.2f ms; %llu were missing\n", what,
	       now_s() - start, steps, longest * 1e3, (unsigned long long)sum.missing);
}

int main(int argc, char **argv)
{
	uint32_t n = argc > 1 ? (uint32_t)atoi(argv[1]) : 0;
	struct enforcer_params params = { .max_bans4 = n, .max_bans6 = 1024 };
	struct enforce_truth truth = { NULL, find, next, count };
	struct ban_store *store, *empty = fill(0);
	struct enforcer *e;
	int err;

	if (!n)
		die("how many?", -22);
	log_plain(LOG_LEVEL_WARNING);
	err = enforcer_open_xdp(&e, &params);
	if (err)
		die("cannot open the maps", err);
	store = fill(n);
	truth.ctx = store;
	printf("%u bans\n", n);
	pass(e, &truth, "from the store into an empty kernel");
	pass(e, &truth, "compared, all there");
	pass(e, &truth, "compared again");
	truth.ctx = empty;
	pass(e, &truth, "nobody is to be banned any more");
	pass(e, &truth, "compared, nothing there");
	enforcer_close(e);
	ban_store_free(store);
	ban_store_free(empty);
	return 0;
}
