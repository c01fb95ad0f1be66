// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Plain lists, one peer a line:
 *
 *	dispatcher.list   setid sip:host[:port] [flags [priority [attributes]]]
 *	address.list      group address[/length] [mask [port [tag]]]
 *	our own           address, network or host name, and a comment
 *
 * "#" begins a comment; dispatcher and address lists may end lines with ";".
 */
#include <string.h>

#include "readers.h"

#define BLANKS	" \t\r,;"

enum { MAX_WORDS = 4 };

/* Cut @line into words, up to @max; the rest of the line is not looked at. */
static size_t split(char *line, char *words[], size_t max)
{
	char *save = NULL;
	size_t n = 0;

	for (char *w = strtok_r(line, BLANKS, &save); w && n < max;
	     w = strtok_r(NULL, BLANKS, &save))
		words[n++] = w;
	return n;
}

static bool is_number(const char *s)
{
	return *s && strspn(s, "0123456789") == strlen(s);
}

/* Cut the comment off @line and give it without the blanks around; "" for none. */
static const char *take_comment(char *line)
{
	char *comment = line + strcspn(line, "#"), *end;

	if (!*comment)
		return comment;
	*comment++ = '\0';
	comment += strspn(comment, " \t\r");
	for (end = comment + strlen(comment); end > comment && strchr(" \t\r", end[-1]); end--)
		end[-1] = '\0';
	return comment;
}

typedef void line_fn(struct trust_reading *r, const struct trust_place *at,
		     char *words[], size_t n);

static void read_lines(struct trust_reading *r, const char *path, line_fn *fn)
{
	char *words[MAX_WORDS], *line;
	struct trust_text text;
	size_t n;

	if (trust_load(r, path, NULL, &text))
		return;
	while (!r->err && (line = trust_line(&text))) {
		struct trust_place at = { .file = text.file, .line = text.line,
					  .name = take_comment(line) };

		n = split(line, words, MAX_WORDS);
		if (n)
			fn(r, &at, words, n);
	}
	trust_text_fini(&text);
}

static void warn_of_words(struct trust_reading *r, const struct trust_place *at,
			  const char *word)
{
	char quoted[TRUST_QUOTE];

	trust_warn(r, at->file, at->line, "the line with \"%s\" is not understood",
		   trust_quote(word, quoted));
}

/* ---- dispatcher.list -------------------------------------------------------- */

static void take_destination(struct trust_reading *r, const struct trust_place *at,
			     char *words[], size_t n)
{
	struct trust_place here = *at;

	here.role = "dispatcher";
	here.name = words[0];
	if (n >= 2 && is_number(words[0]))
		trust_add(r, &here, words[1]);
	else
		warn_of_words(r, at, words[0]);
}

void trust_read_dispatcher(struct trust_reading *r, const char *path)
{
	read_lines(r, path, take_destination);
}

/* ---- address.list ------------------------------------------------------------ */

/* The length may stand behind the address or in a column of its own. */
static void take_address(struct trust_reading *r, const struct trust_place *at,
			 char *words[], size_t n)
{
	struct trust_place here = *at;

	here.role = "permissions address";
	here.name = words[0];
	if (n < 2 || !is_number(words[0]))
		warn_of_words(r, at, words[0]);
	else
		trust_add_masked(r, &here, words[1], n > 2 && is_number(words[2]) ? words[2] : "");
}

void trust_read_address(struct trust_reading *r, const char *path)
{
	read_lines(r, path, take_address);
}

/* ---- our own -------------------------------------------------------------------- */

static void take_peer(struct trust_reading *r, const struct trust_place *at,
		      char *words[], size_t n)
{
	struct trust_place here = *at;

	(void)n;
	here.role = "list";
	trust_add(r, &here, words[0]);
}

void trust_read_list(struct trust_reading *r, const char *path)
{
	r->deliberate = true;
	read_lines(r, path, take_peer);
}
