// SPDX-License-Identifier: GPL-2.0-or-later
/* Ends and scopes of one address: what is kept, and what the maps get. */
#include "../t.h"
#include "maps/maps_private.h"

#define S(n)	((boot_t){ (n) * NS_PER_S })

struct say {
	uint16_t scope;
	uint64_t until;		/* seconds */
};

/* "0:100 7:200", sorted by scope, in whole seconds. */
static const char *ends_text(const struct enforce_ban *b, char *buf, size_t size)
{
	size_t len = 0;

	*buf = '\0';
	for (unsigned int scope = 0; scope < 100; scope++)
		for (unsigned int i = 0; i < b->n; i++)
			if (b->ends[i].scope == scope)
				len += (size_t)snprintf(buf + len, size - len, "%s%u:%u",
					len ? " " : "", scope,
					(unsigned int)((b->ends[i].until.ns + NS_PER_S / 2) / NS_PER_S));
	return buf;
}

static void check_ends(void)
{
	static const struct {
		const char *what;
		struct say says[12];
		const char *want;
	} cases[] = {
		{ "one", { { 3, 10 } }, "3:10" },
		{ "the later end of a scope", { { 3, 10 }, { 3, 20 } }, "3:20" },
		{ "the later end, whatever comes first", { { 3, 20 }, { 3, 10 } }, "3:20" },
		{ "two scopes", { { 3, 20 }, { 4, 10 } }, "3:20 4:10" },
		{ "everything covers what ends sooner", { { 3, 20 }, { 0, 30 } }, "0:30" },
		{ "and at the same time", { { 3, 30 }, { 0, 30 } }, "0:30" },
		{ "but not what ends later", { { 3, 40 }, { 4, 5 }, { 0, 30 } }, "0:30 3:40" },
		{ "whatever comes first", { { 0, 30 }, { 3, 40 }, { 4, 5 } }, "0:30 3:40" },
		{ "everything, prolonged", { { 0, 30 }, { 3, 40 }, { 0, 50 } }, "0:50" },
		{ "eight scopes",
		  { { 1, 8 }, { 2, 7 }, { 3, 6 }, { 4, 5 }, { 5, 4 }, { 6, 3 }, { 7, 2 }, { 8, 1 } },
		  "1:8 2:7 3:6 4:5 5:4 6:3 7:2 8:1" },
		{ "nine: the soonest two become one of everything",
		  { { 1, 8 }, { 2, 7 }, { 3, 6 }, { 4, 5 }, { 5, 4 }, { 6, 3 }, { 7, 2 }, { 8, 1 },
		    { 9, 9 } },
		  "0:2 1:8 2:7 3:6 4:5 5:4 6:3 9:9" },
		{ "the ninth prolongs one of eight",
		  { { 1, 8 }, { 2, 7 }, { 3, 6 }, { 4, 5 }, { 5, 4 }, { 6, 3 }, { 7, 2 }, { 8, 1 },
		    { 8, 9 } },
		  "1:8 2:7 3:6 4:5 5:4 6:3 7:2 8:9" },
		{ "the ninth when everything is among the eight",
		  { { 1, 9 }, { 2, 8 }, { 3, 7 }, { 4, 6 }, { 5, 5 }, { 6, 4 }, { 7, 3 }, { 0, 1 },
		    { 9, 9 } },
		  "0:3 1:9 2:8 3:7 4:6 5:5 6:4 9:9" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct enforce_ban b = { .n = 0 };
		char text[256];

		for (size_t j = 0; cases[i].says[j].until; j++)
			enforce_ban_add(&b, cases[i].says[j].scope, S(cases[i].says[j].until));
		t_str(cases[i].what, ends_text(&b, text, sizeof(text)), cases[i].want);
	}
}

static void check_widened(void)
{
	struct enforce_ban b = { .n = 0 };

	for (uint16_t scope = 1; scope <= ENFORCE_ENDS; scope++)
		t_ok("it fits", enforce_ban_add(&b, scope, S(10)));
	t_ok("one more does not, and is said so", !enforce_ban_add(&b, 99, S(10)));
	t_ok("what is covered does", enforce_ban_add(&b, 100, S(5)));
}

static struct ipaddr address(const char *text)
{
	struct ipaddr a = { 0 };

	t_is("an address", ipaddr_parse_net(text, strlen(text), &a), 0);
	return a;
}

static void check_round_trip(void)
{
	static const char *const who[] = { "192.0.2.1", "2001:db8::1", "10.0.0.0/8",
					   "2001:db8::/32", "0.0.0.0/0" };

	for (size_t i = 0; i < ARRAY_SIZE(who); i++) {
		struct enforce_ban b = { .who = address(who[i]) }, back;
		bool host = ipaddr_is_host(&b.who);
		struct ban_image image;
		char got[64];
		struct prefix6 key;

		enforce_ban_add(&b, 5, S(50));
		enforce_ban_add(&b, 0, S(40));
		enforce_ban_add(&b, 6, S(60));
		ban_encode(&b, &image);
		t_is(who[i], image.in_hash, host);
		t_is(who[i], image.in_trie, 1);
		prefix_make(&b.who, &key);
		net_decode(family_of(&b.who), &key, &image.trie, &back);
		t_ok(who[i], ipaddr_equal(&back.who, &b.who));
		t_str(who[i], ends_text(&back, got, sizeof(got)),
		      host ? "5:50 6:60" : "0:40 5:50 6:60");
		if (!host)
			continue;
		host_decode(family_of(&b.who), key.addr, &image.hash, &back);
		t_ok(who[i], ipaddr_equal(&back.who, &b.who));
		t_str(who[i], ends_text(&back, got, sizeof(got)), "0:40");
	}
}

static void check_words(void)
{
	struct hits h = { .frames = 5 | 100ull << HITS_FRAMES_BITS };
	__u64 end = end_make(UINT64_MAX, 17), unit = 1ull << HITS_SEEN_SHIFT;

	t_is("never stays never", end_boot_ns(end) == UINT64_MAX, 1);
	t_is("beside a scope", end_scope(end), 17);
	end = end_make(123456789012345ull, 4095);
	t_is("the largest scope", end_scope(end), 4095);
	t_ok("an end is at most 4 us early",
	     end_boot_ns(end) <= 123456789012345ull &&
	     end_boot_ns(end) + 4096 > 123456789012345ull);
	t_is("frames", (int64_t)hits_frames(&h), 5);
	t_is("seen just now", (int64_t)hits_last_seen(&h, 100 * unit + 7), (int64_t)(100 * unit));
	t_is("seen a while ago", (int64_t)hits_last_seen(&h, 200 * unit), (int64_t)(100 * unit));
	t_is("seen before the counter wrapped",
	     (int64_t)hits_last_seen(&h, (100 + (1 << 24) - 1) * unit), (int64_t)(100 * unit));
	t_is("seen after it wrapped",
	     (int64_t)hits_last_seen(&h, (101 + (1 << 24)) * unit),
	     (int64_t)((100 + (1ull << 24)) * unit));
	h.frames = 0;
	t_is("never seen", (int64_t)hits_last_seen(&h, 100 * unit), 0);
}

int main(void)
{
	check_ends();
	check_widened();
	check_round_trip();
	check_words();
	return t_done();
}
