/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * follower - the other side of a source for tests: collects whole lines, keeps
 * positions, and runs the loop until something is true (with a deadline).
 * And a directory of its own, with short ways to do to files what services and
 * log rotation do.
 */
#pragma once
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/str.h"
#include "source/source.h"
#include "../t.h"

#define DEADLINE_NS	(20 * NS_PER_S)

struct follower {
	struct loop *loop;
	struct sources *all;
	struct source_follow *follow;
	struct str lines;	/* all lines of all sources, each with its '\n' */
	unsigned int opened, closed, restarts, caught_up;
	struct source_position resume;	/* for sources that open now */
	bool resuming;
	char resume_cursor[512];
	uint64_t start;
	void *only;		/* collect for this user alone */
	wall_t last_time;	/* of the last journal entry */
	struct loop_timer tick;
	bool (*until)(struct follower *f);
	const char *want;
	size_t want_len;
	boot_t deadline;
	bool in_time;
};

/* What is kept for each source: its unfinished line. */
struct framing {
	struct str text;
	bool skipping;
};

static inline int on_open(void *ctx, struct source *s)
{
	source_set_data(s, calloc(1, sizeof(struct framing)));
	((struct follower *)ctx)->opened++;
	return 0;
}

static inline void on_close(void *ctx, struct source *s)
{
	struct framing *line = source_data(s);

	str_fini(&line->text);
	free(line);
	((struct follower *)ctx)->closed++;
}

static inline bool on_resume(void *ctx, struct source *s, struct source_position *p)
{
	struct follower *f = ctx;

	(void)s;
	*p = f->resume;
	return f->resuming;
}

static inline uint64_t on_start(void *ctx, struct source *s, uint64_t size)
{
	(void)s;
	(void)size;
	return ((struct follower *)ctx)->start;
}

static inline bool is_for(const struct follower *f, const struct source *s)
{
	for (const struct source_user *u = source_users(s); u; u = u->next)
		if (!f->only || (u->ctx == f->only && u->reading))
			return true;
	return false;
}

static inline size_t on_bytes(void *ctx, struct source *s, const char *data, size_t len)
{
	struct framing *line = source_data(s);
	struct follower *f = ctx;
	const char *nl;

	for (; (nl = memchr(data, '\n', len)); len -= (size_t)(nl + 1 - data), data = nl + 1) {
		str_add(&line->text, data, (size_t)(nl + 1 - data));
		if (!line->skipping && is_for(f, s))
			str_add(&f->lines, line->text.s, line->text.len);
		str_reset(&line->text);
		line->skipping = false;
	}
	str_add(&line->text, data, len);
	return line->text.len;
}

static inline void on_entry(void *ctx, struct source *s, const char *text, size_t len,
			    wall_t when)
{
	struct follower *f = ctx;

	(void)s;
	str_add(&f->lines, text, len);
	str_putc(&f->lines, '\n');
	f->last_time = when;
}

static inline void on_restart(void *ctx, struct source *s, bool inside)
{
	struct framing *line = source_data(s);

	((struct follower *)ctx)->restarts++;
	line->skipping = inside;
	str_reset(&line->text);
}

static inline void on_caught_up(void *ctx, struct source *s)
{
	(void)s;
	((struct follower *)ctx)->caught_up++;
}

static const struct source_sink follower_sink = {
	on_open, on_close, on_resume, on_start, on_bytes, on_entry, on_restart, on_caught_up,
};

static inline void tick(void *ctx)
{
	struct follower *f = ctx;

	f->in_time = loop_boot(f->loop).ns < f->deadline.ns;
	if (!f->in_time || f->until(f))
		loop_stop(f->loop);
	else
		loop_timer_in(f->loop, &f->tick, 200000);
}

/* Run the loop until @until says so; false: the deadline passed. */
static inline bool follower_run(struct follower *f, bool (*until)(struct follower *f))
{
	f->tick = (struct loop_timer){ .fn = tick, .ctx = f };
	f->until = until;
	f->deadline = (boot_t){ boot_now().ns + DEADLINE_NS };
	loop_timer_in(f->loop, &f->tick, 0);
	loop_run(f->loop);
	return f->in_time;
}

static inline bool has_wanted(struct follower *f)
{
	return f->lines.len >= f->want_len;
}

/* The lines that came since the last call are exactly @want. */
static inline void expect_at(const char *file, int line, struct follower *f,
			     const char *what, const char *want)
{
	f->want = want;
	f->want_len = strlen(want);
	follower_run(f, has_wanted);
	str_add(&f->lines, "", 0);
	t_str_at(file, line, what, f->lines.s, want);
	str_reset(&f->lines);
}
#define expect(f, what, want) expect_at(__FILE__, __LINE__, f, what, want)

static inline bool many_rounds(struct follower *f)
{
	return ++f->want_len > 20;
}

/* Nothing comes, however often the loop turns. */
static inline void expect_nothing_at(const char *file, int line, struct follower *f,
				     const char *what)
{
	f->want_len = 0;
	follower_run(f, many_rounds);
	str_add(&f->lines, "", 0);
	t_str_at(file, line, what, f->lines.s, "");
	str_reset(&f->lines);
}
#define expect_nothing(f, what) expect_nothing_at(__FILE__, __LINE__, f, what)

static inline void follower_open(struct follower *f, const struct source_options *o)
{
	memset(f, 0, sizeof(*f));
	f->loop = loop_new();
	t_ok("a loop", f->loop != NULL);
	t_is("sources", sources_new(&f->all, f->loop, &follower_sink, f, o), 0);
}

static inline void follow(struct follower *f, const char *path)
{
	struct source_spec spec = { .path = path, .user = f };

	t_is(path, sources_follow(f->all, &spec, &f->follow), 0);
}

static inline void follower_close(struct follower *f)
{
	sources_free(f->all);
	loop_free(f->loop);
	str_fini(&f->lines);
	t_is("all that was opened is closed", f->closed, f->opened);
}

/* ---- files --------------------------------------------------------------- */

/* A fresh directory, which becomes the working directory. */
static inline void enter_directory(char dir[static T_DIR])
{
	t_ok("a directory", t_dir(dir) && !chdir(dir));
}

static inline void leave_directory(const char *dir)
{
	char command[128];

	snprintf(command, sizeof(command), "cd / && rm -rf '%s'", dir);
	t_ok("clean up", !chdir("/") && !system(command));
}

static inline void in_directory(void (*test)(void))
{
	char dir[T_DIR];

	enter_directory(dir);
	test();
	leave_directory(dir);
}

static inline void put(const char *path, int flags, const char *text)
{
	int fd = open(path, O_WRONLY | O_CREAT | flags, 0644);

	t_ok(path, fd >= 0 && write(fd, text, strlen(text)) == (ssize_t)strlen(text));
	close(fd);
}

static inline void append(const char *path, const char *text)
{
	put(path, O_APPEND, text);
}

static inline void move(const char *from, const char *to)
{
	t_is(from, rename(from, to), 0);
}

static inline void copy(const char *from, const char *to)
{
	char buf[65536];
	int in = open(from, O_RDONLY), out = open(to, O_WRONLY | O_CREAT | O_TRUNC, 0644);
	ssize_t n;

	while ((n = read(in, buf, sizeof(buf))) > 0)
		if (write(out, buf, (size_t)n) != n)
			break;
	t_ok("copied", in >= 0 && out >= 0 && !n);
	close(in);
	close(out);
}

/* Follow the log of that name, which holds these whole lines already. */
static inline void begin_with(struct follower *f, const char *lines)
{
	append("log", lines);
	follower_open(f, NULL);
	follow(f, "log");
	expect(f, "what is there", lines);
}
