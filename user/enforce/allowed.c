// SPDX-License-Identifier: GPL-2.0-or-later
#include "allowed.h"

#include <errno.h>
#include <stdlib.h>

#include "enforcer.h"

static int compare(const void *a, const void *b)
{
	return ipaddr_compare(a, b);
}

int allowed_keep(struct allowed *a, const struct ipaddr *who, size_t n)
{
	struct ipaddr *copy = calloc(n + 1, sizeof(*copy));

	if (!copy)
		return -ENOMEM;
	if (n)
		memcpy(copy, who, n * sizeof(*who));
	qsort(copy, n, sizeof(*copy), compare);
	allowed_fini(a);
	*a = (struct allowed){ copy, n };
	return 0;
}

bool allowed_has(const struct allowed *a, const struct ipaddr *who)
{
	return bsearch(who, a->list, a->n, sizeof(*who), compare);
}

void allowed_count(const struct allowed *a, struct enforce_stats *out)
{
	for (size_t i = 0; i < a->n; i++)
		++*(a->list[i].family == 4 ? &out->allow4 : &out->allow6);
}

void allowed_fini(struct allowed *a)
{
	free(a->list);
	*a = (struct allowed){ 0 };
}
