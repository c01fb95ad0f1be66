// SPDX-License-Identifier: GPL-2.0-or-later
/* attacher - the process: watches links, attaches to those it was told, says how it went. */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "attach/attacher_private.h"
#include "attach/netwatch.h"
#include "attach/privs.h"
#include "base/log.h"

/* Whoever refuses is asked again when links change, but not for each change. */
#define RETRY_NS	(10 * NS_PER_S)

struct watched {
	char ifname[IF_NAMESIZE];
	int ifindex;			/* that was attached to or refused; 0: not there */
	int err;
	char said[sizeof(((struct attacher_report *)0)->said)];
	bool reported;
};

struct process {
	const char *pin;
	int sock;
	int said_fd;			/* memory that is standard error, where logs go */
	struct loop *loop;
	struct netwatch *links;
	struct loop_timer retry;
	enum xdp_mode mode;
	size_t n;
	struct watched watched[ATTACHER_MAX];
};

/* ---- one interface ----------------------------------------------------------------- */

static void report(struct process *p, const struct attacher_report *r)
{
	if (send(p->sock, r, sizeof(*r), MSG_NOSIGNAL) < 0)
		_exit(0);	/* the daemon is gone */
}

/* The last line that was logged; forgets them all. */
static void take_said(struct process *p, char *text, size_t size)
{
	static const char prefix[] = "xdpban: ";
	char all[4096], *line = all, *end;
	ssize_t n = pread(p->said_fd, all, sizeof(all) - 1, 0);

	all[n > 0 ? n : 0] = '\0';
	while ((end = strchr(line, '\n')) && end[1])
		line = end + 1;
	if (end)
		*end = '\0';
	if (starts_with(line, prefix))
		line += strlen(prefix);
	snprintf(text, size, "%.*s", (int)size - 1, line);
	/* What was logged goes to the end of the file, wherever that is. */
	if (ftruncate(p->said_fd, 0) || lseek(p->said_fd, 0, SEEK_SET))
		return;
}

static bool is_attached(const struct process *p, int ifindex)
{
	struct xdp_link *links;
	bool found = false;
	size_t n;

	if (xdp_links(p->pin, &links, &n))
		return false;
	for (size_t i = 0; i < n; i++)
		found |= links[i].ok && links[i].ifindex == ifindex;
	free(links);
	return found;
}

static void try(struct process *p, struct watched *w, int ifindex)
{
	struct attacher_report r = { .there = true };
	bool again = w->ifindex == ifindex && w->err;

	memcpy(r.ifname, w->ifname, sizeof(r.ifname));
	r.silent = is_attached(p, ifindex) && p->mode == XDP_MODE_AUTO;
	if (!r.silent)
		r.err = xdp_attach(p->pin, w->ifname, p->mode, &r.done);
	r.silent |= !r.err && r.done.how == XDP_UNCHANGED;
	take_said(p, r.said, sizeof(r.said));
	if (!again || r.err != w->err || !streq(r.said, w->said))
		report(p, &r);
	w->ifindex = ifindex;
	w->err = r.err;
	memcpy(w->said, r.said, sizeof(w->said));
}

static void look(struct process *p, struct watched *w)
{
	int ifindex = (int)if_nametoindex(w->ifname);

	if (!ifindex && (w->ifindex || !w->reported)) {
		struct attacher_report r = { .there = false };

		memcpy(r.ifname, w->ifname, sizeof(r.ifname));
		report(p, &r);
		w->ifindex = w->err = 0;
	} else if (ifindex && (ifindex != w->ifindex || w->err)) {
		try(p, w, ifindex);
	}
	w->reported = true;
}

static void look_at_all(struct process *p)
{
	bool refused = false;

	for (size_t i = 0; i < p->n; i++) {
		look(p, &p->watched[i]);
		refused |= p->watched[i].err != 0;
	}
	if (refused)
		loop_timer_in(p->loop, &p->retry, RETRY_NS);
}

/* ---- what happens ------------------------------------------------------------------- */

static void on_retry(void *ctx)
{
	look_at_all(ctx);
}

static void on_links(void *ctx, unsigned int what)
{
	struct process *p = ctx;

	(void)what;
	/* New ones at once; those that refuse when the timer says so. */
	for (size_t i = 0; i < p->n; i++)
		if (!p->watched[i].err ||
		    (int)if_nametoindex(p->watched[i].ifname) != p->watched[i].ifindex)
			look(p, &p->watched[i]);
	for (size_t i = 0; i < p->n; i++)
		if (p->watched[i].err && !p->retry.armed)
			loop_timer_in(p->loop, &p->retry, RETRY_NS);
}

static void on_order(void *ctx, int fd, uint32_t events)
{
	struct process *p = ctx;
	struct attacher_report done = { 0 };
	struct attacher_order order;
	ssize_t n = recv(fd, &order, sizeof(order), 0);

	(void)events;
	if (n != sizeof(order) || order.n > ATTACHER_MAX)
		_exit(0);
	p->mode = order.mode;
	p->n = order.n;
	for (size_t i = 0; i < p->n; i++) {
		p->watched[i] = (struct watched){ 0 };
		memcpy(p->watched[i].ifname, order.names[i], IF_NAMESIZE - 1);
	}
	look_at_all(p);
	report(p, &done);
}

/* ---- life --------------------------------------------------------------------------- */

/* Nothing of the daemon's but the socket: its lock on the pins above all. */
static int leave_daemon(int sock)
{
	prctl(PR_SET_NAME, "xdpban-attach");
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (dup2(sock, STDERR_FILENO + 1) < 0)
		return -errno;
	closefrom(STDERR_FILENO + 2);
	return STDERR_FILENO + 1;
}

void attacher_serve(int sock, const char *pin)
{
	struct process p = { .pin = pin, .sock = leave_daemon(sock), .retry.fn = on_retry };
	int err = p.sock < 0 ? p.sock : 0;

	p.retry.ctx = &p;
	p.said_fd = memfd_create("said", MFD_CLOEXEC);
	if (p.said_fd < 0 || dup2(p.said_fd, STDERR_FILENO) < 0)
		_exit(1);
	log_open("stderr", LOG_LEVEL_WARNING);
	log_echo(false);
	log_plain(LOG_LEVEL_WARNING);
	p.loop = loop_new();
	if (!err && !p.loop)
		err = -ENOMEM;
	if (!err)
		err = netwatch_new(&p.links, p.loop, NETWATCH_LINKS, on_links, &p);
	if (!err)
		err = loop_add(p.loop, p.sock, EPOLLIN, on_order, &p);
	if (!err)
		err = privs_drop_to_attach();
	if (!err)
		loop_run(p.loop);
	_exit(err != 0);
}
