// SPDX-License-Identifier: GPL-2.0-or-later
/* attacher - the daemon's half: starts the process, hands out orders, hears reports. */
#include "attach/attacher_private.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/log.h"
#include "config/config.h"

#define FIRST_MS	60000	/* for the first attempt: some drivers take seconds */

struct attacher {
	struct loop *loop;		/* borrows */
	int sock;			/* owns; -1: the process is gone */
	pid_t pid;			/* 0: reaped */
	int pidfd;			/* owns; readable when it has ended */
	size_t n;
	struct attacher_state states[ATTACHER_MAX];
};

/* ---- reports ---------------------------------------------------------------------- */

static struct attacher_state *find(struct attacher *a, const char *ifname)
{
	for (size_t i = 0; i < a->n; i++)
		if (streq(a->states[i].ifname, ifname))
			return &a->states[i];
	return NULL;
}

static void note(struct attacher *a, const struct attacher_report *r)
{
	struct attacher_state *s = find(a, r->ifname);

	if (!s)
		return;		/* of the list before */
	s->there = r->there;
	*s->trouble = '\0';
	if (!r->there)
		snprintf(s->trouble, sizeof(s->trouble),
			 "there is no such interface; it is attached to when it appears");
	else if (r->err)
		snprintf(s->trouble, sizeof(s->trouble), "%.*s",
			 (int)sizeof(s->trouble) - 1, r->said);
	if (!r->there)
		log_notice("%s is not there; waiting for it", r->ifname);
	else if (r->err)
		log_err("%s", r->said);
	else if (!r->silent)
		log_notice("attached to %s, %s XDP%s%s", r->ifname,
			   xdp_mode_name(r->done.mode), *r->done.note ? ": " : "",
			   r->done.note);
}

/* Nothing more is told to it, which it takes as the end. */
static void hang_up(struct attacher *a)
{
	if (a->sock < 0)
		return;
	loop_del(a->loop, a->sock);
	close(a->sock);
	a->sock = -1;
}

static void reap(struct attacher *a)
{
	if (a->pidfd >= 0) {
		loop_del(a->loop, a->pidfd);
		close(a->pidfd);
	}
	if (a->pid > 0)
		waitpid(a->pid, NULL, 0);
	a->pidfd = -1;
	a->pid = 0;
}

static void lost(struct attacher *a)
{
	log_err("attach: the process that attaches to interfaces has ended; what appears "
		"from now on needs xdpban attach, or a restart");
	hang_up(a);
}

/* Its socket is closed before that: usually lost() has been told of already. */
static void on_ended(void *ctx, int fd, uint32_t events)
{
	struct attacher *a = ctx;

	(void)fd, (void)events;
	if (a->sock >= 0)
		lost(a);
	reap(a);
}

/* 1: a report about an interface, 0: all have been looked at, or -errno. */
static int receive(struct attacher *a, struct attacher_report *r, int flags)
{
	ssize_t n = recv(a->sock, r, sizeof(*r), flags);

	if (n < 0)
		return -errno;
	if (n != sizeof(*r))
		return -EPIPE;
	if (!*r->ifname)
		return 0;
	note(a, r);
	return 1;
}

static void on_report(void *ctx, int fd, uint32_t events)
{
	struct attacher *a = ctx;
	struct attacher_report r;
	int ret;

	(void)fd, (void)events;
	do
		ret = receive(a, &r, MSG_DONTWAIT);
	while (ret >= 0);
	if (ret != -EAGAIN && ret != -EINTR)
		lost(a);
}

/* ---- orders ----------------------------------------------------------------------- */

static int wait_for_all(struct attacher *a, size_t *refused)
{
	struct pollfd p = { .fd = a->sock, .events = POLLIN };
	struct attacher_report r;
	int ret;

	do {
		if (poll(&p, 1, FIRST_MS) != 1)
			return -ETIMEDOUT;
		ret = receive(a, &r, 0);
		*refused += ret > 0 && r.there && r.err;
	} while (ret > 0);
	return ret;
}

int attacher_watch(struct attacher *a, const struct texts *names, enum xdp_mode mode,
		   size_t *refused)
{
	struct attacher_order order = { .mode = mode };

	a->n = 0;
	if (refused)
		*refused = 0;
	for (size_t i = 0; i < names->n; i++) {
		if (order.n == ATTACHER_MAX || strlen(names->v[i].s) >= IF_NAMESIZE) {
			log_err("attach: '%s' cannot be the name of an interface, or there "
				"are too many", names->v[i].s);
			continue;
		}
		a->states[a->n] = (struct attacher_state){ 0 };
		memcpy(a->states[a->n++].ifname, names->v[i].s, strlen(names->v[i].s));
		memcpy(order.names[order.n++], names->v[i].s, strlen(names->v[i].s));
	}
	if (a->sock < 0)
		return -EPIPE;
	if (send(a->sock, &order, sizeof(order), MSG_NOSIGNAL) != sizeof(order))
		return -errno;
	return refused ? wait_for_all(a, refused) : 0;
}

const struct attacher_state *attacher_get(const struct attacher *a, size_t i)
{
	return i < a->n ? &a->states[i] : NULL;
}

bool attacher_alive(const struct attacher *a)
{
	return a->sock >= 0;
}

/* ---- life -------------------------------------------------------------------------- */

static int start(struct attacher *a, const char *pin)
{
	int pair[2], err;

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair))
		return -errno;
	a->pid = fork();
	if (!a->pid) {
		close(pair[0]);
		attacher_serve(pair[1], pin);
	}
	err = a->pid < 0 ? -errno : 0;
	close(pair[1]);
	a->sock = pair[0];
	if (err)
		return err;
	/* Linux 5.3; where a sandbox forbids it, a zombie stays until we end. */
	a->pidfd = (int)syscall(SYS_pidfd_open, a->pid, 0);
	if (a->pidfd >= 0)
		err = loop_add(a->loop, a->pidfd, EPOLLIN, on_ended, a);
	return err ? err : loop_add(a->loop, a->sock, EPOLLIN, on_report, a);
}

int attacher_new(struct attacher **out, struct loop *loop, const char *pin)
{
	struct attacher *a = calloc(1, sizeof(*a));
	int err;

	if (!a)
		return -ENOMEM;
	a->loop = loop;
	a->sock = a->pidfd = -1;
	err = start(a, pin);
	if (err) {
		log_err("attach: cannot start a process: %s", strerror(-err));
		attacher_free(a);
		return err;
	}
	*out = a;
	return 0;
}

void attacher_free(struct attacher *a)
{
	if (!a)
		return;
	hang_up(a);
	reap(a);
	free(a);
}
