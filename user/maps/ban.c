// SPDX-License-Identifier: GPL-2.0-or-later
/* ban - bans as enforcer.h has them, and as the maps have them. */
#include "maps_private.h"

int family_of(const struct ipaddr *who)
{
	return who->family == 6;
}

void prefix_make(const struct ipaddr *who, struct prefix6 *key)
{
	key->len = who->prefix;
	memcpy(key->addr, who->bytes, sizeof(key->addr));
}

static __u64 encode_end(const struct enforce_end *e)
{
	return end_make(e->until.ns, e->scope);
}

static struct enforce_end decode_end(__u64 end)
{
	return (struct enforce_end){ end_scope(end), { end_boot_ns(end) } };
}

/*
 * The hash has room for one end: the one of every packet if there is one, since
 * it saves looking at ports.  ENFORCE_ENDS never exceeds what the trie takes.
 */
static unsigned int end_for_hash(const struct enforce_ban *b)
{
	for (unsigned int i = 0; i < b->n; i++)
		if (b->ends[i].scope == ENFORCE_SCOPE_ALL)
			return i;
	return 0;
}

_Static_assert(ENFORCE_ENDS <= NET_ENDS, "all ends of a network fit its value");
_Static_assert(ENFORCE_PORTS <= SCOPE_PORTS, "all ports fit a scope");

void ban_encode(const struct enforce_ban *b, struct ban_image *out)
{
	unsigned int first = b->n;

	*out = (struct ban_image){ .trie.prefixlen = b->who.prefix };
	if (ipaddr_is_host(&b->who) && b->n) {
		first = end_for_hash(b);
		out->in_hash = true;
		out->hash.end = encode_end(&b->ends[first]);
	}
	for (unsigned int i = 0; i < b->n; i++)
		if (i != first)
			out->trie.ends[out->trie.n_ends++] = encode_end(&b->ends[i]);
	out->in_trie = out->trie.n_ends > 0;
}

static struct ipaddr address(int family, const void *bytes, uint8_t prefix)
{
	struct ipaddr a = { .family = family ? 6 : 4, .prefix = prefix };

	memcpy(a.bytes, bytes, family ? 16 : 4);
	return a;
}

void host_decode(int family, const void *key, const struct host_ban *v,
		 struct enforce_ban *out)
{
	*out = (struct enforce_ban){ .who = address(family, key, family ? 128 : 32),
				     .n = 1, .ends = { decode_end(v->end) } };
}

void net_decode(int family, const void *key, const struct net_ban *v,
		struct enforce_ban *out)
{
	const struct prefix6 *p = key;	/* a prefix4 is its beginning */

	*out = (struct enforce_ban){ .who = address(family, p->addr, (uint8_t)p->len) };
	for (unsigned int i = 0; i < v->n_ends && i < ENFORCE_ENDS; i++)
		out->ends[out->n++] = decode_end(v->ends[i]);
}
