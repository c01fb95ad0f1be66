// SPDX-License-Identifier: GPL-2.0-or-later
/* Every way to write an address, and what looks like one and is none. */
#include <errno.h>
#include <stdlib.h>

#include "base/ipaddr.h"
#include "../t.h"

static const struct { const char *text, *want; } addresses[] = {
	/* IPv4 is four decimal numbers and nothing else. */
	{ "192.0.2.1", "192.0.2.1" },
	{ "0.0.0.0", "0.0.0.0" },
	{ "255.255.255.255", "255.255.255.255" },
	{ "256.1.1.1", NULL },
	{ "999.1.1.1", NULL },
	{ "010.0.0.1", NULL },
	{ "1.2.3.04", NULL },
	{ "00.0.0.0", NULL },
	{ "1.2.3", NULL },
	{ "1.2.3.4.5", NULL },
	{ "1.2.3.", NULL },
	{ ".1.2.3", NULL },
	{ "1..2.3", NULL },
	{ "1.2.3.4 ", NULL },
	{ " 1.2.3.4", NULL },
	{ "1.2.3.-4", NULL },
	{ "+1.2.3.4", NULL },
	{ "0x1.2.3.4", NULL },
	{ "16909060", NULL },
	{ "1.2.3.4%eth0", NULL },
	{ "[1.2.3.4]", NULL },
	{ "1.2.3.4:5060", NULL },
	{ "1.2.3.4/32", NULL },
	/* IPv6: RFC 4291, 2.2; canonical form: RFC 5952. */
	{ "2001:db8::1", "2001:db8::1" },
	{ "2001:DB8::ABCD", "2001:db8::abcd" },
	{ "2001:0db8:0000:0000:0000:0000:0000:0001", "2001:db8::1" },
	{ "2001:db8:0:0:1:0:0:1", "2001:db8::1:0:0:1" },
	{ "2001:db8:0:1:1:1:1:1", "2001:db8:0:1:1:1:1:1" },
	{ "::", "::" },
	{ "::1", "::1" },
	{ "1::", "1::" },
	{ "1:2:3:4:5:6:7::", "1:2:3:4:5:6:7:0" },
	{ "[2001:db8::1]", "2001:db8::1" },
	{ "fe80::1%eth0", "fe80::1" },
	{ "[fe80::1%25]", "fe80::1" },
	{ "64:ff9b::192.0.2.33", "64:ff9b::c000:221" },
	{ "::192.0.2.1", "::192.0.2.1" },
	{ "1:2:3:4:5:6:7", NULL },
	{ "1:2:3:4:5:6:7:8:9", NULL },
	{ "1::2::3", NULL },
	{ ":1::2", NULL },
	{ "1::2:", NULL },
	{ ":::", NULL },
	{ ":", NULL },
	{ "12345::", NULL },
	{ "g::1", NULL },
	{ "::1.2.3", NULL },
	{ "::1.2.3.256", NULL },
	{ "::1.2.3.010", NULL },
	{ "1.2.3.4::", NULL },
	{ "fe80::1%", NULL },
	{ "%eth0", NULL },
	{ "[::1", NULL },
	{ "::1]", NULL },
	{ "[]", NULL },
	{ "[::1]:5060", NULL },
	{ "::1/128", NULL },
	{ "::g", NULL },
	{ "2001:db8::1 ", NULL },
	{ "2001:0db8:0000:0000:0000:0000:0000:00001", NULL },
	/* Mapped IPv4 is IPv4, however it is written: RFC 4291, 2.5.5.2. */
	{ "::ffff:192.0.2.1", "192.0.2.1" },
	{ "::FFFF:192.0.2.1", "192.0.2.1" },
	{ "::ffff:c000:201", "192.0.2.1" },
	{ "::FfFf:C000:0201", "192.0.2.1" },
	{ "0:0:0:0:0:ffff:192.0.2.1", "192.0.2.1" },
	{ "0000:0000:0000:0000:0000:ffff:c000:0201", "192.0.2.1" },
	{ "0::0:ffff:192.0.2.1", "192.0.2.1" },
	{ "[::ffff:192.0.2.1]", "192.0.2.1" },
	{ "::ffff:0:192.0.2.1", "::ffff:0:c000:201" },
	{ "::fffe:192.0.2.1", "::fffe:c000:201" },
	{ "1::ffff:192.0.2.1", "1::ffff:c000:201" },
	{ "::ffff:192.0.2.01", NULL },
	/* And what a captured text may be. */
	{ "", NULL },
	{ "localhost", NULL },
	{ "-", NULL },
	{ "٣.١.٢.٤", NULL },
	{ "1.2.3.4\n", NULL },
	{ "000000000000000000000000000000000000000000000000000000000000000000000001", NULL },
};

static const struct { const char *text, *want; } networks[] = {
	{ "192.0.2.1", "192.0.2.1" },
	{ "192.0.2.1/32", "192.0.2.1" },
	{ "192.0.2.77/24", "192.0.2.0/24" },
	{ "192.0.2.77/255.255.255.0", "192.0.2.0/24" },
	{ "192.0.2.77/255.255.255.128", "192.0.2.0/25" },
	{ "192.0.2.77/0.0.0.0", "0.0.0.0/0" },
	{ "192.0.2.77/0", "0.0.0.0/0" },
	{ "192.0.2.77/31", "192.0.2.76/31" },
	{ "192.0.2.77/33", NULL },
	{ "192.0.2.77/", NULL },
	{ "192.0.2.77/-1", NULL },
	{ "192.0.2.77/ 8", NULL },
	{ "192.0.2.77/8 ", NULL },
	{ "192.0.2.77/1e1", NULL },
	{ "192.0.2.77/0024", NULL },
	{ "192.0.2.77/24/24", NULL },
	{ "192.0.2.77/255.0.255.0", NULL },
	{ "192.0.2.77/0.0.0.255", NULL },
	{ "192.0.2.77/ffff::", NULL },
	{ "/24", NULL },
	{ "2001:db8::1/64", "2001:db8::/64" },
	{ "2001:db8:1:2:3::/65", "2001:db8:1:2::/65" },
	{ "2001:db8::1/ffff:ffff::", "2001:db8::/32" },
	{ "2001:db8::1/128", "2001:db8::1" },
	{ "2001:db8::1/129", NULL },
	{ "2001:db8::1/255.255.0.0", NULL },
	{ "[2001:db8::1]/64", "2001:db8::/64" },
	{ "[2001:db8::1/64]", NULL },
	{ "fe80::1%eth0/64", "fe80::/64" },
	{ "::/0", "::/0" },
	{ "::ffff:192.0.2.77/120", "192.0.2.0/24" },
	{ "::ffff:0:0/96", "0.0.0.0/0" },
	{ "::ffff:192.0.2.77/95", "::fffe:0:0/95" },
};

typedef int parse_fn(const char *text, size_t len, struct ipaddr *out);

/* The text stands in memory of exactly its size: nothing behind it may be read. */
static void check(parse_fn *parse, const char *text, const char *want)
{
	size_t len = strlen(text);
	char *copy = malloc(len ? len : 1), buf[IPADDR_TEXT];
	struct ipaddr a, again;
	int err;

	memcpy(copy, text, len);
	err = parse(copy, len, &a);
	free(copy);
	t_is(text, err, want ? 0 : -EINVAL);
	if (err || !want)
		return;
	t_str(text, ipaddr_format(&a, buf), want);
	t_ok(text, !parse(buf, strlen(buf), &again) && ipaddr_equal(&a, &again));
}

static void contains(const char *net, const char *address, bool want)
{
	struct ipaddr n, a;

	t_ok(net, !ipaddr_parse_net(net, strlen(net), &n));
	t_ok(address, !ipaddr_parse_net(address, strlen(address), &a));
	t_is(address, ipaddr_contains(&n, &a), want);
}

static struct ipaddr parsed(const char *text)
{
	struct ipaddr a = { 0 };

	t_ok(text, !ipaddr_parse_net(text, strlen(text), &a));
	return a;
}

static void values(void)
{
	const struct ipaddr none = { 0 }, v4 = parsed("10.0.0.1"), v6 = parsed("a00:1::"),
			    net = parsed("10.0.0.0/8"), wide = parsed("10.0.0.0/7");
	struct ipaddr a = parsed("255.255.255.255");
	char buf[IPADDR_TEXT];

	t_ok("families differ", !ipaddr_equal(&v4, &v6) && ipaddr_compare(&v4, &v6) < 0);
	t_ok("order by bytes", ipaddr_compare(&net, &v4) < 0 && ipaddr_compare(&v4, &net) > 0);
	t_ok("then by length", ipaddr_compare(&wide, &net) < 0);
	t_is("same", ipaddr_compare(&v4, &v4), 0);
	t_ok("hosts", ipaddr_is_host(&v4) && ipaddr_is_host(&v6) && !ipaddr_is_host(&net));
	t_str("no address", ipaddr_format(&none, buf), "-");
	for (unsigned int bits = 32; bits; bits--) {
		ipaddr_mask(&a, bits - 1);
		t_is("bit cleared", a.bytes[(bits - 1) / 8] & 0x80 >> (bits - 1) % 8, 0);
		t_is("length", a.prefix, bits - 1);
	}
	t_is("all are cleared", a.bytes[0] | a.bytes[1] | a.bytes[2] | a.bytes[3], 0);
	t_is("NUL is no text", ipaddr_parse("1.2.3.4\0", 8, &a), -EINVAL);
}

/* Byte by byte, bit by bit. */
static bool contains_slowly(const struct ipaddr *net, const struct ipaddr *a)
{
	if (!net->family || net->family != a->family || a->prefix < net->prefix)
		return false;
	for (unsigned int i = 0; i < net->prefix; i++)
		if ((net->bytes[i / 8] ^ a->bytes[i / 8]) & 0x80 >> i % 8)
			return false;
	return true;
}

static int compare_slowly(const struct ipaddr *a, const struct ipaddr *b)
{
	int order = a->family - b->family;

	if (!order)
		order = memcmp(a->bytes, b->bytes, sizeof(a->bytes));
	return order ? order : a->prefix - b->prefix;
}

/* Two that have the same beginning, more often than not, and any length. */
static void pair(unsigned int *seed, struct ipaddr *a, struct ipaddr *b)
{
	unsigned int bits = rand_r(seed) % 2 ? 32 : 128, bit = (unsigned int)rand_r(seed) % bits;

	*a = (struct ipaddr){ .family = bits == 32 ? 4 : 6 };
	for (unsigned int i = 0; i < bits / 8; i++)
		a->bytes[i] = (uint8_t)rand_r(seed);
	*b = *a;
	if (rand_r(seed) % 3)
		b->bytes[bit / 8] ^= (uint8_t)(0x80 >> bit % 8);
	if (!(rand_r(seed) % 9))
		b->family = 10 - b->family;
	ipaddr_mask(a, (unsigned int)rand_r(seed) % (bits + 1));
	ipaddr_mask(b, (unsigned int)rand_r(seed) % (b->family == 4 ? 33 : 129));
}

static void at_random(void)
{
	unsigned int seed = 1, wrong = 0, inside = 0;

	for (int i = 0; i < 200000; i++) {
		struct ipaddr a, b;
		int order;

		pair(&seed, &a, &b);
		order = ipaddr_compare(&a, &b);
		inside += ipaddr_contains(&a, &b);
		wrong += ipaddr_contains(&a, &b) != contains_slowly(&a, &b);
		wrong += (order < 0) != (compare_slowly(&a, &b) < 0) ||
			 (order > 0) != (compare_slowly(&a, &b) > 0);
	}
	t_ok("some are inside", inside > 20000);
	t_is("as bit by bit", wrong, 0);
}

int main(void)
{
	for (size_t i = 0; i < ARRAY_SIZE(addresses); i++) {
		check(ipaddr_parse, addresses[i].text, addresses[i].want);
		/* What is an address is a network of one, too. */
		if (addresses[i].want)
			check(ipaddr_parse_net, addresses[i].text, addresses[i].want);
	}
	for (size_t i = 0; i < ARRAY_SIZE(networks); i++)
		check(ipaddr_parse_net, networks[i].text, networks[i].want);
	contains("192.0.2.0/24", "192.0.2.255", true);
	contains("192.0.2.0/24", "192.0.3.0", false);
	contains("192.0.2.0/24", "192.0.2.0/25", true);
	contains("192.0.2.0/24", "192.0.2.0/23", false);
	contains("0.0.0.0/0", "::1", false);
	contains("::/0", "2001:db8::/32", true);
	contains("::/0", "::ffff:1.2.3.4", false);
	contains("192.0.2.1", "::ffff:192.0.2.1", true);
	contains("2001:db8::/61", "2001:db8:0:7::1", true);
	contains("2001:db8::/61", "2001:db8:0:8::1", false);
	values();
	at_random();
	return t_done();
}
