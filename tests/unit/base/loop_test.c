// SPDX-License-Identifier: GPL-2.0-or-later
/* The loop: who is called, in which order, and who is not called any more. */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <unistd.h>

#include "base/loop.h"
#include "base/util.h"
#include "../t.h"

struct fixture {
	struct loop *loop;
	struct loop_timer a, b, c;
	char order[32];		/* who was called: one letter each */
	int pair[2], other[2];
	int rounds;
};

static void note(struct fixture *f, char who)
{
	size_t len = strlen(f->order);

	if (len + 1 < sizeof(f->order))
		f->order[len] = who;
}

static void setup(struct fixture *f)
{
	memset(f, 0, sizeof(*f));
	f->loop = loop_new();
	t_ok("a loop", f->loop != NULL);
	t_ok("pipes", !pipe2(f->pair, O_NONBLOCK) && !pipe2(f->other, O_NONBLOCK));
}

static void teardown(struct fixture *f)
{
	loop_free(f->loop);
	for (int i = 0; i < 2; i++) {
		close(f->pair[i]);
		close(f->other[i]);
	}
}

static void stop(void *ctx)
{
	struct fixture *f = ctx;

	note(f, 's');
	loop_stop(f->loop);
}

static void timer_a(void *ctx) { note(ctx, 'a'); }
static void timer_b(void *ctx) { note(ctx, 'b'); }

static void timers_run_in_order_of_time(void)
{
	struct fixture f;

	setup(&f);
	f.a = (struct loop_timer){ .fn = timer_a, .ctx = &f };
	f.b = (struct loop_timer){ .fn = timer_b, .ctx = &f };
	f.c = (struct loop_timer){ .fn = stop, .ctx = &f };
	loop_timer_in(f.loop, &f.c, 3000000);
	loop_timer_in(f.loop, &f.a, 1000000);
	loop_timer_in(f.loop, &f.b, 2000000);
	t_is("run", loop_run(f.loop), 0);
	t_str("in the order of their times", f.order, "abs");
	t_ok("none is left armed", !f.a.armed && !f.b.armed && !f.c.armed);

	f.order[0] = f.order[1] = f.order[2] = 0;
	loop_timer_in(f.loop, &f.a, 1000000);
	loop_timer_at(f.loop, &f.b, (boot_t){ 1 });
	loop_timer_at(f.loop, &f.b, BOOT_NEVER);
	loop_timer_cancel(f.loop, &f.a);
	loop_timer_cancel(f.loop, &f.a);
	loop_timer_in(f.loop, &f.c, 2000000);
	t_is("run again", loop_run(f.loop), 0);
	t_str("neither the moved nor the cancelled one ran", f.order, "s");
	t_ok("the moved one still waits", f.b.armed);
	teardown(&f);
}

static void again_until_fd(void *ctx)
{
	struct fixture *f = ctx;

	if (!f->rounds++)
		t_is("write", write(f->pair[1], "x", 1), 1);
	loop_timer_in(f->loop, &f->a, 0);
}

static void readable_stop(void *ctx, int fd, uint32_t events)
{
	struct fixture *f = ctx;

	t_is("the descriptor", fd, f->pair[0]);
	t_ok("is readable", events & EPOLLIN);
	loop_stop(f->loop);
}

/* A timer set to "now" from its own handler is the way to share the loop. */
static void a_timer_at_now_lets_descriptors_in(void)
{
	struct fixture f;

	setup(&f);
	f.a = (struct loop_timer){ .fn = again_until_fd, .ctx = &f };
	t_is("add", loop_add(f.loop, f.pair[0], EPOLLIN, readable_stop, &f), 0);
	loop_timer_in(f.loop, &f.a, 0);
	t_is("run", loop_run(f.loop), 0);
	t_is("the descriptor came right after one round", f.rounds, 1);
	teardown(&f);
}

static void delete_other(void *ctx, int fd, uint32_t events)
{
	struct fixture *f = ctx;

	(void)events;
	note(f, 'd');
	loop_del(f->loop, fd == f->pair[0] ? f->other[0] : f->pair[0]);
	loop_del(f->loop, fd);
	loop_timer_in(f->loop, &f->c, 1000000);
}

static void deleting_a_pending_descriptor_silences_it(void)
{
	struct fixture f;

	setup(&f);
	f.c = (struct loop_timer){ .fn = stop, .ctx = &f };
	loop_add(f.loop, f.pair[0], EPOLLIN, delete_other, &f);
	loop_add(f.loop, f.other[0], EPOLLIN, delete_other, &f);
	t_is("write", write(f.pair[1], "x", 1) + write(f.other[1], "x", 1), 2);
	t_is("run", loop_run(f.loop), 0);
	t_str("only one of the two was called", f.order, "ds");
	loop_del(f.loop, f.pair[0]);
	loop_del(f.loop, 9999);
	t_is("no such descriptor to change", loop_change(f.loop, f.pair[0], EPOLLIN), -ENOENT);
	t_is("no such descriptor to add", loop_add(f.loop, -1, EPOLLIN, delete_other, &f), -EBADF);
	teardown(&f);
}

static void reused(void *ctx, int fd, uint32_t events)
{
	(void)fd;
	(void)events;
	note(ctx, 'r');
}

/* Whichever comes first puts a silent pipe under the number of the other. */
static void reuse_other(void *ctx, int fd, uint32_t events)
{
	struct fixture *f = ctx;
	int *victim = fd == f->pair[0] ? f->other : f->pair;
	int fresh[2];

	(void)events;
	note(f, 'd');
	loop_del(f->loop, fd);
	loop_del(f->loop, victim[0]);
	t_is("a new pipe", pipe2(fresh, O_NONBLOCK), 0);
	t_is("takes the number", dup2(fresh[0], victim[0]), victim[0]);
	close(fresh[0]);
	close(victim[1]);
	victim[1] = fresh[1];
	loop_add(f->loop, victim[0], EPOLLIN, reused, f);
	loop_timer_in(f->loop, &f->c, 1000000);
}

static void a_reused_number_gets_no_old_event(void)
{
	struct fixture f;

	setup(&f);
	f.c = (struct loop_timer){ .fn = stop, .ctx = &f };
	loop_add(f.loop, f.pair[0], EPOLLIN, reuse_other, &f);
	loop_add(f.loop, f.other[0], EPOLLIN, reuse_other, &f);
	t_is("write", write(f.pair[1], "x", 1) + write(f.other[1], "x", 1), 2);
	t_is("run", loop_run(f.loop), 0);
	t_str("the new pipe is silent", f.order, "ds");
	teardown(&f);
}

static void on_signal(void *ctx, int signo)
{
	struct fixture *f = ctx;

	note(f, signo == SIGUSR1 ? '1' : '2');
	if (signo == SIGUSR2)
		loop_stop(f->loop);
}

static void signals_come_through_the_loop(void)
{
	struct fixture f;
	sigset_t now;

	setup(&f);
	t_is("first", loop_signal(f.loop, SIGUSR1, on_signal, &f), 0);
	t_is("second", loop_signal(f.loop, SIGUSR2, on_signal, &f), 0);
	t_is("no such signal", loop_signal(f.loop, 99, on_signal, &f), -EINVAL);
	raise(SIGUSR1);
	raise(SIGUSR2);
	t_str("not before the loop runs", f.order, "");
	t_is("run", loop_run(f.loop), 0);
	t_str("then both", f.order, "12");
	teardown(&f);
	sigprocmask(SIG_BLOCK, NULL, &now);
	t_ok("and are not blocked afterwards", !sigismember(&now, SIGUSR1));
}

static void add_many(void *ctx)
{
	struct fixture *f = ctx;

	f->rounds++;
	loop_stop(f->loop);
}

static void a_stop_before_the_run_is_kept(void)
{
	struct fixture f;

	setup(&f);
	f.a = (struct loop_timer){ .fn = add_many, .ctx = &f };
	loop_timer_in(f.loop, &f.a, 0);
	loop_stop(f.loop);
	t_is("run", loop_run(f.loop), 0);
	t_is("nothing ran", f.rounds, 0);
	t_is("run", loop_run(f.loop), 0);
	t_is("the next run is a whole one", f.rounds, 1);
	t_ok("the clocks are of this boot", loop_boot(f.loop).ns <= boot_now().ns &&
	     loop_wall(f.loop).us <= wall_now().us);
	teardown(&f);
}

int main(void)
{
	timers_run_in_order_of_time();
	a_timer_at_now_lets_descriptors_in();
	deleting_a_pending_descriptor_silences_it();
	a_reused_number_gets_no_old_event();
	signals_come_through_the_loop();
	a_stop_before_the_run_is_kept();
	return t_done();
}
