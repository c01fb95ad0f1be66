// SPDX-License-Identifier: GPL-2.0-or-later
#include "allowlist.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>

#include "allow_file.h"
#include "allow_word.h"
#include "base/log.h"
#include "prefix_set.h"

enum { MAX_WORD = 1024 };

static const uint64_t LOOK_NS = NS_PER_S;		/* between looks at a file */
static const uint64_t BACK_OFF_NS = 60 * NS_PER_S;	/* after an error */

/* Entries that came together and go together. */
struct group {
	enum allow_kind kind;
	char *label;		/* owns; NULL is a label too */
	struct ipaddr *nets;	/* owns; sorted */
	size_t n;
	/* of a file: */
	struct allow_file_id file;
	boot_t next_look;
	bool failed;		/* so that a lasting error is logged once */
};

struct allowlist {
	char *owner;		/* owns; NULL: nobody's */
	struct group *groups;	/* owns */
	size_t n_groups, room;
	struct prefix_set set;	/* of all groups; the tag is the group's index */
	bool changed;		/* @set must be made again */
	boot_t next_look;	/* at any file; { 0 }: now */
	size_t n_nets, max_nets;	/* in all groups, doubles too */
	uint64_t version;
	struct allow_stats stats;
};

struct allowlist *allowlist_new(const char *owner)
{
	struct allowlist *a = calloc(1, sizeof(*a));

	if (!a)
		return NULL;
	a->owner = owner ? strdup(owner) : NULL;
	if (owner && !a->owner) {
		free(a);
		return NULL;
	}
	a->max_nets = ALLOW_MAX_NETS;
	return a;
}

void allowlist_set_max(struct allowlist *a, size_t max)
{
	a->max_nets = max < ALLOW_MAX_NETS ? max : ALLOW_MAX_NETS;
}

static void group_fini(struct allowlist *a, struct group *g)
{
	a->n_nets -= g->n;
	free(g->label);
	free(g->nets);
}

void allowlist_free(struct allowlist *a)
{
	if (!a)
		return;
	for (size_t i = 0; i < a->n_groups; i++)
		group_fini(a, &a->groups[i]);
	free(a->groups);
	prefix_set_fini(&a->set);
	free(a->owner);
	free(a);
}

/* ---- groups --------------------------------------------------------------- */

static bool same_label(const char *a, const char *b)
{
	return a && b ? streq(a, b) : a == b;
}

static struct group *find_group(const struct allowlist *a, enum allow_kind kind,
				const char *label)
{
	for (size_t i = 0; i < a->n_groups; i++)
		if (a->groups[i].kind == kind && same_label(a->groups[i].label, label))
			return &a->groups[i];
	return NULL;
}

static int grow_groups(struct allowlist *a)
{
	size_t room = a->room ? a->room * 2 : 8;
	struct group *p;

	if (a->n_groups < a->room)
		return 0;
	if (a->n_groups >= ALLOW_MAX_GROUPS) {
		a->stats.refused++;
		return -E2BIG;
	}
	p = realloc(a->groups, room * sizeof(*p));
	if (!p)
		return -ENOMEM;
	a->groups = p;
	a->room = room;
	return 0;
}

/* The group, new if need be; *@err says why there is none. */
static struct group *get_group(struct allowlist *a, enum allow_kind kind,
			       const char *label, int *err)
{
	struct group *g = find_group(a, kind, label);
	char *copy = NULL;

	*err = 0;
	if (g)
		return g;
	*err = grow_groups(a);
	if (*err)
		return NULL;
	if (label) {
		copy = strdup(label);
		if (!copy) {
			*err = -ENOMEM;
			return NULL;
		}
	}
	g = &a->groups[a->n_groups++];
	*g = (struct group){ .kind = kind, .label = copy };
	return g;
}

/* The last group takes its place. */
static void drop_group(struct allowlist *a, struct group *g)
{
	group_fini(a, g);
	*g = a->groups[--a->n_groups];
	a->changed = true;
}

static int by_order(const void *a, const void *b)
{
	return ipaddr_compare(a, b);
}

/* Takes over @nets (malloc'd, or NULL). */
static void set_nets(struct allowlist *a, struct group *g, struct ipaddr *nets, size_t n)
{
	if (n)
		qsort(nets, n, sizeof(*nets), by_order);
	if (n == g->n && (!n || !memcmp(nets, g->nets, n * sizeof(*nets)))) {
		free(nets);
		return;
	}
	free(g->nets);
	a->n_nets = a->n_nets - g->n + n;
	g->nets = nets;
	g->n = n;
	a->changed = true;
}

int allowlist_set(struct allowlist *a, enum allow_kind kind, const char *label,
		  const struct ipaddr *nets, size_t n)
{
	struct group *g = find_group(a, kind, label);
	struct ipaddr *copy;
	int err;

	if (!n) {
		if (g)
			drop_group(a, g);
		return 0;
	}
	if (a->n_nets - (g ? g->n : 0) + n > a->max_nets) {
		a->stats.refused += n;
		return -E2BIG;
	}
	copy = malloc(n * sizeof(*copy));
	if (!copy)
		return -ENOMEM;
	memcpy(copy, nets, n * sizeof(*copy));
	g = get_group(a, kind, label, &err);
	if (!g) {
		free(copy);
		return err;
	}
	set_nets(a, g, copy, n);
	return 0;
}

/* ---- words of ignoreip ------------------------------------------------------ */

static int add_net(struct allowlist *a, const struct ipaddr *net)
{
	struct ipaddr *nets;
	struct group *g;
	int err;

	if (a->n_nets >= a->max_nets) {
		a->stats.refused++;
		return -E2BIG;
	}
	g = get_group(a, ALLOW_IGNOREIP, NULL, &err);
	if (!g)
		return err;
	nets = realloc(g->nets, (g->n + 1) * sizeof(*nets));
	if (!nets)
		return -ENOMEM;
	g->nets = nets;
	g->nets[g->n++] = *net;
	a->n_nets++;
	a->changed = true;
	return 0;
}

static size_t count_kind(const struct allowlist *a, enum allow_kind kind)
{
	size_t n = 0;

	for (size_t i = 0; i < a->n_groups; i++)
		n += a->groups[i].kind == kind;
	return n;
}

static int add_word(struct allowlist *a, const char *word, size_t len)
{
	const char *path = allow_word_path(word);
	int err;

	if (path) {
		a->next_look = (boot_t){ 0 };
		return get_group(a, ALLOW_FILE, path, &err) ? 0 : err;
	}
	if (!get_group(a, ALLOW_WORD, word, &err) || !allow_word_is_name(word, len))
		return err;
	if (!find_group(a, ALLOW_NAME, word) && count_kind(a, ALLOW_NAME) >= ALLOW_MAX_NAMES) {
		a->stats.refused++;
		return -E2BIG;
	}
	return get_group(a, ALLOW_NAME, word, &err) ? 0 : err;
}

int allowlist_add(struct allowlist *a, const char *word, size_t len)
{
	char text[MAX_WORD];
	struct ipaddr net;

	if (!ipaddr_parse_net(word, len, &net))
		return add_net(a, &net);
	if (len >= sizeof(text) || memchr(word, '\0', len)) {
		a->stats.refused++;
		return -E2BIG;
	}
	memcpy(text, word, len);
	text[len] = '\0';
	return add_word(a, text, len);
}

static int remove_net(struct allowlist *a, const struct ipaddr *net)
{
	struct group *g = find_group(a, ALLOW_IGNOREIP, NULL);
	size_t kept = 0;

	for (size_t i = 0; g && i < g->n; i++)
		if (!ipaddr_equal(&g->nets[i], net))
			g->nets[kept++] = g->nets[i];
	if (!g || kept == g->n)
		return -ENOENT;
	a->n_nets -= g->n - kept;
	g->n = kept;
	a->changed = true;
	return 0;
}

int allowlist_remove(struct allowlist *a, const char *word, size_t len)
{
	char text[MAX_WORD];
	struct ipaddr net;
	struct group *g;

	if (!ipaddr_parse_net(word, len, &net))
		return remove_net(a, &net);
	if (len >= sizeof(text))
		return -ENOENT;
	memcpy(text, word, len);
	text[len] = '\0';
	g = allow_word_path(text) ? find_group(a, ALLOW_FILE, allow_word_path(text)) :
			      find_group(a, ALLOW_WORD, text);
	if (!g)
		return -ENOENT;
	drop_group(a, g);
	g = find_group(a, ALLOW_NAME, text);
	if (g)
		drop_group(a, g);
	return 0;
}

int allowlist_set_resolved(struct allowlist *a, const char *name,
			   const struct ipaddr *addrs, size_t n)
{
	if (!find_group(a, ALLOW_NAME, name))
		return -ENOENT;
	return n ? allowlist_set(a, ALLOW_NAME, name, addrs, n) : 0;
}

const char *allowlist_name(const struct allowlist *a, size_t i)
{
	for (size_t k = 0; k < a->n_groups; k++)
		if (a->groups[k].kind == ALLOW_NAME && !i--)
			return a->groups[k].label;
	return NULL;
}

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
	set_nets(a, g, list.nets, list.n);
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

struct allow_stats allowlist_stats(const struct allowlist *a)
{
	struct allow_stats s = a->stats;

	s.nets = a->set.n;
	s.names = count_kind(a, ALLOW_NAME);
	s.files = count_kind(a, ALLOW_FILE);
	return s;
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
