/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * sieve - the lines of a run, and which of many texts each of them holds.
 * A text stands for the expressions that cannot match without it; those are the
 * bits of its mark.  The marks of a line are the bits of all texts in it: with
 * none, nobody needs to look at the line.
 *
 * Made for lines that hold nothing, 10 GB of them a second: one pass notes, for
 * 64 bytes at a time, where a line ends and where four bytes look as if they
 * were a part of a text; only there is compared.  Needs AVX2 for that; elsewhere
 * it looks at each byte by itself, for the same result.
 */
#pragma once
#include "base/util.h"

#define SIEVE_TEXT_MIN	3
#define SIEVE_TEXT_MAX	32	/* bytes of a text; bits of its @common */
#define SIEVE_TEXTS_MAX	512

struct sieve;

struct sieve_text {
	char s[SIEVE_TEXT_MAX];	/* no '\n' */
	uint8_t len;		/* at least SIEVE_TEXT_MIN */
	bool any_case;		/* of ASCII letters */
	uint32_t common;	/* bit i: what begins at byte i is in many lines */
	uint64_t marks;
};

/*
 * @always: the marks that every line has.  Copies @texts.  0, -ENOMEM, -ENOSPC
 * for more than SIEVE_TEXTS_MAX of them, or -EINVAL for a length out of range.
 */
int sieve_new(struct sieve **out, const struct sieve_text *texts, size_t n,
	      uint64_t always);
void sieve_free(struct sieve *s);		/* NULL is fine */
/*
 * From now on without the texts that have none but these @marks; what is walking
 * through lines must be through.  0, or -ENOMEM: all is as it was.
 */
int sieve_leave_out(struct sieve **s, uint64_t marks);
/* For tests: as on a processor without AVX2. */
void sieve_slow(struct sieve *s);
/* The texts, in no particular order. */
void sieve_each(const struct sieve *s,
		void (*fn)(void *ctx, const struct sieve_text *text), void *ctx);
/* "AVX2" or "bytes": how sieves look at lines on this machine. */
const char *sieve_kind(void);

#define SIEVE_WORDS	128	/* of 64 bytes, looked at in one go */

/* Where a walk is; nobody else's business, but it lives on the stack. */
struct sieve_walk {
	const struct sieve *sieve;
	const char *data;
	size_t len;
	size_t line;		/* where the next line begins */
	size_t block;		/* where the words begin */
	size_t word, n_words;
	uint64_t maybe, ends;	/* what is left of the word at hand */
	uint64_t words[2][SIEVE_WORDS];	/* bits: a text?  the end of a line? */
};

/* Walk the lines of a run, as framer.h says what that is. */
void sieve_begin(struct sieve_walk *w, const struct sieve *s, const char *data,
		 size_t len);
/*
 * The next line, without its '\n' and the '\r's before that, as line_next() in
 * framer.h.  False at the end.
 */
bool sieve_next(struct sieve_walk *w, const char **line, size_t *len,
		uint64_t *marks);

/* The marks of any text, at most @len bytes long. */
uint64_t sieve_marks(const struct sieve *s, const char *text, size_t len);

/* Those of texts that begin in @a and end in @b, if that came right behind it. */
uint64_t sieve_marks_across(const struct sieve *s, const char *a, size_t a_len,
			    const char *b, size_t b_len);

/* How many lines end in @len bytes. */
uint64_t sieve_count(const char *data, size_t len);
