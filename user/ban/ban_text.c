// SPDX-License-Identifier: GPL-2.0-or-later
#include "ban_text.h"

#include <stdlib.h>

enum { MALLOC_OVERHEAD = 16 };

void ban_texts_init(struct ban_texts *t, size_t max)
{
	*t = (struct ban_texts){ .max = max };
	TAILQ_INIT(&t->by_age);
}

void ban_texts_fini(struct ban_texts *t)
{
	struct ban_text *x;

	while ((x = TAILQ_FIRST(&t->by_age))) {
		TAILQ_REMOVE(&t->by_age, x, age);
		free(x);
	}
}

struct ban_text *ban_text_take(struct ban_texts *t, struct ban_text **slot)
{
	struct ban_text *x = *slot;

	if (x) {
		TAILQ_REMOVE(&t->by_age, x, age);
		t->bytes -= x->size;
	}
	*slot = NULL;
	return x;
}

static bool make_room(struct ban_texts *t, size_t size)
{
	if (size > t->max) {
		t->dropped++;
		return false;
	}
	while (t->bytes + size > t->max) {
		free(ban_text_take(t, TAILQ_FIRST(&t->by_age)->slot));
		t->dropped++;
	}
	return true;
}

static struct ban_text *copy(const char *reason, size_t reason_len, const char *lines,
			     size_t lines_len)
{
	struct ban_text *x = calloc(1, sizeof(*x) + reason_len + lines_len);

	if (!x)
		return NULL;
	if (reason)
		x->reason = memcpy(x->bytes, reason, reason_len);
	if (lines)
		x->lines = memcpy(x->bytes + reason_len, lines, lines_len);
	return x;
}

void ban_text_set(struct ban_texts *t, struct ban_text **slot, const char *reason,
		  const char *lines)
{
	size_t reason_len = reason ? strlen(reason) + 1 : 0;
	size_t lines_len = lines ? strlen(lines) + 1 : 0;
	size_t size = sizeof(struct ban_text) + reason_len + lines_len + MALLOC_OVERHEAD;
	/* The new text may be part of the old one: it is freed last. */
	struct ban_text *old = ban_text_take(t, slot);
	struct ban_text *x;

	if ((!reason && !lines) || !make_room(t, size))
		goto out;
	x = copy(reason, reason_len, lines, lines_len);
	if (!x) {
		t->dropped++;
		goto out;
	}
	x->slot = slot;
	x->size = size;
	t->bytes += size;
	TAILQ_INSERT_TAIL(&t->by_age, x, age);
	*slot = x;
out:
	free(old);
}
