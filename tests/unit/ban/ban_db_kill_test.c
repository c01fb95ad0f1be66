// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * kill -9 at any moment leaves the state of one moment in the file, no older
 * than the last commit that had ended.  A child counts: at step n it bans
 * address n, moves the position to n and puts n into a state, all of which
 * must agree afterwards.
 */
#include <errno.h>
#include <signal.h>
#include <sys/wait.h>
#include <time.h>

#include "ban/ban_db.h"
#include "base/log.h"

#include "../random.h"
#include "../t.h"
#include "db_dir.h"

enum { KILLS = 40 };

static const boot_t boot = { 1000 * NS_PER_S };
static const wall_t wall = { 1700000000 * US_PER_S };
static struct db_dir dir;

/* What a restart finds. */
struct found { uint64_t bans, newest, position, state; };

static int got_ban(void *ctx, const struct ban *b, const char *scope)
{
	struct found *f = ctx;
	uint32_t n;

	(void)scope;
	memcpy(&n, b->who.bytes, 4);
	f->bans++;
	if (n > f->newest)
		f->newest = n;
	return 0;
}

static int got_position(void *ctx, const struct ban_db_position *p)
{
	((struct found *)ctx)->position = p->offset;
	return 0;
}

static int got_state(void *ctx, const char *owner, const void *key, size_t key_len,
		     const void *value, size_t value_len)
{
	struct found *f = ctx;

	(void)owner;
	(void)key;
	(void)key_len;
	if (value_len == sizeof(f->state))
		memcpy(&f->state, value, value_len);
	return 0;
}

static struct ban_db *open_db(struct found *f)
{
	struct ban_db_params p = { .path = dir.file };
	struct ban_db_reader r = { .ban = got_ban, .position = got_position,
				   .state = got_state, .ctx = f };
	struct ban_db *db;

	*f = (struct found){ 0 };
	if (ban_db_open(&db, &p) || ban_db_load(db, &r, boot, wall))
		_exit(9);
	return db;
}

static void step(struct ban_db *db, uint64_t n)
{
	struct ban_db_position p = { .source = "log", .offset = n };
	struct ban b = { .who = { .family = 4, .prefix = 32 }, .jail = "sshd",
			 .until = BOOT_NEVER };
	uint32_t number = (uint32_t)n;

	memcpy(b.who.bytes, &number, 4);
	ban_db_put_ban(db, &b, NULL, boot, wall);
	ban_db_put_position(db, &p);
	ban_db_put_state(db, "sshd", "n", 1, &n, sizeof(n));
}

/* Goes on from where the file is, until it is killed; tells what is certain. */
static void child(int told)
{
	struct found f;
	struct ban_db *db = open_db(&f);
	uint64_t n = f.position;

	for (;;) {
		for (int i = 0; i < 20; i++)
			step(db, ++n);
		if (n % 3) {
			ban_db_commit(db, boot);
			continue;
		}
		if (ban_db_flush(db, boot) || write(told, &n, sizeof(n)) < 0)
			_exit(8);
	}
}

static uint64_t kill_one(uint64_t *random)
{
	struct timespec pause = { 0, 1000000 + random_below(random, 60000000) };
	uint64_t n, last = 0;
	int told[2], status;
	pid_t pid;

	if (pipe(told) || (pid = fork()) < 0)
		return 0;
	if (!pid) {
		close(told[0]);
		child(told[1]);
	}
	close(told[1]);
	nanosleep(&pause, NULL);
	kill(pid, SIGKILL);
	while (read(told[0], &n, sizeof(n)) == sizeof(n))
		last = n;
	close(told[0]);
	waitpid(pid, &status, 0);
	t_ok("was killed, not gone by itself", WIFSIGNALED(status));
	return last;
}

int main(void)
{
	uint64_t random = 20261123, last = 0, sum = 0;
	struct found f;

	log_plain(LOG_LEVEL_ERROR);
	if (!db_dir_make(&dir))
		return 1;
	for (int i = 0; i < KILLS; i++) {
		uint64_t certain = kill_one(&random);

		ban_db_close(open_db(&f));
		t_ok("nothing that was certain is lost",
			f.position >= certain && f.position >= last);
		t_is("the position and the state agree", (int64_t)f.state, (int64_t)f.position);
		t_is("as many bans as steps", (int64_t)f.bans, (int64_t)f.position);
		t_is("none from beyond", (int64_t)f.newest, (int64_t)f.position);
		last = f.position;
		sum += certain > 0;
	}
	t_ok("something was written between the kills", last > 20 && sum > 0);
	db_dir_clear(&dir, "");
	rmdir(dir.dir);
	return t_done();
}
