// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Sessions, and the buffer of lines, as bytes, for a restart between two lines.
 * A version; the lines of the buffer, the oldest first, each a text and where its date
 * begins and ends; then each session, the oldest first: its key, when it was born
 * (eight bytes), whether it is pending, its values with the names of their fields, its
 * users, the lines that count and those that wait.  Numbers have seven bits to a
 * byte, the least significant first; a text has its length before it.  Version 1 had
 * no buffer.
 */
#include <errno.h>
#include <stdlib.h>

#include "linebuf.h"
#include "session.h"

enum { WITHOUT_BUFFER = 1, VERSION = 2 };

/* ---- writing ---------------------------------------------------------------- */

static void put_number(struct str *out, uint64_t n)
{
	for (; n >= 0x80; n >>= 7)
		str_putc(out, (char)(n | 0x80));
	str_putc(out, (char)n);
}

static void put_text(struct str *out, struct hit_text t)
{
	put_number(out, t.len);
	str_add(out, t.s, t.len);
}

static void put_values(struct str *out, const struct session *s, const struct fields *f)
{
	unsigned int n = 0;

	for (unsigned int i = 0; i < f->n; i++)
		n += session_has(s, i);
	put_number(out, n);
	for (unsigned int i = 0; i < f->n; i++) {
		if (!session_has(s, i))
			continue;
		put_text(out, (struct hit_text){ f->names[i], strlen(f->names[i]) });
		put_text(out, s->values[i]);
	}
}

static void put_texts(struct str *out, const struct hit_text *v, unsigned int n)
{
	put_number(out, n);
	for (unsigned int i = 0; i < n; i++)
		put_text(out, v[i]);
}

static void put_lines(struct str *out, const struct lines *l)
{
	put_number(out, l->count);
	put_texts(out, l->v, l->n);
}

static void put_session(struct str *out, const struct session *s, const struct fields *f)
{
	put_text(out, s->key);
	str_add(out, (const char *)&s->born.us, sizeof(s->born.us));
	put_number(out, s->pending);
	put_values(out, s, f);
	put_texts(out, s->users, s->n_users);
	put_lines(out, &s->counted);
	put_lines(out, &s->waiting);
}

/* The newest, as far as they fit into half of all there may be. */
static void put_buffer(struct str *out, const struct linebuf *b)
{
	size_t first = b->n, room = FILTER_SAVE_MAX / 2;

	while (first && b->v[first - 1]->raw.len + 32 <= room)
		room -= b->v[--first]->raw.len + 32;
	put_number(out, b->n - first);
	for (size_t i = first; i < b->n; i++) {
		const struct linebuf_line *l = b->v[i];

		put_text(out, (struct hit_text){ l->raw.s, l->raw.len });
		put_number(out, l->date_start);
		put_number(out, l->date_end);
	}
}

/* The oldest are left out when it is too much. */
void sessions_save(const struct sessions *ss, const struct linebuf *buf, struct str *out)
{
	struct str one = { 0 };
	size_t before = out->len, too_much = 0;

	str_putc(out, VERSION);
	put_buffer(out, buf);

	for (const struct session *s = ss->oldest; s; s = s->newer) {
		str_reset(&one);
		put_session(&one, s, ss->fields);
		too_much += one.len;
	}
	too_much += out->len - before;
	too_much = too_much > FILTER_SAVE_MAX ? too_much - FILTER_SAVE_MAX : 0;
	for (const struct session *s = ss->oldest; s; s = s->newer) {
		str_reset(&one);
		put_session(&one, s, ss->fields);
		if (!too_much)
			str_add(out, one.s, one.len);
		too_much -= one.len < too_much ? one.len : too_much;
	}
	out->failed |= one.failed;
	str_fini(&one);
}

/* ---- reading ---------------------------------------------------------------- */

struct in {
	const uint8_t *at, *end;
	bool bad;			/* what is read is no such thing */
	bool no_memory;
};

static uint64_t get_number(struct in *in)
{
	uint64_t n = 0;

	for (unsigned int shift = 0; in->at < in->end && shift < 63; shift += 7) {
		uint8_t byte = *in->at++;

		n |= (uint64_t)(byte & 0x7f) << shift;
		if (!(byte & 0x80))
			return n;
	}
	in->bad = true;
	return 0;
}

/* A number that is at most @max. */
static unsigned int get_count(struct in *in, unsigned int max)
{
	uint64_t n = get_number(in);

	in->bad |= n > max;
	return in->bad ? 0 : (unsigned int)n;
}

static struct hit_text get_text(struct in *in)
{
	uint64_t len = get_number(in);
	struct hit_text t = { (const char *)in->at, (size_t)len };

	if (in->bad || len > (size_t)(in->end - in->at)) {
		in->bad = true;
		return (struct hit_text){ 0 };
	}
	in->at += len;
	return t;
}

/* A copy that the caller owns; .s NULL: none. */
static struct hit_text get_copy(struct in *in, size_t max)
{
	struct hit_text t = get_text(in), copy;

	if (in->bad)
		return t;
	copy = hit_text_copy(t, max);
	in->no_memory |= !copy.s;
	return copy;
}

/* Fields that the filter does not have any more are left out. */
static void get_values(struct in *in, struct session *s, const struct fields *f)
{
	unsigned int n = get_count(in, FIELDS_MAX);

	while (n-- && !in->bad) {
		struct hit_text name = get_text(in), value = get_copy(in, SESSION_TEXT);
		unsigned int i = 0;

		while (i < f->n && (strlen(f->names[i]) != name.len ||
				    memcmp(f->names[i], name.s, name.len)))
			i++;
		if (i < f->n && value.s && !session_has(s, i)) {
			s->values[i] = value;
			s->used |= 1ull << i;
		} else {
			free((char *)value.s);
		}
	}
}

static void get_users(struct in *in, struct session *s)
{
	unsigned int n = get_count(in, SESSION_USERS);

	for (; n && !in->bad && !in->no_memory; n--) {
		s->users[s->n_users] = get_copy(in, SESSION_TEXT);
		s->n_users += s->users[s->n_users].s != NULL;
	}
}

static void get_lines(struct in *in, struct lines *l)
{
	unsigned int count = get_count(in, UINT32_MAX), n = get_count(in, LINES_MAX);

	in->bad |= n > count;
	for (; n && !in->bad && !in->no_memory; n--) {
		struct hit_text line = get_text(in);

		if (!in->bad)
			in->no_memory |= lines_add(l, line) != 0;
	}
	l->count = count;
}

/* Into a filter that has no buffer any more it does not go. */
static void get_buffer(struct in *in, struct linebuf *b)
{
	unsigned int n = get_count(in, UINT32_MAX);

	for (; n && !in->bad && !in->no_memory; n--) {
		struct hit_text text = get_text(in);
		struct filter_line line = { .s = text.s, .len = text.len };

		line.date_start = get_number(in);
		line.date_end = get_number(in);
		if (!in->bad && b->max)
			in->no_memory |= linebuf_push(b, &line) != 0;
	}
}

static struct session *get_session(struct in *in, struct sessions *ss)
{
	struct session *s = session_new(ss);

	if (!s) {
		in->no_memory = true;
		return NULL;
	}
	s->key = get_copy(in, SESSION_TEXT);
	in->bad |= (size_t)(in->end - in->at) < sizeof(s->born.us);
	if (!in->bad) {
		memcpy(&s->born.us, in->at, sizeof(s->born.us));
		in->at += sizeof(s->born.us);
		/* Three centuries around 1970: differences do not overflow. */
		in->bad |= s->born.us > INT64_MAX / 1024 || s->born.us < INT64_MIN / 1024;
	}
	s->pending = get_count(in, 1);
	get_values(in, s, ss->fields);
	get_users(in, s);
	get_lines(in, &s->counted);
	get_lines(in, &s->waiting);
	return s;
}

int sessions_restore(struct sessions *ss, struct linebuf *buf, const void *bytes, size_t len)
{
	struct in in = { bytes, (const uint8_t *)bytes + len, false, false };

	if (!len || (*in.at != VERSION && *in.at != WITHOUT_BUFFER))
		return -EINVAL;
	if (*in.at++ == VERSION)
		get_buffer(&in, buf);
	if (in.bad || in.no_memory)
		return in.no_memory ? -ENOMEM : -EINVAL;
	while (in.at < in.end) {
		struct session *s = get_session(&in, ss);

		if (!s || in.bad || in.no_memory || !s->key.s) {
			session_free(ss, s);
			return in.no_memory ? -ENOMEM : -EINVAL;
		}
		sessions_add(ss, s);
	}
	return 0;
}
