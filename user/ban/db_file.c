// SPDX-License-Identifier: GPL-2.0-or-later
#include "db_file.h"

#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <limits.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "db_order.h"

enum {
	SCHEMA		= 1,
	APPLICATION	= 0x78647062,	/* "xdpb" in the file's header */
	VACUUM_PAGES	= 4096,		/* given back after each purge, at most */
	MAX_ASIDE	= 9,		/* corrupt files kept */
};

/*
 * Times are microseconds since 1970, NULL is "never".  Addresses are text, so
 * that an operator can read the file with any tool.
 */
static const char schema[] =
	/* until_boot: the same end on the clock of the boot with that number */
	"CREATE TABLE bans(who TEXT NOT NULL, jail TEXT NOT NULL, since INTEGER NOT NULL,"
	" until INTEGER, boot INTEGER NOT NULL, until_boot INTEGER NOT NULL,"
	" failures INTEGER NOT NULL, earlier INTEGER NOT NULL, scope TEXT, reason TEXT,"
	" lines TEXT, PRIMARY KEY(who, jail)) WITHOUT ROWID;"
	"CREATE TABLE offenders(who TEXT NOT NULL, jail TEXT NOT NULL, bans INTEGER NOT NULL,"
	" last INTEGER NOT NULL, bantime INTEGER NOT NULL,"
	" PRIMARY KEY(who, jail)) WITHOUT ROWID;"
	"CREATE TABLE events(id INTEGER PRIMARY KEY, who TEXT NOT NULL, jail TEXT NOT NULL,"
	" since INTEGER NOT NULL, until INTEGER, failures INTEGER NOT NULL,"
	" earlier INTEGER NOT NULL, reason TEXT, lines TEXT);"
	"CREATE INDEX events_who ON events(who);"
	"CREATE TABLE positions(source TEXT PRIMARY KEY, dev INTEGER NOT NULL,"
	" inode INTEGER NOT NULL, offset INTEGER NOT NULL, hash INTEGER NOT NULL,"
	" hash_len INTEGER NOT NULL, cursor TEXT) WITHOUT ROWID;"
	"CREATE TABLE state(owner TEXT NOT NULL, key BLOB NOT NULL, value BLOB NOT NULL,"
	" PRIMARY KEY(owner, key)) WITHOUT ROWID;";

/*
 * A new ban is three rows that have most in common; DB_BANNED has their values
 * once: who, jail, since, until, failures, earlier, reason, lines (an event has
 * no more), scope, boot, until_boot (nor has a ban), bans so far, length.
 * Events come about in the order of their times, so the oldest have the lowest
 * numbers; one that came late stays a little longer.
 */
static const char *const sql[DB_OPS] = {
	[DB_PUT_BAN]	  = "INSERT OR REPLACE INTO bans"
			    " VALUES(?1,?2,?3,?4,?10,?11,?5,?6,?9,?7,?8)",
	[DB_DEL_BAN]	  = "DELETE FROM bans WHERE who=? AND jail=?",
	[DB_ENDED_BOOT]	  = "DELETE FROM bans WHERE boot=? AND until_boot<=?",
	[DB_ENDED_WALL]	  = "DELETE FROM bans WHERE boot<>? AND until<=?",
	[DB_PUT_PAST]	  = "INSERT OR REPLACE INTO offenders VALUES(?,?,?,?,?)",
	[DB_DEL_PAST]	  = "DELETE FROM offenders WHERE who=? AND jail=?",
	[DB_PUT_EVENT]	  = "INSERT INTO events VALUES(NULL,?1,?2,?3,?4,?5,?6,?7,?8)",
	[DB_PURGE_AGE]	  = "DELETE FROM events WHERE id<ifnull((SELECT id FROM events"
			    " WHERE since>=? ORDER BY id LIMIT 1), 9223372036854775807)",
	[DB_PURGE_COUNT]  = "DELETE FROM events WHERE id<=(SELECT max(id) FROM events)-?",
	[DB_PUT_POSITION] = "INSERT OR REPLACE INTO positions VALUES(?,?,?,?,?,?,?)",
	[DB_DEL_POSITION] = "DELETE FROM positions WHERE source=?",
	[DB_PUT_STATE]	  = "INSERT OR REPLACE INTO state VALUES(?,?,?)",
	[DB_DEL_STATE]	  = "DELETE FROM state WHERE owner=? AND key=?",
	[DB_DROP_STATE]	  = "DELETE FROM state WHERE owner=?",
};

static const char clear[] =
	"DELETE FROM bans; DELETE FROM offenders; DELETE FROM positions; DELETE FROM state;";

/* Why the file cannot be written, or made; 0: it can. */
static int unwritable(const char *path)
{
	char dir[PATH_MAX];
	int err = access(path, W_OK) ? errno : 0;

	if (err != ENOENT)
		return err;
	snprintf(dir, sizeof(dir), "%s", path);
	return access(dirname(dir), W_OK) ? errno : 0;
}

/* "unable to open database file" leaves out what the system said; 0: nothing. */
static int system_error(const struct db_file *f, int code)
{
	int err = code == SQLITE_CANTOPEN || code == SQLITE_READONLY ?
		  unwritable(f->path) : 0;

	return err || (code != SQLITE_CANTOPEN && code != SQLITE_IOERR) ? err :
	       sqlite3_system_errno(f->db);
}

enum db_result db_file_failed(struct db_file *f, const char *doing)
{
	int code = f->db ? sqlite3_errcode(f->db) & 0xff : SQLITE_NOMEM;
	int err = f->db ? system_error(f, code) : 0;

	snprintf(f->error, sizeof(f->error), "cannot %s %s: %s%s%s%s", doing, f->path,
		 f->db ? sqlite3_errmsg(f->db) : "out of memory", err ? " (" : "",
		 err ? strerror(err) : "", err ? ")" : "");
	if (code == SQLITE_BUSY || code == SQLITE_LOCKED)
		return DB_LOCKED;
	return code == SQLITE_CORRUPT || code == SQLITE_NOTADB ? DB_CORRUPT : DB_FAILED;
}

static enum db_result run(struct db_file *f, const char *text, const char *doing)
{
	if (sqlite3_exec(f->db, text, NULL, NULL, NULL) == SQLITE_OK)
		return DB_OK;
	return db_file_failed(f, doing);
}

/* ---- open ----------------------------------------------------------------- */

static enum db_result get_int(struct db_file *f, const char *query, int64_t *v)
{
	enum db_result r = DB_OK;
	sqlite3_stmt *stmt = NULL;

	if (sqlite3_prepare_v2(f->db, query, -1, &stmt, NULL) != SQLITE_OK ||
	    sqlite3_step(stmt) != SQLITE_ROW)
		r = db_file_failed(f, "read");
	else
		*v = sqlite3_column_int64(stmt, 0);
	sqlite3_finalize(stmt);
	return r;
}

static enum db_result not_ours(struct db_file *f, const char *why)
{
	snprintf(f->error, sizeof(f->error), "%s %s: it is left alone, and nothing is kept",
		 f->path, why);
	return DB_NOT_OURS;
}

static enum db_result check_schema(struct db_file *f)
{
	int64_t application = 0, version = 0, tables = 0;
	enum db_result r;

	r = get_int(f, "PRAGMA application_id", &application);
	if (!r)
		r = get_int(f, "PRAGMA user_version", &version);
	if (!r)
		r = get_int(f, "SELECT count(*) FROM sqlite_master", &tables);
	if (r)
		return r;
	f->fresh = !tables;
	if (tables && application != APPLICATION)
		return not_ours(f, "belongs to another program");
	if (tables && version > SCHEMA)
		return not_ours(f, "was made by a newer version");
	return DB_OK;
}

static enum db_result make_schema(struct db_file *f)
{
	char text[sizeof(schema) + 128];

	snprintf(text, sizeof(text), "BEGIN IMMEDIATE; %s PRAGMA application_id=%d;"
		 " PRAGMA user_version=%d; COMMIT", schema, APPLICATION, SCHEMA);
	return run(f, text, "make tables in");
}

static enum db_result prepare(struct db_file *f)
{
	for (int i = 0; i < DB_OPS; i++)
		if (sqlite3_prepare_v3(f->db, sql[i], -1, SQLITE_PREPARE_PERSISTENT,
				       &f->stmt[i], NULL) != SQLITE_OK)
			return db_file_failed(f, "use");
	return DB_OK;
}

static enum db_result set_up(struct db_file *f)
{
	enum db_result r = check_schema(f);

	/* Before anything is written: the file can shrink after a flood. */
	if (!r && f->fresh)
		r = run(f, "PRAGMA auto_vacuum=INCREMENTAL", "set up");
	/*
	 * Where shared memory is not to be had (network file systems) SQLite
	 * stays with its rollback journal: slower, as safe.
	 */
	if (!r)
		r = run(f, "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL;"
			" PRAGMA cache_size=-8192; PRAGMA journal_size_limit=16777216;"
			" PRAGMA temp_store=MEMORY", "set up");
	if (!r && f->fresh)
		r = make_schema(f);
	return r ? r : prepare(f);
}

/* With SQLite's own mode everybody could read it; its log gets the same mode. */
static void make_private(const char *path)
{
	int fd = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);

	if (fd >= 0)
		close(fd);
}

enum db_result db_file_open(struct db_file *f, int busy_ms)
{
	const int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX;
	enum db_result r;
	struct stat st;

	if (f->db) {
		sqlite3_busy_timeout(f->db, busy_ms);
		return DB_OK;
	}
	make_private(f->path);
	if (sqlite3_open_v2(f->path, &f->db, flags, NULL) == SQLITE_OK) {
		sqlite3_busy_timeout(f->db, busy_ms);
		r = set_up(f);
	} else {
		r = db_file_failed(f, "open");
	}
	if (!r && stat(f->path, &st) == 0) {
		f->dev = st.st_dev;
		f->inode = st.st_ino;
	}
	if (r)
		db_file_close(f);
	return r;
}

/* A path as part of a URI: what has a meaning there is written in hex. */
static void put_uri(struct str *s, const char *path)
{
	str_puts(s, "file:");
	for (; *path; path++)
		if (strchr("?#%", *path))
			str_printf(s, "%%%02x", (unsigned char)*path);
		else
			str_putc(s, *path);
	str_puts(s, "?immutable=1");
}

enum db_result db_file_open_frozen(struct db_file *f)
{
	const int flags = SQLITE_OPEN_READONLY | SQLITE_OPEN_URI | SQLITE_OPEN_NOMUTEX;
	enum db_result r = DB_FAILED;
	struct str uri = { 0 };

	put_uri(&uri, f->path);
	if (!uri.failed)
		r = sqlite3_open_v2(uri.s, &f->db, flags, NULL) == SQLITE_OK ?
		    check_schema(f) : db_file_failed(f, "open");
	str_fini(&uri);
	if (r)
		db_file_close(f);
	return r;
}

void db_file_close(struct db_file *f)
{
	for (int i = 0; i < DB_OPS; i++) {
		sqlite3_finalize(f->stmt[i]);
		f->stmt[i] = NULL;
	}
	sqlite3_close(f->db);
	f->db = NULL;
}

bool db_file_replaced(const struct db_file *f)
{
	struct stat st;

	return f->db && (stat(f->path, &st) || st.st_dev != f->dev || st.st_ino != f->inode);
}

static void rename_with(const char *from, const char *to, const char *suffix)
{
	char a[PATH_MAX], b[PATH_MAX + 32];

	snprintf(a, sizeof(a), "%s%s", from, suffix);
	snprintf(b, sizeof(b), "%s%s", to, suffix);
	if (rename(a, b))
		unlink(a);
}

void db_file_set_aside(struct db_file *f)
{
	char to[PATH_MAX + 16], why[sizeof(f->error)];
	int n = 0;

	db_file_close(f);
	do
		snprintf(to, sizeof(to), "%s.corrupt-%d", f->path, ++n);
	while (n < MAX_ASIDE && access(to, F_OK) == 0);
	/* The log belongs to it; the shared memory is of no use to anybody. */
	rename_with(f->path, to, "");
	rename_with(f->path, to, "-wal");
	snprintf(to, sizeof(to), "%s-shm", f->path);
	unlink(to);
	snprintf(why, sizeof(why), "%s", f->error);
	snprintf(f->error, sizeof(f->error), "%.180s; moved aside to .corrupt-%d", why, n);
}

/* ---- write ---------------------------------------------------------------- */

static int bind_addr(sqlite3_stmt *stmt, int i, const struct db_value *v)
{
	struct ipaddr who = db_value_addr(v);
	char text[IPADDR_TEXT];

	return sqlite3_bind_text(stmt, i, ipaddr_format(&who, text), -1, SQLITE_TRANSIENT);
}

static int bind(sqlite3_stmt *stmt, int i, const struct db_value *v)
{
	switch (v->type) {
	case DB_ADDR:
		return bind_addr(stmt, i, v);
	case DB_INT:
		return sqlite3_bind_int64(stmt, i, v->i);
	case DB_TEXT:
		return sqlite3_bind_text(stmt, i, v->s, (int)v->len, SQLITE_STATIC);
	case DB_BLOB:
		/* A NULL pointer would be NULL, not an empty blob. */
		return sqlite3_bind_blob(stmt, i, v->len ? v->s : "", (int)v->len,
					 SQLITE_STATIC);
	default:
		return sqlite3_bind_null(stmt, i);
	}
}

/* A statement takes the first of @n values, as many as it wants. */
static enum db_result step(struct db_file *f, enum db_op op, const struct db_value *v, int n)
{
	sqlite3_stmt *stmt = f->stmt[op];
	int wanted = sqlite3_bind_parameter_count(stmt);
	enum db_result r = DB_OK;

	for (int i = 0; i < n && i < wanted; i++)
		if (bind(stmt, i + 1, &v[i]) != SQLITE_OK)
			r = db_file_failed(f, "write to");
	if (!r && sqlite3_step(stmt) != SQLITE_DONE)
		r = db_file_failed(f, "write to");
	sqlite3_reset(stmt);
	return r;
}

static enum db_result write_new(struct db_file *f, const struct db_value *v, int n)
{
	const struct db_value past[] = { v[0], v[1], v[11], v[2], v[12] };
	enum db_result r = step(f, DB_PUT_BAN, v, n);

	if (!r)
		r = step(f, DB_PUT_EVENT, v, n);
	return r ? r : step(f, DB_PUT_PAST, past, ARRAY_SIZE(past));
}

static enum db_result write_one(struct db_file *f, struct db_cursor *c, enum db_op op)
{
	struct db_value v[DB_VALUES] = { 0 };
	int n = 0;

	while (n < DB_VALUES && db_batch_value(c, &v[n]))
		n++;
	if (op == DB_CLEAR)
		return run(f, clear, "empty");
	return op == DB_BANNED ? write_new(f, v, n) : step(f, op, v, n);
}

static enum db_result write_all(struct db_file *f, const struct db_batch *b, bool *purged)
{
	enum db_result r = DB_OK;
	struct db_order order;
	struct db_cursor c;
	enum db_op op;

	*purged = false;
	db_order_init(&order, b);
	while (!r && db_order_next(&order, &c, &op)) {
		r = write_one(f, &c, op);
		*purged |= op == DB_PURGE_COUNT;
	}
	db_order_fini(&order);
	return r;
}

/* Give free pages back to the disk; a failure means only that they stay. */
static void shrink(struct db_file *f)
{
	char text[64];

	snprintf(text, sizeof(text), "PRAGMA incremental_vacuum(%d)", VACUUM_PAGES);
	sqlite3_exec(f->db, text, NULL, NULL, NULL);
}

enum db_result db_file_write(struct db_file *f, const struct db_batch *b)
{
	enum db_result r;
	bool purged;

	r = run(f, "BEGIN IMMEDIATE", "write to");
	if (r)
		return r;
	r = write_all(f, b, &purged);
	if (!r)
		r = run(f, "COMMIT", "write to");
	if (r)
		sqlite3_exec(f->db, "ROLLBACK", NULL, NULL, NULL);
	else if (purged)
		shrink(f);
	return r;
}

enum db_result db_file_probe(struct db_file *f)
{
	char text[64];

	/* The same number again: a write that changes nothing. */
	snprintf(text, sizeof(text), "PRAGMA user_version=%d", SCHEMA);
	return run(f, text, "write to");
}
