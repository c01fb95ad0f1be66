// SPDX-License-Identifier: GPL-2.0-or-later
/* What a terminal would obey, and what is no UTF-8, is not shown. */
#include <stdlib.h>

#include "../t.h"
#include "base/utf8.h"

static const struct { const char *what, *text, *shown; } cases[] = {
	{ "letters of any alphabet", "a\tz \xc3\xa9 \xe2\x82\xac \xf0\x9f\x90\x9d",
	  "a\tz \xc3\xa9 \xe2\x82\xac \xf0\x9f\x90\x9d" },
	{ "an escape sequence", "\033[2J\033]0;title\a", "?[2J?]0;title?" },
	{ "line ends", "a\r\nb\n", "a??b?" },
	{ "DEL", "a\x7f" "b", "a?b" },
	{ "a C1 control in UTF-8", "a\xc2\x9b" "2Jb", "a??2Jb" },
	{ "the last of them, and what follows", "\xc2\x9f\xc2\xa0", "??\xc2\xa0" },
	{ "a C1 control as a byte", "a\x9b" "2Jb", "a?2Jb" },
	{ "an overlong escape", "\xc0\x9b[2J", "??[2J" },
	{ "an overlong escape of three", "\xe0\x80\x9b[2J", "???[2J" },
	{ "a surrogate", "\xed\xa0\x80", "???" },
	{ "past the last character", "\xf4\x90\x80\x80\xf5", "?????" },
	{ "a character that is cut off", "a\xe2\x82", "a??" },
	{ "a control behind half a character", "\xe2\x1b[2J", "??[2J" },
};

static void check(const char *what, const char *text, const char *want)
{
	char *tame = strdup(text), *printed = NULL;
	size_t size = 0;
	FILE *f = open_memstream(&printed, &size);

	utf8_tame(tame, strlen(tame));
	t_str(what, tame, want);
	utf8_print(f, text, strlen(text));
	fclose(f);
	t_str(what, printed, want);
	free(tame);
	free(printed);
}

int main(void)
{
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++)
		check(cases[i].what, cases[i].text, cases[i].shown);
	t_is("NUL is a control", utf8_sequence("", 1), 1);
	t_is("characters", (long)utf8_columns("a\u00e4\xff\u20ac", 7), 4);
	t_is("none", (long)utf8_columns("", 0), 0);
	t_is("cut between two", (long)utf8_cut("a\u00e4\u20ac", 6, 2), 3);
	t_is("shorter than that", (long)utf8_cut("a\u00e4", 3, 9), 3);
	return t_done();
}
