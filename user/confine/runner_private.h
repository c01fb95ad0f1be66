/* SPDX-License-Identifier: GPL-2.0-or-later */
/* runner_private - what the daemon and the process that runs commands tell each other. */
#pragma once
#include "base/ipaddr.h"
#include "confine/runner.h"

/* Datagrams on a socket pair, taken one after another. */
struct runner_order {
	enum { RUNNER_RUN, RUNNER_FORGET, RUNNER_RELOAD, RUNNER_OPEN_LOG } what;
	uint32_t id;			/* of a job */
	struct ipaddr who;
	char jail[256];
};

/* Back, on the same pair: how a job ended. */
struct runner_report {
	uint32_t id;
	struct runner_answer answer;
};

/* On another pair, so that it can be waited for: an int, 0 with a descriptor or -errno. */

struct runner_sockets { int jobs, log; };

/* Serve until the other ends are closed; never returns. */
void runner_serve(const struct runner_sockets *s, const struct config *config,
		  const char *dir) __attribute__((noreturn));
