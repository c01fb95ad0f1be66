// SPDX-License-Identifier: GPL-2.0-or-later
#include "decoder.h"

#include <errno.h>
#include <iconv.h>
#include <stdlib.h>
#include <strings.h>

static const char replacement[] = "\xef\xbf\xbd";

struct decoder {
	iconv_t cd;
	char newline[4];
	size_t unit;		/* bytes in newline, and in one code unit */
	bool by_mark;		/* "utf-16", "utf-32": a mark gives the order */
	bool marked;		/* the next unit is that mark */
	bool ascii;		/* bytes below 0x80 are what they are in ASCII */
	size_t size;
	char out[];		/* converted, but not handed out yet */
};

/* Python's spelling where it is none that iconv(3) knows. */
static const struct { const char *python, *iconv; } spellings[] = {
	{ "latin-1", "ISO-8859-1" }, { "latin_1", "ISO-8859-1" },
	{ "utf-16", "UTF-16LE" }, { "utf_16", "UTF-16LE" }, { "utf16", "UTF-16LE" },
	{ "utf-16-le", "UTF-16LE" }, { "utf_16_le", "UTF-16LE" },
	{ "utf-16-be", "UTF-16BE" }, { "utf_16_be", "UTF-16BE" },
	{ "utf-32", "UTF-32LE" }, { "utf_32", "UTF-32LE" }, { "utf32", "UTF-32LE" },
	{ "utf-32-le", "UTF-32LE" }, { "utf_32_le", "UTF-32LE" },
	{ "utf-32-be", "UTF-32BE" }, { "utf_32_be", "UTF-32BE" },
	{ "mac-roman", "MACINTOSH" }, { "mac_roman", "MACINTOSH" },
};

static const char *const as_it_is[] = {
	"", "auto", "ascii", "us-ascii", "us_ascii", "646",
	"utf-8", "utf_8", "utf8", "u8", "utf-8-sig", "utf_8_sig",
};

static bool passes_through(const char *encoding)
{
	for (size_t i = 0; i < ARRAY_SIZE(as_it_is); i++)
		if (!strcasecmp(encoding, as_it_is[i]))
			return true;
	return false;
}

static const char *iconv_name(const char *encoding)
{
	for (size_t i = 0; i < ARRAY_SIZE(spellings); i++)
		if (!strcasecmp(encoding, spellings[i].python))
			return spellings[i].iconv;
	return encoding;
}

/* A set whose line end is no single '\n' unit (EBCDIC, UTF-7) is no log's. */
static int find_newline(struct decoder *d, const char *name)
{
	iconv_t cd = iconv_open(name, "UTF-8");
	char in[] = "\n", *from = in, *to = d->newline;
	size_t left = 1, room = sizeof(d->newline);
	bool ok;

	if (cd == (iconv_t)-1)
		return -EINVAL;
	ok = iconv(cd, &from, &left, &to, &room) != (size_t)-1;
	iconv_close(cd);
	d->unit = sizeof(d->newline) - room;
	if (!ok || d->unit == 3 || !memchr(d->newline, '\n', d->unit))
		return -EINVAL;
	return 0;
}

/* Not so where some of them switch to another set (ISO-2022, UTF-7). */
static bool keeps_ascii(struct decoder *d)
{
	if (d->unit != 1)
		return false;
	for (int i = 0; i < 0x80; i++) {
		char in = (char)i, out = ~in, *from = &in, *to = &out;
		size_t left = 1, room = 1;

		iconv(d->cd, NULL, NULL, NULL, NULL);
		if (iconv(d->cd, &from, &left, &to, &room) == (size_t)-1 || room || out != in)
			return false;
	}
	return true;
}

static bool named_without_order(const char *encoding)
{
	size_t len = strlen(encoding);

	return !strncasecmp(encoding, "utf", 3) && len &&
	       (encoding[len - 1] == '6' || encoding[len - 1] == '2');
}

int decoder_new(struct decoder **out, const char *encoding, size_t max_line)
{
	const char *name = encoding ? iconv_name(encoding) : NULL;
	/* No byte of a set in use becomes more than three in UTF-8. */
	size_t size = max_line * 3 + 64;
	struct decoder *d;
	int err;

	*out = NULL;
	if (!encoding || passes_through(encoding))
		return 0;
	d = calloc(1, sizeof(*d) + size);
	if (!d)
		return -ENOMEM;
	d->size = size;
	d->cd = iconv_open("UTF-8", name);
	err = d->cd == (iconv_t)-1 ? -EINVAL : find_newline(d, name);
	if (err) {
		decoder_free(d);
		return err;
	}
	d->by_mark = named_without_order(encoding);
	d->ascii = keeps_ascii(d);
	*out = d;
	return 0;
}

void decoder_free(struct decoder *d)
{
	if (!d)
		return;
	if (d->cd != (iconv_t)-1)
		iconv_close(d->cd);
	free(d);
}

const char *decoder_newline(const struct decoder *d, size_t *len)
{
	*len = d->unit;
	return d->newline;
}

/* What a byte order mark in front says about the rest; longer marks first. */
static const struct { const char *mark; size_t len; const char *name; } marks[] = {
	{ "\xff\xfe\0\0", 4, "UTF-32LE" }, { "\0\0\xfe\xff", 4, "UTF-32BE" },
	{ "\xff\xfe", 2, "UTF-16LE" }, { "\xfe\xff", 2, "UTF-16BE" },
};

static void turn(struct decoder *d, const char *name)
{
	iconv_t cd = iconv_open("UTF-8", name);

	if (cd == (iconv_t)-1)
		return;
	iconv_close(d->cd);
	d->cd = cd;
	find_newline(d, name);
	d->marked = true;
}

void decoder_start(struct decoder *d, const char *data, size_t len)
{
	d->marked = false;
	if (!d->by_mark)
		return;
	for (size_t i = 0; i < ARRAY_SIZE(marks); i++)
		if (marks[i].len == d->unit && len >= d->unit &&
		    !memcmp(data, marks[i].mark, d->unit))
			turn(d, marks[i].name);
}

/* ---- converting ---------------------------------------------------------- */

struct output {
	struct decoder *d;
	char *to;
	size_t room, bad;
	bool dropping;		/* the line in work is too large: up to its end */
	decoder_out_fn *fn;
	void *ctx;
};

/* Hand out what ends with a line end; keep the rest. */
static void flush(struct output *o)
{
	char *out = o->d->out, *end = memrchr(out, '\n', (size_t)(o->to - out));
	char *from = out, *rest = end ? end + 1 : o->to;

	if (end && o->dropping)
		from = (char *)memchr(out, '\n', (size_t)(o->to - out)) + 1;
	o->bad += !end && rest > out && !o->dropping;
	o->dropping = !end && (o->dropping || rest > out);
	if (end && rest > from)
		o->fn(o->ctx, from, (size_t)(rest - from));
	memmove(out, rest, (size_t)(o->to - rest));
	o->to -= rest - out;
	o->room += (size_t)(rest - out);
}

static void replace(struct output *o)
{
	if (o->room < sizeof(replacement) - 1)
		flush(o);
	memcpy(o->to, replacement, sizeof(replacement) - 1);
	o->to += sizeof(replacement) - 1;
	o->room -= sizeof(replacement) - 1;
}

static size_t convert(struct decoder *d, const char *data, size_t len,
		      decoder_out_fn *fn, void *ctx)
{
	struct output o = { .d = d, .to = d->out, .room = d->size, .fn = fn, .ctx = ctx };
	size_t skip = d->marked && len >= d->unit ? d->unit : 0;
	char *from = (char *)data + skip;	/* iconv(3) reads it only */

	d->marked = false;
	len -= skip;
	iconv(d->cd, NULL, NULL, NULL, NULL);
	while (len) {
		if (iconv(d->cd, &from, &len, &o.to, &o.room) != (size_t)-1)
			break;
		if (errno == E2BIG) {
			flush(&o);
			continue;
		}
		/* A code unit that is none (EILSEQ), or half of one (EINVAL). */
		o.bad++;
		replace(&o);
		skip = len < d->unit ? len : d->unit;
		from += skip;
		len -= skip;
	}
	flush(&o);
	return o.bad;
}

/* The bytes up to the first one that is not ASCII, or a few less. */
static size_t ascii_len(const char *p, size_t len)
{
	size_t at = 0;
	uint64_t word;

	for (; at + sizeof(word) <= len; at += sizeof(word)) {
		memcpy(&word, p + at, sizeof(word));
		if (word & 0x8080808080808080ull)
			return at;
	}
	while (at < len && (unsigned char)p[at] < 0x80)
		at++;
	return at;
}

/* Whole lines of ASCII at the beginning; most logs hold nothing else. */
static size_t ascii_lines(const struct decoder *d, const char *data, size_t len)
{
	size_t n = d->ascii ? ascii_len(data, len) : 0;
	const char *end = n ? memrchr(data, '\n', n) : NULL;

	return end ? (size_t)(end - data) + 1 : 0;
}

size_t decoder_run(struct decoder *d, const char *data, size_t len,
		   decoder_out_fn *fn, void *ctx)
{
	size_t bad = 0, n;

	for (; len; data += n, len -= n) {
		const char *end;

		n = ascii_lines(d, data, len);
		if (n) {
			fn(ctx, data, n);
			continue;
		}
		end = d->ascii ? memchr(data, '\n', len) : NULL;
		n = end ? (size_t)(end - data) + 1 : len;
		bad += convert(d, data, n, fn, ctx);
	}
	return bad;
}
