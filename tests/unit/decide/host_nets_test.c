// SPDX-License-Identifier: GPL-2.0-or-later
/* What this machine depends on, from made-up answers and from the real ones. */
#include "decide/host_nets.h"

#include <arpa/inet.h>
#include <errno.h>
#include <linux/rtnetlink.h>
#include <sched.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "decide/allowlist.h"

#include "../t.h"

static void join(void *ctx, const struct ipaddr *net)
{
	char *text = ctx, buf[IPADDR_TEXT];

	if (strlen(text) < 400)
		sprintf(text + strlen(text), "%s ", ipaddr_format(net, buf));
}

/* ---- made-up routes -------------------------------------------------------------- */

struct answer { _Alignas(8) char buf[1024]; size_t len; };

static struct nlmsghdr *add_message(struct answer *a, uint16_t type, const void *body, size_t len)
{
	struct nlmsghdr *nh = (void *)(a->buf + a->len);

	*nh = (struct nlmsghdr){ .nlmsg_len = (uint32_t)NLMSG_LENGTH(len), .nlmsg_type = type };
	memcpy(NLMSG_DATA(nh), body, len);
	a->len += NLMSG_ALIGN(nh->nlmsg_len);
	return nh;
}

static struct nlmsghdr *add_route(struct answer *a, int family, int dst_len, int type)
{
	struct rtmsg m = { .rtm_family = (uint8_t)family, .rtm_dst_len = (uint8_t)dst_len,
			   .rtm_type = (uint8_t)type };

	return add_message(a, RTM_NEWROUTE, &m, sizeof(m));
}

static void *add_attr(struct answer *a, struct nlmsghdr *nh, int type, const void *data, size_t len)
{
	struct rtattr *attr = (void *)(a->buf + a->len);

	attr->rta_type = (uint16_t)type;
	attr->rta_len = (uint16_t)RTA_LENGTH(len);
	if (data)
		memcpy(RTA_DATA(attr), data, len);
	a->len += RTA_ALIGN(attr->rta_len);
	nh->nlmsg_len += RTA_ALIGN(attr->rta_len);
	return RTA_DATA(attr);
}

static void add_addr(struct answer *a, struct nlmsghdr *nh, int type, const char *text)
{
	uint8_t bytes[16];
	int family = strchr(text, ':') ? AF_INET6 : AF_INET;

	inet_pton(family, text, bytes);
	add_attr(a, nh, type, bytes, family == AF_INET ? 4 : 16);
}

static void add_hop(char **p, const char *gateway)
{
	struct rtnexthop *hop = (void *)*p;
	struct rtattr *attr = (void *)(hop + 1);

	*hop = (struct rtnexthop){ .rtnh_len = sizeof(*hop) + RTA_LENGTH(4) };
	*attr = (struct rtattr){ RTA_LENGTH(4), RTA_GATEWAY };
	inet_pton(AF_INET, gateway, RTA_DATA(attr));
	*p += RTNH_ALIGN(hop->rtnh_len);
}

static void test_routes(void)
{
	struct answer a = { .len = 0 };
	struct nlmsghdr *nh;
	char text[512] = "", hops[64], *p = hops;
	uint8_t via[18] = { AF_INET6, 0, 0xfe, 0x80, [17] = 2 };

	nh = add_route(&a, AF_INET, 0, RTN_UNICAST);
	add_addr(&a, nh, RTA_GATEWAY, "192.0.2.1");
	nh = add_route(&a, AF_INET, 24, RTN_UNICAST);
	add_addr(&a, nh, RTA_GATEWAY, "192.0.2.99");
	nh = add_route(&a, AF_INET, 0, RTN_BLACKHOLE);
	add_addr(&a, nh, RTA_GATEWAY, "192.0.2.98");
	nh = add_route(&a, AF_INET6, 0, RTN_UNICAST);
	add_addr(&a, nh, RTA_GATEWAY, "fe80::1");
	nh = add_route(&a, AF_INET, 0, RTN_UNICAST);
	add_attr(&a, nh, RTA_VIA, via, sizeof(via));
	add_hop(&p, "192.0.2.2");
	add_hop(&p, "192.0.2.3");
	nh = add_route(&a, AF_INET, 0, RTN_UNICAST);
	add_attr(&a, nh, RTA_MULTIPATH, hops, (size_t)(p - hops));
	t_is("more to come", host_parse_routes(a.buf, a.len, join, text), 1);
	t_str("gateways", text, "192.0.2.1 fe80::1 fe80::2 192.0.2.2 192.0.2.3 ");
	add_message(&a, NLMSG_DONE, "", 0);
	t_is("the end", host_parse_routes(a.buf, a.len, join, text), 0);
	/* Cut anywhere it must not be read past its end (the sanitizer watches). */
	for (size_t len = 0; len < a.len; len++) {
		char *copy = malloc(len + 1);

		memcpy(copy, a.buf, len);
		t_ok("a short answer", host_parse_routes(copy, len, join, text) >= 0);
		free(copy);
	}
}

static void test_errors(void)
{
	struct nlmsgerr e = { .error = -EPERM };
	struct answer a = { .len = 0 };
	char text[512] = "";

	add_message(&a, NLMSG_ERROR, &e, sizeof(e));
	t_is("a refusal", host_parse_routes(a.buf, a.len, join, text), -EPERM);
	a.len = 0;
	add_message(&a, NLMSG_ERROR, "", 0);
	t_is("half a refusal", host_parse_routes(a.buf, a.len, join, text), -EBADMSG);
}

/* ---- resolv.conf ---------------------------------------------------------------- */

static void test_resolvers(void)
{
	char dir[T_DIR], path[T_DIR + 16], text[512] = "";
	FILE *f;

	if (!t_dir(dir))
		exit(1);
	snprintf(path, sizeof(path), "%s/resolv.conf", dir);
	f = fopen(path, "w");
	fprintf(f, "# nameserver 192.0.2.1\nsearch example\n  nameserver 192.0.2.2\n"
		   "nameserver\t2001:db8::53%%eth0\nnameserver nonsense\nnameserver");
	fclose(f);
	t_is("read", host_resolvers(path, join, text), 0);
	t_str("name servers", text, "192.0.2.2 2001:db8::53 ");
	unlink(path);
	t_is("no file", host_resolvers(path, join, text), -ENOENT);
	rmdir(dir);
}

/* ---- the real ones ---------------------------------------------------------------- */

static void test_this_machine(void)
{
	struct allowlist *a = allowlist_new(NULL);
	struct ipaddr addr;
	char text[512] = "";
	struct allow_match m;

	t_is("own", host_own(join, text), 0);
	t_ok("loopback", strstr(text, "127.0.0.0/8 ::1 "));
	t_is("gateways", host_gateways(join, text), 0);
	host_nets_refresh(a, HOST_ALL);
	ipaddr_parse("127.1.2.3", 9, &addr);
	t_ok("is allowed", allowlist_has(a, "", 0, &addr, (boot_t){ 0 }, &m));
	t_is("as its own", m.kind, ALLOW_SELF);
	ipaddr_parse("0.0.0.0", 7, &addr);
	t_ok("so is who has no address yet", allowlist_has(a, "", 0, &addr, (boot_t){ 0 }, &m));
	ipaddr_parse("::", 2, &addr);
	t_ok("of IPv6, too", allowlist_has(a, "", 0, &addr, (boot_t){ 0 }, &m));
	allowlist_free(a);
}

/* An empty network namespace has no gateway; needs root. */
static void test_no_gateway(void)
{
	char text[512] = "";
	int status;
	pid_t pid = fork();

	if (!pid) {
		if (unshare(CLONE_NEWNET))
			_exit(77);
		_exit(host_gateways(join, text) || *text);
	}
	if (waitpid(pid, &status, 0) == pid && WIFEXITED(status) && WEXITSTATUS(status) == 77) {
		printf("SKIP no gateway: cannot make a network namespace\n");
		return;
	}
	t_is("no gateway", status, 0);
}

int main(void)
{
	test_routes();
	test_errors();
	test_resolvers();
	test_this_machine();
	test_no_gateway();
	return t_done();
}
