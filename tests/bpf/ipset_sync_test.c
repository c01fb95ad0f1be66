// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Sets are compared in steps, and bans that come and go between them are neither
 * missing nor somebody else's.  In a network namespace of its own.
 */
#include "sync.h"

#define N	20000

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
	int steps, there = in_force(s);

	t_is("somebody flushes it", system("ipset flush xdpban-all-4"), 0);
	t_is("and adds one", system("ipset add xdpban-all-4 192.0.2.1"), 0);
	t_is("a pass", pass(s, 0, &r, &steps), 0);
	t_is("puts back all", (int)r.missing, there);
	t_is("and takes out one", (int)r.foreign, 1);
	t_is("a pass begun", pass(s, 0, &r, &steps), 0);
	t_is("is right", (int)repaired(&r), 0);
}

static int note_end(void *ctx, const struct enforce_entry *entry)
{
	const struct ipaddr who = address(N - 1);

	if (ipaddr_equal(&entry->ban.who, &who))
		*(boot_t *)ctx = entry->ban.ends[0].until;
	return 0;
}

/* ipset counts to 24.8 days; an end that lies further is told when it no longer does. */
static void check_far(struct stage *s)
{
	struct enforce_repairs r;
	boot_t end = { 0 };
	int steps;

	t_is("ban for longer", set(s, N - 1, 2147483 + 2), 0);
	t_is("look", enforcer_each(s->e, boot_now(), note_end, &end), 0);
	t_ok("it has no end", end.ns == BOOT_NEVER.ns);
	for (int i = 0; i < 3; i++) {
		t_is("a pass, which takes its time", pass(s, 0, &r, &steps), 0);
		t_is("repairs nothing", (int)repaired(&r), 0);
	}
	t_is("look again", enforcer_each(s->e, boot_now(), note_end, &end), 0);
	t_ok("it has an end", end.ns < boot_now().ns + 2147483 * NS_PER_S);
}

int main(void)
{
	/* Longer than ends may differ, behind the first piece of a set. */
	static struct stage s = { .n = N, .pause_s = 3 };

	if (!open_alone(&s, enforcer_open_ipset))
		return 77;
	t_is("fill", fill(&s), 0);
	check_passes(&s);
	check_repairs(&s);
	check_far(&s);
	check_stop(&s, 5);
	return t_done();
}
