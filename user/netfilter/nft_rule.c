// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * nft_rule - the rules, in the kernel's own terms (`nft list table inet xdpban`
 * shows them in people's).  Ports are asked before addresses, so that what an
 * element counts is what was dropped.
 */
#include "nft.h"

#include <arpa/inet.h>
#include <linux/netfilter.h>
#include <linux/netfilter/nf_tables.h>
#include <netinet/in.h>
#include <stdio.h>

#include "xdpban/bpf_abi.h"

struct rule {
	struct nlbuf *b;
	size_t list;		/* the nest of expressions */
	size_t elem, data;	/* of the one being written */
};

static struct rule rule_begin(struct nft *n, const char *chain)
{
	struct rule r = { .b = &n->out };

	nlbuf_msg(&n->nl, r.b, NFNL_SUBSYS_NFTABLES << 8 | NFT_MSG_NEWRULE,
		  NLM_F_CREATE | NLM_F_APPEND, NFPROTO_INET);
	nlbuf_str(r.b, NFTA_RULE_TABLE, NFT_TABLE);
	nlbuf_str(r.b, NFTA_RULE_CHAIN, chain);
	r.list = nlbuf_nest(r.b, NFTA_RULE_EXPRESSIONS);
	return r;
}

static void rule_end(struct rule *r)
{
	nlbuf_nest_end(r->b, r->list);
}

static void expr_begin(struct rule *r, const char *name)
{
	r->elem = nlbuf_nest(r->b, NFTA_LIST_ELEM);
	nlbuf_str(r->b, NFTA_EXPR_NAME, name);
	r->data = nlbuf_nest(r->b, NFTA_EXPR_DATA);
}

static void expr_end(struct rule *r)
{
	nlbuf_nest_end(r->b, r->data);
	nlbuf_nest_end(r->b, r->elem);
}

static void value(struct rule *r, uint16_t type, const void *data, size_t len)
{
	size_t nest = nlbuf_nest(r->b, type);

	nlbuf_put(r->b, NFTA_DATA_VALUE, data, len);
	nlbuf_nest_end(r->b, nest);
}

/* ---- expressions; all of them work in the first register ------------------------- */

static void load_meta(struct rule *r, uint32_t key)
{
	expr_begin(r, "meta");
	nlbuf_u32(r->b, NFTA_META_KEY, key);
	nlbuf_u32(r->b, NFTA_META_DREG, NFT_REG_1);
	expr_end(r);
}

static void load_packet(struct rule *r, uint32_t base, uint32_t offset, uint32_t len)
{
	expr_begin(r, "payload");
	nlbuf_u32(r->b, NFTA_PAYLOAD_DREG, NFT_REG_1);
	nlbuf_u32(r->b, NFTA_PAYLOAD_BASE, base);
	nlbuf_u32(r->b, NFTA_PAYLOAD_OFFSET, offset);
	nlbuf_u32(r->b, NFTA_PAYLOAD_LEN, len);
	expr_end(r);
}

/* The offset of a fragment, from the header that IPv6 has for it. */
static void load_frag6(struct rule *r)
{
	expr_begin(r, "exthdr");
	nlbuf_u32(r->b, NFTA_EXTHDR_DREG, NFT_REG_1);
	nlbuf_u8(r->b, NFTA_EXTHDR_TYPE, IPPROTO_FRAGMENT);
	nlbuf_u32(r->b, NFTA_EXTHDR_OFFSET, 2);
	nlbuf_u32(r->b, NFTA_EXTHDR_LEN, 2);
	expr_end(r);
}

static void compare(struct rule *r, uint32_t op, const void *data, size_t len)
{
	expr_begin(r, "cmp");
	nlbuf_u32(r->b, NFTA_CMP_SREG, NFT_REG_1);
	nlbuf_u32(r->b, NFTA_CMP_OP, op);
	value(r, NFTA_CMP_DATA, data, len);
	expr_end(r);
}

static void mask(struct rule *r, const void *bits, size_t len)
{
	static const uint8_t zero[16];

	expr_begin(r, "bitwise");
	nlbuf_u32(r->b, NFTA_BITWISE_SREG, NFT_REG_1);
	nlbuf_u32(r->b, NFTA_BITWISE_DREG, NFT_REG_1);
	nlbuf_u32(r->b, NFTA_BITWISE_LEN, (uint32_t)len);
	value(r, NFTA_BITWISE_MASK, bits, len);
	value(r, NFTA_BITWISE_XOR, zero, len);
	expr_end(r);
}

static void look_up(struct rule *r, const char *set)
{
	expr_begin(r, "lookup");
	nlbuf_str(r->b, NFTA_LOOKUP_SET, set);
	nlbuf_u32(r->b, NFTA_LOOKUP_SREG, NFT_REG_1);
	expr_end(r);
}

static void count_as(struct rule *r, const char *counter)
{
	expr_begin(r, "objref");
	nlbuf_u32(r->b, NFTA_OBJREF_IMM_TYPE, NFT_OBJECT_COUNTER);
	nlbuf_str(r->b, NFTA_OBJREF_IMM_NAME, counter);
	expr_end(r);
}

/* @chain is where to jump; else NULL. */
static void verdict(struct rule *r, int code, const char *chain)
{
	size_t data, nest;

	expr_begin(r, "immediate");
	nlbuf_u32(r->b, NFTA_IMMEDIATE_DREG, NFT_REG_VERDICT);
	data = nlbuf_nest(r->b, NFTA_IMMEDIATE_DATA);
	nest = nlbuf_nest(r->b, NFTA_DATA_VERDICT);
	nlbuf_u32(r->b, NFTA_VERDICT_CODE, (uint32_t)code);
	if (chain)
		nlbuf_str(r->b, NFTA_VERDICT_CHAIN, chain);
	nlbuf_nest_end(r->b, nest);
	nlbuf_nest_end(r->b, data);
	expr_end(r);
}

/* ---- rules about addresses --------------------------------------------------------- */

static const char *chain_of(unsigned int scope, int family, char buf[static NFT_NAME])
{
	if (scope == ENFORCE_SCOPE_ALL)
		snprintf(buf, NFT_NAME, "ip%d", family);
	else
		snprintf(buf, NFT_NAME, "s%u.ip%d", scope, family);
	return buf;
}

static void set_rule(struct nft *n, const struct nft_set *s)
{
	char chain[NFT_NAME], name[NFT_NAME];
	unsigned int len = s->family == 4 ? 4 : 16;
	struct ipaddr all = { .family = s->family };
	struct rule r = rule_begin(n, chain_of(s->scope, s->family, chain));

	memset(all.bytes, 0xff, len);
	ipaddr_mask(&all, s->prefix);
	load_packet(&r, NFT_PAYLOAD_NETWORK_HEADER, s->family == 4 ? 12 : 8, len);
	if (s->prefix < len * 8)
		mask(&r, all.bytes, len);
	look_up(&r, nft_set_name(s, name));
	count_as(&r, s->allow ? "pass-allowed" :
		     s->prefix == len * 8 ? "drop-host" : "drop-net");
	verdict(&r, s->allow ? NF_ACCEPT : NF_DROP, NULL);
	rule_end(&r);
}

static size_t set_rules(struct nft *n, bool allow, int scope)
{
	size_t written = 0;

	for (size_t i = 0; i < n->n_sets; i++) {
		const struct nft_set *s = &n->sets[i];

		if (s->allow != allow || s->scope != scope)
			continue;
		set_rule(n, s);
		written++;
	}
	return written;
}

/* ---- rules about ports --------------------------------------------------------------- */

static void protocol_is(struct rule *r, unsigned int protocol)
{
	uint8_t p = (uint8_t)protocol;

	load_meta(r, NFT_META_L4PROTO);
	compare(r, NFT_CMP_EQ, &p, 1);
}

/* To the chain of @scope with what is @protocol, and for port range @range (or any). */
static void port_rule(struct nft *n, unsigned int scope, int family,
		      unsigned int protocol, int range)
{
	const struct enforce_scope *s = &n->scopes.at[scope];
	char from[NFT_NAME], to[NFT_NAME];
	struct rule r = rule_begin(n, chain_of(ENFORCE_SCOPE_ALL, family, from));

	protocol_is(&r, protocol);
	if (range >= 0) {
		uint16_t first = htons(s->ports[range].first);
		uint16_t last = htons(s->ports[range].last);

		load_packet(&r, NFT_PAYLOAD_TRANSPORT_HEADER, 2, 2);
		compare(&r, NFT_CMP_GTE, &first, 2);
		compare(&r, NFT_CMP_LTE, &last, 2);
	}
	verdict(&r, NFT_JUMP, chain_of(scope, family, to));
	rule_end(&r);
}

/* A later fragment hides its ports: of whom we drop some ports, drop it, too. */
static void fragment_rule(struct nft *n, unsigned int scope, int family,
			  unsigned int protocol)
{
	uint16_t offset = htons(family == 4 ? 0x1fff : 0xfff8), zero = 0;
	char from[NFT_NAME], to[NFT_NAME];
	struct rule r = rule_begin(n, chain_of(ENFORCE_SCOPE_ALL, family, from));

	if (family == 4)
		load_packet(&r, NFT_PAYLOAD_NETWORK_HEADER, 6, 2);
	else
		load_frag6(&r);
	mask(&r, &offset, 2);
	compare(&r, NFT_CMP_NEQ, &zero, 2);
	protocol_is(&r, protocol);
	verdict(&r, NFT_JUMP, chain_of(scope, family, to));
	rule_end(&r);
}

static size_t scope_rules(struct nft *n, unsigned int scope, int family)
{
	const struct enforce_scope *s = &n->scopes.at[scope];
	size_t written = 0;

	for (unsigned int p = 0; p < 256; p++) {
		if (!scope_has_protocol(s, p))
			continue;
		if (!s->n_ports || !has_ports((__u8)p)) {
			port_rule(n, scope, family, p, -1);
			written++;
			continue;
		}
		for (unsigned int i = 0; i < s->n_ports; i++)
			port_rule(n, scope, family, p, (int)i);
		fragment_rule(n, scope, family, p);
		written += s->n_ports + 1;
	}
	return written;
}

/* ---- all of them ----------------------------------------------------------------------- */

static void make_chain(struct nft *n, const char *name)
{
	nlbuf_msg(&n->nl, &n->out, NFNL_SUBSYS_NFTABLES << 8 | NFT_MSG_NEWCHAIN,
		  NLM_F_CREATE, NFPROTO_INET);
	nlbuf_str(&n->out, NFTA_CHAIN_TABLE, NFT_TABLE);
	nlbuf_str(&n->out, NFTA_CHAIN_NAME, name);
}

static void family_rule(struct nft *n, int family)
{
	uint8_t protocol = family == 4 ? NFPROTO_IPV4 : NFPROTO_IPV6;
	struct rule r = rule_begin(n, "prerouting");
	char to[NFT_NAME];

	load_meta(&r, NFT_META_NFPROTO);
	compare(&r, NFT_CMP_EQ, &protocol, 1);
	verdict(&r, NFT_JUMP, chain_of(ENFORCE_SCOPE_ALL, family, to));
	rule_end(&r);
}

static bool scope_in_use(const struct nft *n, unsigned int scope, int family)
{
	for (size_t i = 0; i < n->n_sets; i++)
		if (!n->sets[i].allow && n->sets[i].scope == scope &&
		    n->sets[i].family == family)
			return true;
	return false;
}

size_t nft_rules(struct nft *n)
{
	char chain[NFT_NAME];
	size_t written = 2;

	for (int family = 4; family <= 6; family += 2)
		make_chain(n, chain_of(ENFORCE_SCOPE_ALL, family, chain));
	family_rule(n, 4);
	family_rule(n, 6);
	written += set_rules(n, true, ENFORCE_SCOPE_ALL);
	written += set_rules(n, false, ENFORCE_SCOPE_ALL);
	for (unsigned int id = 1; id < SCOPES_MAX; id++) {
		for (int family = 4; family <= 6; family += 2) {
			if (!n->scopes.used[id] || !scope_in_use(n, id, family))
				continue;
			make_chain(n, chain_of(id, family, chain));
			written += scope_rules(n, id, family);
		}
		written += set_rules(n, false, (int)id);
	}
	return written;
}
