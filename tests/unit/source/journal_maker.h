/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * journal_maker - real journal files for tests: entries in the export format are
 * piped into systemd-journal-remote(8), which writes them as journald would.
 */
#pragma once
#include "follower.h"
#include "journal/journal.h"

#define JOURNAL_REMOTE	"/usr/lib/systemd/systemd-journal-remote"

struct maker {
	FILE *pipe;
	uint64_t time;		/* us; of the next entry */
};

/* The tests that need it say so and are skipped. */
static inline bool maker_is_missing(void)
{
	if (!access(JOURNAL_REMOTE, X_OK))
		return false;
	printf("systemd-journal-remote is not installed\n");
	return true;
}

/* Entries get times that begin at @time and are a second apart. */
static inline void maker_open(struct maker *m, const char *file, uint64_t time)
{
	char command[256];

	snprintf(command, sizeof(command), "exec " JOURNAL_REMOTE " -o %s - 2>maker.out", file);
	m->pipe = popen(command, "w");
	m->time = time * 1000000;
	t_ok("a writer", m->pipe != NULL);
}

static inline void maker_close(struct maker *m)
{
	t_is("the writer ends well", pclose(m->pipe), 0);
}

static inline void make_begin(struct maker *m)
{
	fprintf(m->pipe, "__REALTIME_TIMESTAMP=%" PRIu64 "\n__MONOTONIC_TIMESTAMP=%" PRIu64 "\n"
		"_BOOT_ID=0123456789abcdef0123456789abcdef\n", m->time, m->time / 1000);
	m->time += 1000000;
}

/* A field with any bytes. */
static inline void make_field(struct maker *m, const char *name, const char *data, size_t len)
{
	fprintf(m->pipe, "%s\n", name);
	for (int i = 0; i < 8; i++)
		fputc((int)((uint64_t)len >> (8 * i) & 0xff), m->pipe);
	fwrite(data, 1, len, m->pipe);
	fputc('\n', m->pipe);
}

static inline void make_end(struct maker *m)
{
	fputc('\n', m->pipe);
	fflush(m->pipe);
}

/* @fields: "NAME=value" lines. */
static inline void make(struct maker *m, const char *fields)
{
	make_begin(m);
	fprintf(m->pipe, "%s\n", fields);
	make_end(m);
}

/* "h sshd[7]: TEXT" in the end. */
static inline void make_message(struct maker *m, const char *text)
{
	make_begin(m);
	fprintf(m->pipe, "_HOSTNAME=h\n_COMM=sshd\n_PID=7\nMESSAGE=%s\n", text);
	make_end(m);
}

/* Several, written and closed: one file of a journal. */
static inline void make_file(const char *file, uint64_t time, const char *const *messages)
{
	struct maker m;

	maker_open(&m, file, time);
	for (; *messages; messages++)
		make_message(&m, *messages);
	maker_close(&m);
}
#define MAKE_FILE(file, time, ...) \
	make_file(file, time, (const char *const []){ __VA_ARGS__, NULL })

static inline void follow_wish(struct follower *f, struct journal_wish wish)
{
	char why[256] = "";

	t_is("follow", sources_follow_journal(f->all, &wish, f, &f->follow, why, sizeof(why)), 0);
	t_str("no reason", why, "");
}
#define follow_journal(f, ...) \
	follow_wish(f, (struct journal_wish){ __VA_ARGS__ })

/* The cursor of what was read last, for f->resume of another one. */
static inline void take_cursor(struct follower *f, struct follower *next)
{
	struct source_position p;
	bool known = source_position(sources_first(f->all), &p);

	t_ok("a position", known && p.cursor);
	snprintf(next->resume_cursor, sizeof(next->resume_cursor), "%s",
		 known && p.cursor ? p.cursor : "");
	next->resume = (struct source_position){ .cursor = next->resume_cursor };
	next->resuming = true;
}

static inline struct source_stats stats_of(struct follower *f)
{
	struct source_stats st;

	source_stats(sources_first(f->all), &st);
	return st;
}
