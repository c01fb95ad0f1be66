// SPDX-License-Identifier: GPL-2.0-or-later
#include "timespan.h"

#include <errno.h>
#include <math.h>
#include <strings.h>

#define DEPTH_MAX	32
#define DAY		86400.0
#define YEAR		(365.25 * DAY)

static const struct {
	const char *words;		/* all spellings, each followed by a blank */
	double seconds;
} units[] = {
	{ "s ss se sec second seconds ", 1 },
	{ "m mm mi min minute minutes ", 60 },
	{ "h hh ho hou hour hours ", 3600 },
	{ "d dd da day days ", DAY },
	{ "w ww we wee week weeks ", 7 * DAY },
	{ "mo mon month months ", YEAR / 12 },
	{ "y yy ye yea year years ", YEAR },
};

struct parser {
	const char *s;
	const char *bad;		/* NULL: all is well */
	unsigned int depth;
};

static double fail(struct parser *p)
{
	if (!p->bad)
		p->bad = p->s;
	return 0;
}

static char peek(struct parser *p)
{
	while (*p->s == ' ' || (*p->s >= '\t' && *p->s <= '\r'))
		p->s++;
	return *p->s;
}

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static bool is_letter(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static double parse_number(struct parser *p)
{
	double v = 0, scale = 1;

	for (; is_digit(*p->s); p->s++)
		v = v * 10 + (*p->s - '0');
	if (*p->s != '.')
		return v;
	if (!is_digit(p->s[1]))
		return fail(p);
	for (p->s++; is_digit(*p->s); p->s++)
		v += (*p->s - '0') * (scale /= 10);
	return v;
}

/* The unit that comes next; 1 when none does. */
static double parse_unit(struct parser *p)
{
	const char *start, *w, *end;
	size_t len = 0;

	if (!is_letter(peek(p)))
		return 1;
	for (start = p->s; is_letter(start[len]); len++)
		;
	for (size_t i = 0; i < ARRAY_SIZE(units); i++) {
		for (w = units[i].words; *w; w = end + 1) {
			end = strchr(w, ' ');
			if ((size_t)(end - w) == len && !strncasecmp(w, start, len)) {
				p->s += len;
				return units[i].seconds;
			}
		}
	}
	return fail(p);
}

static double parse_sum(struct parser *p);

/* A number or what is in parentheses; @unit is what it still is to be times. */
static double parse_factor(struct parser *p, double *unit)
{
	double v = 0;

	*unit = 1;
	if (++p->depth > DEPTH_MAX)
		return fail(p);
	if (peek(p) == '-' || *p->s == '+') {
		bool minus = *p->s++ == '-';

		v = parse_factor(p, unit);
		v = minus ? -v : v;
	} else if (*p->s == '(') {
		p->s++;
		v = parse_sum(p);
		if (peek(p) != ')')
			return fail(p);
		p->s++;
		*unit = parse_unit(p);
	} else if (is_digit(*p->s) || (*p->s == '.' && is_digit(p->s[1]))) {
		v = parse_number(p);
		*unit = parse_unit(p);
	} else {
		fail(p);
	}
	p->depth--;
	return v;
}

/*
 * Fail2ban replaces a unit by "*60" before it calculates, so "1h/2m" is
 * 3600 / 2 * 60 there.  It is here, too.
 */
static double parse_product(struct parser *p)
{
	double unit, v = parse_factor(p, &unit), by;

	v *= unit;
	while (!p->bad && (peek(p) == '*' || *p->s == '/')) {
		bool times = *p->s == '*';
		const char *at = p->s++;

		by = parse_factor(p, &unit);
		if (!times && by == 0 && !p->bad)
			p->bad = at;
		v = (times ? v * by : v / by) * unit;
	}
	return v;
}

static double parse_sum(struct parser *p)
{
	double v = parse_product(p);

	while (!p->bad) {
		char c = peek(p);

		if (c == '+' || c == '-') {
			p->s++;
			v += c == '+' ? parse_product(p) : -parse_product(p);
		} else if (is_digit(c) || c == '.') {
			v += parse_product(p);
		} else {
			break;
		}
	}
	return v;
}

int timespan_parse(const char *text, double *out, const char **bad)
{
	struct parser p = { .s = text };
	double v = parse_sum(&p);

	if (!p.bad && peek(&p))
		p.bad = p.s;
	if (!p.bad && !isfinite(v))
		p.bad = text;
	if (bad)
		*bad = p.bad;
	if (p.bad)
		return -EINVAL;
	*out = v + 0.0;		/* -0 is 0 */
	return 0;
}
