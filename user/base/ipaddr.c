// SPDX-License-Identifier: GPL-2.0-or-later
#include "ipaddr.h"

#include <arpa/inet.h>
#include <endian.h>
#include <errno.h>
#include <stdio.h>

static const uint8_t mapped[12] = { [10] = 0xff, [11] = 0xff };

static unsigned int bits_of(const struct ipaddr *a)
{
	return a->family == 4 ? 32 : 128;
}

/* RFC 4291 2.5.5.2: what looks like ::ffff:a.b.c.d is the IPv4 host a.b.c.d. */
void ipaddr_unmap(struct ipaddr *a)
{
	if (a->family != 6 || a->prefix < 96 || memcmp(a->bytes, mapped, 12))
		return;
	memmove(a->bytes, a->bytes + 12, 4);
	memset(a->bytes + 4, 0, 12);
	a->family = 4;
	a->prefix -= 96;
}

/* One to three digits, up to 255, no leading zero.  Where they end, or NULL. */
static inline const char *parse_octet(const char *p, uint8_t *out)
{
	unsigned int v = (unsigned char)(p[0] - '0'), next = (unsigned char)(p[1] - '0');

	if (v > 9)
		return NULL;
	if (next > 9) {
		*out = (uint8_t)v;
		return p + 1;
	}
	if (!v)
		return NULL;
	v = v * 10 + next;
	next = (unsigned char)(p[2] - '0');
	if (next > 9) {
		*out = (uint8_t)v;
		return p + 2;
	}
	v = v * 10 + next;
	*out = (uint8_t)v;
	return v > 255 ? NULL : p + 3;
}

/* As inet_pton(), which takes neither octal nor short forms, but for every hit. */
static bool parse_v4(const char *text, size_t len, uint8_t bytes[static 4])
{
	char copy[INET_ADDRSTRLEN] = { 0 };	/* so that looking ahead is safe */
	const char *p = copy;

	if (len >= sizeof(copy))
		return false;
	memcpy(copy, text, len);
	for (int i = 0; i < 4; i++) {
		if (i && *p++ != '.')
			return false;
		p = parse_octet(p, &bytes[i]);
		if (!p)
			return false;
	}
	return p == copy + len;
}

static int parse_v6(const char *text, size_t len, uint8_t bytes[static 16])
{
	char buf[INET6_ADDRSTRLEN + 2];
	const char *zone = memchr(text, '%', len);

	if (zone) {
		if (zone == text + len - 1 || !memchr(text, ':', len))
			return -EINVAL;
		len = (size_t)(zone - text);
	}
	if (!len || len >= sizeof(buf) || memchr(text, '\0', len))
		return -EINVAL;
	memcpy(buf, text, len);
	buf[len] = '\0';
	return inet_pton(AF_INET6, buf, bytes) == 1 ? 0 : -EINVAL;
}

static int parse_host(const char *text, size_t len, struct ipaddr *out)
{
	uint8_t v4[4];
	int err;

	*out = (struct ipaddr){ 0 };
	if (parse_v4(text, len, v4)) {
		memcpy(out->bytes, v4, sizeof(v4));
		out->family = 4;
		out->prefix = 32;
		return 0;
	}
	err = parse_v6(text, len, out->bytes);
	if (err) {
		*out = (struct ipaddr){ 0 };
		return err;
	}
	out->family = 6;
	out->prefix = 128;
	return 0;
}

static int parse_bracketed(const char *text, size_t len, struct ipaddr *out)
{
	if (len >= 2 && text[0] == '[' && text[len - 1] == ']') {
		int err = parse_host(text + 1, len - 2, out);

		return err ? err : out->family == 6 ? 0 : -EINVAL;
	}
	return parse_host(text, len, out);
}

int ipaddr_parse(const char *text, size_t len, struct ipaddr *out)
{
	int err = parse_bracketed(text, len, out);

	if (!err)
		ipaddr_unmap(out);
	return err;
}

/* The number of leading one bits of @mask, or -EINVAL if a one follows a zero. */
static int mask_length(const struct ipaddr *mask)
{
	unsigned int n = 0, bits = bits_of(mask);

	while (n < bits && (mask->bytes[n / 8] & (0x80 >> n % 8)))
		n++;
	for (unsigned int i = n; i < bits; i++)
		if (mask->bytes[i / 8] & (0x80 >> i % 8))
			return -EINVAL;
	return (int)n;
}

static int parse_prefix(const char *text, size_t len, const struct ipaddr *a)
{
	struct ipaddr mask;
	unsigned int n = 0;

	if (memchr(text, '.', len) || memchr(text, ':', len)) {
		if (parse_host(text, len, &mask) || mask.family != a->family)
			return -EINVAL;
		return mask_length(&mask);
	}
	if (!len || len > 3)
		return -EINVAL;
	for (size_t i = 0; i < len; i++) {
		if (text[i] < '0' || text[i] > '9')
			return -EINVAL;
		n = n * 10 + (unsigned int)(text[i] - '0');
	}
	return n <= bits_of(a) ? (int)n : -EINVAL;
}

int ipaddr_parse_net(const char *text, size_t len, struct ipaddr *out)
{
	const char *slash = memchr(text, '/', len);
	size_t host = slash ? (size_t)(slash - text) : len;
	int prefix;
	int err;

	err = parse_bracketed(text, host, out);
	if (err)
		return err;
	if (slash) {
		prefix = parse_prefix(slash + 1, len - host - 1, out);
		if (prefix < 0)
			return prefix;
		ipaddr_mask(out, (unsigned int)prefix);
	}
	ipaddr_unmap(out);
	return 0;
}

void ipaddr_mask(struct ipaddr *a, unsigned int prefix)
{
	unsigned int bytes = bits_of(a) / 8;

	for (unsigned int i = 0; i < bytes; i++) {
		unsigned int keep = prefix > i * 8 ? prefix - i * 8 : 0;

		if (keep < 8)
			a->bytes[i] &= (uint8_t)(0xff00 >> keep);
	}
	a->prefix = (uint8_t)prefix;
}

/* By hand: every hit of every log passes here, and inet_ntop() is slow. */
static void format_v4(const uint8_t *bytes, char *p)
{
	for (int i = 0; i < 4; i++) {
		unsigned int v = bytes[i];

		if (v >= 100)
			*p++ = (char)('0' + v / 100);
		if (v >= 10)
			*p++ = (char)('0' + v / 10 % 10);
		*p++ = (char)('0' + v % 10);
		*p++ = i < 3 ? '.' : '\0';
	}
}

/* Where the longest run of zeros begins, at least two; @n is its length. */
static int longest_zeros(const uint16_t words[static 8], int *n)
{
	int best = 8;

	*n = 1;
	for (int i = 0; i < 8; i++) {
		int k = i;

		while (k < 8 && !words[k])
			k++;
		if (k - i > *n) {
			best = i;
			*n = k - i;
		}
		i = k;
	}
	return best;
}

static char *put_hex(char *p, unsigned int v)
{
	for (int shift = v > 0xfff ? 12 : v > 0xff ? 8 : v > 0xf ? 4 : 0; shift >= 0; shift -= 4)
		*p++ = "0123456789abcdef"[v >> shift & 15];
	return p;
}

/* RFC 5952, and as inet_ntop() those that stand for IPv4 ones with dots. */
static void format_v6(const uint8_t *bytes, char *p)
{
	uint16_t words[8];
	int n, zeros;

	for (int i = 0; i < 8; i++)
		words[i] = (uint16_t)(bytes[2 * i] << 8 | bytes[2 * i + 1]);
	zeros = longest_zeros(words, &n);
	for (int i = 0; i < 8; i++) {
		if (i == zeros) {
			*p++ = ':';
			i += n - 1;
			if (i == 7)
				*p++ = ':';
			continue;
		}
		if (i)
			*p++ = ':';
		if (i == 6 && !zeros && (n == 6 || (n == 5 && words[5] == 0xffff))) {
			format_v4(bytes + 12, p);
			return;
		}
		p = put_hex(p, words[i]);
	}
	*p = '\0';
}

const char *ipaddr_format(const struct ipaddr *a, char buf[static IPADDR_TEXT])
{
	if (!a->family)
		return strcpy(buf, "-");
	if (a->family == 4)
		format_v4(a->bytes, buf);
	else
		format_v6(a->bytes, buf);
	if (!ipaddr_is_host(a))
		sprintf(buf + strlen(buf), "/%u", a->prefix);
	return buf;
}

bool ipaddr_equal(const struct ipaddr *a, const struct ipaddr *b)
{
	return memcmp(a, b, sizeof(*a)) == 0;
}

/*
 * The bytes as two numbers, which are in the order of the bytes: every failure is
 * compared with every list of who may not be banned.
 */
struct halves {
	uint64_t high, low;
};

static struct halves halves_of(const struct ipaddr *a)
{
	struct halves h;

	memcpy(&h, a->bytes, sizeof(h));
	return (struct halves){ be64toh(h.high), be64toh(h.low) };
}

/* The first @n bits, of 64. */
static uint64_t first_bits(unsigned int n)
{
	return n ? n < 64 ? ~(UINT64_MAX >> n) : UINT64_MAX : 0;
}

bool ipaddr_contains(const struct ipaddr *net, const struct ipaddr *a)
{
	unsigned int n = net->prefix;
	struct halves of, in;

	if (!net->family || net->family != a->family || a->prefix < n)
		return false;
	of = halves_of(net);
	in = halves_of(a);
	return (in.high & first_bits(n)) == of.high &&
	       (in.low & first_bits(n > 64 ? n - 64 : 0)) == of.low;
}

bool ipaddr_is_host(const struct ipaddr *a)
{
	return a->prefix == bits_of(a);
}

int ipaddr_compare(const struct ipaddr *a, const struct ipaddr *b)
{
	struct halves x = halves_of(a), y = halves_of(b);

	if (a->family != b->family)
		return (int)a->family - (int)b->family;
	if (x.high != y.high)
		return x.high < y.high ? -1 : 1;
	if (x.low != y.low)
		return x.low < y.low ? -1 : 1;
	return (int)a->prefix - (int)b->prefix;
}
