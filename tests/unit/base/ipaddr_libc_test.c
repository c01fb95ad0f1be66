// SPDX-License-Identifier: GPL-2.0-or-later
/* Addresses as text, the way the C library reads and writes them. */
#include "base/ipaddr.h"

#include <arpa/inet.h>

#include "../random.h"
#include "../t.h"

static const char *const odd[] = {
	"0.0.0.0", "255.255.255.255", "256.1.1.1", "1.2.3", "1.2.3.4.5", "1.2.3.4.", ".1.2.3",
	"1..2.3", "01.2.3.4", "1.2.3.00", "1.2.3.0", "1.2.3.1000", "1.2.3.4 ", " 1.2.3.4",
	"1.2.3.-4", "1,2,3,4", "1.2.3.4x", "99999999999.1.1.1", "::", "::1", "1::", "::1.2.3.4",
	"::ffff:0:0:1.2.3.4", "1:2:3:4:5:6:7:8", "1:2:3:4:5:6:7::", "::2:3:4:5:6:7:8",
	"1:0:0:4:5:0:0:8", "0:0:3::", "1:0:3:4:5:6:7:8", "fe80::a:0:0:1", "64:ff9b::1.2.3.4",
	"::1234:5678", "::5678", "::1:0:0", "0:0:0:0:0:0:1:0", "12345::", "g::", ":", "",
};

static void test_parse(const char *text)
{
	struct ipaddr a;
	uint8_t bytes[16] = { 0 };
	int family = inet_pton(AF_INET, text, bytes) == 1 ? 4 :
		     inet_pton(AF_INET6, text, bytes) == 1 ? 6 : 0;
	int err = ipaddr_parse(text, strlen(text), &a);

	if (t_is(text, !err, family != 0) || err)
		return;
	t_is(text, a.family, family);
	t_ok(text, !memcmp(a.bytes, bytes, family == 4 ? 4 : 16));
}

static void test_format(const uint8_t bytes[16])
{
	struct ipaddr a = { .family = 6, .prefix = 128 };
	char want[64], got[IPADDR_TEXT];

	memcpy(a.bytes, bytes, 16);
	inet_ntop(AF_INET6, bytes, want, sizeof(want));
	t_str("IPv6", ipaddr_format(&a, got), want);
	a = (struct ipaddr){ .family = 4, .prefix = 32 };
	memcpy(a.bytes, bytes, 4);
	inet_ntop(AF_INET, bytes, want, sizeof(want));
	t_str("IPv4", ipaddr_format(&a, got), want);
	t_is("it reads back", ipaddr_parse(want, strlen(want), &a), 0);
}

/* Words of few different values, so that zeros come in runs. */
static void test_random(void)
{
	static const uint16_t words[] = { 0, 0, 0, 1, 0x10, 0x203, 0xffff, 0xabcd };
	uint64_t random = 20261123;
	uint8_t bytes[16];

	for (int round = 0; round < 5000; round++) {
		for (int i = 0; i < 8; i++) {
			uint16_t w = htons(words[random_below(&random, ARRAY_SIZE(words))]);

			memcpy(bytes + 2 * i, &w, 2);
		}
		test_format(bytes);
	}
}

int main(void)
{
	for (size_t i = 0; i < ARRAY_SIZE(odd); i++)
		test_parse(odd[i]);
	test_random();
	return t_done();
}
