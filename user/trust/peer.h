/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * peer - how configurations write whom they talk to: an address, a network, a
 * host with or without port, a SIP URI.  Text into a plain value; who may be
 * trusted is not decided here.
 */
#pragma once
#include "base/ipaddr.h"

#define TRUST_HOST	254	/* RFC 1035 2.3.4, as text, and NUL */

struct trust_peer {
	struct ipaddr net;	/* family 0: the name @host has to be resolved */
	char host[TRUST_HOST];	/* in lower case, no last dot; "" if @net is set */
	bool srv;		/* no port: SIP asks for SRV records (RFC 3263 4.2) */
};

/*
 * "192.0.2.1", "192.0.2.0/24", "192.0.2.1:5060", "[2001:db8::1]:5060",
 * "sip.example.com", "sips:user@sip.example.com:5061;lr",
 * "\"A\" <sip:example.com;transport=tcp>".  0, or -EINVAL.
 */
int trust_peer_parse(const char *text, size_t len, struct trust_peer *out);
bool trust_peer_equal(const struct trust_peer *a, const struct trust_peer *b);
/* Nobody's address, nor a network of somebody's: 0/8, multicast, reserved. */
bool trust_is_nobody(const struct ipaddr *net);
/* Of a private network (RFC 1918, 6598, 4193), this machine or this link. */
bool trust_is_private(const struct ipaddr *net);
