// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Failures that wait for an ignorecommand: each is counted once, or not at all if the
 * command spares it; there are never too many; and a restart takes them back.
 */
#include "lanes/deferred.h"

#include <errno.h>

#include "../t.h"
#include "base/log.h"
#include "base/loop.h"
#include "config/config.h"
#include "confine/runner.h"
#include "regex/regex.h"

#define NOW_S	1700000000

/* Who is counted, and never comes to an end. */
#define SPARES_9	"test <ip> = 192.0.2.9 && exit 0; exit 1"
#define HANGS		"exec sleep 600"

struct stage {
	struct config_jail jails[2];
	struct config config;		/* of both, for whoever runs commands */
	struct loop *loop;
	struct runner *runner;
	struct regex_env *env;
	struct lane *lane;
	struct deferred *d;
	int verdicts;
	char last[64];			/* who, and the line that led to it */
};

static void on_verdict(void *ctx, struct lane *lane, const struct verdict *v,
		       const struct now *now)
{
	struct window_lines lines = window_kept_lines(v->lines);
	struct stage *s = ctx;

	(void)lane, (void)now;
	s->verdicts++;
	snprintf(s->last, sizeof(s->last), "%s %lld %.*s", v->id,
		 (long long)(v->when.us / US_PER_S), lines.n ? (int)lines.v[0].len : 0,
		 lines.n ? lines.v[0].text : "");
}

static struct lane *make_lane(struct stage *s, const struct config_jail *jail)
{
	struct lane_params p = { .conf = jail, .env = s->env, .max_ids = 100,
				 .ops = { .verdict = on_verdict, .ctx = s } };
	struct diag d = { 0 };
	struct lane *lane = NULL;

	t_is("a lane", lane_new(&lane, &p, (wall_t){ NOW_S * US_PER_S }, &d), 0);
	diag_fini(&d);
	return lane;
}

static struct config_jail make_jail(const char *name, const char *command)
{
	return (struct config_jail){
		.name = name, .loaded = true, .backend = LOG_SENSOR, .maxretry = 1,
		.maxmatches = 1, .findtime = 1e8, .bantime = 600, .ignorecommand.s = command,
	};
}

static void begin(struct stage *s, const char *command)
{
	*s = (struct stage){ .jails = { make_jail("sip", command), make_jail("hangs", HANGS) },
			     .config = { .jails = s->jails, .n_jails = ARRAY_SIZE(s->jails) },
			     .loop = loop_new(), .env = regex_env_new() };
	s->lane = make_lane(s, &s->jails[0]);
	t_is("runner", runner_new(&s->runner, s->loop, &s->config, "."), 0);
	t_is("deferred", deferred_new(&s->d, s->loop, s->runner), 0);
}

static void end(struct stage *s)
{
	deferred_free(s->d);
	runner_free(s->runner);
	lane_free(s->lane);
	regex_env_free(s->env);
	loop_free(s->loop);
}

/* 192.0.2.@number has failed. */
static void ask(struct stage *s, struct lane *lane, uint8_t number)
{
	char id[32];
	struct window_text line = { "a line", 6 };
	struct lane_failure f = {
		.addr = { { 192, 0, 2, number }, 4, 32 }, .when = { NOW_S * US_PER_S },
		.lines = &line, .n_lines = 1,
	};

	f.id = (struct hit_text){ id, (size_t)sprintf(id, "192.0.2.%u", number) };
	deferred_ask(s->d, lane, &f);
}

static void on_time(void *ctx)
{
	loop_stop(ctx);
}

static void turn(struct stage *s)
{
	struct loop_timer t = { .fn = on_time, .ctx = s->loop };

	loop_timer_in(s->loop, &t, NS_PER_S / 1000);
	loop_run(s->loop);
}

/* Until so many were counted, or a minute has gone. */
static void until(struct stage *s, int verdicts)
{
	boot_t late = { boot_now().ns + 60 * NS_PER_S };

	while (s->verdicts < verdicts && boot_now().ns < late.ns)
		turn(s);
	t_is("counted", s->verdicts, verdicts);
}

/* ---- answers ---------------------------------------------------------------------- */

static void test_answers(void)
{
	struct stage s;

	begin(&s, SPARES_9);
	ask(&s, s.lane, 9);
	ask(&s, s.lane, 1);
	t_is("nobody counts before the answer", s.verdicts, 0);
	until(&s, 1);
	t_str("who is not spared", s.last, "192.0.2.1 1700000000 a line");
	while (!deferred_stats(s.d)->ignored)
		turn(&s);
	t_is("who is spared does not count", s.verdicts, 1);
	t_is("one was spared", (int64_t)deferred_stats(s.d)->ignored, 1);
	t_is("no trouble", (int64_t)deferred_stats(s.d)->failed, 0);
	end(&s);
	begin(&s, "exit 7");
	ask(&s, s.lane, 9);
	until(&s, 1);
	t_is("a command with an error spares nobody", (int64_t)deferred_stats(s.d)->failed, 1);
	end(&s);
}

static void test_text(void)
{
	struct stage s;
	struct lane_failure f = { .id = { "$(reboot)", 9 }, .when = { NOW_S * US_PER_S } };

	begin(&s, HANGS);
	deferred_ask(s.d, s.lane, &f);
	t_str("a text is in no command", s.last, "$(reboot) 1700000000 ");
	end(&s);
}

static void test_too_many(void)
{
	struct stage s;

	begin(&s, HANGS);
	for (unsigned int i = 0; i < DEFERRED_MAX; i++)
		ask(&s, s.lane, (uint8_t)i);
	t_is("many may wait", (int64_t)deferred_stats(s.d)->dropped, 0);
	ask(&s, s.lane, 1);
	t_is("one more may not", (int64_t)deferred_stats(s.d)->dropped, 1);
	t_is("nor is he counted", s.verdicts, 0);
	end(&s);
}

/* ---- a jail that goes --------------------------------------------------------------- */

/* Its commands are ended, and the places that they had are for others. */
static void test_jail_goes(void)
{
	struct lane *hangs;
	struct stage s;

	begin(&s, "exit 1");
	hangs = make_lane(&s, &s.jails[1]);
	for (unsigned int i = 0; i < DEFERRED_CHILDREN + 3; i++)
		ask(&s, hangs, (uint8_t)i);
	ask(&s, s.lane, 77);
	deferred_move(s.d, hangs, NULL);
	lane_free(hangs);
	until(&s, 1);
	t_str("who waited behind them", s.last, "192.0.2.77 1700000000 a line");
	end(&s);
}

static void test_heir(void)
{
	struct lane *old;
	struct stage s;

	begin(&s, HANGS);
	old = make_lane(&s, &s.jails[0]);
	for (unsigned int i = 0; i < DEFERRED_CHILDREN; i++)
		ask(&s, old, (uint8_t)i);
	deferred_move(s.d, old, s.lane);
	lane_free(old);
	ask(&s, s.lane, 77);
	turn(&s);
	t_is("what waits goes on waiting", s.verdicts, 0);
	deferred_move(s.d, s.lane, NULL);
	turn(&s);
	t_is("in the jail that took it over", s.verdicts, 0);
	end(&s);
}

/* ---- a restart ----------------------------------------------------------------------- */

struct file { struct row { uint8_t key[32], value[256]; size_t key_len, value_len; } v[8];
	      size_t n, deleted; };

static void save(void *ctx, const char *jail, const void *key, size_t key_len,
		 const void *value, size_t value_len)
{
	struct file *f = ctx;
	struct row *r = &f->v[f->n];

	t_str("of its jail", jail, "sip");
	t_ok("a key of ours", deferred_is_key(key, key_len));
	if (!value) {
		f->deleted++;
		return;
	}
	t_ok("it fits", key_len <= sizeof(r->key) && value_len <= sizeof(r->value));
	memcpy(r->key, key, key_len);
	memcpy(r->value, value, value_len);
	r->key_len = key_len;
	r->value_len = value_len;
	f->n++;
}

static int load(struct stage *s, const struct row *r)
{
	return deferred_import(s->d, s->lane, r->key, r->key_len, r->value, r->value_len);
}

static void test_restart(void)
{
	struct file first = { 0 }, second = { 0 };
	struct stage s;

	begin(&s, HANGS);
	ask(&s, s.lane, 1);
	ask(&s, s.lane, 2);
	deferred_export(s.d, save, &first);
	t_is("both are written down", (int64_t)first.n, 2);
	deferred_export(s.d, save, &first);
	t_is("once", (int64_t)first.n, 2);
	deferred_touch(s.d);
	deferred_export(s.d, save, &second);
	t_is("or again if that is wanted", (int64_t)second.n, 2);
	end(&s);

	begin(&s, "exit 1");
	for (size_t i = 0; i < first.n; i++)
		t_is("read back", load(&s, &first.v[i]), 0);
	second = (struct file){ 0 };
	deferred_export(s.d, save, &second);
	t_is("nothing new", (int64_t)(second.n + second.deleted), 0);
	t_is("asked in a moment", s.verdicts, 0);
	until(&s, 2);
	t_ok("as they were", !strcmp(s.last, "192.0.2.1 1700000000 a line") ||
	     !strcmp(s.last, "192.0.2.2 1700000000 a line"));
	deferred_export(s.d, save, &second);
	t_is("they wait no more", (int64_t)second.deleted, 2);
	end(&s);
}

/* Where its time is, which is the first thing in it. */
static void test_garbage(void)
{
	static const int64_t never[] = { INT64_MAX, INT64_MIN };
	struct file f = { 0 };
	struct row bad;
	struct stage s;

	begin(&s, HANGS);
	ask(&s, s.lane, 1);
	deferred_export(s.d, save, &f);
	for (size_t i = 0; i < ARRAY_SIZE(never); i++) {
		bad = f.v[0];
		memcpy(bad.value, &never[i], sizeof(never[i]));
		t_is("no time", load(&s, &bad), -EINVAL);
	}
	bad = f.v[0];
	bad.value_len = 20;
	t_is("too short", load(&s, &bad), -EINVAL);
	bad = f.v[0];
	bad.key_len--;
	t_is("another key", load(&s, &bad), -EINVAL);
	t_is("and this is good", load(&s, &f.v[0]), 0);
	end(&s);
}

int main(void)
{
	log_open("/dev/null", LOG_LEVEL_ERROR);
	test_answers();
	test_text();
	test_too_many();
	test_jail_goes();
	test_heir();
	test_restart();
	test_garbage();
	return t_done();
}
