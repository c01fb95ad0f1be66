// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Greedy dots.  Where the only newline of a subject is its last byte, there are
 * faster ways to write two of them:
 *
 * ".+$"	can end nowhere but before that byte, so it may as well jump there;
 *		to look at each byte costs more than all the rest of a prefregex.
 * ".*'"	ends at the last quote that what follows agrees with.  To go from one
 *		quote to the next and then back is less than to go back by bytes.
 */
#include "pyregex.h"

#include <errno.h>

#define TO_THE_END	"(?s:.+)(?=\\x0a)"

struct walk {
	const char *s;			/* as pyregex.c writes it */
	size_t i;
	/* What opened the groups around: ')' of one goes on, of others goes back. */
	bool goes_on[PYREGEX_DEPTH];
	unsigned int depth;
};

/* False: flags change what the dot or "$" mean; nothing is certain then. */
static bool open_group(struct walk *w)
{
	const char *p = w->s + w->i;
	bool condition = starts_with(p, "(?(");

	w->goes_on[w->depth++] = p[1] != '?' || p[2] == ':' || condition;
	if (condition)
		w->i += strcspn(p, ")");
	else if (p[1] == '?' && !strchr(":=!<>", p[2]))
		return false;
	w->i++;
	return true;
}

static void skip_set(struct walk *w)
{
	for (w->i++; w->s[w->i] != ']'; w->i++)
		if (w->s[w->i] == '\\')
			w->i++;
	w->i++;
}

/* Is "$" what has to match from @p on?  Groups end there, once each. */
static bool line_ends(const struct walk *w, const char *p)
{
	unsigned int depth = w->depth;

	while (*p == ')') {
		if (!w->goes_on[--depth])
			return false;
		p += p[1] == '?' ? 2 : 1;
		if (*p && strchr("*+?{", *p))
			return false;
	}
	return *p == '$';
}

/* Is it one of the characters that lines have few of? */
static bool is_mark(const char *p)
{
	return p[0] == '\\' && p[1] && strchr("'\"<>()[]{}", p[1]) &&
	       !(p[2] && strchr("*+?{", p[2]));
}

static void put_dot(struct walk *w, struct str *out)
{
	const char *p = w->s + w->i;
	bool greedy = p[1] == '+' || p[1] == '*';

	if (greedy && line_ends(w, p + 2)) {
		str_puts(out, p[1] == '+' ? TO_THE_END : "(?:" TO_THE_END ")?");
		w->i += 2;
	} else if (greedy && is_mark(p + 2)) {
		str_printf(out, "%s(?:[^\\%c]*\\%c)+", p[1] == '+' ? "." : "", p[3], p[3]);
		w->i += 4;
	} else {
		str_putc(out, '.');
		w->i++;
	}
}

/* One piece; false: leave the whole as it is. */
static bool step(struct walk *w, struct str *out)
{
	size_t from = w->i;

	switch (w->s[w->i]) {
	case '.':
		put_dot(w, out);
		return true;
	case '(':
		if (!open_group(w))
			return false;
		break;
	case ')':
		w->depth--;
		w->i++;
		break;
	case '[':
		skip_set(w);
		break;
	case '\\':
		w->i += 2;
		break;
	default:
		w->i++;
	}
	str_add(out, w->s + from, w->i - from);
	return true;
}

int pyregex_for_line(const struct pyregex *py, struct str *out)
{
	struct walk w = { .s = py->text.s };
	bool certain = !(py->flags & (REGEX_DOTALL | REGEX_MULTILINE));

	while (certain && w.i < py->text.len)
		certain = step(&w, out);
	if (!certain) {
		str_reset(out);
		str_add(out, py->text.s, py->text.len);
	}
	return out->failed ? -ENOMEM : 0;
}
