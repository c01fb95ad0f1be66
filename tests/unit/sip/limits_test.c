// SPDX-License-Identifier: GPL-2.0-or-later
/* Limits without proof: short, longer for those who go on, never many. */
#include "sip/limits.h"

#include <stdio.h>

#include "../t.h"

static const struct limits_length length = { 60 * NS_PER_S, 600 * NS_PER_S };

static boot_t at(uint64_t s)
{
	return (boot_t){ (1000 + s) * NS_PER_S };
}

static const struct limit *add(struct limits *l, const char *who, uint64_t s)
{
	struct limit w = { .failures = 5, .jail = "sip-sensor", .reason = "x" };

	ipaddr_parse(who, strlen(who), &w.who);
	return limits_add(l, &w, &length, at(s));
}

static bool is_limited(const struct limits *l, const char *who, uint64_t s)
{
	struct ipaddr a;

	ipaddr_parse(who, strlen(who), &a);
	return limits_find(l, &a, at(s));
}

/* When each one begins, and how long it is. */
static void test_lengths(void)
{
	static const struct { const char *what; uint64_t begin, length; uint32_t times; } rows[] = {
		{ "the first", 0, 60, 1 }, { "another while it lasts", 30, 60, 1 },
		{ "soon after its end", 100, 120, 2 }, { "and again", 300, 240, 3 },
		{ "longer", 600, 480, 4 }, { "at most", 1100, 600, 5 },
		{ "at most", 1700, 600, 6 }, { "much later: as if new", 2900, 60, 1 },
	};
	struct limits *l = limits_new(10);

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		const struct limit *limit = add(l, "192.0.2.1", rows[i].begin);

		t_is(rows[i].what, (int64_t)(limit->until.ns - at(rows[i].begin).ns),
		     (int64_t)(rows[i].length * NS_PER_S));
		t_is("in a row", limit->times, rows[i].times);
	}
	t_is("somebody else begins", add(l, "192.0.2.2", 2900)->times, 1);
	limits_free(l);
}

static void test_end(void)
{
	struct limits *l = limits_new(10);
	struct ipaddr who;
	boot_t next;

	ipaddr_parse("192.0.2.1", 9, &who);
	t_ok("nothing", !limits_fade(l, at(0), &next));
	add(l, "192.0.2.1", 0);
	t_ok("in force", is_limited(l, "192.0.2.1", 59));
	t_is("one", (int64_t)limits_count(l, at(59)), 1);
	t_ok("not any more", !is_limited(l, "192.0.2.1", 60));
	t_is("none", (int64_t)limits_count(l, at(60)), 0);
	t_ok("remembered", limits_fade(l, at(659), &next) && next.ns == at(660).ns);
	t_ok("then not", !limits_fade(l, at(660), &next));
	add(l, "192.0.2.1", 1000);
	t_ok("lifted", limits_lift(l, &who, at(1001)));
	t_ok("gone", !is_limited(l, "192.0.2.1", 1001));
	t_ok("once", !limits_lift(l, &who, at(1001)));
	t_is("and forgiven", add(l, "192.0.2.1", 1002)->times, 1);
	limits_free(l);
	limits_free(NULL);
}

static void test_full(void)
{
	struct limits *l = limits_new(2);

	add(l, "192.0.2.1", 5);
	add(l, "192.0.2.2", 0);
	add(l, "192.0.2.3", 6);
	t_is("no more than that", (int64_t)limits_count(l, at(7)), 2);
	t_ok("the first to end went", !is_limited(l, "192.0.2.2", 7));
	t_is("counted", (int64_t)limits_evicted(l), 1);
	limits_free(l);
}

int main(void)
{
	test_lengths();
	test_end();
	test_full();
	return t_done();
}
