// SPDX-License-Identifier: GPL-2.0-or-later
/* runner - the process: runs what the configuration says, opens the log it names. */
#include <errno.h>
#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/log.h"
#include "base/spawn.h"
#include "base/str.h"
#include "config/address_tags.h"
#include "config/config.h"
#include "confine/runner_private.h"

struct job {
	struct process *process;	/* borrows */
	uint32_t id;			/* 0: free */
	struct spawn *child;
};

struct process {
	struct runner_sockets sock;
	struct loop *loop;
	const char *dir;
	const struct config *config;
	struct config *own;		/* owns; NULL: what fork() copied is in force */
	struct job jobs[RUNNER_JOBS];
};

/* ---- commands ---------------------------------------------------------------------- */

static void report(struct job *job, int exit_status, const char *what, const char *why)
{
	struct runner_report r = { .id = job->id, .answer.exit_status = exit_status };

	snprintf(r.answer.why, sizeof(r.answer.why), "%s%s", what, why);
	job->id = 0;
	send(job->process->sock.jobs, &r, sizeof(r), MSG_NOSIGNAL);
}

static void on_done(void *ctx, const struct spawn_result *r)
{
	report(ctx, r->exit_status, r->timed_out ? "too slow: " :
	       r->too_loud ? "it printed without end: " : "", r->output);
}

static int start(struct job *job, const char *text, const struct ipaddr *who)
{
	char *command = address_tags_fill(text, who);
	char *argv[] = { (char *)"sh", (char *)"-c", command, NULL };
	int err = command ? spawn_run(&job->child, job->process->loop, argv, NULL,
				      RUNNER_DEADLINE_NS, on_done, job) : -ENOMEM;

	free(command);
	return err;
}

static struct job *job_with(struct process *p, uint32_t id)
{
	for (size_t i = 0; i < RUNNER_JOBS; i++)
		if (p->jobs[i].id == id)
			return &p->jobs[i];
	return NULL;
}

/* Whatever the daemon has become by now: only what the configuration says is run. */
static void run(struct process *p, struct runner_order *o)
{
	struct job *job = o->id && !job_with(p, o->id) ? job_with(p, 0) : NULL;
	bool address = (o->who.family == 4 && o->who.prefix <= 32) ||
		       (o->who.family == 6 && o->who.prefix <= 128);
	const struct config_jail *jail;
	int err;

	if (!job)
		_exit(1);
	*job = (struct job){ .process = p, .id = o->id };
	o->jail[sizeof(o->jail) - 1] = '\0';
	jail = config_find_jail(p->config, o->jail);
	err = address && jail && jail->loaded && jail->ignorecommand.s ?
	      start(job, jail->ignorecommand.s, &o->who) : -ENOENT;
	if (err)
		report(job, -1, "cannot run it: ", strerror(-err));
}

static void forget(struct process *p, uint32_t id)
{
	struct job *job = id ? job_with(p, id) : NULL;

	if (!job)
		return;		/* its answer is on the way */
	spawn_kill(job->child);
	job->id = 0;
}

/* ---- the configuration -------------------------------------------------------------- */

/* What is wrong with it, the daemon has said. */
static void reload(struct process *p)
{
	struct config_options o = { .dir = p->dir };
	struct diag problems = { 0 };
	struct config *config = config_load(&o, &problems);

	diag_fini(&problems);
	if (!config)
		return;
	config_free(p->own);
	p->config = p->own = config;
	malloc_trim(0);
}

static void open_log(struct process *p)
{
	union { char room[CMSG_SPACE(sizeof(int))]; struct cmsghdr align; } control = { 0 };
	const char *path = p->config->settings.logtarget.s;
	int fd = path ? log_open_file(path) : -ENOENT, err = fd < 0 ? fd : 0;
	struct iovec io = { &err, sizeof(err) };
	struct msghdr h = { .msg_iov = &io, .msg_iovlen = 1 };

	if (!err) {
		h.msg_control = control.room;
		h.msg_controllen = sizeof(control.room);
		*CMSG_FIRSTHDR(&h) = (struct cmsghdr){
			.cmsg_level = SOL_SOCKET, .cmsg_type = SCM_RIGHTS,
			.cmsg_len = CMSG_LEN(sizeof(fd)),
		};
		memcpy(CMSG_DATA(CMSG_FIRSTHDR(&h)), &fd, sizeof(fd));
	}
	sendmsg(p->sock.log, &h, MSG_NOSIGNAL | MSG_DONTWAIT);
	if (fd >= 0)
		close(fd);
}

/* ---- life --------------------------------------------------------------------------- */

/* Before it goes, everything that it runs does. */
static void end(struct process *p)
{
	for (size_t i = 0; i < RUNNER_JOBS; i++)
		forget(p, p->jobs[i].id);
	_exit(0);
}

static void on_order(void *ctx, int fd, uint32_t events)
{
	struct process *p = ctx;
	struct runner_order o;

	(void)events;
	if (recv(fd, &o, sizeof(o), 0) != sizeof(o))
		end(p);
	if (o.what == RUNNER_RUN)
		run(p, &o);
	else if (o.what == RUNNER_FORGET)
		forget(p, o.id);
	else if (o.what == RUNNER_RELOAD)
		reload(p);
	else if (o.what == RUNNER_OPEN_LOG)
		open_log(p);
}

/* Nothing of the daemon's but the sockets, at places that are free. */
static void leave_daemon(struct runner_sockets *s)
{
	int high = s->jobs > s->log ? s->jobs : s->log;

	prctl(PR_SET_NAME, "xdpban-run");
	if (dup2(s->jobs, high + 1) < 0 || dup2(s->log, high + 2) < 0)
		_exit(1);
	closefrom(high + 3);
	for (int fd = STDERR_FILENO + 1; fd <= high; fd++)
		close(fd);
	*s = (struct runner_sockets){ high + 1, high + 2 };
}

void runner_serve(const struct runner_sockets *s, const struct config *config,
		  const char *dir)
{
	struct process p = { .sock = *s, .config = config, .dir = dir };

	leave_daemon(&p.sock);
	p.loop = loop_new();
	if (p.loop && !loop_add(p.loop, p.sock.jobs, EPOLLIN, on_order, &p))
		loop_run(p.loop);
	_exit(1);
}
