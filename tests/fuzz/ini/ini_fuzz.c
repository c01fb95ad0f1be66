// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The file language: the input is two files, parted by a line "----", the
 * second laid over the first.  Every option of every section is then fetched.
 */
#include <stdlib.h>

#include "ini/ini.h"
#include "ini/interp.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void fetch_all(struct loader *l, const struct ini *ini)
{
	struct value v;

	for (const struct ini_section *s = ini->first; s; s = s->next) {
		for (const struct ini_option *o = s->first; o; o = o->next)
			if (ini_get(l, ini, s->name, o->name, NULL, &v) > 0 &&
			    strlen(v.s) != v.len)
				abort();
		for (const struct ini_option *o = ini->defaults.first; o; o = o->next)
			ini_get(l, ini, s->name, o->name, NULL, &v);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const char *text = (const char *)data;
	const char *part = memmem(text, size, "\n----\n", 6);
	size_t first = part ? (size_t)(part - text) : size;
	struct pool *pool = pool_new((size_t)256 << 20);
	struct diag d = { 0 };
	struct loader l;
	struct ini *ini, *file;

	if (!pool || memchr(data, 0, size) || loader_init(&l, pool, "/none", &d))
		goto out;
	ini = ini_new(&l);
	file = ini_new(&l);
	if (ini && file && !ini_parse(&l, file, "first", text, first))
		ini_merge(&l, ini, file);
	file = ini_new(&l);
	if (ini && file && part && !ini_parse(&l, file, "second", part + 6, size - first - 6))
		ini_merge(&l, ini, file);
	if (ini)
		fetch_all(&l, ini);
out:
	pool_free(pool);
	diag_fini(&d);
	return 0;
}
