// SPDX-License-Identifier: GPL-2.0-or-later
#include "regex/sieve.h"

#include <stdlib.h>
#include <strings.h>

#include "../random.h"
#include "../t.h"

static struct sieve_text text_of(const char *s, bool any_case, uint64_t marks)
{
	struct sieve_text t = { .len = (uint8_t)strlen(s), .any_case = any_case,
				.marks = marks };

	memcpy(t.s, s, t.len);
	return t;
}

/* ---- what every line gets ---- */

static void test_lines(void)
{
	static const char data[] =
		"first needle\n"
		"\n"
		"NEEDLE in any case\r\r\n"
		"a line that is longer than sixty-four bytes, so that it takes two words: thread\n"
		"need\nle\r\r\r\n"
		"needleneedle thread\n";
	static const struct { const char *line; uint64_t marks; } want[] = {
		{ "first needle", 8 | 1 }, { "", 8 }, { "NEEDLE in any case", 8 | 2 },
		{ "a line that is longer than sixty-four bytes, so that it takes two words: "
		  "thread", 8 | 4 },
		{ "need", 8 }, { "le", 8 }, { "needleneedle thread", 8 | 5 },
	};
	const struct sieve_text texts[] = {
		text_of("needle", false, 1), text_of("needle in", true, 2),
		text_of("thread", false, 4),
	};
	struct sieve_walk w;
	struct sieve *s;
	const char *line;
	uint64_t marks;
	size_t len, n = 0;

	t_is("a sieve", sieve_new(&s, texts, ARRAY_SIZE(texts), 8), 0);
	for (sieve_begin(&w, s, data, sizeof(data) - 1); sieve_next(&w, &line, &len, &marks); n++) {
		t_is("length", (int64_t)len, (int64_t)strlen(want[n].line));
		t_ok("line", !memcmp(line, want[n].line, len));
		t_is(want[n].line, (int64_t)marks, (int64_t)want[n].marks);
	}
	t_is("all lines", (int64_t)n, ARRAY_SIZE(want));
	t_is("as many are counted", (int64_t)sieve_count(data, sizeof(data) - 1), (int64_t)n);
	t_is("no line after the last", sieve_next(&w, &line, &len, &marks), 0);
	t_is("marks of a text", (int64_t)sieve_marks(s, "a thread", 8), 8 | 4);
	t_is("marks of a part of it", (int64_t)sieve_marks(s, "a thread", 7), 8);
	sieve_free(s);
}

static void test_leave_out(void)
{
	struct sieve_text texts[] = {
		text_of("Accepted", false, 1), text_of("Failed", false, 2),
		text_of("Invalid", false, 3),
	};
	struct sieve *s;

	t_is("three texts", sieve_new(&s, texts, 3, 4), 0);
	t_is("all are found", (int64_t)sieve_marks(s, "Accepted, Failed", 16), 7);
	t_is("leave one out", sieve_leave_out(&s, 1), 0);
	t_is("it is not found", (int64_t)sieve_marks(s, "Accepted, Failed", 16), 6);
	t_is("one that has other marks is", (int64_t)sieve_marks(s, "Invalid", 7), 7);
	t_is("leave all out", sieve_leave_out(&s, 3), 0);
	t_is("none is found", (int64_t)sieve_marks(s, "Failed, Invalid", 15), 4);
	sieve_free(s);
}

static void test_none(void)
{
	struct sieve_walk w;
	struct sieve *s;
	const char *line;
	uint64_t marks;
	size_t len;

	t_is("no texts", sieve_new(&s, NULL, 0, 5), 0);
	sieve_begin(&w, s, "ab\nc", 4);
	t_ok("a line", sieve_next(&w, &line, &len, &marks) && len == 2 && marks == 5);
	t_ok("one without end", sieve_next(&w, &line, &len, &marks) && len == 1 && marks == 5);
	t_ok("no more", !sieve_next(&w, &line, &len, &marks));
	sieve_begin(&w, s, "", 0);
	t_ok("none at all", !sieve_next(&w, &line, &len, &marks));
	sieve_free(s);
	t_is("a text too short", sieve_new(&s, &(struct sieve_text){ .len = 2 }, 1, 0), -22);
	t_is("too many texts", sieve_new(&s, NULL, SIEVE_TEXTS_MAX + 1, 0), -28);
}

/* ---- random texts in random lines, against the simplest way ---- */

#define TEXTS	60

struct model {
	struct sieve_text texts[TEXTS];
	size_t n;
};

static uint64_t marks_of(const struct model *m, const char *line, size_t len)
{
	uint64_t marks = 0;

	for (size_t i = 0; i < m->n; i++) {
		const struct sieve_text *t = &m->texts[i];

		for (size_t at = 0; at + t->len <= len; at++)
			if (t->any_case ? !strncasecmp(line + at, t->s, t->len)
					: !memcmp(line + at, t->s, t->len))
				marks |= t->marks;
	}
	return marks;
}

/* Few different bytes, so that texts overlap, repeat and nearly match. */
static char random_byte(uint64_t *random, bool newlines)
{
	static const char bytes[] = "aaAbB \x81[{\n\r";

	return bytes[random_below(random, newlines ? 11 : 9)];
}

static void make_texts(struct model *m, uint64_t *random)
{
	m->n = random_below(random, TEXTS + 1);
	for (size_t i = 0; i < m->n; i++) {
		struct sieve_text *t = &m->texts[i];

		*t = (struct sieve_text){
			.len = (uint8_t)(3 + random_below(random, i % 4 ? 4 : SIEVE_TEXT_MAX - 2)),
			.any_case = random_below(random, 3) == 0, .marks = 1ull << i,
		};
		for (int k = 0; k < t->len; k++)
			t->s[k] = random_byte(random, false);
	}
}

/* At the very end of its memory, so that a sanitizer sees who reads on. */
static char *make_run(size_t len, uint64_t *random)
{
	char *data = malloc(len);

	for (size_t i = 0; i < len; i++) {
		data[i] = random_byte(random, true);
		if (data[i] == '\n' && random_below(random, 8))
			data[i] = 'b';
	}
	return data;
}

static bool same(const struct model *m, const struct sieve *s, const char *data, size_t len)
{
	const char *at = data, *end = data + len, *line;
	struct sieve_walk w;
	uint64_t marks;
	size_t n;

	sieve_begin(&w, s, data, len);
	while (at < end) {
		const char *stop = memchr(at, '\n', (size_t)(end - at));

		if (!sieve_next(&w, &line, &n, &marks) || line != at)
			return false;
		stop = stop ? stop : end;
		if (marks != marks_of(m, at, (size_t)(stop - at)))
			return false;
		at = stop + 1;
		while (stop > line && stop[-1] == '\r')
			stop--;
		if (n != (size_t)(stop - line) ||
		    (marks & ~sieve_marks(s, line, (size_t)(at - 1 - line))))
			return false;
	}
	return !sieve_next(&w, &line, &n, &marks);
}

/* What the two pieces have together and neither has alone. */
static bool same_across(const struct model *m, const struct sieve *s, const char *data,
			size_t len, uint64_t *random)
{
	size_t a = len ? random_below(random, (uint32_t)len) : 0;
	uint64_t want = 0;

	for (size_t i = 0; i < m->n; i++) {
		size_t n = m->texts[i].len;
		struct model one = { .texts = { m->texts[i] }, .n = 1 };

		for (size_t at = a > n ? a - n + 1 : 0; at < a && at + n <= len; at++)
			if (at + n > a)
				want |= marks_of(&one, data + at, n);
	}
	return sieve_marks_across(s, data, a, data + a, len - a) == want;
}

static void test_random(void)
{
	uint64_t random = 20261123;
	bool fast = true, slow = true, counted = true, across = true;

	for (int round = 0; round < 300; round++) {
		size_t len = random_below(&random, round % 10 ? 400 : 40000);
		char *data = make_run(len, &random);
		uint64_t lines = 0;
		struct model m;
		struct sieve *s;

		make_texts(&m, &random);
		if (!sieve_new(&s, m.texts, m.n, 0)) {
			fast &= same(&m, s, data, len);
			sieve_slow(s);
			slow &= same(&m, s, data, len);
			across &= same_across(&m, s, data, len, &random);
			sieve_free(s);
		}
		for (size_t i = 0; i < len; i++)
			lines += data[i] == '\n';
		counted &= lines == sieve_count(data, len);
		free(data);
	}
	t_ok("texts across a gap", across);
	t_ok("random lines, the fast way", fast);
	t_ok("random lines, the slow way", slow);
	t_ok("lines are counted", counted);
}

int main(void)
{
#ifdef SIEVE_PORTABLE
	t_str("this is the portable one", sieve_kind(), "bytes");
#endif
	test_lines();
	test_none();
	test_leave_out();
	test_random();
	return t_done();
}
