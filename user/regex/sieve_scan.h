/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * sieve_scan - bytes into bits: the inner loops of sieve.c, for what the
 * processor can do.  The way that Hyperscan's Teddy finds many texts at once:
 * each half of a byte picks, from a table of 16, the buckets that it may belong
 * to; what all halves of four neighbours agree on may be a text.
 * Private to sieve.c.
 */
#pragma once
#include "base/util.h"

#define SIEVE_WINDOW	4	/* bytes looked at for each text */
#define SIEVE_BUCKETS	8	/* a bit each */

struct sieve_tables {
	/* For each place of the window, by the lower and upper half of the byte there. */
	uint8_t low[SIEVE_WINDOW][16], high[SIEVE_WINDOW][16];
	/* The same for a whole byte: the buckets at place i are its byte i. */
	uint32_t whole[256];
};

static inline uint32_t sieve_little_endian(uint32_t v)
{
#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
	return __builtin_bswap32(v);
#else
	return v;
#endif
}

/*
 * For @n_words times 64 bytes of @data from @from on: bits in @maybe where the
 * window of a text may begin, and in @ends where a '\n' is.  The last word may
 * be longer than what is left of @len bytes; behind them no bit is set.
 */
typedef void sieve_scan_fn(const struct sieve_tables *t, const char *data, size_t len,
			   size_t from, size_t n_words, uint64_t *maybe, uint64_t *ends);
typedef uint64_t sieve_count_fn(const char *data, size_t len);

sieve_scan_fn sieve_scan_bytes;		/* anywhere */
/* The fastest ones here. */
sieve_scan_fn *sieve_scan_best(void);
sieve_count_fn *sieve_scan_count(void);
