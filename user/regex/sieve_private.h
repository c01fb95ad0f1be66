/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * sieve_private - the form of a sieve, for sieve_new.c (making one) and sieve.c
 * (looking at lines with it).
 */
#pragma once
#include "sieve.h"
#include "sieve_scan.h"

/* Four bytes of a text, as a number whose lowest byte is the first. */
struct window {
	uint32_t bytes, care;	/* those that count, as 0xff */
};

struct needle {
	struct sieve_text text;
	uint8_t at;		/* where its window begins */
	struct window window;	/* which is looked for first */
	uint16_t next;		/* with the same first byte, or NO_NEEDLE */
};

/* Needles by the hash of their window, once for each spelling of it. */
enum { HASH_BYTES = 3, SPELLINGS = 1 << HASH_BYTES, HEADS_LOG2 = 12 };
#define NO_ENTRY	UINT16_MAX
#define NO_NEEDLE	UINT16_MAX

struct entry {
	uint16_t needle, next;
};

struct sieve {
	struct sieve_tables tables;
	sieve_scan_fn *scan;
	uint64_t always;
	/* A bit for each head that is not empty: most places end here. */
	uint64_t seen[(1 << HEADS_LOG2) / 64];
	uint16_t heads[1 << HEADS_LOG2];
	struct entry *entries;	/* owns */
	uint16_t n_entries;
	uint16_t by_first[256];	/* needles by the byte that they begin with */
	size_t longest;
	size_t n;
	struct needle needles[];
};

static inline uint32_t sieve_hash(uint32_t bytes)
{
	return (bytes & 0xffffff) * 0x9e3779b1u >> (32 - HEADS_LOG2);
}

static inline bool sieve_is_letter(unsigned char c)
{
	return (unsigned char)((c | 32) - 'a') < 26;
}
