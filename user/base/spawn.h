/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * spawn - run a program inside the loop: with a deadline, and its output kept
 * up to a cap.  The child gets a process group of its own, so that whatever it
 * started ends with it; no descriptor of ours, and no signal that we blocked.
 * Text from outside goes to it as arguments or environment, never as shell text.
 */
#pragma once
#include <sys/types.h>

#include "base/loop.h"

#define SPAWN_OUTPUT_MAX	(64u << 10)	/* bytes kept of what it prints */
#define SPAWN_LOST_MAX		(16u << 20)	/* who prints more beyond them is ended */

struct spawn;

struct spawn_result {
	int exit_status;	/* 0...255; -1: it was ended by a signal */
	bool timed_out;		/* by us, at the deadline */
	bool too_loud;		/* by us, because of SPAWN_LOST_MAX */
	const char *output;	/* both of its outputs; valid during the call */
	size_t len;
	uint64_t lost;		/* bytes that it printed and that are not kept */
};
typedef void spawn_done_fn(void *ctx, const struct spawn_result *r);

/*
 * Start @argv (NULL-terminated; argv[0] is looked up in PATH) with environment
 * @env (NULL: ours).  @done is called once from the loop, after which *@out is
 * gone.  0 or -errno, and then @done is not called.
 */
int spawn_run(struct spawn **out, struct loop *loop, char *const argv[],
	      char *const env[], uint64_t deadline_ns, spawn_done_fn *done, void *ctx);
/* End it now, without calling back.  NULL is fine. */
void spawn_kill(struct spawn *s);
