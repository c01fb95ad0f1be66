// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The framer against a slow and obvious one, for every way to cut the input
 * into pushes; then what only it has: caps, restarts, encodings.
 */
#include <errno.h>
#include <stdlib.h>

#include "base/str.h"
#include "line/framer.h"
#include "../t.h"

struct got {
	struct str text;	/* the lines, each in brackets */
	size_t runs;
	bool bad_run;		/* an empty one, or one without a line end */
};

static void collect(void *ctx, const char *data, size_t len)
{
	struct got *g = ctx;
	const char *at = data, *line;
	size_t n;

	g->runs++;
	g->bad_run |= !len || data[len - 1] != '\n';
	while (line_next(&at, data + len, &line, &n)) {
		str_putc(&g->text, '[');
		str_add(&g->text, line, n);
		str_putc(&g->text, ']');
	}
}

static const char *text_of(struct got *g)
{
	str_add(&g->text, "", 0);
	return g->text.s;
}

/* What the framer must give: lines within the cap, in brackets. */
static void expect(struct str *out, const char *p, size_t len, size_t cap)
{
	const char *nl;

	for (; (nl = memchr(p, '\n', len)); len -= (size_t)(nl + 1 - p), p = nl + 1) {
		size_t n = (size_t)(nl - p);

		if (n > cap)
			continue;
		while (n && p[n - 1] == '\r')
			n--;
		str_putc(out, '[');
		str_add(out, p, n);
		str_putc(out, ']');
	}
	str_add(out, "", 0);
}

/* Where the last line begins that has no end yet. */
static size_t unfinished(const char *p, size_t len)
{
	const char *nl = memrchr(p, '\n', len);

	return nl ? len - (size_t)(nl + 1 - p) : len;
}

static void check_cut(const char *what, const char *in, size_t len, size_t cap, size_t cut,
		      size_t step)
{
	struct got g = { 0 };
	struct str want = { 0 };
	struct framer *f;
	bool pending_ok = true;

	t_is("new", framer_new(&f, NULL, cap, collect, &g), 0);
	for (size_t at = 0, n = cut; at < len; at += n, n = step) {
		char *copy;	/* exactly as large, so that an overrun shows */

		if (n > len - at)
			n = len - at;
		copy = malloc(n ? n : 1);
		memcpy(copy, in + at, n);
		pending_ok &= framer_push(f, copy, n) == unfinished(in, at + n);
		free(copy);
	}
	expect(&want, in, len, cap);
	t_str(what, text_of(&g), want.s);
	t_ok("every run holds whole lines", !g.bad_run);
	t_ok("the unfinished bytes are told", pending_ok);
	framer_free(f);
	str_fini(&g.text);
	str_fini(&want);
}

static const struct { const char *what, *in; } texts[] = {
	{ "plain lines", "one\ntwo\nthree\n" },
	{ "no end yet", "one\ntw" },
	{ "empty lines", "\n\n\na\n\n" },
	{ "carriage returns go with the line end", "a\r\nb\r\r\n\r\nc\rd\n" },
	{ "at the cap, past it, at it", "12345678\n123456789\n12345678\n" },
	{ "far past the cap", "1\n12345678901234567890123456789012345678901234567890\n2\n" },
	{ "past the cap at the end", "1\n1234567890" },
	{ "two too long in a row", "1234567890\n1234567890\nx\n" },
};

static void every_cut_gives_the_same_lines(void)
{
	for (size_t i = 0; i < ARRAY_SIZE(texts); i++)
		for (size_t cut = 1; cut <= strlen(texts[i].in); cut++)
			for (size_t step = 1; step < 12; step += 5)
				check_cut(texts[i].what, texts[i].in, strlen(texts[i].in),
					  8, cut, step);
	check_cut("NUL and bad bytes are left alone", "a\0b\xff\n\0\n", 7, 8, 3, 7);
}

/* Many lines of many lengths around a small cap, pushed in odd sizes. */
static void a_long_random_text(void)
{
	const size_t len = 100000;
	char *in = malloc(len);
	uint32_t x = 12345;

	for (size_t i = 0; i < len; i++) {
		x = x * 1664525 + 1013904223;
		in[i] = x >> 24 < 12 ? '\n' : (char)('a' + (x >> 16) % 26);
	}
	for (size_t step = 1; step < 5000; step = step * 3 + 1)
		check_cut("random text", in, len, 40, step, step);
	check_cut("random text at once", in, len, 40, len, 1);
	free(in);
}

static void whole_buffers_are_one_run(void)
{
	struct got g = { 0 };
	struct framer *f;
	char buf[4096];

	for (size_t i = 0; i < sizeof(buf); i++)
		buf[i] = i % 8 == 7 ? '\n' : 'x';
	framer_new(&f, NULL, 16, collect, &g);
	t_is("nothing is left", framer_push(f, buf, sizeof(buf)), 0);
	t_is("one run", g.runs, 1);
	t_is("lines are counted", framer_stats(f)->lines, 512);
	framer_free(f);
	str_fini(&g.text);
}

static void restarts(void)
{
	struct got g = { 0 };
	struct framer *f;

	framer_new(&f, NULL, 8, collect, &g);
	framer_push(f, "a\nhalf", 6);
	framer_restart(f, false);
	framer_push(f, "b\n", 2);
	framer_restart(f, true);
	t_is("in the middle of a line, all is unfinished", framer_push(f, "rest", 4), 4);
	t_is("until it ends", framer_push(f, " of it\nc\nd", 10), 1);
	framer_finish(f);
	framer_push(f, "123456789", 9);
	framer_restart(f, false);
	framer_push(f, "e\n", 2);
	framer_finish(f);
	t_str("partial lines are dropped, the last one is finished", text_of(&g), "[a][b][c][d][e]");
	t_is("one was cut", framer_stats(f)->cut, 1);
	t_is("one was too long", framer_stats(f)->too_long, 1);
	t_is("the rest", framer_stats(f)->lines, 5);
	framer_free(f);
	str_fini(&g.text);
}

static const struct {
	const char *what, *encoding, *in;
	size_t len;
	const char *want;
	unsigned int undecodable;
} encodings[] = {
	{ "utf-8 as it is", "UTF-8", "caf\xc3\xa9 \xff\n", 8, "[caf\xc3\xa9 \xff]", 0 },
	{ "auto as it is", "auto", "\xe9\n", 2, "[\xe9]", 0 },
	{ "latin-1", "latin-1", "caf\xe9\r\n\xa0\n", 8, "[caf\xc3\xa9][\xc2\xa0]", 0 },
	{ "cp1252 with a hole", "cp1252", "\x80\x81\n", 3,
	  "[\xe2\x82\xac\xef\xbf\xbd]", 1 },
	{ "utf-16, little by default", "utf-16", "a\0\n\0b\0\r\0\n\0", 10, "[a][b]", 0 },
	{ "utf-16, little by its mark", "utf-16", "\xff\xfe" "a\0\n\0", 6, "[a]", 0 },
	{ "utf-16, big by its mark", "utf-16", "\xfe\xff\0a\0\n\0b\0\n", 10, "[a][b]", 0 },
	{ "a line end is aligned", "utf-16-le", "\x00\x0a\x0a\x00", 4, "[\xe0\xa8\x80]", 0 },
	{ "a lone surrogate", "utf-16-le", "\x00\xd8\n\0", 4, "[\xef\xbf\xbd]", 1 },
	{ "utf-16-be", "UTF-16-BE", "\x20\xac\0\n", 4, "[\xe2\x82\xac]", 0 },
	{ "utf-32", "utf_32", "\xff\xfe\0\0" "a\0\0\0\n\0\0\0", 12, "[a]", 0 },
	{ "shift-jis", "shift_jis", "\x83\x5c\n", 3, "[\xe3\x82\xbd]", 0 },
};

static void encodings_become_utf8(void)
{
	for (size_t i = 0; i < ARRAY_SIZE(encodings); i++) {
		for (size_t step = 1; step <= encodings[i].len; step++) {
			struct got g = { 0 };
			struct framer *f;

			t_is("new", framer_new(&f, encodings[i].encoding, 16, collect, &g), 0);
			for (size_t at = 0; at < encodings[i].len; at += step) {
				size_t left = encodings[i].len - at;

				framer_push(f, encodings[i].in + at, left < step ? left : step);
			}
			t_str(encodings[i].what, text_of(&g), encodings[i].want);
			t_is(encodings[i].what, framer_stats(f)->undecodable,
			     encodings[i].undecodable);
			framer_free(f);
			str_fini(&g.text);
		}
	}
}

static void caps_hold_in_every_encoding(void)
{
	static const struct { const char *encoding, *in; size_t len; } long_ones[] = {
		{ "latin-1", "123456789\nab\n", 13 },
		{ "utf-16-le", "1\0002\0003\0004\0005\0\n\0a\0b\0\n\0", 18 },
	};
	struct framer *f;

	for (size_t i = 0; i < ARRAY_SIZE(long_ones); i++) {
		struct got g = { 0 };

		framer_new(&f, long_ones[i].encoding, 8, collect, &g);
		for (size_t at = 0; at < long_ones[i].len; at++)
			framer_push(f, long_ones[i].in + at, 1);
		t_str(long_ones[i].encoding, text_of(&g), "[ab]");
		t_is(long_ones[i].encoding, framer_stats(f)->too_long, 1);
		framer_free(f);
		str_fini(&g.text);
	}
	t_is("nobody knows it", framer_new(&f, "klingon-8", 0, collect, NULL), -EINVAL);
	t_is("no line ends", framer_new(&f, "EBCDIC-US", 0, collect, NULL), -EINVAL);
}

/* Every byte becomes three: the buffer of the decoder fills up many times. */
static void decoding_a_large_buffer(void)
{
	const size_t len = 300000;
	char *in = malloc(len);
	struct got g = { 0 };
	struct framer *f;

	memset(in, 0x80, len);
	for (size_t i = 99; i < len; i += 100)
		in[i] = '\n';
	framer_new(&f, "cp1252", 200, collect, &g);
	framer_push(f, in, len);
	t_is("lines", framer_stats(f)->lines, 3000);
	t_is("text", g.text.len, 3000 * (99 * 3 + 2));
	t_ok("every run holds whole lines", !g.bad_run);
	framer_free(f);
	str_fini(&g.text);
	free(in);
}

int main(void)
{
	every_cut_gives_the_same_lines();
	a_long_random_text();
	whole_buffers_are_one_run();
	restarts();
	encodings_become_utf8();
	caps_hold_in_every_encoding();
	decoding_a_large_buffer();
	return t_done();
}
