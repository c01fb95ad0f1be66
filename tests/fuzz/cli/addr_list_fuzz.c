// SPDX-License-Identifier: GPL-2.0-or-later
/* Any text as a list of addresses: what is given is an address. */
#include <stdlib.h>

#include "base/ipaddr.h"
#include "cli/addr_list.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void plain(void *ctx, const char *address)
{
	struct ipaddr a;

	(void)ctx;
	if (!address || ipaddr_parse_net(address, strlen(address), &a))
		abort();
}

static void row(void *ctx, json_t *row)
{
	plain(ctx, json_string_value(json_object_get(row, "address")));
	json_decref(row);
}

static void bad(void *ctx, size_t line, const char *what)
{
	(void)ctx;
	if (!line || !what)
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct addr_list l = { .row = row, .plain = plain, .bad = bad };
	FILE *f = size ? fmemopen((void *)data, size, "r") : NULL;

	if (f && addr_list_read(&l, f))
		abort();
	if (f)
		fclose(f);
	return 0;
}
