// SPDX-License-Identifier: GPL-2.0-or-later
/* What goes into the database comes out of it after a restart. */
#include <errno.h>
#include <poll.h>
#include <sqlite3.h>
#include <sys/stat.h>

#include "ban/ban_db.h"
#include "base/log.h"

#include "../t.h"
#include "db_dir.h"

static const boot_t boot = { 1000 * NS_PER_S };
static const wall_t wall = { 1700000000 * US_PER_S };
static struct db_dir dir;

static struct ban_db *open_db(const char *path)
{
	struct ban_db_params p = { .path = path, .purge_age_us = 86400 * US_PER_S,
				   .max_history = 5 };
	struct ban_db *db = NULL;

	t_is("a database", ban_db_open(&db, &p), 0);
	return db;
}

static const char *load_at(struct ban_db *db, boot_t b, wall_t w)
{
	static struct db_loaded l;
	struct ban_db_reader r = db_reader(&l);

	t_is("loaded", ban_db_load(db, &r, b, w), 0);
	return l.text;
}

static const char *load(struct ban_db *db)
{
	return load_at(db, boot, wall);
}

static struct ban a_ban(const char *who, uint64_t until_s)
{
	struct ban b = { .jail = "sshd", .since = wall, .failures = 5, .earlier = 2,
			 .until = { until_s * NS_PER_S } };

	ipaddr_parse_net(who, strlen(who), &b.who);
	return b;
}

static void put_ban(struct ban_db *db, const char *who, uint64_t until_s)
{
	struct ban b = a_ban(who, until_s);

	ban_db_put_ban(db, &b, NULL, boot, wall);
}

/* Write what is queued, close, and open again. */
static struct ban_db *restart(struct ban_db *db)
{
	t_is("written", ban_db_flush(db, boot), 0);
	ban_db_close(db);
	return open_db(dir.file);
}

static void test_everything(void)
{
	struct ban_db *db = open_db(dir.file);
	struct ban b = a_ban("192.0.2.1", 1600);
	struct ban_past past = { 3, wall, 600 * US_PER_S };
	struct ban_db_position file = { .source = "/var/log/auth.log", .dev = UINT64_MAX,
					.inode = 7, .offset = 1ull << 40,
						.hash = 0xfedcba9876543210,
					.hash_len = 64 };
	struct ban_db_position journal = { .source = "journal", .cursor = "s=abc;i=1" };
	struct stat st;

	t_str("empty at first", load(db), "");
	ban_db_flush(db, boot);
	b.reason = "it's \"quoted\"";
	b.lines = "line";
	ban_db_put_ban(db, &b, "tcp/22", boot, wall);
	b = a_ban("2001:db8::/64", 0);
	b.until = BOOT_NEVER;
	ban_db_put_ban(db, &b, NULL, boot, wall);
	ban_db_put_past(db, "sshd", &b.who, &past);
	ban_db_put_position(db, &file);
	ban_db_put_position(db, &journal);
	ban_db_put_state(db, "sshd", "key", 3, "value", 5);
	ban_db_put_state(db, "sshd", "empty", 5, "", 0);
	ban_db_put_state(db, "sshd", "", 0, "nokey", 5);
	t_is("queued", (int64_t)ban_db_queued(db), 8);
	db = restart(db);
	t_str("all of it is back", load(db),
	      "ban 192.0.2.1 sshd since 1700000000000000 until 1600000000000 failures 5 "
		"earlier 2 scope tcp/22 reason it's \"quoted\" lines line\n"
	      "ban 2001:db8::/64 sshd since 1700000000000000 until 18446744073709551615 "
		"failures 5 earlier 2 scope - reason - lines -\n"
	      "past 2001:db8::/64 sshd bans 3 last 1700000000000000 bantime 600000000\n"
	      "position /var/log/auth.log dev 18446744073709551615 inode 7 offset "
		"1099511627776 hash fedcba9876543210/64 cursor -\n"
	      "position journal dev 0 inode 0 offset 0 hash 0/0 cursor s=abc;i=1\n"
	      "state sshd =nokey\nstate sshd empty=\nstate sshd key=value\n");
	t_is("nobody else may read it", stat(dir.file, &st) ? -1 : (int)(st.st_mode & 0777), 0600);
	ban_db_close(db);
	db_dir_clear(&dir, "");
}

static void test_changes(void)
{
	struct ban_db *db = open_db(dir.file);
	struct ban b = a_ban("192.0.2.1", 1600);
	struct ban_past past = { 1, wall, 5 };
	struct ban_db_position p = { .source = "a" };

	load(db);
	put_ban(db, "192.0.2.1", 1500);
	put_ban(db, "192.0.2.1", 1600);
	put_ban(db, "192.0.2.2", 1600);
	ban_db_put_past(db, "sshd", &b.who, &past);
	ban_db_put_position(db, &p);
	ban_db_put_state(db, "a", "1", 1, "x", 1);
	ban_db_put_state(db, "a", "2", 1, "x", 1);
	ban_db_put_state(db, "b", "1", 1, "x", 1);
	ban_db_put_state(db, "b", "2", 1, "x", 1);
	ban_db_put_state(db, "b", "2", 1, "y", 1);
	t_is("handed over", ban_db_commit(db, boot), 0);
	ban_db_flush(db, boot);
	ban_db_del_ban(db, &b.who, "sshd");
	b = a_ban("192.0.2.2", 0);
	ban_db_del_ban(db, &b.who, "asterisk");
	b = a_ban("192.0.2.1", 0);
	ban_db_put_past(db, "sshd", &b.who, NULL);
	ban_db_del_position(db, "a");
	ban_db_drop_state(db, "a");
	ban_db_put_state(db, "b", "1", 1, NULL, 0);
	db = restart(db);
	t_str("the last word counts", load(db),
	      "ban 192.0.2.2 sshd since 1700000000000000 until 1600000000000 failures 5 "
		"earlier 2 scope - reason - lines -\n"
	      "state b 2=y\n");
	ban_db_close(db);
	db_dir_clear(&dir, "");
}

static int got_bans_end(void *ctx)
{
	db_say(ctx, "that were all bans");
	return 0;
}

/* The kernel hears of the bans before the rest is read, which may be long. */
static void test_order(void)
{
	struct ban_db *db = open_db(dir.file);
	static struct db_loaded l;
	struct ban_db_reader r = db_reader(&l);
	struct ban b = a_ban("192.0.2.1", 2000);
	const char *end;

	load(db);
	ban_db_put_state(db, "a", "1", 1, "x", 1);
	ban_db_put_past(db, "sshd", &b.who, &(struct ban_past){ 1, wall, US_PER_S });
	ban_db_put_ban(db, &b, NULL, boot, wall);
	db = restart(db);
	r.bans_end = got_bans_end;
	t_is("loaded", ban_db_load(db, &r, boot, wall), 0);
	end = strstr(l.text, "\nthat were all bans\n");
	t_ok("the bans come first", !strncmp(l.text, "ban ", 4) && end);
	t_ok("then the rest", end && strstr(end, "\npast ") && strstr(end, "\nstate "));
	t_ok("it is said once", end && !strstr(end + 1, "\nthat were"));
	ban_db_close(db);
	db_dir_clear(&dir, "");
}

/* Who wants no state any more says so while it is loaded. */
static void test_unwanted_state(void)
{
	struct ban_db *db = open_db(dir.file);
	struct db_loaded l = { .state_ret = 1 };
	struct ban_db_reader r = db_reader(&l);

	load(db);
	ban_db_put_state(db, "gone", "1", 1, "x", 1);
	ban_db_put_state(db, "gone", "", 0, "x", 1);
	db = restart(db);
	t_is("loaded", ban_db_load(db, &r, boot, wall), 0);
	t_str("was there", l.text, "state gone =x\nstate gone 1=x\n");
	db = restart(db);
	t_str("is no more", load(db), "");
	l.state_ret = -ENOMEM;
	ban_db_put_state(db, "gone", "1", 1, "x", 1);
	db = restart(db);
	t_is("a reader that stops", ban_db_load(db, &r, boot, wall), -ENOMEM);
	t_is("costs the database", ban_db_state(db).health, BAN_DB_FAILING);
	t_ok("which says so", strstr(ban_db_state(db).text, "nothing is written"));
	t_is("and is left as it is", ban_db_flush(db, boot), -EIO);
	ban_db_close(db);
	db_dir_clear(&dir, "");
}

/* ---- time ------------------------------------------------------------------- */

static void sql(const char *text)
{
	sqlite3 *db;
	char *err = NULL;

	sqlite3_open(dir.file, &db);
	sqlite3_exec(db, text, NULL, NULL, &err);
	t_str(text, err, NULL);
	sqlite3_close(db);
}

static int64_t count(const char *query)
{
	sqlite3_stmt *stmt;
	sqlite3 *db;
	int64_t n = -1;

	sqlite3_open(dir.file, &db);
	if (!sqlite3_prepare_v2(db, query, -1, &stmt, NULL) && sqlite3_step(stmt) == SQLITE_ROW)
		n = sqlite3_column_int64(stmt, 0);
	sqlite3_finalize(stmt);
	sqlite3_close(db);
	return n;
}

static const struct {
	const char *name;
	bool rebooted;
	int64_t boot_s, wall_s;		/* at the restart */
	int64_t want_s;			/* the end then, on the boot clock; 0: ended */
} ends[] = {
	/* The ban was made at boot 1000, wall 1700000000, for 600 seconds. */
	{ "a restart", false, 1010, 1700000010, 1600 },
	{ "a restart after the end", false, 1600, 1700000600, 0 },
	{ "the clock was set back meanwhile", false, 1010, 1600000000, 1600 },
	{ "the clock was set forth meanwhile", false, 1010, 1800000000, 1600 },
	{ "a reboot", true, 20, 1700000100, 520 },
	{ "a reboot after the end", true, 20, 1700000600, 0 },
	{ "a reboot without a clock", true, 20, 1000, 620 },
};

static void test_ends(void)
{
	for (size_t i = 0; i < ARRAY_SIZE(ends); i++) {
		struct ban_db *db = open_db(dir.file);
		char want[160] = "";

		load(db);
		put_ban(db, "192.0.2.1", 1600);
		t_is("written", ban_db_flush(db, boot), 0);
		ban_db_close(db);
		if (ends[i].rebooted)
			sql("UPDATE bans SET boot=boot+1");
		db = open_db(dir.file);
		if (ends[i].want_s)
			snprintf(want, sizeof(want),
				"ban 192.0.2.1 sshd since 1700000000000000 until %lld "
					"failures 5 earlier 2 scope - reason - lines -\n",
				 (long long)ends[i].want_s * (long long)NS_PER_S);
		t_str(ends[i].name, load_at(db, (boot_t){ (uint64_t)ends[i].boot_s * NS_PER_S },
					    (wall_t){ ends[i].wall_s * US_PER_S }), want);
		t_is("written", ban_db_flush(db, boot), 0);
		ban_db_close(db);
		t_is("what has ended is deleted", count("SELECT count(*) FROM bans"),
			ends[i].want_s != 0);
		db_dir_clear(&dir, "");
	}
}

static void test_permanent_bans_stay(void)
{
	struct ban_db *db = open_db(dir.file);
	struct ban b = a_ban("192.0.2.1", 0);

	load(db);
	b.until = BOOT_NEVER;
	ban_db_put_ban(db, &b, NULL, boot, wall);
	db = restart(db);
	load_at(db, (boot_t){ UINT64_MAX / 4 }, (wall_t){ INT64_MAX / 4 });
	db = restart(db);
	t_ok("after a long time", strstr(load(db), "until 18446744073709551615"));
	ban_db_flush(db, boot);
	ban_db_close(db);
	sql("UPDATE bans SET boot=boot+1");
	db = open_db(dir.file);
	t_ok("and a reboot", strstr(load_at(db, boot, (wall_t){ INT64_MAX / 4 }),
		"until 18446744073709551615"));
	ban_db_close(db);
	db_dir_clear(&dir, "");
}

/* ---- events ------------------------------------------------------------------ */

static void got_event(void *ctx, const struct ban *b, wall_t until)
{
	char *text = ctx;

	sprintf(text + strlen(text), "%u:%lld:%s ", b->failures,
		until.us == WALL_NEVER.us ? -1 : (long long)(until.us - wall.us),
			b->lines ? b->lines : "-");
}

static void test_events(void)
{
	struct ban_db *db = open_db(dir.file);
	struct ban b = a_ban("192.0.2.1", 1600);
	char text[256] = "";

	load(db);
	b = a_ban("192.0.2.2", 1600);
	b.since.us = wall.us - 86401 * US_PER_S;
	ban_db_put_event(db, &b, wall);
	t_is("written", ban_db_flush(db, boot), 0);
	b = a_ban("192.0.2.1", 1600);
	for (uint32_t i = 0; i < 7; i++) {
		b.failures = i;
		b.lines = i == 6 ? "the line" : NULL;
		ban_db_put_event(db, &b, i == 6 ? WALL_NEVER : (wall_t){ wall.us + i });
	}
	t_is("written", ban_db_flush(db, boot), 0);
	t_is("asked", ban_db_events(db, &b.who, 3, got_event, text), 0);
	t_str("the newest first", text, "6:-1:the line 5:5:- 4:4:- ");
	ban_db_purge(db, wall);
	t_is("written", ban_db_flush(db, boot), 0);
	t_is("the newest five of those that are young", count("SELECT count(*) FROM events"), 5);
	t_is("and none of the others", count("SELECT min(failures) FROM events"), 2);
	t_is("which was the only one too old", count("SELECT count(*) FROM events"
						       " WHERE who='192.0.2.2'"), 0);
	/* All of them are too old now. */
	ban_db_purge(db, (wall_t){ wall.us + 2 * 86400 * US_PER_S });
	t_is("written", ban_db_flush(db, boot), 0);
	t_is("none is left", count("SELECT count(*) FROM events"), 0);
	ban_db_close(db);
	db_dir_clear(&dir, "");
}

/* ---- the queue ------------------------------------------------------------------ */

static void test_commit(void)
{
	struct ban_db *db = open_db(dir.file);
	struct pollfd fd = { .fd = ban_db_fd(db), .events = POLLIN };

	t_ok("not before it was loaded", !ban_db_ready(db, boot));
	t_is("nor here", ban_db_commit(db, boot), -EAGAIN);
	t_is("nor here", ban_db_flush(db, boot), -EIO);
	load(db);
	ban_db_flush(db, boot);
	t_ok("ready", ban_db_ready(db, boot));
	t_is("nothing to do", ban_db_commit(db, boot), 0);
	t_is("so nothing is done", poll(&fd, 1, 0), 0);
	put_ban(db, "192.0.2.1", 1600);
	t_is("handed over", ban_db_commit(db, boot), 0);
	t_is("the queue is empty", (int64_t)ban_db_queued(db), 0);
	t_is("its end is told", poll(&fd, 1, 10000), 1);
	ban_db_done(db);
	t_is("once", poll(&fd, 1, 0), 0);
	t_is("commits", (int64_t)ban_db_state(db).commits, 2);
	t_is("rows", (int64_t)ban_db_state(db).rows, 3);
	t_ok("took some time", ban_db_state(db).last_commit_ns);
	t_is("nothing waits", (int64_t)ban_db_state(db).queued, 0);
	t_is("health", ban_db_state(db).health, BAN_DB_OK);
	ban_db_close(db);
	db_dir_clear(&dir, "");
}

/*
 * A moment whose states are queued in slices: what else changes meanwhile is the
 * next one's.  Only the first is written here.
 */
static void test_sealed(void)
{
	struct ban_db *db = open_db(dir.file);
	struct ban first = a_ban("192.0.2.1", 0);

	load(db);
	t_is("nothing waits", ban_db_flush(db, boot), 0);
	put_ban(db, "192.0.2.1", 1600);
	ban_db_put_state(db, "a", "1", 1, "then", 4);
	ban_db_seal(db);
	put_ban(db, "192.0.2.2", 1600);
	ban_db_drop_state(db, "a");
	ban_db_put_state(db, "a", "2", 1, "then", 4);
	ban_db_seal(db);	/* it is already */
	ban_db_del_ban(db, &first.who, "sshd");
	t_is("all of it waits", (int64_t)ban_db_queued(db), 6);
	t_is("handed over", ban_db_commit(db, boot), 0);
	t_is("the next moment waits", (int64_t)ban_db_queued(db), 3);
	ban_db_close(db);	/* and is lost */
	db = open_db(dir.file);
	t_str("the moment", load(db), "ban 192.0.2.1 sshd since 1700000000000000 until "
	      "1600000000000 failures 5 earlier 2 scope - reason - lines -\n"
	      "state a 1=then\nstate a 2=then\n");
	ban_db_seal(db);
	put_ban(db, "192.0.2.3", 1600);
	ban_db_drop_state(db, "a");
	db = restart(db);
	t_str("the end writes both", load(db), "ban 192.0.2.1 sshd since 1700000000000000 until "
	      "1600000000000 failures 5 earlier 2 scope - reason - lines -\n"
	      "ban 192.0.2.3 sshd since 1700000000000000 until "
	      "1600000000000 failures 5 earlier 2 scope - reason - lines -\n");
	ban_db_close(db);
	db_dir_clear(&dir, "");
}

static void test_no_file(void)
{
	static const char *const paths[] = { NULL, "", "None", "none", ":memory:" };

	for (size_t i = 0; i < ARRAY_SIZE(paths); i++) {
		struct ban_db *db = open_db(paths[i]);
		struct ban b = a_ban("192.0.2.1", 1600);

		t_str("nothing is loaded", load(db), "");
		put_ban(db, "192.0.2.1", 1600);
		t_is("nothing is queued", (int64_t)ban_db_queued(db), 0);
		t_is("nothing fails", ban_db_commit(db, boot), 0);
		t_is("nor here", ban_db_flush(db, boot), 0);
		t_is("nor here", ban_db_events(db, &b.who, 1, got_event, NULL), 0);
		t_ok("nothing is wanted", !ban_db_wants_all(db));
		t_is("health", ban_db_state(db).health, BAN_DB_OFF);
		ban_db_close(db);
	}
	ban_db_close(NULL);
}

/* Rows that somebody else wrote by hand: what makes no sense is left out. */
static void test_strange_rows(void)
{
	struct ban_db *db = open_db(dir.file);

	load(db);
	put_ban(db, "192.0.2.1", 1600);
	t_is("written", ban_db_flush(db, boot), 0);
	ban_db_close(db);
	sql("UPDATE bans SET who='nonsense'; INSERT INTO bans VALUES('192.0.2.2',x'00',"
	    "'then','soon','x','y',-1,1e300,x'ff',5,6.5);"
	    "INSERT INTO offenders VALUES('',1,2,3,4); INSERT INTO positions VALUES('p','a','b',"
	    "'c','d','e',x'');INSERT INTO state VALUES(1,2,3)");
	db = open_db(dir.file);
	t_str("loaded", load(db),
		"position p dev 0 inode 0 offset 0 hash 0/0 cursor \nstate 1 2=3\n");
	t_is("and nothing is wrong", ban_db_state(db).health, BAN_DB_OK);
	ban_db_close(db);
	db_dir_clear(&dir, "");
}

/* No difference of two times in there may overflow. */
static void test_strange_times(void)
{
	struct ban_db *db = open_db(dir.file);

	load(db);
	put_ban(db, "192.0.2.1", 1600);
	t_is("written", ban_db_flush(db, boot), 0);
	ban_db_close(db);
	sql("UPDATE bans SET boot=boot+1, since=-9223372036854775807-1,"
	    " until=9223372036854775806");
	db = open_db(dir.file);
	t_ok("the earliest beginning and the latest end",
	     strstr(load(db), "since -4611686018427387904 until 18446744073709551615 "));
	ban_db_close(db);
	db_dir_clear(&dir, "");
}

int main(void)
{
	log_plain(LOG_LEVEL_ERROR);
	if (!db_dir_make(&dir))
		return 1;
	test_everything();
	test_changes();
	test_order();
	test_unwanted_state();
	test_ends();
	test_permanent_bans_stay();
	test_events();
	test_commit();
	test_sealed();
	test_no_file();
	test_strange_rows();
	test_strange_times();
	rmdir(dir.dir);
	return t_done();
}
