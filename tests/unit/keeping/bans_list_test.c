// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * While the parts of a list keep coming, the kernel's copy is not compared, however
 * much it wants to be; afterwards it is, and one list without end does not put it
 * off for ever.  The clock is ours, and far behind the machine's: it goes on whenever
 * somebody looks at it, and the loop's timers never have to wait.
 */
#include "keeping/bans.h"

#include "../ban/db_dir.h"
#include "../t.h"
#include "base/log.h"
#include "base/loop.h"
#include "bystanders.h"

#define MS		(NS_PER_S / 1000)

/* Later than the longest list: the first one has not gone on since the beginning. */
static boot_t the_time = { 10 * NS_PER_S };

/* Instead of those of base/clock.c. */
boot_t boot_now(void)
{
	the_time.ns += MS;
	return the_time;
}

wall_t wall_now(void)
{
	return (wall_t){ 1700000000 * US_PER_S + (int64_t)(the_time.ns / 1000) };
}

/* ---- a kernel that always would like to be compared ---------------------------- */

static size_t steps;			/* of comparisons */

static int compare(struct enforcer *e, const struct enforce_truth *truth, boot_t now,
		   struct enforce_repairs *out)
{
	(void)e, (void)truth, (void)now, (void)out;
	steps++;
	return 0;
}

static bool wants(const struct enforcer *e)
{
	(void)e;
	return true;
}

static const struct enforcer_ops ops = {
	.name = "none", .add = take_all, .resync_step = compare, .wants_resync = wants,
};

/* ---- lists ---------------------------------------------------------------------- */

struct stage {
	struct enforcer enforcer;
	struct loop *loop;
	struct ban_db *db;
	struct bans *bans;
	struct loop_timer turn;
	int turns, parts;		/* to come */
	int of;				/* parts of this list */
	size_t when_last_came;		/* steps until then */
	uint32_t next;
};

static void part_comes(struct stage *s)
{
	if (s->parts == s->of)
		steps = 0;
	bans_begin_many(s->bans);
	for (int i = 0; i < 3; i++, s->next++) {
		struct ban_wish w = {
			.who = { .bytes = { 10, (uint8_t)(s->next >> 16),
					    (uint8_t)(s->next >> 8), (uint8_t)s->next },
				 .family = 4, .prefix = 32 },
			.jail = "manual", .since = loop_wall(s->loop),
			.bantime_us = 86400 * US_PER_S,
		};

		bans_add(s->bans, &w, NULL);
	}
	bans_end_many(s->bans);
	s->parts--;
	s->when_last_came = steps;
}

static void on_turn(void *ctx)
{
	struct stage *s = ctx;

	if (s->parts)
		part_comes(s);
	if (!s->turns--)
		loop_stop(s->loop);
	else
		loop_timer_in(s->loop, &s->turn, 10 * MS);
}

/* A part in each of @parts turns; gives how many steps there were until the last. */
static size_t run_list(struct stage *s, int parts)
{
	s->parts = s->of = parts;
	s->turns = parts + 100;
	s->turn = (struct loop_timer){ .fn = on_turn, .ctx = s };
	loop_timer_in(s->loop, &s->turn, 0);
	t_is("the loop", loop_run(s->loop), 0);
	return s->when_last_came;
}

static bool raise_stage(struct stage *s, const struct db_dir *dir)
{
	struct config_settings settings = { .max_bans = 100000 };
	struct ban_db_params db = { .path = dir->file, .max_history = 1000,
				    .max_queue = 64 << 20 };
	struct bans_params bans = { .settings = &settings, .enforcer = &s->enforcer,
				    .spares = spares_nobody, .banned = banned };

	*s = (struct stage){ .enforcer.ops = &ops };
	s->loop = bans.loop = loop_new();
	if (!s->loop || ban_db_open(&s->db, &db))
		return false;
	bans.db = s->db;
	return !bans_new(&s->bans, &bans) && !bans_begin(s->bans, true);
}

int main(void)
{
	struct db_dir dir;
	struct stage s;

	if (!db_dir_make(&dir))
		return 1;
	log_plain(LOG_LEVEL_WARNING);
	t_ok("a daemon without jails", raise_stage(&s, &dir));
	t_is("while a list comes", (int64_t)run_list(&s, 100), 0);
	t_ok("when it has come", steps > 0);
	t_is("while the next one comes", (int64_t)run_list(&s, 100), 0);
	t_ok("when that has come", steps > 0);
	t_ok("while one comes that does not end", run_list(&s, 800) > 0);
	t_is("all are banned", (int64_t)ban_store_stats(bans_store(s.bans)).bans, 3 * 1000);
	bans_free(s.bans);
	ban_db_close(s.db);
	loop_free(s.loop);
	db_dir_clear(&dir, "");
	rmdir(dir.dir);
	return t_done();
}
