// SPDX-License-Identifier: GPL-2.0-or-later
#include "sieve.h"

#include "sieve_scan.h"

#include <errno.h>
#include <stdlib.h>

struct needle {
	struct sieve_text text;
	uint8_t at;		/* of its window, which is looked for first */
	uint32_t window, care;	/* its bytes; those that count, as 0xff */
};

struct sieve {
	struct sieve_tables tables;
	sieve_scan_fn *scan;
	uint64_t always;
	uint16_t first[SIEVE_BUCKETS + 1];	/* of each bucket's needles */
	size_t n;
	struct needle needles[];
};

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

static bool is_letter(unsigned char c)
{
	return (unsigned char)((c | 32) - 'a') < 26;
}

static void add_byte(struct shape *s, int place, unsigned char c)
{
	s->low[place] |= (uint16_t)(1 << (c & 15));
	s->high[place] |= (uint16_t)(1 << (c >> 4));
}

static void add_window(struct shape *s, const struct needle *n)
{
	for (int i = 0; i < SIEVE_WINDOW; i++) {
		unsigned char c = (unsigned char)n->text.s[n->at + i];

		if (n->at + i >= n->text.len) {
			s->low[i] = s->high[i] = 0xffff;
			continue;
		}
		add_byte(s, i, c);
		if (n->text.any_case && is_letter(c))
			add_byte(s, i, c ^ 32);
	}
}

static bool lets_pass(const struct shape *s, int place, int c)
{
	return s->low[place] >> (c & 15) & s->high[place] >> (c >> 4) & 1;
}

/* The share of all places in a log that pass. */
static float cost_of(const struct shape *s, const float f[static 256])
{
	float cost = 1;

	for (int i = 0; i < SIEVE_WINDOW; i++) {
		float sum = 0;

		for (int c = 0; c < 256; c++)
			if (lets_pass(s, i, c))
				sum += f[c];
		cost *= sum < 1 ? sum : 1;
	}
	return cost;
}

static void set_window(struct needle *n)
{
	n->window = n->care = 0;
	for (int i = 0; i < SIEVE_WINDOW && n->at + i < n->text.len; i++) {
		unsigned char c = (unsigned char)n->text.s[n->at + i];
		uint32_t care = n->text.any_case && is_letter(c) ? 0xdf : 0xff;

		n->care |= care << 8 * i;
		n->window |= (c & care) << 8 * i;
	}
}

static bool has_window(const struct needle *n, size_t at, const struct needle *other)
{
	struct needle copy = *n;

	copy.at = (uint8_t)at;
	set_window(&copy);
	return copy.window == other->window && copy.care == other->care;
}

/*
 * The rarest four bytes of a text, but if it has the window of one of the @n
 * before it, then that, which costs nothing more.
 */
static void choose_window(struct needle *v, size_t n, const float f[static 256])
{
	struct needle *own = &v[n];
	size_t last = own->text.len > SIEVE_WINDOW ? own->text.len - SIEVE_WINDOW : 0;
	float best = 2;

	for (size_t at = 0; at <= last; at++) {
		struct needle copy = *own;
		struct shape shape = { 0 };
		float cost;

		copy.at = (uint8_t)at;
		add_window(&shape, &copy);
		cost = cost_of(&shape, f);
		for (size_t i = 0; i < n; i++)
			if (has_window(own, at, &v[i]))
				cost = 0;
		if (cost < best) {
			best = cost;
			own->at = (uint8_t)at;
		}
	}
	set_window(own);
}

/* ---- making one ---------------------------------------------------------- */

/* The bucket that @n makes the least worse. */
static int choose_bucket(const struct shape shapes[static SIEVE_BUCKETS],
			 const struct needle *n, const float f[static 256])
{
	float best = 2;
	int bucket = 0;

	for (int i = 0; i < SIEVE_BUCKETS; i++) {
		struct shape with = shapes[i];
		float more = -cost_of(&with, f);

		add_window(&with, n);
		more += cost_of(&with, f);
		if (more < best) {
			best = more;
			bucket = i;
		}
	}
	return bucket;
}

static void fill_tables(struct sieve_tables *t, const struct shape shapes[static SIEVE_BUCKETS])
{
	for (int b = 0; b < SIEVE_BUCKETS; b++) {
		for (int i = 0; i < SIEVE_WINDOW; i++) {
			for (int k = 0; k < 16; k++) {
				t->low[i][k] |= (uint8_t)((shapes[b].low[i] >> k & 1) << b);
				t->high[i][k] |= (uint8_t)((shapes[b].high[i] >> k & 1) << b);
			}
		}
	}
}

/* Sort the needles by their @bucket. */
static int sort_needles(struct sieve *s, const uint8_t *bucket)
{
	struct needle *sorted = calloc(s->n ? s->n : 1, sizeof(*sorted));
	size_t to = 0;

	if (!sorted)
		return -ENOMEM;
	for (int b = 0; b < SIEVE_BUCKETS; b++) {
		s->first[b] = (uint16_t)to;
		for (size_t i = 0; i < s->n; i++)
			if (bucket[i] == b)
				sorted[to++] = s->needles[i];
	}
	s->first[SIEVE_BUCKETS] = (uint16_t)to;
	memcpy(s->needles, sorted, s->n * sizeof(*sorted));
	free(sorted);
	return 0;
}

static int fill(struct sieve *s)
{
	struct shape shapes[SIEVE_BUCKETS] = { 0 };
	uint8_t bucket[SIEVE_TEXTS_MAX];
	float frequencies[256];

	fill_frequencies(frequencies);
	for (size_t i = 0; i < s->n; i++) {
		choose_window(s->needles, i, frequencies);
		bucket[i] = (uint8_t)choose_bucket(shapes, &s->needles[i], frequencies);
		add_window(&shapes[bucket[i]], &s->needles[i]);
	}
	fill_tables(&s->tables, shapes);
	return sort_needles(s, bucket);
}

int sieve_new(struct sieve **out, const struct sieve_text *texts, size_t n,
	      uint64_t always)
{
	struct sieve *s;
	int err;

	if (n > SIEVE_TEXTS_MAX)
		return -ENOSPC;
	s = calloc(1, sizeof(*s) + n * sizeof(*s->needles));
	if (!s)
		return -ENOMEM;
	s->scan = sieve_scan_best();
	s->always = always;
	s->n = n;
	for (size_t i = 0; i < n; i++)
		s->needles[i].text = texts[i];
	err = fill(s);
	if (err) {
		sieve_free(s);
		return err;
	}
	*out = s;
	return 0;
}

void sieve_free(struct sieve *s)
{
	free(s);
}

void sieve_slow(struct sieve *s)
{
	s->scan = sieve_scan_bytes;
}

const char *sieve_kind(void)
{
	return sieve_scan_best() == sieve_scan_bytes ? "bytes" : "AVX2";
}

/* ---- comparing ----------------------------------------------------------- */

static bool same_letters(const char *a, const char *b, size_t len)
{
	for (size_t i = 0; i < len; i++) {
		unsigned char c = (unsigned char)a[i];

		if (a[i] != b[i] && (!is_letter(c) || (a[i] ^ b[i]) != 32))
			return false;
	}
	return true;
}

static bool is_at(const struct needle *n, const char *data, size_t len, size_t at)
{
	if (at < n->at || at - n->at + n->text.len > len)
		return false;
	data += at - n->at;
	if (n->text.any_case)
		return same_letters(data, n->text.s, n->text.len);
	return !memcmp(data, n->text.s, n->text.len);
}

/* The marks of all texts whose window is at @at. */
static uint64_t look_at(const struct sieve *s, const char *data, size_t len, size_t at)
{
	unsigned char bytes[SIEVE_WINDOW] = { 0 };
	uint64_t marks = 0;
	unsigned int buckets;
	uint32_t window;

	memcpy(bytes, data + at, len - at < SIEVE_WINDOW ? len - at : SIEVE_WINDOW);
	memcpy(&window, bytes, sizeof(window));
	window = sieve_little_endian(window);
	for (buckets = sieve_buckets(&s->tables, bytes); buckets; buckets &= buckets - 1) {
		int b = __builtin_ctz(buckets);

		for (size_t i = s->first[b]; i < s->first[b + 1]; i++)
			if ((window & s->needles[i].care) == s->needles[i].window &&
			    is_at(&s->needles[i], data, len, at))
				marks |= s->needles[i].text.marks;
	}
	return marks;
}

/* ---- walking ------------------------------------------------------------- */

void sieve_begin(struct sieve_walk *w, const struct sieve *s, const char *data,
		 size_t len)
{
	w->sieve = s;
	w->data = data;
	w->len = len;
	w->line = w->block = 0;
	w->word = w->n_words = 0;
	w->maybe = w->ends = 0;
}

/* False: there are no more bytes. */
static bool next_word(struct sieve_walk *w)
{
	if (++w->word >= w->n_words) {
		w->block += w->n_words * 64;
		if (w->block >= w->len)
			return false;
		w->n_words = (w->len - w->block + 63) / 64;
		if (w->n_words > SIEVE_WORDS)
			w->n_words = SIEVE_WORDS;
		w->sieve->scan(&w->sieve->tables, w->data, w->len, w->block,
			       w->n_words, w->words[0], w->words[1]);
		w->word = 0;
	}
	w->maybe = w->words[0][w->word];
	w->ends = w->words[1][w->word];
	return true;
}

static uint64_t look_at_all(const struct sieve_walk *w, uint64_t maybe)
{
	size_t base = w->block + w->word * 64;
	uint64_t marks = 0;

	for (; maybe; maybe &= maybe - 1)
		marks |= look_at(w->sieve, w->data, w->len,
				 base + (size_t)__builtin_ctzll(maybe));
	return marks;
}

static void take_line(struct sieve_walk *w, size_t end, const char **line, size_t *len)
{
	const char *begin = w->data + w->line, *stop = w->data + end;

	while (stop > begin && stop[-1] == '\r')
		stop--;
	*line = begin;
	*len = (size_t)(stop - begin);
	w->line = end + 1;
}

/* The words up to the one in which the line ends; false: it has no end. */
static bool find_end(struct sieve_walk *w, uint64_t *marks)
{
	while (!w->ends) {
		if (w->maybe)
			*marks |= look_at_all(w, w->maybe);
		if (!next_word(w)) {
			w->maybe = w->ends = 0;
			return false;
		}
	}
	return true;
}

bool sieve_next(struct sieve_walk *w, const char **line, size_t *len,
		uint64_t *marks)
{
	uint64_t mine;

	*marks = w->sieve->always;
	if (!find_end(w, marks)) {
		if (w->line >= w->len)
			return false;
		take_line(w, w->len, line, len);
		return true;
	}
	/* What is below the lowest bit of @ends belongs to this line. */
	mine = w->maybe & (w->ends ^ (w->ends - 1));
	if (mine)
		*marks |= look_at_all(w, mine);
	w->maybe ^= mine;
	take_line(w, w->block + w->word * 64 + (size_t)__builtin_ctzll(w->ends), line, len);
	w->ends &= w->ends - 1;
	return true;
}

uint64_t sieve_marks(const struct sieve *s, const char *text, size_t len)
{
	uint64_t marks = s->always;

	for (size_t i = 0; i < len; i++)
		marks |= look_at(s, text, len, i);
	return marks;
}

uint64_t sieve_count(const char *data, size_t len)
{
	return sieve_scan_count()(data, len);
}
