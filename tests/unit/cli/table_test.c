// SPDX-License-Identifier: GPL-2.0-or-later
#include "cli/table.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "../t.h"

static const char *const titles[] = { "WHO", "N", "WHAT", "NOTE" };

/* Standard output is a file meanwhile, and comes back. */
static char *printed(struct table *t, void (*fill)(struct table *t))
{
	static char text[1 << 17];
	FILE *f = tmpfile();
	int out = dup(STDOUT_FILENO);
	size_t len;

	fflush(stdout);
	dup2(fileno(f), STDOUT_FILENO);
	table_right(t, 1, 1);
	fill(t);
	table_finish(t);
	fflush(stdout);
	dup2(out, STDOUT_FILENO);
	close(out);
	rewind(f);
	len = fread(text, 1, sizeof(text) - 1, f);
	fclose(f);
	text[len] = '\0';
	return text;
}

static void none(struct table *t)
{
	(void)t;
}

static void two(struct table *t)
{
	table_row(t, (const char *[]){ "192.0.2.1", "12", "all", "" });
	table_row(t, (const char *[]){ "2001:db8::1", "3", "-", "by \x1b[2Jhand" });
}

/* More than are looked at; the last is wider than they. */
static void many(struct table *t)
{
	for (int i = 0; i < TABLE_LOOKS; i++)
		table_row(t, (const char *[]){ "a", "1", "b", "" });
	table_row(t, (const char *[]){ "abcdef", "1", "b", "c" });
	table_row(t, (const char *[]){ "ab", "1", "b", "c" });
}

static void wordy(struct table *t)
{
	table_row(t, (const char *[]){ "a", "1", "b", "25 columns are left for us" });
	table_row(t, (const char *[]){ "a", "1", "b", "\u00e4\u00f6\u00fc\u00e4\u00f6 are as wide as aouao" });
	table_row(t, (const char *[]){ "a", "1", "b", "\u00e4\u00f6\u00fc\u00e4\u00f6 are as wide as aou" });
}

static struct table *new(void)
{
	return table_new(titles, ARRAY_SIZE(titles));
}

int main(void)
{
	const char *end;
	char *text;

	unsetenv("COLUMNS");
	text = printed(new(), none);
	t_str("no row, no titles", text, "");
	text = printed(new(), two);
	t_str("as wide as what is in it", text,
	      "WHO          N WHAT NOTE\n"
	      "192.0.2.1   12 all\n"
	      "2001:db8::1  3 -    by ?[2Jhand\n");
	text = printed(new(), many);
	t_ok("the widths are those of the first",
	     !strncmp(text, "WHO N WHAT NOTE\na   1 b\n", 24));
	end = text + strlen(text) - strlen("abcdef 1 b    c\nab  1 b    c\n");
	t_str("what comes later is as wide as it is", end, "abcdef 1 b    c\nab  1 b    c\n");
	setenv("COLUMNS", "36", 1);
	text = printed(new(), wordy);
	t_str("what has no room is cut", text,
	      "WHO N WHAT NOTE\n"
	      "a   1 b    25 columns are left fo...\n"
	      "a   1 b    \u00e4\u00f6\u00fc\u00e4\u00f6 are as wide as a...\n"
	      "a   1 b    \u00e4\u00f6\u00fc\u00e4\u00f6 are as wide as aou\n");
	setenv("COLUMNS", "10", 1);
	text = printed(new(), wordy);
	t_ok("but something is always said",
	     strstr(text, "\na   1 b    25 columns are le...\n"));
	table_finish(NULL);
	return t_done();
}
