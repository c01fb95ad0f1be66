/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * session - what was seen of one connection, by the text that <F-MLFID> took.
 * A failure and the address it came from may stand in different lines, and a
 * line may only later turn out to count.  The rules, with all their corners,
 * are Fail2ban's, because its filters are written for them.
 * Private to this room.
 */
#pragma once
#include "base/hmap.h"
#include "base/str.h"
#include "fields.h"
#include "lines.h"

#define SESSION_TEXT	4096	/* bytes kept of a capture */
#define SESSION_USERS	16	/* different users kept */

struct linebuf;

struct session {
	struct hmap_node node;
	struct session *newer;		/* borrows: the order of arrival */
	struct hit_text key;		/* owns */
	wall_t born;
	unsigned int n_users;
	bool pending;		/* failed, but from an unknown address so far */
	/*
	 * Of what follows only as much is ever looked at, or made zero, as there is: a
	 * session comes with nearly every line of some logs.
	 */
	uint64_t used;		/* a bit for each of @values that is there */
	struct hit_text values[FIELDS_MAX];	/* owns */
	struct hit_text users[SESSION_USERS];	/* owns; all different */
	struct lines counted;	/* lines that count */
	struct lines waiting;	/* lines that will, if one does */
};

struct sessions {
	const struct fields *fields;	/* borrows */
	struct hmap by_key;		/* owns the sessions in it */
	struct session *oldest, *newest;
	size_t n;
	/* Ended, or never kept; alive until the next line. */
	struct session *loose;		/* owns */
	struct session *spare;		/* owns: memory of one, for the next one; or NULL */
	uint64_t evicted;
	bool changed;		/* since the caller last cleared it */
};

int sessions_init(struct sessions *ss, const struct fields *fields);
void sessions_fini(struct sessions *ss);

/*
 * Merge the captures @c of a line (which has FIELD_MLFID) into its session.
 * 1: the line counts, 0: it was only remembered, -ENOMEM.  @out is valid until
 * the next call; @out->pending may be set by the caller.
 */
int sessions_merge(struct sessions *ss, struct captures *c,
		   const struct filter_line *line, const struct hit_text *lines,
		   size_t n_lines, struct session **out);

/* One with nothing in it; NULL: no memory. */
struct session *session_new(struct sessions *ss);
/* Add one that is complete; takes it over. */
void sessions_add(struct sessions *ss, struct session *s);
void session_free(struct sessions *ss, struct session *s);	/* NULL is fine */

static inline bool session_has(const struct session *s, unsigned int field)
{
	return s->used >> field & 1;
}

/* session_save.c: append all, and the buffer, as bytes; and add those of such bytes. */
void sessions_save(const struct sessions *ss, const struct linebuf *buf, struct str *out);
int sessions_restore(struct sessions *ss, struct linebuf *buf, const void *bytes, size_t len);
