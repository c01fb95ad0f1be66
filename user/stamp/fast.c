// SPDX-License-Identifier: GPL-2.0-or-later
#include "stamp/fast.h"

#include "stamp/defaults.h"

#include <errno.h>

/* Single blank instead of "T or blanks": several stock filters have it. */
#define ISO_BLANK	"%ExY(?P<_sep>[-/.])%m(?P=_sep)%d[T ]%H:%M:%S" \
			"(?:[.,]%f)?(?:\\s*%z)?"

#define LINE_BEGIN	"{^LN-BEG}"
#define FRACTION_MAX	6	/* digits of %f */
#define TIME_LEN	8	/* 03:04:05 */

struct fast fast_of(const char *text, int last_year)
{
	static const struct {
		const char *text;
		enum fast_form form;
	} known[] = {
		{ DEFAULT_ISO, FAST_ISO },
		{ ISO_BLANK, FAST_ISO },
		{ DEFAULT_SYSLOG, FAST_SYSLOG },
		{ DEFAULT_APACHE, FAST_APACHE },
		{ DEFAULT_EPOCH, FAST_EPOCH },
		{ "Epoch", FAST_EPOCH },
	};
	struct fast f = { FAST_NONE, '9' };

	if (last_year < 2100)
		f.last_decade = (char)('0' + last_year / 10 % 10);
	if (starts_with(text, LINE_BEGIN))
		text += strlen(LINE_BEGIN);
	for (size_t i = 0; i < ARRAY_SIZE(known); i++)
		if (streq(text, known[i].text))
			f.form = known[i].form;
	return f;
}

/* ---- characters ---- */

/* A part of a line that may be looked at; reading behind it gives 0. */
struct view {
	const char *line;
	size_t end;
};

static inline unsigned char at(struct view v, size_t i)
{
	return i < v.end ? (unsigned char)v.line[i] : 0;
}

static inline bool is_digit(unsigned char c)
{
	return (unsigned char)(c - '0') < 10;
}

static inline bool is_word(unsigned char c)
{
	return is_digit(c) || (unsigned char)((c | 32) - 'a') < 26 || c == '_';
}

/* Neither part of a word nor of a character outside of ASCII. */
static inline bool is_plain(unsigned char c)
{
	return c < 0x80 && !is_word(c);
}

/* True when a word surely ends before @i. */
static inline bool word_ends(struct view v, size_t i)
{
	return i >= v.end || is_plain((unsigned char)v.line[i]);
}

/* ---- pieces of a date ---- */

/*
 * "hh:mm:ss", every byte checked at once: what exceeds its limit carries into
 * its top bit.  Hours up to 29 pass, and seconds up to 69.
 */
static inline bool is_time(const char *p)
{
	static const unsigned char zero[TIME_LEN] = "00:00:00";
	static const unsigned char room[TIME_LEN] = {
		0x7f - 2, 0x7f - 9, 0x7f, 0x7f - 5, 0x7f - 9, 0x7f,
		0x7f - 6, 0x7f - 9,
	};
	uint64_t v, zeros, rooms;

	memcpy(&v, p, TIME_LEN);
	memcpy(&zeros, zero, TIME_LEN);
	memcpy(&rooms, room, TIME_LEN);
	v ^= zeros;
	/* A byte that carries into its neighbour has its own top bit set. */
	return !(((v + rooms) | v) & 0x8080808080808080ull);
}

static inline bool is_second(const char *p)
{
	return p[0] < '6' || p[1] <= '1';
}

static inline bool is_hour(const char *p)
{
	return p[0] < '2' || p[1] <= '3';
}

/* Two digits with @tens as padding of the first nine, 1 to 31. */
static inline bool is_day(const char *p, char pad)
{
	switch (p[0]) {
	case '1':
	case '2': return is_digit((unsigned char)p[1]);
	case '3': return p[1] == '0' || p[1] == '1';
	default: return p[0] == pad && p[1] >= '1' && p[1] <= '9';
	}
}

static inline bool is_month(const char *p)
{
	if (p[0] == '0')
		return p[1] >= '1' && p[1] <= '9';
	return p[0] == '1' && p[1] >= '0' && p[1] <= '2';
}

static inline bool is_year(struct fast f, const char *p)
{
	return p[0] == '2' && p[1] == '0' && p[2] >= '0' &&
	       p[2] <= f.last_decade && is_digit((unsigned char)p[3]);
}

static inline int two(const char *p)
{
	return (p[0] & 15) * 10 + (p[1] & 15);	/* a blank counts as 0 */
}

/* 1 to 12, or 0; by the third letter, which two pairs of months share. */
static inline int month_of(const char *p)
{
	static const unsigned char by_third[32] = {
		['n' & 31] = 1, ['b' & 31] = 2, ['r' & 31] = 3, ['y' & 31] = 5,
		['l' & 31] = 7, ['g' & 31] = 8, ['p' & 31] = 9, ['t' & 31] = 10,
		['v' & 31] = 11, ['c' & 31] = 12,
	};
	static const char names[][4] = {
		"", "Jan", "Feb", "Mar", "Apr", "May", "Jun",
		"Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
	};
	int month = by_third[p[2] & 31];

	if (month == 1 && p[1] == 'u')
		month = 6;
	else if (month == 3 && p[1] == 'p')
		month = 4;
	return month && !memcmp(p, names[month], 3) ? month : 0;
}

static inline bool is_weekday(const char *p)
{
	static const char names[] = "Mon Tue Wed Thu Fri Sat Sun ";

	for (const char *n = names; *n; n += 4)
		if (!memcmp(p, n, 4))
			return true;
	return false;
}

/* Behind a fraction that begins at @i, if one does.  False: not a plain one. */
static bool skip_fraction(struct view v, size_t *i, bool comma)
{
	size_t n = 0;

	if (at(v, *i) != '.' && !(comma && at(v, *i) == ','))
		return true;
	while (n <= FRACTION_MAX && is_digit(at(v, *i + 1 + n)))
		n++;
	if (n)
		*i += 1 + n;
	return n <= FRACTION_MAX;
}

/*
 * Behind a numeric zone that begins at @i, if one does: +hh, +hhmm, +hh:mm.
 * False: not a plain one.
 */
static bool skip_offset(struct view v, size_t *i)
{
	size_t end = *i + 3;

	if ((at(v, *i + 1) != '0' && at(v, *i + 1) != '1') || !is_digit(at(v, *i + 2)))
		return true;
	if (is_digit(at(v, end)))
		end += 2;
	else if (at(v, end) == ':')
		end += 3;
	if (!word_ends(v, end) || end > v.end ||
	    (end > *i + 3 && (!is_digit(at(v, end - 1)) || !is_digit(at(v, end - 2)))))
		return false;
	*i = end;
	return true;
}

/* ---- ISO: 2024-01-02T03:04:05.678+01:00 ---- */

#define ISO_LEN		19

/* True when what follows blanks at @i, which are not part of it, is no zone. */
static bool no_zone_follows(struct view v, size_t i)
{
	unsigned char c;

	while ((c = at(v, i)) == ' ' || c == '\t')
		i++;
	switch (c) {
	case 'Z': return false;
	case 'U': return at(v, i + 1) != 'T';
	case 'G': return at(v, i + 1) != 'M';
	case '+':
	case '-': return at(v, i + 1) != '0' && at(v, i + 1) != '1';
	default: return c >= ' ' && c < 0x80;
	}
}

/* `(?:\s*%z)?` */
static bool skip_iso_zone(struct view v, size_t *i)
{
	switch (at(v, *i)) {
	case 'Z':
		++*i;
		return word_ends(v, *i);
	case '+':
	case '-':
		return skip_offset(v, i);
	case ' ':
		return no_zone_follows(v, *i);
	default:
		/* Other blanks are rare, and not all of them ASCII. */
		return *i >= v.end || (is_plain(at(v, *i)) && at(v, *i) > ' ');
	}
}

static bool match_iso(struct fast f, struct view v, size_t start, size_t *end)
{
	const char *p = v.line + start;

	if (v.end - start < ISO_LEN || !is_year(f, p) || p[4] != p[7] ||
	    (p[4] != '-' && p[4] != '/' && p[4] != '.') || !is_month(p + 5) ||
	    !is_day(p + 8, '0') || (p[10] != ' ' && p[10] != 'T') ||
	    !is_time(p + 11) || !is_hour(p + 11) || !is_second(p + 17))
		return false;
	*end = start + ISO_LEN;
	return skip_fraction(v, end, true) && skip_iso_zone(v, end);
}

/* ---- syslog: Tue Jan  2 03:04:05.678 2024 ---- */

#define SYSLOG_LEN	15

static bool match_syslog(struct fast f, struct view v, size_t start, size_t *end)
{
	const char *p;

	if (v.end - start < SYSLOG_LEN)
		return false;
	p = v.line + start;
	if (!month_of(p) && is_weekday(p)) {
		start += 4;
		p += 4;
	}
	if (v.end - start < SYSLOG_LEN || !month_of(p) || p[3] != ' ' ||
	    (!is_day(p + 4, ' ') && !is_day(p + 4, '0')) || p[6] != ' ' ||
	    !is_time(p + 7) || !is_second(p + 13))
		return false;
	*end = start + SYSLOG_LEN;
	if (!skip_fraction(v, end, false) || !word_ends(v, *end))
		return false;
	if (v.end - *end < 5 || v.line[*end] != ' ' || !is_year(f, v.line + *end + 1))
		return true;
	/* A year, unless it is the begin of a longer word. */
	if (word_ends(v, *end + 5))
		*end += 5;
	else if (at(v, *end + 5) >= 0x80)
		return false;
	return true;
}

/* ---- Apache: 02/Jan/2024:03:04:05 +0100 ---- */

#define APACHE_LEN	20

static bool match_apache(struct fast f, struct view v, size_t start, size_t *end)
{
	const char *p = v.line + start;
	size_t zone;

	if (v.end - start < APACHE_LEN || !is_day(p, '0') || p[2] != p[6] ||
	    (p[2] != '/' && p[2] != '-') || !month_of(p + 3) || !is_year(f, p + 7) ||
	    (p[11] != ':' && p[11] != ' ') || !is_time(p + 12) || !is_hour(p + 12) ||
	    !is_second(p + 18))
		return false;
	*end = start + APACHE_LEN;
	if (!skip_fraction(v, end, false) || !word_ends(v, *end))
		return false;
	if (at(v, *end) != ' ')
		return true;
	zone = *end + 1;
	switch (at(v, zone)) {
	case '+':
	case '-':
		if (!skip_offset(v, &zone))
			return false;
		if (zone > *end + 2)
			*end = zone;
		return true;
	/* Names, in any case. */
	case 'Z': case 'z': case 'U': case 'u': case 'G': case 'g':
		return false;
	default:
		return true;
	}
}

/* ---- epoch: 1704164645.678 ---- */

static bool match_epoch(struct view v, size_t start, size_t *end)
{
	size_t n = 0, fraction = 0;

	while (n <= 11 && is_digit(at(v, start + n)))
		n++;
	*end = start + n;
	if (n < 10 || n > 11 || !word_ends(v, *end))
		return false;
	if (at(v, *end) != '.')
		return true;
	while (fraction <= 6 && is_digit(at(v, *end + 1 + fraction)))
		fraction++;
	if (fraction < 3 || fraction > 6 || !word_ends(v, *end + 1 + fraction))
		return false;
	*end += 1 + fraction;
	return true;
}

/* ---- all of them ---- */

static inline bool match(struct fast f, struct view v, size_t start, size_t *end)
{
	switch (f.form) {
	case FAST_ISO: return match_iso(f, v, start, end);
	case FAST_SYSLOG: return match_syslog(f, v, start, end);
	case FAST_APACHE: return match_apache(f, v, start, end);
	case FAST_EPOCH: return match_epoch(v, start, end);
	default: return false;
	}
}

bool fast_at_begin(struct fast f, const char *line, size_t len, size_t *start,
		   size_t *end)
{
	struct view v = { line, len };
	size_t i = 0;

	while (i < 2 && i < len && is_plain((unsigned char)line[i]))
		i++;
	*start = i;
	return match(f, v, i, end);
}

bool fast_at(struct fast f, const char *line, size_t start, size_t end)
{
	struct view v = { line, end };
	size_t found;

	/* An epoch has rules of its own about where it may stand. */
	if (f.form == FAST_EPOCH)
		return false;
	if (start > 0 && !is_plain((unsigned char)line[start - 1]))
		return false;
	return match(f, v, start, &found) && found == end;
}

/* ---- computing ---- */

static void set_time(struct moment *m, const char *p)
{
	m->hour = two(p);
	m->minute = two(p + 3);
	m->second = two(p + 6);
}

static int year_of(const char *p)
{
	return two(p) * 100 + two(p + 2);
}

/* The zone that ends at @end, if it does not begin before @after. */
static int set_zone(struct moment *m, const char *after, const char *end)
{
	const char *p = end;

	while (p > after && p[-1] != '.' && p[-1] != ',' && p[-1] != ' ' &&
	       p[-1] != '+' && p[-1] != '-' && p[-1] != 'Z')
		p--;
	if (p == after || p[-1] == '.' || p[-1] == ',' || p[-1] == ' ')
		return 0;
	return moment_set(m, 'z', p - 1, (size_t)(end - p + 1));
}

static int iso_moment(struct moment *m, const char *p, const char *end)
{
	m->year = year_of(p);
	m->month = two(p + 5);
	m->day = two(p + 8);
	set_time(m, p + 11);
	return set_zone(m, p + ISO_LEN, end);
}

static int syslog_moment(struct moment *m, const char *p, const char *end)
{
	/* Behind the weekday stands a letter, where else the day would be. */
	if (!is_digit((unsigned char)p[5]))
		p += 4;
	m->month = month_of(p);
	m->day = two(p + 4);
	set_time(m, p + 7);
	if (end - p >= SYSLOG_LEN + 5 && end[-5] == ' ')
		m->year = year_of(end - 4);
	return 0;
}

static int apache_moment(struct moment *m, const char *p, const char *end)
{
	m->day = two(p);
	m->month = month_of(p + 3);
	m->year = year_of(p + 7);
	set_time(m, p + 12);
	return set_zone(m, p + APACHE_LEN, end);
}

int fast_compute(enum fast_form form, const char *line, size_t start, size_t end,
		 struct moment_zone *z, wall_t now, wall_t *when)
{
	struct moment m = MOMENT_INIT;
	int ret;

	switch (form) {
	case FAST_ISO: ret = iso_moment(&m, line + start, line + end); break;
	case FAST_SYSLOG: ret = syslog_moment(&m, line + start, line + end); break;
	case FAST_APACHE: ret = apache_moment(&m, line + start, line + end); break;
	default: return moment_epoch(line + start, end - start, false, when);
	}
	return ret ? ret : moment_resolve(&m, z, now, when);
}
