// SPDX-License-Identifier: GPL-2.0-or-later
/* Reading the database when we start, or later, when it could not be read then. */
#include <errno.h>
#include <stdio.h>

#include "ban_db_private.h"

enum { BUSY_AGAIN_MS = 20 };	/* the loop waits: not as long as the first time */

/* Nothing can be written: read what there is, and write all of it again later. */
static enum db_result load_frozen(struct ban_db *db, const struct ban_db_reader *r,
				  boot_t boot_now, wall_t wall_now, int *stopped)
{
	struct db_batch cleanup = { 0 };
	char why[sizeof(db->file.error)];
	enum db_result result;

	memcpy(why, db->file.error, sizeof(why));
	result = db_file_open_frozen(&db->file);
	if (!result)
		result = db_file_load(&db->file, r, db->boot, boot_now, wall_now,
				      &cleanup, stopped);
	db_file_close(&db->file);
	db_batch_fini(&cleanup);
	db->lost = !result;
	/* Why nothing can be written says more than why nothing could be read. */
	memcpy(db->file.error, why, sizeof(why));
	return result;
}

static enum db_result load(struct ban_db *db, const struct ban_db_reader *r,
			   boot_t boot_now, wall_t wall_now, int *stopped)
{
	enum db_result result;

	result = db_file_open(&db->file, db->load_failed ? BUSY_AGAIN_MS : BAN_DB_BUSY_MS);
	if (!result)
		return db_file_load(&db->file, r, db->boot, boot_now, wall_now,
				    &db->pending, stopped);
	if (result != DB_FAILED)
		return result;
	ban_db_say(db, BAN_DB_FAILING);
	return load_frozen(db, r, boot_now, wall_now, stopped);
}

/* What was not taken back must not be written over: a restart may find room for it. */
static void leave_alone(struct ban_db *db, int err)
{
	db->state.health = BAN_DB_FAILING;
	snprintf(db->state.text, sizeof(db->state.text), "not all of it could be taken back "
		 "(%s): nothing is written until a restart", strerror(-err));
}

int ban_db_load(struct ban_db *db, const struct ban_db_reader *r,
		boot_t boot_now, wall_t wall_now)
{
	bool late = db->load_failed;
	enum db_result result;
	int stopped = 0;

	if (!db->enabled || db->loaded)
		return 0;
	result = load(db, r, boot_now, wall_now, &stopped);
	db->load_failed = result == DB_LOCKED || result == DB_FAILED;
	if (stopped) {
		leave_alone(db, stopped);
		return stopped;
	}
	if (db->load_failed) {
		ban_db_say(db, BAN_DB_FAILING);
		return -EAGAIN;
	}
	db->loaded = true;
	if (result == DB_CORRUPT) {
		db->state.corrupt++;
		db_file_set_aside(&db->file);
	}
	if (result) {
		ban_db_say(db, result == DB_NOT_OURS ? BAN_DB_NOT_OURS : BAN_DB_FAILING);
		ban_db_lose(db);
	} else if (late) {
		ban_db_lose(db);
	}
	return 0;
}
