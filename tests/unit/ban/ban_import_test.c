// SPDX-License-Identifier: GPL-2.0-or-later
/* Fail2ban's own database, in the forms its versions left on disks. */
#include "ban/ban_import.h"

#include <errno.h>
#include <sqlite3.h>
#include <stdlib.h>
#include <unistd.h>

#include "../t.h"

static char path[T_DIR + 8];

static void make(const char *sql)
{
	sqlite3 *db;
	char *err = NULL;

	unlink(path);
	sqlite3_open(path, &db);
	sqlite3_exec(db, sql, NULL, NULL, &err);
	t_str(sql, err, NULL);
	sqlite3_close(db);
}

static int got(void *ctx, const struct ban_import *b)
{
	char *text = ctx, who[IPADDR_TEXT];

	sprintf(text + strlen(text), "%s %s %lld +%lld #%u\n", b->jail,
		ipaddr_format(&b->who, who), (long long)(b->since.us / US_PER_S),
		(long long)(b->bantime_us / US_PER_S), b->count);
	return 0;
}

static int stop(void *ctx, const struct ban_import *b)
{
	(void)b;
	++*(int *)ctx;
	return -ENOSPC;
}

#define V4	"CREATE TABLE fail2banDb(version INTEGER); INSERT INTO fail2banDb VALUES(4);" \
		"CREATE TABLE bips(ip TEXT NOT NULL, jail TEXT NOT NULL," \
		" timeofban INTEGER NOT NULL, bantime INTEGER NOT NULL," \
		" bancount INTEGER NOT NULL default 1, data JSON, PRIMARY KEY(ip, jail));"
#define V3	"CREATE TABLE bans(jail TEXT NOT NULL, ip TEXT, timeofban INTEGER NOT NULL," \
		" bantime INTEGER NOT NULL, bancount INTEGER NOT NULL default 1, data JSON);"

static const struct {
	const char *name, *sql, *want;
	size_t read, bad;
} rows[] = {
	{ "empty", V4, "", 0, 0 },
	{ "bans", V4 V3 "INSERT INTO bips VALUES('192.0.2.1','sshd',1700000000,600,2,'{}'),"
	  "('2001:db8::1','sshd',1700000001,-1,1,NULL);"
	  "INSERT INTO bans VALUES('sshd','198.51.100.1',1,2,3,'')",
	  "sshd 192.0.2.1 1700000000 +600 #2\nsshd 2001:db8::1 1700000001 +-1 #1\n", 2, 0 },
	{ "networks and mapped addresses", V4
	  "INSERT INTO bips VALUES('192.0.2.0/24','a',1,2,3,''),('::ffff:192.0.2.9','a',1,2,3,'')",
	  "a 192.0.2.0/24 1 +2 #3\na 192.0.2.9 1 +2 #3\n", 2, 0 },
	{ "no addresses", V4
	  "INSERT INTO bips VALUES('root','a',1,2,3,''),('010.0.0.1','a',1,2,3,''),"
	  "('192.0.2.1','',1,2,3,'')",
	  "", 0, 3 },
	{ "strange numbers", V4
	  "INSERT INTO bips VALUES('192.0.2.1','a',1.5,'x',-3,''),('192.0.2.2','a',1e300,2,3,''),"
	  "('192.0.2.3','a',1,-2,3,'')", "a 192.0.2.1 1 +0 #1\n", 1, 2 },
	{ "an older version: the last ban counts", V3
	  "INSERT INTO bans VALUES('a','192.0.2.1',100,600,1,''),('a','192.0.2.1',300,900,2,''),"
	  "('a','192.0.2.1',200,700,2,'')", "a 192.0.2.1 300 +900 #2\n", 1, 0 },
};

static void test_rows(void)
{
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct ban_import_stats stats;
		char text[1024] = "";

		make(rows[i].sql);
		t_is(rows[i].name, ban_import_fail2ban(path, got, text, &stats), 0);
		t_str(rows[i].name, text, rows[i].want);
		t_is(rows[i].name, (int64_t)stats.read, (int64_t)rows[i].read);
		t_is(rows[i].name, (int64_t)stats.bad, (int64_t)rows[i].bad);
	}
}

static void test_refusals(void)
{
	struct ban_import_stats stats;
	int calls = 0;
	FILE *f;

	make(V4 "INSERT INTO bips VALUES('192.0.2.1','a',1,2,3,''),('192.0.2.2','a',1,2,3,'')");
	t_is("a caller that stops", ban_import_fail2ban(path, stop, &calls, &stats), -ENOSPC);
	t_is("is not called again", calls, 1);
	make("CREATE TABLE other(x)");
	t_is("another program's", ban_import_fail2ban(path, stop, &calls, &stats), -EINVAL);
	f = fopen(path, "w");
	fprintf(f,
		"this is no database, though it is long enough to be looked at as if it were one");
	fclose(f);
	t_is("no database", ban_import_fail2ban(path, stop, &calls, &stats), -EINVAL);
	unlink(path);
	t_is("no file", ban_import_fail2ban(path, stop, &calls, &stats), -ENOENT);
	t_is("is made", access(path, F_OK), -1);
}

int main(void)
{
	char dir[T_DIR];

	if (!t_dir(dir))
		return 1;
	snprintf(path, sizeof(path), "%s/db", dir);
	test_rows();
	test_refusals();
	rmdir(dir);
	return t_done();
}
