// SPDX-License-Identifier: GPL-2.0-or-later
/* The changes that can be queued: statements of db_file and their values. */
#include "ban_db_private.h"

/* While everything is to be written anew, single changes are of no use. */
static bool takes_changes(const struct ban_db *db)
{
	return db->enabled && (!db->lost || db->dumping);
}

static bool begin(struct ban_db *db, enum db_op op)
{
	if (!takes_changes(db))
		return false;
	db_batch_begin(&db->pending, op);
	return true;
}

static void end(struct ban_db *db)
{
	db_batch_end(&db->pending);
	ban_db_check_queue(db);
}

static void put_who(struct ban_db *db, const struct ipaddr *who, const char *jail)
{
	db_batch_addr(&db->pending, who);
	db_batch_text(&db->pending, jail);
}

static void put_wall(struct ban_db *db, wall_t w)
{
	if (w.us == WALL_NEVER.us)
		db_batch_text(&db->pending, NULL);
	else
		db_batch_int(&db->pending, w.us);
}

/* The values that a ban and its event have in common; @until on the wall clock. */
static void put_event(struct ban_db *db, const struct ban *b, wall_t until)
{
	put_who(db, &b->who, b->jail);
	db_batch_int(&db->pending, b->since.us);
	put_wall(db, until);
	db_batch_int(&db->pending, b->failures);
	db_batch_int(&db->pending, b->earlier);
	db_batch_text(&db->pending, b->reason);
	db_batch_text(&db->pending, b->lines);
}

/* In the order in which db_file.c numbers them. */
static void put_ban(struct ban_db *db, const struct ban *b, const char *scope,
		    boot_t boot_now, wall_t wall_now)
{
	uint64_t until_boot = b->until.ns < INT64_MAX ? b->until.ns : INT64_MAX;

	put_event(db, b, ban_end_wall(b->until, boot_now, wall_now));
	db_batch_text(&db->pending, scope);
	db_batch_int(&db->pending, (int64_t)db->boot);
	db_batch_int(&db->pending, (int64_t)until_boot);
}

void ban_db_put_ban(struct ban_db *db, const struct ban *b, const char *scope,
		    boot_t boot_now, wall_t wall_now)
{
	if (!begin(db, DB_PUT_BAN))
		return;
	put_ban(db, b, scope, boot_now, wall_now);
	end(db);
}

void ban_db_put_new(struct ban_db *db, const struct ban *b, const char *scope,
		    const struct ban_past *past, boot_t boot_now, wall_t wall_now)
{
	if (!begin(db, DB_BANNED))
		return;
	put_ban(db, b, scope, boot_now, wall_now);
	db_batch_int(&db->pending, past->bans);
	db_batch_int(&db->pending, past->bantime_us);
	end(db);
}

void ban_db_del_ban(struct ban_db *db, const struct ipaddr *who, const char *jail)
{
	if (!begin(db, DB_DEL_BAN))
		return;
	put_who(db, who, jail);
	end(db);
}

void ban_db_put_past(struct ban_db *db, const char *jail, const struct ipaddr *who,
		     const struct ban_past *past)
{
	if (!begin(db, past ? DB_PUT_PAST : DB_DEL_PAST))
		return;
	put_who(db, who, jail);
	if (past) {
		db_batch_int(&db->pending, past->bans);
		db_batch_int(&db->pending, past->last.us);
		db_batch_int(&db->pending, past->bantime_us);
	}
	end(db);
}

void ban_db_put_event(struct ban_db *db, const struct ban *b, wall_t until)
{
	if (!begin(db, DB_PUT_EVENT))
		return;
	put_event(db, b, until);
	end(db);
}

void ban_db_put_position(struct ban_db *db, const struct ban_db_position *p)
{
	if (!begin(db, DB_PUT_POSITION))
		return;
	db_batch_text(&db->pending, p->source);
	db_batch_int(&db->pending, (int64_t)p->dev);
	db_batch_int(&db->pending, (int64_t)p->inode);
	db_batch_int(&db->pending, (int64_t)p->offset);
	db_batch_int(&db->pending, (int64_t)p->hash);
	db_batch_int(&db->pending, p->hash_len);
	db_batch_text(&db->pending, p->cursor);
	end(db);
}

void ban_db_del_position(struct ban_db *db, const char *source)
{
	if (!begin(db, DB_DEL_POSITION))
		return;
	db_batch_text(&db->pending, source);
	end(db);
}

void ban_db_put_state(struct ban_db *db, const char *owner, const void *key,
		      size_t key_len, const void *value, size_t value_len)
{
	struct db_batch *b = db->is_sealed ? &db->sealed : &db->pending;

	if (!takes_changes(db))
		return;
	db_batch_begin(b, value ? DB_PUT_STATE : DB_DEL_STATE);
	db_batch_text(b, owner);
	db_batch_blob(b, key, key_len);
	if (value)
		db_batch_blob(b, value, value_len);
	db_batch_end(b);
	ban_db_check_queue(db);
}

void ban_db_drop_state(struct ban_db *db, const char *owner)
{
	if (!begin(db, DB_DROP_STATE))
		return;
	db_batch_text(&db->pending, owner);
	end(db);
}

void ban_db_purge(struct ban_db *db, wall_t now)
{
	if (!begin(db, DB_PURGE_AGE))
		return;
	db_batch_int(&db->pending, now.us - db->params.purge_age_us);
	db_batch_end(&db->pending);
	db_batch_begin(&db->pending, DB_PURGE_COUNT);
	db_batch_int(&db->pending, (int64_t)db->params.max_history);
	end(db);
}
