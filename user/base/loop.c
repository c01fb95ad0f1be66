// SPDX-License-Identifier: GPL-2.0-or-later
#include "loop.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/signalfd.h>
#include <sys/timerfd.h>
#include <time.h>
#include <unistd.h>

#include "util.h"

enum { EVENTS_MAX = 64, SIGNALS_MAX = 65 };

/* One row for each descriptor number; fn is NULL where nobody listens. */
struct watch {
	loop_fd_fn *fn;
	void *ctx;
	uint32_t generation;	/* tells a reused number from the one before */
};

struct loop {
	int epoll_fd, timer_fd, signal_fd;
	struct watch *watches;		/* owns */
	size_t n_watches;
	uint32_t generation;
	struct heap timers;		/* borrows the nodes */
	uint64_t armed;			/* what timer_fd is set to; 0: nothing,
					 * UINT64_MAX: it rang, so set it anew */
	boot_t boot;
	wall_t wall;
	sigset_t signals;
	struct { void (*fn)(void *ctx, int signo); void *ctx; } on_signal[SIGNALS_MAX];
	bool running, stopping;
};

static void read_clocks(struct loop *l)
{
	l->boot = boot_now();
	l->wall = wall_now();
}

/*
 * A timerfd and not the time-out of epoll_wait(2): the latter counts whole
 * milliseconds and stands still while the machine is suspended.  It is never
 * read: setting it anew clears its readiness.
 */
static void timer_rang(void *ctx, int fd, uint32_t events)
{
	struct loop *l = ctx;

	(void)fd;
	(void)events;
	l->armed = UINT64_MAX;
}

struct loop *loop_new(void)
{
	struct loop *l = calloc(1, sizeof(*l));
	int err;

	if (!l)
		return NULL;
	l->epoll_fd = l->timer_fd = l->signal_fd = -1;
	sigemptyset(&l->signals);
	read_clocks(l);
	l->epoll_fd = epoll_create1(EPOLL_CLOEXEC);
	if (l->epoll_fd < 0)
		goto fail;
	l->timer_fd = timerfd_create(CLOCK_BOOTTIME, TFD_CLOEXEC | TFD_NONBLOCK);
	if (l->timer_fd < 0)
		goto fail;
	err = loop_add(l, l->timer_fd, EPOLLIN, timer_rang, l);
	if (err) {
		errno = -err;
		goto fail;
	}
	return l;
fail:
	err = errno;
	loop_free(l);
	errno = err;
	return NULL;
}

void loop_free(struct loop *l)
{
	if (!l)
		return;
	if (l->signal_fd >= 0) {
		close(l->signal_fd);
		sigprocmask(SIG_UNBLOCK, &l->signals, NULL);
	}
	if (l->timer_fd >= 0)
		close(l->timer_fd);
	if (l->epoll_fd >= 0)
		close(l->epoll_fd);
	heap_fini(&l->timers);
	free(l->watches);
	free(l);
}

boot_t loop_boot(const struct loop *l)
{
	return l->boot;
}

wall_t loop_wall(const struct loop *l)
{
	return l->wall;
}

/* ---- descriptors --------------------------------------------------------- */

static int make_room(struct loop *l, size_t fd)
{
	size_t n = l->n_watches ? l->n_watches : 16;
	struct watch *p;

	if (fd < l->n_watches)
		return 0;
	while (n <= fd)
		n *= 2;
	p = realloc(l->watches, n * sizeof(*p));
	if (!p)
		return -ENOMEM;
	memset(p + l->n_watches, 0, (n - l->n_watches) * sizeof(*p));
	l->watches = p;
	l->n_watches = n;
	return 0;
}

static int control(struct loop *l, int op, int fd, uint32_t events, uint32_t generation)
{
	struct epoll_event event = {
		.events = events,
		.data.u64 = (uint64_t)generation << 32 | (uint32_t)fd,
	};

	return epoll_ctl(l->epoll_fd, op, fd, &event) ? -errno : 0;
}

int loop_add(struct loop *l, int fd, uint32_t events, loop_fd_fn *fn, void *ctx)
{
	uint32_t generation = ++l->generation;
	int err;

	if (fd < 0)
		return -EBADF;
	err = make_room(l, (size_t)fd);
	if (!err)
		err = control(l, EPOLL_CTL_ADD, fd, events, generation);
	if (!err)
		l->watches[fd] = (struct watch){ fn, ctx, generation };
	return err;
}

static bool is_watched(const struct loop *l, int fd)
{
	return fd >= 0 && (size_t)fd < l->n_watches && l->watches[fd].fn;
}

int loop_change(struct loop *l, int fd, uint32_t events)
{
	if (!is_watched(l, fd))
		return -ENOENT;
	return control(l, EPOLL_CTL_MOD, fd, events, l->watches[fd].generation);
}

void loop_del(struct loop *l, int fd)
{
	if (!is_watched(l, fd))
		return;
	epoll_ctl(l->epoll_fd, EPOLL_CTL_DEL, fd, NULL);
	l->watches[fd].fn = NULL;
}

/*
 * An earlier handler of the same wake-up may have deleted this descriptor, or
 * closed it and added another with its number: the generation tells.
 */
static void dispatch(struct loop *l, const struct epoll_event *event)
{
	int fd = (int)(uint32_t)event->data.u64;
	struct watch w = l->watches[fd];

	if (w.fn && w.generation == event->data.u64 >> 32)
		w.fn(w.ctx, fd, event->events);
}

/* ---- timers -------------------------------------------------------------- */

/*
 * A handler that sets its timer to "now" means the next round: descriptors
 * have their turn in between, and a round of timers always ends.
 */
int loop_timer_at(struct loop *l, struct loop_timer *t, boot_t when)
{
	uint64_t key = when.ns;
	int err;

	if (l->running && key <= l->boot.ns)
		key = l->boot.ns + 1;
	if (t->armed) {
		heap_move(&l->timers, &t->node, key);
		return 0;
	}
	err = heap_insert(&l->timers, &t->node, key);
	t->armed = !err;
	return err;
}

int loop_timer_in(struct loop *l, struct loop_timer *t, uint64_t ns)
{
	/* Outside of loop_run() the time of the last wake-up may be long ago. */
	uint64_t now = l->running ? l->boot.ns : boot_now().ns;
	uint64_t when = ns > UINT64_MAX - now ? UINT64_MAX : now + ns;

	return loop_timer_at(l, t, (boot_t){ when });
}

void loop_timer_cancel(struct loop *l, struct loop_timer *t)
{
	if (t->armed)
		heap_remove(&l->timers, &t->node);
	t->armed = false;
}

static void run_timers(struct loop *l)
{
	struct heap_node *top;

	while (!l->stopping && (top = heap_top(&l->timers)) &&
	       top->key <= l->boot.ns) {
		struct loop_timer *t = container_of(top, struct loop_timer, node);

		loop_timer_cancel(l, t);
		t->fn(t->ctx);
	}
}

/* Set timer_fd to the next timer.  True when that one is due already. */
static bool arm(struct loop *l)
{
	struct heap_node *top = heap_top(&l->timers);
	uint64_t next = top && top->key != UINT64_MAX ? top->key : 0;
	struct itimerspec spec = { 0 };

	/* "Now" of this round or just past it: look, but do not wait. */
	if (next && next <= l->boot.ns + 1)
		return true;
	if (next == l->armed)
		return false;
	spec.it_value.tv_sec = (time_t)(next / NS_PER_S);
	spec.it_value.tv_nsec = (long)(next % NS_PER_S);
	timerfd_settime(l->timer_fd, TFD_TIMER_ABSTIME, &spec, NULL);
	l->armed = next;
	return false;
}

/* ---- signals ------------------------------------------------------------- */

static void signal_came(void *ctx, int fd, uint32_t events)
{
	struct loop *l = ctx;
	struct signalfd_siginfo info;

	(void)events;
	while (read(fd, &info, sizeof(info)) == sizeof(info))
		if (info.ssi_signo < SIGNALS_MAX && l->on_signal[info.ssi_signo].fn)
			l->on_signal[info.ssi_signo].fn(l->on_signal[info.ssi_signo].ctx,
							(int)info.ssi_signo);
}

int loop_signal(struct loop *l, int signo, void (*fn)(void *ctx, int signo), void *ctx)
{
	sigset_t all = l->signals;
	bool first = l->signal_fd < 0;
	int fd;

	if (signo <= 0 || signo >= SIGNALS_MAX || sigaddset(&all, signo))
		return -EINVAL;
	fd = signalfd(l->signal_fd, &all, SFD_CLOEXEC | SFD_NONBLOCK);
	if (fd < 0)
		return -errno;
	l->signal_fd = fd;
	l->signals = all;
	l->on_signal[signo].fn = fn;
	l->on_signal[signo].ctx = ctx;
	sigprocmask(SIG_BLOCK, &all, NULL);
	return first ? loop_add(l, fd, EPOLLIN, signal_came, l) : 0;
}

/* ---- running ------------------------------------------------------------- */

static int run_once(struct loop *l)
{
	struct epoll_event events[EVENTS_MAX];
	int n;

	n = epoll_wait(l->epoll_fd, events, EVENTS_MAX, arm(l) ? 0 : -1);
	if (n < 0)
		return errno == EINTR ? 0 : -errno;
	read_clocks(l);
	for (int i = 0; i < n && !l->stopping; i++)
		dispatch(l, &events[i]);
	run_timers(l);
	return 0;
}

int loop_run(struct loop *l)
{
	int err = 0;

	l->running = true;
	read_clocks(l);
	while (!l->stopping && !err)
		err = run_once(l);
	l->running = l->stopping = false;
	return err;
}

void loop_stop(struct loop *l)
{
	l->stopping = true;
}
