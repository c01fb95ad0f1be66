// SPDX-License-Identifier: GPL-2.0-or-later
/* The process that attaches ends in all the ways there are, and nothing of it stays. */
#include <signal.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/log.h"
#include "../t.h"
#include "config/config.h"
#include "attach/attacher_private.h"

#define DEADLINE_NS	(20 * NS_PER_S)

/* Both processes see it. */
static struct {
	pid_t pid;
	int gate[2];		/* the process lives until this is closed */
	bool keeps_socket;
} *shared;

struct scene {
	struct loop *loop;
	struct attacher *attacher;
	struct loop_timer round;
	boot_t deadline;
	bool (*until)(const struct scene *s);
	bool in_time;
};

/* In place of the real one: tells who it is, and waits behind the gate. */
void attacher_serve(int sock, const char *pin)
{
	char c;

	(void)pin;
	close(shared->gate[1]);
	shared->pid = getpid();
	if (!shared->keeps_socket)
		close(sock);
	if (read(shared->gate[0], &c, 1))
		_exit(1);
	_exit(0);
}

static void on_round(void *ctx)
{
	struct scene *s = ctx;

	s->in_time = loop_boot(s->loop).ns < s->deadline.ns;
	if (!s->in_time || s->until(s))
		loop_stop(s->loop);
	else
		loop_timer_in(s->loop, &s->round, 1000000);
}

static bool run(struct scene *s, bool (*until)(const struct scene *s))
{
	s->until = until;
	s->round = (struct loop_timer){ .fn = on_round, .ctx = s };
	s->deadline.ns = boot_now().ns + DEADLINE_NS;
	loop_timer_in(s->loop, &s->round, 0);
	loop_run(s->loop);
	return s->in_time;
}

/* A zombie, too, is somebody who can be signalled. */
static bool is_gone(const struct scene *s)
{
	(void)s;
	return kill(shared->pid, 0) && errno == ESRCH;
}

static bool is_lost(const struct scene *s)
{
	return !attacher_alive(s->attacher);
}

static void open_scene(struct scene *s, bool keeps_socket)
{
	*s = (struct scene){ .loop = loop_new() };
	shared->keeps_socket = keeps_socket;
	t_ok("a gate", !pipe(shared->gate));
	t_is("a process", attacher_new(&s->attacher, s->loop, "/nowhere"), 0);
	close(shared->gate[0]);
}

static void close_scene(struct scene *s)
{
	attacher_free(s->attacher);
	t_ok("nothing of it stays", is_gone(s));
	loop_free(s->loop);
}

/* Its socket is closed a good while before it has ended. */
static void slow_to_end(void)
{
	struct scene s;

	open_scene(&s, false);
	t_ok("it is known to be lost", run(&s, is_lost));
	t_ok("though it has not ended", !is_gone(&s));
	close(shared->gate[1]);
	t_ok("when it ends, it is no zombie", run(&s, is_gone));
	close_scene(&s);
}

static void ended_by_somebody(void)
{
	struct texts none = { 0 };
	struct scene s;

	open_scene(&s, true);
	while (!shared->pid)
		usleep(1000);
	t_is("ended", kill(shared->pid, SIGKILL), 0);
	t_ok("it is gone", run(&s, is_gone) && run(&s, is_lost));
	t_is("no orders to nobody", attacher_watch(s.attacher, &none, XDP_MODE_AUTO, NULL), -EPIPE);
	close(shared->gate[1]);
	close_scene(&s);
}

static void daemon_ends_first(void)
{
	struct scene s;

	open_scene(&s, false);
	close(shared->gate[1]);
	close_scene(&s);
}

int main(void)
{
	log_plain(LOG_LEVEL_ERROR);
	shared = mmap(NULL, sizeof(*shared), PROT_READ | PROT_WRITE,
		      MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	slow_to_end();
	shared->pid = 0;
	ended_by_somebody();
	daemon_ends_first();
	return t_done();
}
