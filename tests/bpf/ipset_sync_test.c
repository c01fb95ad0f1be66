// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Sets are compared in steps, and bans that come and go between them are neither
 * missing nor somebody else's.  In a network namespace of its own.
 */
#include <errno.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "../unit/t.h"
#include "enforce/ladder.h"

#define N	20000

/* Bans of the addresses 10.0.0.0 + i; those with an end are in force. */
struct stage {
	struct enforcer *e;
	boot_t until[N];
};

static struct ipaddr address(size_t i)
{
	return (struct ipaddr){
		.family = 4, .prefix = 32,
		.bytes = { 10, (uint8_t)(i >> 16), (uint8_t)(i >> 8), (uint8_t)i },
	};
}

static struct enforce_ban ban_of(const struct stage *s, size_t i)
{
	struct enforce_ban b = { .who = address(i) };

	if (s->until[i].ns)
		enforce_ban_add(&b, ENFORCE_SCOPE_ALL, s->until[i]);
	return b;
}

static bool find(void *ctx, const struct ipaddr *who, struct enforce_ban *out)
{
	size_t i = (size_t)who->bytes[1] << 16 | (size_t)who->bytes[2] << 8 | who->bytes[3];

	if (who->bytes[0] != 10 || i >= N)
		return false;
	*out = ban_of(ctx, i);
	return out->n;
}

static bool next(void *ctx, size_t *cursor, struct enforce_ban *out)
{
	struct stage *s = ctx;

	while (*cursor < N && !s->until[*cursor].ns)
		++*cursor;
	if (*cursor == N)
		return false;
	*out = ban_of(s, (*cursor)++);
	return true;
}

static int set(struct stage *s, size_t i, uint64_t for_s)
{
	struct enforce_ban b;

	s->until[i] = for_s ? (boot_t){ boot_now().ns + for_s * NS_PER_S } : (boot_t){ 0 };
	b = ban_of(s, i);
	return enforcer_add(s->e, &b, 1);
}

static int fill(struct stage *s)
{
	static struct enforce_ban bans[N];

	for (size_t i = 0; i < N; i++) {
		s->until[i] = (boot_t){ boot_now().ns + 3600 * NS_PER_S };
		bans[i] = ban_of(s, i);
	}
	return enforcer_add(s->e, bans, N);
}

/* A pass; between its steps @churn bans go and as many come with another end. */
static int pass(struct stage *s, int churn, struct enforce_repairs *sum, int *steps)
{
	struct enforce_truth truth = { .ctx = s, .find = find, .next = next };
	struct enforce_repairs r;
	int ret, err = 0;

	*sum = (struct enforce_repairs){ 0 };
	*steps = 0;
	do {
		ret = enforcer_resync_step(s->e, &truth, boot_now(), &r);
		enforce_repairs_add(sum, &r);
		/* After the first piece of a set, and longer than ends may differ. */
		if (++*steps == 2)
			sleep(3);
		for (int i = 0; i < churn && !err; i++) {
			size_t at = (size_t)rand() % N;

			err = set(s, at, s->until[at].ns ? 0 : 7200);
		}
	} while (ret > 0 && !err);
	return ret ? ret : err;
}

static uint64_t repaired(const struct enforce_repairs *r)
{
	return r->missing + r->changed + r->foreign + r->other;
}

static void check_passes(struct stage *s)
{
	struct enforce_repairs r;
	int steps;

	t_is("the first pass", pass(s, 0, &r, &steps), 0);
	t_is("nothing is missing", (int)r.missing, 0);
	t_is("a pass", pass(s, 0, &r, &steps), 0);
	t_is("has seen all", (int)r.checked, N);
	t_is("and found them right", (int)repaired(&r), 0);
	t_ok("in many steps", steps > 2 * N / 1024);
	for (int i = 0; i < 3; i++) {
		t_is("a pass while bans come and go", pass(s, 20, &r, &steps), 0);
		t_is("repairs nothing", (int)repaired(&r), 0);
	}
	t_is("one after that", pass(s, 0, &r, &steps), 0);
	t_is("finds everything right", (int)repaired(&r), 0);
}

static void check_repairs(struct stage *s)
{
	struct enforce_repairs r;
	int steps, there = 0;

	for (size_t i = 0; i < N; i++)
		there += s->until[i].ns != 0;
	t_is("somebody flushes it", system("ipset flush xdpban-all-4"), 0);
	t_is("and adds one", system("ipset add xdpban-all-4 192.0.2.1"), 0);
	t_is("a pass", pass(s, 0, &r, &steps), 0);
	t_is("puts back all", (int)r.missing, there);
	t_is("and takes out one", (int)r.foreign, 1);
	t_is("a pass begun", pass(s, 0, &r, &steps), 0);
	t_is("is right", (int)repaired(&r), 0);
}

/* The daemon may stop in the middle of a pass. */
static void check_stop(struct stage *s)
{
	struct enforce_truth truth = { .ctx = s, .find = find, .next = next };
	struct enforce_repairs r;

	for (int i = 0; i < 5; i++)
		t_is("begun", enforcer_resync_step(s->e, &truth, boot_now(), &r), 1);
	t_is("all at once instead", enforcer_resync(s->e, &truth, boot_now(), &r), 0);
	t_is("is right", (int)repaired(&r), 0);
	t_is("begun again", enforcer_resync_step(s->e, &truth, boot_now(), &r), 1);
	enforcer_close(s->e);
}

int main(void)
{
	static struct stage s;
	struct enforcer_params p = { .max_bans4 = N, .max_bans6 = N };
	int err;

	if (unshare(CLONE_NEWNET)) {
		puts("needs network namespaces");
		return 77;
	}
	err = enforcer_open_ipset(&s.e, &p);
	if (err) {
		printf("no iptables with ipset here: %s\n", strerror(-err));
		return 77;
	}
	t_is("fill", fill(&s), 0);
	check_passes(&s);
	check_repairs(&s);
	check_stop(&s);
	return t_done();
}
