/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * loop - one thread, one epoll: descriptors, timers and signals.
 * No wake-up without a reason: the time-out is that of the next timer.
 * The loop reads both clocks once for each wake-up; handlers are told.
 */
#pragma once
#include <sys/epoll.h>

#include "clock.h"
#include "heap.h"

struct loop;

struct loop *loop_new(void);			/* NULL: errno says why */
void loop_free(struct loop *l);			/* NULL is fine */

/* The time of this wake-up. */
boot_t loop_boot(const struct loop *l);
wall_t loop_wall(const struct loop *l);

/*
 * @events are EPOLLIN and EPOLLOUT; the handler gets those that happened, EPOLLHUP and
 * EPOLLERR too.  The descriptor stays the caller's, who takes it out before he closes
 * it.  0 or -errno; loop_change(): -ENOENT, nobody listens to @fd.
 */
typedef void loop_fd_fn(void *ctx, int fd, uint32_t events);
int loop_add(struct loop *l, int fd, uint32_t events, loop_fd_fn *fn, void *ctx);
int loop_change(struct loop *l, int fd, uint32_t events);
/* Safe from inside any handler, also for a descriptor whose event is pending. */
void loop_del(struct loop *l, int fd);

/* A timer lives inside its owner; zeroed it is unset. */
struct loop_timer {
	struct heap_node node;
	void (*fn)(void *ctx);
	void *ctx;
	bool armed;
};
/*
 * Run once at @when, or @ns after the time of this wake-up; setting it again moves it.
 * 0 or -ENOMEM.  Its owner cancels it before he goes.
 */
int loop_timer_at(struct loop *l, struct loop_timer *t, boot_t when);
int loop_timer_in(struct loop *l, struct loop_timer *t, uint64_t ns);
void loop_timer_cancel(struct loop *l, struct loop_timer *t);

/* Block @signo and deliver it to @fn inside the loop (signalfd(2)).  0 or -errno. */
int loop_signal(struct loop *l, int signo, void (*fn)(void *ctx, int signo), void *ctx);

/* Run until loop_stop(); 0 or -errno. */
int loop_run(struct loop *l);
void loop_stop(struct loop *l);
