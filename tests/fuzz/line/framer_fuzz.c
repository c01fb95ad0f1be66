// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Any bytes, cut anywhere: the framer must hand out exactly the lines within
 * its cap, in order, and say rightly how much is unfinished.
 */
#include <stdlib.h>

#include "line/framer.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct check {
	const char *at, *end;	/* the input not handed out yet */
	size_t cap;
};

static void skip_long(struct check *c)
{
	const char *nl;

	while ((nl = memchr(c->at, '\n', (size_t)(c->end - c->at))) &&
	       (size_t)(nl - c->at) > c->cap)
		c->at = nl + 1;
}

static void run(void *ctx, const char *data, size_t len)
{
	struct check *c = ctx;

	if (!len || data[len - 1] != '\n')
		abort();
	while (len) {
		size_t line = (size_t)((const char *)memchr(data, '\n', len) - data) + 1;

		skip_long(c);
		if (line > (size_t)(c->end - c->at) || line > c->cap + 1 ||
		    memcmp(c->at, data, line))
			abort();
		c->at += line;
		data += line;
		len -= line;
	}
}

static void ignore(void *ctx, const char *data, size_t len)
{
	(void)ctx;
	if (!len || data[len - 1] != '\n')
		abort();
}

static void plain(const char *data, size_t size, size_t cap, size_t step)
{
	struct check c = { data, data + size, cap };
	size_t left = 0;
	struct framer *f;

	if (framer_new(&f, NULL, cap, run, &c))
		return;
	for (size_t at = 0; at < size; at += step)
		left = framer_push(f, data + at, size - at < step ? size - at : step);
	skip_long(&c);
	if (left != (size_t)(c.end - c.at))
		abort();
	framer_free(f);
}

static void encoded(const char *data, size_t size, size_t cap, size_t step, unsigned int which)
{
	static const char *const names[] = { "latin-1", "utf-16", "utf-32", "shift_jis",
					     "cp1252", "utf-16-be", "iso2022_jp", "gb18030" };
	struct framer *f;

	if (framer_new(&f, names[which % ARRAY_SIZE(names)], cap, ignore, NULL))
		return;
	for (size_t at = 0; at < size; at += step)
		if (framer_push(f, data + at, size - at < step ? size - at : step) > size)
			abort();
	framer_finish(f);
	framer_free(f);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	size_t cap, step;

	if (size < 3)
		return 0;
	cap = data[0] % 64 + 1;
	step = data[1] + 1;
	plain((const char *)data + 3, size - 3, cap, step);
	encoded((const char *)data + 3, size - 3, cap, step, data[2]);
	return 0;
}
