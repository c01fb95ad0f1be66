// SPDX-License-Identifier: GPL-2.0-or-later
#include "base/guess.h"

#include "../t.h"

static const char *const options[] = { "maxretry", "maxmatches", "findtime", "bantime", "port" };

static const struct {
	const char *word, *best;
} cases[] = {
	{ "maxrety", "maxretry" },	/* a letter missing */
	{ "maxretryy", "maxretry" },	/* one too many */
	{ "maxrertry", "maxretry" },
	{ "mxaretry", "maxretry" },	/* two swapped */
	{ "bantimes", "bantime" },
	{ "fidntmie", "findtime" },	/* two slips in a long word */
	{ "maxretries", "maxretry" },	/* three in a long one */
	{ "prot", "port" },		/* one in a short one */
	{ "pxyt", NULL },
	{ "something", NULL },
	{ "maxretry", NULL },		/* what is right needs no guess */
	{ "po", NULL },			/* too short to say */
	{ "", NULL },
};

int main(void)
{
	char word[200];

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct guess g = guess_init(cases[i].word);

		for (size_t k = 0; k < ARRAY_SIZE(options); k++)
			guess_try(&g, options[k]);
		t_str(cases[i].word, g.best, cases[i].best);
	}
	memset(word, 'x', sizeof(word) - 1);
	word[sizeof(word) - 1] = '\0';
	for (size_t i = 0; i < 2; i++) {
		struct guess g = guess_init(i ? word : "maxretry");

		guess_try(&g, i ? "maxretry" : word);
		t_str("a word beyond all words", g.best, NULL);
	}
	return t_done();
}
