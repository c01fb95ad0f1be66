// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The chain of iptables without sets is compared in steps, and bans that come and
 * go between them are neither missing nor somebody else's.  In a network namespace
 * of its own.
 */
#include "sync.h"

#define N	150

static void check_passes(struct stage *s)
{
	struct enforce_repairs r;
	int steps;

	t_is("the first pass", pass(s, 0, &r, &steps), 0);
	t_is("a pass", pass(s, 0, &r, &steps), 0);
	t_is("has seen all", (int)r.checked, N);
	t_is("and found them right", (int)repaired(&r), 0);
	t_ok("in several steps", steps >= 5);
	t_is("a pass while bans come and go", pass(s, 3, &r, &steps), 0);
	t_is("repairs nothing", (int)repaired(&r), 0);
	t_is("one after that", pass(s, 0, &r, &steps), 0);
	t_is("finds everything right", (int)repaired(&r), 0);
}

static void check_repairs(struct stage *s)
{
	struct enforce_repairs r;
	int steps, there = in_force(s);

	t_is("somebody flushes it", system("iptables -w 5 -t raw -F XDPBAN"), 0);
	t_is("a pass", pass(s, 0, &r, &steps), 0);
	t_is("puts back all", (int)r.missing, there);
	t_is("and says that the chain was not right", (int)r.other, 1);
	t_is("somebody takes out the jump", system("iptables -w 5 -t raw -F PREROUTING"), 0);
	t_is("a pass", pass(s, 0, &r, &steps), 0);
	t_is("puts that back", (int)r.other, 1);
	t_is("and nothing else", (int)(r.missing + r.changed + r.foreign), 0);
	t_is("a pass after that", pass(s, 0, &r, &steps), 0);
	t_is("is right", (int)repaired(&r), 0);
}

int main(void)
{
	static struct stage s = { .n = N };

	if (!open_alone(&s, enforcer_open_iptables))
		return 77;
	t_is("fill", fill(&s), 0);
	check_passes(&s);
	check_repairs(&s);
	check_stop(&s, 4);
	return t_done();
}
