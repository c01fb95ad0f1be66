// SPDX-License-Identifier: GPL-2.0-or-later
/* Children in the loop: how they end, what they say, and that they do end. */
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "../t.h"
#include "base/spawn.h"

struct seen {
	struct loop *loop;
	struct spawn_result r;
	char output[100];
	int calls;
};

static void on_done(void *ctx, const struct spawn_result *r)
{
	struct seen *s = ctx;

	s->r = *r;
	snprintf(s->output, sizeof(s->output), "%.*s", (int)(r->len < 90 ? r->len : 90),
		 r->output);
	s->calls++;
	loop_stop(s->loop);
}

static struct seen run(const char *command, char *const env[], uint64_t deadline_ms)
{
	struct seen s = { .loop = loop_new() };
	char *argv[] = { (char *)"sh", (char *)"-c", (char *)command, NULL };
	struct spawn *child;
	int err = spawn_run(&child, s.loop, argv, env, deadline_ms * 1000000, on_done, &s);

	t_is(command, err, 0);
	if (!err)
		loop_run(s.loop);
	t_is("called back once", s.calls, 1);
	loop_free(s.loop);
	return s;
}

static void check_ends(void)
{
	char *env[] = { (char *)"WHO=192.0.2.1; rm -rf /", NULL };
	struct seen s = run("exit 7", NULL, 10000);

	t_is("exit status", s.r.exit_status, 7);
	t_ok("in time", !s.r.timed_out);
	s = run("kill -9 $$", NULL, 10000);
	t_is("ended by a signal", s.r.exit_status, -1);
	s = run("printf out; printf err >&2", NULL, 10000);
	t_str("both outputs", s.output, "outerr");
	s = run("printf %s \"$WHO\"", env, 10000);
	t_str("values go in the environment", s.output, "192.0.2.1; rm -rf /");
	s = run("sleep 600", NULL, 50);
	t_ok("the deadline ends it", s.r.timed_out && s.r.exit_status == -1);
	s = run("trap '' TERM; sleep 600 & wait", NULL, 50);
	t_ok("and all that it started", s.r.timed_out);
	s = run("sleep 600 & exit 3", NULL, 10000);
	t_is("a child left behind does not hold us up", s.r.exit_status, 3);
	s = run("head -c 1000000 /dev/zero", NULL, 10000);
	t_is("output beyond the cap does not block it", s.r.exit_status, 0);
	t_is("and is not kept", (int64_t)s.r.len, SPAWN_OUTPUT_MAX);
	t_is("but counted", (int64_t)s.r.lost, 1000000 - SPAWN_OUTPUT_MAX);
	t_ok("it was not ended for that", !s.r.too_loud);
}

/*
 * In place of libc's, for check_endless(): never finds a pipe empty, as if we read
 * no faster than the other side writes.
 */
static bool busy_pipes;

ssize_t read(int fd, void *buf, size_t len)
{
	struct pollfd p = { .fd = fd, .events = POLLIN };

	if (busy_pipes)
		poll(&p, 1, 1000);
	return syscall(SYS_read, fd, buf, len);
}

/* Whoever prints for ever is ended long before his time is up. */
static void check_endless(void)
{
	struct seen s;

	busy_pipes = true;
	s = run("yes & exec yes", NULL, 600000);
	t_ok("ended", s.r.too_loud && s.r.exit_status == -1);
	t_ok("and not by the clock", !s.r.timed_out);
	t_ok("no more was read than that takes",
	     s.r.lost > SPAWN_LOST_MAX && s.r.lost < SPAWN_LOST_MAX + (256 << 10));
	s = run("setsid yes & exit 4", NULL, 600000);
	t_is("who is left behind outside of the group does not hold us up", s.r.exit_status, 4);
	busy_pipes = false;
}

/* The daemon blocks its signals; its children must not inherit that. */
static void check_signals(void)
{
	sigset_t set;
	struct seen s;

	sigemptyset(&set);
	sigaddset(&set, SIGTERM);
	sigprocmask(SIG_BLOCK, &set, NULL);
	s = run("kill -TERM $$; exit 5", NULL, 10000);
	t_is("SIGTERM ends a child of ours", s.r.exit_status, -1);
}

static void check_refusal(void)
{
	struct loop *loop = loop_new();
	char *argv[] = { (char *)"/nonexistent/program", NULL };
	struct spawn *child = NULL;
	struct seen s = { .loop = loop };

	t_ok("no such program", spawn_run(&child, loop, argv, NULL, 1000000000, on_done, &s) < 0);
	t_is("nobody is called", s.calls, 0);
	spawn_kill(NULL);
	loop_free(loop);
}

int main(void)
{
	check_ends();
	check_endless();
	check_signals();
	check_refusal();
	return t_done();
}
