// SPDX-License-Identifier: GPL-2.0-or-later
/* runner - the daemon's half: starts the process, asks, hears answers. */
#include "confine/runner_private.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/log.h"

#define LOG_MS	10000	/* to wait for our own log: it may read a configuration first */

struct runner_job {
	struct runner *runner;		/* borrows */
	uint32_t id;			/* 0: free */
	runner_fn *fn;
	void *ctx;
};

struct runner {
	struct loop *loop;		/* borrows */
	struct runner_sockets sock;	/* owns; -1: the process is gone */
	pid_t pid;			/* 0: none */
	uint32_t serial;
	struct runner_job jobs[RUNNER_JOBS];
};

static int tell(struct runner *r, const struct runner_order *o)
{
	if (r->sock.jobs < 0)
		return -EPIPE;
	return send(r->sock.jobs, o, sizeof(*o), MSG_NOSIGNAL) < 0 ? -errno : 0;
}

/* ---- answers ----------------------------------------------------------------------- */

static void answer(struct runner_job *job, const struct runner_answer *a)
{
	job->id = 0;
	job->fn(job->ctx, a);
}

static void hang_up(struct runner *r)
{
	if (r->sock.jobs >= 0) {
		loop_del(r->loop, r->sock.jobs);
		close(r->sock.jobs);
	}
	if (r->sock.log >= 0)
		close(r->sock.log);
	r->sock = (struct runner_sockets){ -1, -1 };
}

static void reap(struct runner *r)
{
	if (r->pid > 0)
		waitpid(r->pid, NULL, 0);
	r->pid = 0;
}

/* Nobody is spared any more by a command; who asks again is told so at once. */
static void lost(struct runner *r)
{
	static const struct runner_answer none = { -1, "the process that runs commands is gone" };

	log_err("confine: the process that runs ignorecommands has ended; restart xdpban");
	hang_up(r);
	reap(r);
	for (size_t i = 0; i < RUNNER_JOBS; i++)
		if (r->jobs[i].id)
			answer(&r->jobs[i], &none);
}

static void on_report(void *ctx, int fd, uint32_t events)
{
	struct runner *r = ctx;
	struct runner_report report;
	ssize_t n = recv(fd, &report, sizeof(report), MSG_DONTWAIT);

	(void)events;
	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	if (n != sizeof(report)) {
		lost(r);
		return;
	}
	report.answer.why[sizeof(report.answer.why) - 1] = '\0';
	for (size_t i = 0; i < RUNNER_JOBS; i++) {
		if (!report.id || r->jobs[i].id != report.id)
			continue;
		answer(&r->jobs[i], &report.answer);
		return;
	}
}

/* ---- questions --------------------------------------------------------------------- */

static struct runner_job *free_job(struct runner *r)
{
	for (size_t i = 0; i < RUNNER_JOBS; i++)
		if (!r->jobs[i].id)
			return &r->jobs[i];
	return NULL;
}

int runner_ask(struct runner *r, struct runner_job **out, const char *jail,
	       const struct ipaddr *who, runner_fn *fn, void *ctx)
{
	struct runner_order o = { .what = RUNNER_RUN, .who = *who };
	struct runner_job *job = free_job(r);
	int err;

	if (!job)
		return -EAGAIN;
	if (strlen(jail) >= sizeof(o.jail))
		return -ENAMETOOLONG;
	strcpy(o.jail, jail);
	if (!++r->serial)
		r->serial++;
	o.id = r->serial;
	err = tell(r, &o);
	if (err)
		return err;
	*job = (struct runner_job){ r, o.id, fn, ctx };
	*out = job;
	return 0;
}

void runner_forget(struct runner_job *job)
{
	struct runner_order o = { .what = RUNNER_FORGET };

	if (!job)
		return;
	o.id = job->id;
	job->id = 0;
	tell(job->runner, &o);
}

void runner_reload(struct runner *r)
{
	struct runner_order o = { .what = RUNNER_RELOAD };

	tell(r, &o);
}

/* The number that comes with it, and, if that is 0, a descriptor. */
static int receive_file(int sock)
{
	union { char room[CMSG_SPACE(sizeof(int))]; struct cmsghdr align; } control;
	int err = -EPROTO, fd = -1;
	struct iovec io = { &err, sizeof(err) };
	struct msghdr h = { .msg_iov = &io, .msg_iovlen = 1, .msg_control = control.room,
			    .msg_controllen = sizeof(control.room) };
	ssize_t n = recvmsg(sock, &h, MSG_DONTWAIT | MSG_CMSG_CLOEXEC);
	struct cmsghdr *c = n > 0 ? CMSG_FIRSTHDR(&h) : NULL;

	if (c && c->cmsg_type == SCM_RIGHTS && c->cmsg_len == CMSG_LEN(sizeof(fd)))
		memcpy(&fd, CMSG_DATA(c), sizeof(fd));
	if (n == sizeof(err) && !err && fd >= 0)
		return fd;
	if (fd >= 0)
		close(fd);
	return n == sizeof(err) && err < 0 ? err : -EPIPE;
}

int runner_open_log(struct runner *r)
{
	struct runner_order o = { .what = RUNNER_OPEN_LOG };
	struct pollfd p = { .fd = r->sock.log, .events = POLLIN };
	int err = tell(r, &o);

	if (err)
		return err;
	return poll(&p, 1, LOG_MS) == 1 ? receive_file(r->sock.log) : -ETIMEDOUT;
}

/* ---- life -------------------------------------------------------------------------- */

bool runner_alive(const struct runner *r)
{
	return r->sock.jobs >= 0;
}

static int start(struct runner *r, const struct config *config, const char *dir)
{
	const int type = SOCK_SEQPACKET | SOCK_CLOEXEC;
	int jobs[2], log[2] = { -1, -1 }, err;

	if (socketpair(AF_UNIX, type, 0, jobs))
		return -errno;
	err = socketpair(AF_UNIX, type, 0, log) ? -errno : 0;
	if (!err)
		r->pid = fork();
	if (!err && !r->pid) {
		close(jobs[0]);
		close(log[0]);
		runner_serve(&(struct runner_sockets){ jobs[1], log[1] }, config, dir);
	}
	if (!err && r->pid < 0)
		err = -errno;
	close(jobs[1]);
	if (log[1] >= 0)
		close(log[1]);
	r->sock = (struct runner_sockets){ jobs[0], log[0] };
	return err ? err : loop_add(r->loop, r->sock.jobs, EPOLLIN, on_report, r);
}

int runner_new(struct runner **out, struct loop *loop, const struct config *config,
	       const char *dir)
{
	struct runner *r = calloc(1, sizeof(*r));
	int err;

	if (!r)
		return -ENOMEM;
	r->loop = loop;
	r->sock = (struct runner_sockets){ -1, -1 };
	err = start(r, config, dir);
	if (err) {
		log_err("confine: cannot start a process: %s", strerror(-err));
		runner_free(r);
		return err;
	}
	*out = r;
	return 0;
}

void runner_free(struct runner *r)
{
	if (!r)
		return;
	hang_up(r);
	reap(r);
	free(r);
}
