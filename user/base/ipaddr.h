/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * ipaddr - an IP address or network as a plain value, and as text.
 * One canonical form: IPv4-mapped IPv6 (::ffff:0:0/96, RFC 4291 2.5.5.2) is
 * IPv4, host bits of a network are zero, unused bytes are zero; so two equal
 * addresses are equal byte for byte and can be hashed.  No DNS here.
 */
#pragma once
#include "util.h"

struct ipaddr {
	uint8_t bytes[16];	/* network order; IPv4 in the first four */
	uint8_t family;		/* 4, 6, or 0: no address */
	uint8_t prefix;		/* length; 32 or 128 for one address */
};

#define IPADDR_TEXT	64	/* room for the longest text, prefix and NUL */

/*
 * Parse exactly @len bytes as one address.  Takes dotted IPv4 (four decimal
 * numbers to 255, no leading zeros: 010.0.0.1 means 8.0.0.1 to some programs
 * and 10.0.0.1 to others, so it is refused), and every form of RFC 4291 2.2,
 * with a dotted tail, in square brackets, in any case; a zone id ("%eth0") is
 * accepted and dropped.  0, or -EINVAL for anything else.
 */
int ipaddr_parse(const char *text, size_t len, struct ipaddr *out);
/* The same, optionally with "/LENGTH" or "/NETMASK"; host bits are cleared. */
int ipaddr_parse_net(const char *text, size_t len, struct ipaddr *out);
/* Canonical text (RFC 5952); "/LENGTH" only for networks.  Returns @buf. */
const char *ipaddr_format(const struct ipaddr *a, char buf[static IPADDR_TEXT]);

/* For bytes that did not come as text: what is mapped IPv4 becomes that. */
void ipaddr_unmap(struct ipaddr *a);
/* Clear the bits below @prefix, which becomes the address's own. */
void ipaddr_mask(struct ipaddr *a, unsigned int prefix);
bool ipaddr_equal(const struct ipaddr *a, const struct ipaddr *b);
/* True when @net covers all of @a. */
bool ipaddr_contains(const struct ipaddr *net, const struct ipaddr *a);
bool ipaddr_is_host(const struct ipaddr *a);
/* Order by family, bytes, prefix: for sorting lists. */
int ipaddr_compare(const struct ipaddr *a, const struct ipaddr *b);
