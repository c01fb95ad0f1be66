// SPDX-License-Identifier: GPL-2.0-or-later
#include "ban_db.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <sys/resource.h>
#include <unistd.h>

#include "ban_db_private.h"
#include "base/hmap.h"
#include "base/log.h"

static const uint64_t FIRST_RETRY_NS = NS_PER_S, LAST_RETRY_NS = 60 * NS_PER_S;

/* ---- the writer -------------------------------------------------------------- */

/*
 * A file that was made new has nothing of what was committed before: then only
 * a batch that holds everything may go into it.
 */
static enum job_result write_work(struct ban_db *db)
{
	bool was_open = db->file.db && !db_file_replaced(&db->file);
	enum db_result r;

	if (!was_open)
		db_file_close(&db->file);
	r = db_file_open(&db->file, BAN_DB_BUSY_MS);
	if (!r && !was_open && db->file.fresh && db->work.ops && !db->work_is_all) {
		snprintf(db->file.error, sizeof(db->file.error), "%s was gone", db->path);
		return JOB_LOST;
	}
	if (!r)
		r = db->work.ops ? db_file_write(&db->file, &db->work) :
				   db_file_probe(&db->file);
	if (r == DB_CORRUPT) {
		db_file_set_aside(&db->file);
		return JOB_CORRUPT;
	}
	/* A disk that was read-only when the file was opened stays so for it. */
	if (r)
		db_file_close(&db->file);
	return r == DB_OK ? JOB_DONE : r == DB_NOT_OURS ? JOB_NOT_OURS : JOB_FAILED;
}

static void *writer(void *ctx)
{
	struct ban_db *db = ctx;
	boot_t begin;

	/* Whoever waits for a ban comes first; a commit has time. */
	if (getpriority(PRIO_PROCESS, 0) < 0)
		setpriority(PRIO_PROCESS, 0, 0);
	pthread_mutex_lock(&db->lock);
	for (;;) {
		while (!db->busy && !db->stop)
			pthread_cond_wait(&db->wake, &db->lock);
		if (!db->busy)
			break;
		pthread_mutex_unlock(&db->lock);
		begin = boot_now();
		db->result = write_work(db);
		db->took_ns = boot_now().ns - begin.ns;
		pthread_mutex_lock(&db->lock);
		db->busy = false;
		pthread_cond_signal(&db->idle);
		eventfd_write(db->event, 1);
	}
	pthread_mutex_unlock(&db->lock);
	return NULL;
}

static bool is_busy(struct ban_db *db)
{
	bool busy;

	pthread_mutex_lock(&db->lock);
	busy = db->busy;
	pthread_mutex_unlock(&db->lock);
	return busy;
}

static void launch(struct ban_db *db, boot_t now)
{
	db->launched = now;
	db->job = true;
	pthread_mutex_lock(&db->lock);
	db->busy = true;
	pthread_cond_signal(&db->wake);
	pthread_mutex_unlock(&db->lock);
}

/*
 * When it is needed first: a thread keeps the rights that it was started with, and by
 * then the daemon has given up its own.  Signals are for the loop.
 */
static int start_writer(struct ban_db *db)
{
	sigset_t all, before;
	int err;

	if (db->started)
		return 0;
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	err = pthread_create(&db->thread, NULL, writer, db);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	db->started = !err;
	if (!err)
		pthread_setname_np(db->thread, "xdpban-db");
	return -err;
}

/* ---- open and close ------------------------------------------------------------ */

static uint64_t this_boot(void)
{
	FILE *f = fopen("/proc/sys/kernel/random/boot_id", "re");
	uint64_t seed[2];
	unsigned int high, mid;

	/* Unknown: like no other boot, so that only the wall clock counts. */
	hmap_draw_seed(seed);
	if (f && fscanf(f, "%8x-%4x", &high, &mid) == 2)
		seed[0] = (uint64_t)high << 16 | mid;
	if (f)
		fclose(f);
	return seed[0] >> 1;
}

static bool wants_file(const char *path)
{
	return path && *path && strcasecmp(path, "None") && !streq(path, ":memory:");
}

int ban_db_open(struct ban_db **out, const struct ban_db_params *params)
{
	struct ban_db *db = calloc(1, sizeof(*db));
	int err = -ENOMEM;

	if (!db)
		return -ENOMEM;
	pthread_mutex_init(&db->lock, NULL);
	pthread_cond_init(&db->wake, NULL);
	pthread_cond_init(&db->idle, NULL);
	db->params = *params;
	db->event = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	db->path = strdup(params->path ? params->path : "");
	if (!db->path)
		goto fail;
	err = db->event < 0 ? -errno : 0;
	if (err)
		goto fail;
	db->file.path = db->path;
	db->max_queue = params->max_queue ? params->max_queue : BAN_DB_QUEUE;
	db->boot = this_boot();
	db->enabled = wants_file(params->path);
	db->state.health = db->enabled ? BAN_DB_OK : BAN_DB_OFF;
	*out = db;
	return 0;
fail:
	log_err("database: cannot start: %s", strerror(-err));
	ban_db_close(db);
	return err;
}

void ban_db_close(struct ban_db *db)
{
	if (!db)
		return;
	if (db->started) {
		pthread_mutex_lock(&db->lock);
		db->stop = true;
		pthread_cond_signal(&db->wake);
		pthread_mutex_unlock(&db->lock);
		pthread_join(db->thread, NULL);
	}
	db_file_close(&db->file);
	db_batch_fini(&db->pending);
	db_batch_fini(&db->sealed);
	db_batch_fini(&db->work);
	if (db->event >= 0)
		close(db->event);
	pthread_mutex_destroy(&db->lock);
	pthread_cond_destroy(&db->wake);
	pthread_cond_destroy(&db->idle);
	free(db->path);
	free(db);
}

/* ---- what happened ------------------------------------------------------------- */

void ban_db_lose(struct ban_db *db)
{
	db->lost = true;
	db->writable = db->dumping = db->is_sealed = false;
	db_batch_fini(&db->pending);
	db_batch_fini(&db->sealed);
	/* Until its end a job's batch is the writer's. */
	if (db->job)
		return;
	db->work_is_all = false;
	db_batch_fini(&db->work);
}

/* What is sealed goes soon, and is as much as there are states. */
void ban_db_check_queue(struct ban_db *db)
{
	size_t bytes = db->pending.bytes + (db->job ? 0 : db->work.bytes);

	if (!db->pending.failed && !db->sealed.failed && (db->dumping || bytes <= db->max_queue))
		return;
	db->state.lost_queues++;
	ban_db_lose(db);
}

void ban_db_say(struct ban_db *db, enum ban_db_health health)
{
	bool news = db->state.health != health;

	db->state.health = health;
	if (health == BAN_DB_OK) {
		db->state.text[0] = '\0';
		if (news)
			log_notice("database: %s works again", db->path);
		return;
	}
	news |= !streq(db->state.text, db->file.error);
	snprintf(db->state.text, sizeof(db->state.text), "%s", db->file.error);
	if (news)
		log_err("database: %s; bans are kept in memory, trying again", db->file.error);
}

static void back_off(struct ban_db *db)
{
	db->retry_ns = db->retry_ns ? db->retry_ns * 2 : FIRST_RETRY_NS;
	if (db->retry_ns > LAST_RETRY_NS)
		db->retry_ns = LAST_RETRY_NS;
	db->retry_at.ns = db->launched.ns + db->retry_ns;
}

static void job_done(struct ban_db *db)
{
	db->retry_ns = 0;
	db->state.commits += db->work.ops > 0;
	db->state.rows += db->work.ops;
	db_batch_fini(&db->work);
	db->work_is_all = false;
	/* Not well before everything is written again. */
	if (db->lost)
		db->writable = true;
	else
		ban_db_say(db, BAN_DB_OK);
}

/* What was to be written is tried again, unless it was everything: too much to keep. */
static void job_failed(struct ban_db *db)
{
	bool all = db->work_is_all;

	db->state.failures++;
	back_off(db);
	ban_db_say(db, db->result == JOB_NOT_OURS ? BAN_DB_NOT_OURS : BAN_DB_FAILING);
	if (all || db->lost)
		ban_db_lose(db);
}

static void job_lost(struct ban_db *db)
{
	db->state.failures++;
	db->state.corrupt += db->result == JOB_CORRUPT;
	ban_db_say(db, BAN_DB_FAILING);
	ban_db_lose(db);
}

/* Take note of a job that has ended. */
static void collect(struct ban_db *db)
{
	eventfd_t count;

	if (!db->job || is_busy(db))
		return;
	eventfd_read(db->event, &count);
	db->job = false;
	db->state.last_commit_ns = db->took_ns;
	if (db->result == JOB_DONE)
		job_done(db);
	else if (db->result == JOB_FAILED || db->result == JOB_NOT_OURS)
		job_failed(db);
	else
		job_lost(db);
}

int ban_db_fd(const struct ban_db *db)
{
	return db->event;
}

void ban_db_done(struct ban_db *db)
{
	collect(db);
}

/* ---- commit --------------------------------------------------------------------- */

bool ban_db_ready(struct ban_db *db, boot_t now)
{
	collect(db);
	return db->enabled && db->loaded && !db->job && now.ns >= db->retry_at.ns;
}

void ban_db_seal(struct ban_db *db)
{
	if (db->is_sealed || !db->enabled)
		return;
	db_batch_append(&db->sealed, &db->pending);
	db->is_sealed = true;
}

static void no_writer(struct ban_db *db, boot_t now, int err)
{
	snprintf(db->file.error, sizeof(db->file.error), "cannot start a thread: %s",
		 strerror(-err));
	db->state.failures++;
	db->launched = now;
	back_off(db);
	ban_db_say(db, BAN_DB_FAILING);
}

int ban_db_commit(struct ban_db *db, boot_t now)
{
	int err;

	if (!db->enabled)
		return 0;
	if (!ban_db_ready(db, now))
		return -EAGAIN;
	err = start_writer(db);
	if (err) {
		no_writer(db, now, err);
		return err;
	}
	if (db->lost && !db->dumping) {
		if (!db->writable)
			launch(db, now);	/* with nothing: can it be written? */
		return 0;
	}
	ban_db_seal(db);
	db->is_sealed = false;
	if (!db->sealed.ops && !db->work.ops)
		return 0;
	db_batch_append(&db->work, &db->sealed);
	/* What is queued from here on comes after everything. */
	db->work_is_all = db->dumping;
	db->lost = db->dumping = false;
	launch(db, now);
	return 0;
}

static void wait_idle(struct ban_db *db)
{
	pthread_mutex_lock(&db->lock);
	while (db->busy)
		pthread_cond_wait(&db->idle, &db->lock);
	pthread_mutex_unlock(&db->lock);
}

int ban_db_flush(struct ban_db *db, boot_t now)
{
	uint64_t failures;

	if (!db->enabled)
		return 0;
	wait_idle(db);
	collect(db);
	failures = db->state.failures;
	db->retry_at = (boot_t){ 0 };
	while (db->loaded && (ban_db_queued(db) || db->work.ops || (db->lost && !db->writable)) &&
	       db->state.failures == failures) {
		ban_db_commit(db, now);
		wait_idle(db);
		collect(db);
	}
	return !db->loaded || db->lost || db->state.failures != failures ? -EIO : 0;
}

bool ban_db_wants_all(const struct ban_db *db)
{
	return db->loaded && db->lost && db->writable && !db->job && !db->dumping;
}

void ban_db_begin_all(struct ban_db *db)
{
	ban_db_lose(db);
	db->dumping = db->writable = true;
	db_batch_begin(&db->pending, DB_CLEAR);
	db_batch_end(&db->pending);
}

size_t ban_db_queued(const struct ban_db *db)
{
	return db->pending.ops + db->sealed.ops;
}

bool ban_db_owes(const struct ban_db *db)
{
	return db->enabled && db->loaded && !db->job &&
	       (db->lost || db->work.ops || ban_db_queued(db));
}

const char *ban_db_path(const struct ban_db *db)
{
	return db->enabled ? db->path : NULL;
}

struct ban_db_state ban_db_state(const struct ban_db *db)
{
	struct ban_db_state state = db->state;

	state.queued = db->pending.bytes + db->sealed.bytes + db->work.bytes;
	return state;
}

int ban_db_events(struct ban_db *db, const struct ipaddr *who, size_t max,
		  ban_db_event_fn *fn, void *ctx)
{
	if (!db->enabled)
		return 0;
	return db_file_events(db->path, who, max, fn, ctx) ? -EIO : 0;
}
