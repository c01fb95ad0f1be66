// SPDX-License-Identifier: GPL-2.0-or-later
#include "scopes.h"

#include <errno.h>

#include "xdpban/bpf_abi.h"

bool scope_has_protocol(const struct enforce_scope *s, unsigned int protocol)
{
	return s->protocols[protocol / 8] >> protocol % 8 & 1;
}

static bool any_protocol(const struct enforce_scope *s)
{
	static const uint8_t none[sizeof(s->protocols)];

	return !memcmp(s->protocols, none, sizeof(none));
}

/* Ports of no protocol in particular are ports of every protocol that has any. */
static struct enforce_scope spelled_out(const struct enforce_scope *s)
{
	struct enforce_scope out = { .n_ports = s->n_ports };

	memcpy(out.protocols, s->protocols, sizeof(out.protocols));
	memcpy(out.ports, s->ports, s->n_ports * sizeof(s->ports[0]));
	for (unsigned int p = 0; p < 256 && any_protocol(s); p++)
		if (has_ports((__u8)p))
			enforce_scope_protocol(&out, (uint8_t)p);
	return out;
}

int scopes_find(struct scopes *t, const struct enforce_scope *s)
{
	struct enforce_scope wanted = spelled_out(s);
	int unused = -ENOSPC;

	if (any_protocol(s) && !s->n_ports)
		return ENFORCE_SCOPE_ALL;
	for (int id = SCOPES_MAX - 1; id > ENFORCE_SCOPE_ALL; id--) {
		if (!t->used[id])
			unused = id;
		else if (!memcmp(&t->at[id], &wanted, sizeof(wanted)))
			return id;
	}
	if (unused > 0) {
		t->used[unused] = true;
		t->at[unused] = wanted;
	}
	return unused;
}

int scopes_set(struct scopes *t, unsigned int id, const char *text)
{
	struct enforce_scope s;
	int err = id && id < SCOPES_MAX ? enforce_scope_parse(text, &s) : -EINVAL;

	if (!err) {
		t->used[id] = true;
		t->at[id] = spelled_out(&s);
	}
	return err;
}

int scopes_get(const struct scopes *t, unsigned int id, struct enforce_scope *out)
{
	*out = (struct enforce_scope){ 0 };
	if (id == ENFORCE_SCOPE_ALL)
		return 0;
	if (id >= SCOPES_MAX || !t->used[id])
		return -ENOENT;
	*out = t->at[id];
	return 0;
}
