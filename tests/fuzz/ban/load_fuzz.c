// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Rows of a database that nobody of ours wrote: each byte string is a table, then a
 * value for each column, of any type SQLite has.  What is taken back goes into a
 * store and a history, whose clocks and sums must bear it; what nobody wants can be
 * deleted, and the file is readable again.
 */
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "ban/ban_history.h"
#include "ban/db_file.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const boot_t boot_time = { 1000 * NS_PER_S };
static const wall_t wall_time = { 1700000000 * US_PER_S };

/* ---- the input ------------------------------------------------------------------- */

struct input { const uint8_t *at; size_t left; };

static uint8_t byte(struct input *in)
{
	if (!in->left)
		return 0;
	in->left--;
	return *in->at++;
}

/* Numbers near the ends of their range, as often as others. */
static int64_t number(struct input *in)
{
	static const int64_t edges[] = { INT64_MIN, INT64_MAX, -1, 0, INT64_MAX / 1000, 1 };
	uint8_t kind = byte(in);
	uint64_t v = 0;

	if (kind < 128)
		return edges[kind % ARRAY_SIZE(edges)] + (kind >= 64 && kind % 6 > 1);
	for (int i = 0; i < 8; i++)
		v = v << 8 | byte(in);
	return (int64_t)v;
}

static const char *word(struct input *in)
{
	static const char *const words[] = {
		"192.0.2.1", "2001:db8::/32", "0.0.0.0/0", "::ffff:1.2.3.4", "sshd", "",
		"udp/5060", "/var/log/auth.log", "\xff\xfe", "all",
	};

	return words[byte(in) % ARRAY_SIZE(words)];
}

static void bind_any(sqlite3_stmt *stmt, int i, struct input *in)
{
	size_t len;

	switch (byte(in) % 6) {
	case 0: case 1:
		sqlite3_bind_int64(stmt, i, number(in));
		break;
	case 2: case 3:
		sqlite3_bind_text(stmt, i, word(in), -1, SQLITE_STATIC);
		break;
	case 4:
		len = byte(in);
		len = len < in->left ? len : in->left;
		sqlite3_bind_blob(stmt, i, in->at, (int)len, SQLITE_TRANSIENT);
		in->at += len;
		in->left -= len;
		break;
	default:
		sqlite3_bind_double(stmt, i, (double)number(in));
	}
}

static void put_row(sqlite3 *db, struct input *in)
{
	static const char *const inserts[] = {
		"INSERT OR REPLACE INTO bans VALUES(?,?,?,?,?,?,?,?,?,?,?)",
		"INSERT OR REPLACE INTO offenders VALUES(?,?,?,?,?)",
		"INSERT OR REPLACE INTO positions VALUES(?,?,?,?,?,?,?)",
		"INSERT OR REPLACE INTO state VALUES(?,?,?)",
	};
	sqlite3_stmt *stmt;

	if (sqlite3_prepare_v2(db, inserts[byte(in) % ARRAY_SIZE(inserts)], -1, &stmt, NULL))
		abort();
	for (int i = 1; i <= sqlite3_bind_parameter_count(stmt); i++)
		bind_any(stmt, i, in);
	sqlite3_step(stmt);
	sqlite3_finalize(stmt);
}

/* ---- what is taken back ---------------------------------------------------------- */

struct taken { struct ban_store *store; struct ban_history *history; };

static int take_ban(void *ctx, const struct ban *b, const char *scope)
{
	struct taken *t = ctx;

	(void)scope;
	ban_end_wall(b->until, boot_time, wall_time);
	ban_store_add(t->store, b);
	return 0;
}

static int take_past(void *ctx, const char *jail, const struct ipaddr *who,
		     const struct ban_past *past)
{
	struct taken *t = ctx;

	return ban_history_restore(t->history, jail, who, past);
}

static int take_position(void *ctx, const struct ban_db_position *p)
{
	(void)ctx;
	return strlen(p->source) > 1000 || (p->cursor && strlen(p->cursor) > 1000);
}

static int refuse_state(void *ctx, const char *owner, const void *key, size_t key_len,
			const void *value, size_t value_len)
{
	(void)ctx, (void)key, (void)value;
	return strlen(owner) + key_len + value_len ? 1 : 0;
}

static void load(struct db_file *f, struct taken *t)
{
	const struct ban_db_reader r = { .ban = take_ban, .past = take_past,
		.position = take_position, .state = refuse_state, .ctx = t };
	struct db_batch cleanup = { 0 };
	int stopped;

	if (db_file_load(f, &r, 7, boot_time, wall_time, &cleanup, &stopped) ||
	    db_file_write(f, &cleanup))
		abort();
	db_batch_fini(&cleanup);
}

static void go_on(struct taken *t)
{
	struct ipaddr who = { { 192, 0, 2, 1 }, 4, 32 };
	struct ban_past past;

	ban_history_purge(t->history, wall_time, 86400 * US_PER_S);
	ban_history_add(t->history, "sshd", &who, wall_time, 600 * US_PER_S, &past);
	if (!past.bans || ban_history_get(t->history, NULL, &who).bans < past.bans)
		abort();
	ban_store_expire(t->store, boot_time);
	if (ban_store_next_end(t->store).ns <= boot_time.ns)
		abort();
}

static struct db_file *open_file(void)
{
	static char path[] = "/dev/shm/load_fuzz.XXXXXX";
	static struct db_file file = { .path = path };
	static bool open;

	if (!open) {
		int fd = mkstemp(path);

		if (fd < 0 || db_file_open(&file, 1000))
			abort();
		close(fd);
		sqlite3_exec(file.db, "PRAGMA journal_mode=MEMORY; PRAGMA synchronous=OFF", NULL,
			     NULL, NULL);
		unlink(path);
		open = true;
	}
	sqlite3_exec(file.db, "DELETE FROM bans; DELETE FROM offenders; DELETE FROM positions;"
		     " DELETE FROM state", NULL, NULL, NULL);
	return &file;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const struct ban_store_params params = { .max_bans = 4, .max_text = 1000 };
	struct taken t = { ban_store_new(&params), ban_history_new(4, NULL, NULL) };
	struct input in = { data, size };
	struct db_file *f = open_file();

	if (!t.store || !t.history)
		abort();
	sqlite3_exec(f->db, "BEGIN", NULL, NULL, NULL);
	while (in.left)
		put_row(f->db, &in);
	sqlite3_exec(f->db, "COMMIT", NULL, NULL, NULL);
	load(f, &t);
	go_on(&t);
	ban_store_free(t.store);
	ban_history_free(t.history);
	return 0;
}
