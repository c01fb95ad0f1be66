// SPDX-License-Identifier: GPL-2.0-or-later
#include "sieve_scan.h"

/* SIEVE_PORTABLE: as on other machines, for tests and comparisons. */
#if defined(__x86_64__) && !defined(SIEVE_PORTABLE)
#define SIEVE_AVX2
#endif

#if defined(SIEVE_AVX2)
#include <immintrin.h>
#endif

#define WORD	64

/* ---- one byte after the other -------------------------------------------- */

/*
 * Shift-and: byte i of @state are the buckets that agree with the last i + 1 bytes,
 * so its highest byte those of a whole window that ends here.
 */
static inline uint32_t advance(const struct sieve_tables *t, uint32_t state, unsigned char c)
{
	return (state << 8 | 0xff) & t->whole[c];
}

static void scan_word(const struct sieve_tables *t, const unsigned char *p,
		      uint64_t *maybe, uint64_t *ends)
{
	uint64_t found = 0, newlines = 0;
	uint32_t state = 0;

	_Static_assert(SIEVE_WINDOW == sizeof(state), "a byte for each place");
	for (int i = 0; i < SIEVE_WINDOW - 1; i++)
		state = advance(t, state, p[i]);
	for (int i = 0; i < WORD; i++) {
		state = advance(t, state, p[i + SIEVE_WINDOW - 1]);
		found |= (uint64_t)(state >> 24 != 0) << i;
		newlines |= (uint64_t)(p[i] == '\n') << i;
	}
	*maybe = found;
	*ends = newlines;
}

/* The end of the data, where nothing may be read behind it. */
static void scan_last(const struct sieve_tables *t, const char *data, size_t left,
		      uint64_t *maybe, uint64_t *ends)
{
	unsigned char copy[WORD + SIEVE_WINDOW] = { 0 };

	memcpy(copy, data, left < sizeof(copy) ? left : sizeof(copy));
	scan_word(t, copy, maybe, ends);
	if (left < WORD)
		*maybe &= (1ull << left) - 1;
}

void sieve_scan_bytes(const struct sieve_tables *t, const char *data, size_t len,
		      size_t from, size_t n_words, uint64_t *maybe, uint64_t *ends)
{
	for (size_t i = 0; i < n_words; i++, from += WORD) {
		if (len - from >= WORD + SIEVE_WINDOW)
			scan_word(t, (const unsigned char *)data + from, &maybe[i], &ends[i]);
		else
			scan_last(t, data + from, len - from, &maybe[i], &ends[i]);
	}
}

static uint64_t count_bytes(const char *data, size_t len)
{
	uint64_t n = 0;

	for (size_t i = 0; i < len; i++)
		n += data[i] == '\n';
	return n;
}

/* ---- 32 bytes at once ---------------------------------------------------- */

#if defined(SIEVE_AVX2)

#define AVX2 __attribute__((target("avx2,bmi,popcnt")))

struct tables32 {
	__m256i low[SIEVE_WINDOW], high[SIEVE_WINDOW];
};

AVX2 static inline __m256i twice(const uint8_t table[static 16])
{
	return _mm256_broadcastsi128_si256(_mm_loadu_si128((const __m128i *)table));
}

AVX2 static inline __m256i load(const char *p)
{
	return _mm256_loadu_si256((const __m256i *)p);
}

/* A bit for each byte that is not zero. */
AVX2 static inline uint32_t set_bytes(__m256i v)
{
	return ~(uint32_t)_mm256_movemask_epi8(_mm256_cmpeq_epi8(v, _mm256_setzero_si256()));
}

AVX2 static inline uint32_t newlines(const char *p)
{
	return (uint32_t)_mm256_movemask_epi8(_mm256_cmpeq_epi8(load(p),
							       _mm256_set1_epi8('\n')));
}

AVX2 static inline __m256i at_place(const struct tables32 *t, int i, const char *p)
{
	const __m256i half = _mm256_set1_epi8(15);
	__m256i v = load(p + i);
	__m256i low = _mm256_and_si256(v, half);
	__m256i high = _mm256_and_si256(_mm256_srli_epi16(v, 4), half);

	return _mm256_and_si256(_mm256_shuffle_epi8(t->low[i], low),
				_mm256_shuffle_epi8(t->high[i], high));
}

/* Written out, so that all tables stay in registers. */
AVX2 static inline __m256i buckets32(const struct tables32 *t, const char *p)
{
	_Static_assert(SIEVE_WINDOW == 4, "all places are looked at");
	return _mm256_and_si256(_mm256_and_si256(at_place(t, 0, p), at_place(t, 1, p)),
				_mm256_and_si256(at_place(t, 2, p), at_place(t, 3, p)));
}

AVX2 static void scan_avx2(const struct sieve_tables *t, const char *data, size_t len,
			   size_t from, size_t n_words, uint64_t *maybe, uint64_t *ends)
{
	struct tables32 wide;
	size_t i = 0;

	for (int k = 0; k < SIEVE_WINDOW; k++) {
		wide.low[k] = twice(t->low[k]);
		wide.high[k] = twice(t->high[k]);
	}
	for (; i < n_words && len - from >= WORD + SIEVE_WINDOW; i++, from += WORD) {
		const char *p = data + from;

		maybe[i] = set_bytes(buckets32(&wide, p)) |
			   (uint64_t)set_bytes(buckets32(&wide, p + 32)) << 32;
		ends[i] = newlines(p) | (uint64_t)newlines(p + 32) << 32;
	}
	/* Else all that comes, up to the next call, is slower. */
	_mm256_zeroupper();
	for (; i < n_words; i++, from += WORD)
		scan_last(t, data + from, len - from, &maybe[i], &ends[i]);
}

AVX2 static uint64_t count_avx2(const char *data, size_t len)
{
	uint64_t n = 0;

	for (; len >= WORD; data += WORD, len -= WORD)
		n += (uint64_t)__builtin_popcountll(newlines(data) |
						    (uint64_t)newlines(data + 32) << 32);
	return n + count_bytes(data, len);
}

#endif

/* ---- which --------------------------------------------------------------- */

#if defined(SIEVE_AVX2)
static bool has_avx2(void)
{
	return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("bmi") &&
	       __builtin_cpu_supports("popcnt");
}
#endif

sieve_scan_fn *sieve_scan_best(void)
{
#if defined(SIEVE_AVX2)
	if (has_avx2())
		return scan_avx2;
#endif
	return sieve_scan_bytes;
}

sieve_count_fn *sieve_scan_count(void)
{
#if defined(SIEVE_AVX2)
	if (has_avx2())
		return count_avx2;
#endif
	return count_bytes;
}
