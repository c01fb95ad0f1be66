/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Bans of a backend that is compared in steps: fill(), pass(), what was repaired.
 * For the tests of ipset and of iptables, each in a network namespace of its own.
 */
#ifndef TESTS_SYNC_H
#define TESTS_SYNC_H

#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../unit/t.h"
#include "attach/ladder.h"
#include "netfilter/netfilter.h"

#define SYNC_MAX	20000

/* Bans of the first @n addresses from 10.0.0.0 on; those with an end are in force. */
struct stage {
	struct enforcer *e;
	size_t n;
	unsigned int pause_s;		/* of a pass, behind its second step */
	boot_t until[SYNC_MAX];
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
	struct stage *s = ctx;

	if (who->bytes[0] != 10 || i >= s->n)
		return false;
	*out = ban_of(s, i);
	return out->n;
}

static bool next(void *ctx, size_t *cursor, struct enforce_ban *out)
{
	struct stage *s = ctx;

	while (*cursor < s->n && !s->until[*cursor].ns)
		++*cursor;
	if (*cursor == s->n)
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
	static struct enforce_ban bans[SYNC_MAX];

	for (size_t i = 0; i < s->n; i++) {
		s->until[i] = (boot_t){ boot_now().ns + 3600 * NS_PER_S };
		bans[i] = ban_of(s, i);
	}
	return enforcer_add(s->e, bans, s->n);
}

typedef int open_fn(struct enforcer **out, const struct enforcer_params *p);

/* The backend in a network namespace of its own; false, and said why: it cannot be. */
static inline bool open_alone(struct stage *s, open_fn *open)
{
	struct enforcer_params p = { .max_bans4 = (uint32_t)s->n, .max_bans6 = (uint32_t)s->n };
	int err;

	if (unshare(CLONE_NEWNET)) {
		puts("needs network namespaces");
		return false;
	}
	err = open(&s->e, &p);
	if (err)
		printf("this backend cannot be had here: %s\n", strerror(-err));
	return !err;
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
		if (++*steps == 2)
			sleep(s->pause_s);
		for (int i = 0; i < churn && !err; i++) {
			size_t at = (size_t)rand() % s->n;

			err = set(s, at, s->until[at].ns ? 0 : 7200);
		}
	} while (ret > 0 && !err);
	return ret ? ret : err;
}

static uint64_t repaired(const struct enforce_repairs *r)
{
	return r->missing + r->changed + r->foreign + r->other;
}

/* How many bans are in force. */
static int in_force(const struct stage *s)
{
	int n = 0;

	for (size_t i = 0; i < s->n; i++)
		n += s->until[i].ns != 0;
	return n;
}

/* The daemon may stop in the middle of a pass. */
static void check_stop(struct stage *s, int steps)
{
	struct enforce_truth truth = { .ctx = s, .find = find, .next = next };
	struct enforce_repairs r;

	for (int i = 0; i < steps; i++)
		t_is("begun", enforcer_resync_step(s->e, &truth, boot_now(), &r), 1);
	t_is("all at once instead", enforcer_resync(s->e, &truth, boot_now, &r), 0);
	t_is("is right", (int)repaired(&r), 0);
	t_is("begun again", enforcer_resync_step(s->e, &truth, boot_now(), &r), 1);
	enforcer_close(s->e);
}

#endif
