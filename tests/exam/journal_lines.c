// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * journal_lines - the entries of a journal as xdpban's filters see them.
 *
 *	journal_lines DIRECTORY [MATCH]
 *
 * Prints the time in microseconds, a blank and the text of each, up to the end.
 */
#include "journal/journal.h"
#include "source/source.h"

#include <stdio.h>

static void on_entry(void *ctx, struct source *s, const char *text, size_t len, wall_t when)
{
	(void)ctx, (void)s;
	printf("%lld ", (long long)when.us);
	fwrite(text, 1, len, stdout);
	putchar('\n');
}

static void on_caught_up(void *ctx, struct source *s)
{
	(void)s;
	loop_stop(ctx);
}

int main(int argc, char **argv)
{
	static const struct source_sink sink = { .entry = on_entry, .caught_up = on_caught_up };
	struct journal_wish wish = { .path = argv[1], .match = argc > 2 ? argv[2] : NULL };
	struct source_follow *follow;
	struct loop *loop = loop_new();
	struct sources *all;
	char why[256] = "";

	if (argc < 2 || !loop || sources_new(&all, loop, &sink, loop, NULL) ||
	    sources_follow_journal(all, &wish, NULL, &follow, why, sizeof(why))) {
		fprintf(stderr, "journal_lines: %s\n", why);
		return 1;
	}
	loop_run(loop);
	sources_free(all);
	loop_free(loop);
	return 0;
}
