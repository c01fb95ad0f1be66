/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * guess - what somebody may have meant by a word that is none of ours.
 */
#pragma once
#include "util.h"

struct guess {
	const char *word;	/* borrows: what was written */
	const char *best;	/* borrows: the nearest word so far; NULL: none is near */
	unsigned int distance;
};

struct guess guess_init(const char *word);
/* Offer a word that would have been right. */
void guess_try(struct guess *g, const char *candidate);
