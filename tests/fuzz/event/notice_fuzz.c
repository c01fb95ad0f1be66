// SPDX-License-Identifier: GPL-2.0-or-later
/* A datagram: either a notice that can be shown, of somebody, or a reason. */
#include <ctype.h>
#include <stdlib.h>

#include "event/notice.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *copy = malloc(size ? size : 1);	/* its end is guarded, @data's may not be */
	const char *why;
	struct notice n;

	memcpy(copy, data, size);
	if (notice_parse(copy, size, &n, &why)) {
		if (!why)
			abort();
	} else {
		if (!n.who.family || !ipaddr_is_host(&n.who) || !*n.jail || !*n.text)
			abort();
		for (const char *c = n.text; *c; c++)
			if (iscntrl((unsigned char)*c))
				abort();
	}
	free(copy);
	return 0;
}
