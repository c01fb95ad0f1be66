// SPDX-License-Identifier: GPL-2.0-or-later
#include "sieve_private.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>

/* ---- which bytes of a text to look for ----------------------------------- */

/*
 * How often a byte occurs in logs: twelve ranks further down it is half as
 * often.  Only speed depends on it.
 */
static const char by_frequency[] =
	" 0e12:sr\"ioatn.3cd56l=8,fI94pv-Eu[]7S/mhbg'PRT_CDVNyAxUO@<>wL()\\+kYWMGjFq{}"
	"BH;J#%zK!XQZ$*~|&?^`";

static void fill_frequencies(float f[static 256])
{
	for (int i = 0; i < 256; i++)
		f[i] = 0.0001f;
	for (size_t i = 0; by_frequency[i]; i++)
		f[(unsigned char)by_frequency[i]] =
			0.06f / (float)(1 << i / 12) * (1 - (float)(i % 12) / 24);
}

/* The bytes that a bucket lets pass at each place of a window. */
struct shape {
	uint16_t low[SIEVE_WINDOW], high[SIEVE_WINDOW];
};

static void add_byte(struct shape *s, int place, unsigned char c)
{
	s->low[place] |= (uint16_t)(1 << (c & 15));
	s->high[place] |= (uint16_t)(1 << (c >> 4));
}

static struct window window_at(const struct sieve_text *t, size_t at)
{
	struct window w = { 0 };

	for (size_t i = 0; i < SIEVE_WINDOW && at + i < t->len; i++) {
		unsigned char c = (unsigned char)t->s[at + i];
		uint32_t care = t->any_case && sieve_is_letter(c) ? 0xdf : 0xff;

		w.care |= care << 8 * i;
		w.bytes |= (c & care) << 8 * i;
	}
	return w;
}

static void add_window(struct shape *s, struct window w)
{
	for (int i = 0; i < SIEVE_WINDOW; i++) {
		unsigned char care = (unsigned char)(w.care >> 8 * i);
		unsigned char c = (unsigned char)(w.bytes >> 8 * i);

		if (!care) {
			s->low[i] = s->high[i] = 0xffff;
			continue;
		}
		add_byte(s, i, c);
		add_byte(s, i, c | (unsigned char)~care);
	}
}

/* The share of all places in a log that pass. */
static float cost_of(const struct shape *s, const float f[static 256])
{
	float cost = 1;

	for (int i = 0; i < SIEVE_WINDOW; i++) {
		float sum = 0;

		for (unsigned int high = s->high[i]; high; high &= high - 1)
			for (unsigned int low = s->low[i]; low; low &= low - 1)
				sum += f[__builtin_ctz(high) << 4 | __builtin_ctz(low)];
		cost *= sum < 1 ? sum : 1;
	}
	return cost;
}

static float cost_of_window(struct window w, const float f[static 256])
{
	float cost = 1;

	for (int i = 0; i < SIEVE_WINDOW; i++) {
		unsigned char care = (unsigned char)(w.care >> 8 * i);
		unsigned char c = (unsigned char)(w.bytes >> 8 * i);

		if (care)
			cost *= care == 0xff ? f[c] : f[c] + f[c | 32];
	}
	return cost;
}

static bool is_taken(const struct needle *v, size_t n, struct window w)
{
	for (size_t i = 0; i < n; i++)
		if (v[i].window.bytes == w.bytes && v[i].window.care == w.care)
			return true;
	return false;
}

/*
 * The rarest four bytes of a text; those that are known to be common only for
 * want of others, as each line that has them costs a comparison.  But if it has
 * the window of one of the @n before it, then that, which costs nothing more.
 */
static void choose_window(struct needle *v, size_t n, const float f[static 256])
{
	struct needle *own = &v[n];
	size_t last = own->text.len > SIEVE_WINDOW ? own->text.len - SIEVE_WINDOW : 0;
	float best = INFINITY;

	for (size_t at = 0; at <= last; at++) {
		struct window w = window_at(&own->text, at);
		float cost = is_taken(v, n, w) ? 0 : cost_of_window(w, f);

		if (own->text.common >> at & 1)
			cost = cost * 1000 + 0.001f;
		if (cost < best) {
			best = cost;
			own->at = (uint8_t)at;
			own->window = w;
		}
	}
}

/* ---- making one ---------------------------------------------------------- */

/* What the windows in bucket @b let pass, but for that of needle @without. */
static struct shape shape_of(const struct sieve *s, const uint8_t *bucket, int b,
			     size_t without)
{
	struct shape shape = { 0 };

	for (size_t i = 0; i < s->n; i++)
		if (bucket[i] == b && i != without)
			add_window(&shape, s->needles[i].window);
	return shape;
}

/* The bucket that the window of needle @i makes the least worse. */
static uint8_t choose_bucket(const struct sieve *s, const uint8_t *bucket, size_t i,
			     const float f[static 256])
{
	float best = 2;
	uint8_t chosen = 0;

	for (uint8_t b = 0; b < SIEVE_BUCKETS; b++) {
		struct shape shape = shape_of(s, bucket, b, i);
		float more = -cost_of(&shape, f);

		add_window(&shape, s->needles[i].window);
		more += cost_of(&shape, f);
		if (more < best) {
			best = more;
			chosen = b;
		}
	}
	return chosen;
}

static void add_entry(struct sieve *s, uint32_t hash, uint16_t needle)
{
	s->entries[s->n_entries] = (struct entry){ needle, s->heads[hash] };
	s->heads[hash] = s->n_entries++;
	s->seen[hash / 64] |= 1ull << hash % 64;
}

static void add_entries(struct sieve *s, uint16_t needle)
{
	struct window w = s->needles[needle].window;
	uint32_t free = ~w.care & 0xffffff, bits = 0;

	do {
		add_entry(s, sieve_hash(w.bytes | bits), needle);
		bits = (bits - free) & free;	/* the next subset of @free */
	} while (bits);
}

/* A letter in any case is two bytes, of which the other one leads here, too. */
static void add_first(struct sieve *s, uint16_t needle)
{
	struct needle *n = &s->needles[needle];
	unsigned char c = (unsigned char)n->text.s[0];

	if (n->text.any_case && sieve_is_letter(c))
		c |= 32;
	n->next = s->by_first[c];
	s->by_first[c] = needle;
	if (n->text.len > s->longest)
		s->longest = n->text.len;
}

static void fill_tables(struct sieve_tables *t, struct shape shape, int b)
{
	for (int i = 0; i < SIEVE_WINDOW; i++) {
		for (int k = 0; k < 16; k++) {
			t->low[i][k] |= (uint8_t)((shape.low[i] >> k & 1) << b);
			t->high[i][k] |= (uint8_t)((shape.high[i] >> k & 1) << b);
		}
	}
}

/* When all buckets are in. */
static void fill_whole(struct sieve_tables *t)
{
	for (unsigned int c = 0; c < 256; c++)
		for (int i = 0; i < SIEVE_WINDOW; i++)
			t->whole[c] |= (uint32_t)(t->low[i][c & 15] & t->high[i][c >> 4]) << 8 * i;
}

static void fill(struct sieve *s)
{
	uint8_t bucket[SIEVE_TEXTS_MAX];
	float f[256];

	fill_frequencies(f);
	memset(bucket, SIEVE_BUCKETS, sizeof(bucket));
	memset(s->heads, 0xff, sizeof(s->heads));
	memset(s->by_first, 0xff, sizeof(s->by_first));
	for (size_t i = 0; i < s->n; i++) {
		choose_window(s->needles, i, f);
		add_entries(s, (uint16_t)i);
		add_first(s, (uint16_t)i);
	}
	/* Once more, now that each knows where the others are. */
	for (int round = 0; round < 2; round++)
		for (size_t i = 0; i < s->n; i++)
			bucket[i] = choose_bucket(s, bucket, i, f);
	for (int b = 0; b < SIEVE_BUCKETS; b++)
		fill_tables(&s->tables, shape_of(s, bucket, b, SIZE_MAX), b);
	fill_whole(&s->tables);
}

static int check(const struct sieve_text *texts, size_t n)
{
	if (n > SIEVE_TEXTS_MAX)
		return -ENOSPC;
	for (size_t i = 0; i < n; i++)
		if (texts[i].len < SIEVE_TEXT_MIN || texts[i].len > SIEVE_TEXT_MAX)
			return -EINVAL;
	return 0;
}

int sieve_new(struct sieve **out, const struct sieve_text *texts, size_t n,
	      uint64_t always)
{
	int err = check(texts, n);
	struct sieve *s;

	if (err)
		return err;
	s = calloc(1, sizeof(*s) + n * sizeof(*s->needles));
	if (!s)
		return -ENOMEM;
	s->entries = calloc(n * SPELLINGS + 1, sizeof(*s->entries));
	if (!s->entries) {
		sieve_free(s);
		return -ENOMEM;
	}
	s->scan = sieve_scan_best();
	s->always = always;
	s->n = n;
	for (size_t i = 0; i < n; i++)
		s->needles[i].text = texts[i];
	fill(s);
	*out = s;
	return 0;
}

void sieve_free(struct sieve *s)
{
	if (!s)
		return;
	free(s->entries);
	free(s);
}

int sieve_leave_out(struct sieve **s, uint64_t marks)
{
	const struct sieve *old = *s;
	struct sieve_text *texts = calloc(old->n + 1, sizeof(*texts));
	struct sieve *less;
	size_t n = 0;
	int err;

	if (!texts)
		return -ENOMEM;
	for (size_t i = 0; i < old->n; i++)
		if (old->needles[i].text.marks & ~marks)
			texts[n++] = old->needles[i].text;
	err = sieve_new(&less, texts, n, old->always);
	free(texts);
	if (err)
		return err;
	sieve_free(*s);
	*s = less;
	return 0;
}

void sieve_slow(struct sieve *s)
{
	s->scan = sieve_scan_bytes;
}

void sieve_each(const struct sieve *s,
		void (*fn)(void *ctx, const struct sieve_text *text), void *ctx)
{
	for (size_t i = 0; i < s->n; i++)
		fn(ctx, &s->needles[i].text);
}

const char *sieve_kind(void)
{
	return sieve_scan_best() == sieve_scan_bytes ? "bytes" : "AVX2";
}
