// SPDX-License-Identifier: GPL-2.0-or-later
/* trust, the doctor: what of it does not hold, or may not hold tomorrow. */
#include "pbx/trust_private.h"
#include "pbx/trust_setting.h"

static void add_all(struct diag *d, const struct diag *from)
{
	for (size_t i = 0; i < from->n; i++) {
		const struct diag_entry *e = &from->entries[i];

		diag_add(d, e->level, e->file, e->line, "%s", e->text ? e->text : "out of memory");
	}
}

static void check_reading(const struct trust_source *s, const struct trust_reading *r,
			  bool named, struct diag *d)
{
	add_all(d, &r->problems);
	if (r->n_files)
		return;
	if (named)
		diag_add(d, DIAG_ERROR, s->path, 0, "there is nothing for \"trust = %s:%s\" "
			 "to read", trust_kind_name(s->kind), s->path);
}

void trust_check_sources(const struct config_settings *s, struct diag *d)
{
	const struct trust_limits limits = {
		(unsigned int)s->trust_prefix4, (unsigned int)s->trust_prefix6,
	};
	struct trust_source v[TRUST_MAX_SOURCES];
	size_t n = trust_setting_sources(s, v, d);

	for (size_t i = 0; i < n; i++) {
		struct trust_reading r;

		if (!trust_setting_names(s, &v[i]))
			continue;
		trust_read(&v[i], &limits, &r);
		check_reading(&v[i], &r, true, d);
		trust_reading_fini(&r);
	}
}

/* ---- names ---------------------------------------------------------------------- */

/* Ages are told in the unit that says enough. */
static unsigned long long age_of(wall_t then, wall_t now, const char **unit)
{
	static const struct { int64_t s; const char *unit; } units[] = {
		{ 86400, "days" }, { 3600, "hours" }, { 60, "minutes" }, { 1, "seconds" },
	};
	int64_t s = now.us > then.us ? (now.us - then.us) / US_PER_S : 0;
	size_t i = 0;

	while (i < ARRAY_SIZE(units) - 1 && s < 2 * units[i].s)
		i++;
	*unit = units[i].unit;
	return (unsigned long long)(s / units[i].s);
}

static void check_name(const struct trust *t, const struct trust_entry *e, wall_t now,
		       struct diag *d)
{
	const struct trust_name *n = trust_book_name(t->book, e);
	unsigned long long age;
	const char *unit;

	if (e->peer.net.family || (n && !n->failed && n->n))
		return;
	if (!n) {
		diag_add(d, DIAG_ERROR, e->file, e->line, "%s: \"%s\" is not resolved, as there "
			 "are more than %u names: it is not covered", e->role, e->peer.host,
			 TRUST_MAX_NAMES);
	} else if (n->n && n->tried.us) {
		age = age_of(n->answered, now, &unit);
		diag_add(d, DIAG_WARNING, e->file, e->line, "%s: \"%s\" does not resolve; it is "
			 "covered by what it was %llu %s ago", e->role, n->host, age, unit);
	} else if (n->tried.us) {
		diag_add(d, DIAG_ERROR, e->file, e->line, "%s: \"%s\" does not resolve: it is "
			 "not covered", e->role, n->host);
	}
}

static void check_names(const struct trust *t, wall_t now, struct diag *d)
{
	for (size_t i = 0; i < trust_book_sources(t->book); i++) {
		const struct trust_reading *r = trust_book_reading(t->book, i);

		for (size_t k = 0; k < r->n; k++)
			check_name(t, &r->entries[k], now, d);
	}
}

void trust_check(const struct trust *t, wall_t now, struct diag *d)
{
	for (size_t i = 0; i < trust_book_sources(t->book); i++)
		check_reading(trust_book_source(t->book, i), trust_book_reading(t->book, i),
			      t->named[i], d);
	check_names(t, now, d);
	if (t->polling)
		diag_add(d, DIAG_WARNING, NULL, 0, "not all files of the PBX can be watched: "
			 "they are read every %llu s", TRUST_POLL_NS / NS_PER_S);
}

struct trust_counts trust_count(const struct trust *t)
{
	struct trust_counts c = { .nets = t->n_nets, .readings = t->readings };

	for (size_t i = 0; i < trust_book_sources(t->book); i++) {
		const struct trust_reading *r = trust_book_reading(t->book, i);

		c.sources += r->n_files > 0;
		c.entries += r->n;
	}
	for (const struct trust_name *n = trust_book_names(t->book); n; n = n->next) {
		c.names++;
		c.unresolved += !n->n;
	}
	return c;
}
