// SPDX-License-Identifier: GPL-2.0-or-later
/* What the store promises, one test for each sentence of its header. */
#include "ban/ban_store.h"

#include <errno.h>
#include <stdlib.h>

#include "../t.h"

/* What the store told of bans that ended. */
struct told { char text[512]; };

static void ended(void *ctx, const struct ban *b, enum ban_end how)
{
	static const char *const names[] = { "expired", "removed", "replaced" };
	struct told *t = ctx;
	char who[IPADDR_TEXT];
	size_t n = strlen(t->text);

	snprintf(t->text + n, sizeof(t->text) - n, "%s %s [%s]%s%s;", names[how],
		 ipaddr_format(&b->who, who), b->jail, b->reason ? " " : "",
		 b->reason ? b->reason : "");
}

static struct ban_store *open_store(size_t max, enum ban_policy policy, struct told *t)
{
	struct ban_store_params p = { .max_bans = max, .policy = policy, .max_text = 4096,
				      .ended = t ? ended : NULL, .ctx = t };
	struct ban_store *s = ban_store_new(&p);

	t_ok("a store", s);
	return s;
}

static struct ipaddr addr(const char *text)
{
	struct ipaddr a;

	return ipaddr_parse_net(text, strlen(text), &a) ? (struct ipaddr){ 0 } : a;
}

static int add(struct ban_store *s, const char *who, const char *jail, uint16_t scope,
	       uint64_t until)
{
	struct ban b = { .who = addr(who), .jail = jail, .scope = scope, .until = { until } };

	return ban_store_add(s, &b);
}

static uint64_t until_of(struct ban_store *s, const char *who, const char *jail)
{
	struct ipaddr a = addr(who);
	struct ban b;

	return ban_store_find(s, &a, jail, &b) ? b.until.ns : 0;
}

static void test_add(void)
{
	struct ban_store *s = open_store(10, BAN_FULL_REFUSE, NULL);
	uint64_t total;

	t_is("new", add(s, "192.0.2.1", "sshd", 0, 100), BAN_NEW);
	t_is("no later", add(s, "192.0.2.1", "sshd", 0, 100), BAN_SAME);
	t_is("later", add(s, "192.0.2.1", "sshd", 0, 200), BAN_PROLONGED);
	t_is("earlier", add(s, "192.0.2.1", "sshd", 0, 150), BAN_SAME);
	t_is("the end", (int64_t)until_of(s, "192.0.2.1", "sshd"), 200);
	t_is("another jail", add(s, "192.0.2.1", "asterisk", 3, 50), BAN_NEW);
	t_is("its own end", (int64_t)until_of(s, "192.0.2.1", "asterisk"), 50);
	t_is("a network", add(s, "192.0.2.0/24", "sshd", 0, 5), BAN_NEW);
	t_is("for ever", add(s, "192.0.2.1", "asterisk", 3, UINT64_MAX), BAN_PROLONGED);
	t_is("bans", (int64_t)ban_store_stats(s).bans, 3);
	t_is("addresses", (int64_t)ban_store_stats(s).addresses, 2);
	t_is("of a jail", (int64_t)ban_store_count(s, "sshd", &total), 2);
	t_is("so far", (int64_t)total, 2);
	t_is("of no jail", (int64_t)ban_store_count(s, "x", &total), 0);
	ban_store_free(s);
	ban_store_free(NULL);
}

static void test_refused(void)
{
	struct ban_store *s = open_store(10, BAN_FULL_REFUSE, NULL);

	t_is("no address", add(s, "root", "sshd", 0, 100), -EINVAL);
	t_is("no jail", add(s, "192.0.2.1", NULL, 0, 100), -EINVAL);
	t_is("an empty jail", add(s, "192.0.2.1", "", 0, 100), -EINVAL);
	t_is("no such scope", add(s, "192.0.2.1", "sshd", BAN_SCOPES, 100), -EINVAL);
	t_is("nothing added", (int64_t)ban_store_stats(s).bans, 0);
	ban_store_free(s);
}

static void test_full(void)
{
	struct told t = { "" };
	struct ban_store *s = open_store(2, BAN_FULL_REFUSE, &t);

	add(s, "192.0.2.1", "sshd", 0, 100);
	add(s, "192.0.2.2", "sshd", 0, 200);
	t_is("refused", add(s, "192.0.2.3", "sshd", 0, 300), -ENOSPC);
	t_is("but an old one may be prolonged", add(s, "192.0.2.1", "sshd", 0, 150), BAN_PROLONGED);
	t_is("counted", (int64_t)ban_store_stats(s).refused, 1);
	ban_store_set_max(s, 2, BAN_FULL_REPLACE);
	t_is("the one that ends soonest goes", add(s, "192.0.2.3", "sshd", 0, 300), BAN_NEW);
	t_str("and others are told", t.text, "replaced 192.0.2.1 [sshd];");
	t_is("unless it is the new one", add(s, "192.0.2.4", "sshd", 0, 200), -ENOSPC);
	t_is("replaced", (int64_t)ban_store_stats(s).replaced, 1);
	ban_store_set_max(s, 1, BAN_FULL_REPLACE);
	t_is("a lower limit ends nothing", (int64_t)ban_store_stats(s).bans, 2);
	ban_store_free(s);
}

static void test_expire(void)
{
	struct told t = { "" };
	struct ban_store *s = open_store(10, BAN_FULL_REFUSE, &t);

	t_is("nothing ends", (int64_t)ban_store_next_end(s).ns, (int64_t)BOOT_NEVER.ns);
	add(s, "192.0.2.3", "sshd", 0, UINT64_MAX);
	add(s, "192.0.2.2", "sshd", 0, 200);
	add(s, "192.0.2.1", "sshd", 0, 100);
	t_is("the next", (int64_t)ban_store_next_end(s).ns, 100);
	t_is("not yet", (int64_t)ban_store_expire(s, (boot_t){ 99 }), 0);
	t_is("on time", (int64_t)ban_store_expire(s, (boot_t){ 100 }), 1);
	t_is("all that end", (int64_t)ban_store_expire(s, (boot_t){ UINT64_MAX }), 1);
	t_str("in order", t.text, "expired 192.0.2.1 [sshd];expired 192.0.2.2 [sshd];");
	t_is("one stays for ever", (int64_t)ban_store_stats(s).bans, 1);
	ban_store_free(s);
}

static void test_delete(void)
{
	struct told t = { "" };
	struct ban_store *s = open_store(10, BAN_FULL_REFUSE, &t);
	struct ipaddr one = addr("192.0.2.1"), net = addr("192.0.2.0/24");

	add(s, "192.0.2.1", "a", 0, 100);
	add(s, "192.0.2.1", "b", 0, 100);
	add(s, "192.0.2.1", "c", 0, 100);
	add(s, "192.0.2.0/24", "a", 0, 100);
	add(s, "192.0.2.9", "b", 0, 100);
	add(s, "198.51.100.1", "a", 0, 100);
	t_is("no such jail", (int64_t)ban_store_del(s, &one, "x"), 0);
	t_is("one jail's", (int64_t)ban_store_del(s, &one, "b"), 1);
	t_is("not twice", (int64_t)ban_store_del(s, &one, "b"), 0);
	t_is("all jails'", (int64_t)ban_store_del(s, &one, NULL), 2);
	t_is("not what is around it", (int64_t)ban_store_stats(s).bans, 3);
	t_is("a network, not who is in it", (int64_t)ban_store_del(s, &net, NULL), 1);
	t_is("the others stay", (int64_t)ban_store_stats(s).bans, 2);
	t_is("told of each", t.text[0] ? (int64_t)ban_store_stats(s).removed : 0, 4);
	ban_store_free(s);
}

/* ---- look-ups ------------------------------------------------------------------ */

static void join(void *ctx, const struct ban *b)
{
	char *text = ctx, who[IPADDR_TEXT];

	sprintf(text + strlen(text), "%s[%s] ", ipaddr_format(&b->who, who), b->jail);
}

static void test_around(void)
{
	static const struct { const char *who, *want; } rows[] = {
		{ "192.0.2.1", "192.0.2.1[a] 192.0.2.0/24[a] 192.0.0.0/8[a] " },
		{ "192.0.2.2", "192.0.2.0/24[a] 192.0.0.0/8[a] " },
		{ "192.0.2.0/25", "192.0.2.0/24[a] 192.0.0.0/8[a] " },
		{ "192.0.0.0/7", "" },
		{ "2001:db8::1", "2001:db8::/64[a] " },
		{ "2001:db8:0:1::1", "" },
		{ "10.0.0.1", "" },
	};
	struct ban_store *s = open_store(10, BAN_FULL_REFUSE, NULL);

	add(s, "192.0.2.1", "a", 0, 1);
	add(s, "192.0.2.0/24", "a", 0, 1);
	add(s, "192.0.0.0/8", "a", 0, 1);
	add(s, "2001:db8::/64", "a", 0, 1);
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct ipaddr who = addr(rows[i].who);
		char text[256] = "";

		ban_store_around(s, &who, join, text);
		t_str(rows[i].who, text, rows[i].want);
	}
	ban_store_free(s);
}

static const char *walk(struct ban_store *s, const char *jail, const char *within)
{
	static char text[512];
	struct ipaddr net = addr(within ? within : "");
	struct ban_filter f = { .jail = jail, .within = within ? &net : NULL };
	struct ban_cursor c = { 0 };
	struct ban b;

	text[0] = '\0';
	while (ban_store_next(s, &c, &f, &b))
		join(text, &b);
	return text;
}

static void test_walk(void)
{
	struct ban_store *s = open_store(10, BAN_FULL_REFUSE, NULL);
	struct ban_cursor c = { 0 };
	struct ipaddr who;
	struct ban b;
	int n = 0;

	t_str("nothing", walk(s, NULL, NULL), "");
	add(s, "192.0.2.1", "a", 0, 1);
	add(s, "192.0.2.1", "b", 0, 1);
	add(s, "198.51.100.1", "b", 0, 1);
	add(s, "192.0.2.0/24", "b", 0, 1);
	t_str("all", walk(s, NULL, NULL),
	      "192.0.2.1[a] 192.0.2.1[b] 198.51.100.1[b] 192.0.2.0/24[b] ");
	t_str("a jail", walk(s, "a", NULL), "192.0.2.1[a] ");
	t_str("no jail", walk(s, "x", NULL), "");
	t_str("a network", walk(s, NULL, "192.0.2.0/24"),
	      "192.0.2.1[a] 192.0.2.1[b] 192.0.2.0/24[b] ");
	t_str("both", walk(s, "b", "192.0.2.0/25"), "192.0.2.1[b] ");
	while (ban_store_next(s, &c, NULL, &b))
		n++;
	t_is("without a filter", n, 4);
	c = (struct ban_cursor){ 0 };
	for (n = 0; ban_store_next_address(s, &c, &who); n++)
		ban_store_del(s, &who, "b");
	t_is("addresses, while bans go", n, 3);
	t_is("only that one stays", (int64_t)ban_store_stats(s).bans, 1);
	ban_store_free(s);
}

/* ---- effects ------------------------------------------------------------------- */

static const struct {
	const char *name;
	struct { uint16_t scope; uint64_t until; } bans[5];	/* one for each jail */
	const char *want;					/* scope:until */
} effects[] = {
	{ "none", { { 0, 0 } }, "" },
	{ "one", { { 0, 100 } }, "0:100 " },
	{ "one on ports", { { 3, 100 } }, "3:100 " },
	{ "the later end", { { 0, 100 }, { 0, 200 }, { 0, 150 } }, "0:200 " },
	{ "the later end of a scope", { { 3, 100 }, { 3, 200 }, { 3, 150 } }, "3:200 " },
	{ "equal ends are one", { { 3, 100 }, { 3, 100 }, { 3, 100 } }, "3:100 " },
	{ "equal ends of all", { { 0, 100 }, { 0, 100 } }, "0:100 " },
	{ "ports that end with all add nothing", { { 0, 100 }, { 3, 100 }, { 4, 50 } }, "0:100 " },
	{ "ports that end later do", { { 0, 100 }, { 3, 101 } }, "0:100 3:101 " },
	{ "several ports", { { 4, 50 }, { 3, 100 } }, "3:100 4:50 " },
	{ "for ever", { { 3, UINT64_MAX }, { 0, 5 } }, "0:5 3:18446744073709551615 " },
	{ "all for ever", { { 3, UINT64_MAX }, { 0, UINT64_MAX } }, "0:18446744073709551615 " },
};

static int by_scope(const void *a, const void *b)
{
	const struct ban_effect *x = a, *y = b;

	return x->scope - y->scope;
}

static void test_effects(void)
{
	static const char *const jails[] = { "a", "b", "c", "d", "e" };
	struct ipaddr who = addr("192.0.2.1");

	for (size_t i = 0; i < ARRAY_SIZE(effects); i++) {
		struct ban_store *s = open_store(10, BAN_FULL_REFUSE, NULL);
		struct ban_effect e[5];
		char text[256] = "";
		size_t n;

		add(s, "192.0.2.2", "a", 0, 1000);
		for (int k = 0; k < 5 && effects[i].bans[k].until; k++)
			add(s, "192.0.2.1", jails[k], effects[i].bans[k].scope,
			    effects[i].bans[k].until);
		n = ban_store_effects(s, &who, e, 5);
		t_is("as many without room", (int64_t)ban_store_effects(s, &who, NULL, 0),
			(int64_t)n);
		if (n > 1)
			t_ok("widest first", !e[0].scope || !strstr(effects[i].want, "0:"));
		qsort(e, n, sizeof(*e), by_scope);
		for (size_t k = 0; k < n; k++)
			sprintf(text + strlen(text), "%d:%" PRIu64 " ", e[k].scope, e[k].until.ns);
		t_str(effects[i].name, text, effects[i].want);
		ban_store_free(s);
	}
}

/* ---- texts --------------------------------------------------------------------- */

static void test_marks(void)
{
	struct ban_store *s = open_store(100, BAN_FULL_REFUSE, NULL);
	struct ipaddr who = addr("192.0.2.1");
	struct ban one, other;

	t_ok("nobody to mark", !ban_store_mark(s, &who, "sshd"));
	add(s, "192.0.2.1", "sshd", BAN_SCOPE_ALL, 100);
	add(s, "192.0.2.1", "web", BAN_SCOPE_ALL, 100);
	t_ok("no mark yet", !ban_store_unmark(s, &who, &one));
	t_ok("says so", !ban_store_is_marked(s, &who, "sshd"));
	t_ok("marked", ban_store_mark(s, &who, "sshd"));
	t_ok("says that", ban_store_is_marked(s, &who, "sshd"));
	t_ok("of this jail", !ban_store_is_marked(s, &who, "web"));
	t_ok("once", !ban_store_mark(s, &who, "sshd"));
	t_ok("of another jail", ban_store_mark(s, &who, "web"));
	t_ok("one of them", ban_store_unmark(s, &who, &one));
	t_ok("and the other", ban_store_unmark(s, &who, &other) && !streq(one.jail, other.jail));
	t_ok("no more", !ban_store_unmark(s, &who, &one));
	ban_store_mark(s, &who, "sshd");
	ban_store_del(s, &who, NULL);
	add(s, "192.0.2.1", "sshd", BAN_SCOPE_ALL, 100);
	t_ok("gone with the ban", !ban_store_unmark(s, &who, &one));
	ban_store_free(s);
}

static void test_texts(void)
{
	struct told t = { "" };
	struct ban_store *s = open_store(100, BAN_FULL_REFUSE, &t);
	struct ban b = { .who = addr("192.0.2.1"), .jail = "a", .until = { 100 },
			 .reason = "spam", .lines = "one\ntwo", .failures = 5, .earlier = 2,
			 .since = { 77 } }, got;
	char who[32];

	ban_store_add(s, &b);
	t_ok("found", ban_store_find(s, &b.who, "a", &got));
	t_str("reason", got.reason, "spam");
	t_str("lines", got.lines, "one\ntwo");
	t_is("failures", got.failures, 5);
	t_is("earlier", got.earlier, 2);
	t_is("since", got.since.us, 77);
	got.until.ns = 200;
	got.since.us = 99;
	t_is("its own texts again", ban_store_add(s, &got), BAN_PROLONGED);
	ban_store_find(s, &b.who, "a", &got);
	t_str("are still there", got.reason, "spam");
	t_is("the beginning stays", got.since.us, 77);
	got.until.ns = 201;
	got.reason = got.lines = NULL;
	t_is("none this time", ban_store_add(s, &got), BAN_PROLONGED);
	ban_store_find(s, &b.who, "a", &got);
	t_str("the old ones stay", got.lines, "one\ntwo");
	ban_store_expire(s, (boot_t){ 201 });
	t_str("told with its reason", t.text, "expired 192.0.2.1 [a] spam;");
	t_is("no text left", (int64_t)ban_store_stats(s).text, 0);
	b.lines = "a line of a hundred bytes or so, as logs have them, with a name and an "
		"address in it ...";
	for (int i = 0; i < 100; i++) {
		snprintf(who, sizeof(who), "192.0.2.%d", i);
		b.who = addr(who);
		ban_store_add(s, &b);
		t_ok("bounded", ban_store_stats(s).text <= 4096);
	}
	t_ok("the newest has its lines", ban_store_find(s, &b.who, "a", &got) && got.lines);
	b.who = addr("192.0.2.0");
	t_ok("the oldest has not", ban_store_find(s, &b.who, "a", &got) && !got.lines);
	t_ok("counted", ban_store_stats(s).dropped_text > 50);
	ban_store_free(s);
}

/* ---- clocks -------------------------------------------------------------------- */

static void test_clocks(void)
{
	boot_t boot = { 1000 * NS_PER_S };
	wall_t wall = { 1700000000 * US_PER_S };
	wall_t minute = { wall.us + 60 * US_PER_S };

	t_is("in a minute", (int64_t)ban_end_boot(minute, boot, wall).ns,
	     1060 * (int64_t)NS_PER_S);
	t_is("and back", ban_end_wall((boot_t){ 1060 * NS_PER_S }, boot, wall).us,
	     wall.us + 60 * US_PER_S);
	t_is("a minute ago", (int64_t)ban_end_boot((wall_t){ wall.us - 1 }, boot, wall).ns, 1);
	t_is("now is past", (int64_t)ban_end_boot(wall, boot, wall).ns, 1);
	t_is("past on the wall", ban_end_wall((boot_t){ 940 * NS_PER_S }, boot, wall).us,
	     wall.us - 60 * US_PER_S);
	t_ok("never", ban_end_boot(WALL_NEVER, boot, wall).ns == BOOT_NEVER.ns);
	t_ok("never on the wall", ban_end_wall(BOOT_NEVER, boot, wall).us == WALL_NEVER.us);
	t_ok("in a thousand years",
	     ban_end_boot((wall_t){ INT64_MAX - 1 }, boot, wall).ns == BOOT_NEVER.ns);
	t_ok("before there was time", ban_end_boot((wall_t){ INT64_MIN }, boot, wall).ns == 1);
	t_ok("so far that it is never",
	     ban_end_wall((boot_t){ UINT64_MAX - 1 }, boot,
			  (wall_t){ INT64_MAX - 5 }).us == WALL_NEVER.us);
	t_is("after a ban time", ban_end_after(wall, 5).us, wall.us + 5);
	t_ok("for ever", ban_end_after(wall, -1).us == WALL_NEVER.us);
	t_ok("nearly", ban_end_after(wall, INT64_MAX).us == WALL_NEVER.us);
}

int main(void)
{
	test_add();
	test_refused();
	test_full();
	test_expire();
	test_delete();
	test_around();
	test_walk();
	test_effects();
	test_marks();
	test_texts();
	test_clocks();
	return t_done();
}
