// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Bans that were over before anybody read of them, and whoever went on meanwhile:
 * each counts once, as if we had been there all the time.
 */
#include "keeping/bans.h"

#include "../t.h"
#include "base/log.h"
#include "base/loop.h"
#include "bystanders.h"

static const struct enforcer_ops ops = {
	.name = "none", .add = take_all, .resync_step = find_nothing_wrong,
};

static void count_one(void *ctx, const struct ban *ban)
{
	(void)ban;
	++*(int *)ctx;
}

/* Seconds before now that a ban began, and its length. */
static const struct {
	const char *name, *who;
	int ago, length;
	uint32_t failures;
	int ret;
	uint32_t bans;			/* on record after it */
	int told;			/* how often somebody was told of it */
} cases[] = {
	{ "over before it was read", "192.0.2.1", 1000, 10, 5, -ETIME, 1, 1 },
	{ "he went on: the same ban", "192.0.2.1", 1000, 20, 5, -ETIME, 1, 0 },
	{ "to its end", "192.0.2.1", 991, 20, 5, -ETIME, 1, 0 },
	{ "and after that, another one", "192.0.2.1", 990, 20, 5, -ETIME, 2, 1 },
	{ "going on in that, for long", "192.0.2.1", 980, 5000, 5, BAN_NEW, 2, 0 },
	{ "which is in force", "192.0.2.1", 970, 5500, 5, BAN_PROLONGED, 2, 0 },
	{ "he may come at once", "192.0.2.2", 1000, 10, 5, -ETIME, 1, 1 },
	{ "and is banned", "192.0.2.2", 5, 20, 5, BAN_NEW, 2, 1 },
	{ "what came before it is another one", "192.0.2.2", 2000, 3000, 5, BAN_PROLONGED, 2, 0 },
	{ "by hand and over", "192.0.2.3", 1000, 10, 0, -ETIME, 0, 0 },
	{ "for failures", "192.0.2.3", 1000, 10, 5, -ETIME, 1, 1 },
	{ "a ban by hand is always one of its own", "192.0.2.3", 999, 5000, 0, BAN_NEW, 2, 1 },
	{ "a line that came late", "192.0.2.4", 1000, 10, 5, -ETIME, 1, 1 },
	{ "is before the ban, not in it", "192.0.2.4", 1001, 10, 5, -ETIME, 2, 1 },
};

static struct ban_wish wish_of(size_t i, wall_t now)
{
	struct ban_wish w = {
		.jail = "sshd", .since = { now.us - cases[i].ago * US_PER_S },
		.bantime_us = cases[i].length * US_PER_S, .failures = cases[i].failures,
	};

	ipaddr_parse(cases[i].who, strlen(cases[i].who), &w.who);
	return w;
}

int main(void)
{
	struct config_settings settings = { .max_bans = 100 };
	struct ban_db_params none = { .path = "None" };
	struct enforcer enforcer = { &ops };
	int told = 0;
	struct bans_params p = { .settings = &settings, .enforcer = &enforcer,
				 .spares = spares_nobody, .banned = count_one, .ctx = &told };
	struct loop *loop = p.loop = loop_new();
	struct ban_db *db;
	struct bans *bans;

	log_plain(LOG_LEVEL_WARNING);
	if (!loop || ban_db_open(&db, &none))
		return 1;
	p.db = db;
	if (bans_new(&bans, &p) || bans_begin(bans, true))
		return 1;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct ban_wish w = wish_of(i, loop_wall(loop));

		told = 0;
		t_is(cases[i].name, bans_add(bans, &w, NULL), cases[i].ret);
		t_is(cases[i].name, bans_past(bans, "sshd", &w.who).bans, cases[i].bans);
		t_is(cases[i].name, told, cases[i].told);
	}
	bans_free(bans);
	ban_db_close(db);
	loop_free(loop);
	return t_done();
}
