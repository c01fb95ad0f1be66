// SPDX-License-Identifier: GPL-2.0-or-later
#include "regex/plain.h"

#include "../t.h"

enum { LONGEST = 70 };

/* One byte of another kind, at each place of texts of each length. */
static void each_place(char what, bool ascii, bool plain)
{
	char text[LONGEST], copy[LONGEST];
	size_t wrong = 0;

	for (size_t len = 1; len <= LONGEST; len++) {
		for (size_t at = 0; at < len; at++) {
			memset(text, 'x', len);
			memset(copy, 0, len);
			text[at] = what;
			wrong += plain_is_ascii(text, len) != ascii;
			wrong += plain_copy(copy, text, len) != plain;
			wrong += memcmp(copy, text, len) != 0;
			wrong += plain_is_line(text, len) != plain;
		}
	}
	t_is("wrong answers", (int64_t)wrong, 0);
}

/* Neither reads nor writes behind the end. */
static void stays_inside(void)
{
	char text[LONGEST + 1], copy[LONGEST + 1];
	size_t wrong = 0;

	for (size_t len = 0; len <= LONGEST; len++) {
		memset(text, 'x', sizeof(text));
		memset(copy, 'y', sizeof(copy));
		text[len] = (char)0x80;
		wrong += !plain_is_ascii(text, len) || !plain_copy(copy, text, len);
		wrong += copy[len] != 'y';
		text[len] = '\n';
		wrong += !plain_is_line(text, len);
	}
	t_is("wrong ones", (int64_t)wrong, 0);
}

int main(void)
{
	each_place('y', true, true);
	each_place('\n', true, false);
	each_place('\0', true, true);
	each_place('\x7f', true, true);
	each_place((char)0x80, false, false);
	each_place((char)0xff, false, false);
	stays_inside();
	return t_done();
}
