// SPDX-License-Identifier: GPL-2.0-or-later
#include "spawn.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/str.h"

extern char **environ;

enum { READS_MAX = 16 };	/* at one go: 64 kB, all that a pipe holds */

struct spawn {
	struct loop *loop;		/* borrows */
	pid_t pid;
	int pidfd, pipe;		/* readable when it ends; its output */
	struct loop_timer deadline;
	bool timed_out, too_loud;
	struct str output;
	uint64_t lost;
	spawn_done_fn *done;
	void *ctx;
};

static void close_pipe(struct spawn *s)
{
	if (s->pipe < 0)
		return;
	loop_del(s->loop, s->pipe);
	close(s->pipe);
	s->pipe = -1;
}

static void release(struct spawn *s)
{
	close_pipe(s);
	if (s->pidfd >= 0) {
		loop_del(s->loop, s->pidfd);
		close(s->pidfd);
	}
	loop_timer_cancel(s->loop, &s->deadline);
	str_fini(&s->output);
	free(s);
}

static void keep(struct spawn *s, const char *text, size_t len)
{
	size_t room = SPAWN_OUTPUT_MAX - s->output.len;

	str_add(&s->output, text, len < room ? len : room);
	s->lost += len < room ? 0 : len - room;
}

/*
 * Read what there is, but no more at one go than a pipe holds: somebody who writes
 * as fast as we read would have us here for ever.  What passes the cap is thrown
 * away, so the child never blocks.
 */
static void drain(struct spawn *s)
{
	char buf[4096];

	for (int i = 0; i < READS_MAX && s->pipe >= 0; i++) {
		ssize_t n = read(s->pipe, buf, sizeof(buf));

		if (n > 0)
			keep(s, buf, (size_t)n);
		else if (!n)
			close_pipe(s);
		else if (errno != EINTR)
			return;
	}
}

static void on_output(void *ctx, int fd, uint32_t events)
{
	struct spawn *s = ctx;

	(void)fd, (void)events;
	drain(s);
	if (s->lost > SPAWN_LOST_MAX) {
		s->too_loud = true;
		close_pipe(s);
		kill(-s->pid, SIGKILL);
	}
}

static void on_exit_of(void *ctx, int fd, uint32_t events)
{
	struct spawn *s = ctx;
	struct spawn_result r = {
		.exit_status = -1, .timed_out = s->timed_out, .too_loud = s->too_loud,
	};
	siginfo_t info = { 0 };

	(void)fd, (void)events;
	/* What it left behind in its group; before the number can be reused. */
	kill(-s->pid, SIGKILL);
	waitid(P_PID, (id_t)s->pid, &info, WEXITED);
	if (info.si_code == CLD_EXITED)
		r.exit_status = info.si_status;
	drain(s);
	r.output = s->output.s ? s->output.s : "";
	r.len = s->output.len;
	r.lost = s->lost;
	s->done(s->ctx, &r);
	release(s);
}

static void on_deadline(void *ctx)
{
	struct spawn *s = ctx;

	s->timed_out = true;
	kill(-s->pid, SIGKILL);
}

/* A child that inherits our blocked signals could not be stopped by anybody. */
static int start(struct spawn *s, char *const argv[], char *const env[], int out)
{
	posix_spawn_file_actions_t files;
	posix_spawnattr_t attr;
	sigset_t none;
	int err;

	sigemptyset(&none);
	posix_spawn_file_actions_init(&files);
	posix_spawn_file_actions_addopen(&files, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
	posix_spawn_file_actions_adddup2(&files, out, STDOUT_FILENO);
	posix_spawn_file_actions_adddup2(&files, out, STDERR_FILENO);
	posix_spawnattr_init(&attr);
	posix_spawnattr_setpgroup(&attr, 0);
	posix_spawnattr_setsigmask(&attr, &none);
	posix_spawnattr_setflags(&attr, POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK);
	err = -posix_spawnp(&s->pid, argv[0], &files, &attr, argv, env ? env : environ);
	posix_spawnattr_destroy(&attr);
	posix_spawn_file_actions_destroy(&files);
	return err;
}

static int watch(struct spawn *s, uint64_t deadline_ns)
{
	int err;

	s->pidfd = (int)syscall(SYS_pidfd_open, s->pid, 0);	/* Linux 5.3 */
	if (s->pidfd < 0)
		return -errno;
	err = loop_add(s->loop, s->pidfd, EPOLLIN, on_exit_of, s);
	if (!err)
		err = loop_add(s->loop, s->pipe, EPOLLIN, on_output, s);
	if (!err)
		err = loop_timer_in(s->loop, &s->deadline, deadline_ns);
	return err;
}

int spawn_run(struct spawn **out, struct loop *loop, char *const argv[],
	      char *const env[], uint64_t deadline_ns, spawn_done_fn *done, void *ctx)
{
	struct spawn *s = calloc(1, sizeof(*s));
	int pipes[2], err;

	if (!s)
		return -ENOMEM;
	*s = (struct spawn){
		.loop = loop, .pidfd = -1, .pipe = -1, .done = done, .ctx = ctx,
		.deadline = { .fn = on_deadline, .ctx = s },
	};
	if (pipe2(pipes, O_CLOEXEC | O_NONBLOCK)) {
		err = -errno;
		release(s);
		return err;
	}
	s->pipe = pipes[0];
	fcntl(pipes[1], F_SETFL, 0);	/* the child's end may block */
	err = start(s, argv, env, pipes[1]);
	close(pipes[1]);
	if (err) {
		release(s);
		return err;
	}
	err = watch(s, deadline_ns);
	if (err) {
		spawn_kill(s);
		return err;
	}
	*out = s;
	return 0;
}

void spawn_kill(struct spawn *s)
{
	if (!s)
		return;
	kill(-s->pid, SIGKILL);
	waitpid(s->pid, NULL, 0);
	release(s);
}
