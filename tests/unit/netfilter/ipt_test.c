// SPDX-License-Identifier: GPL-2.0-or-later
/* What iptables is told of a scope, and what it tells of a ban. */
#include "../t.h"
#include "base/str.h"
#include "netfilter/ipt.h"

static const struct {
	const char *scope;	/* NULL: every packet */
	int family;
	const char *matches;	/* each with a bar behind it */
} written[] = {
	{ NULL, 4, "|" },
	{ "icmp", 4, "-p 1 |" },
	{ "tcp/22", 4, "-p 6 -m multiport --dports 22 |-p 6 -f |" },
	{ "tcp/22", 6, "-p 6 -m multiport --dports 22 |" },
	{ "udp/5060,10000-20000", 6,
	  "-p 17 -m multiport --dports 5060,10000:20000 |" },
	{ "tcp+udp/5060", 6,
	  "-p 6 -m multiport --dports 5060 |-p 17 -m multiport --dports 5060 |" },
	/* Fifteen numbers are what one rule takes. */
	{ "udp/1-2,4-5,7-8,10-11,13-14,16-17,19-20,22", 6,
	  "-p 17 -m multiport --dports 1:2,4:5,7:8,10:11,13:14,16:17,19:20 |"
	  "-p 17 -m multiport --dports 22 |" },
};

static void take_match(void *ctx, const char *match)
{
	str_printf(ctx, "%s|", match);
}

static void check_written(void)
{
	for (size_t i = 0; i < ARRAY_SIZE(written); i++) {
		struct enforce_scope s;
		struct str got = { 0 };

		if (written[i].scope)
			t_is(written[i].scope, enforce_scope_parse(written[i].scope, &s), 0);
		ipt_matches(written[i].scope ? &s : NULL, written[i].family, take_match, &got);
		t_str(written[i].scope ? written[i].scope : "all", got.s, written[i].matches);
		str_fini(&got);
	}
}

static const struct {
	const char *what, *line;
	const char *who;	/* NULL: it is no rule of ours */
	uint64_t frames, bytes, until;
	const char *scope;
} read_[] = {
	{ "all ports", "[1:51] -A XDPBAN -s 192.0.2.1/32 -m comment "
	  "--comment \"all until 123456\" -j DROP", "192.0.2.1", 1, 51, 123456, "all" },
	{ "a network", "[0:0] -A XDPBAN -s 198.51.100.0/24 -m comment "
	  "--comment \"all until 18446744073709551615\" -j DROP",
	  "198.51.100.0/24", 0, 0, UINT64_MAX, "all" },
	{ "IPv6, a port", "[7:700] -A XDPBAN -s 2001:db8::1/128 -p udp -m multiport "
	  "--dports 5060 -m comment --comment \"udp/5060 until 9\" -j DROP",
	  "2001:db8::1", 7, 700, 9, "udp/5060" },
	{ "counters as large as they get", "[18446744073709551615:18446744073709551615] "
	  "-A XDPBAN -s 192.0.2.1/32 -m comment --comment \"all until 1\" -j DROP",
	  "192.0.2.1", UINT64_MAX, UINT64_MAX, 1, "all" },
	{ "an allowed one", "[0:0] -A XDPBAN -s 192.0.2.1/32 -j ACCEPT", NULL },
	{ "somebody's rule in our chain", "[0:0] -A XDPBAN -s 192.0.2.1/32 -m comment "
	  "--comment \"bob did this\" -j DROP", NULL },
	{ "another chain", "[0:0] -A INPUT -s 192.0.2.1/32 -m comment "
	  "--comment \"all until 1\" -j DROP", NULL },
	{ "no counters", "-A XDPBAN -s 192.0.2.1/32 -m comment "
	  "--comment \"all until 1\" -j DROP", NULL },
	{ "no address", "[0:0] -A XDPBAN -m comment --comment \"all until 1\" -j DROP", NULL },
	{ "an impossible address", "[0:0] -A XDPBAN -s 192.0.2.999/32 -m comment "
	  "--comment \"all until 1\" -j DROP", NULL },
	{ "an impossible scope", "[0:0] -A XDPBAN -s 192.0.2.1/32 -m comment "
	  "--comment \"udp/70000 until 1\" -j DROP", NULL },
	{ "the table's own line", "*raw", NULL },
	{ "nothing", "", NULL },
};

static void check_read(void)
{
	for (size_t i = 0; i < ARRAY_SIZE(read_); i++) {
		struct ipt_rule r;
		bool is = ipt_rule_parse(read_[i].line, &r);
		struct str scope = { 0 };
		char who[IPADDR_TEXT];

		t_is(read_[i].what, is, read_[i].who != NULL);
		if (!is || !read_[i].who)
			continue;
		enforce_scope_format(&r.scope, &scope);
		t_str(read_[i].what, ipaddr_format(&r.who, who), read_[i].who);
		t_str(read_[i].what, scope.s, read_[i].scope);
		t_ok(read_[i].what, r.frames == read_[i].frames && r.bytes == read_[i].bytes &&
		     r.until.ns == read_[i].until);
		str_fini(&scope);
	}
}

int main(void)
{
	check_written();
	check_read();
	return t_done();
}
