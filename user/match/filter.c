// SPDX-License-Identifier: GPL-2.0-or-later
#include "filter_parts.h"

#include <errno.h>
#include <stdio.h>

/* ---- what is reported ---- */

size_t filter_fields(struct filter *f, const struct hit *hit, const struct hit_field **fields)
{
	const struct captures *c = &f->found;
	struct hit_field *out = f->hit_fields;

	for (unsigned int i = 0; i < f->fields.n; i++) {
		if (!c->v[i].s || i == FIELD_CONTENT || i == FIELD_NOFAIL)
			continue;
		if (i == FIELD_IP && hit->ip.family)
			continue;
		*out++ = (struct hit_field){ f->fields.names[i], c->v[i] };
	}
	if (hit->ip.family) {
		ipaddr_format(&hit->ip, f->ip);
		*out++ = (struct hit_field){
			f->fields.names[FIELD_IP], { f->ip, strlen(f->ip) },
		};
	}
	*fields = f->hit_fields;
	return (size_t)(out - f->hit_fields);
}

/* The lines of the log that matched. */
static size_t matched_lines(struct filter *f, const struct hit_text **lines)
{
	if (!f->buf.max) {
		*lines = &f->raw;
		return 1;
	}
	for (size_t i = 0; i < f->buf.n_taken; i++)
		f->raw_lines[i] = (struct hit_text){
			f->buf.taken[i]->raw.s, f->buf.taken[i]->raw.len,
		};
	*lines = f->raw_lines;
	return f->buf.n_taken;
}

static bool report_plain(struct filter *f, struct hit *hit)
{
	if (filter_identify(f, &f->found, hit) <= 0)
		return false;
	hit->nofail = text_is_set(f->found.v[FIELD_NOFAIL]);
	hit->n_lines = matched_lines(f, &hit->lines);
	hit->attempts = (unsigned int)hit->n_lines;
	return true;
}

static bool report_session(struct filter *f, const struct filter_line *line,
			   struct hit *hit)
{
	const struct hit_text *lines;
	size_t n = matched_lines(f, &lines);
	struct session *s;
	int ret;

	ret = sessions_merge(&f->sessions, &f->found, line, lines, n, &s);
	if (ret <= 0) {
		f->stats.no_memory += ret < 0;
		return false;
	}
	captures_fill(&f->found, s->values, s->used);
	ret = filter_identify(f, &f->found, hit);
	/* A failure of somebody we shall know when a later line tells. */
	s->pending = ret == -ENOENT;
	if (ret <= 0)
		return false;
	hit->lines = s->counted.v;
	hit->n_lines = s->counted.n;
	hit->attempts = s->counted.count;
	hit->users = s->users;
	hit->n_users = s->n_users;
	return true;
}

/* ---- matching ---- */

static struct view view_of(const struct subject *s)
{
	return (struct view){ s->text.s, s->text.len, s->plain };
}

bool filter_search(struct filter *f, const struct tagged *p, const struct view *v)
{
	f->spans = regex_search(p->re, v->s, v->len, v->plain);
	return f->spans != NULL;
}

static bool is_ignored(struct filter *f, const struct view *v)
{
	for (size_t i = 0; i < f->ignore.n; i++) {
		if (filter_search(f, &f->ignore.v[i], v)) {
			f->ignore.v[i].hits++;
			f->stats.ignored++;
			return true;
		}
	}
	return false;
}

/* Fail2ban asks them first only where they are clearly fewer. */
bool filter_ignores_first(const struct filter *f)
{
	return f->ignore.n && f->ignore.n + 2 < f->fail.n;
}

/* The buffer gives the lines that matched, but those skipped stay in it. */
static void take_lines(struct filter *f, const struct tagged *p, const struct view *v)
{
	char name[32];
	int group;

	linebuf_take(&f->buf, v->s, v->len, f->spans[0]);
	for (unsigned int i = 0; ; i++) {
		snprintf(name, sizeof(name), "skiplines%u", i);
		group = regex_group(p->re, name);
		if (group < 0)
			return;
		if (f->spans[group].start != REGEX_UNSET)
			linebuf_put_back(&f->buf, (struct hit_text){
				v->s + f->spans[group].start,
				f->spans[group].end - f->spans[group].start });
	}
}

struct view filter_take(struct filter *f, const struct tagged *p, struct view v)
{
	if (!f->buf.max)
		return v;
	take_lines(f, p, &v);
	linebuf_join_taken(&f->buf, &f->taken);
	return view_of(&f->taken);
}

/* Failregex @i matched: that decides about the line. */
static int found(struct filter *f, size_t i, struct view v,
		 const struct filter_line *line, struct hit *hit)
{
	struct tagged *p = &f->fail.v[i];
	bool reported;

	captures_clear(&f->found);
	captures_merge(&f->found, &f->before);
	tagged_captures(p, v.s, f->spans, &f->found);
	v = filter_take(f, p, v);
	if (is_ignored(f, &v))
		return 0;
	*hit = (struct hit){ .regex = (unsigned int)i };
	if (f->found.v[FIELD_MLFID].s)
		reported = report_session(f, line, hit);
	else
		reported = report_plain(f, hit);
	p->hits += reported;
	hit->transport = f->found.v[FIELD_TRANSPORT];
	hit->challenge = f->found.v[FIELD_CHALLENGE];
	hit->sent = f->found.v[FIELD_SENT];
	hit->success = text_is_set(f->found.v[FIELD_SUCCESS]);
	hit->doubt = f->found.v[FIELD_DOUBT].s;
	return reported;
}

/* The part of the line that the failregexes shall see, with a newline. */
static void narrow(struct filter *f, struct hit_text content, struct view *v)
{
	if (content.s + content.len < v->s + v->len && content.s[content.len] == '\n') {
		*v = (struct view){ content.s, content.len + 1, v->plain };
		return;
	}
	subject_reset(&f->content);
	str_add(&f->content.text, content.s, content.len);
	str_putc(&f->content.text, '\n');
	f->content.plain = v->plain;
	*v = view_of(&f->content);
}

bool filter_prepare(struct filter *f, struct view *v, struct hit_text *content)
{
	struct tagged *p = f->pref.v;

	*content = (struct hit_text){ 0 };
	if (!f->pref.n)
		return true;
	if (!filter_search(f, p, v))
		return false;
	p->hits++;
	captures_clear(&f->before);
	tagged_captures(p, v->s, f->spans, &f->before);
	*content = f->before.v[FIELD_CONTENT];
	f->before.v[FIELD_CONTENT] = (struct hit_text){ 0 };
	if (text_is_set(*content))
		narrow(f, *content, v);
	return true;
}

/* The next failregex from @i on that is not ruled out. */
static inline size_t next_asked(const struct filter_line *line, size_t i)
{
	const uint64_t last = filter_mark(SIZE_MAX);	/* all the rest share it */
	uint64_t left = ~line->ruled_out & (last | (last - 1)) & ~(filter_mark(i) - 1);

	if (!left)
		return SIZE_MAX;
	return filter_mark(i) == last ? i : (size_t)__builtin_ctzll(left);
}

static int try_all(struct filter *f, struct view v, const struct filter_line *line,
		   struct hit *hit)
{
	struct hit_text content;

	if (filter_ignores_first(f) && is_ignored(f, &v))
		return 0;
	if (!filter_prepare(f, &v, &content))
		return 0;
	for (size_t i = next_asked(line, 0); i < f->fail.n; i = next_asked(line, i + 1))
		if (filter_search(f, &f->fail.v[i], &v))
			return found(f, i, v, line, hit);
	if (f->buf.max && text_is_set(content) && linebuf_replace(&f->buf, content))
		f->stats.no_memory++;
	return 0;
}

/* A copy of the line, or of all in the buffer; false: no memory. */
static bool load_copy(struct filter *f, const struct filter_line *line, struct view *v)
{
	bool failed = false;

	if (f->buf.max) {
		failed = linebuf_push(&f->buf, line);
		linebuf_join(&f->buf, &f->subject);
	} else {
		subject_set(&f->subject, line);
		str_putc(&f->subject.text, '\n');
	}
	*v = view_of(&f->subject);
	failed |= f->subject.text.failed;
	f->stats.no_memory += failed;
	return !failed;
}

bool filter_load(struct filter *f, const struct filter_line *line, struct view *v)
{
	regex_env_refill(f->env);
	f->raw = (struct hit_text){ line->s, line->len };
	v->plain = true;
	v->len = f->buf.max ? 0 : subject_in_place(line, &v->s);
	return v->len || load_copy(f, line, v);
}

int filter_match(struct filter *f, const struct filter_line *line, struct hit *hit)
{
	struct view v;

	return filter_load(f, line, &v) && try_all(f, v, line, hit);
}

uint64_t filter_informs(const struct filter *f)
{
	uint64_t marks = 0;

	/* The last ones share their mark. */
	for (size_t i = 0; i < f->fail.n && filter_mark(i) != filter_mark(i + 1); i++) {
		const struct tagged *p = &f->fail.v[i];

		if (tagged_has(p, FIELD_NOFAIL) &&
		    (tagged_has(p, FIELD_SENT) || tagged_has(p, FIELD_SUCCESS) ||
		     tagged_has(p, FIELD_DOUBT)))
			marks |= filter_mark(i);
	}
	return marks;
}

bool filter_grades(const struct filter *f)
{
	for (size_t i = 0; i < f->fail.n; i++)
		if (tagged_has(&f->fail.v[i], FIELD_TRANSPORT) ||
		    tagged_has(&f->fail.v[i], FIELD_CHALLENGE))
			return true;
	return false;
}

/* ---- what is known about it ---- */

struct filter_stats filter_stats(const struct filter *f)
{
	struct filter_stats stats = f->stats;

	stats.evicted = f->sessions.evicted;
	return stats;
}

static const struct patterns *part_of(const struct filter *f, enum filter_part part)
{
	switch (part) {
	case FILTER_PREF:	return &f->pref;
	case FILTER_IGNORE:	return &f->ignore;
	case FILTER_FAIL:	break;
	}
	return &f->fail;
}

size_t filter_count(const struct filter *f, enum filter_part part)
{
	return part_of(f, part)->n;
}

const char *filter_regex(const struct filter *f, enum filter_part part, size_t i)
{
	return part_of(f, part)->v[i].origin;
}

uint64_t filter_hits(const struct filter *f, enum filter_part part, size_t i)
{
	return part_of(f, part)->v[i].hits;
}

/* ---- what is remembered ---- */

bool filter_save(struct filter *f, struct str *out)
{
	if (!f->sessions.changed && !f->buf.changed)
		return false;
	f->sessions.changed = f->buf.changed = false;
	if (f->sessions.n || f->buf.n)
		sessions_save(&f->sessions, &f->buf, out);
	return true;
}

void filter_touch(struct filter *f)
{
	f->sessions.changed = true;
}

int filter_restore(struct filter *f, const void *bytes, size_t len)
{
	return sessions_restore(&f->sessions, &f->buf, bytes, len);
}
