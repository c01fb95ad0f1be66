// SPDX-License-Identifier: GPL-2.0-or-later
#include "sieve_private.h"

/* ---- comparing ----------------------------------------------------------- */

static bool same_letters(const char *a, const char *b, size_t len)
{
	for (size_t i = 0; i < len; i++) {
		unsigned char c = (unsigned char)a[i];

		if (a[i] != b[i] && (!sieve_is_letter(c) || (a[i] ^ b[i]) != 32))
			return false;
	}
	return true;
}

static inline bool same_word(const char *a, const char *b)
{
	uint64_t v, w;

	memcpy(&v, a, sizeof(v));
	memcpy(&w, b, sizeof(w));
	return v == w;
}

/* As memcmp(), which costs more than this to call. */
static inline bool same_bytes(const char *a, const char *b, size_t len)
{
	size_t i = 0;

	if (len < 8) {
		while (i < len && a[i] == b[i])
			i++;
		return i == len;
	}
	for (; i + 8 <= len; i += 8)
		if (!same_word(a + i, b + i))
			return false;
	return same_word(a + len - 8, b + len - 8);
}

static inline bool same(const struct needle *n, const char *data, size_t from, size_t len)
{
	if (n->text.any_case)
		return same_letters(data, n->text.s + from, len);
	return same_bytes(data, n->text.s + from, len);
}

static bool is_at(const struct needle *n, const char *data, size_t len, size_t at)
{
	return at >= n->at && at - n->at + n->text.len <= len &&
	       same(n, data + at - n->at, 0, n->text.len);
}

static uint64_t compare(const struct sieve *s, const char *data, size_t len, size_t at,
			uint32_t bytes)
{
	uint16_t i = s->heads[sieve_hash(bytes)];
	uint64_t marks = 0;

	for (; i != NO_ENTRY; i = s->entries[i].next) {
		const struct needle *n = &s->needles[s->entries[i].needle];

		if ((bytes & n->window.care) == n->window.bytes && is_at(n, data, len, at))
			marks |= n->text.marks;
	}
	return marks;
}

/* What is behind the end of the data counts as zeros. */
static inline uint32_t window_in(const char *data, size_t len, size_t at)
{
	uint32_t bytes = 0;

	/* Of a size that is known, or copying four bytes is a call. */
	if (len - at >= SIEVE_WINDOW)
		memcpy(&bytes, data + at, SIEVE_WINDOW);
	else
		memcpy(&bytes, data + at, len - at);
	return sieve_little_endian(bytes);
}

/* The marks of all texts whose window is at @at. */
static inline uint64_t look_at(const struct sieve *s, const char *data, size_t len,
			       size_t at)
{
	uint32_t bytes = window_in(data, len, at), hash = sieve_hash(bytes);

	if (!(s->seen[hash / 64] >> hash % 64 & 1))
		return 0;
	return compare(s, data, len, at, bytes);
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

/* The text begins in the last @n bytes before @a_end, and ends behind @b. */
static bool is_across(const struct needle *t, const char *a_end, size_t n,
		      const char *b, size_t b_len)
{
	return t->text.len > n && t->text.len - n <= b_len &&
	       same(t, a_end - n, 0, n) && same(t, b, n, t->text.len - n);
}

static uint64_t marks_from(const struct sieve *s, uint16_t first, const char *a_end,
			   size_t n, const char *b, size_t b_len)
{
	uint64_t marks = 0;

	for (uint16_t i = first; i != NO_NEEDLE; i = s->needles[i].next)
		if (is_across(&s->needles[i], a_end, n, b, b_len))
			marks |= s->needles[i].text.marks;
	return marks;
}

uint64_t sieve_marks_across(const struct sieve *s, const char *a, size_t a_len,
			    const char *b, size_t b_len)
{
	const char *a_end = a + a_len;
	uint64_t marks = 0;

	for (size_t n = 1; n < s->longest && n <= a_len; n++) {
		unsigned char c = (unsigned char)a_end[-(ptrdiff_t)n];

		marks |= marks_from(s, s->by_first[c], a_end, n, b, b_len);
		if (sieve_is_letter(c) && !(c & 32))
			marks |= marks_from(s, s->by_first[c | 32], a_end, n, b, b_len);
	}
	return marks;
}

uint64_t sieve_count(const char *data, size_t len)
{
	return sieve_scan_count()(data, len);
}
