// SPDX-License-Identifier: GPL-2.0-or-later
#include "guess.h"

#define WORD_MAX	64

static unsigned int min3(unsigned int a, unsigned int b, unsigned int c)
{
	unsigned int m = a < b ? a : b;

	return m < c ? m : c;
}

/*
 * Edits that make one word the other: a letter more, less, wrong, or two
 * neighbours swapped (optimal string alignment).
 */
static unsigned int distance(const char *a, size_t la, const char *b, size_t lb)
{
	unsigned int rows[3][WORD_MAX + 1];
	unsigned int *before = rows[0], *above = rows[1], *row = rows[2], *spare;

	for (size_t j = 0; j <= lb; j++)
		above[j] = (unsigned int)j;
	for (size_t i = 1; i <= la; i++) {
		row[0] = (unsigned int)i;
		for (size_t j = 1; j <= lb; j++) {
			row[j] = min3(above[j] + 1, row[j - 1] + 1,
				      above[j - 1] + (a[i - 1] != b[j - 1]));
			if (i > 1 && j > 1 && a[i - 1] == b[j - 2] &&
			    a[i - 2] == b[j - 1] && before[j - 2] + 1 < row[j])
				row[j] = before[j - 2] + 1;
		}
		spare = before;
		before = above;
		above = row;
		row = spare;
	}
	return above[lb];
}

struct guess guess_init(const char *word)
{
	size_t len = strlen(word);

	/* One slip in a short word, two in a longer one, three in a long one. */
	return (struct guess){ .word = word, .distance = len < 5 ? 2 : len < 10 ? 3 : 4 };
}

void guess_try(struct guess *g, const char *candidate)
{
	size_t la = strlen(g->word), lb = strlen(candidate);
	unsigned int d;

	if (la > WORD_MAX || lb > WORD_MAX || la < 3)
		return;
	d = distance(g->word, la, candidate, lb);
	if (d && d < g->distance) {
		g->distance = d;
		g->best = candidate;
	}
}
