// SPDX-License-Identifier: GPL-2.0-or-later
#include "offline/takeover.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "ban/ban_db.h"
#include "ban/ban_import.h"
#include "base/str.h"
#include "config/import.h"
#include "keeping/bans.h"

struct run {
	const struct takeover_options *o;
	struct takeover *out;
	const struct config *config;
	struct ban_db *db;
	boot_t boot;
	wall_t wall;
};

static void say(struct run *r, enum takeover_kind kind, const char *path, const char *text)
{
	r->o->say(r->o->ctx, kind, path, text);
}

static void say_error(struct run *r, const char *path, const char *what, int err)
{
	char text[256];

	snprintf(text, sizeof(text), "%s: %s", what, strerror(-err));
	say(r, TAKEOVER_FAILED, path, text);
}

/* What the configuration room says, in our words. */
static void pass_on(void *ctx, enum import_event event, const char *path, const char *text)
{
	static const enum takeover_kind kinds[] = {
		[IMPORT_COPIED] = TAKEOVER_COPIED, [IMPORT_REPLACED] = TAKEOVER_REPLACED,
		[IMPORT_KEPT] = TAKEOVER_KEPT, [IMPORT_FAILED] = TAKEOVER_FAILED,
		[IMPORT_NOTE] = TAKEOVER_NOTE,
	};

	say(ctx, kinds[event], path, text);
}

/* ---- bans ------------------------------------------------------------------------- */

static boot_t end_of(const struct run *r, const struct ban_import *b)
{
	int64_t left = b->since.us + b->bantime_us - r->wall.us;

	if (b->bantime_us < 0)
		return BOOT_NEVER;
	return (boot_t){ left <= 0 ? 0 : r->boot.ns + (uint64_t)left * 1000 };
}

static int put_ban(struct run *r, const struct ban_import *b, const struct config_jail *jail)
{
	struct ban ban = {
		.who = b->who, .jail = b->jail, .since = b->since, .failures = 1,
		.until = end_of(r, b), .earlier = b->count - 1,
		.reason = "taken over from Fail2ban",
	};
	struct enforce_scope scope;
	struct str text = { 0 };
	int some = bans_scope_of(jail, &scope);

	if (some == -ENOENT)
		return 0;		/* the jail only reports */
	if (some > 0)
		enforce_scope_format(&scope, &text);
	if (text.failed) {
		str_fini(&text);
		return -ENOMEM;
	}
	ban_db_put_ban(r->db, &ban, text.s, r->boot, r->wall);
	str_fini(&text);
	r->out->bans++;
	return 0;
}

/* Its past counts for longer bans, also when the ban itself is over. */
static int take_ban(void *ctx, const struct ban_import *b)
{
	struct run *r = ctx;
	const struct config_jail *jail = config_find_jail(r->config, b->jail);
	const struct ban_past past = { b->count, b->since, b->bantime_us };

	if (!jail || !jail->enabled || jail->broken) {
		r->out->homeless++;
		return 0;
	}
	ban_db_put_past(r->db, b->jail, &b->who, &past);
	if (end_of(r, b).ns)
		return put_ban(r, b, jail);
	r->out->ended++;
	return 0;
}

static int open_database(struct run *r)
{
	const struct config_settings *s = &r->config->settings;
	const struct ban_db_reader nobody = { 0 };
	char path[PATH_MAX];
	struct ban_db_params p = {
		.path = s->dbfile.s ? s->dbfile.s : path,
		.purge_age_us = (int64_t)(s->dbpurgeage * 1e6),
		.max_history = (size_t)s->max_bans * 4,
	};
	int err;

	snprintf(path, sizeof(path), "%s/xdpban.sqlite3", r->o->state);
	if (mkdir(r->o->state, 0750) && errno != EEXIST)
		return -errno;
	err = ban_db_open(&r->db, &p);
	return err ? err : ban_db_load(r->db, &nobody, r->boot, r->wall);
}

static int store_bans(struct run *r, const char *path)
{
	struct ban_import_stats stats = { 0 };
	struct ban_db_state state;
	int err = open_database(r);

	if (!err) {
		err = ban_import_fail2ban(path, take_ban, r, &stats);
		r->out->bad = stats.bad;
		if (err)
			say_error(r, path, "the bans cannot be read", err);
		else
			err = ban_db_flush(r->db, r->boot);
	}
	state = r->db ? ban_db_state(r->db) : (struct ban_db_state){ 0 };
	if (!err && state.health != BAN_DB_OK) {
		say(r, TAKEOVER_FAILED, NULL, state.text);
		err = -EIO;
	}
	ban_db_close(r->db);
	return err;
}

static int take_bans(struct run *r)
{
	char *path = import_dbfile(r->o->from);
	int err = 0;

	if (!path) {
		say(r, TAKEOVER_NOTE, NULL, "Fail2ban keeps no database, so there are no "
		    "bans to take over");
		return 0;
	}
	if (access(path, F_OK))
		say(r, TAKEOVER_NOTE, NULL, "Fail2ban's database is not there, so there "
		    "are no bans to take over");
	else
		err = store_bans(r, path);
	free(path);
	return err;
}

/* ---- all of it ------------------------------------------------------------------------ */

/* Any directory could be copied; only Fail2ban's has jails. */
static bool is_fail2ban(const char *dir)
{
	char path[PATH_MAX];

	snprintf(path, sizeof(path), "%s/jail.conf", dir);
	if (!access(path, R_OK))
		return true;
	snprintf(path, sizeof(path), "%s/jail.local", dir);
	return !access(path, R_OK);
}

int takeover_run(const struct takeover_options *o, struct takeover *out)
{
	struct run r = { .o = o, .out = out, .boot = boot_now(), .wall = wall_now() };
	const struct import_options files = { o->from, o->config, pass_on, &r };
	const struct config_options options = { .dir = o->config };
	struct config *c;
	int err, bans, mended;

	*out = (struct takeover){ 0 };
	if (!is_fail2ban(o->from)) {
		say(&r, TAKEOVER_FAILED, NULL,
		    "there is no jail.conf or jail.local in that directory");
		return -ENOENT;
	}
	err = import_files(&files);
	c = config_load(&options, NULL);
	mended = c ? import_mend(c, pass_on, &r) : 0;
	if (mended > 0) {
		config_free(c);
		c = config_load(&options, NULL);
	}
	if (!err && mended < 0)
		err = mended;
	if (!c)
		return err ? err : -EINVAL;
	r.config = c;
	import_notes(c, pass_on, &r);
	bans = take_bans(&r);
	config_free(c);
	return err ? err : bans;
}
