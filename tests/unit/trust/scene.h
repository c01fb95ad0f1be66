/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * scene - a configuration as text, read as a source of trust; what is found and
 * what is said about it, as text again.
 */
#pragma once
#include "../ini/tree.h"
#include "base/str.h"
#include "trust/source.h"

#define SCENE_FILES	16

struct scene {
	const char *what;
	enum trust_kind kind;
	const char *path;		/* in the directory; "" is itself */
	struct tree_file files[SCENE_FILES];
	const char *entries;		/* "ROLE [NAME] PEER\n", in order */
	const char *problems;		/* "FILE:LINE: TEXT\n", in order */
};

static const struct trust_limits scene_limits = { 16, 32 };

static inline void scene_entries(const struct trust_reading *r, struct str *out)
{
	char net[IPADDR_TEXT];

	str_puts(out, "");
	for (size_t i = 0; i < r->n; i++) {
		const struct trust_entry *e = &r->entries[i];

		str_printf(out, "%s [%s] %s%s\n", e->role, e->name, e->peer.net.family ?
			   ipaddr_format(&e->peer.net, net) : e->peer.host,
			   !e->peer.net.family && e->peer.srv ? " (srv)" : "");
	}
}

static inline void scene_problems(const struct trust_reading *r, const char *dir,
				  struct str *out)
{
	str_puts(out, "");
	for (size_t i = 0; i < r->problems.n; i++)
		str_printf(out, "%s\n", tree_problem(&r->problems, dir, i));
}

static inline void scene_play(const struct scene *s)
{
	struct str entries = { 0 }, problems = { 0 };
	struct trust_reading r;
	char path[600], *dir;
	struct trust_source src = { s->kind, path };

	dir = tree_make(s->files, SCENE_FILES);
	snprintf(path, sizeof(path), "%s%s%s", dir, *s->path ? "/" : "", s->path);
	trust_read(&src, &scene_limits, &r);
	scene_entries(&r, &entries);
	scene_problems(&r, dir, &problems);
	t_str(s->what, entries.s, s->entries);
	t_str(s->what, problems.s, s->problems ? s->problems : "");
	str_fini(&entries);
	str_fini(&problems);
	trust_reading_fini(&r);
	tree_remove(dir);
}
