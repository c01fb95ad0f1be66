// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Torture: a writer that never stops, rotations of all kinds between its lines,
 * restarts of the reader in between; every line must be read exactly once.
 * First in one process, where a seed decides what happens in which order, then
 * with a writer of its own that runs beside the reader.
 * XDPBAN_TORTURE=N does N times as much.
 */
#include <signal.h>
#include <sys/capability.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>

#include "follower.h"

enum { ROTATIONS = 1000, BESIDE = 200, GENERATIONS = 8, LINES_MAX = 4000000,
       OTHER_USER = 65534 };

/* What reader and writer know of each other when they are two processes. */
struct shared {
	unsigned int written, counted;
	bool done;
};

struct torture {
	struct follower f;
	int fd;			/* the writer's */
	uint32_t seed;
	unsigned int written;	/* lines, numbered from 0 */
	unsigned int counted;	/* lines read, of which: */
	unsigned int twice, bad;
	unsigned char *seen;	/* LINES_MAX of them */
	void (*wait)(struct torture *t);	/* until all that was written is read */
	struct shared *shared;
};

static uint32_t pick(struct torture *t, uint32_t n)
{
	t->seed = t->seed * 1664525 + 1013904223;
	return (t->seed >> 16) % n;
}

static bool torture_init(struct torture *t, uint32_t seed)
{
	memset(t, 0, sizeof(*t));
	t->seed = seed;
	t->seen = calloc(1, LINES_MAX);
	t->fd = open("log", O_WRONLY | O_APPEND | O_CREAT, 0644);
	return t->seen && t->fd >= 0;
}

/* ---- the writer ---------------------------------------------------------- */

static void write_lines(struct torture *t, unsigned int n)
{
	char buf[128];

	for (; n && t->written < LINES_MAX; n--) {
		int len = snprintf(buf, sizeof(buf), "Jan  1 00:00:00 box app[1]: line %u "
				   "with %.*s\n", t->written++, (int)pick(t, 40),
				   "some text of some length that goes on");
		/* A line in two writes now and then: the reader may come between. */
		int first = pick(t, 8) ? len : len / 2;

		if (write(t->fd, buf, (size_t)first) != first ||
		    write(t->fd, buf + first, (size_t)(len - first)) != len - first)
			t->bad++;
	}
}

static void shift_generations(void)
{
	char from[16], to[16];

	for (int i = GENERATIONS; i > 1; i--) {
		snprintf(from, sizeof(from), "log.%d", i - 1);
		snprintf(to, sizeof(to), "log.%d", i);
		rename(from, to);
	}
}

static void reopen(struct torture *t)
{
	close(t->fd);
	t->fd = open("log", O_WRONLY | O_APPEND | O_CREAT, 0644);
}

static void rename_create(struct torture *t)
{
	shift_generations();
	rename("log", "log.1");
	reopen(t);
}

static void rename_and_linger(struct torture *t)
{
	shift_generations();
	rename("log", "log.1");
	write_lines(t, pick(t, 5));
	close(open("log", O_WRONLY | O_CREAT | O_EXCL, 0644));
	write_lines(t, pick(t, 5));
	reopen(t);
}

static void copy_and_truncate(struct torture *t)
{
	char buf[65536];
	ssize_t n;
	int in, out;

	shift_generations();
	in = open("log", O_RDONLY);
	out = open("log.1", O_WRONLY | O_CREAT | O_TRUNC, 0644);
	while ((n = read(in, buf, sizeof(buf))) > 0)
		if (write(out, buf, (size_t)n) != n)
			t->bad++;
	close(in);
	close(out);
	if (ftruncate(t->fd, 0))
		t->bad++;
}

/*
 * What was not read before it is deleted is lost to everybody, and so is what
 * is copied and truncated unread when the file before it is gone: so wait.
 */
static void delete_and_create(struct torture *t)
{
	t->wait(t);
	unlink("log");
	reopen(t);
	write_lines(t, 1);
	t->wait(t);
}

static void rotate(struct torture *t)
{
	static void (*const kinds[])(struct torture *t) = {
		rename_create, rename_and_linger, copy_and_truncate, delete_and_create,
	};

	kinds[pick(t, ARRAY_SIZE(kinds))](t);
}

/* ---- the reader ---------------------------------------------------------- */

static void count(struct torture *t)
{
	const char *p = t->f.lines.s, *end = p + t->f.lines.len, *nl;
	unsigned int n;

	for (; p < end; p = nl + 1) {
		nl = memchr(p, '\n', (size_t)(end - p));
		if (sscanf(p, "Jan  1 00:00:00 box app[1]: line %u with ", &n) != 1 ||
		    n >= LINES_MAX) {
			t->bad++;
			continue;
		}
		t->counted++;
		t->twice += t->seen[n] != 0;
		t->seen[n] = 1;
	}
	str_reset(&t->f.lines);
}

static bool one_round(struct follower *f)
{
	return ++f->want_len > 2;
}

static void turn(struct torture *t)
{
	t->f.want_len = 0;
	follower_run(&t->f, one_round);
	count(t);
}

static bool all_read(struct follower *f)
{
	struct torture *t = container_of(f, struct torture, f);

	count(t);
	return t->counted >= t->written;
}

static void read_all(struct torture *t)
{
	follower_run(&t->f, all_read);
}

static void restart(struct torture *t)
{
	struct source_position p;
	bool known = source_position(sources_first(t->f.all), &p);

	count(t);
	sources_free(t->f.all);
	loop_free(t->f.loop);
	str_fini(&t->f.lines);
	follower_open(&t->f, NULL);
	t->f.resume = p;
	t->f.resuming = known;
	follow(&t->f, "log");
}

static void verdict(struct torture *t, const char *what, unsigned int rotations)
{
	unsigned int missing = 0;

	for (unsigned int i = 0; i < t->written; i++)
		missing += !t->seen[i];
	printf("%s: %u rotations, %u lines\n", what, rotations, t->written);
	t_is("lines missing", missing, 0);
	t_is("lines twice", t->twice, 0);
	t_is("lines that are none", t->bad, 0);
	t_ok("there were lines", t->written > rotations);
}

static void in_one_process(unsigned int rotations, uint32_t seed)
{
	struct torture t;

	t_ok("set up", torture_init(&t, seed));
	t.wait = read_all;
	follower_open(&t.f, NULL);
	follow(&t.f, "log");
	/* What was copied and truncated before the very first look is history. */
	write_lines(&t, 3);
	turn(&t);
	for (unsigned int i = 0, unseen = 0; i < rotations; i++) {
		write_lines(&t, pick(&t, 30));
		/* No reader finds what was deleted before it ever looked. */
		if (unseen >= GENERATIONS / 2 || pick(&t, 3)) {
			turn(&t);
			unseen = 0;
			if (!pick(&t, 20))
				restart(&t);
		}
		write_lines(&t, pick(&t, 30));
		rotate(&t);
		unseen++;
	}
	write_lines(&t, 1);
	t_ok("all is read", follower_run(&t.f, all_read));
	verdict(&t, "in one process", rotations);
	follower_close(&t.f);
	close(t.fd);
	free(t.seen);
}

/* ---- two processes ------------------------------------------------------- */

static void wait_for_reader(struct torture *t)
{
	while (__atomic_load_n(&t->shared->counted, __ATOMIC_ACQUIRE) < t->written)
		usleep(50);
}

static _Noreturn void writer(struct shared *s, unsigned int rotations)
{
	unsigned int at[GENERATIONS / 2] = { 0 };	/* lines before these rotations */
	struct torture t;

	/* Nobody would read what it waits to have read. */
	if (prctl(PR_SET_PDEATHSIG, SIGKILL) || !torture_init(&t, 42))
		_exit(1);
	t.wait = wait_for_reader;
	t.shared = s;
	write_lines(&t, 3);
	wait_for_reader(&t);
	for (unsigned int i = 0; i < rotations; i++) {
		unsigned int *before = &at[i % ARRAY_SIZE(at)];

		/* Not so far ahead that something is deleted unread. */
		while (__atomic_load_n(&s->counted, __ATOMIC_ACQUIRE) < *before)
			usleep(50);
		write_lines(&t, pick(&t, 100));
		if (!pick(&t, 4))
			usleep(pick(&t, 300));
		*before = t.written;
		rotate(&t);
		__atomic_store_n(&s->written, t.written, __ATOMIC_RELEASE);
	}
	write_lines(&t, 1);
	__atomic_store_n(&s->written, t.written, __ATOMIC_RELEASE);
	__atomic_store_n(&s->done, true, __ATOMIC_RELEASE);
	_exit(t.bad != 0);
}

static bool writer_done_and_read(struct follower *f)
{
	struct torture *t = container_of(f, struct torture, f);
	struct shared *s = t->shared;

	count(t);
	__atomic_store_n(&s->counted, t->counted, __ATOMIC_RELEASE);
	return __atomic_load_n(&s->done, __ATOMIC_ACQUIRE) &&
	       t->counted >= __atomic_load_n(&s->written, __ATOMIC_ACQUIRE);
}

/* Like a daemon that kept few rights: it may not ask who writes to a file. */
static void may_lease(bool yes)
{
	static const cap_value_t lease = CAP_LEASE;
	cap_t caps = cap_get_proc();

	t_ok("rights", !cap_set_flag(caps, CAP_EFFECTIVE, 1, &lease, yes ? CAP_SET : CAP_CLEAR) &&
	     !cap_set_proc(caps));
	cap_free(caps);
}

static void in_two_processes(unsigned int rotations, const struct source_options *o)
{
	struct shared *s = mmap(NULL, sizeof(*s), PROT_READ | PROT_WRITE,
				MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	struct torture t;
	int status;
	pid_t pid;

	t_ok("set up", s != MAP_FAILED && torture_init(&t, 1));
	fflush(stdout);
	pid = fork();
	if (!pid) {
		/* The files are another user's then. */
		if (o && (fchown(t.fd, OTHER_USER, -1) || setuid(OTHER_USER)))
			_exit(1);
		writer(s, rotations);
	}
	t.shared = s;
	follower_open(&t.f, o);
	follow(&t.f, "log");
	if (!follower_run(&t.f, writer_done_and_read))
		kill(pid, SIGKILL);
	t_is("writer", waitpid(pid, &status, 0) == pid && !status, 1);
	t.written = s->written;
	verdict(&t, o ? "with another user's writer" : "with a writer beside", rotations);
	follower_close(&t.f);
	close(t.fd);
	free(t.seen);
	munmap(s, sizeof(*s));
}

int main(void)
{
	/* So long that there are more old files than are kept open. */
	const struct source_options few_rights = { .linger_ns = 600 * NS_PER_S };
	const char *more = getenv("XDPBAN_TORTURE");
	unsigned int times = more ? (unsigned int)atoi(more) : 1;
	char dir[T_DIR];

	for (uint32_t seed = 1; seed <= (times ? times : 1); seed++) {
		enter_directory(dir);
		in_one_process(ROTATIONS, seed);
		leave_directory(dir);
		enter_directory(dir);
		in_two_processes(BESIDE, NULL);
		leave_directory(dir);
		if (geteuid())
			continue;
		enter_directory(dir);
		t_is("for everybody", chmod(dir, 0777), 0);
		may_lease(false);
		in_two_processes(2 * BESIDE, &few_rights);
		may_lease(true);
		leave_directory(dir);
	}
	if (geteuid())
		puts("SKIP  not root: files of another user not tested");
	return t_done();
}
