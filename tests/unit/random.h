/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A small generator, so that a random test is the same test every time. */
#pragma once
#include <stdint.h>

/* xorshift64*: Marsaglia, "Xorshift RNGs"; Vigna's multiplier. */
static inline uint64_t random_next(uint64_t *state)
{
	*state ^= *state >> 12;
	*state ^= *state << 25;
	*state ^= *state >> 27;
	return *state * 0x2545f4914f6cdd1dull;
}

static inline uint32_t random_below(uint64_t *state, uint32_t n)
{
	return (uint32_t)((random_next(state) >> 32) % n);
}
