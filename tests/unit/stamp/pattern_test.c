// SPDX-License-Identifier: GPL-2.0-or-later
#include "stamp/pattern.h"

#include "regex/regex.h"
#include "../t.h"

#include <errno.h>

#define BEGIN	"(?=^|\\b|\\W)"
#define END	"(?=\\b|\\W|$)"
#define LINE	"^(?:\\W{0,2})?"
#define H	"(?P<H>[0-1]?[0-9]|2[0-3])"
#define M	"(?P<M>[0-5]?[0-9])"

static const struct {
	const char *name, *text, *regex;
	unsigned int flags;
	bool line_begin, line_end;
} rows[] = {
	{ "a pattern is grouped and bound by words",
	  "%H:%M", BEGIN "(" H ":" M ")" END, 0, false, false },
	{ "a caret binds the begin, and stays outside of the group",
	  "^%H:%M", "^(" H ":" M ")" END, 0, true, false },
	{ "a dollar binds the end likewise",
	  "%H:%M$", BEGIN "(" H ":" M ")$", 0, false, true },
	{ "both", "^%H$", "^(" H ")$", 0, true, true },
	{ "an escaped dollar is none",
	  "%H\\$", BEGIN "(" H "\\$)" END, 0, false, false },
	{ "{^LN-BEG}: the begin of the line but for two characters",
	  "{^LN-BEG}%H:%M", LINE "(" H ":" M ")" END, 0, true, false },
	{ "blanks behind it mean nothing",
	  "{^LN-BEG} %H", LINE "(" H ")" END, 0, true, false },
	{ "{^LN-BEG} adds nothing to a caret",
	  "{^LN-BEG}^%H", "^(" H ")" END, 0, true, false },
	{ "{UNB}: bound by nothing", "{UNB}%H", "(" H ")", 0, false, false },
	{ "the author's group is what is cut",
	  "^t=(%H:%M) ", "^t=(" H ":" M ") " END, 0, true, false },
	{ "a group that only groups does not count as one",
	  "(?:%H:)?%M", BEGIN "((?:" H ":)?" M ")" END, 0, false, false },
	{ "neither does a condition, nor an escaped parenthesis",
	  "\\((?P<q>\")?%H(?(q)\")", BEGIN "(\\((?P<q>\")?" H "(?(q)\"))" END,
	  0, false, false },
	{ "a group around the caret is a line's begin",
	  "(^%H)", "(^" H ")" END, 0, true, false },
	{ "... but not in an alternative to it",
	  "(^|x)%H", "(^|x)" H END, 0, false, false },
	{ "also a non-capturing one",
	  "(?:^%H)", "((?:^" H "))" END, 0, false, false },
	{ "** takes the boundary from one side",
	  "**%H", "(" H ")" END, 0, false, false },
	{ "... or from the other", "%H**", BEGIN "(" H ")", 0, false, false },
	{ "... also behind parentheses", "^I\\(()**", "^I\\(()", 0, true, false },
	{ "... and of them", "(**%H**)", "(" H ")", 0, false, false },
	{ "an escaped ** is text", "%H\\**", BEGIN "(" H "\\**)" END, 0, false, false },
	{ "a word's end needs no other", "%H\\b", BEGIN "(" H "\\b)", 0, false, false },
	{ "nor does a blank", "%H\\s", BEGIN "(" H "\\s)", 0, false, false },
	{ "names of months are read in any case",
	  "%b", BEGIN "((?P<b>jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec))" END,
	  REGEX_ICASE, false, false },
	{ "but not the text %%b", "%%b%H", BEGIN "(%b" H ")" END, 0, false, false },
	{ "flags are taken out of the text",
	  "(?i)t%H", BEGIN "(t" H ")" END, REGEX_ICASE, false, false },
	{ "wherever they stand, and all of them",
	  "^(?sm)t%H", "^(t" H ")" END, REGEX_DOTALL | REGEX_MULTILINE, true, false },
	{ "unknown ones are left to be refused",
	  "(?q)%H", BEGIN "((?q)" H ")" END, 0, false, false },
	{ "{NONE}, in the form it is made of", "{UNB}^", "^()", 0, true, false },
	{ "years end with the coming decade",
	  "%ExY", BEGIN "((?P<Y>(?:200|201|202|203)[0-9]))" END, 0, false, false },
	{ "Epoch alone", "EPOCH", "((?:^|(?<=^\\[)|(?<=\\baudit\\())"
	  "[0-9]{10,11}\\b(?:\\.[0-9]{3,6})?)" END, 0, false, false },
	{ "Epoch at the line's begin", "^Epoch",
	  LINE "([0-9]{10,11}\\b(?:\\.[0-9]{3,6})?)" END, 0, true, false },
	{ "the longer one", "{^LN-BEG}LEpoch",
	  LINE "([0-9]{10,11}(?:[0-9]{3}(?:\\.[0-9]{1,6}|[0-9]{3})?)?)" END,
	  0, true, false },
	{ "an embedded number: all of it is cut", "^t={EPOCH},",
	  "(^t=(?P<_epoch>[0-9]{10,11}\\b(?:\\.[0-9]{3,6})?),)" END, 0, true, false },
	{ "TAI64N has no begin", "tai64n", "(@[0-9a-f]{24})" END, 0, false, false },
	{ "unless it has to", "^TAI64N", LINE "(@[0-9a-f]{24})" END, 0, true, false },
};

static void test_rows(void)
{
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct pattern p;
		const char *bad;

		t_is(rows[i].name, pattern_init(&p, rows[i].text, 2035, &bad), 0);
		t_str(rows[i].name, p.regex, rows[i].regex);
		t_is(rows[i].name, p.flags, rows[i].flags);
		t_is(rows[i].name, p.line_begin, rows[i].line_begin);
		t_is(rows[i].name, p.line_end, rows[i].line_end);
		pattern_fini(&p);
	}
}

static const struct {
	const char *text, *name;
} names[] = {
	{ "%Y-%m-%d %H:%M:%S.%f %z", "Year-Month-Day 24hour:Minute:Second.Microseconds Zone offset" },
	{ "{^LN-BEG}%ExY%Exm%Exd", "{^LN-BEG}ExYearExMonthExDay" },
	{ "^%b %d", "^MON Day" },
	{ "(?:%a )?%B", "(?:DAY )?MONTH" },
	{ "%k:%Exk %%", "%k:%Exk %" },
	{ "%Exy %y", "ExYear2 Year2" },
	{ "epoch", "Epoch" },
	{ "^LEPOCH", "{^LN-BEG}LongEpoch" },
	{ "t={EPOCH}", "t={EPOCH}" },
};

static void test_names(void)
{
	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		struct pattern p;
		const char *bad;

		t_is(names[i].text, pattern_init(&p, names[i].text, 2035, &bad), 0);
		t_str(names[i].text, p.name, names[i].name);
		pattern_fini(&p);
	}
}

/* Every directive becomes the group that it is called after. */
static void test_directives(void)
{
	static const char *const keys[] = {
		"Y", "y", "G", "m", "d", "j", "b", "B", "a", "A", "w", "u", "U", "W",
		"V", "H", "k", "I", "l", "p", "M", "S", "f", "z", "Z", "ExY", "Exy",
		"Exm", "Exd", "ExH", "Exk", "Exl", "ExM", "ExS", "Exz", "ExZ",
	};

	for (size_t i = 0; i < ARRAY_SIZE(keys); i++) {
		char text[8], group[8];
		struct pattern p;
		const char *bad;
		char c = keys[i][strlen(keys[i]) - 1];

		snprintf(text, sizeof(text), "%%%s", keys[i]);
		/* %k and %l are other spellings of an hour. */
		snprintf(group, sizeof(group), "(?P<%c>", c == 'k' ? 'H' : c == 'l' ? 'I' : c);
		t_is(text, pattern_init(&p, text, 2035, &bad), 0);
		t_ok(text, strstr(p.regex, group));
		pattern_fini(&p);
	}
}

static void test_refused(void)
{
	static const char *const bad_ones[] = { "%H:%Q", "100%", "%Ex", "%s", "% d" };

	for (size_t i = 0; i < ARRAY_SIZE(bad_ones); i++) {
		const char *bad = NULL;
		struct pattern p;

		t_is(bad_ones[i], pattern_init(&p, bad_ones[i], 2035, &bad), -EINVAL);
		t_is(bad_ones[i], bad ? *bad : 0, '%');
	}
}

int main(void)
{
	test_rows();
	test_names();
	test_directives();
	test_refused();
	return t_done();
}
