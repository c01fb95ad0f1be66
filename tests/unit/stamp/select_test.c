// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Which date of a line is taken, depending on the lines before; and that the
 * hand-written matchers change nothing about it.
 */
#include "stamp/stamp.h"

#include "regex/regex.h"
#include "../t.h"

#include <stdlib.h>
#include <time.h>

#define ZONE	"CET-01CEST-02,M3.5.0,M10.5.0"
#define NOW	((wall_t){ 1124013600 * US_PER_S })

static struct regex_env *env;

static struct stamp *make(const char *const *patterns, size_t n)
{
	struct text texts[4];
	struct stamp_spec spec = { texts, n, { 0 } };
	struct stamp *s = NULL;

	for (size_t i = 0; i < n; i++)
		texts[i] = (struct text){ patterns[i], NULL, 0 };
	t_is("a stamp", stamp_new(&s, &spec, env, NOW, NULL), 0);
	return s;
}

/* ---- stories: lines in a row, and what is cut out of each ---- */

struct told {
	const char *line, *cut;		/* NULL: no date */
};

static void tell(const char *name, const char *pattern, const struct told *told,
		 size_t n)
{
	struct stamp *s = make(&pattern, pattern ? 1 : 0);

	for (size_t i = 0; i < n; i++) {
		struct stamp_date date;
		char got[100];

		if (!stamp_find(s, told[i].line, strlen(told[i].line), &date)) {
			t_str(name, NULL, told[i].cut);
			continue;
		}
		snprintf(got, sizeof(got), "%.*s", (int)(date.end - date.start),
			 told[i].line + date.start);
		t_str(name, got, told[i].cut);
	}
	stamp_free(s);
}

#define TELL(name, pattern, ...) do { \
		static const struct told story[] = { __VA_ARGS__ }; \
		tell(name, pattern, story, ARRAY_SIZE(story)); \
	} while (0)

static void test_stories(void)
{
	TELL("a date at the line's begin beats all others", NULL,
	     { "Aug 14 10:00:00 x 2005-08-01 00:00:00 x", "Aug 14 10:00:00" },
	     { "[2005-08-14 10:00:00] x Aug 01 00:00:00", "2005-08-14 10:00:00" });
	TELL("of two within the line, the left one", NULL,
	     { "host: Aug 14 10:00:00 x 2005-08-01 00:00:00 x", "Aug 14 10:00:00" },
	     { "host: 2005-08-01 00:00:00 x Aug 14 10:00:00 x", "2005-08-01 00:00:00" });
	TELL("where the last one stood, the next is looked for", NULL,
	     { "abcdefgh: 2005-08-14 10:00:00 x", "2005-08-14 10:00:00" },
	     { "abcdefgh: 2005-08-14 10:00:01 x 2005-08-01 00:00:00", "2005-08-14 10:00:01" },
	     { "abcdefgh: none x 2005-08-01 00:00:00", "2005-08-01 00:00:00" });
	TELL("left of the usual place a date counts, right of it none does", NULL,
	     { "<a> [14/Aug/2005:10:00:00 +0200] x", "14/Aug/2005:10:00:00 +0200" },
	     { "<01/Aug/2005:00:00:00 +0200> [14/Aug/2005:10:00:00 +0200] x",
	       "01/Aug/2005:00:00:00 +0200" },
	     { "<a> [14/Aug/2005:10:00:00 +0200] 01/Aug/2005:00:00:00 +0200 x",
	       "14/Aug/2005:10:00:00 +0200" });
	TELL("a line without date changes nothing", NULL,
	     { "Aug 14 10:00:00 x", "Aug 14 10:00:00" },
	     { "at com.example.Main(Main.java:10)", NULL },
	     { "", NULL },
	     { "Aug 14 10:00:01 x", "Aug 14 10:00:01" });
	TELL("columns count characters", NULL,
	     { "<\xc3\xa9\xc3\xa9> 2005-08-14 10:00:00 x", "2005-08-14 10:00:00" },
	     { "<ee> 2005-08-14 10:00:01 x", "2005-08-14 10:00:01" },
	     { "<\xe2\x82\xac.> 2005-08-14 10:00:02 x", "2005-08-14 10:00:02" });
	TELL("bytes that are no character do no harm", NULL,
	     { "\xff\xfe 2005-08-14 10:00:00 x", "2005-08-14 10:00:00" },
	     { "\x80\x80 2005-08-14 10:00:00 x", "2005-08-14 10:00:00" });
	TELL("a shorter line than the last one", NULL,
	     { "a long prefix of a line: 2005-08-14 10:00:00 x", "2005-08-14 10:00:00" },
	     { "x 10", NULL }, { "2005-08-14 10:00:00", "2005-08-14 10:00:00" });
}

/* 01-02-2012 is February 1st, unless a log has shown that it writes 01-27. */
static void test_day_or_month(void)
{
	static const char both[] = "01-02-2012 16:22:44 x";
	static const char month_first[] = "01-27-2012 16:22:44 x";
	struct stamp *s = make(NULL, 0);
	struct stamp_date date;
	wall_t when = { 0 };

	t_ok("found", stamp_find(s, both, strlen(both), &date));
	t_is("computed", stamp_compute(s, both, &date, NOW, &when), 0);
	t_is("day first", when.us, 1328109764 * US_PER_S);
	t_ok("found", stamp_find(s, month_first, strlen(month_first), &date));
	t_ok("found", stamp_find(s, both, strlen(both), &date));
	t_is("computed", stamp_compute(s, both, &date, NOW, &when), 0);
	t_is("month first, as in the line before", when.us, 1325517764 * US_PER_S);
	stamp_free(s);
}

/* ---- hand-written matchers against expressions ---- */

static const char *const corpus[] = {
	"2005-08-14 10:00:00 host x", "2005-08-14T10:00:00.123456+02:00 host x",
	"[2005-08-14 10:00:00,123] x", "2005/08/14 10:00:00Z x", "2005.08.14 23:59:60 x",
	"[Aug 14 10:00:00] NOTICE[1234] chan_sip.c: x", "Aug  4 10:00:00 host sshd[1]: x",
	"<Aug 04 29:00:00.5 2005] x", "Sun Aug 14 10:00:00 2005 x",
	"[Sun Aug 14 10:00:00.123 2005] x", "Aug 14 10:00:00 2005 x",
	"14/Aug/2005:10:00:00 +0200 x", "x - - [14/Aug/2005:10:00:00 -0000] \"GET /\" x",
	"14-Aug-2005 10:00:00.123 x", "1124013600 x", "[1124013600.123456] x",
	"11240136001.5 x", "x Aug 14 10:00:00 x", "x 2005-08-14 10:00:00 x", "no date",
	"@4000000042fc73e012345678 x", "20050814T100000 x", "10:00:00 x",
};

static const char *const pattern_sets[][2] = {
	{ NULL }, { "{^LN-BEG}" }, { "{^LN-BEG}Epoch" }, { "EPOCH" },
	{ "{^LN-BEG}%ExY(?P<_sep>[-/.])%m(?P=_sep)%d[T ]%H:%M:%S(?:[.,]%f)?(?:\\s*%z)?" },
	{ "%d(?P<_sep>[-/])%b(?P=_sep)%ExY[ :]?%H:%M:%S(?:\\.%f)?(?: %z)?" },
	{ "(?:%a )?%b %d %k:%M:%S(?:\\.%f)?(?: %ExY)?", "{^LN-BEG}" },
	{ "^[^\\[]*\\[({DATE})" },
};

static uint64_t random_next(uint64_t *state)
{
	*state = *state * 6364136223846793005ull + 1442695040888963407ull;
	return *state >> 33;
}

#define LINE_MAX_LEN 200

/* Change a few bytes of @line, most of them where dates are. */
static size_t mutate(uint64_t *seed, char *line, size_t len)
{
	static const char marks[] = "0123456789 :.,-/[]+TZGUau_@\t\xc3\xa9\x01";

	for (uint64_t n = random_next(seed) % 4; n && len > 1; n--) {
		size_t at = random_next(seed) % (len < 40 ? len : 40);
		char c = marks[random_next(seed) % (sizeof(marks) - 1)];

		switch (random_next(seed) % 3) {
		case 0:
			line[at] = c;
			break;
		case 1:
			memmove(line + at, line + at + 1, --len - at);
			break;
		default:
			memmove(line + at + 1, line + at, len++ - at);
			line[at] = c;
		}
	}
	return len;
}

static bool same_on(struct stamp *fast, struct stamp *slow, const char *line, size_t len)
{
	struct stamp_date a, b;
	wall_t t = { 0 }, u = { 0 };
	bool found = stamp_find(fast, line, len, &a);

	if (found != stamp_find(slow, line, len, &b))
		return false;
	if (!found)
		return true;
	if (a.start != b.start || a.end != b.end || a.limit > len)
		return false;
	if (a.start == a.end)
		return true;
	return stamp_compute(fast, line, &a, NOW, &t) ==
	       stamp_compute(slow, line, &b, NOW, &u) && t.us == u.us;
}

static void test_fast_is_slow(void)
{
	char line[LINE_MAX_LEN];
	uint64_t seed = 1;
	int fast_ones = 0;

	for (size_t p = 0; p < ARRAY_SIZE(pattern_sets); p++) {
		const char *const *set = pattern_sets[p];
		struct stamp *fast = make(set, (set[0] != NULL) + (set[1] != NULL));
		struct stamp *slow = make(set, (set[0] != NULL) + (set[1] != NULL));

		stamp_slow(slow);
		for (int i = 0; i < 30000; i++) {
			/* Runs of one form, as in logs, so that it is learnt. */
			const char *from = corpus[i / 50 % ARRAY_SIZE(corpus)];
			size_t len = strlen(from);
			struct stamp_date date;

			memcpy(line, from, len);
			len = mutate(&seed, line, len);
			if (!same_on(fast, slow, line, len)) {
				printf("%s: \"%.*s\"\n", set[0] ? set[0] : "", (int)len, line);
				t_ok("fast and slow agree", false);
			}
			if (i % 50 == 49) {
				fast_ones += stamp_find(fast, from, strlen(from), &date) &&
					     date.fast;
				stamp_find(slow, from, strlen(from), &date);
			}
		}
		t_ok("all lines were compared", true);
		stamp_free(fast);
		stamp_free(slow);
	}
	/* The test would prove nothing if they were never used. */
	t_ok("hand-written matchers serve many lines", fast_ones > 1000);
}

/* A date counts only with what surrounds it: all cuts of a line are the same. */
static void test_every_end(void)
{
	for (size_t p = 0; p < ARRAY_SIZE(corpus); p++) {
		struct stamp *fast = make(NULL, 0), *slow = make(NULL, 0);
		struct stamp_date date;
		size_t len = strlen(corpus[p]);

		stamp_slow(slow);
		stamp_find(fast, corpus[p], len, &date);
		stamp_find(slow, corpus[p], len, &date);
		for (size_t n = 0; n <= len; n++) {
			/* On the heap, so that a sanitizer sees any byte too many. */
			char *part = malloc(n ? n : 1);

			memcpy(part, corpus[p], n);
			t_ok(corpus[p], same_on(fast, slow, part, n));
			free(part);
		}
		stamp_free(fast);
		stamp_free(slow);
	}
}

int main(void)
{
	setenv("TZ", ZONE, 1);
	tzset();
	env = regex_env_new();
	test_stories();
	test_day_or_month();
	test_fast_is_slow();
	test_every_end();
	regex_env_free(env);
	return t_done();
}
