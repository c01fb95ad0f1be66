// SPDX-License-Identifier: GPL-2.0-or-later
/* allowlist_ask - asking it, which looks at the files of ignoreip first. */
#include "allowlist_private.h"

#include <inttypes.h>
#include <stdlib.h>

#include "base/log.h"

static const uint64_t LOOK_NS = NS_PER_S;		/* between looks at a file */
static const uint64_t BACK_OFF_NS = 60 * NS_PER_S;	/* after an error */

/* ---- files ------------------------------------------------------------------ */

static bool same_file(const struct allow_file_id *a, const struct allow_file_id *b)
{
	return a->dev == b->dev && a->ino == b->ino && a->size == b->size &&
	       a->mtime_ns == b->mtime_ns;
}

/* Lowering the cap takes nobody out who is in. */
static size_t room_for(const struct allowlist *a, const struct group *g)
{
	size_t others = a->n_nets - g->n;

	return others < a->max_nets ? a->max_nets - others : 0;
}

static int read_file(struct allowlist *a, struct group *g)
{
	struct allow_file_id id;
	struct allow_list list;
	int err;

	err = allow_file_look(g->label, &id);
	if (err || (!g->failed && same_file(&id, &g->file)))
		return err;
	err = allow_file_read(g->label, room_for(a, g), &list);
	if (err) {
		free(list.nets);
		return err;
	}
	g->file = id;
	a->stats.bad += list.bad;
	a->stats.refused += list.refused;
	if (list.bad || list.refused)
		log_warn("allowlist: %s: %" PRIu64 " words are no addresses, %" PRIu64
			 " beyond the limit", g->label, list.bad, list.refused);
	allowlist_set_nets(a, g, list.nets, list.n);
	return 0;
}

/* After an error what was read before stays in force. */
static void look_at_file(struct allowlist *a, struct group *g, boot_t now)
{
	int err = read_file(a, g);

	g->next_look.ns = now.ns + (err ? BACK_OFF_NS : LOOK_NS);
	if (err) {
		a->stats.file_errors++;
		if (!g->failed)
			log_err("allowlist: cannot read %s (ignoreip of %s): %s;"
				" %zu entries stay in force",
				g->label, a->owner ? a->owner : "all", strerror(-err), g->n);
	}
	g->failed = err;
}

static void look_at_files(struct allowlist *a, boot_t now)
{
	if (now.ns < a->next_look.ns)
		return;
	a->next_look = BOOT_NEVER;
	for (size_t i = 0; i < a->n_groups; i++) {
		struct group *g = &a->groups[i];

		if (g->kind != ALLOW_FILE)
			continue;
		if (now.ns >= g->next_look.ns)
			look_at_file(a, g, now);
		if (g->next_look.ns < a->next_look.ns)
			a->next_look = g->next_look;
	}
}

/* ---- asking ------------------------------------------------------------------- */

/* Out of memory: the old set stays, and the next call tries again. */
static void make_set(struct allowlist *a)
{
	struct prefix_entry *v = malloc(a->n_nets * sizeof(*v) + 1);
	size_t n = 0;

	if (!v)
		return;
	for (uint32_t i = 0; i < a->n_groups; i++)
		for (size_t k = 0; k < a->groups[i].n; k++)
			v[n++] = (struct prefix_entry){ a->groups[i].nets[k], i, 0 };
	prefix_set_build(&a->set, v, n);
	a->changed = false;
	a->version++;
}

static void refresh(struct allowlist *a, boot_t now)
{
	look_at_files(a, now);
	if (a->changed)
		make_set(a);
}

static struct allow_match match_of(const struct allowlist *a, const struct prefix_entry *e)
{
	const struct group *g = &a->groups[e->tag];

	/* Possible only when memory ran out while the set was made again. */
	if (e->tag >= a->n_groups)
		return (struct allow_match){ ALLOW_IGNOREIP, e->net, NULL };
	return (struct allow_match){ g->kind, e->net, g->label };
}

static bool has_word(const struct allowlist *a, const char *id, size_t len,
		     struct allow_match *match)
{
	for (size_t i = 0; i < a->n_groups; i++) {
		const struct group *g = &a->groups[i];

		if (g->kind != ALLOW_WORD || strlen(g->label) != len ||
		    memcmp(g->label, id, len))
			continue;
		if (match)
			*match = (struct allow_match){ .kind = ALLOW_WORD, .label = g->label };
		return true;
	}
	return false;
}

bool allowlist_has(struct allowlist *a, const char *id, size_t len,
		   const struct ipaddr *addr, boot_t now, struct allow_match *match)
{
	const struct prefix_entry *e;

	refresh(a, now);
	/* No word is an address, so an address needs no comparing of words. */
	if (!addr || !addr->family)
		return id && has_word(a, id, len, match);
	e = prefix_set_around(&a->set, addr);
	if (e && match)
		*match = match_of(a, e);
	return e;
}

bool allowlist_touches(struct allowlist *a, const struct ipaddr *net, boot_t now,
		       struct allow_match *match)
{
	const struct prefix_entry *e;

	refresh(a, now);
	e = prefix_set_touching(&a->set, net);
	if (e && match)
		*match = match_of(a, e);
	return e;
}

void allowlist_each(struct allowlist *a, boot_t now, allow_fn *fn, void *ctx)
{
	refresh(a, now);
	for (size_t i = 0; i < a->set.n; i++) {
		struct allow_match m = match_of(a, &a->set.v[i]);

		fn(ctx, &m);
	}
}

uint64_t allowlist_version(struct allowlist *a, boot_t now)
{
	refresh(a, now);
	return a->version;
}

const char *allow_kind_name(enum allow_kind kind)
{
	static const char *const names[] = {
		[ALLOW_IGNOREIP]	= "ignoreip",
		[ALLOW_FILE]		= "ignoreip file",
		[ALLOW_NAME]		= "ignoreip name",
		[ALLOW_WORD]		= "ignoreip word",
		[ALLOW_SELF]		= "own address",
		[ALLOW_GATEWAY]		= "default gateway",
		[ALLOW_RESOLVER]	= "name server",
		[ALLOW_TRUSTED]		= "trusted",
	};

	return names[kind];
}
