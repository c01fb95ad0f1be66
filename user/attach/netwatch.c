// SPDX-License-Identifier: GPL-2.0-or-later
#include "attach/netwatch.h"

#include <arpa/inet.h>
#include <errno.h>
#include <linux/filter.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <stddef.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/util.h"

enum { READS_MAX = 64 };

struct netwatch {
	struct loop *loop;		/* borrows */
	int fd;
	unsigned int all, what;		/* watched; changed since the last call */
	struct loop_timer settle;
	netwatch_fn *changed;
	void *ctx;
};

static void on_settled(void *ctx)
{
	struct netwatch *w = ctx;
	unsigned int what = w->what;

	w->what = 0;
	w->changed(w->ctx, what);
}

static unsigned int kind_of(unsigned int type)
{
	switch (type) {
	case RTM_NEWLINK:
	case RTM_DELLINK:
		return NETWATCH_LINKS;
	case RTM_NEWADDR:
	case RTM_DELADDR:
		return NETWATCH_ADDRESSES;
	case RTM_NEWROUTE:
	case RTM_DELROUTE:
		return NETWATCH_ROUTES;
	}
	return 0;
}

/* One message comes at a time; only its kind matters. */
static void on_event(void *ctx, int fd, uint32_t events)
{
	struct netwatch *w = ctx;
	char buf[8192] __attribute__((aligned(__alignof__(struct nlmsghdr))));
	const struct nlmsghdr *nh = (const void *)buf;

	(void)events;
	for (int i = 0; i < READS_MAX; i++) {
		ssize_t n = recv(fd, buf, sizeof(buf), MSG_DONTWAIT);

		if (n < 0 && (errno == EAGAIN || errno == EINTR))
			break;
		/* ENOBUFS: messages were lost. */
		w->what |= n < (ssize_t)sizeof(*nh) ? w->all : kind_of(nh->nlmsg_type);
	}
	if (w->what && !w->settle.armed)
		loop_timer_in(w->loop, &w->settle, NETWATCH_SETTLE_NS);
}

/*
 * Runs in the kernel, before a message is queued: it passes unless it is about a route
 * that is not a default one.  Halfwords are loaded as in the network, while rtnetlink
 * speaks the machine's order.
 */
static int filter_routes(int fd)
{
	enum { TYPE = offsetof(struct nlmsghdr, nlmsg_type),
	       DST_LEN = NLMSG_HDRLEN + offsetof(struct rtmsg, rtm_dst_len) };
	struct sock_filter code[] = {
		BPF_STMT(BPF_LD | BPF_H | BPF_ABS, TYPE),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, htons(RTM_NEWROUTE), 1, 0),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, htons(RTM_DELROUTE), 0, 2),
		BPF_STMT(BPF_LD | BPF_B | BPF_ABS, DST_LEN),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, 0, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, ~0u),
		BPF_STMT(BPF_RET | BPF_K, 0),
	};
	const struct sock_fprog program = { ARRAY_SIZE(code), code };

	return setsockopt(fd, SOL_SOCKET, SO_ATTACH_FILTER, &program, sizeof(program)) ?
		-errno : 0;
}

static int open_netlink(unsigned int what)
{
	struct sockaddr_nl sa = {
		.nl_family = AF_NETLINK,
		.nl_groups = (what & NETWATCH_LINKS ? RTMGRP_LINK : 0) |
			     (what & NETWATCH_ADDRESSES ?
			      RTMGRP_IPV4_IFADDR | RTMGRP_IPV6_IFADDR : 0) |
			     (what & NETWATCH_ROUTES ?
			      RTMGRP_IPV4_ROUTE | RTMGRP_IPV6_ROUTE : 0),
	};
	int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK,
			NETLINK_ROUTE);
	int err;

	if (fd < 0)
		return -errno;
	err = filter_routes(fd);
	if (!err && bind(fd, (struct sockaddr *)&sa, sizeof(sa)))
		err = -errno;
	if (err) {
		close(fd);
		return err;
	}
	return fd;
}

int netwatch_new(struct netwatch **out, struct loop *loop, unsigned int what,
		 netwatch_fn *changed, void *ctx)
{
	struct netwatch *w = calloc(1, sizeof(*w));
	int err;

	if (!w)
		return -ENOMEM;
	*w = (struct netwatch){ .loop = loop, .all = what, .changed = changed, .ctx = ctx,
				.settle = { .fn = on_settled, .ctx = w } };
	w->fd = open_netlink(what);
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
