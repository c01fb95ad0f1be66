// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The kernel is told what the store says, and no more: not before all was taken back,
 * of somebody who is pardoned even if only the kernel knows him, and of an end only if
 * it does not see to that itself.  What it says is counted.
 */
#include "keeping/bans_private.h"

#include "../ban/db_dir.h"
#include "../t.h"
#include "base/log.h"
#include "base/str.h"
#include "bystanders.h"

/* ---- a kernel that does as it is told ------------------------------------------------ */

struct kernel {
	struct enforcer e;
	size_t told;			/* addresses */
	struct enforce_ban last;
	int err;			/* what it answers */
	size_t passes;			/* of comparison */
	bool partial;			/* the last was */
	int parts;			/* of the next pass, beside the last one */
	struct enforce_repairs finds;	/* in each part */
};

static int take(struct enforcer *e, const struct enforce_ban *bans, size_t n)
{
	struct kernel *k = container_of(e, struct kernel, e);

	k->told += n;
	k->last = bans[n - 1];
	return k->err;
}

static int compare(struct enforcer *e, const struct enforce_truth *truth, boot_t now,
		   struct enforce_repairs *out)
{
	struct kernel *k = container_of(e, struct kernel, e);

	(void)now;
	k->partial = truth->partial;
	*out = k->finds;
	if (k->parts) {
		k->parts--;
		return 1;
	}
	k->passes++;
	return k->err;
}

static const struct enforcer_ops ops = { .name = "none", .add = take, .resync_step = compare };
static const struct enforcer_ops forgetting = {
	.name = "none", .add = take, .resync_step = compare, .forgets = true,
};

/* ---- stages --------------------------------------------------------------------------- */

struct stage {
	struct db_dir dir;
	struct kernel kernel;
	struct loop *loop;
	struct ban_db *db;
	struct bans *bans;
	bool spares;			/* 192.0.2.9 */
};

static bool spares_9(void *ctx, const char *jail, const struct ipaddr *who,
		     struct allow_match *why)
{
	const struct stage *s = ctx;

	(void)jail, (void)why;
	return s->spares && who->bytes[3] == 9;
}

static void set_up(struct stage *s, const struct enforcer_ops *kernel)
{
	static const struct config_settings settings = { .max_bans = 100 };
	struct ban_db_params db = { .path = s->dir.file, .max_history = 1000 };
	struct bans_params bans = { .settings = &settings, .enforcer = &s->kernel.e,
				    .spares = spares_9, .banned = banned, .ctx = s };

	s->kernel = (struct kernel){ .e.ops = kernel };
	s->spares = false;
	s->loop = bans.loop = loop_new();
	t_is("a database", ban_db_open(&s->db, &db), 0);
	bans.db = s->db;
	t_is("bans", bans_new(&s->bans, &bans), 0);
}

static void tear_down(struct stage *s)
{
	bans_free(s->bans);
	ban_db_close(s->db);
	loop_free(s->loop);
}

static struct ipaddr addr(uint8_t number)
{
	return (struct ipaddr){ { 192, 0, 2, number }, 4, 32 };
}

static int ban(struct stage *s, uint8_t number, int64_t seconds, uint32_t failures)
{
	struct ban_wish w = {
		.who = addr(number), .jail = "sshd", .since = loop_wall(s->loop),
		.bantime_us = seconds < 0 ? BANTIME_FOREVER : seconds * US_PER_S,
		.failures = failures,
	};

	return bans_add(s->bans, &w, NULL);
}

/* ---- what a start does ---------------------------------------------------------------- */

static int take_back(void *ctx, const struct ban *b, const char *scope)
{
	struct stage *s = ctx;

	return bans_restore(s->bans, b, scope);
}

static void load(struct stage *s)
{
	struct ban_db_reader r = { .ban = take_back, .ctx = s };

	t_is("read", ban_db_load(s->db, &r, loop_boot(s->loop), loop_wall(s->loop)), 0);
}

static int64_t n_bans(struct stage *s)
{
	return (int64_t)ban_store_stats(bans_store(s->bans)).bans;
}

static void test_restore(struct stage *s)
{
	set_up(s, &ops);
	load(s);
	t_is("begun", bans_begin(s->bans, true), 0);
	for (int i = 1; i <= 9; i += 8)
		t_is("banned", ban(s, (uint8_t)i, 3600, 5), BAN_NEW);
	t_is("written", ban_db_flush(s->db, loop_boot(s->loop)), 0);
	tear_down(s);

	set_up(s, &ops);
	s->spares = true;
	load(s);
	t_is("who may not be banned any more is left out", n_bans(s), 1);
	t_is("and counted", (int64_t)bans_stats(s->bans)->refused_allowed, 1);
	t_is("the kernel is not told before all is there", (int64_t)s->kernel.told, 0);
	t_is("nor is it of a ban", ban(s, 2, 3600, 5), BAN_NEW);
	t_is("that comes then", (int64_t)s->kernel.told, 0);
	t_is("begun", bans_begin(s->bans, true), 0);
	t_is("then of all at once", (int64_t)s->kernel.passes, 1);
	t_ok("and nothing is taken out", s->kernel.partial);
	t_is("written", ban_db_flush(s->db, loop_boot(s->loop)), 0);
	tear_down(s);

	set_up(s, &ops);
	load(s);
	t_is("he is not in the database either", n_bans(s), 2);
	tear_down(s);
	db_dir_clear(&s->dir, "");
}

/* A database that cannot be read: what is in the kernel may be its bans. */
static void test_incomplete(struct stage *s)
{
	set_up(s, &ops);
	t_is("begun without them", bans_begin(s->bans, false), 0);
	s->kernel.passes = 0;
	t_is("nothing is compared", bans_resync(s->bans), 0);
	t_ok("not in parts either", bans_resync_step(s->bans));
	t_is("really", (int64_t)s->kernel.passes, 0);
	t_is("they are there", bans_begin(s->bans, true), 0);
	s->kernel.passes = 0;
	t_is("all is compared", bans_resync(s->bans), 0);
	t_ok("in parts, too", bans_resync_step(s->bans));
	t_is("really", (int64_t)s->kernel.passes, 2);
	t_ok("and what is too much taken out", !s->kernel.partial);
	tear_down(s);
}

/* ---- what the kernel says --------------------------------------------------------------- */

static void test_counts(struct stage *s)
{
	const struct bans_stats *st;

	set_up(s, &ops);
	st = bans_stats(s->bans);
	t_is("begun", bans_begin(s->bans, true), 0);
	s->kernel.finds = (struct enforce_repairs){ .missing = 1, .changed = 10, .foreign = 100 };
	t_is("a first comparison", bans_resync(s->bans), 0);
	t_is("repaired", (int64_t)st->repaired, 11);
	t_is("what the last run left is not another's", (int64_t)st->foreign, 0);
	s->kernel.parts = 2;
	t_ok("a part", !bans_resync_step(s->bans));
	t_ok("another", !bans_resync_step(s->bans));
	t_is("nothing is counted before the end", (int64_t)st->repaired, 11);
	t_ok("the last", bans_resync_step(s->bans));
	t_is("all parts together", (int64_t)st->repaired, 11 + 33);
	t_is("what is not ours", (int64_t)st->foreign, 300);
	t_ok("one more in one part", bans_resync_step(s->bans));
	t_is("counts by itself", (int64_t)st->foreign, 400);
	s->kernel.err = -EIO;
	t_is("an error is given", ban(s, 1, 600, 5), -EIO);
	t_is("counted", (int64_t)st->backend_errors, 1);
	t_is("and remembered", st->last_error, -EIO);
	t_is("but the ban stands", n_bans(s), 1);
	t_is("who is known already", ban(s, 1, 600, 0), BAN_SAME);
	s->kernel.err = 0;
	t_is("it works again", ban(s, 2, 600, 5), BAN_NEW);
	t_is("is said", st->last_error, 0);
	tear_down(s);
}

static void test_many(struct stage *s)
{
	set_up(s, &ops);
	t_is("begun", bans_begin(s->bans, true), 0);
	bans_begin_many(s->bans);
	s->kernel.err = -ENOSPC;
	for (int round = 0; round < 3; round++)
		for (int i = 0; i < 90; i++)
			ban(s, (uint8_t)i, 600 + round * 600, 0);
	t_is("a batch that was full", (int64_t)s->kernel.told, PENDING);
	s->kernel.err = 0;
	t_is("its error comes at the end", bans_end_many(s->bans), -ENOSPC);
	t_is("all were told", (int64_t)s->kernel.told, 270);
	bans_begin_many(s->bans);
	t_is("and is gone the next time", bans_end_many(s->bans), 0);
	tear_down(s);
}

/* ---- the end of a ban --------------------------------------------------------------------- */

static void on_time(void *ctx)
{
	loop_stop(ctx);
}

static void wait_for_end(struct stage *s)
{
	struct loop_timer t = { .fn = on_time, .ctx = s->loop };
	boot_t late = { boot_now().ns + 60 * NS_PER_S };

	while (n_bans(s) && boot_now().ns < late.ns) {
		loop_timer_in(s->loop, &t, NS_PER_S / 100);
		loop_run(s->loop);
	}
	t_is("it ends", n_bans(s), 0);
}

static void test_end(struct stage *s)
{
	static const struct enforcer_ops *const kernels[] = { &ops, &forgetting };

	for (size_t i = 0; i < ARRAY_SIZE(kernels); i++) {
		set_up(s, kernels[i]);
		t_is("begun", bans_begin(s->bans, true), 0);
		t_is("for a moment", ban(s, 1, 1, 5), BAN_NEW);
		wait_for_end(s);
		t_is(i ? "one that forgets is told" : "one that lets go by itself is not",
		     (int64_t)s->kernel.told, i ? 2 : 1);
		t_is("of no end, if at all", s->kernel.last.n, i ? 0 : 1);
		tear_down(s);
	}
}

static void test_lift(struct stage *s)
{
	struct ipaddr one = addr(1), net = addr(0), unknown = addr(77);

	net.prefix = 24;
	set_up(s, &ops);
	t_is("begun", bans_begin(s->bans, true), 0);
	t_is("for ever", ban(s, 1, -1, 5), BAN_NEW);
	t_is("a past", bans_past(s->bans, "sshd", &one).bans, 1);
	s->kernel.told = 0;
	t_is("pardoned", (int64_t)bans_lift(s->bans, &one, "sshd"), 1);
	t_ok("the kernel knows", s->kernel.told && !s->kernel.last.n);
	t_is("his past is forgotten", bans_past(s->bans, "sshd", &one).bans, 0);
	s->kernel.told = 0;
	t_is("nobody is banned here", (int64_t)bans_lift(s->bans, &unknown, NULL), 0);
	t_is("but he may be there", (int64_t)s->kernel.told, 1);
	t_is("of no end", s->kernel.last.n, 0);
	t_is("again", ban(s, 1, 600, 5), BAN_NEW);
	t_is("and another", ban(s, 2, 600, 5), BAN_NEW);
	t_is("all of a network", (int64_t)bans_lift(s->bans, &net, "sshd"), 2);
	t_is("with their past", bans_past(s->bans, "sshd", &one).bans, 0);
	tear_down(s);
}

/* Whoever is banned for ever and goes on is banned once, however late he is read of. */
static void test_for_ever(struct stage *s)
{
	struct ipaddr one = addr(1);
	struct ban_wish w = { .who = one, .jail = "sshd", .failures = 5,
			      .bantime_us = BANTIME_FOREVER };

	set_up(s, &ops);
	t_is("begun", bans_begin(s->bans, true), 0);
	w.since.us = loop_wall(s->loop).us - 3600 * US_PER_S;
	t_is("for ever", bans_add(s->bans, &w, NULL), BAN_NEW);
	ban_store_del(bans_store(s->bans), &one, "sshd");
	w.since.us += 60 * US_PER_S;
	t_is("goes on", bans_add(s->bans, &w, NULL), BAN_NEW);
	t_is("in the same ban", bans_past(s->bans, "sshd", &one).bans, 1);
	tear_down(s);
}

/* ---- what a jail shuts ----------------------------------------------------------------------- */

static const uint8_t tcp[] = { 6 }, udp[] = { 17 };
static const struct config_ports port_22[] = { { 22, 22 } }, port_80[] = { { 80, 80 } };

static const struct config_action
	ssh = { .native = true, .scope = { port_22, 1, tcp, 1 } },
	all_udp = { .native = true, .scope = { NULL, 0, udp, 1 } },
	web = { .native = true, .scope = { port_80, 1, NULL, 0 } },
	mail = { .native = false };

static void check_scope(const char *what, const struct config_action *a,
			const struct config_action *b, const char *want)
{
	struct config_action actions[] = { *a, *b };
	struct config_jail jail = { .actions = actions, .n_actions = 2 };
	struct enforce_scope scope;
	struct str text = { 0 };
	int ret = bans_scope_of(&jail, &scope);

	if (ret == 1)
		enforce_scope_format(&scope, &text);
	t_str(what, ret == 1 ? text.s : ret ? strerror(-ret) : "all", want);
	str_fini(&text);
}

static void test_scopes(struct stage *s)
{
	check_scope("one action", &ssh, &mail, "tcp/22");
	check_scope("the same twice", &ssh, &ssh, "tcp/22");
	check_scope("all ports of one are those of both", &ssh, &all_udp, "tcp+udp");
	check_scope("and all protocols", &ssh, &web, "all/22,80");
	check_scope("both: everything", &all_udp, &web, "all");
	set_up(s, &ops);
	t_is("a scope that is not to be had is everything",
	     bans_scope_number(s->bans, "tcp/22"), ENFORCE_SCOPE_ALL);
	tear_down(s);
	check_scope("no firewall", &mail, &mail, strerror(ENOENT));
}

int main(void)
{
	static struct stage s;

	if (!db_dir_make(&s.dir))
		return 1;
	log_open("/dev/null", LOG_LEVEL_ERROR);
	test_restore(&s);
	test_incomplete(&s);
	test_counts(&s);
	test_many(&s);
	test_end(&s);
	test_lift(&s);
	test_for_ever(&s);
	test_scopes(&s);
	db_dir_clear(&s.dir, "");
	rmdir(s.dir.dir);
	return t_done();
}
