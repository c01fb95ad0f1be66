// SPDX-License-Identifier: GPL-2.0-or-later
/* Who is known, until when, and what the database has of it. */
#include "sip/standing.h"

#include <errno.h>
#include <stdio.h>

#include "../t.h"

#define AGE	(7 * 86400 * US_PER_S)
static const wall_t now = { 1700000000 * US_PER_S };

static struct ipaddr addr(const char *text)
{
	struct ipaddr a;

	ipaddr_parse(text, strlen(text), &a);
	return a;
}

static wall_t after(int64_t s)
{
	return (wall_t){ now.us + s * US_PER_S };
}

static void test_life(void)
{
	struct standing *s = standing_new(10);
	struct ipaddr a = addr("192.0.2.1"), b = addr("2001:db8::1");

	t_is("nobody fades", (int64_t)standing_fade(s, after(8 * 86400)), 0);
	t_is("new: tell it", standing_note(s, &a, now, AGE), 1);
	t_is("again: no need", standing_note(s, &a, after(60), AGE), 0);
	t_is("but it is longer", standing_until(s, &a).us, after(60).us + AGE);
	t_is("much later: tell it", standing_note(s, &a, after(10000), AGE), 1);
	t_is("the clock went back", standing_note(s, &a, after(-100000), AGE), 1);
	t_is("another", standing_note(s, &b, after(10), AGE), 1);
	t_is("both", (int64_t)standing_count(s), 2);
	t_is("not yet", (int64_t)standing_fade(s, after(-100000 + 7 * 86400 - 1)), 0);
	t_is("now", (int64_t)standing_fade(s, after(-100000 + 7 * 86400)), 1);
	t_is("gone", standing_until(s, &a).us, 0);
	t_is("the other one", (int64_t)standing_fade(s, after(10 + 7 * 86400)), 1);
	t_is("nobody", (int64_t)standing_count(s), 0);
	t_is("comes back", standing_note(s, &a, now, AGE), 1);
	standing_free(s);
	standing_free(NULL);
}

static void test_full(void)
{
	struct standing *s = standing_new(3);
	struct ipaddr a[4] = {
		addr("192.0.2.1"), addr("192.0.2.2"), addr("192.0.2.3"), addr("192.0.2.4"),
	};

	standing_note(s, &a[0], after(3), AGE);
	standing_note(s, &a[1], after(1), AGE);
	standing_note(s, &a[2], after(2), AGE);
	t_is("one more", standing_note(s, &a[3], after(4), AGE), 1);
	t_is("no more than that", (int64_t)standing_count(s), 3);
	t_is("who would fade first is gone", standing_until(s, &a[1]).us, 0);
	t_is("counted", (int64_t)standing_evicted(s), 1);
	standing_free(s);
}

/* ---- the database ---- */

struct record { uint8_t key[32], value[32]; size_t key_len, value_len; };
struct file { struct record v[16]; size_t n, written; };

static void save(void *ctx, const void *key, size_t key_len, const void *value, size_t value_len)
{
	struct file *f = ctx;
	size_t i = 0;

	f->written++;
	while (i < f->n && (f->v[i].key_len != key_len || memcmp(f->v[i].key, key, key_len)))
		i++;
	if (!value) {
		t_ok("only what is there is deleted", i < f->n);
		f->v[i] = f->v[--f->n];
		return;
	}
	f->n += i == f->n;
	memcpy(f->v[i].key, key, key_len);
	memcpy(f->v[i].value, value, value_len);
	f->v[i].key_len = key_len;
	f->v[i].value_len = value_len;
}

static struct standing *load(const struct file *f)
{
	struct standing *s = standing_new(10);

	for (size_t i = 0; i < f->n; i++)
		t_is("read back", standing_import(s, f->v[i].key, f->v[i].key_len,
						  f->v[i].value, f->v[i].value_len), 0);
	return s;
}

static void test_database(void)
{
	struct standing *s = standing_new(10), *copy;
	struct ipaddr a = addr("192.0.2.1"), b = addr("2001:db8::1"), c = addr("192.0.2.3");
	struct file f = { 0 };

	standing_note(s, &a, now, AGE);
	standing_note(s, &b, now, AGE);
	standing_note(s, &c, now, US_PER_S);
	standing_fade(s, after(1));
	standing_export(s, save, &f);
	t_is("who came and went is not written", (int64_t)f.written, 2);
	standing_note(s, &a, after(1), AGE);
	standing_export(s, save, &f);
	t_is("what did not change is not", (int64_t)f.written, 2);
	copy = load(&f);
	t_is("all are back", (int64_t)standing_count(copy), 2);
	t_is("until then", standing_until(copy, &b).us, now.us + AGE);
	standing_export(copy, save, &f);
	t_is("nothing to write", (int64_t)f.written, 2);
	standing_fade(copy, after(8 * 86400));
	standing_export(copy, save, &f);
	t_is("they fade there, too", (int64_t)f.n, 0);
	standing_touch(s);
	standing_export(s, save, &f);
	t_is("all of it for a new file", (int64_t)f.n, 2);
	standing_fade(s, after(8 * 86400));
	standing_note(s, &a, now, AGE);
	standing_note(s, &b, now, AGE);
	standing_export(s, save, &f);
	t_is("back before it was deleted", (int64_t)f.n, 2);
	standing_free(s);
	standing_free(copy);
}

static void test_garbage(void)
{
	struct standing *s = standing_new(10);
	uint8_t key[18] = { 1, 4, 192, 0, 2, 1 }, value[9] = { 1, 1 };

	t_is("short", standing_import(s, key, 1, value, 9), -EINVAL);
	t_is("of another length", standing_import(s, key, 18, value, 9), -EINVAL);
	t_is("no value", standing_import(s, key, 6, value, 8), -EINVAL);
	value[0] = 2;
	t_is("a later version", standing_import(s, key, 6, value, 9), -EINVAL);
	value[0] = 1;
	value[8] = 0x80;
	t_is("no time", standing_import(s, key, 6, value, 9), -EINVAL);
	value[8] = 0;
	value[7] = 0x80;
	t_is("later than can be reckoned with", standing_import(s, key, 6, value, 9), -EINVAL);
	value[7] = 0;
	key[1] = 5;
	t_is("no family", standing_import(s, key, 6, value, 9), -EINVAL);
	key[1] = 4;
	t_is("and this is good", standing_import(s, key, 6, value, 9), 0);
	standing_free(s);
}

int main(void)
{
	test_life();
	test_full();
	test_database();
	test_garbage();
	return t_done();
}
