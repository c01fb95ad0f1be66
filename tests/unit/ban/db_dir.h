/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A directory for one test's database, and everything a database gave back. */
#pragma once
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../t.h"
#include "ban/ban_db.h"

struct db_dir { char dir[T_DIR], file[T_DIR + 16]; };

static inline bool db_dir_make(struct db_dir *d)
{
	if (!t_dir(d->dir))
		return false;
	snprintf(d->file, sizeof(d->file), "%s/db", d->dir);
	return true;
}

/* Empty the directory; gives how many files had @part in their names. */
static inline int db_dir_clear(struct db_dir *d, const char *part)
{
	DIR *dir = opendir(d->dir);
	struct dirent *e;
	char path[400];
	int n = 0;

	while (dir && (e = readdir(dir))) {
		if (e->d_name[0] == '.')
			continue;
		n += strstr(e->d_name, part) != NULL;
		snprintf(path, sizeof(path), "%s/%s", d->dir, e->d_name);
		unlink(path);
	}
	if (dir)
		closedir(dir);
	return n;
}

/* What was loaded, as text, one line for each row. */
struct db_loaded { char text[8192]; int state_ret; };

static inline void db_say(struct db_loaded *l, const char *line)
{
	size_t n = strlen(l->text);

	snprintf(l->text + n, sizeof(l->text) - n, "%s\n", line);
}

static inline int db_got_ban(void *ctx, const struct ban *b, const char *scope)
{
	char line[512], who[IPADDR_TEXT];

	snprintf(line, sizeof(line),
		"ban %s %s since %lld until %llu failures %u earlier %u scope %s reason %s "
			"lines %s",
		 ipaddr_format(&b->who, who), b->jail, (long long)b->since.us,
		 (unsigned long long)b->until.ns, b->failures, b->earlier, scope ? scope : "-",
		 b->reason ? b->reason : "-", b->lines ? b->lines : "-");
	db_say(ctx, line);
	return 0;
}

static inline int db_got_past(void *ctx, const char *jail, const struct ipaddr *who,
			      const struct ban_past *p)
{
	char line[256], text[IPADDR_TEXT];

	snprintf(line, sizeof(line), "past %s %s bans %u last %lld bantime %lld",
		 ipaddr_format(who, text), jail, p->bans, (long long)p->last.us,
		 (long long)p->bantime_us);
	db_say(ctx, line);
	return 0;
}

static inline int db_got_position(void *ctx, const struct ban_db_position *p)
{
	char line[512];

	snprintf(line, sizeof(line),
		"position %s dev %llu inode %llu offset %llu hash %llx/%u cursor %s",
		 p->source, (unsigned long long)p->dev, (unsigned long long)p->inode,
		 (unsigned long long)p->offset, (unsigned long long)p->hash, p->hash_len,
		 p->cursor ? p->cursor : "-");
	db_say(ctx, line);
	return 0;
}

static inline int db_got_state(void *ctx, const char *owner, const void *key, size_t key_len,
			       const void *value, size_t value_len)
{
	struct db_loaded *l = ctx;
	char line[256];

	snprintf(line, sizeof(line), "state %s %.*s=%.*s", owner, (int)key_len,
		 (const char *)key, (int)value_len, (const char *)value);
	db_say(l, line);
	return l->state_ret;
}

static inline struct ban_db_reader db_reader(struct db_loaded *l)
{
	l->text[0] = '\0';
	return (struct ban_db_reader){ .ban = db_got_ban, .past = db_got_past,
				       .position = db_got_position, .state = db_got_state,
				       .ctx = l };
}
