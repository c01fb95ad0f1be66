/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * runner - the process that starts commands and opens our own log, since the one that
 * reads logs may do neither (confine.h).
 * It is told which jail's ignorecommand to run, and for which address, never what to
 * run: that, and where the log is, it reads in the configuration itself, which
 * the daemon cannot write.  So whoever has taken over the daemon can have it run what
 * the operator wrote, for addresses of his choice, and nothing else.  What it starts
 * has the rights that the daemon was started with.  It ends with the daemon.
 */
#pragma once
#include "base/loop.h"

#define RUNNER_JOBS	16u			/* commands at a time */
#define RUNNER_DEADLINE_NS (10 * NS_PER_S)	/* for one of them */

struct runner;
struct runner_job;
struct config;
struct ipaddr;

struct runner_answer {
	int exit_status;	/* 0...255; -1: it did not run, or to no end */
	char why[256];		/* what it printed, or what went wrong */
};
typedef void runner_fn(void *ctx, const struct runner_answer *a);

/*
 * Start the process: before rights are given up, and before anything is open that it
 * must not have.  It begins with its copy of @config (borrowed) and reads that of
 * directory @dir (kept by the caller) when it is told to.  0 or -errno, after logging.
 */
int runner_new(struct runner **out, struct loop *loop, const struct config *config,
	       const char *dir);
/* Ends the process and what it runs, and waits for that.  NULL is fine. */
void runner_free(struct runner *r);
/* Is the process alive? */
bool runner_alive(const struct runner *r);

/*
 * Run the ignorecommand of @jail for @who.  @fn is called once from the loop, and
 * *@out is gone by then, unless runner_forget() was before.  0; -EAGAIN: as
 * many as may run do; -EPIPE: the process is gone; or another -errno.
 */
int runner_ask(struct runner *r, struct runner_job **out, const char *jail,
	       const struct ipaddr *who, runner_fn *fn, void *ctx);
/* End it now, without calling back.  NULL is fine. */
void runner_forget(struct runner_job *job);

/* The configuration is another one: what is asked from here on follows that. */
void runner_reload(struct runner *r);
/* The file that `logtarget` names, open for appending; or -errno. */
int runner_open_log(struct runner *r);
