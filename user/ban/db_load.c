// SPDX-License-Identifier: GPL-2.0-or-later
/* What is read back from the file: at the start, and when somebody asks why. */
#include <errno.h>
#include <sqlite3.h>

#include "db_file.h"

struct load {
	struct db_file *f;
	const struct ban_db_reader *r;
	uint64_t boot;
	boot_t boot_now;
	wall_t wall_now;
	struct db_batch *cleanup;
	int stopped;
};

static const char *text_at(sqlite3_stmt *stmt, int i)
{
	return (const char *)sqlite3_column_text(stmt, i);
}

/*
 * Whoever edits the file may write any number.  Between times of 146,000 years around
 * 1970 every difference is one, too; what is later is never, what is earlier is then.
 */
static wall_t wall_at(sqlite3_stmt *stmt, int i)
{
	int64_t us = sqlite3_column_int64(stmt, i);

	if (sqlite3_column_type(stmt, i) == SQLITE_NULL || us > INT64_MAX / 2)
		return WALL_NEVER;
	return (wall_t){ us < INT64_MIN / 2 ? INT64_MIN / 2 : us };
}

/* A row whose address or jail is no such thing was not written by us: skip it. */
static bool who_at(sqlite3_stmt *stmt, struct ipaddr *who)
{
	const char *text = text_at(stmt, 0);

	return text && text_at(stmt, 1) && !ipaddr_parse_net(text, strlen(text), who);
}

/* ---- bans ------------------------------------------------------------------ */

/*
 * The end on this boot's clock.  Of an older boot only the wall clock tells; a
 * machine without a clock of its own may think it is years ago, so a ban never
 * lasts longer than it was long.
 */
static boot_t end_at(const struct load *l, sqlite3_stmt *stmt, wall_t since)
{
	wall_t until = wall_at(stmt, 3), now = l->wall_now;

	if (until.us == WALL_NEVER.us)
		return BOOT_NEVER;
	if ((uint64_t)sqlite3_column_int64(stmt, 4) == l->boot)
		return (boot_t){ (uint64_t)sqlite3_column_int64(stmt, 5) };
	if (now.us < since.us && since.us < until.us)
		now = since;
	return ban_end_boot(until, l->boot_now, now);
}

static int load_ban(struct load *l, sqlite3_stmt *stmt)
{
	struct ban b = {
		.jail = text_at(stmt, 1),
		.since = wall_at(stmt, 2),
		.failures = (uint32_t)sqlite3_column_int64(stmt, 6),
		.earlier = (uint32_t)sqlite3_column_int64(stmt, 7),
		.reason = text_at(stmt, 9),
		.lines = text_at(stmt, 10),
	};

	if (!l->r->ban || !who_at(stmt, &b.who))
		return 0;
	b.until = end_at(l, stmt, b.since);
	if (b.until.ns <= l->boot_now.ns)
		return 0;
	return l->r->ban(l->r->ctx, &b, text_at(stmt, 8));
}

/* The ended ones are deleted by the rule by which they were left out. */
static void clean_bans(struct load *l)
{
	db_batch_begin(l->cleanup, DB_ENDED_BOOT);
	db_batch_int(l->cleanup, (int64_t)l->boot);
	db_batch_int(l->cleanup, (int64_t)l->boot_now.ns);
	db_batch_end(l->cleanup);
	db_batch_begin(l->cleanup, DB_ENDED_WALL);
	db_batch_int(l->cleanup, (int64_t)l->boot);
	db_batch_int(l->cleanup, l->wall_now.us);
	db_batch_end(l->cleanup);
}

/* ---- the rest --------------------------------------------------------------- */

static int load_past(struct load *l, sqlite3_stmt *stmt)
{
	struct ban_past past = {
		.bans = (uint32_t)sqlite3_column_int64(stmt, 2),
		.last = wall_at(stmt, 3),
		.bantime_us = sqlite3_column_int64(stmt, 4),
	};
	struct ipaddr who;

	if (!l->r->past || !who_at(stmt, &who))
		return 0;
	return l->r->past(l->r->ctx, text_at(stmt, 1), &who, &past);
}

static int load_position(struct load *l, sqlite3_stmt *stmt)
{
	struct ban_db_position p = {
		.source = text_at(stmt, 0),
		.dev = (uint64_t)sqlite3_column_int64(stmt, 1),
		.inode = (uint64_t)sqlite3_column_int64(stmt, 2),
		.offset = (uint64_t)sqlite3_column_int64(stmt, 3),
		.hash = (uint64_t)sqlite3_column_int64(stmt, 4),
		.hash_len = (uint32_t)sqlite3_column_int64(stmt, 5),
		.cursor = text_at(stmt, 6),
	};

	return l->r->position && p.source ? l->r->position(l->r->ctx, &p) : 0;
}

static int load_state(struct load *l, sqlite3_stmt *stmt)
{
	const char *owner = text_at(stmt, 0);
	const void *key = sqlite3_column_blob(stmt, 1), *value = sqlite3_column_blob(stmt, 2);
	size_t key_len = (size_t)sqlite3_column_bytes(stmt, 1);
	int ret;

	if (!l->r->state || !owner)
		return 0;
	/* An empty blob comes as NULL, which would mean "deleted". */
	ret = l->r->state(l->r->ctx, owner, key ? key : "", key_len, value ? value : "",
			  (size_t)sqlite3_column_bytes(stmt, 2));
	if (ret <= 0)
		return ret;
	db_batch_begin(l->cleanup, DB_DEL_STATE);
	db_batch_text(l->cleanup, owner);
	db_batch_blob(l->cleanup, key, key_len);
	db_batch_end(l->cleanup);
	return 0;
}

/* ---- rows -------------------------------------------------------------------- */

static enum db_result each_row(struct load *l, const char *query,
			       int (*row)(struct load *l, sqlite3_stmt *stmt))
{
	enum db_result r = DB_OK;
	sqlite3_stmt *stmt = NULL;
	int code;

	if (sqlite3_prepare_v2(l->f->db, query, -1, &stmt, NULL) != SQLITE_OK)
		return db_file_failed(l->f, "read");
	while ((code = sqlite3_step(stmt)) == SQLITE_ROW && !l->stopped)
		l->stopped = row(l, stmt);
	if (code != SQLITE_ROW && code != SQLITE_DONE)
		r = db_file_failed(l->f, "read");
	sqlite3_finalize(stmt);
	return r;
}

/* One moment for all tables; of a corrupt file, whatever can be read. */
enum db_result db_file_load(struct db_file *f, const struct ban_db_reader *reader, uint64_t boot,
			    boot_t boot_now, wall_t wall_now, struct db_batch *cleanup,
			    int *stopped)
{
	static const struct {
		const char *query;
		int (*row)(struct load *l, sqlite3_stmt *stmt);
	} tables[] = {
		{ "SELECT * FROM bans", load_ban },
		{ "SELECT * FROM offenders ORDER BY last", load_past },
		{ "SELECT * FROM positions", load_position },
		{ "SELECT * FROM state", load_state },
	};
	struct load l = { f, reader, boot, boot_now, wall_now, cleanup, 0 };
	enum db_result r, worst = DB_OK;

	if (sqlite3_exec(f->db, "BEGIN", NULL, NULL, NULL) != SQLITE_OK)
		return db_file_failed(f, "read");
	for (size_t i = 0; i < ARRAY_SIZE(tables) && !l.stopped; i++) {
		r = each_row(&l, tables[i].query, tables[i].row);
		if (r > worst)
			worst = r;
		if (r && r != DB_CORRUPT)
			break;
		if (!i && reader->bans_end && !l.stopped)
			l.stopped = reader->bans_end(reader->ctx);
	}
	sqlite3_exec(f->db, "COMMIT", NULL, NULL, NULL);
	clean_bans(&l);
	*stopped = l.stopped;
	return worst;
}

/* ---- events -------------------------------------------------------------------- */

static enum db_result find_events(struct db_file *f, sqlite3_stmt *stmt, const struct ipaddr *who,
				  ban_db_event_fn *fn, void *ctx)
{
	int code;

	while ((code = sqlite3_step(stmt)) == SQLITE_ROW) {
		struct ban b = {
			.who = *who,
			.jail = text_at(stmt, 1),
			.since = wall_at(stmt, 2),
			.failures = (uint32_t)sqlite3_column_int64(stmt, 4),
			.earlier = (uint32_t)sqlite3_column_int64(stmt, 5),
			.reason = text_at(stmt, 6),
			.lines = text_at(stmt, 7),
		};

		if (b.jail)
			fn(ctx, &b, wall_at(stmt, 3));
	}
	return code == SQLITE_DONE ? DB_OK : db_file_failed(f, "read");
}

enum db_result db_file_events(const char *path, const struct ipaddr *who, size_t max,
			      ban_db_event_fn *fn, void *ctx)
{
	static const char query[] =
		"SELECT who,jail,since,until,failures,earlier,reason,lines"
		" FROM events WHERE who=? ORDER BY id DESC LIMIT ?";
	struct db_file own = { .path = path };
	sqlite3_stmt *stmt = NULL;
	char text[IPADDR_TEXT];
	enum db_result r;

	ipaddr_format(who, text);
	if (sqlite3_open_v2(path, &own.db, SQLITE_OPEN_READONLY | SQLITE_OPEN_NOMUTEX, NULL) ||
	    sqlite3_prepare_v2(own.db, query, -1, &stmt, NULL) ||
	    sqlite3_bind_text(stmt, 1, text, -1, SQLITE_STATIC) ||
	    sqlite3_bind_int64(stmt, 2, (int64_t)max))
		r = db_file_failed(&own, "read");
	else
		r = find_events(&own, stmt, who, fn, ctx);
	sqlite3_finalize(stmt);
	sqlite3_close(own.db);
	return r;
}
