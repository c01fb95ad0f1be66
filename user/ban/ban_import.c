// SPDX-License-Identifier: GPL-2.0-or-later
#include "ban_import.h"

#include <errno.h>
#include <sqlite3.h>
#include <unistd.h>

/*
 * Newer databases have `bips`, the current state, one row for each address and
 * jail; older ones only `bans`, one row for each ban, of which the last counts.
 */
static const char bips[] =
	"SELECT jail, ip, timeofban, bantime, bancount FROM bips";
static const char bans[] =
	"SELECT jail, ip, max(timeofban), bantime, bancount FROM bans GROUP BY jail, ip";

static int to_errno(sqlite3 *db)
{
	switch (sqlite3_errcode(db)) {
	case SQLITE_NOTADB: case SQLITE_ERROR: case SQLITE_CORRUPT:
		return -EINVAL;
	case SQLITE_NOMEM:
		return -ENOMEM;
	default:
		return -EIO;
	}
}

/* Fail2ban writes whole seconds, but the type of a column binds nobody. */
static bool seconds_at(sqlite3_stmt *stmt, int i, int64_t *us)
{
	double s = sqlite3_column_double(stmt, i);

	if (!(s > -1e12 && s < 1e12))
		return false;
	*us = (int64_t)(s * US_PER_S);
	return true;
}

static bool get_row(sqlite3_stmt *stmt, struct ban_import *b)
{
	const char *jail = (const char *)sqlite3_column_text(stmt, 0);
	const char *ip = (const char *)sqlite3_column_text(stmt, 1);
	int64_t count = sqlite3_column_int64(stmt, 4);

	if (!jail || !*jail || !ip || ipaddr_parse_net(ip, strlen(ip), &b->who))
		return false;
	b->jail = jail;
	b->count = count > 0 && count <= UINT32_MAX ? (uint32_t)count : 1;
	/* -2 is what an upgrade from a version without ban times left behind. */
	return seconds_at(stmt, 2, &b->since.us) && seconds_at(stmt, 3, &b->bantime_us) &&
	       b->bantime_us != -2 * US_PER_S;
}

static int read_rows(sqlite3 *db, sqlite3_stmt *stmt, ban_import_fn *fn, void *ctx,
		     struct ban_import_stats *stats)
{
	int code, err = 0;

	while (!err && (code = sqlite3_step(stmt)) == SQLITE_ROW) {
		struct ban_import b;

		if (!get_row(stmt, &b)) {
			stats->bad++;
			continue;
		}
		stats->read++;
		err = fn(ctx, &b);
	}
	return err ? err : code == SQLITE_DONE ? 0 : to_errno(db);
}

int ban_import_fail2ban(const char *path, ban_import_fn *fn, void *ctx,
			struct ban_import_stats *stats)
{
	sqlite3_stmt *stmt = NULL;
	sqlite3 *db = NULL;
	int err;

	*stats = (struct ban_import_stats){ 0 };
	if (access(path, R_OK))
		return -errno;
	if (sqlite3_open_v2(path, &db, SQLITE_OPEN_READONLY, NULL) == SQLITE_OK)
		sqlite3_busy_timeout(db, 5000);
	if (sqlite3_prepare_v2(db, bips, -1, &stmt, NULL) == SQLITE_OK ||
	    sqlite3_prepare_v2(db, bans, -1, &stmt, NULL) == SQLITE_OK)
		err = read_rows(db, stmt, fn, ctx, stats);
	else
		err = to_errno(db);
	sqlite3_finalize(stmt);
	sqlite3_close(db);
	return err;
}
