// SPDX-License-Identifier: GPL-2.0-or-later
#include <arpa/inet.h>
#include <errno.h>
#include <linux/if_packet.h>
#include <net/ethernet.h>
#include <net/if.h>
#include <netinet/ip.h>
#include <netinet/ip6.h>
#include <netinet/udp.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "wire.h"

#define PORT	5060

static const char payload[] = "OPTIONS sip:100@example.org SIP/2.0\r\n\r\n";

struct frame4 {
	struct ether_header eth;
	struct iphdr ip;
	struct udphdr udp;
	char data[sizeof(payload)];
} __attribute__((packed));

struct frame6 {
	struct ether_header eth;
	struct ip6_hdr ip;
	struct udphdr udp;
	char data[sizeof(payload)];
} __attribute__((packed));

static int parse_all(struct wire *w, const char *mac, const char *to4, const char *to6)
{
	uint8_t *m = w->to;

	if (sscanf(mac, "%hhx:%hhx:%hhx:%hhx:%hhx:%hhx", &m[0], &m[1], &m[2], &m[3],
		   &m[4], &m[5]) != 6)
		return -EINVAL;
	if (ipaddr_parse(to4, strlen(to4), &w->to4) || w->to4.family != 4 ||
	    ipaddr_parse(to6, strlen(to6), &w->to6) || w->to6.family != 6)
		return -EINVAL;
	return 0;
}

int wire_open(struct wire *w, const char *ifname, const char *mac,
	      const char *to4, const char *to6)
{
	int err = parse_all(w, mac, to4, to6);

	w->fd = -1;
	if (err)
		return err;
	memcpy(w->from, (uint8_t[]){ 2, 0, 0, 0, 0, 1 }, sizeof(w->from));
	w->ifindex = if_nametoindex(ifname);
	if (!w->ifindex)
		return -errno;
	/* Protocol 0: sends only, so no queue of received frames to look after. */
	w->fd = socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC, 0);
	return w->fd < 0 ? -errno : 0;
}

void wire_close(struct wire *w)
{
	if (w->fd >= 0)
		close(w->fd);
	w->fd = -1;
}

static struct ether_header ether(const struct wire *w, uint16_t type)
{
	struct ether_header eth = { .ether_type = htons(type) };

	memcpy(eth.ether_dhost, w->to, sizeof(w->to));
	memcpy(eth.ether_shost, w->from, sizeof(w->from));
	return eth;
}

static struct udphdr udp_header(void)
{
	return (struct udphdr){
		.source = htons(PORT), .dest = htons(PORT),
		.len = htons(sizeof(struct udphdr) + sizeof(payload)),
	};
}

/* The Internet checksum of a header (RFC 1071). */
static uint16_t checksum(const void *header, size_t len)
{
	const uint16_t *word = header;
	uint32_t sum = 0;

	for (size_t i = 0; i < len / 2; i++)
		sum += word[i];
	sum = (sum & 0xffff) + (sum >> 16);
	return ~(sum + (sum >> 16));
}

static size_t make4(const struct wire *w, const struct ipaddr *who, struct frame4 *f)
{
	struct iphdr ip = {
		.version = 4, .ihl = 5, .ttl = 64, .protocol = IPPROTO_UDP,
		.tot_len = htons(sizeof(*f) - sizeof(f->eth)),
	};

	memcpy(&ip.saddr, who->bytes, 4);
	memcpy(&ip.daddr, w->to4.bytes, 4);
	ip.check = checksum(&ip, sizeof(ip));
	*f = (struct frame4){ .eth = ether(w, ETHERTYPE_IP), .ip = ip,
			      .udp = udp_header() };
	memcpy(f->data, payload, sizeof(payload));
	return sizeof(*f);
}

static size_t make6(const struct wire *w, const struct ipaddr *who, struct frame6 *f)
{
	struct ip6_hdr ip = {
		.ip6_flow = htonl(6u << 28), .ip6_hlim = 64, .ip6_nxt = IPPROTO_UDP,
		.ip6_plen = htons(sizeof(f->udp) + sizeof(payload)),
	};

	memcpy(&ip.ip6_src, who->bytes, 16);
	memcpy(&ip.ip6_dst, w->to6.bytes, 16);
	*f = (struct frame6){ .eth = ether(w, ETHERTYPE_IPV6), .ip = ip,
			      .udp = udp_header() };
	memcpy(f->data, payload, sizeof(payload));
	return sizeof(*f);
}

int wire_send(const struct wire *w, const struct ipaddr *who)
{
	union {
		struct frame4 v4;
		struct frame6 v6;
	} f;
	size_t len = who->family == 4 ? make4(w, who, &f.v4) : make6(w, who, &f.v6);
	struct sockaddr_ll to = { .sll_family = AF_PACKET, .sll_ifindex = w->ifindex,
				  .sll_halen = ETH_ALEN };

	memcpy(to.sll_addr, w->to, ETH_ALEN);
	if (sendto(w->fd, &f, len, 0, (struct sockaddr *)&to, sizeof(to)) < 0)
		return -errno;
	return 0;
}
