// SPDX-License-Identifier: GPL-2.0-or-later
/* A jail that reads the journal for want of a log, and its log that comes. */
#include "../ini/tree.h"
#include "lanes/lookout.h"

#define DEADLINE_NS	(20 * NS_PER_S)

struct scene {
	struct loop *loop;
	struct lookout lookout;
	struct config *config;
	char *dir, log[300];
	int appeared, rounds;
	struct loop_timer round;
	boot_t deadline;
};

static struct config *load(struct scene *s)
{
	const struct config_options o = { .dir = s->dir, .look_for_logs = true };

	return config_load(&o, NULL);
}

/* What the daemon does: the configuration is read again. */
static void on_appeared(void *ctx)
{
	struct scene *s = ctx;
	struct config *old = s->config;

	s->appeared++;
	s->config = load(s);
	lookout_watch(&s->lookout, s->config);
	config_free(old);
	loop_stop(s->loop);
}

static void on_round(void *ctx)
{
	struct scene *s = ctx;

	if (++s->rounds == 5 || loop_boot(s->loop).ns > s->deadline.ns)
		loop_stop(s->loop);
	else
		loop_timer_in(s->loop, &s->round, 10 * s->lookout.every_ns);
}

/* Until a log appears, or for time enough to have looked for one. */
static void run(struct scene *s)
{
	s->rounds = 0;
	s->round = (struct loop_timer){ .fn = on_round, .ctx = s };
	s->deadline.ns = boot_now().ns + DEADLINE_NS;
	loop_timer_in(s->loop, &s->round, 10 * s->lookout.every_ns);
	loop_run(s->loop);
	loop_timer_cancel(s->loop, &s->round);
}

static void write_jails(struct scene *s)
{
	char path[300];
	FILE *f;

	snprintf(path, sizeof(path), "%s/jail.conf", s->dir);
	snprintf(s->log, sizeof(s->log), "%s/a.log", s->dir);
	f = fopen(path, "w");
	t_ok(path, f != NULL);
	fprintf(f, "[a]\nenabled = yes\nfilter = x\nlogpath = %s/*.log\n"
		"[off]\nfilter = x\nlogpath = %s\n", s->dir, s->dir);
	fclose(f);
}

int main(void)
{
	static const struct tree_file files[] = {
		{ "filter.d/x.conf", "[Definition]\nfailregex = <HOST>\njournalmatch = _COMM=x\n" },
	};
	struct scene s = { .dir = tree_make(files, ARRAY_SIZE(files)), .loop = loop_new() };
	FILE *f;

	write_jails(&s);
	s.config = load(&s);
	lookout_init(&s.lookout, s.loop, on_appeared, &s);
	t_is("every ten seconds", (int64_t)s.lookout.every_ns, (int64_t)(10 * NS_PER_S));
	s.lookout.every_ns = 1000000;
	lookout_watch(&s.lookout, s.config);
	t_ok("the jail reads the journal", s.config->jails[0].journal_instead);
	run(&s);
	t_is("no log, no news", s.appeared, 0);
	f = fopen(s.log, "w");
	t_ok("a log", f && !fclose(f));
	run(&s);
	t_is("a log has appeared", s.appeared, 1);
	t_ok("which the jail reads now", !s.config->jails[0].journal_instead);
	t_ok("and that is all", !s.lookout.timer.armed);
	lookout_fini(&s.lookout);
	config_free(s.config);
	loop_free(s.loop);
	tree_remove(s.dir);
	return t_done();
}
