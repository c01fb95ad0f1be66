// SPDX-License-Identifier: GPL-2.0-or-later
#include "fields.h"

#include <errno.h>
#include <stdlib.h>

static const char *const known[FIELDS_KNOWN] = {
	[FIELD_FID] = "fid", [FIELD_IP4] = "ip4", [FIELD_IP6] = "ip6",
	[FIELD_DNS] = "dns", [FIELD_CIDR] = "cidr", [FIELD_USER] = "user",
	[FIELD_MLFID] = "mlfid", [FIELD_NOFAIL] = "nofail",
	[FIELD_GAINED] = "mlfgained", [FIELD_FORGET] = "mlfforget",
	[FIELD_CONTENT] = "content", [FIELD_IP] = "ip",
	[FIELD_TRANSPORT] = "transport", [FIELD_CHALLENGE] = "challenge",
	[FIELD_SENT] = "sent", [FIELD_SUCCESS] = "success", [FIELD_DOUBT] = "doubt",
};

int fields_init(struct fields *f)
{
	*f = (struct fields){ 0 };
	for (unsigned int i = 0; i < FIELDS_KNOWN; i++)
		if (fields_number(f, known[i], strlen(known[i])) < 0)
			return -ENOMEM;
	return 0;
}

void fields_fini(struct fields *f)
{
	for (unsigned int i = 0; i < f->n; i++)
		free(f->names[i]);
	*f = (struct fields){ 0 };
}

int fields_number(struct fields *f, const char *name, size_t len)
{
	for (unsigned int i = 0; i < f->n; i++)
		if (!strncmp(f->names[i], name, len) && !f->names[i][len])
			return (int)i;
	if (f->n == FIELDS_MAX)
		return -ENOSPC;
	f->names[f->n] = strndup(name, len);
	if (!f->names[f->n])
		return -ENOMEM;
	return (int)f->n++;
}

void captures_clear(struct captures *c)
{
	for (uint64_t left = c->used; left; left &= left - 1)
		c->v[__builtin_ctzll(left)] = (struct hit_text){ 0 };
	c->used = 0;
}

void captures_merge(struct captures *c, const struct captures *over)
{
	for (uint64_t left = over->used; left; left &= left - 1) {
		int i = __builtin_ctzll(left);

		if (over->v[i].s)
			captures_set(c, i, over->v[i]);
	}
}

void captures_fill(struct captures *c, const struct hit_text *v, uint64_t used)
{
	captures_clear(c);
	for (uint64_t left = used; left; left &= left - 1) {
		int i = __builtin_ctzll(left);

		captures_set(c, i, v[i]);
	}
}
