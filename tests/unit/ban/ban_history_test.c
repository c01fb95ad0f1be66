// SPDX-License-Identifier: GPL-2.0-or-later
/* Who was banned how often. */
#include "ban/ban_history.h"

#include <stdlib.h>

#include "../t.h"

static const struct ipaddr bad = { { 192, 0, 2, 1 }, 4, 32 };
static const struct ipaddr other = { { 192, 0, 2, 2 }, 4, 32 };

struct told { char text[256]; };

static void tell(void *ctx, const char *jail, const struct ipaddr *who, const struct ban_past *past)
{
	struct told *t = ctx;
	char buf[IPADDR_TEXT];

	sprintf(t->text + strlen(t->text), "%s@%s:%u ", ipaddr_format(who, buf), jail, past->bans);
}

static wall_t at(int64_t s)
{
	return (wall_t){ s * US_PER_S };
}

static void add(struct ban_history *h, const char *jail, const struct ipaddr *who, int64_t s)
{
	struct ban_past now;
	uint32_t before = ban_history_get(h, jail, who).bans;

	t_is("added", ban_history_add(h, jail, who, at(s), 600 * US_PER_S, &now), 0);
	t_is("one more", now.bans, before + 1);
}

static void test_counts(void)
{
	struct ban_history *h = ban_history_new(100, NULL, NULL);
	struct ban_past p;

	t_is("nobody", ban_history_get(h, "sshd", &bad).bans, 0);
	add(h, "sshd", &bad, 10);
	add(h, "sshd", &bad, 30);
	add(h, "asterisk", &bad, 20);
	add(h, "asterisk", &other, 40);
	p = ban_history_get(h, "sshd", &bad);
	t_is("in one jail", p.bans, 2);
	t_is("last", p.last.us, at(30).us);
	p = ban_history_get(h, NULL, &bad);
	t_is("in all jails", p.bans, 3);
	t_is("the last of all", p.last.us, at(30).us);
	t_is("in no jail", ban_history_get(h, "x", &bad).bans, 0);
	t_is("entries", (int64_t)ban_history_count(h), 3);
	ban_history_free(h);
	ban_history_free(NULL);
}

static void test_sums_do_not_wrap(void)
{
	struct ban_history *h = ban_history_new(100, NULL, NULL);
	struct ban_past much = { UINT32_MAX, at(1), 5 }, now;

	t_is("restored", ban_history_restore(h, "a", &bad, &much), 0);
	t_is("restored", ban_history_restore(h, "b", &bad, &much), 0);
	t_is("added", ban_history_add(h, "a", &bad, at(2), 5, &now), 0);
	t_is("one", now.bans, UINT32_MAX);
	t_is("all", ban_history_get(h, NULL, &bad).bans, UINT32_MAX);
	ban_history_free(h);
}

static const struct {
	const char *name;
	int64_t memory, file;		/* when the last ban began; 0: none */
	uint32_t bans;
	int64_t last;
} merges[] = {
	{ "only in the file", 0, 100, 3, 100 },
	{ "banned again since", 200, 100, 4, 200 },
	{ "banned again by lines that were read again", 100, 100, 3, 100 },
	{ "an older line read late", 50, 100, 4, 100 },
};

static void test_late_restore(void)
{
	for (size_t i = 0; i < ARRAY_SIZE(merges); i++) {
		struct ban_history *h = ban_history_new(10, NULL, NULL);
		struct ban_past kept = { 3, at(merges[i].file), 5 }, p;

		if (merges[i].memory)
			add(h, "sshd", &bad, merges[i].memory);
		ban_history_restore(h, "sshd", &bad, &kept);
		p = ban_history_get(h, "sshd", &bad);
		t_is(merges[i].name, p.bans, merges[i].bans);
		t_is(merges[i].name, p.last.us, at(merges[i].last).us);
		ban_history_free(h);
	}
}

static void test_forget(void)
{
	struct told t = { "" };
	struct ban_history *h = ban_history_new(100, tell, &t);

	add(h, "sshd", &bad, 1);
	add(h, "asterisk", &bad, 2);
	add(h, "asterisk", &other, 3);
	t_is("no such jail", (int64_t)ban_history_forget(h, "x", &bad), 0);
	t_is("one jail", (int64_t)ban_history_forget(h, "asterisk", &bad), 1);
	t_str("told", t.text, "192.0.2.1@asterisk:1 ");
	t_is("all jails", (int64_t)ban_history_forget(h, NULL, &bad), 1);
	t_is("the other one stays", ban_history_get(h, NULL, &other).bans, 1);
	ban_history_free(h);
}

static void test_bounded(void)
{
	struct told t = { "" };
	struct ban_history *h = ban_history_new(2, tell, &t);
	struct ipaddr third = { { 192, 0, 2, 3 }, 4, 32 };

	add(h, "sshd", &bad, 1);
	add(h, "sshd", &other, 2);
	add(h, "sshd", &bad, 3);
	add(h, "sshd", &third, 4);
	t_str("the one banned longest ago goes", t.text, "192.0.2.2@sshd:1 ");
	t_is("counted", (int64_t)ban_history_evicted(h), 1);
	t_is("as many as allowed", (int64_t)ban_history_count(h), 2);
	t.text[0] = '\0';
	ban_history_rewind(h);
	t_ok("all at once", !ban_history_walk(h, 100, tell, &t));
	t_str("in order", t.text, "192.0.2.1@sshd:2 192.0.2.3@sshd:1 ");
	ban_history_free(h);
}

static void test_walk(void)
{
	struct told t = { "" };
	struct ban_history *h = ban_history_new(100, NULL, NULL);
	struct ipaddr third = { { 192, 0, 2, 3 }, 4, 32 };

	ban_history_rewind(h);
	t_ok("nobody", !ban_history_walk(h, 10, tell, &t));
	add(h, "sshd", &bad, 1);
	add(h, "sshd", &other, 2);
	add(h, "sshd", &third, 3);
	ban_history_rewind(h);
	t_ok("one, and there are more", ban_history_walk(h, 1, tell, &t));
	ban_history_forget(h, NULL, &other);	/* it would be next */
	add(h, "asterisk", &bad, 5);
	t_ok("the rest", !ban_history_walk(h, 10, tell, &t));
	t_str("who came and who stayed", t.text,
	      "192.0.2.1@sshd:1 192.0.2.3@sshd:1 192.0.2.1@asterisk:1 ");
	t.text[0] = '\0';
	ban_history_of(h, &bad, tell, &t);
	t_ok("of one, in every jail", strstr(t.text, "192.0.2.1@sshd:1 ") &&
	     strstr(t.text, "192.0.2.1@asterisk:1 ") && strlen(t.text) == 17 + 21);
	ban_history_free(h);
}

static const struct {
	const char *name;
	int64_t last, bantime, now;	/* seconds; purged after 1000 */
	size_t want;
} purges[] = {
	{ "young", 0, 10, 900, 0 },
	{ "old", 0, 10, 1100, 1 },
	{ "old, but banned for long", 0, 100, 1299, 0 },
	{ "old enough for that", 0, 100, 1301, 1 },
	{ "for ever", 0, -1, 1000000000, 0 },
	{ "in the future", 5000, 10, 100, 0 },
};

static void test_purge(void)
{
	for (size_t i = 0; i < ARRAY_SIZE(purges); i++) {
		struct ban_history *h = ban_history_new(10, NULL, NULL);
		struct ban_past p = { 1, at(purges[i].last), purges[i].bantime * US_PER_S };

		ban_history_restore(h, "sshd", &bad, &p);
		t_is(purges[i].name,
		     (int64_t)ban_history_purge(h, at(purges[i].now), 1000 * US_PER_S),
		     (int64_t)purges[i].want);
		t_is(purges[i].name, (int64_t)ban_history_count(h), 1 - (int64_t)purges[i].want);
		ban_history_free(h);
	}
}

int main(void)
{
	test_counts();
	test_sums_do_not_wrap();
	test_late_restore();
	test_forget();
	test_bounded();
	test_walk();
	test_purge();
	return t_done();
}
