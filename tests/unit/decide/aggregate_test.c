// SPDX-License-Identifier: GPL-2.0-or-later
/* When the neighbours of a banned address are banned too, the network goes. */
#include "decide/aggregate.h"

#include <errno.h>
#include <stdlib.h>

#include "../random.h"
#include "../t.h"

static const struct aggregate_policy three_in_an_hour = {
	.count = 3, .within_us = 3600 * US_PER_S, .prefix4 = 24, .prefix6 = 64, .max_nets = 100,
};

static struct aggregate *open_aggregate(const struct aggregate_policy *p)
{
	struct aggregate *a = NULL;

	t_is("an aggregate", aggregate_new(&a, p), 0);
	return a;
}

static struct ipaddr addr(const char *text)
{
	struct ipaddr a;

	t_is(text, ipaddr_parse_net(text, strlen(text), &a), 0);
	return a;
}

/* Members as "a b c", or "" when the network is not banned. */
static const char *note(struct aggregate *a, const char *who, double s)
{
	static char text[512];
	struct aggregate_verdict v;
	struct ipaddr w = addr(who);
	char buf[IPADDR_TEXT];
	int ret = aggregate_note(a, &w, wall_from_s(s), &v);

	text[0] = '\0';
	if (ret != 1)
		return ret ? "error" : "";
	strcpy(text, ipaddr_format(&v.net, buf));
	for (size_t i = 0; i < v.n; i++)
		sprintf(text + strlen(text), " %s", ipaddr_format(&v.members[i].who, buf));
	return text;
}

static const struct {
	const char *name;
	struct { const char *who; double s; const char *want; } bans[6];
} rows[] = {
	{ "three of one /24", {
		{ "192.0.2.1", 0, "" }, { "192.0.2.200", 1, "" }, { "192.0.3.1", 2, "" },
		{ "192.0.2.7", 3, "192.0.2.0/24 192.0.2.1 192.0.2.200 192.0.2.7" },
		{ "192.0.2.8", 4, "" } } },
	{ "one address three times is one", {
		{ "192.0.2.1", 0, "" }, { "192.0.2.1", 10, "" }, { "192.0.2.1", 20, "" },
		{ "192.0.2.2", 30, "" } } },
	{ "its last ban is the one that counts", {
		{ "192.0.2.1", 0, "" }, { "192.0.2.2", 10, "" }, { "192.0.2.1", 20, "" },
		{ "192.0.2.3", 3615, "" },
		{ "192.0.2.4", 3616, "192.0.2.0/24 192.0.2.1 192.0.2.3 192.0.2.4" } } },
	{ "just within the time", {
		{ "192.0.2.1", 0, "" }, { "192.0.2.2", 0, "" },
		{ "192.0.2.3", 3600, "192.0.2.0/24 192.0.2.1 192.0.2.2 192.0.2.3" } } },
	{ "just not", {
		{ "192.0.2.1", 0, "" }, { "192.0.2.2", 0, "" }, { "192.0.2.3", 3600.01, "" } } },
	{ "out of order", {
		{ "192.0.2.1", 100, "" }, { "192.0.2.2", 50, "" },
		{ "192.0.2.3", 75, "192.0.2.0/24 192.0.2.2 192.0.2.3 192.0.2.1" } } },
	{ "three of one /64", {
		{ "2001:db8::1", 0, "" }, { "2001:db8:0:1::1", 0, "" }, { "2001:db8::2", 1, "" },
		{ "2001:db8::3", 2, "2001:db8::/64 2001:db8::1 2001:db8::2 2001:db8::3" } } },
	{ "smaller networks are members", {
		{ "192.0.2.0/25", 0, "" }, { "192.0.2.128/26", 0, "" },
		{ "192.0.2.200", 0, "192.0.2.0/24 192.0.2.0/25 192.0.2.128/26 192.0.2.200" } } },
	{ "networks of that size and larger are not", {
		{ "192.0.2.0/24", 0, "" }, { "192.0.0.0/16", 0, "" }, { "192.0.2.1", 0, "" },
		{ "192.0.2.2", 0, "" } } },
};

static void test_rows(void)
{
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct aggregate *a = open_aggregate(&three_in_an_hour);

		for (int k = 0; k < 6 && rows[i].bans[k].who; k++)
			t_str(rows[i].name, note(a, rows[i].bans[k].who, rows[i].bans[k].s),
			      rows[i].bans[k].want);
		aggregate_free(a);
	}
}

static void test_refused(void)
{
	struct aggregate_policy p = three_in_an_hour;
	struct aggregate *a;

	p.count = 0;
	t_is("no address is no network", aggregate_new(&a, &p), -EINVAL);
	p.count = AGGREGATE_MAX_COUNT + 1;
	t_is("too many", aggregate_new(&a, &p), -EINVAL);
	p = three_in_an_hour;
	p.prefix4 = 33;
	t_is("no such length", aggregate_new(&a, &p), -EINVAL);
	p = three_in_an_hour;
	p.within_us = 0;
	t_is("no time", aggregate_new(&a, &p), -EINVAL);
	p = three_in_an_hour;
	p.prefix6 = 0;
	a = open_aggregate(&p);
	note(a, "2001:db8::1", 0);
	note(a, "2001:db8::2", 0);
	t_str("a family that is left alone", note(a, "2001:db8::3", 0), "");
	t_is("not even watched", (int64_t)aggregate_nets(a), 0);
	aggregate_free(a);
	aggregate_free(NULL);
}

static void test_forget_and_purge(void)
{
	struct aggregate *a = open_aggregate(&three_in_an_hour);
	struct ipaddr who = addr("192.0.2.2"), stranger = addr("198.51.100.1");

	note(a, "192.0.2.1", 0);
	note(a, "192.0.2.2", 0);
	aggregate_forget(a, &stranger);
	aggregate_forget(a, &who);
	t_str("a pardon counts", note(a, "192.0.2.3", 0), "");
	note(a, "198.51.100.1", 3000);
	aggregate_forget(a, &stranger);
	t_is("the last one takes the network along", (int64_t)aggregate_nets(a), 1);
	aggregate_purge(a, wall_from_s(3600));
	t_is("not yet", (int64_t)aggregate_nets(a), 1);
	aggregate_purge(a, wall_from_s(3601));
	t_is("too old", (int64_t)aggregate_nets(a), 0);
	aggregate_free(a);
}

static void test_bounded(void)
{
	struct aggregate *a = open_aggregate(&three_in_an_hour);
	char text[32];

	for (int i = 0; i < 1000; i++) {
		snprintf(text, sizeof(text), "10.%d.%d.1", i / 250, i % 250);
		note(a, text, i);
	}
	t_is("as many as allowed", (int64_t)aggregate_nets(a), 100);
	t_is("counted", (int64_t)aggregate_evicted(a), 900);
	note(a, "10.3.249.2", 1000);
	t_str("the newest are there", note(a, "10.3.249.3", 1000),
	      "10.3.249.0/24 10.3.249.1 10.3.249.2 10.3.249.3");
	aggregate_free(a);
}

/* The network that goes is the one in which nobody was banned for longest. */
static void test_eviction(void)
{
	struct aggregate_policy two = three_in_an_hour;
	struct aggregate *a;

	two.max_nets = 2;
	a = open_aggregate(&two);
	note(a, "192.0.2.1", 0);
	note(a, "198.51.100.1", 1);
	note(a, "192.0.2.2", 2);
	note(a, "203.0.113.1", 3);
	t_str("the one that was noted again stays", note(a, "192.0.2.3", 4),
	      "192.0.2.0/24 192.0.2.1 192.0.2.2 192.0.2.3");
	aggregate_free(a);
}

/* ---- the database's form -------------------------------------------------------- */

struct rows { int puts, dels; struct aggregate *into; };

static void see(void *ctx, const void *key, size_t key_len, const void *value, size_t value_len)
{
	struct rows *r = ctx;

	r->puts += value != NULL;
	r->dels += value == NULL;
	if (value && r->into)
		t_is("import", aggregate_import(r->into, key, key_len, value, value_len), 0);
}

static void test_export(void)
{
	struct aggregate *a = open_aggregate(&three_in_an_hour);
	struct aggregate *again = open_aggregate(&three_in_an_hour);
	struct rows r = { .into = again };

	note(a, "192.0.2.1", 1);
	note(a, "192.0.2.2", 2);
	note(a, "2001:db8::1", 3);
	note(a, "2001:db8::2", 4);
	aggregate_export(a, see, &r);
	t_is("two networks", r.puts, 2);
	aggregate_export(a, see, &r);
	t_is("told once", r.puts, 2);
	t_str("goes on there", note(again, "192.0.2.3", 5),
	      "192.0.2.0/24 192.0.2.1 192.0.2.2 192.0.2.3");
	t_str("for IPv6 too", note(again, "2001:db8::3", 5),
	      "2001:db8::/64 2001:db8::1 2001:db8::2 2001:db8::3");
	r.into = NULL;
	aggregate_export(again, see, &r);
	t_is("the ends are told", r.dels, 2);
	aggregate_touch(a);
	aggregate_export(a, see, &r);
	t_is("all of it again", r.puts, 4);
	aggregate_free(a);
	aggregate_free(again);
}

/* A pardon outlives a restart. */
static void test_export_forgets(void)
{
	struct aggregate *a = open_aggregate(&three_in_an_hour);
	struct aggregate *again = open_aggregate(&three_in_an_hour);
	struct ipaddr who = addr("192.0.2.2");
	struct rows r = { 0 };

	note(a, "192.0.2.1", 1);
	note(a, "192.0.2.2", 2);
	aggregate_export(a, see, &r);
	aggregate_forget(a, &who);
	r.into = again;
	aggregate_export(a, see, &r);
	t_is("it is told", r.puts, 2);
	t_str("and known", note(again, "192.0.2.3", 3), "");
	aggregate_free(a);
	aggregate_free(again);
}

/* With a lower count than before a restart, the next ban decides. */
static void test_import_of_more(void)
{
	struct aggregate_policy two = three_in_an_hour, four = three_in_an_hour;
	struct aggregate *a, *again;
	struct rows r = { 0 };

	four.count = 4;
	two.count = 2;
	a = open_aggregate(&four);
	r.into = again = open_aggregate(&two);
	note(a, "192.0.2.1", 1);
	note(a, "192.0.2.2", 2);
	note(a, "192.0.2.3", 3);
	aggregate_export(a, see, &r);
	t_str("one of three is left", note(again, "192.0.2.4", 4),
	      "192.0.2.0/24 192.0.2.1 192.0.2.4");
	aggregate_free(a);
	aggregate_free(again);
}

#define KEY	"\x04\x18\xc0\x00\x02\x00"
#define ONE	"\x20\xc0\x00\x02\x01\x00\x00\x00\x00\x00\x00\x00\x00"

static const struct {
	const char *name;
	const char *key; size_t key_len;
	const char *value; size_t value_len;
	int want;
} imports[] = {
	{ "one member", KEY, 6, "\x01" ONE, 14, 0 },
	{ "no key", "", 0, "\x01" ONE, 14, -EINVAL },
	{ "a short key", KEY, 5, "\x01" ONE, 14, -EINVAL },
	{ "a strange family", "\x00\x18\xc0\x00\x02\x00", 6, "\x01" ONE, 14, -EINVAL },
	{ "another length", "\x04\x10\xc0\x00\x00\x00", 6, "\x01" ONE, 14, -EINVAL },
	{ "no value", KEY, 6, "", 0, -EINVAL },
	{ "no members", KEY, 6, "\x01", 1, -EINVAL },
	{ "a newer version", KEY, 6, "\x02" ONE, 14, -EINVAL },
	{ "a short member", KEY, 6, "\x01" ONE, 13, -EINVAL },
	{ "a member from elsewhere", KEY, 6,
	  "\x01\x20\xc0\x00\x03\x01\x00\x00\x00\x00\x00\x00\x00\x00", 14, -EINVAL },
	{ "a member of strange length", KEY, 6,
	  "\x01\x21\xc0\x00\x02\x01\x00\x00\x00\x00\x00\x00\x00\x00", 14, -EINVAL },
	{ "a time that is none", KEY, 6,
	  "\x01\x20\xc0\x00\x02\x01\xff\xff\xff\xff\xff\xff\xff\x7f", 14, -EINVAL },
};

static void test_imports(void)
{
	for (size_t i = 0; i < ARRAY_SIZE(imports); i++) {
		struct aggregate *a = open_aggregate(&three_in_an_hour);

		t_is(imports[i].name, aggregate_import(a, imports[i].key, imports[i].key_len,
			imports[i].value, imports[i].value_len), imports[i].want);
		t_is(imports[i].name, (int64_t)aggregate_nets(a), imports[i].want == 0);
		aggregate_free(a);
	}
}

/* ---- a model ----------------------------------------------------------------- */

enum { HOSTS = 8, NETS = 3 };

/* Bans of random addresses against a table of everybody's last ban. */
static void test_model(void)
{
	struct aggregate *a = open_aggregate(&three_in_an_hour);
	int64_t last[NETS][HOSTS];
	uint64_t random = 7;
	int64_t now = 0;
	bool same = true;

	memset(last, 0x80, sizeof(last));
	for (int i = 0; i < 20000 && same; i++) {
		int net = (int)random_below(&random, NETS);
		int host = (int)random_below(&random, HOSTS);
		struct ipaddr who = { .family = 4, .prefix = 32,
				      .bytes = { 10, 0, (uint8_t)net, (uint8_t)host } };
		struct aggregate_verdict v;
		uint32_t want = 0;
		int got;

		now += random_below(&random, 2000) * US_PER_S;
		last[net][host] = now;
		for (int h = 0; h < HOSTS; h++)
			want += last[net][h] >= now - three_in_an_hour.within_us;
		got = aggregate_note(a, &who, (wall_t){ now }, &v);
		same = got == (want >= three_in_an_hour.count);
		if (got == 1)
			memset(last[net], 0x80, sizeof(last[net]));
		if (!random_below(&random, 10))
			aggregate_purge(a, (wall_t){ now });
		if (!random_below(&random, 10)) {
			who.bytes[3] = (uint8_t)random_below(&random, HOSTS);
			aggregate_forget(a, &who);
			memset(&last[net][who.bytes[3]], 0x80, sizeof(int64_t));
		}
		if (!random_below(&random, 50)) {
			struct rows r = { .into = open_aggregate(&three_in_an_hour) };

			aggregate_touch(a);
			aggregate_export(a, see, &r);
			aggregate_free(a);
			a = r.into;
		}
	}
	t_ok("like the model", same);
	aggregate_free(a);
}

int main(void)
{
	test_rows();
	test_refused();
	test_forget_and_purge();
	test_bounded();
	test_eviction();
	test_export();
	test_export_forgets();
	test_import_of_more();
	test_imports();
	test_model();
	return t_done();
}
