/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * db_file - one SQLite file of ours: its schema, what is written, what is read.
 * No threads, no retries, no log: the caller decides what a failure means.
 * Private to ban_db.
 */
#pragma once
#include <sys/types.h>

#include "ban_db.h"
#include "db_batch.h"

struct sqlite3;
struct sqlite3_stmt;

enum db_result {
	DB_OK,
	DB_LOCKED,	/* by another process */
	DB_FAILED,	/* full, read-only, I/O error: may work later */
	DB_CORRUPT,	/* what it holds is lost; set it aside */
	DB_NOT_OURS,	/* another program's, or a newer version's */
};

struct db_file {
	const char *path;		/* borrows */
	struct sqlite3 *db;		/* NULL: not open */
	struct sqlite3_stmt *stmt[DB_OPS];
	dev_t dev;
	ino_t inode;
	bool fresh;			/* was empty when it was opened */
	char error[256];		/* why the last call failed */
};

/*
 * Open, make the tables if there are none; open already is fine.  Waits @busy_ms
 * for another process's lock, here and later.
 */
enum db_result db_file_open(struct db_file *f, int busy_ms);
/*
 * Open for db_file_load() alone, where nothing can be written.  A log of SQLite
 * that was not yet carried over is not seen: the state may be older.
 */
enum db_result db_file_open_frozen(struct db_file *f);
void db_file_close(struct db_file *f);
/* Somebody removed or replaced the file while it was open. */
bool db_file_replaced(const struct db_file *f);
/* Rename it to FILE.corrupt-N; it is closed. */
void db_file_set_aside(struct db_file *f);

/* Write all of @b in one transaction, or nothing. */
enum db_result db_file_write(struct db_file *f, const struct db_batch *b);
/* Can anything be written?  Changes nothing. */
enum db_result db_file_probe(struct db_file *f);

/*
 * Read everything; what is of no use any more goes to @cleanup.  *@stopped is
 * the -errno with which one of @r's functions stopped.
 */
enum db_result db_file_load(struct db_file *f, const struct ban_db_reader *r, uint64_t boot,
			    boot_t boot_now, wall_t wall_now, struct db_batch *cleanup,
			    int *stopped);
/* Events of @who, through a connection of its own: the other one is the writer's. */
enum db_result db_file_events(const char *path, const struct ipaddr *who, size_t max,
			      ban_db_event_fn *fn, void *ctx);

/* For db_load.c: what SQLite said last, as a result, with its text kept. */
enum db_result db_file_failed(struct db_file *f, const char *doing);
