// SPDX-License-Identifier: GPL-2.0-or-later
#include "mailbox.h"

#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/log.h"
#include "base/unix_socket.h"

#define COMPLAIN_NS	(60 * NS_PER_S)	/* about bad datagrams, at most so often */

struct mailbox {
	struct mailbox_params p;
	int fd;
	char *name;			/* owns */
	char *path;			/* owns; NULL: UDP */
	struct ipaddr *peers;		/* owns */
	size_t n_peers;
	/* The rate: a datagram costs a second / rate; at most one second is saved. */
	uint64_t paid_until;		/* boot clock, ns */
	boot_t quiet_until;		/* no complaints before */
	struct mailbox_stats stats;
};

/* One datagram as it was received. */
struct letter {
	char data[NOTICE_MAX];
	size_t len;
	bool cut;
	struct ipaddr from;		/* UDP */
	long pid, uid;			/* unix; -1: not told */
};

/* ---- receiving -------------------------------------------------------------- */

/* A sender can enclose open files, which are ours by now: we want none. */
static void close_enclosed(struct cmsghdr *c)
{
	size_t n = (c->cmsg_len - CMSG_LEN(0)) / sizeof(int);
	int fd;

	for (size_t i = 0; i < n; i++) {
		memcpy(&fd, CMSG_DATA(c) + i * sizeof(fd), sizeof(fd));
		close(fd);
	}
}

static void take_control(struct mailbox *m, struct msghdr *h, struct letter *l)
{
	struct ucred who;
	uint32_t lost;

	l->pid = l->uid = -1;
	for (struct cmsghdr *c = CMSG_FIRSTHDR(h); c; c = CMSG_NXTHDR(h, c)) {
		if (c->cmsg_level != SOL_SOCKET)
			continue;
		if (c->cmsg_type == SCM_CREDENTIALS) {
			memcpy(&who, CMSG_DATA(c), sizeof(who));
			l->pid = who.pid;
			l->uid = who.uid;
		} else if (c->cmsg_type == SO_RXQ_OVFL) {
			memcpy(&lost, CMSG_DATA(c), sizeof(lost));
			m->stats.overrun = lost;
		} else if (c->cmsg_type == SCM_RIGHTS) {
			close_enclosed(c);
		}
	}
}

static void take_sender(const struct sockaddr_storage *sa, struct ipaddr *out)
{
	const struct sockaddr_in6 *a6 = (const struct sockaddr_in6 *)sa;
	const struct sockaddr_in *a4 = (const struct sockaddr_in *)sa;

	*out = (struct ipaddr){ 0 };
	if (sa->ss_family == AF_INET) {
		*out = (struct ipaddr){ .family = 4, .prefix = 32 };
		memcpy(out->bytes, &a4->sin_addr, 4);
	} else if (sa->ss_family == AF_INET6) {
		*out = (struct ipaddr){ .family = 6, .prefix = 128 };
		memcpy(out->bytes, &a6->sin6_addr, 16);
	}
}

/* 0 or -errno; -EAGAIN: there is no more. */
static int receive(struct mailbox *m, struct letter *l)
{
	union {
		char room[256];
		struct cmsghdr align;
	} control;
	struct sockaddr_storage from = { 0 };
	struct iovec io = { l->data, sizeof(l->data) };
	struct msghdr h = {
		.msg_name = &from, .msg_namelen = sizeof(from), .msg_iov = &io,
		.msg_iovlen = 1, .msg_control = control.room,
		.msg_controllen = sizeof(control.room),
	};
	ssize_t n = recvmsg(m->fd, &h, MSG_DONTWAIT | MSG_CMSG_CLOEXEC);

	if (n < 0)
		return -errno;
	l->len = (size_t)n;
	l->cut = h.msg_flags & MSG_TRUNC;
	take_control(m, &h, l);
	take_sender(&from, &l->from);
	return 0;
}

/* ---- who and how often ---------------------------------------------------------- */

static bool is_this_machine(const struct ipaddr *who)
{
	static const uint8_t one[16] = { [15] = 1 };

	return who->family == 4 ? who->bytes[0] == 127 :
	       who->family == 6 && !memcmp(who->bytes, one, sizeof(one));
}

static bool may_send(const struct mailbox *m, const struct letter *l)
{
	if (m->path || is_this_machine(&l->from))
		return true;
	for (size_t i = 0; i < m->n_peers; i++)
		if (ipaddr_contains(&m->peers[i], &l->from))
			return true;
	return false;
}

static bool within_rate(struct mailbox *m)
{
	uint64_t now = loop_boot(m->p.loop).ns;

	if (m->paid_until < now)
		m->paid_until = now;
	if (m->paid_until >= now + NS_PER_S)
		return false;
	m->paid_until += NS_PER_S / m->p.rate;
	return true;
}

static void complain(struct mailbox *m, const struct letter *l, const char *why)
{
	boot_t now = loop_boot(m->p.loop);
	char from[IPADDR_TEXT] = "";

	if (now.ns < m->quiet_until.ns)
		return;
	m->quiet_until.ns = now.ns + COMPLAIN_NS;
	if (m->path)
		log_warn("events: what process %ld of user %ld sent to %s is no event: %s "
			 "(%llu so far)", l->pid, l->uid, m->name, why,
			 (unsigned long long)m->stats.bad);
	else
		log_warn("events: what %s sent to %s is no event: %s (%llu so far)",
			 ipaddr_format(&l->from, from), m->name, why,
			 (unsigned long long)m->stats.bad);
}

static void take_letter(struct mailbox *m, const struct letter *l)
{
	struct notice notice;
	const char *why;

	if (!may_send(m, l)) {
		m->stats.strangers++;
	} else if (!within_rate(m)) {
		m->stats.too_many++;
	} else if (l->cut) {
		m->stats.too_long++;
	} else if (notice_parse(l->data, l->len, &notice, &why)) {
		m->stats.bad++;
		complain(m, l, why);
	} else {
		m->stats.taken++;
		m->p.fn(m->p.ctx, &notice, m->path);
	}
}

static void on_socket(void *ctx, int fd, uint32_t events)
{
	struct mailbox *m = ctx;
	struct letter l;

	(void)fd, (void)events;
	for (int i = 0; i < MAILBOX_TURN && !receive(m, &l); i++)
		take_letter(m, &l);
}

/* ---- opening ---------------------------------------------------------------------- */

/* Until its group may write to it, too, the senders of all letters are asked for. */
static int bind_unix(struct mailbox *m, const char *path, gid_t gid)
{
	int one = 1;

	m->fd = unix_socket_bind(path, SOCK_DGRAM);
	if (m->fd < 0)
		return m->fd;
	m->path = strdup(path);
	m->name = strdup(path);
	if (!m->path || !m->name)
		return -ENOMEM;
	if (setsockopt(m->fd, SOL_SOCKET, SO_PASSCRED, &one, sizeof(one)))
		return -errno;
	if (gid != (gid_t)-1 && (chown(path, (uid_t)-1, gid) || chmod(path, 0660)))
		return -errno;
	return 0;
}

static int bind_udp(struct mailbox *m, const struct ipaddr *at, uint16_t port)
{
	struct sockaddr_in6 a6 = { .sin6_family = AF_INET6, .sin6_port = htons(port) };
	struct sockaddr_in a4 = { .sin_family = AF_INET, .sin_port = htons(port) };
	const void *sa = at->family == 4 ? (const void *)&a4 : (const void *)&a6;
	char text[IPADDR_TEXT];
	int one = 1;

	memcpy(&a4.sin_addr, at->bytes, sizeof(a4.sin_addr));
	memcpy(&a6.sin6_addr, at->bytes, sizeof(a6.sin6_addr));
	m->fd = socket(at->family == 4 ? AF_INET : AF_INET6,
		       SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (m->fd < 0)
		return -errno;
	setsockopt(m->fd, SOL_SOCKET, SO_RXQ_OVFL, &one, sizeof(one));
	if (at->family == 6)
		setsockopt(m->fd, IPPROTO_IPV6, IPV6_V6ONLY, &one, sizeof(one));
	if (bind(m->fd, sa, at->family == 4 ? sizeof(a4) : sizeof(a6)))
		return -errno;
	ipaddr_format(at, text);
	if (asprintf(&m->name, at->family == 4 ? "udp %s:%u" : "udp [%s]:%u", text, port) < 0) {
		m->name = NULL;
		return -ENOMEM;
	}
	return 0;
}

static struct mailbox *make(const struct mailbox_params *p)
{
	struct mailbox *m = calloc(1, sizeof(*m));

	if (!m)
		return NULL;
	m->p = *p;
	m->fd = -1;
	return m;
}

/* Finish what bind_*() began with @err. */
static int finish(struct mailbox **out, struct mailbox *m, int err)
{
	if (!err)
		err = loop_add(m->p.loop, m->fd, EPOLLIN, on_socket, m);
	if (err) {
		if (m->fd >= 0)
			close(m->fd);
		m->fd = -1;
		mailbox_free(m);
		return err;
	}
	*out = m;
	return 0;
}

int mailbox_unix(struct mailbox **out, const struct mailbox_params *p, const char *path,
		 gid_t gid)
{
	struct mailbox *m = make(p);

	return m ? finish(out, m, bind_unix(m, path, gid)) : -ENOMEM;
}

int mailbox_udp(struct mailbox **out, const struct mailbox_params *p,
		const struct ipaddr *at, uint16_t port,
		const struct ipaddr *peers, size_t n_peers)
{
	struct mailbox *m = make(p);

	if (!m)
		return -ENOMEM;
	m->peers = calloc(n_peers + 1, sizeof(*peers));
	if (!m->peers) {
		mailbox_free(m);
		return -ENOMEM;
	}
	if (n_peers)
		memcpy(m->peers, peers, n_peers * sizeof(*peers));
	m->n_peers = n_peers;
	return finish(out, m, bind_udp(m, at, port));
}

void mailbox_set_rate(struct mailbox *m, unsigned int rate)
{
	m->p.rate = rate;
}

void mailbox_free(struct mailbox *m)
{
	if (!m)
		return;
	if (m->fd >= 0) {
		loop_del(m->p.loop, m->fd);
		close(m->fd);
	}
	if (m->path)
		unlink(m->path);
	free(m->path);
	free(m->name);
	free(m->peers);
	free(m);
}

const struct mailbox_stats *mailbox_stats(const struct mailbox *m)
{
	return &m->stats;
}

const char *mailbox_name(const struct mailbox *m)
{
	return m->name;
}
