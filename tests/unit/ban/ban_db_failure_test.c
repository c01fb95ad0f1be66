// SPDX-License-Identifier: GPL-2.0-or-later
/* Whatever happens to the file: nobody stops, somebody shouts, and it heals. */
#include <errno.h>
#include <fcntl.h>
#include <sqlite3.h>
#include <sys/mount.h>
#include <sys/stat.h>

#include "ban/ban_db.h"
#include "base/log.h"

#include "../t.h"
#include "db_dir.h"

static const wall_t wall = { 1700000000 * US_PER_S };
static struct db_dir dir;
static boot_t now = { 1000 * NS_PER_S };

static struct ban_db *open_db(size_t max_queue)
{
	struct ban_db_params p = { .path = dir.file, .max_history = 100, .max_queue = max_queue };
	struct ban_db *db = NULL;

	t_is("a database", ban_db_open(&db, &p), 0);
	return db;
}

static struct db_loaded loaded;

static int load(struct ban_db *db)
{
	struct ban_db_reader r = db_reader(&loaded);

	return ban_db_load(db, &r, now, wall);
}

/* Owner and key tell what was written; memory, which always has it, is @memory. */
static char memory[64];

static void put(struct ban_db *db, char key)
{
	size_t n = strlen(memory);

	if (!strchr(memory, key))
		memory[n] = key;
	ban_db_put_state(db, "o", &key, 1, "", 0);
}

static void put_all(struct ban_db *db)
{
	ban_db_begin_all(db);
	for (const char *p = memory; *p; p++)
		ban_db_put_state(db, "o", p, 1, "", 0);
}

/* What a program does from its timer: again and again, until all is written. */
static int heal(struct ban_db *db)
{
	int err = -EIO;

	for (int i = 0; i < 10 && err; i++) {
		now.ns += 100 * NS_PER_S;
		if (ban_db_wants_all(db))
			put_all(db);
		err = ban_db_flush(db, now);
	}
	return err;
}

/* After a restart the file has exactly what was in memory. */
static void is_complete(struct ban_db *db, const char *what)
{
	char want[1024] = "", keys[64];
	size_t n = strlen(memory);

	t_is(what, heal(db), 0);
	t_is(what, ban_db_state(db).health, BAN_DB_OK);
	t_str(what, ban_db_state(db).text, "");
	ban_db_close(db);
	strcpy(keys, memory);
	for (size_t i = 0; i < n; i++)
		for (size_t k = i + 1; k < n; k++)
			if (keys[k] < keys[i]) {
				char c = keys[i];

				keys[i] = keys[k];
				keys[k] = c;
			}
	for (size_t i = 0; i < n; i++)
		sprintf(want + strlen(want), "state o %c=\n", keys[i]);
	db = open_db(0);
	t_is(what, load(db), 0);
	t_str(what, loaded.text, want);
	ban_db_close(db);
	memset(memory, 0, sizeof(memory));
	db_dir_clear(&dir, "");
}

/* A database with "a" and "b" in its file and in memory. */
static struct ban_db *begin(size_t max_queue)
{
	struct ban_db *db = open_db(max_queue);

	t_is("loaded", load(db), 0);
	put(db, 'a');
	put(db, 'b');
	t_is("written", ban_db_flush(db, now), 0);
	return db;
}

/* ---- locked ------------------------------------------------------------------- */

/* For writers, or for readers too. */
static sqlite3 *lock(const char *how)
{
	sqlite3 *other;

	sqlite3_open(dir.file, &other);
	t_is("locked by another program", sqlite3_exec(other, how, NULL, NULL, NULL), SQLITE_OK);
	return other;
}

#define WRITERS	"BEGIN IMMEDIATE"
#define ALL	"PRAGMA locking_mode=EXCLUSIVE; BEGIN EXCLUSIVE; CREATE TABLE x(y)"

static void unlock(sqlite3 *other)
{
	sqlite3_exec(other, "ROLLBACK", NULL, NULL, NULL);
	sqlite3_close(other);
}

static void test_locked_while_running(void)
{
	struct ban_db *db = begin(0);
	sqlite3 *other = lock(WRITERS);

	put(db, 'c');
	t_is("cannot be written", ban_db_flush(db, now), -EIO);
	t_is("shouts", ban_db_state(db).health, BAN_DB_FAILING);
	t_ok("why", strstr(ban_db_state(db).text, "locked"));
	t_ok("keeps the queue", ban_db_state(db).queued > 0);
	put(db, 'd');
	t_is("waits before it tries again", ban_db_commit(db, now), -EAGAIN);
	t_ok("is not ready", !ban_db_ready(db, (boot_t){ now.ns + NS_PER_S / 2 }));
	unlock(other);
	t_ok("is ready", ban_db_ready(db, (boot_t){ now.ns + NS_PER_S }));
	t_ok("needs no help", !ban_db_wants_all(db));
	is_complete(db, "locked while running");
}

static void test_locked_at_start(void)
{
	struct ban_db *db = begin(0);
	sqlite3 *other;

	ban_db_close(db);
	other = lock(ALL);
	db = open_db(0);
	t_is("cannot be read", load(db), -EAGAIN);
	t_is("shouts", ban_db_state(db).health, BAN_DB_FAILING);
	put(db, 'c');
	t_is("nothing is written yet", ban_db_commit(db, now), -EAGAIN);
	t_is("still not", load(db), -EAGAIN);
	unlock(other);
	t_is("now", load(db), 0);
	t_str("all is there", loaded.text, "state o a=\nstate o b=\n");
	t_is("it can be written", ban_db_flush(db, now), -EIO);
	t_ok("and is, as memory has gone on", ban_db_wants_all(db));
	is_complete(db, "locked at start");
}

/* ---- lost ---------------------------------------------------------------------- */

static void damage(off_t at, const char *bytes)
{
	int fd = open(dir.file, O_WRONLY);

	t_ok("damaged", pwrite(fd, bytes, 64, at) == 64);
	close(fd);
}

static const char junk[64] = "this is what a file system made of it after a power cut, perhaps";

static void test_corrupt_at_start(void)
{
	for (int page = 0; page < 2; page++) {
		struct ban_db *db = begin(0);

		ban_db_close(db);
		/* The header of the file, then the roots of all tables. */
		for (off_t at = page ? 4096 : 0; at < (page ? 11 * 4096 : 1); at += 4096)
			damage(at, junk);
		db = open_db(0);
		t_is("goes on", load(db), 0);
		t_is("shouts", ban_db_state(db).health, BAN_DB_FAILING);
		t_is("counted", (int64_t)ban_db_state(db).corrupt, 1);
		t_ok("says where it went", strstr(ban_db_state(db).text, "corrupt-1"));
		t_is("writes a new one", heal(db), 0);
		t_is("is well", ban_db_state(db).health, BAN_DB_OK);
		ban_db_close(db);
		memset(memory, 0, sizeof(memory));
		t_is("the old one is kept", db_dir_clear(&dir, "db.corrupt-1"), 1);
	}
}

static void make_file(const char *sql)
{
	sqlite3 *other;

	sqlite3_open(dir.file, &other);
	t_is("made", sqlite3_exec(other, sql, NULL, NULL, NULL), SQLITE_OK);
	sqlite3_close(other);
}

static void test_corrupt_while_running(void)
{
	struct ban_db *db = begin(0);
	char path[128];

	ban_db_close(db);
	db = open_db(0);
	t_is("loaded", load(db), 0);
	ban_db_flush(db, now);
	/* All but the header; a change there makes others read the rest again. */
	make_file("PRAGMA wal_checkpoint(TRUNCATE)");
	for (off_t at = 4096; at < 11 * 4096; at += 4096)
		damage(at, junk);
	make_file("PRAGMA user_version=1");
	put(db, 'c');
	t_is("noticed", ban_db_flush(db, now), -EIO);
	t_is("counted", (int64_t)ban_db_state(db).corrupt, 1);
	snprintf(path, sizeof(path), "%s.corrupt-1", dir.file);
	t_is("moved aside", access(path, F_OK), 0);
	is_complete(db, "corrupt while running");
}

static void test_removed_while_running(void)
{
	struct ban_db *db = begin(0);

	db_dir_clear(&dir, "");
	put(db, 'c');
	t_is("noticed", ban_db_flush(db, now), -EIO);
	t_ok("said", strstr(ban_db_state(db).text, "gone"));
	t_ok("nothing is queued, and all of it is owed", !ban_db_queued(db) && ban_db_owes(db));
	is_complete(db, "removed while running");
}

static void test_queue_runs_over(void)
{
	struct ban_db *db = begin(1 << 20);
	sqlite3 *other = lock(WRITERS);
	char big[10000] = "";

	t_ok("nothing is owed", !ban_db_owes(db));
	put(db, 'c');
	ban_db_flush(db, now);
	t_ok("one that failed is", ban_db_owes(db));
	for (int i = 0; i < 200; i++) {
		ban_db_put_state(db, "o", "big", 3, big, sizeof(big));
		t_ok("bounded", ban_db_state(db).queued <= 3 << 19);
	}
	t_is("counted", (int64_t)ban_db_state(db).lost_queues, 1);
	t_ok("not while it cannot be written", !ban_db_wants_all(db));
	now.ns += 100 * NS_PER_S;
	t_is("still not", ban_db_flush(db, now), -EIO);
	t_ok("still not", !ban_db_wants_all(db));
	unlock(other);
	now.ns += 100 * NS_PER_S;
	t_is("it can be written, but lacks everything", ban_db_flush(db, now), -EIO);
	t_ok("then it asks for everything", ban_db_wants_all(db));
	put_all(db);
	t_ok("once", !ban_db_wants_all(db));
	for (int i = 0; i < 200; i++)
		ban_db_put_past(db, "a jail of some length", &(struct ipaddr){ { 1 }, 4, 32 },
				i < 199 ? &(struct ban_past){ 1, wall, 1 } : NULL);
	put(db, 'd');
	is_complete(db, "everything may be more than the cap");
}

/* What goes while nothing can be written is not there when everything is. */
static void test_gone_meanwhile(void)
{
	struct ban_db *db = begin(1 << 20);
	sqlite3 *other = lock(WRITERS);
	char big[10000] = "";

	put(db, 'c');
	ban_db_flush(db, now);
	for (int i = 0; i < 200; i++)
		ban_db_put_state(db, "o", "big", 3, big, sizeof(big));
	t_is("the queue ran over", (int64_t)ban_db_state(db).lost_queues, 1);
	strcpy(memory, "bc");
	unlock(other);
	is_complete(db, "without what had gone meanwhile");
}

/* ---- not ours -------------------------------------------------------------------- */

static void test_not_ours(void)
{
	static const struct { const char *sql, *text; } files[] = {
		{ "CREATE TABLE bips(ip TEXT)", "another program" },
		{ "CREATE TABLE x(y); PRAGMA application_id=2019848290; PRAGMA user_version=99",
		  "newer version" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(files); i++) {
		struct stat before, after;
		struct ban_db *db;

		make_file(files[i].sql);
		t_is("there", stat(dir.file, &before), 0);
		db = open_db(0);
		t_is("goes on", load(db), 0);
		t_is("shouts", ban_db_state(db).health, BAN_DB_NOT_OURS);
		t_ok("why", strstr(ban_db_state(db).text, files[i].text));
		put(db, 'a');
		t_is("is not written", ban_db_flush(db, now), -EIO);
		t_is("still", ban_db_state(db).health, BAN_DB_NOT_OURS);
		t_is("there", stat(dir.file, &after), 0);
		t_ok("untouched", !memcmp(&before.st_mtim, &after.st_mtim, sizeof(before.st_mtim)));
		db_dir_clear(&dir, "");
		is_complete(db, "moved away: ours");
	}
}

static void test_no_directory(void)
{
	struct ban_db *db;
	char sub[T_DIR + 8];

	snprintf(sub, sizeof(sub), "%s/sub", dir.dir);
	snprintf(dir.file, sizeof(dir.file), "%s/db", sub);
	db = open_db(0);
	t_is("no directory", load(db), -EAGAIN);
	put(db, 'a');
	mkdir(sub, 0700);
	t_is("made", load(db), 0);
	t_is("written", heal(db), 0);
	t_is("well", ban_db_state(db).health, BAN_DB_OK);
	ban_db_close(db);
	unlink(dir.file);
	rmdir(sub);
	memset(memory, 0, sizeof(memory));
	snprintf(dir.file, sizeof(dir.file), "%s/db", dir.dir);
}

/* ---- the disk; needs root -------------------------------------------------------- */

static void fill_disk(int fd)
{
	static char block[4096] = "x";

	while (write(fd, block, sizeof(block)) > 0)
		;
	while (write(fd, block, 1) > 0)
		;
}

static void test_full_disk(void)
{
	struct ban_db *db = begin(0);
	char path[128], big[60000] = "";
	int fd;

	snprintf(path, sizeof(path), "%s/ballast", dir.dir);
	fd = open(path, O_WRONLY | O_CREAT, 0600);
	fill_disk(fd);
	put(db, 'c');
	ban_db_put_state(db, "big", "k", 1, big, sizeof(big));
	t_is("full", ban_db_flush(db, now), -EIO);
	t_is("shouts", ban_db_state(db).health, BAN_DB_FAILING);
	t_ok("why", strstr(ban_db_state(db).text, "full") || strstr(ban_db_state(db).text, "disk"));
	close(fd);
	unlink(path);
	put(db, 'd');
	t_is("room again", heal(db), 0);
	ban_db_drop_state(db, "big");
	is_complete(db, "full disk");
}

static void test_read_only_disk(void)
{
	struct ban_db *db = begin(0);

	ban_db_close(db);
	t_is("read-only", mount("", dir.dir, "", MS_REMOUNT | MS_RDONLY, ""), 0);
	db = open_db(0);
	t_is("can be read", load(db), 0);
	t_str("all of it", loaded.text, "state o a=\nstate o b=\n");
	t_is("shouts", ban_db_state(db).health, BAN_DB_FAILING);
	t_ok("and says why", strstr(ban_db_state(db).text, "(Read-only file system)"));
	put(db, 'c');
	t_is("is not written", ban_db_flush(db, now), -EIO);
	t_ok("says why again", strstr(ban_db_state(db).text, "(Read-only file system)"));
	t_ok("nothing is asked for in vain", !ban_db_wants_all(db));
	t_is("writable", mount("", dir.dir, "", MS_REMOUNT, ""), 0);
	is_complete(db, "read-only disk");
}

/* Bans that have ended by themselves are all the news there may be. */
static void test_read_only_at_start(void)
{
	struct ban_db *db = begin(0);

	ban_db_close(db);
	t_is("read-only", mount("", dir.dir, "", MS_REMOUNT | MS_RDONLY, ""), 0);
	db = open_db(0);
	t_is("can be read", load(db), 0);
	strcpy(memory, "b");
	t_is("writable", mount("", dir.dir, "", MS_REMOUNT, ""), 0);
	is_complete(db, "everything is written once that is possible");
}

static void test_disk(void)
{
	if (mount("tmpfs", dir.dir, "tmpfs", 0, "size=512k")) {
		printf("SKIP full and read-only disk: cannot mount a file system: %s\n",
		       strerror(errno));
		return;
	}
	test_full_disk();
	test_read_only_disk();
	test_read_only_at_start();
	umount(dir.dir);
}

int main(void)
{
	log_open("/dev/null", LOG_LEVEL_ERROR);
	if (!db_dir_make(&dir))
		return 1;
	test_locked_while_running();
	test_locked_at_start();
	test_corrupt_at_start();
	test_corrupt_while_running();
	test_removed_while_running();
	test_queue_runs_over();
	test_gone_meanwhile();
	test_not_ours();
	test_no_directory();
	test_disk();
	rmdir(dir.dir);
	return t_done();
}
