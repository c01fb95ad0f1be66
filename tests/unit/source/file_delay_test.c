// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A log that grows by four bytes for each one that is read: the oldest are left
 * out, whole lines go on, and the newest is read.
 */
#include <time.h>

#include "base/log.h"
#include "follower.h"

static struct { int fd; bool growing; uint64_t written; } log_file;

/*
 * In place of libc's: what passes is what reading is said to take, a millisecond for
 * each piece while the log grows, and not what a busy machine makes of it.
 */
static uint64_t now_ns = NS_PER_S;

int clock_gettime(clockid_t clock, struct timespec *ts)
{
	(void)clock;
	now_ns += 10000;
	ts->tv_sec = (time_t)(now_ns / NS_PER_S);
	ts->tv_nsec = (long)(now_ns % NS_PER_S);
	return 0;
}

static void write_lines(size_t bytes)
{
	struct str s = { 0 };

	while (s.len < bytes)
		str_printf(&s, "line %llu of a log\n", (unsigned long long)log_file.written++);
	t_ok("written", write(log_file.fd, s.s, s.len) == (ssize_t)s.len);
	t_passed--;	/* thousands of times */
	str_fini(&s);
}

static size_t growing_bytes(void *ctx, struct source *s, const char *data, size_t len)
{
	if (log_file.growing) {
		write_lines(len * 4);
		now_ns += 1000000;
	}
	return on_bytes(ctx, s, data, len);
}

static uint64_t skipped(const struct follower *f)
{
	struct source_stats st;

	source_stats(sources_first(f->all), &st);
	return st.skipped;
}

static bool has_skipped(struct follower *f)
{
	return skipped(f) > 0;
}

static bool has_read_all(struct follower *f)
{
	struct source_stats st;

	source_stats(sources_first(f->all), &st);
	return !st.lag;
}

/* Lines are whole and in order; gives how many there are, and the last one's number. */
static size_t check_lines(const char *text, uint64_t *last)
{
	size_t n = 0, broken = 0;

	*last = 0;
	for (const char *line = text; *line; line = strchr(line, '\n') + 1, n++) {
		char *end = NULL;
		unsigned long long number = strncmp(line, "line ", 5) ? 0 :
			strtoull(line + 5, &end, 10);

		/* Not sscanf(), which looks for the end of the text for each line. */
		if (!end || strncmp(end, " of a log\n", 10) || (n && number <= *last))
			broken++;
		*last = number;
	}
	t_is("lines that are not whole, or out of order", (int64_t)broken, 0);
	return n;
}

static void run(uint64_t max_delay_ns, bool rotate)
{
	static const struct source_sink sink = {
		on_open, on_close, on_resume, on_start, growing_bytes, on_entry, on_restart,
		on_caught_up,
	};
	struct source_options o = { .read_size = 4096, .budget = 16384,
				    .max_delay_ns = max_delay_ns };
	struct follower f = { .loop = loop_new() };
	uint64_t last;
	size_t n;

	log_file.fd = open("log", O_WRONLY | O_CREAT | O_APPEND | O_TRUNC, 0644);
	log_file.written = 0;
	log_file.growing = max_delay_ns;
	write_lines(rotate ? 4 << 20 : 10000);
	t_is("sources", sources_new(&f.all, f.loop, &sink, &f, &o), 0);
	follow(&f, "log");
	if (rotate) {
		move("log", "log.1");
		close(log_file.fd);
		log_file.fd = open("log", O_WRONLY | O_CREAT | O_APPEND, 0644);
	}
	if (max_delay_ns)
		t_ok("something was left out", follower_run(&f, has_skipped));
	log_file.growing = false;
	write_lines(1);
	t_ok("all is read", follower_run(&f, has_read_all));
	n = check_lines(f.lines.s, &last);
	t_is("the newest line, too", (int64_t)last, (int64_t)log_file.written - 1);
	if (max_delay_ns)
		t_ok("lines are missing", n < log_file.written);
	else
		t_is("without a limit none is missing", (int64_t)n, (int64_t)log_file.written);
	t_ok("and that was counted", !skipped(&f) == !max_delay_ns);
	follower_close(&f);
	close(log_file.fd);
	unlink("log");
	unlink("log.1");
}

int main(void)
{
	char dir[T_DIR];

	log_plain(LOG_LEVEL_ERROR);
	enter_directory(dir);
	run(0, false);
	run(30000000, false);
	run(30000000, true);
	leave_directory(dir);
	return t_done();
}
