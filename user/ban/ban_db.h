/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * ban_db - bans, their history, positions in logs and the jails' counts, in
 * SQLite, so that a restart goes on where the last commit was.
 *
 * Changes are queued in memory and written by a thread of its own: a commit of
 * ten thousand rows takes longer than a ban may, and a checkpoint waits for the
 * disk.  ban_db_commit() hands over all that is queued as ONE transaction, so
 * the file always holds the state of one moment: call it between two log lines,
 * after queueing the positions and the counts of that moment.
 * WAL with synchronous=NORMAL: kill -9 loses nothing that was committed; a power
 * cut may lose the last commits, but then all of each, so the lines after the
 * stored position are read again and give the same bans.
 *
 * No failure stops anybody: the queue goes on, up to a cap, and is tried again.
 * When the file is lost (corrupt: moved aside as FILE.corrupt-N) or the queue
 * ran over, ban_db_wants_all() asks for everything from the beginning.
 * Not for several threads: the writer is its own affair.
 */
#pragma once
#include "ban_history.h"
#include "ban_store.h"

struct ban_db;

struct ban_db_params {
	const char *path;	/* copied; NULL, "None" or ":memory:": no file */
	int64_t purge_age_us;	/* history and offenders older than this go */
	size_t max_history;	/* rows of past bans kept */
	size_t max_queue;	/* bytes queued; 0: BAN_DB_QUEUE */
};

#define BAN_DB_QUEUE	(64u << 20)

enum ban_db_health {
	BAN_DB_OK,
	BAN_DB_OFF,		/* no file wanted */
	BAN_DB_FAILING,		/* cannot read or write it now; tried again; see text */
	BAN_DB_NOT_OURS,	/* another program's, or a newer version's: left alone */
};

struct ban_db_state {
	enum ban_db_health health;
	char text[256];		/* what is wrong, for people; "" if nothing */
	uint64_t commits, rows;	/* written since the start */
	uint64_t failures;	/* commits that failed */
	uint64_t lost_queues;	/* times the queue ran over */
	uint64_t corrupt;	/* files moved aside */
	size_t queued;		/* bytes that wait */
	uint64_t last_commit_ns;	/* how long the last one took the writer */
};

/* Where reading of a log goes on. */
struct ban_db_position {
	const char *source;	/* path of the file, or a name for a journal */
	uint64_t dev, inode, offset;
	uint64_t hash;		/* of hash_len bytes there, by which it is known again */
	uint32_t hash_len;
	const char *cursor;	/* of a journal; NULL: a file */
};

/*
 * Always gives a database, however broken the file is (see state); -ENOMEM or
 * -EMFILE otherwise.  The thread that writes begins with the first commit, and has
 * the rights of whoever commits; it does not survive a fork().
 */
int ban_db_open(struct ban_db **out, const struct ban_db_params *params);
/* Waits for the running commit; what is queued and not handed over is lost. */
void ban_db_close(struct ban_db *db);	/* NULL is fine */

/*
 * Read everything back, before anything is queued.  Any function may be NULL;
 * all may return -errno to stop: that is returned, and nothing is written from then
 * on (see state).  Bans that have ended are left out.
 * 0, also when what could be read of a corrupt file was given; -EAGAIN when the
 * file cannot be read now (locked, say): nothing is written until a later call
 * succeeds, so that what is in it is not lost.  As memory has gone on by then,
 * everything is asked for again (ban_db_wants_all()); take only bans and pasts
 * from such a late call, positions and states belong to log lines long read.
 */
struct ban_db_reader {
	/* Its scope is BAN_SCOPE_ALL; @scope is the text that was put with it. */
	int (*ban)(void *ctx, const struct ban *b, const char *scope);
	/* That were all bans; what follows can wait for them to be enforced. */
	int (*bans_end)(void *ctx);
	int (*past)(void *ctx, const char *jail, const struct ipaddr *who,
		    const struct ban_past *past);
	int (*position)(void *ctx, const struct ban_db_position *p);
	/* What ban_db_put_state() put; 1: nobody wants it, delete it. */
	int (*state)(void *ctx, const char *owner, const void *key, size_t key_len,
		     const void *value, size_t value_len);
	void *ctx;
};
int ban_db_load(struct ban_db *db, const struct ban_db_reader *r,
		boot_t boot_now, wall_t wall_now);

/* Queue one change.  All copy what they need and never fail: see state. */
/*
 * @scope: what b->scope stands for, as a text that a later run understands, as
 * the numbers change; NULL: everything.
 */
void ban_db_put_ban(struct ban_db *db, const struct ban *b, const char *scope,
		    boot_t boot_now, wall_t wall_now);
/* A ban has begun: the same, its event, and the past that has it, all in one. */
void ban_db_put_new(struct ban_db *db, const struct ban *b, const char *scope,
		    const struct ban_past *past, boot_t boot_now, wall_t wall_now);
void ban_db_del_ban(struct ban_db *db, const struct ipaddr *who, const char *jail);
/* How often @who was banned; @past NULL: forget it. */
void ban_db_put_past(struct ban_db *db, const char *jail, const struct ipaddr *who,
		     const struct ban_past *past);
/* One ban for the record (`why` and export); kept until it is purged. */
void ban_db_put_event(struct ban_db *db, const struct ban *b, wall_t until);
void ban_db_put_position(struct ban_db *db, const struct ban_db_position *p);
void ban_db_del_position(struct ban_db *db, const char *source);
/* Opaque state of a jail or of others; @value NULL: delete it. */
void ban_db_put_state(struct ban_db *db, const char *owner, const void *key,
		      size_t key_len, const void *value, size_t value_len);
/* Delete all state of one owner (a jail that is gone). */
void ban_db_drop_state(struct ban_db *db, const char *owner);

/*
 * All that is queued by now is one moment, but for states, of which more may be
 * put; other changes belong to the next one from here on.  So a million states
 * can be exported in slices.
 */
void ban_db_seal(struct ban_db *db);
/* True when ban_db_commit() would take the queue now. */
bool ban_db_ready(struct ban_db *db, boot_t now);
/*
 * Hand over what is sealed, or else the whole queue, to the writer.  0; -EAGAIN: it is
 * still at work, or waits after a failure (1 s, then longer, up to 60 s), and the queue
 * stays; the error of starting a thread, which is a failure, too.
 */
int ban_db_commit(struct ban_db *db, boot_t now);
/*
 * Hand over, and wait until it is written: at the end, and in tests.  0 or -EIO
 * (see state).
 */
int ban_db_flush(struct ban_db *db, boot_t now);
/* Readable when a commit has ended; ban_db_done() takes note, and logs trouble. */
int ban_db_fd(const struct ban_db *db);
void ban_db_done(struct ban_db *db);
size_t ban_db_queued(const struct ban_db *db);	/* changes that wait */
/*
 * Memory has what the file has not, and nobody writes it just now: commit again, at
 * the latest when ban_db_ready() says so.  After a failure nobody else may come.
 */
bool ban_db_owes(const struct ban_db *db);
/* Delete old events; queued like a change. */
void ban_db_purge(struct ban_db *db, wall_t now);

/*
 * True when the file needs everything again, and can be written: call
 * ban_db_begin_all(), queue all there is (bans, pasts, positions, and states
 * after window_touch() and the like), and commit.  What was queued before that is
 * of no use and forgotten; changes that are queued meanwhile are kept, in order,
 * so bans and pasts may be queued in slices while some of them change.
 */
bool ban_db_wants_all(const struct ban_db *db);
void ban_db_begin_all(struct ban_db *db);

/* NULL: no file is wanted. */
const char *ban_db_path(const struct ban_db *db);
struct ban_db_state ban_db_state(const struct ban_db *db);

/* Bans of @who on record, the newest first, up to @max; reads the file. */
typedef void ban_db_event_fn(void *ctx, const struct ban *b, wall_t until);
int ban_db_events(struct ban_db *db, const struct ipaddr *who, size_t max,
		  ban_db_event_fn *fn, void *ctx);
