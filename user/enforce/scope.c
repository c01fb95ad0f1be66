// SPDX-License-Identifier: GPL-2.0-or-later
/* scope - sets of ports and protocols, as every backend gets them. */
#include "enforcer.h"

#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>

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
	/* Equal scopes are equal byte by byte: sets are named by a hash of them. */
	memset(&s->ports[s->n_ports], 0, (ENFORCE_PORTS - s->n_ports) * sizeof(s->ports[0]));
	s->ports[at].first = first;
	s->ports[at].last = last;
	return 0;
}

static const struct { const char *name; uint8_t number; } protocols[] = {
	{ "tcp", IPPROTO_TCP }, { "udp", IPPROTO_UDP }, { "sctp", IPPROTO_SCTP },
	{ "dccp", IPPROTO_DCCP }, { "udplite", IPPROTO_UDPLITE },
	{ "icmp", IPPROTO_ICMP }, { "icmpv6", IPPROTO_ICMPV6 },
};

static const char *protocol_name(unsigned int p, char buf[static 4])
{
	for (size_t i = 0; i < ARRAY_SIZE(protocols); i++)
		if (protocols[i].number == p)
			return protocols[i].name;
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

/* ---- reading it back ---------------------------------------------------------- */

/* A decimal number up to @max at *@at, which moves behind it; -EINVAL. */
static int take_number(const char **at, long max)
{
	char *end;
	long n;

	if (**at < '0' || **at > '9')
		return -EINVAL;
	n = strtol(*at, &end, 10);
	*at = end;
	return n <= max ? (int)n : -EINVAL;
}

static int take_protocol(const char **at)
{
	size_t len = strcspn(*at, "+/");

	for (size_t i = 0; i < ARRAY_SIZE(protocols); i++)
		if (strlen(protocols[i].name) == len &&
		    !memcmp(protocols[i].name, *at, len)) {
			*at += len;
			return protocols[i].number;
		}
	return take_number(at, 255);
}

static int take_protocols(const char **at, struct enforce_scope *out)
{
	if (starts_with(*at, "all")) {
		*at += 3;
		return 0;
	}
	for (;;) {
		int p = take_protocol(at);

		if (p < 0)
			return p;
		enforce_scope_protocol(out, (uint8_t)p);
		if (**at != '+')
			return 0;
		++*at;
	}
}

int enforce_scope_parse(const char *text, struct enforce_scope *out)
{
	int err, first, last;

	*out = (struct enforce_scope){ 0 };
	err = take_protocols(&text, out);
	for (char sep = '/'; !err && *text; sep = ',') {
		if (*text++ != sep)
			return -EINVAL;
		first = last = take_number(&text, UINT16_MAX);
		if (*text == '-') {
			text++;
			last = take_number(&text, UINT16_MAX);
		}
		if (first < 0 || last < first)
			return -EINVAL;
		err = enforce_scope_ports(out, (uint16_t)first, (uint16_t)last);
	}
	return err;
}
