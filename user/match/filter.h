/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * filter - Fail2ban's filters: a line goes in, a hit comes out.
 * Prefregex, failregex and ignoreregex with their tags, the session tracking
 * of <F-MLFID> and the line buffer of maxlines > 1, as Fail2ban 1.0 does them.
 * Does not count hits, knows no clock and resolves no name: what a hit is worth
 * is for others.  One filter belongs to one jail and one thread.
 */
#pragma once
#include "base/clock.h"
#include "base/diag.h"
#include "base/ipaddr.h"
#include "base/util.h"

struct filter;
struct regex_env;
struct sieve;

/* What `usedns` means here. */
enum filter_names {
	FILTER_NAMES_NONE,	/* no: <HOST> takes addresses only */
	FILTER_NAMES_RESOLVE,	/* yes, warn: the caller resolves hit.dns */
	FILTER_NAMES_RAW,	/* raw: a name is an id like any other */
};

#define FILTER_MAX_LINES	1000u	/* of the line buffer */
#define FILTER_MAX_SESSIONS	100u	/* as in Fail2ban: the oldest goes first */
#define FILTER_SESSION_S	300	/* seconds a session is remembered */

struct filter_spec {
	const char *name;		/* of the jail, for messages */
	struct text prefregex;		/* .s NULL: none */
	const struct text *failregex;
	size_t n_failregex;
	const struct text *ignoreregex;
	size_t n_ignoreregex;
	unsigned int maxlines;		/* 0 and 1: no line buffer */
	enum filter_names names;
};

/*
 * Compile a filter.  0, -ENOMEM, or -EINVAL with every problem in @d.  Keeps
 * @env (borrowed); copies what it needs of the texts.
 */
int filter_new(struct filter **out, const struct filter_spec *spec,
	       struct regex_env *env, struct diag *d);
void filter_free(struct filter *f);		/* NULL is fine */

/*
 * Most lines can be told, by the texts in them, to match nothing.  The sieve
 * (regex/sieve.h) looks at raw lines; filter_marks() makes of what it found there
 * the marks of the expressions that may match.  Without any, the line leaves
 * filter_match() and the filter as they were, so it need not be called.  Nothing
 * but speed depends on that.
 */
#define FILTER_MARK_IGNORE	(1ull << 63)	/* an ignoreregex that comes first */
#define FILTER_MARK_PREF	(1ull << 62)	/* the prefregex; the sieve's only */
#define FILTER_MARKS_ALL	UINT64_MAX	/* anything may match */

/* Failregex @i may match; the many last ones of a very long list are one. */
static inline uint64_t filter_mark(size_t i)
{
	return 1ull << (i < 61 ? i : 61);
}

const struct sieve *filter_sieve(const struct filter *f);
/*
 * @sieved: what the sieve found in @line.  The bytes from @start to @end are its
 * date, which is cut out, so there may be texts that the sieve could not see.
 */
uint64_t filter_marks(const struct filter *f, uint64_t sieved, const char *line,
		      size_t len, size_t start, size_t end);

struct filter_line {
	const char *s;		/* raw bytes, without the end of the line */
	size_t len;
	bool ended;		/* @s[@len] is the newline that ends it */
	uint64_t ruled_out;	/* the marks that it has not; 0: nothing is known */
	/* The bytes of the date, which are cut out; equal: there is none. */
	size_t date_start, date_end;
	/*
	 * The line's time, or the time now: only asked when a session begins or
	 * is looked up, and only compared with other times given here.
	 */
	wall_t (*when)(void *ctx);
	void *ctx;
};

/* Bytes that may hold anything, NUL too.  .s NULL: nothing. */
struct hit_text {
	const char *s;
	size_t len;
};

struct hit_field {
	const char *name;		/* as in Fail2ban: "user", "ip4" ... */
	struct hit_text value;
};

/* Valid until the filter's next line, while this one stays where it is. */
struct hit {
	struct hit_text id;		/* see filter_id() */
	struct ipaddr addr;		/* family 0: what would be banned is no address */
	bool dns;			/* the id is a name for the caller to resolve */
	bool bogus;			/* it looks like an address (999.1.1.1): never ban */
	struct ipaddr ip;		/* an address beside an id; family 0: none */
	unsigned int regex;		/* index of the failregex */
	bool nofail;			/* <F-NOFAIL> without a session: do not count */
	unsigned int attempts;		/* lines that led to this hit, at least 1 */
	const struct hit_text *users;	/* of the session, in order of appearance */
	size_t n_users;
	const struct hit_text *lines;	/* those lines; the last ones of too many */
	size_t n_lines;
	/*
	 * Whether the sender can be forged is for others to say.  What the line
	 * has for it, if the expression has tags of these names: how it came
	 * (<F-TRANSPORT>), the nonce of ours that the sender repeated
	 * (<F-CHALLENGE>), or that went to him (<F-SENT>).
	 */
	struct hit_text transport, challenge, sent;
	bool success;			/* <F-SUCCESS>: he has logged in */
	bool doubt;			/* <F-DOUBT>, even empty: others can write lines of
					 * their own into such a log */
};

/* 1: @hit is filled; 0: nothing to report about this line. */
int filter_match(struct filter *f, const struct filter_line *line, struct hit *hit);
/* What would be banned, as text; valid up to the next line. */
struct hit_text filter_id(struct filter *f, const struct hit *hit);
/* What the captures of the last @hit were, valid as long; returns their number. */
size_t filter_fields(struct filter *f, const struct hit *hit,
		     const struct hit_field **fields);

/*
 * What the filter knows of lines that were before: sessions that have not ended, and
 * the buffer of an expression that spans several lines.  For a restart (or a reload)
 * between two of their lines.  filter_save() appends it, at most about FILTER_SAVE_MAX
 * bytes and only if it has changed since the last time or filter_touch(); false: it has
 * not.  Nothing appended: nothing is known.  filter_restore() adds it to what is known:
 * 0, -EINVAL: those are not such bytes (some may have been taken), -ENOMEM.
 */
#define FILTER_SAVE_MAX	(256u << 10)
struct str;
bool filter_save(struct filter *f, struct str *out);
void filter_touch(struct filter *f);
int filter_restore(struct filter *f, const void *bytes, size_t len);

struct filter_stats {
	uint64_t ignored;		/* lines an ignoreregex took */
	uint64_t bogus;			/* hits on 999.1.1.1, 010.0.0.1 and the like */
	uint64_t evicted;		/* sessions the cap pushed out */
	uint64_t no_memory;		/* lines lost */
};
struct filter_stats filter_stats(const struct filter *f);

/*
 * The marks of expressions that find no failures, only what others may want to know
 * (<F-NOFAIL> with <F-SENT>, <F-SUCCESS> or <F-DOUBT>): who does not may leave them out.
 */
uint64_t filter_informs(const struct filter *f);
/* The sieve need not look for what only these @marks are about.  0 or -ENOMEM. */
int filter_leave_out(struct filter *f, uint64_t marks);
/* True if any expression has <F-TRANSPORT> or <F-CHALLENGE>. */
bool filter_grades(const struct filter *f);

/* The expressions, for `xdpban test`: as configured, and how often they hit. */
enum filter_part { FILTER_PREF, FILTER_FAIL, FILTER_IGNORE };
size_t filter_count(const struct filter *f, enum filter_part part);
const char *filter_regex(const struct filter *f, enum filter_part part, size_t i);
uint64_t filter_hits(const struct filter *f, enum filter_part part, size_t i);
