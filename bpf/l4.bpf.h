/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * l4 - protocol and destination port of a frame, and whether a scope covers
 * them.  Only frames of sources that are banned on some ports come here.
 *
 * The verifier walks every path through the program, so what loops here must
 * not branch more than it has to; where the code does sums instead, this is why.
 */
#pragma once
#include "cursor.bpf.h"
#include "xdpban/bpf_abi.h"

#define IPV6_EXT_MAX	6	/* headers followed before we give up */

enum {
	PROTO_TCP = 6, PROTO_UDP = 17,
	PROTO_HOPOPTS = 0, PROTO_ROUTING = 43, PROTO_FRAGMENT = 44, PROTO_AUTH = 51,
	PROTO_DSTOPTS = 60, PROTO_MOBILITY = 135, PROTO_HIP = 139, PROTO_SHIM6 = 140,
};

/*
 * What is known about a frame, in one number that is cheap to hand around:
 * protocol << 16 | port of the destination, with one of these flags if not all
 * of that is known.
 */
#define L4_NO_PORT	(1u << 24)	/* a later fragment, or cut short */
#define L4_UNKNOWN	(1u << 25)	/* not even the protocol is known */
#define L4_TOO_DEEP	(1u << 26)	/* and L4_UNKNOWN: behind more than IPV6_EXT_MAX */

struct ports {
	__be16 source, dest;
};

/* What stands where the headers end and @protocol begins. */
static __always_inline __u32 l4_begin(struct cursor *c, __u8 protocol)
{
	__u32 l4 = (__u32)protocol << 16;
	struct ports *ports;

	if (!has_ports(protocol))
		return l4;
	ports = cur_take(c, sizeof(*ports));
	return ports ? l4 | bpf_ntohs(ports->dest) : l4 | L4_NO_PORT;
}

/* @c stands behind the fixed part of the header @ip. */
static __always_inline __u32 l4_of_ipv4(struct cursor *c, struct iphdr *ip)
{
	__u32 options = ip->ihl * 4 - sizeof(*ip);

	if (ip->ihl < 5)
		return L4_UNKNOWN;
	/* Every fragment names the protocol, only the first has the ports. */
	if (ip->frag_off & bpf_htons(0x1fff) || !cur_take(c, options))
		return (__u32)ip->protocol << 16 | L4_NO_PORT;
	return l4_begin(c, ip->protocol);
}

static __always_inline bool is_extension(__u8 type)
{
	return type == PROTO_HOPOPTS || type == PROTO_ROUTING ||
	       type == PROTO_FRAGMENT || type == PROTO_AUTH ||
	       type == PROTO_DSTOPTS || type == PROTO_MOBILITY ||
	       type == PROTO_HIP || type == PROTO_SHIM6;
}

/*
 * Bytes of an extension header: AH counts in fours, the others in eights.
 * The barriers keep the compiler from turning sums into branches, and the mask
 * that tells the verifier how long it can be from being optimized away.
 */
static __always_inline __u64 extension_len(__u8 type, __u8 hdrlen)
{
	__u64 differs = type ^ PROTO_AUTH, auth, len;

	barrier_var(differs);
	auth = (differs - 1) >> 63;
	len = (hdrlen + 1 + auth) << (3 - auth);
	barrier_var(len);
	return len & 0xfff;
}

/* @c stands behind the fixed header, which named @next. */
static __always_inline __u32 l4_of_ipv6(struct cursor *c, __u8 next)
{
	for (int i = 0; i <= IPV6_EXT_MAX; i++) {
		struct ipv6_opt_hdr *opt;
		__u8 type = next;

		if (!is_extension(type))
			return l4_begin(c, next);
		if (type == PROTO_FRAGMENT) {
			struct frag_hdr *frag = cur_take(c, sizeof(*frag));

			if (!frag)
				return L4_UNKNOWN;
			next = frag->nexthdr;
			if (!(frag->frag_off & bpf_htons(0xfff8)))
				continue;
			/* What it begins with only looks like a header. */
			return is_extension(next) ? L4_UNKNOWN :
			       (__u32)next << 16 | L4_NO_PORT;
		}
		opt = cur_take(c, sizeof(*opt));
		if (!opt)
			return L4_UNKNOWN;
		next = opt->nexthdr;
		if (!cur_take(c, extension_len(type, opt->hdrlen) - sizeof(*opt)))
			return L4_UNKNOWN;
	}
	return L4_UNKNOWN | L4_TOO_DEEP;
}

static __always_inline bool ports_cover(const struct scope *s, __s32 port)
{
	__u32 outside = ~0u;

	/* The sign of a difference says which of two is greater. */
	for (int i = 0; i < SCOPE_PORTS; i++) {
		const struct port_range *r = &s->ports[i];

		outside &= (port - r->first) | (r->last - port);
	}
	return !(outside >> 31);
}

enum cover { NOT_COVERED, COVERED, UNDECIDED };

/*
 * Does scope @id cover the frame?  A source that is banned on some ports gets
 * no benefit from hiding the port: what cannot be told is UNDECIDED, and the
 * caller drops it.  What can be told is: a later fragment of another protocol,
 * for one, is not covered.
 */
static __always_inline enum cover scope_covers(__u32 id, __u32 l4)
{
	struct scope *s = bpf_map_lookup_elem(&scopes, &id);
	__u8 p = l4 >> 16;

	if (!s || l4 & L4_UNKNOWN)
		return UNDECIDED;
	if (!(s->protocols[p >> 6] >> (p & 63) & 1))
		return NOT_COVERED;
	if (!s->n_ports || !has_ports(p))
		return COVERED;
	if (l4 & L4_NO_PORT)
		return UNDECIDED;
	return ports_cover(s, l4 & 0xffff) ? COVERED : NOT_COVERED;
}
