// SPDX-License-Identifier: GPL-2.0-or-later
/* Sessions by <F-MLFID>: the answers are those of Fail2ban 1.0.2. */
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

int main(void)
{
	struct regex_env *env = regex_env_new();

	for (size_t i = 0; i < ARRAY_SIZE(scenes); i++)
		scene_play(&scenes[i], env);
	test_cap(env);
	test_lines(env);
	regex_env_free(env);
	return t_done();
}
