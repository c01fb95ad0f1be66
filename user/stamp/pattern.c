// SPDX-License-Identifier: GPL-2.0-or-later
#include "stamp/pattern.h"

#include "regex/regex.h"
#include "base/str.h"
#include "stamp/directive.h"

#include <errno.h>
#include <stdlib.h>
#include <strings.h>

#define LINE_BEGIN	"{^LN-BEG}"
#define UNBOUND		"{UNB}"

/* Seconds since 1970, of 2001 or later. */
#define EPOCH_SHORT	"[0-9]{10,11}\\b(?:\\.[0-9]{3,6})?"
#define EPOCH_LONG	"[0-9]{10,11}(?:[0-9]{3}(?:\\.[0-9]{1,6}|[0-9]{3})?)?"
/* Where a number may be one: a line's begin, "[" there, SELinux' audit(. */
#define EPOCH_PLACE	"(?:^|(?<=^\\[)|(?<=\\baudit\\())"

/* What is put before an expression that does not bind itself. */
enum bound { BOUND_NONE, BOUND_WORD, BOUND_LINE };

struct draft {
	struct str regex, name;
	enum bound begin, end;
};

static void draft_fini(struct draft *d)
{
	str_fini(&d->regex);
	str_fini(&d->name);
}

/* ---- looking at expressions ---- */

/* Behind "(?letters)" at @p, or NULL. */
static const char *flags_end(const char *p)
{
	size_t n;

	if (!starts_with(p, "(?"))
		return NULL;
	n = strspn(p + 2, "abcdefghijklmnopqrstuvwxyzL");
	return n && p[2 + n] == ')' ? p + 3 + n : NULL;
}

static const char *skip_open(const char *p)
{
	return p + strspn(p, "(");
}

/* Behind the parentheses that open @p when `**` follows them, or NULL. */
static const char *begin_marker(const char *p)
{
	p = skip_open(p);
	return starts_with(p, "**") ? p : NULL;
}

/* True when @p says by itself where it begins: with ^ or **. */
static bool begins_bound(const char *p)
{
	const char *q = skip_open(p);

	if (q > p && starts_with(q, "?:^"))
		return true;
	return *q == '^' || starts_with(q, "**");
}

/* True when @at in @text is a backslash's victim. */
static bool escaped(const char *text, const char *at)
{
	return at > text && at[-1] == '\\';
}

/* The `**` that ends @text, but for closing parentheses, or NULL. */
static const char *end_marker(const char *text)
{
	const char *p = text + strlen(text);

	while (p > text && p[-1] == ')')
		p--;
	if (p - text < 2 || p[-1] != '*' || p[-2] != '*' || escaped(text, p - 2))
		return NULL;
	return p - 2;
}

/* The $ that ends @text, maybe inside of a parenthesis, or NULL. */
static const char *end_dollar(const char *text)
{
	const char *p = text + strlen(text);

	if (p - text >= 2 && p[-1] == ')')
		p--;
	if (p == text || p[-1] != '$' || escaped(text, p - 1))
		return NULL;
	return p - 1;
}

static bool ends_bound(const char *text)
{
	size_t len = strlen(text);
	const char *last = text + len - 2;

	if (end_dollar(text) || end_marker(text))
		return true;
	return len >= 2 && *last == '\\' && (last[1] == 'b' || last[1] == 's') &&
	       !escaped(text, last);
}

/* True when the author chose what is cut out, by an unnamed group. */
static bool has_group(const char *text)
{
	for (const char *p = text; (p = strchr(p, '(')); p++) {
		if (p[1] == '?' || escaped(text, p))
			continue;
		/* The condition of (?(name)...). */
		if (p - text >= 2 && p[-1] == '?' && p[-2] == '(')
			continue;
		return true;
	}
	return false;
}

static bool at_line_begin(const char *p)
{
	if (*p == '^')
		return true;
	if (*p++ != '(')
		return false;
	if (starts_with(p, "?:"))
		p += 2;
	return p[0] == '^' && p[1] != '|';
}

static bool at_line_end(const char *text)
{
	const char *dollar = end_dollar(text);

	return dollar && !(dollar > text && dollar[-1] == '|');
}

/* ---- completing them ---- */

static bool flag_of(char c, unsigned int *flags)
{
	switch (c) {
	case 'i': *flags |= REGEX_ICASE; return true;
	case 'm': *flags |= REGEX_MULTILINE; return true;
	case 's': *flags |= REGEX_DOTALL; return true;
	case 'x': *flags |= REGEX_VERBOSE; return true;
	case 'a': *flags |= REGEX_ASCII; return true;
	case 'u':
	case 'L': return true;
	default: return false;
	}
}

/*
 * Take the first (?flags) out of @text, wherever it stands: boundaries are put
 * in front, and Python wants global flags to come first.
 */
static void take_flags(char *text, unsigned int *flags)
{
	for (char *p = text; (p = strstr(p, "(?")); p += 2) {
		const char *end = flags_end(p);
		unsigned int taken = *flags;

		if (!end)
			continue;
		for (const char *c = p + 2; c < end - 1; c++)
			if (!flag_of(*c, &taken))
				return;		/* left for the compiler to refuse */
		*flags = taken;
		memmove(p, end, strlen(end) + 1);
		return;
	}
}

static void remove_at(char *text, const char *at, size_t n)
{
	char *p = text + (at - text);

	memmove(p, p + n, strlen(p + n) + 1);
}

/* The `**` marks have said what they had to. */
static void remove_markers(char *text)
{
	const char *p = begin_marker(text);

	if (p)
		remove_at(text, p, 2);
	p = end_marker(text);
	if (p)
		remove_at(text, p, 2);
}

/* Add @text with a group around all of it but a leading ^ and a final $. */
static void add_grouped(struct str *out, const char *text)
{
	size_t len = strlen(text);
	bool dollar = len && text[len - 1] == '$' && end_dollar(text);

	if (*text == '^') {
		str_putc(out, '^');
		text++;
		len--;
	}
	str_putc(out, '(');
	str_add(out, text, len - dollar);
	str_putc(out, ')');
	if (dollar)
		str_putc(out, '$');
}

static void add_begin(struct str *out, enum bound begin)
{
	if (begin == BOUND_WORD)
		str_puts(out, "(?=^|\\b|\\W)");
	else if (begin == BOUND_LINE)
		str_puts(out, "^(?:\\W{0,2})?");
}

/* Complete @text to p->regex. */
static int complete(struct pattern *p, const char *text, enum bound begin, enum bound end)
{
	struct str body = { 0 }, out = { 0 };

	if (begins_bound(text))
		begin = BOUND_NONE;
	if (ends_bound(text))
		end = BOUND_NONE;
	if (has_group(text))
		str_puts(&body, text);
	else
		add_grouped(&body, text);
	if (body.failed)
		goto out;
	p->line_begin = begin == BOUND_LINE ||
			(begin == BOUND_NONE && at_line_begin(body.s));
	p->line_end = end == BOUND_NONE && at_line_end(body.s);
	remove_markers(body.s);
	add_begin(&out, begin);
	str_puts(&out, body.s);
	if (end != BOUND_NONE)
		str_puts(&out, "(?=\\b|\\W|$)");
	p->regex = str_take(&out);
out:
	str_fini(&body);
	str_fini(&out);
	return p->regex ? 0 : -ENOMEM;
}

/* Turn the draft into the finished pattern; the draft is used up. */
static int finish(struct pattern *p, struct draft *d)
{
	char *text = str_take(&d->regex);
	int ret = -ENOMEM;

	if (!text || d->name.failed)
		goto out;
	take_flags(text, &p->flags);
	ret = complete(p, text, d->begin, d->end);
	if (ret)
		goto out;
	if (p->line_begin && d->begin == BOUND_LINE && !begins_bound(text)) {
		struct str name = { 0 };

		str_printf(&name, LINE_BEGIN "%s", d->name.s ? d->name.s : "");
		p->name = str_take(&name);
	} else {
		p->name = str_take(&d->name);
	}
	ret = p->name ? 0 : -ENOMEM;
out:
	free(text);
	return ret;
}

/* ---- the kinds of pattern ---- */

/* Skip what @text says about its boundaries; @d notes it. */
static const char *take_bounds(struct draft *d, const char *text)
{
	d->begin = d->end = BOUND_WORD;
	if (starts_with(text, UNBOUND)) {
		text += strlen(UNBOUND);
		d->begin = d->end = BOUND_NONE;
	} else if (starts_with(text, LINE_BEGIN)) {
		text += strlen(LINE_BEGIN);
		d->begin = BOUND_LINE;
	}
	return text + strspn(text, " \t");
}

static int init_fields(struct pattern *p, struct draft *d, const char *text,
		       int last_year, const char **bad)
{
	for (text = take_bounds(d, text); *text; text++) {
		size_t n;

		if (*text != '%') {
			str_putc(&d->regex, *text);
			str_putc(&d->name, *text);
			continue;
		}
		if (directive_is_alpha(text[1]))
			p->flags |= REGEX_ICASE;
		n = directive_add(text + 1, last_year, &d->regex, &d->name);
		if (!n) {
			*bad = text;
			return -EINVAL;
		}
		text += n;
	}
	return finish(p, d);
}

static int init_epoch(struct pattern *p, struct draft *d, bool line_begin)
{
	bool is_long = p->kind == PATTERN_LONG_EPOCH;

	d->begin = line_begin ? BOUND_LINE : BOUND_NONE;
	d->end = BOUND_WORD;
	str_printf(&d->regex, "(%s%s)", line_begin ? "" : EPOCH_PLACE,
		   is_long ? EPOCH_LONG : EPOCH_SHORT);
	str_puts(&d->name, is_long ? "LongEpoch" : "Epoch");
	return finish(p, d);
}

static int init_tai64n(struct pattern *p, struct draft *d, bool line_begin)
{
	p->kind = PATTERN_TAI64N;
	d->begin = line_begin ? BOUND_LINE : BOUND_NONE;
	d->end = BOUND_WORD;
	str_puts(&d->regex, "@[0-9a-f]{24}");
	str_puts(&d->name, "TAI64N");
	return finish(p, d);
}

/* The first {EPOCH} or {LEPOCH} in @text that no backslash hides, or NULL. */
static const char *embedded_epoch(const char *text, size_t *len, bool *is_long)
{
	for (const char *p = text; (p = strchr(p, '{')); p++) {
		*is_long = p[1] == 'L' || p[1] == 'l';
		*len = *is_long ? strlen("{LEPOCH}") : strlen("{EPOCH}");
		if (!escaped(text, p) &&
		    !strncasecmp(p, *is_long ? "{LEPOCH}" : "{EPOCH}", *len))
			return p;
	}
	return NULL;
}

/* An expression with the number inside: all of it is cut out. */
static int init_embedded(struct pattern *p, struct draft *d, const char *text)
{
	const char *at;
	bool is_long;
	size_t len;

	str_puts(&d->name, text);
	text = take_bounds(d, text);
	at = embedded_epoch(text, &len, &is_long);
	p->kind = is_long ? PATTERN_LONG_EPOCH : PATTERN_EPOCH;
	str_putc(&d->regex, '(');
	str_add(&d->regex, text, (size_t)(at - text));
	str_printf(&d->regex, "(?P<" PATTERN_EPOCH_GROUP ">%s)%s)",
		   is_long ? EPOCH_LONG : EPOCH_SHORT, at + len);
	return finish(p, d);
}

bool pattern_is_word(const char *text, const char *word)
{
	return !strcasecmp(text, word);
}

/* "WORD", or "^WORD" or "{^LN-BEG}WORD" in *@line_begin. */
static bool is_bindable(const char *text, const char *word, bool *line_begin)
{
	*line_begin = true;
	if (*text == '^')
		return pattern_is_word(text + 1, word);
	if (!strncasecmp(text, LINE_BEGIN, strlen(LINE_BEGIN)))
		return pattern_is_word(text + strlen(LINE_BEGIN), word);
	*line_begin = false;
	return pattern_is_word(text, word);
}

static int init_draft(struct pattern *p, struct draft *d, const char *text,
		      int last_year, const char **bad)
{
	bool line_begin, is_long;
	size_t len;

	if (embedded_epoch(text, &len, &is_long))
		return init_embedded(p, d, text);
	p->kind = PATTERN_EPOCH;
	if (is_bindable(text, "EPOCH", &line_begin))
		return init_epoch(p, d, line_begin);
	p->kind = PATTERN_LONG_EPOCH;
	if (is_bindable(text, "LEPOCH", &line_begin))
		return init_epoch(p, d, line_begin);
	if (is_bindable(text, "TAI64N", &line_begin))
		return init_tai64n(p, d, line_begin);
	p->kind = PATTERN_FIELDS;
	return init_fields(p, d, text, last_year, bad);
}

int pattern_init(struct pattern *p, const char *text, int last_year,
		 const char **bad)
{
	struct draft d = { 0 };
	int ret;

	*p = (struct pattern){ 0 };
	ret = init_draft(p, &d, text, last_year, bad);
	draft_fini(&d);
	if (ret)
		pattern_fini(p);
	return ret;
}

void pattern_fini(struct pattern *p)
{
	free(p->name);
	free(p->regex);
	p->name = p->regex = NULL;
}

const char *pattern_unbound(const char *text)
{
	if (starts_with(text, UNBOUND))
		text += strlen(UNBOUND);
	if (starts_with(text, LINE_BEGIN))
		text += strlen(LINE_BEGIN);
	return text;
}
