// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Packet filters are told how many seconds a ban still lasts.  On a machine where
 * writing or reading many of them takes long, the ends are right all the same, and
 * nothing is taken for changed.  In a network namespace of its own.
 */
#include <errno.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

#include "sync.h"

#define N	2000	/* several messages */
#define LONG_S	3	/* longer than ends may differ */

/* So many of the next messages take the kernel long. */
static int n_slow;

/* In place of the C library's. */
ssize_t send(int fd, const void *data, size_t len, int flags)
{
	ssize_t ret = sendto(fd, data, len, flags, NULL, 0);

	if (n_slow > 0 && n_slow--)
		sleep(LONG_S);
	return ret;
}

/* The step before this one took long, if it was the third. */
static boot_t slow_clock(void)
{
	static int steps;

	if (++steps == 4)
		sleep(LONG_S);
	return boot_now();
}

/* Some go, and all others get another end, at once. */
static int change_all(struct stage *s)
{
	static struct enforce_ban bans[N];

	for (size_t i = 0; i < s->n; i++) {
		s->until[i] = (boot_t){ i % 100 ? boot_now().ns + 7200 * NS_PER_S : 0 };
		bans[i] = ban_of(s, i);
	}
	return enforcer_add(s->e, bans, s->n);
}

static void check(struct stage *s, const char *name)
{
	struct enforce_truth truth = { .ctx = s, .find = find, .next = next };
	struct enforce_repairs r;
	int steps;

	printf("%s\n", name);
	t_is("fill", fill(s), 0);
	n_slow = 2;
	t_is("change all, slowly", change_all(s), 0);
	t_is("that was slow", n_slow, 0);
	t_is("a pass", pass(s, 0, &r, &steps), 0);
	t_ok("has seen all", (int)r.checked >= in_force(s));
	t_is("the ends are right", (int)repaired(&r), 0);
	t_is("all at once, slowly", enforcer_resync(s->e, &truth, slow_clock, &r), 0);
	t_is("they still are", (int)repaired(&r), 0);
	check_stop(s, 3);
}

int main(void)
{
	struct enforcer_params p = { .max_bans4 = N, .max_bans6 = N };
	static struct stage ipset = { .n = N }, nft = { .n = N };

	if (unshare(CLONE_NEWNET)) {
		puts("needs network namespaces");
		return 77;
	}
	if (enforcer_open_ipset(&ipset.e, &p) || enforcer_open_nft(&nft.e, &p)) {
		puts("no nftables, or no iptables with ipset here");
		return 77;
	}
	check(&ipset, "ipset");
	check(&nft, "nftables");
	return t_done();
}
