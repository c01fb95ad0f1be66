// SPDX-License-Identifier: GPL-2.0-or-later
/* What proves that somebody is where he says. */
#include "sip/challenge.h"

#include <stdio.h>

#include "../t.h"

static const boot_t start = { 1000 * NS_PER_S };

static struct ipaddr addr(const char *text)
{
	struct ipaddr a;

	ipaddr_parse(text, strlen(text), &a);
	return a;
}

static void sent(struct challenges *c, const char *who, const char *nonce)
{
	struct ipaddr a = addr(who);

	challenges_sent(c, &a, nonce, strlen(nonce), start);
}

static bool proves(struct challenges *c, const char *who, const char *nonce, uint64_t after_s)
{
	struct ipaddr a = addr(who);
	boot_t now = { start.ns + after_s * NS_PER_S };

	return challenges_proves(c, &a, nonce, strlen(nonce), now);
}

static void sent_tag(struct challenges *c, const char *who, const char *tag, const char *call)
{
	struct ipaddr a = addr(who);

	challenges_sent_tag(c, &a, tag, strlen(tag), call, strlen(call), start);
}

static bool tag_proves(struct challenges *c, const char *who, const char *tag)
{
	struct ipaddr a = addr(who);

	return challenges_tag_proves(c, &a, tag, strlen(tag), start);
}

static void test_nonces(void)
{
	struct challenges *c = challenges_new(100);

	sent(c, "192.0.2.1", "abc");
	sent(c, "192.0.2.1", "abc");
	t_ok("it comes back", proves(c, "192.0.2.1", "abc", 1));
	t_ok("and again", proves(c, "192.0.2.1", "abc", 300));
	t_ok("in time", !proves(c, "192.0.2.1", "abc", 301));
	t_ok("from somebody else", !proves(c, "192.0.2.2", "abc", 1));
	t_ok("another one", !proves(c, "192.0.2.1", "abd", 1));
	t_ok("none", !proves(c, "192.0.2.1", "", 1));
	t_ok("of IPv6", !proves(c, "2001:db8::1", "abc", 1));
	challenges_free(c);
	challenges_free(NULL);
}

static void test_shared(void)
{
	struct challenges *c = challenges_new(100);

	sent(c, "192.0.2.1", "of this second");
	sent(c, "192.0.2.2", "of this second");
	t_ok("what two know proves nothing", !proves(c, "192.0.2.1", "of this second", 1));
	t_ok("for either", !proves(c, "192.0.2.2", "of this second", 1));
	sent(c, "192.0.2.1", "of this second");
	t_ok("and never will", !proves(c, "192.0.2.1", "of this second", 1));
	t_is("counted", (int64_t)challenges_stats(c).shared, 1);
	challenges_free(c);
}

static void test_long_ones(void)
{
	const char *nonce = "1700000000/0123456789abcdef0123456789abcdef/and so on for very long";
	struct challenges *c = challenges_new(100);
	struct ipaddr a = addr("192.0.2.1");

	sent(c, "192.0.2.1", nonce);
	t_ok("as a log has it, 63 bytes", challenges_proves(c, &a, nonce, 63, start));
	t_ok("less", !challenges_proves(c, &a, nonce, 62, start));
	challenges_free(c);
}

static void test_tags(void)
{
	struct challenges *c = challenges_new(100);

	sent_tag(c, "192.0.2.1", "as7f3a91c2", "call 1");
	t_ok("a tag", tag_proves(c, "192.0.2.1", "as7f3a91c2"));
	t_ok("of somebody else", !tag_proves(c, "192.0.2.2", "as7f3a91c2"));
	sent_tag(c, "192.0.2.1", "as7f3a91c2", "call 1");
	t_ok("sent again", tag_proves(c, "192.0.2.1", "as7f3a91c2"));
	sent_tag(c, "192.0.2.3", "b27e1a1d33761e85846fc98f5f3a7e58.1f2c", "call 2");
	t_ok("the first of a kind", tag_proves(c, "192.0.2.3",
					       "b27e1a1d33761e85846fc98f5f3a7e58.1f2c"));
	sent_tag(c, "192.0.2.3", "b27e1a1d33761e85846fc98f5f3a7e58.93d0", "call 3");
	t_ok("a constant and a checksum", !tag_proves(c, "192.0.2.3",
						      "b27e1a1d33761e85846fc98f5f3a7e58.93d0"));
	t_ok("nor the first any more", !tag_proves(c, "192.0.2.3",
						   "b27e1a1d33761e85846fc98f5f3a7e58.1f2c"));
	sent_tag(c, "192.0.2.1", "short", "call 4");
	t_ok("one that can be guessed", !tag_proves(c, "192.0.2.1", "short"));
	t_ok("a tag is no nonce", !proves(c, "192.0.2.1", "as7f3a91c2", 0));
	challenges_free(c);
}

/* Many more than there is room for: the newest are there, whoever got the others. */
static void test_crowd(void)
{
	struct challenges *c = challenges_new(4096);
	char who[32], nonce[32];
	int found = 0;

	for (int i = 0; i < 100000; i++) {
		struct ipaddr a;

		snprintf(who, sizeof(who), "10.%d.%d.%d", i >> 16, i >> 8 & 255, i & 255);
		snprintf(nonce, sizeof(nonce), "n%d", i);
		a = addr(who);
		challenges_sent(c, &a, nonce, strlen(nonce), (boot_t){ start.ns + (uint64_t)i });
		/* One that is used at once is always there. */
		found += challenges_proves(c, &a, nonce, strlen(nonce), start);
	}
	t_is("each in its time", found, 100000);
	t_ok("the others went", challenges_stats(c).evicted > 80000);
	found = 0;
	for (int i = 100000 - 2000; i < 100000; i++) {
		snprintf(who, sizeof(who), "10.%d.%d.%d", i >> 16, i >> 8 & 255, i & 255);
		snprintf(nonce, sizeof(nonce), "n%d", i);
		found += proves(c, who, nonce, 0);
	}
	/* Where each goes is chance: of so few, hardly one is pushed out. */
	t_ok("of half of what there is room for, almost all", found > 1950);
	challenges_free(c);
}

int main(void)
{
	test_nonces();
	test_shared();
	test_long_ones();
	test_tags();
	test_crowd();
	return t_done();
}
