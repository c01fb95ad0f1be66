// SPDX-License-Identifier: GPL-2.0-or-later
/* Attributes of any bytes, nested as they say: all that is read is in there. */
#include <stdlib.h>

#include "netfilter/netlink.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void walk(struct nlval from, int depth)
{
	const char *begin = from.data, *end = begin + from.len;
	struct nlval v;
	uint16_t type;
	char text[8];

	while (nl_next(&from, &v, &type)) {
		if ((const char *)v.data < begin || (const char *)v.data + v.len > end)
			abort();
		nlval_u8(v);
		nlval_u32(v);
		nlval_u64(v);
		nlval_is(v, "xdpban");
		nlval_copy(v, text, sizeof(text));
		if (depth < 8)
			walk(v, depth + 1);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *copy = malloc(size + 1);

	if (!copy)
		return 0;
	memcpy(copy, data, size);
	walk((struct nlval){ copy, size }, 0);
	free(copy);
	return 0;
}
