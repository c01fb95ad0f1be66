// SPDX-License-Identifier: GPL-2.0-or-later
/* Sessions by <F-MLFID>: the answers are those of Fail2ban 1.0.2. */
#include <errno.h>

#include "scene.h"

/* One filter for most scenes: each line begins with the session's key. */
#define PREF	"^<F-MLFID>\\w+</F-MLFID> <F-CONTENT>.+</F-CONTENT>$"
#define FAIL	"^fail <ADDR>(?: user <F-USER>\\w+</F-USER>)?$"
#define QUIET	"^<F-NOFAIL>try</F-NOFAIL>(?: <ADDR>)?(?: user <F-USER>\\w+</F-USER>)?$"
#define GAINED	"^<F-MLFGAINED>welcome</F-MLFGAINED>(?: user <F-USER>\\w+</F-USER>)?$"
#define FORGET	"^<F-NOFAIL><F-MLFFORGET>bye</F-MLFFORGET></F-NOFAIL>(?: <ADDR>)?$"
#define BAD	"^bad(?: user <F-USER>\\w+</F-USER>)?$"
#define FILTER	.prefregex = PREF, .failregex = { FAIL, QUIET, GAINED, FORGET, BAD }

static const struct scene scenes[] = {
	{ "a line that counts by itself", FILTER, .steps = {
		{ "a fail 192.0.2.1", "192.0.2.1 0 1 ip4=192.0.2.1 mlfid=a" },
		{ "a fail 192.0.2.1", "192.0.2.1 0 1 ip4=192.0.2.1 mlfid=a" },
	} },
	{ "a quiet line only joins", FILTER, .steps = {
		{ "a try 192.0.2.1", NULL },
		{ "a fail 192.0.2.1", "192.0.2.1 0 2 ip4=192.0.2.1 mlfid=a" },
	} },
	{ "what was reported is not reported again", FILTER, .steps = {
		{ "a try 192.0.2.1", NULL },
		{ "a fail 192.0.2.1", "192.0.2.1 0 2 ip4=192.0.2.1 mlfid=a" },
		{ "a fail 192.0.2.1", "192.0.2.1 0 1 ip4=192.0.2.1 mlfid=a" },
	} },
	{ "the address comes from an earlier line", FILTER, .steps = {
		{ "a try 192.0.2.1", NULL },
		{ "a bad", "192.0.2.1 4 2 ip4=192.0.2.1 mlfid=a" },
	} },
	{ "the address comes later", FILTER, .steps = {
		{ "a bad user bob", NULL },
		{ "a try 192.0.2.1", "192.0.2.1 1 2 users=bob ip4=192.0.2.1 user=bob mlfid=a" },
	} },
	{ "pending lines wait together", FILTER, .steps = {
		{ "a bad", NULL },
		{ "a bad", NULL },
		{ "a try 192.0.2.1", "192.0.2.1 1 3 ip4=192.0.2.1 mlfid=a" },
	} },
	{ "sessions are told apart", FILTER, .steps = {
		{ "a bad", NULL },
		{ "b try 192.0.2.1", NULL },
		{ "a bye 192.0.2.2", "192.0.2.2 3 2 ip4=192.0.2.2 mlfid=a" },
		{ "b bad", "192.0.2.1 4 2 ip4=192.0.2.1 mlfid=b" },
	} },
	{ "a login clears what is pending", FILTER, .steps = {
		{ "a bad", NULL },
		{ "a welcome", NULL },
		{ "a try 192.0.2.1", NULL },
	} },
	{ "the end of a session forgets it", FILTER, .steps = {
		{ "a try 192.0.2.1", NULL },
		{ "a bye", NULL },
		{ "a bad", NULL },
	} },
	{ "an end without begin leaves nothing", FILTER, .steps = {
		{ "a bye 192.0.2.1", NULL },
		{ "a bad", NULL },
	} },
	{ "a second user makes quiet lines count", FILTER, .steps = {
		{ "a try 192.0.2.1 user bob", NULL },
		{ "a try 192.0.2.1 user bob", NULL },
		{ "a try 192.0.2.1 user eve",
		  "192.0.2.1 1 3 users=bob,eve ip4=192.0.2.1 user=eve mlfid=a" },
		{ "a welcome user eve",
		  "192.0.2.1 2 1 users=bob,eve ip4=192.0.2.1 user=eve mlfid=a" },
	} },
	{ "a session lasts five minutes", FILTER, .steps = {
		{ "a try 192.0.2.1", NULL },
		{ "a bad", "192.0.2.1 4 2 ip4=192.0.2.1 mlfid=a", 299 },
		{ "a bad", NULL, 1 },
		{ "a try 192.0.2.2", "192.0.2.2 1 2 ip4=192.0.2.2 mlfid=a" },
	} },
	{ "no address is remembered as an address that is none", FILTER, .steps = {
		{ "a try 192.0.2.999", NULL },
		{ "a bad", "192.0.2.999 4 2 bogus ip4=192.0.2.999 mlfid=a" },
		{ "a fail 192.0.2.1", "192.0.2.1 0 1 ip4=192.0.2.1 mlfid=a" },
	} },
	{ "the key may stand in the failregex", .failregex = {
		"^<F-MLFID>\\w+</F-MLFID> from <ADDR>$", }, .steps = {
		{ "a from 192.0.2.1", "192.0.2.1 0 1 ip4=192.0.2.1 mlfid=a" },
	} },
	{ "a quiet line without a session is marked", .failregex = {
		"^<F-NOFAIL>try</F-NOFAIL> <ADDR>$" }, .steps = {
		{ "try 192.0.2.1", "192.0.2.1 0 1 nofail ip4=192.0.2.1" },
	} },
};

/* A hundred and one sessions: the first one is forgotten, the second is not. */
static void test_cap(struct regex_env *env)
{
	static const struct scene scene = { "cap", FILTER };
	wall_t now = { 0 };
	struct diag d = { 0 };
	struct filter *f;
	struct hit hit;
	char buf[64], line[64];

	t_is("filter", scene_filter(&f, &scene, env, &d), 0);
	for (unsigned int i = 0; i <= FILTER_MAX_SESSIONS; i++) {
		struct filter_line l;

		snprintf(line, sizeof(line), "s%u try 192.0.2.%u", i, i);
		l = scene_line(line, buf, &now);
		t_is("quiet", filter_match(f, &l, &hit), 0);
	}
	t_is("one was evicted", (int64_t)filter_stats(f).evicted, 1);
	for (unsigned int i = 2; i--;) {
		struct filter_line l;

		snprintf(line, sizeof(line), "s%u bad", i);
		l = scene_line(line, buf, &now);
		t_is(line, filter_match(f, &l, &hit), i);
	}
	filter_free(f);
}

/* A session of thousands of lines keeps the last ones and counts them all. */
static void test_lines(struct regex_env *env)
{
	static const struct scene scene = { "lines", FILTER };
	wall_t now = { 0 };
	struct diag d = { 0 };
	struct filter *f;
	struct hit hit = { 0 };
	char buf[64];

	t_is("filter", scene_filter(&f, &scene, env, &d), 0);
	for (unsigned int i = 0; i < 5000; i++) {
		struct filter_line l = scene_line("a try 192.0.2.1", buf, &now);

		filter_match(f, &l, &hit);
	}
	{
		struct filter_line l = scene_line("a bad", buf, &now);

		t_is("it counts", filter_match(f, &l, &hit), 1);
	}
	t_is("attempts", hit.attempts, 5001);
	t_is("lines kept", (int64_t)hit.n_lines, 20);
	t_ok("the last one", hit.lines[19].len == 5 && !memcmp(hit.lines[19].s, "a bad", 5));
	filter_free(f);
}

/* What somebody else wrote into the database. */
static void test_strange(struct regex_env *env)
{
	static const struct scene scene = { .what = "strange", FILTER };
	struct str saved = { 0 }, again = { 0 };
	struct filter *f, *other;
	struct diag d = { 0 };
	struct hit hit;
	wall_t now = { 1700000000 * US_PER_S };
	char buf[64];
	struct filter_line l = scene_line("a try 192.0.2.1 user bob", buf, &now);

	t_is("filter", scene_filter(&f, &scene, env, &d), 0);
	t_ok("nothing has changed", !filter_save(f, &saved));
	filter_match(f, &l, &hit);
	t_ok("a session is saved", filter_save(f, &saved) && saved.len);
	t_ok("once", !filter_save(f, &again));
	for (size_t len = 0; len < saved.len; len++) {
		t_is("another one", scene_filter(&other, &scene, env, &d), 0);
		t_is("cut short", filter_restore(other, saved.s, len), len == 2 ? 0 : -EINVAL);
		filter_free(other);
	}
	for (size_t i = 0; i < saved.len * 8; i++) {
		scene_filter(&other, &scene, env, &d);
		saved.s[i / 8] ^= (char)(1 << i % 8);
		filter_restore(other, saved.s, saved.len);	/* whatever it says */
		saved.s[i / 8] ^= (char)(1 << i % 8);
		filter_match(other, &l, &hit);
		filter_free(other);
	}
	str_fini(&saved);
	str_fini(&again);
	filter_free(f);
}

/* Sessions of the longest lines: the newest are kept, the size is bounded. */
static void test_bounded(struct regex_env *env)
{
	static const struct scene scene = { .what = "bounded", FILTER };
	struct str saved = { 0 }, text = { 0 };
	struct diag d = { 0 };
	struct filter *f, *other;
	struct hit hit;
	wall_t now = { 1700000000 * US_PER_S };

	t_is("filter", scene_filter(&f, &scene, env, &d), 0);
	for (unsigned int i = 0; i < 90 * 30; i++) {
		struct filter_line l = { .when = scene_when, .ctx = &now };

		str_reset(&text);
		str_printf(&text, "k%02u try 192.0.2.1 user ", i % 90);
		while (text.len < 4000)
			str_putc(&text, 'x');
		l.s = text.s;
		l.len = text.len;
		filter_match(f, &l, &hit);
	}
	t_ok("saved", filter_save(f, &saved) && !saved.failed);
	t_ok("bounded", saved.len > FILTER_SAVE_MAX / 2 && saved.len <= FILTER_SAVE_MAX);
	t_is("filter", scene_filter(&other, &scene, env, &d), 0);
	t_is("restored", filter_restore(other, saved.s, saved.len), 0);
	str_reset(&text);
	str_puts(&text, "k89 bad");
	{
		struct filter_line l = { .s = text.s, .len = text.len, .when = scene_when,
					 .ctx = &now };

		t_is("the newest counts", filter_match(other, &l, &hit), 1);
		t_is("with all its lines", hit.attempts, 31);
		str_reset(&text);
		str_puts(&text, "k00 bad");
		l.s = text.s;
		t_is("the oldest was left out", filter_match(other, &l, &hit), 0);
	}
	str_fini(&saved);
	str_fini(&text);
	filter_free(f);
	filter_free(other);
}

/* What a version before this one saved: no lines. */
static void test_older(struct regex_env *env)
{
	static const struct scene scene = { .what = "older", FILTER };
	struct str saved = { 0 };
	struct filter *f, *other;
	struct diag d = { 0 };
	struct hit hit;
	wall_t now = { 1700000000 * US_PER_S };
	char buf[64];
	struct filter_line l = scene_line("a try 192.0.2.1 user bob", buf, &now);

	t_is("filter", scene_filter(&f, &scene, env, &d), 0);
	filter_match(f, &l, &hit);
	t_ok("saved", filter_save(f, &saved) && saved.len > 2 && !saved.s[1]);
	saved.s[1] = 1;
	t_is("filter", scene_filter(&other, &scene, env, &d), 0);
	t_is("restored", filter_restore(other, saved.s + 1, saved.len - 1), 0);
	l = scene_line("a bad", buf, &now);
	t_is("it counts", filter_match(other, &l, &hit), 1);
	str_fini(&saved);
	filter_free(f);
	filter_free(other);
}

/* Of very long lines the newest are kept, into whatever filter they go. */
static void test_buffer(struct regex_env *env)
{
	static const struct scene scene = {
		.what = "buffer", .maxlines = 5, .failregex = { "^one <ADDR>.*$<SKIPLINES>^end$" },
	}, single = { .what = "single", FILTER };
	struct str saved = { 0 }, text = { 0 };
	struct filter *f, *other;
	struct diag d = { 0 };
	struct hit hit;
	wall_t now = { 1700000000 * US_PER_S };

	t_is("filter", scene_filter(&f, &scene, env, &d), 0);
	for (unsigned int i = 1; i < 5; i++) {
		struct filter_line l = { .when = scene_when, .ctx = &now };

		str_reset(&text);
		str_printf(&text, "one 192.0.2.%u ", i);
		while (text.len < 60000)
			str_puts(&text, "and so on ");
		l.s = text.s;
		l.len = text.len;
		t_is("half of a match", filter_match(f, &l, &hit), 0);
	}
	t_ok("saved", filter_save(f, &saved) && !saved.failed);
	t_ok("the newest two", saved.len > 120000 && saved.len < FILTER_SAVE_MAX / 2);
	t_is("filter", scene_filter(&other, &scene, env, &d), 0);
	t_is("restored", filter_restore(other, saved.s, saved.len), 0);
	{
		struct filter_line l = { .s = "end", .len = 3, .when = scene_when, .ctx = &now };

		t_is("the other half", filter_match(other, &l, &hit), 1);
		t_is("is of the older one", hit.addr.bytes[3], 3);
	}
	filter_free(other);
	t_is("a filter that looks at single lines", scene_filter(&other, &single, env, &d), 0);
	t_is("takes none", filter_restore(other, saved.s, saved.len), 0);
	str_fini(&saved);
	str_fini(&text);
	filter_free(f);
	filter_free(other);
}

int main(void)
{
	struct regex_env *env = regex_env_new();

	for (size_t i = 0; i < ARRAY_SIZE(scenes); i++)
		scene_play(&scenes[i], env);
	test_cap(env);
	test_lines(env);
	test_strange(env);
	test_bounded(env);
	test_older(env);
	test_buffer(env);
	regex_env_free(env);
	return t_done();
}
