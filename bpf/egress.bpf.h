/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * egress - what the server sends: its answers say more about a source than any
 * log, and whom it calls itself is no stranger.  Looks, and changes nothing.
 */
#pragma once
#include "eth.bpf.h"
#include "sensor.bpf.h"

#define TC_NEXT	(-1)	/* as if we were not there, for clsact and tcx alike */

/* Statuses that tell something about who asked. */
static __always_inline bool is_telling(__u32 status)
{
	return status == 200 || status == 401 || status == 403 || status == 404 ||
	       status == 407 || status == 484;
}

/* The three digits behind "SIP/2.0 ", or 0. */
static __always_inline __u32 status_of(const __u8 *text)
{
	__u32 sum = 0;

	for (int i = 8; i < 11; i++) {
		if (text[i] < '0' || text[i] > '9')
			return 0;
		sum = sum * 10 + text[i] - '0';
	}
	return sum;
}

#define HEAD	16	/* shorter ones are no messages */

/* Is it worth showing?  Fills in class and status. */
static __always_inline bool is_evidence(const __u8 *head, bool tcp, struct sip_event *ev)
{
	__u64 word;

	__builtin_memcpy(&word, head, sizeof(word));
	ev->class = class_of_word(word);
	ev->status = 0;
	if (ev->class == SIP_RESPONSE) {
		ev->status = status_of(head);
		return is_telling(ev->status);
	}
	return !tcp && (ev->class == SIP_REGISTER || ev->class == SIP_OPTIONS ||
			BEGINS(word | LOWER, "invite"));
}

/* Whose standing makes it worth showing? */
static __always_inline bool is_asked_for(struct sip_event *ev)
{
	__u64 hash = sip_hash(&sip_settings.keys, &ev->peer);
	struct sip_source *src = find_source(&ev->peer, hash, ev->when);

	ev->standing = src ? src->standing : SIP_UNKNOWN;
	if (src && src->standing == SIP_KNOWN)
		return src->quiet_until <= ev->when;
	return src ? src->standing != SIP_TRUSTED : !in_trusted_net(&ev->peer);
}

static __always_inline bool peer_of(struct __sk_buff *skb, __u64 at, struct sip_addr *out)
{
	__be32 addr;

	if (at & AT_IPV6)
		return !bpf_skb_load_bytes(skb, AT_IP(at) + 24, out, sizeof(*out));
	if (bpf_skb_load_bytes(skb, AT_IP(at) + 16, &addr, sizeof(addr)))
		return false;
	addr_map4(out, addr);
	return true;
}

/* A message of the server's begins at @from. */
__noinline int sip_answer(struct __sk_buff *skb, __u64 at, __u32 from)
{
	struct sip_scratch *s = scratch();
	__u64 len = skb->len;
	__u32 zero = 0;
	__be16 ports[2];
	__u8 head[HEAD];
	struct sip_cpu *cpu = bpf_map_lookup_elem(&sip_cpu, &zero);

	if (!s || !cpu || bpf_skb_load_bytes(skb, from, head, sizeof(head)) ||
	    !is_evidence(head, at & AT_TCP, &s->ev) || !peer_of(skb, at, &s->ev.peer) ||
	    bpf_skb_load_bytes(skb, AT_L4(at), ports, sizeof(ports)))
		return 0;
	cpu->answers++;
	s->ev.when = bpf_ktime_get_boot_ns() + sip_settings.ahead;
	if (!is_asked_for(&s->ev))
		return 0;
	s->ev.our_port = bpf_ntohs(ports[0]);
	s->ev.peer_port = bpf_ntohs(ports[1]);
	s->ev.protocol = at & AT_TCP ? PROTO_TCP : PROTO_UDP;
	s->ev.out = 1;
	s->ev.verdict = 0;
	s->ev.signature = 0;
	len -= from;
	s->ev.wire_len = len;
	if (len > SIP_TEXT_MAX)
		len = SIP_TEXT_MAX;
	/* One after the other: the verifier learns nothing from both at once. */
	barrier_var(len);
	if (len < HEAD)
		return 0;
	barrier_var(len);
	if (len > SIP_TEXT_MAX ||
	    bpf_skb_load_bytes(skb, from, s->ev.text, len))
		return 0;
	sip_give(len);
	return 0;
}

/* Behind the ports: @l4 has the destination's, but ours is the source's. */
static __always_inline void look_out(struct __sk_buff *skb, struct cursor *c, void *ip,
				     __u32 l4, __u64 flags)
{
	void *data = (void *)(long)skb->data;
	struct ports *ports = c->pos - sizeof(*ports);
	__u32 from;

	if (l4 & (L4_NO_PORT | L4_UNKNOWN))
		return;
	if (l4 >> 16 == PROTO_UDP) {
		from = (void *)ports - data + 8;
	} else if (l4 >> 16 == PROTO_TCP) {
		__u8 *rest = cur_take(c, 16);

		if (!rest)
			return;
		from = (void *)ports - data + (rest[8] >> 4) * 4;
		flags |= AT_TCP;
	} else {
		return;
	}
	if (is_sip_port(bpf_ntohs(ports->source)))
		sip_answer(skb, at_make(ip - data, (void *)ports - data, flags), from);
}

/* The type behind the tags, of which the kernel has usually kept the outer one apart. */
static __always_inline __be16 skip_tags(struct cursor *c, __be16 type)
{
	for (int i = 0; i < VLAN_MAX && is_vlan(type); i++) {
		struct vlan_hdr *vlan = cur_take(c, sizeof(*vlan));

		if (!vlan)
			return 0;
		type = vlan->h_vlan_encapsulated_proto;
	}
	return type;
}

SEC("tc")
int xdpban_egress(struct __sk_buff *skb)
{
	struct cursor c = { (void *)(long)skb->data, (void *)(long)skb->data_end };
	struct ethhdr *eth = cur_take(&c, sizeof(*eth));
	__be16 type = eth ? skip_tags(&c, eth->h_proto) : 0;

	if (type == bpf_htons(ETH_P_IP)) {
		struct iphdr *ip = cur_take(&c, sizeof(*ip));

		if (ip)
			look_out(skb, &c, ip, l4_of_ipv4(&c, ip), 0);
	} else if (type == bpf_htons(ETH_P_IPV6)) {
		struct ipv6hdr *ip = cur_take(&c, sizeof(*ip));

		if (ip)
			look_out(skb, &c, ip, l4_of_ipv6(&c, ip->nexthdr), AT_IPV6);
	}
	return TC_NEXT;
}
