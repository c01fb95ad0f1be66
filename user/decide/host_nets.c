// SPDX-License-Identifier: GPL-2.0-or-later
#include "host_nets.h"

#include <arpa/inet.h>
#include <errno.h>
#include <ifaddrs.h>
#include <linux/rtnetlink.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

/* ---- own addresses ----------------------------------------------------------- */

/* Through the text, which has one canonical form (::ffff:1.2.3.4 is IPv4). */
static int from_bytes(int family, const void *bytes, struct ipaddr *out)
{
	char text[INET6_ADDRSTRLEN];

	if (!inet_ntop(family, bytes, text, sizeof(text)))
		return -EINVAL;
	return ipaddr_parse(text, strlen(text), out);
}

static int from_sockaddr(const struct sockaddr *sa, struct ipaddr *out)
{
	if (sa && sa->sa_family == AF_INET)
		return from_bytes(AF_INET, &((const struct sockaddr_in *)sa)->sin_addr, out);
	if (sa && sa->sa_family == AF_INET6)
		return from_bytes(AF_INET6, &((const struct sockaddr_in6 *)sa)->sin6_addr, out);
	return -EAFNOSUPPORT;
}

int host_own(host_net_fn *fn, void *ctx)
{
	/* All of 127/8 is this machine, though an interface names only one. */
	static const struct ipaddr loop4 = { { 127 }, 4, 8 };
	static const struct ipaddr loop6 = { { [15] = 1 }, 6, 128 };
	/* Whoever asks for an address (DHCP, IPv6) has none yet, us included. */
	static const struct ipaddr none4 = { { 0 }, 4, 32 }, none6 = { { 0 }, 6, 128 };
	struct ifaddrs *all;
	struct ipaddr addr;

	if (getifaddrs(&all))
		return -errno;
	fn(ctx, &loop4);
	fn(ctx, &loop6);
	fn(ctx, &none4);
	fn(ctx, &none6);
	for (struct ifaddrs *i = all; i; i = i->ifa_next)
		if (!from_sockaddr(i->ifa_addr, &addr))
			fn(ctx, &addr);
	freeifaddrs(all);
	return 0;
}

/* ---- default gateways ---------------------------------------------------------- */

struct route {
	const struct rtmsg *msg;
	host_net_fn *fn;
	void *ctx;
};

static void found(const struct route *r, int family, const void *bytes, size_t len)
{
	struct ipaddr addr;

	if (len == (family == AF_INET ? 4 : 16) && !from_bytes(family, bytes, &addr))
		r->fn(r->ctx, &addr);
}

/* The attributes of a route, or of one of its next hops. */
static void parse_attrs(const struct route *r, const struct rtattr *attr, size_t len);

static void parse_hops(const struct route *r, const void *data, size_t len)
{
	const struct rtnexthop *hop = data;

	while (len >= sizeof(*hop) && hop->rtnh_len >= sizeof(*hop) && hop->rtnh_len <= len) {
		size_t used = RTNH_ALIGN(hop->rtnh_len);

		parse_attrs(r, (const void *)(hop + 1), hop->rtnh_len - sizeof(*hop));
		if (used >= len)
			return;
		len -= used;
		hop = (const void *)((const char *)hop + used);
	}
}

static void parse_attrs(const struct route *r, const struct rtattr *attr, size_t len)
{
	int left = (int)len;

	for (; RTA_OK(attr, left); attr = RTA_NEXT(attr, left)) {
		const void *data = RTA_DATA(attr);
		size_t size = RTA_PAYLOAD(attr);

		if (attr->rta_type == RTA_GATEWAY)
			found(r, r->msg->rtm_family, data, size);
		/* RFC 5549: an IPv4 route through an IPv6 gateway. */
		else if (attr->rta_type == RTA_VIA && size == sizeof(struct rtvia) + 16 &&
			 ((const struct rtvia *)data)->rtvia_family == AF_INET6)
			found(r, AF_INET6, ((const struct rtvia *)data)->rtvia_addr, 16);
		else if (attr->rta_type == RTA_MULTIPATH)
			parse_hops(r, data, size);
	}
}

static void parse_route(const struct nlmsghdr *nh, host_net_fn *fn, void *ctx)
{
	struct route r = { NLMSG_DATA(nh), fn, ctx };
	int family;

	if (nh->nlmsg_type != RTM_NEWROUTE || nh->nlmsg_len < NLMSG_LENGTH(sizeof(*r.msg)))
		return;
	family = r.msg->rtm_family;
	if ((family == AF_INET || family == AF_INET6) && !r.msg->rtm_dst_len &&
	    r.msg->rtm_type == RTN_UNICAST)
		parse_attrs(&r, RTM_RTA(r.msg), RTM_PAYLOAD(nh));
}

/* NLMSG_OK() compares signed with unsigned, which clang refuses. */
static bool is_whole(const struct nlmsghdr *nh, int left)
{
	return left >= (int)sizeof(*nh) && nh->nlmsg_len >= sizeof(*nh) &&
	       nh->nlmsg_len <= (unsigned int)left;
}

int host_parse_routes(const void *buf, size_t len, host_net_fn *fn, void *ctx)
{
	const struct nlmsghdr *nh = buf;
	int left = (int)len;	/* signed: the last step may go below zero */

	for (; is_whole(nh, left); nh = NLMSG_NEXT(nh, left)) {
		if (nh->nlmsg_type == NLMSG_DONE)
			return 0;
		if (nh->nlmsg_type == NLMSG_ERROR) {
			const struct nlmsgerr *e = NLMSG_DATA(nh);

			if (nh->nlmsg_len < NLMSG_LENGTH(sizeof(*e)))
				return -EBADMSG;
			return e->error < 0 ? e->error : -EBADMSG;
		}
		parse_route(nh, fn, ctx);
	}
	return 1;
}

int host_ask_routes(void)
{
	struct {
		struct nlmsghdr nh;
		struct rtmsg msg;
	} ask = {
		.nh = { .nlmsg_len = sizeof(ask), .nlmsg_type = RTM_GETROUTE,
			.nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP },
	};
	const struct timeval deadline = { .tv_sec = 1 };	/* the kernel answers at once */
	int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE);
	int err = fd < 0 ? -errno : 0;

	if (!err && (setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &deadline, sizeof(deadline)) ||
		     send(fd, &ask, sizeof(ask), 0) < 0)) {
		err = -errno;
		close(fd);
	}
	return err ? err : fd;
}

int host_read_routes(int fd, host_net_fn *fn, void *ctx)
{
	const size_t size = 64 << 10;	/* the kernel's parts are at most 32 kB */
	char *buf = malloc(size);
	ssize_t n;
	int ret;

	if (!buf)
		return -ENOMEM;
	do {
		n = recv(fd, buf, size, 0);
	} while (n < 0 && errno == EINTR);
	ret = n < 0 ? -errno : n ? host_parse_routes(buf, (size_t)n, fn, ctx) : -EPIPE;
	free(buf);
	return ret;
}

int host_gateways(host_net_fn *fn, void *ctx)
{
	int fd = host_ask_routes(), ret;

	if (fd < 0)
		return fd;
	do {
		ret = host_read_routes(fd, fn, ctx);
	} while (ret > 0);
	close(fd);
	return ret;
}

/* ---- name servers ---------------------------------------------------------------- */

int host_resolvers(const char *path, host_net_fn *fn, void *ctx)
{
	FILE *f = fopen(path, "re");
	struct ipaddr addr;
	char line[512], name[128];

	if (!f)
		return -errno;
	while (fgets(line, sizeof(line), f))
		if (sscanf(line, " nameserver %127s", name) == 1 &&
		    !ipaddr_parse(name, strlen(name), &addr))
			fn(ctx, &addr);
	fclose(f);
	return 0;
}

/* Behind systemd's stub the real ones are in the second; most machines have none. */
static const char *const resolver_files[] = {
	"/etc/resolv.conf", "/run/systemd/resolve/resolv.conf",
};

uint64_t host_resolvers_state(void)
{
	uint64_t state = 0;
	struct stat st;

	for (size_t i = 0; i < ARRAY_SIZE(resolver_files); i++) {
		const uint64_t odd = 0x9e3779b97f4a7c15ull;	/* any odd number mixes */

		if (stat(resolver_files[i], &st))
			st = (struct stat){ 0 };
		state = (state ^ st.st_dev) * odd;
		state = (state ^ st.st_ino) * odd;
		state = (state ^ (uint64_t)st.st_size) * odd;
		state = (state ^ (uint64_t)st.st_mtim.tv_sec) * odd;
		state = (state ^ (uint64_t)st.st_mtim.tv_nsec) * odd;
	}
	return state;
}

/* ---- into the allowlist ------------------------------------------------------------ */

enum { MAX_HOST_NETS = 65536 };		/* routers may have thousands of addresses */

void host_nets_add(void *host_nets, const struct ipaddr *net)
{
	struct host_nets *c = host_nets;
	size_t size = c->size ? c->size * 2 : 16;
	struct ipaddr *p;

	if (c->n >= MAX_HOST_NETS || c->failed)
		return;
	if (c->n == c->size) {
		p = realloc(c->v, size * sizeof(*p));
		if (!p) {
			c->failed = true;
			return;
		}
		c->v = p;
		c->size = size;
	}
	c->v[c->n++] = *net;
}

int host_nets_put(struct host_nets *c, struct allowlist *a, enum allow_kind kind, int err)
{
	if (!err && c->failed)
		err = -ENOMEM;
	if (!err)
		err = allowlist_set(a, kind, NULL, c->v, c->n);
	free(c->v);
	*c = (struct host_nets){ 0 };
	return err;
}

static int refresh_resolvers(struct allowlist *a)
{
	struct host_nets c = { 0 };
	int err = host_resolvers(resolver_files[0], host_nets_add, &c);

	host_resolvers(resolver_files[1], host_nets_add, &c);
	return host_nets_put(&c, a, ALLOW_RESOLVER, err);
}

int host_nets_refresh(struct allowlist *a, unsigned int which)
{
	struct host_nets c = { 0 };
	int own = 0, gateways = 0, resolvers = 0;

	if (which & HOST_OWN)
		own = host_nets_put(&c, a, ALLOW_SELF, host_own(host_nets_add, &c));
	if (which & HOST_GATEWAYS)
		gateways = host_nets_put(&c, a, ALLOW_GATEWAY, host_gateways(host_nets_add, &c));
	if (which & HOST_RESOLVERS)
		resolvers = refresh_resolvers(a);
	return own ? own : gateways ? gateways : resolvers;
}
