// SPDX-License-Identifier: GPL-2.0-or-later
#include "attach/netwatch.h"

#include <errno.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

struct netwatch {
	struct loop *loop;		/* borrows */
	int fd;
	struct loop_timer settle;
	void (*changed)(void *ctx);
	void *ctx;
};

static void on_settled(void *ctx)
{
	struct netwatch *w = ctx;

	w->changed(w->ctx);
}

/* What changed does not matter, and ENOBUFS (messages lost) is a change too. */
static void on_event(void *ctx, int fd, uint32_t events)
{
	struct netwatch *w = ctx;
	char buf[8192];

	(void)events;
	while (recv(fd, buf, sizeof(buf), MSG_DONTWAIT) > 0)
		;
	if (!w->settle.armed)
		loop_timer_in(w->loop, &w->settle, NETWATCH_SETTLE_NS);
}

static int open_netlink(void)
{
	struct sockaddr_nl sa = {
		.nl_family = AF_NETLINK,
		.nl_groups = RTMGRP_LINK | RTMGRP_IPV4_IFADDR | RTMGRP_IPV6_IFADDR |
			     RTMGRP_IPV4_ROUTE | RTMGRP_IPV6_ROUTE,
	};
	int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK,
			NETLINK_ROUTE);
	int err;

	if (fd < 0)
		return -errno;
	if (bind(fd, (struct sockaddr *)&sa, sizeof(sa))) {
		err = -errno;
		close(fd);
		return err;
	}
	return fd;
}

int netwatch_new(struct netwatch **out, struct loop *loop,
		 void (*changed)(void *ctx), void *ctx)
{
	struct netwatch *w = calloc(1, sizeof(*w));
	int err;

	if (!w)
		return -ENOMEM;
	*w = (struct netwatch){ .loop = loop, .changed = changed, .ctx = ctx,
				.settle = { .fn = on_settled, .ctx = w } };
	w->fd = open_netlink();
	err = w->fd < 0 ? w->fd : loop_add(loop, w->fd, EPOLLIN, on_event, w);
	if (err) {
		netwatch_free(w);
		return err;
	}
	*out = w;
	return 0;
}

void netwatch_free(struct netwatch *w)
{
	if (!w)
		return;
	loop_timer_cancel(w->loop, &w->settle);
	if (w->fd >= 0) {
		loop_del(w->loop, w->fd);
		close(w->fd);
	}
	free(w);
}
