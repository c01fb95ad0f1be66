// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Texts and bytes that fill an allowlist: the first byte says whether the rest
 * is an answer of rtnetlink, a list in a file, or a word of ignoreip.
 */
#include <stdlib.h>

#include "decide/allow_file.h"
#include "decide/allowlist.h"
#include "decide/host_nets.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void is_address(void *ctx, const struct ipaddr *net)
{
	(void)ctx;
	if (net->family != 4 && net->family != 6)
		abort();
}

static void in_set(void *ctx, const struct allow_match *entry)
{
	struct allow_match m;

	if (!allowlist_has(ctx, "", 0, &entry->net, (boot_t){ 0 }, &m) ||
	    !ipaddr_equal(&m.net, &entry->net) ||
	    !allowlist_touches(ctx, &entry->net, (boot_t){ 0 }, NULL))
		abort();
}

static void file(const char *text, size_t len)
{
	struct allowlist *a = allowlist_new(NULL);
	struct allow_list list = { 0 };

	if (!a || allow_file_parse(text, len, 1000, &list) || list.n > 1000)
		abort();
	allowlist_set(a, ALLOW_TRUSTED, "x", list.nets, list.n);
	allowlist_each(a, (boot_t){ 0 }, in_set, a);
	free(list.nets);
	allowlist_free(a);
}

/* A file: word would have it read any file that the input names. */
static void word(const char *text, size_t len)
{
	struct allowlist *a;

	if (len >= 5 && !memcmp(text, "file:", 5))
		return;
	a = allowlist_new("jail x");
	if (!a)
		abort();
	if (!allowlist_add(a, text, len)) {
		struct ipaddr net = { .family = 0 };

		if (ipaddr_parse_net(text, len, &net))
			net.family = 0;
		if (!allowlist_has(a, text, len, &net, (boot_t){ 0 }, NULL) ||
		    allowlist_remove(a, text, len) ||
		    allowlist_has(a, text, len, &net, (boot_t){ 0 }, NULL))
			abort();
	}
	allowlist_free(a);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	size_t len = size ? size - 1 : 0;
	char *copy = malloc(len + 1);

	if (!copy)
		abort();
	memcpy(copy, data + (size > 0), len);
	switch (size ? data[0] % 3 : 0) {
	case 0:
		host_parse_routes(copy, len, is_address, NULL);
		break;
	case 1:
		file(copy, len);
		break;
	default:
		word(copy, len);
	}
	free(copy);
	return 0;
}
