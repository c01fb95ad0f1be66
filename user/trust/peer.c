// SPDX-License-Identifier: GPL-2.0-or-later
#include "peer.h"

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>

/* A piece of text, not NUL-terminated. */
struct span {
	const char *s;
	size_t len;
};

static struct span trim(struct span t)
{
	while (t.len && isspace((unsigned char)*t.s))
		t.s++, t.len--;
	while (t.len && isspace((unsigned char)t.s[t.len - 1]))
		t.len--;
	return t;
}

static const char *find(struct span t, char c)
{
	return t.len ? memchr(t.s, c, t.len) : NULL;
}

/* What stands before @c, or all of it. */
static struct span before(struct span t, char c)
{
	const char *at = find(t, c);

	return at ? (struct span){ t.s, (size_t)(at - t.s) } : t;
}

static struct span after(struct span t, const char *at)
{
	return (struct span){ at + 1, t.len - (size_t)(at + 1 - t.s) };
}

static bool takes_prefix(struct span *t, const char *prefix)
{
	size_t n = strlen(prefix);

	if (t->len < n || strncasecmp(t->s, prefix, n))
		return false;
	t->s += n;
	t->len -= n;
	return true;
}

/*
 * Down to "host:port": without display name, scheme, parameters and user.  What
 * precedes the last "@" is the user, which may hold all but "@" (RFC 3261 25.1).
 */
static struct span strip(struct span t)
{
	const char *at = t.len ? memrchr(t.s, '<', t.len) : NULL;

	if (at)
		t = before(after(t, at), '>');
	t = trim(t);
	if (!takes_prefix(&t, "sips:"))
		takes_prefix(&t, "sip:");
	if ((at = t.len ? memrchr(t.s, '@', t.len) : NULL))
		t = after(t, at);
	return trim(before(before(t, ';'), '?'));
}

static bool is_port(struct span t)
{
	unsigned int port = 0;

	if (!t.len || t.len > 5)
		return false;
	for (size_t i = 0; i < t.len; i++) {
		if (!isdigit((unsigned char)t.s[i]))
			return false;
		port = port * 10 + (unsigned int)(t.s[i] - '0');
	}
	return port > 0 && port < 65536;
}

/* Names of RFC 1123, and "_" which people use; all digits would be an address. */
static int take_name(struct span t, struct trust_peer *out)
{
	bool letter = false;

	if (t.len && t.s[t.len - 1] == '.')
		t.len--;
	if (!t.len || t.len >= sizeof(out->host) || *t.s == '.' || *t.s == '-')
		return -EINVAL;
	for (size_t i = 0; i < t.len; i++) {
		unsigned char c = (unsigned char)t.s[i];

		if (!(isalnum(c) || c == '-' || c == '_' || c == '.') || c > 127 ||
		    (c == '.' && t.s[i - 1] == '.'))
			return -EINVAL;
		letter |= isalpha(c);
		out->host[i] = (char)tolower(c);
	}
	out->host[t.len] = '\0';
	return letter ? 0 : -EINVAL;
}

/* The parser leaves anything in its result when it fails. */
static bool take_net(struct span t, struct trust_peer *out)
{
	struct ipaddr net;

	if (ipaddr_parse_net(t.s, t.len, &net))
		return false;
	out->net = net;
	return true;
}

/* "[2001:db8::1]" or "[2001:db8::1]:5060". */
static int take_bracketed(struct span t, struct trust_peer *out)
{
	const char *end = find(t, ']');
	struct span rest;

	if (!end)
		return -EINVAL;
	rest = after(t, end);
	if (rest.len && (*rest.s != ':' || !is_port((struct span){ rest.s + 1, rest.len - 1 })))
		return -EINVAL;
	return take_net((struct span){ t.s + 1, (size_t)(end - t.s) - 1 }, out) ? 0 : -EINVAL;
}

int trust_peer_parse(const char *text, size_t len, struct trust_peer *out)
{
	struct span t = trim((struct span){ text, len });
	const char *colon;

	*out = (struct trust_peer){ .srv = true };
	/* First as it is: "2001:db8::/32" has colons, and no port. */
	if (take_net(t, out))
		return 0;
	t = strip(t);
	if (t.len && *t.s == '[')
		return take_bracketed(t, out);
	if (take_net(t, out))
		return 0;
	colon = find(t, ':');
	if (colon) {
		if (!is_port(after(t, colon)))
			return -EINVAL;
		t.len = (size_t)(colon - t.s);
		out->srv = false;
		if (take_net(t, out))
			return 0;
	}
	return take_name(t, out);
}

bool trust_peer_equal(const struct trust_peer *a, const struct trust_peer *b)
{
	return ipaddr_equal(&a->net, &b->net) && streq(a->host, b->host) && a->srv == b->srv;
}

/* ---- networks with a meaning ------------------------------------------------- */

struct special {
	struct ipaddr net;
	bool private;		/* else: nobody's */
};

#define NET4(a, b, len)		{ { a, b }, 4, len }
#define NET6(a, b, len)		{ { a, b }, 6, len }

static const struct special specials[] = {
	{ NET4(0, 0, 8), false },		/* RFC 1122 3.2.1.3 */
	{ NET4(224, 0, 3), false },		/* multicast, and 240/4 */
	{ NET6(0xff, 0, 8), false },
	{ NET6(0, 0, 128), false },		/* :: */
	{ NET4(10, 0, 8), true },
	{ NET4(172, 16, 12), true },
	{ NET4(192, 168, 16), true },
	{ NET4(100, 64, 10), true },		/* RFC 6598, behind a carrier's NAT */
	{ NET4(127, 0, 8), true },
	{ NET4(169, 254, 16), true },
	{ NET6(0xfc, 0, 7), true },
	{ NET6(0xfe, 0x80, 10), true },
	{ { { [15] = 1 }, 6, 128 }, true },	/* ::1 */
};

static bool is_special(const struct ipaddr *net, bool private)
{
	for (size_t i = 0; i < ARRAY_SIZE(specials); i++)
		if (specials[i].private == private &&
		    ipaddr_contains(&specials[i].net, net))
			return true;
	return false;
}

bool trust_is_nobody(const struct ipaddr *net)
{
	return is_special(net, false);
}

bool trust_is_private(const struct ipaddr *net)
{
	return is_special(net, true);
}
