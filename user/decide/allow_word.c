// SPDX-License-Identifier: GPL-2.0-or-later
#include "allow_word.h"

/*
 * Letters, digits, "-", "_" and ".", and a letter in the last label: 999.1.1.1
 * is a mistyped address, not a name to ask a resolver for.
 */
bool allow_word_is_name(const char *word, size_t len)
{
	bool letter = false;

	if (!len || len > 253 || word[0] == '-' || word[0] == '.')
		return false;
	for (size_t i = 0; i < len; i++) {
		char c = word[i];
		bool alpha = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');

		if (!alpha && (c < '0' || c > '9') && !strchr("-_.", c))
			return false;
		if (c == '.' && i + 1 < len)
			letter = false;
		letter |= alpha;
	}
	return letter;
}

const char *allow_word_path(const char *word)
{
	if (!starts_with(word, "file:"))
		return NULL;
	word += strlen("file:");
	while (word[0] == '/' && word[1] == '/')
		word++;
	return word;
}
