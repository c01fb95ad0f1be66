// SPDX-License-Identifier: GPL-2.0-or-later
#include "ban_names.h"

#include <errno.h>
#include <stdlib.h>

void ban_names_fini(struct ban_names *names)
{
	for (size_t i = 0; i < names->n; i++)
		free(names->v[i]);
	free(names->v);
	*names = (struct ban_names){ 0 };
}

int ban_names_find(const struct ban_names *names, const char *name)
{
	for (size_t i = 0; i < names->n; i++)
		if (streq(names->v[i], name))
			return (int)i;
	return -ENOENT;
}

int ban_names_get(struct ban_names *names, const char *name)
{
	int found = ban_names_find(names, name);
	char **p, *copy;

	if (found >= 0)
		return found;
	if (names->n >= UINT16_MAX)
		return -ENOSPC;
	p = realloc(names->v, (names->n + 1) * sizeof(*p));
	if (!p)
		return -ENOMEM;
	names->v = p;
	copy = strdup(name);
	if (!copy)
		return -ENOMEM;
	p[names->n] = copy;
	return (int)names->n++;
}
