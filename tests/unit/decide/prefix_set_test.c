// SPDX-License-Identifier: GPL-2.0-or-later
/* The set against a plain search through all networks. */
#include "decide/prefix_set.h"

#include <stdlib.h>

#include "../random.h"
#include "../t.h"

enum { NETS = 60 };

/* Few bits vary, so that networks often contain each other and are equal. */
static struct ipaddr random_net(uint64_t *random)
{
	struct ipaddr net = { .family = random_below(random, 3) ? 4 : 6 };
	unsigned int bits = net.family == 4 ? 32 : 128;

	net.bytes[0] = (uint8_t)(random_below(random, 2) << 7);
	net.bytes[1] = (uint8_t)random_below(random, 256);
	net.bytes[bits / 8 - 1] = (uint8_t)random_below(random, 4);
	ipaddr_mask(&net, random_below(random, 3) ? bits : random_below(random, bits + 1));
	return net;
}

static const struct prefix_entry *longest(const struct prefix_entry *v, size_t n,
					  const struct ipaddr *who)
{
	const struct prefix_entry *best = NULL;

	for (size_t i = 0; i < n; i++)
		if (ipaddr_contains(&v[i].net, who) &&
		    (!best || v[i].net.prefix > best->net.prefix))
			best = &v[i];
	return best;
}

static bool inside(const struct prefix_entry *v, size_t n, const struct ipaddr *who)
{
	for (size_t i = 0; i < n; i++)
		if (ipaddr_contains(who, &v[i].net))
			return true;
	return false;
}

static bool ask(const struct prefix_set *s, const struct prefix_entry *v, size_t n,
		const struct ipaddr *who)
{
	const struct prefix_entry *want = longest(v, n, who);
	const struct prefix_entry *got = prefix_set_around(s, who);
	const struct prefix_entry *touching = prefix_set_touching(s, who);

	if (!want != !got || (want && (want->tag != got->tag ||
				       !ipaddr_equal(&want->net, &got->net))))
		return false;
	if (want)
		return touching == got;
	return inside(v, n, who) ? touching && ipaddr_contains(who, &touching->net) : !touching;
}

static void test_model(uint64_t seed)
{
	size_t n = random_below(&seed, NETS);
	struct prefix_entry *v = malloc((n + 1) * sizeof(*v)), copy[NETS];
	struct prefix_set s = { 0 };
	bool same = true;

	for (uint32_t i = 0; i < n; i++)
		v[i] = (struct prefix_entry){ random_net(&seed), i, 0 };
	memcpy(copy, v, n * sizeof(*v));
	prefix_set_build(&s, v, n);
	for (int i = 0; i < 300 && same; i++) {
		struct ipaddr who = random_net(&seed);

		same = ask(&s, copy, n, &who);
	}
	t_ok("like the model", same);
	prefix_set_fini(&s);
}

int main(void)
{
	for (uint64_t seed = 1; seed <= 300; seed++)
		test_model(seed * 7919);
	return t_done();
}
