/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * packet - builds a frame from a sentence, so that a row of a table reads as
 * what it is: "eth vlan ip4:192.0.2.1 udp:5060".
 *
 *   eth  vlan  qinq (802.1ad)  arp  type:HEX (another EtherType)
 *   ip4:SOURCE[,frag=OFFSET][,options=BYTES][,ihl=N][,version=N]
 *   ip6:SOURCE[,version=N]
 *   hop dst routing mobility hip shim6, each [:BYTES behind the first 8]
 *   frag:OFFSET  ah[:BYTES]
 *   tcp:PORT udp:PORT sctp:PORT dccp:PORT udplite:PORT (of the destination)
 *   icmp icmp6 gre esp none (no next header)  proto:N (another protocol)
 *   raw:BYTES (zeros)
 *
 * Each header names the one that follows it.
 */
#pragma once
#include <arpa/inet.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define PACKET_MAX	16384

struct packet {
	uint8_t bytes[PACKET_MAX];
	size_t len;
	uint8_t *next;		/* where the last header names its successor */
	int next_size;		/* 2: an EtherType, 1: a protocol, 0: none */
};

static inline void packet_next(struct packet *p, unsigned int code)
{
	if (p->next_size == 2)
		*p->next++ = (uint8_t)(code >> 8);
	if (p->next_size)
		*p->next = (uint8_t)code;
	p->next_size = 0;
}

/* @n zero bytes more; the first of them. */
static inline uint8_t *packet_grow(struct packet *p, size_t n)
{
	uint8_t *at = p->bytes + p->len;

	if (p->len + n > PACKET_MAX) {
		fprintf(stderr, "packet: too long\n");
		abort();
	}
	memset(at, 0, n);
	p->len += n;
	return at;
}

/* The number behind "NAME=" in @args, or @otherwise. */
static inline unsigned int packet_arg(const char *args, const char *name,
				      unsigned int otherwise)
{
	const char *at = strstr(args, name);

	return at ? (unsigned int)atoi(at + strlen(name)) : otherwise;
}

static inline void packet_source(const char *args, int family, void *out)
{
	char text[64];

	snprintf(text, sizeof(text), "%.*s", (int)strcspn(args, ","), args);
	if (inet_pton(family, text, out) != 1) {
		fprintf(stderr, "packet: no address: '%s'\n", text);
		abort();
	}
}

static inline void packet_ip4(struct packet *p, const char *args)
{
	unsigned int options = packet_arg(args, "options=", 0);
	unsigned int frag = packet_arg(args, "frag=", 0);
	uint8_t *h = packet_grow(p, 20 + options);

	h[0] = (uint8_t)(packet_arg(args, "version=", 4) << 4 |
			 packet_arg(args, "ihl=", 5 + options / 4));
	h[6] = (uint8_t)(0x20 | frag >> 8);	/* more fragments */
	if (!strstr(args, "frag="))
		h[6] = 0x40;			/* do not fragment */
	h[7] = (uint8_t)frag;
	h[8] = 64;
	packet_source(args, AF_INET, h + 12);
	inet_pton(AF_INET, "192.0.2.254", h + 16);
	p->next = h + 9;
	p->next_size = 1;
}

static inline void packet_ip6(struct packet *p, const char *args)
{
	uint8_t *h = packet_grow(p, 40);

	h[0] = (uint8_t)(packet_arg(args, "version=", 6) << 4);
	h[7] = 64;
	packet_source(args, AF_INET6, h + 8);
	inet_pton(AF_INET6, "2001:db8::fe", h + 24);
	p->next = h + 6;
	p->next_size = 1;
}

/* An extension header of 8 bytes and @more, which counts its length in @unit. */
static inline void packet_extension(struct packet *p, unsigned int more, unsigned int unit)
{
	uint8_t *h = packet_grow(p, 8 + more);

	h[1] = (uint8_t)((8 + more) / unit - (unit == 8 ? 1 : 2));
	p->next = h;
	p->next_size = 1;
}

static inline void packet_fragment(struct packet *p, unsigned int offset)
{
	uint8_t *h = packet_grow(p, 8);

	h[2] = (uint8_t)(offset << 3 >> 8);
	h[3] = (uint8_t)(offset << 3 | 1);	/* more fragments */
	p->next = h;
	p->next_size = 1;
}

static inline void packet_ports(struct packet *p, unsigned int port, size_t len)
{
	uint8_t *h = packet_grow(p, len);

	h[0] = 0xc0;
	h[2] = (uint8_t)(port >> 8);
	h[3] = (uint8_t)port;
}

enum packet_form { FORM_ETH, FORM_TAG, FORM_IP4, FORM_IP6, FORM_EXT, FORM_AH, FORM_FRAG,
		   FORM_PORTS, FORM_BYTES, FORM_CODE, FORM_RAW };

static const struct packet_word {
	const char *name;
	enum packet_form form;
	unsigned int code;	/* how the header before names it */
	unsigned int len;
} packet_words[] = {
	{ "eth", FORM_ETH },
	{ "vlan", FORM_TAG, 0x8100 }, { "qinq", FORM_TAG, 0x88a8 },
	{ "ip4", FORM_IP4, 0x0800 }, { "ip6", FORM_IP6, 0x86dd },
	{ "arp", FORM_BYTES, 0x0806, 28 }, { "type", FORM_CODE, 0, 20 },
	{ "hop", FORM_EXT, 0 }, { "dst", FORM_EXT, 60 }, { "routing", FORM_EXT, 43 },
	{ "mobility", FORM_EXT, 135 }, { "hip", FORM_EXT, 139 }, { "shim6", FORM_EXT, 140 },
	{ "ah", FORM_AH, 51 }, { "frag", FORM_FRAG, 44 },
	{ "tcp", FORM_PORTS, 6, 20 }, { "udp", FORM_PORTS, 17, 8 },
	{ "sctp", FORM_PORTS, 132, 12 }, { "dccp", FORM_PORTS, 33, 16 },
	{ "udplite", FORM_PORTS, 136, 8 },
	{ "icmp", FORM_BYTES, 1, 8 }, { "icmp6", FORM_BYTES, 58, 8 },
	{ "gre", FORM_BYTES, 47, 4 }, { "esp", FORM_BYTES, 50, 16 },
	{ "none", FORM_BYTES, 59, 0 }, { "proto", FORM_CODE, 0, 20 },
	{ "raw", FORM_RAW },
};

static inline void packet_put(struct packet *p, const struct packet_word *w, const char *args)
{
	unsigned int n = (unsigned int)strtoul(args, NULL, w->form == FORM_CODE ? 0 : 10);

	packet_next(p, w->form == FORM_CODE ? n : w->code);
	switch (w->form) {
	case FORM_ETH:
		p->next = packet_grow(p, 14) + 12;
		p->next_size = 2;
		break;
	case FORM_TAG:
		p->next = packet_grow(p, 4) + 2;
		p->next_size = 2;
		break;
	case FORM_IP4:	packet_ip4(p, args); break;
	case FORM_IP6:	packet_ip6(p, args); break;
	case FORM_EXT:	packet_extension(p, n, 8); break;
	case FORM_AH:	packet_extension(p, n + 4, 4); break;
	case FORM_FRAG:	packet_fragment(p, n); break;
	case FORM_PORTS: packet_ports(p, n, w->len); break;
	case FORM_CODE:
	case FORM_BYTES: packet_grow(p, w->len); break;
	case FORM_RAW:	packet_grow(p, n); break;
	}
}

static inline void packet_word(struct packet *p, const char *word, size_t len)
{
	const char *colon = memchr(word, ':', len);
	size_t name = colon ? (size_t)(colon - word) : len;
	char args[128] = "";

	if (colon)
		snprintf(args, sizeof(args), "%.*s", (int)(len - name - 1), colon + 1);
	for (size_t i = 0; i < sizeof(packet_words) / sizeof(*packet_words); i++) {
		const struct packet_word *w = &packet_words[i];

		if (strlen(w->name) == name && !memcmp(w->name, word, name)) {
			packet_put(p, w, args);
			return;
		}
	}
	fprintf(stderr, "packet: what is '%.*s'?\n", (int)len, word);
	abort();
}

static inline void packet_build(struct packet *p, const char *sentence)
{
	p->len = 0;
	p->next_size = 0;
	while (*sentence) {
		size_t len = strcspn(sentence, " ");

		packet_word(p, sentence, len);
		sentence += len + strspn(sentence + len, " ");
	}
}
