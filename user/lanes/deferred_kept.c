// SPDX-License-Identifier: GPL-2.0-or-later
/* Failures that wait, written down and taken back. */
#include "lanes/deferred_private.h"

#include <errno.h>
#include <stdlib.h>

#include "base/str.h"

static const char key_begin[] = "waiting";	/* no id begins so; then the serial number */

enum { KEY_LEN = sizeof(key_begin) + 8, KEPT_VERSION = 1 };

/* What the database has of one; its id and its lines follow. */
struct kept {
	int64_t when_us;
	int32_t regex;
	uint32_t id_len;
	uint8_t version, asked, proven;
	struct ipaddr addr;
};

static void make_key(const struct waiting *w, uint8_t key[static KEY_LEN])
{
	memcpy(key, key_begin, sizeof(key_begin));
	/* The most important byte first: they come back in the order of arrival. */
	for (int i = 0; i < 8; i++)
		key[sizeof(key_begin) + i] = (uint8_t)(w->serial >> (56 - 8 * i));
}

bool deferred_is_key(const void *key, size_t key_len)
{
	return key_len == KEY_LEN && !memcmp(key, key_begin, sizeof(key_begin));
}

static bool write_down(struct waiting *w, deferred_export_fn *fn, void *ctx)
{
	const struct lane_failure *f = &w->failure;
	size_t len = w->line.len < DEFERRED_TEXT ? w->line.len : DEFERRED_TEXT;
	uint8_t key[KEY_LEN];
	struct str s = { 0 };
	struct kept k;
	bool done;

	memset(&k, 0, sizeof(k));	/* the bytes between its members, too */
	k.when_us = f->when.us;
	k.regex = f->regex;
	k.id_len = (uint32_t)f->id.len;
	k.version = KEPT_VERSION;
	k.asked = w->asked;
	k.proven = f->proven;
	k.addr = f->addr;
	str_add(&s, (const char *)&k, sizeof(k));
	str_add(&s, f->id.s, f->id.len);
	str_add(&s, w->line.s, len);
	done = !s.failed;
	make_key(w, key);
	if (done)
		fn(ctx, w->jail, key, KEY_LEN, s.s, s.len);
	str_fini(&s);
	return done;
}

static void strike_out(const struct waiting *w, deferred_export_fn *fn, void *ctx)
{
	uint8_t key[KEY_LEN];

	make_key(w, key);
	fn(ctx, w->jail, key, KEY_LEN, NULL, 0);
}

void deferred_export(struct deferred *d, deferred_export_fn *fn, void *ctx)
{
	struct waiting *w;

	while ((w = d->gone)) {
		d->gone = w->next;
		strike_out(w, fn, ctx);
		free(w);
	}
	for (w = d->list; w; w = w->next) {
		if (w->lane && !w->saved) {
			w->saved = write_down(w, fn, ctx);
		} else if (!w->lane && w->saved) {
			strike_out(w, fn, ctx);
			w->saved = false;
		}
	}
}

/* What has gone stays to be struck out: that does no harm. */
void deferred_touch(struct deferred *d)
{
	for (struct waiting *w = d->list; w; w = w->next)
		w->saved = false;
}

/* Three centuries around 1970: differences do not overflow. */
static bool is_time(int64_t us)
{
	return us >= INT64_MIN / 1024 && us <= INT64_MAX / 1024;
}

static bool is_kept(const struct kept *k, size_t len)
{
	return is_time(k->when_us) &&
	       k->version == KEPT_VERSION && k->id_len <= len - sizeof(*k) &&
	       k->asked <= 1 && k->proven <= 1 &&
	       (!k->addr.family || (k->addr.family == 4 && k->addr.prefix <= 32) ||
		(k->addr.family == 6 && k->addr.prefix <= 128)) &&
	       (!k->asked || k->addr.family);
}

int deferred_import(struct deferred *d, struct lane *lane, const void *key,
		    size_t key_len, const void *value, size_t value_len)
{
	const uint8_t *serial = (const uint8_t *)key + sizeof(key_begin);
	const char *text = (const char *)value + sizeof(struct kept);
	struct window_text line;
	struct lane_failure f;
	struct waiting *w;
	struct kept k;

	if (!deferred_is_key(key, key_len) || value_len < sizeof(k))
		return -EINVAL;
	memcpy(&k, value, sizeof(k));
	if (!is_kept(&k, value_len))
		return -EINVAL;
	line = (struct window_text){ text + k.id_len, value_len - sizeof(k) - k.id_len };
	f = (struct lane_failure){
		.id = { text, k.id_len }, .addr = k.addr, .when = { k.when_us },
		.regex = k.regex, .proven = k.proven, .lines = &line, .n_lines = line.len > 0,
	};
	w = deferred_wait(d, lane, &f);
	if (!w)
		return -EINVAL;		/* counted; the rest is to be read all the same */
	w->serial = 0;
	for (int i = 0; i < 8; i++)
		w->serial = w->serial << 8 | serial[i];
	d->serial = w->serial > d->serial ? w->serial : d->serial;
	w->saved = true;
	if (k.asked)
		deferred_wait_for_command(w);
	return loop_timer_in(d->loop, &d->begin, 0);
}
