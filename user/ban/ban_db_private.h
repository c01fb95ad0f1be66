/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * ban_db_private - what ban_db.c (the writer and its failures), ban_db_load.c and
 * ban_db_put.c (what is queued) share.
 */
#pragma once
#include <pthread.h>

#include "ban_db.h"
#include "db_file.h"

enum { BAN_DB_BUSY_MS = 1000 };	/* to wait for another process's lock */

enum job_result {
	JOB_DONE,
	JOB_FAILED,		/* may work later */
	JOB_NOT_OURS,
	JOB_LOST,		/* the file was new: nothing written */
	JOB_CORRUPT,		/* the file was set aside */
};

struct ban_db {
	struct ban_db_params params;	/* .path is @path */
	char *path;			/* owns */
	size_t max_queue;
	uint64_t boot;			/* a number for this boot */
	bool enabled;			/* a file is wanted */
	bool loaded;			/* what it held is in memory: it may be written */
	bool load_failed;

	struct db_batch pending;	/* queued, not handed over */
	struct db_batch sealed;		/* the same, of a moment that is complete but
					 * for states */
	bool is_sealed;
	bool lost;			/* the file needs everything ... */
	bool writable;			/* ... and can take it ... */
	bool dumping;			/* ... which the next batch is going to be */
	boot_t retry_at, launched;
	uint64_t retry_ns;
	struct ban_db_state state;
	bool job;			/* handed over, the result not yet seen */

	/* The writer's while busy, otherwise the loop's. */
	struct db_batch work;		/* kept after a failure, to be tried again */
	bool work_is_all;
	struct db_file file;
	enum job_result result;
	uint64_t took_ns;		/* for the statistics; nothing depends on it */

	pthread_mutex_t lock;		/* for what follows */
	pthread_cond_t wake, idle;
	bool busy, stop;

	pthread_t thread;
	bool started;
	int event;			/* eventfd: a job has ended */
};

/* After each change: is the queue still within its bounds? */
void ban_db_check_queue(struct ban_db *db);
/* The file has not, or not for long, what it should have: it needs everything. */
void ban_db_lose(struct ban_db *db);
/* How the file is from now on, @db->file.error says why; news are logged. */
void ban_db_say(struct ban_db *db, enum ban_db_health health);
