// SPDX-License-Identifier: GPL-2.0-or-later
/* Names that /etc/hosts knows, names that are none, and too many of them. */
#include <errno.h>
#include <sched.h>
#include <stdlib.h>

#include "../t.h"
#include "base/resolve.h"

struct seen {
	struct loop *loop;
	size_t n, calls;
	struct ipaddr first;
};

static void on_addrs(void *ctx, const struct ipaddr *addrs, size_t n)
{
	struct seen *s = ctx;

	s->calls++;
	s->n = n;
	if (n)
		s->first = addrs[0];
	if (s->loop)
		loop_stop(s->loop);
}

static void check_hosts(struct loop *loop, struct resolver *r)
{
	struct ipaddr net;
	struct seen s = { .loop = loop };

	t_is("ask", resolver_ask(r, "localhost", on_addrs, &s), 0);
	if (!s.calls)
		loop_run(loop);
	t_ok("localhost has an address", s.n > 0);
	ipaddr_parse_net("127.0.0.0/8", 11, &net);
	t_ok("on the loopback", ipaddr_contains(&net, &s.first) || s.first.family == 6);
	s = (struct seen){ 0 };
	t_is("ask again", resolver_ask(r, "localhost", on_addrs, &s), 0);
	t_is("the answer was kept", (int64_t)s.calls, 1);
}

static void check_bad_names(struct resolver *r)
{
	static const char *const names[] = {
		"", "a b", "a;reboot", "x\ny", "caf\xc3\xa9.example", "$(id)",
	};
	struct seen s = { 0 };
	char longest[300];

	for (size_t i = 0; i < ARRAY_SIZE(names); i++)
		t_is(names[i], resolver_ask(r, names[i], on_addrs, &s), -EINVAL);
	memset(longest, 'a', sizeof(longest));
	longest[sizeof(longest) - 1] = '\0';
	t_is("too long", resolver_ask(r, longest, on_addrs, &s), -EINVAL);
	t_is("none was answered", (int64_t)s.calls, 0);
}

/* Nobody answers for these names; the cap holds, and the end tells them all. */
static void check_flood(struct loop *loop)
{
	struct seen s = { 0 };
	struct resolver *r;
	size_t asked = 0;
	char name[40];

	t_is("new", resolver_new(&r, loop), 0);
	for (int i = 0; i < 1000; i++) {
		snprintf(name, sizeof(name), "flood-%d.invalid", i);
		asked += !resolver_ask(r, name, on_addrs, &s);
	}
	t_ok("what waits is capped", asked - s.calls <= RESOLVE_WAITING);
	t_is("the rest is counted", (int64_t)(resolver_refused(r) + asked), 1000);
	resolver_free(r);
	t_is("all were told", (int64_t)s.calls, (int64_t)asked);
}

int main(void)
{
	struct loop *loop = loop_new();
	struct resolver *r;

	/* In a network of its own no question gets out. */
	if (unshare(CLONE_NEWNET) && unshare(CLONE_NEWUSER | CLONE_NEWNET)) {
		puts("needs a network namespace");
		return 77;
	}

	t_is("new", resolver_new(&r, loop), 0);
	check_hosts(loop, r);
	check_bad_names(r);
	resolver_free(r);
	check_flood(loop);
	loop_free(loop);
	return t_done();
}
