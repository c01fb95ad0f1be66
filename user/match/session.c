// SPDX-License-Identifier: GPL-2.0-or-later
#include "session.h"

#include <errno.h>
#include <stdlib.h>

int sessions_init(struct sessions *ss, const struct fields *fields)
{
	*ss = (struct sessions){ .fields = fields };
	return hmap_init(&ss->by_key);
}

struct session *session_new(struct sessions *ss)
{
	struct session *s = ss->spare ? ss->spare : malloc(sizeof(*s));

	ss->spare = NULL;
	if (!s)
		return NULL;
	memset(s, 0, offsetof(struct session, values));
	s->counted.n = s->counted.count = 0;
	s->waiting.n = s->waiting.count = 0;
	return s;
}

void session_free(struct sessions *ss, struct session *s)
{
	if (!s)
		return;
	for (uint64_t left = s->used; left; left &= left - 1)
		free((char *)s->values[__builtin_ctzll(left)].s);
	for (unsigned int i = 0; i < s->n_users; i++)
		free((char *)s->users[i].s);
	lines_clear(&s->counted);
	lines_clear(&s->waiting);
	free((char *)s->key.s);
	free(ss->spare);
	ss->spare = s;
}

void sessions_fini(struct sessions *ss)
{
	for (struct session *s = ss->oldest, *newer; s; s = newer) {
		newer = s->newer;
		session_free(ss, s);
	}
	session_free(ss, ss->loose);
	free(ss->spare);
	hmap_fini(&ss->by_key);
	*ss = (struct sessions){ 0 };
}

/* ---- the table ---- */

static bool is_expired(const struct session *s, wall_t now)
{
	return now.us - s->born.us >= FILTER_SESSION_S * US_PER_S;
}

static void unlink_session(struct sessions *ss, struct session *s)
{
	struct session *before = NULL, *p;

	for (p = ss->oldest; p != s; p = p->newer)
		before = p;
	if (before)
		before->newer = s->newer;
	else
		ss->oldest = s->newer;
	if (ss->newest == s)
		ss->newest = before;
	s->newer = NULL;
	hmap_remove(&ss->by_key, &s->node);
	ss->n--;
}

/* It stays valid until the next line, but nobody finds it any more. */
static void let_go(struct sessions *ss, struct session *s)
{
	session_free(ss, ss->loose);
	ss->loose = s;
}

static struct session *find(struct sessions *ss, struct hit_text key,
			    const struct filter_line *line)
{
	struct hmap_node *n = hmap_first(&ss->by_key, hmap_hash(&ss->by_key, key.s, key.len));
	struct session *s = NULL;

	for (; n && !s; n = hmap_next(n)) {
		s = container_of(n, struct session, node);
		if (!text_equal(s->key, key))
			s = NULL;
	}
	if (s && is_expired(s, line->when(line->ctx))) {
		unlink_session(ss, s);
		let_go(ss, s);
		s = NULL;
	}
	return s;
}

static void make_room(struct sessions *ss, wall_t now)
{
	while (ss->n >= FILTER_MAX_SESSIONS) {
		struct session *s = ss->oldest;

		ss->evicted += !is_expired(s, now);
		unlink_session(ss, s);
		let_go(ss, s);
	}
}

void sessions_add(struct sessions *ss, struct session *s)
{
	make_room(ss, s->born);
	if (ss->newest)
		ss->newest->newer = s;
	else
		ss->oldest = s;
	ss->newest = s;
	hmap_insert(&ss->by_key, &s->node, hmap_hash(&ss->by_key, s->key.s, s->key.len));
	ss->n++;
}

/* ---- one session ---- */

static void set_value(struct session *s, enum field field, struct hit_text owned)
{
	if (session_has(s, field))
		free((char *)s->values[field].s);
	s->values[field] = owned;
	s->used |= 1ull << field;
}

static void clear_value(struct session *s, enum field field)
{
	if (session_has(s, field))
		free((char *)s->values[field].s);
	s->used &= ~(1ull << field);
}

static bool has_text(const struct session *s, enum field field)
{
	return session_has(s, field) && s->values[field].len;
}

static int overlay(struct session *s, const struct captures *c)
{
	for (uint64_t left = c->used; left; left &= left - 1) {
		int i = __builtin_ctzll(left);
		struct hit_text copy;

		if (!c->v[i].s)
			continue;
		copy = hit_text_copy(c->v[i], SESSION_TEXT);
		if (!copy.s)
			return -ENOMEM;
		set_value(s, (enum field)i, copy);
	}
	return 0;
}

static int add_user(struct session *s, struct hit_text user)
{
	struct hit_text copy;

	if (!text_is_set(user) || s->n_users == SESSION_USERS)
		return 0;
	copy = hit_text_copy(user, SESSION_TEXT);
	if (!copy.s)
		return -ENOMEM;
	for (unsigned int i = 0; i < s->n_users; i++) {
		if (text_equal(s->users[i], copy)) {
			free((char *)copy.s);
			return 0;
		}
	}
	s->users[s->n_users++] = copy;
	return 0;
}

static void clear_quiet(struct session *s)
{
	clear_value(s, FIELD_NOFAIL);
	clear_value(s, FIELD_GAINED);
}

/* ---- merging ---- */

/* What a line says about its session. */
struct signals {
	bool gained;	/* somebody logged in */
	bool quiet;	/* does not count by itself */
	bool forget;	/* the session ends */
};

static struct signals read_signals(struct captures *c)
{
	struct signals sig = {
		.gained = text_is_set(c->v[FIELD_GAINED]),
		.forget = text_is_set(c->v[FIELD_FORGET]),
	};

	if (sig.gained && !text_is_set(c->v[FIELD_NOFAIL]))
		captures_set(c, FIELD_NOFAIL, c->v[FIELD_GAINED]);
	sig.quiet = text_is_set(c->v[FIELD_NOFAIL]);
	c->v[FIELD_FORGET] = (struct hit_text){ 0 };
	return sig;
}

static int go_on(struct sessions *ss, struct session *s, const struct captures *c,
		 struct signals sig)
{
	bool was_quiet = has_text(s, FIELD_NOFAIL) || has_text(s, FIELD_GAINED);
	int err = add_user(s, c->v[FIELD_USER]);

	clear_quiet(s);
	if (sig.gained)
		s->pending = false;
	/* What counted has been reported already, unless it was pending. */
	if (!was_quiet && !s->pending)
		lines_clear(&s->counted);
	if (sig.forget) {
		unlink_session(ss, s);
		let_go(ss, s);
	}
	return err ? err : overlay(s, c);
}

static int begin(struct sessions *ss, const struct captures *c, struct signals sig,
		 struct hit_text key, const struct filter_line *line, struct session **out)
{
	struct session *s = session_new(ss);
	int err;

	if (!s)
		return -ENOMEM;
	s->key = hit_text_copy(key, SESSION_TEXT);
	err = s->key.s ? overlay(s, c) : -ENOMEM;
	if (!err && !sig.forget)
		err = add_user(s, c->v[FIELD_USER]);
	if (err || sig.forget) {
		let_go(ss, s);
	} else {
		s->born = line->when(line->ctx);
		sessions_add(ss, s);
	}
	*out = s;
	return err;
}

static int add_lines(struct lines *l, const struct hit_text *lines, size_t n)
{
	int err = 0;

	for (size_t i = 0; i < n && !err; i++)
		err = lines_add(l, lines[i]);
	return err;
}

/* A second user, or a failure that waits for its address: now it counts. */
static bool must_count(const struct session *s)
{
	return s->pending || s->n_users > 1;
}

static int remember(struct session *s, bool quiet, bool forget,
		    const struct hit_text *lines, size_t n)
{
	if (quiet)
		return forget ? 0 : add_lines(&s->waiting, lines, n);
	if (s->waiting.n || s->waiting.count) {
		lines_move(&s->waiting, &s->counted);
		lines_move(&s->counted, &s->waiting);
	}
	return add_lines(&s->counted, lines, n);
}

int sessions_merge(struct sessions *ss, struct captures *c,
		   const struct filter_line *line, const struct hit_text *lines,
		   size_t n_lines, struct session **out)
{
	struct signals sig = read_signals(c);
	struct hit_text key = hit_text_cut(c->v[FIELD_MLFID], SESSION_TEXT);
	struct session *s;
	int err;

	ss->changed = true;
	s = find(ss, key, line);
	err = s ? go_on(ss, s, c, sig) : begin(ss, c, sig, key, line, &s);
	if (err)
		return err;
	if (must_count(s)) {
		clear_quiet(s);
		sig.quiet = false;
	}
	s->pending = false;
	err = remember(s, sig.quiet, sig.forget, lines, n_lines);
	*out = s;
	return err ? err : !has_text(s, FIELD_NOFAIL);
}
