// SPDX-License-Identifier: GPL-2.0-or-later
/* scope - sets of ports and protocols, as every backend gets them. */
#include "enforcer.h"

#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>

#include "base/str.h"

void enforce_scope_protocol(struct enforce_scope *s, uint8_t protocol)
{
	s->protocols[protocol / 8] |= 1u << protocol % 8;
}

/* Ranges stay sorted, and apart by at least one port. */
int enforce_scope_ports(struct enforce_scope *s, uint16_t first, uint16_t last)
{
	unsigned int at = 0, end;

	while (at < s->n_ports && s->ports[at].last + 1 < first)
		at++;
	for (end = at; end < s->n_ports && s->ports[end].first <= last + 1; end++) {
		if (s->ports[end].first < first)
			first = s->ports[end].first;
		if (s->ports[end].last > last)
			last = s->ports[end].last;
	}
	if (at == end && s->n_ports == ENFORCE_PORTS)
		return -E2BIG;
	memmove(&s->ports[at + 1], &s->ports[end],
		(s->n_ports - end) * sizeof(s->ports[0]));
	s->n_ports += 1 - (end - at);
	s->ports[at].first = first;
	s->ports[at].last = last;
	return 0;
}

static const char *protocol_name(unsigned int p, char buf[static 4])
{
	switch (p) {
	case IPPROTO_TCP:	return "tcp";
	case IPPROTO_UDP:	return "udp";
	case IPPROTO_SCTP:	return "sctp";
	case IPPROTO_DCCP:	return "dccp";
	case IPPROTO_UDPLITE:	return "udplite";
	case IPPROTO_ICMP:	return "icmp";
	case IPPROTO_ICMPV6:	return "icmpv6";
	}
	snprintf(buf, 4, "%u", p & 0xff);
	return buf;
}

void enforce_scope_format(const struct enforce_scope *s, struct str *out)
{
	const char *sep = "";
	char number[4];

	for (unsigned int p = 0; p < 256; p++) {
		if (!(s->protocols[p / 8] >> p % 8 & 1))
			continue;
		str_printf(out, "%s%s", sep, protocol_name(p, number));
		sep = "+";
	}
	if (!*sep)
		str_puts(out, "all");
	for (unsigned int i = 0; i < s->n_ports; i++) {
		str_printf(out, "%c%u", i ? ',' : '/', s->ports[i].first);
		if (s->ports[i].last != s->ports[i].first)
			str_printf(out, "-%u", s->ports[i].last);
	}
}
