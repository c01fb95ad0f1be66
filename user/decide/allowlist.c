// SPDX-License-Identifier: GPL-2.0-or-later
/* allowlist - who is in it: what ignoreip says, and what else is set. */
#include "allowlist_private.h"

#include <errno.h>
#include <stdlib.h>

#include "allow_word.h"

enum { MAX_WORD = 1024 };

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

void allowlist_set_nets(struct allowlist *a, struct group *g, struct ipaddr *nets, size_t n)
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
	allowlist_set_nets(a, g, copy, n);
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

bool allowlist_word_is_plain(const char *word, size_t len)
{
	struct ipaddr net;

	return !ipaddr_parse_net(word, len, &net) || allow_word_is_name(word, len) ||
	       allow_word_path(word);
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

struct allow_stats allowlist_stats(const struct allowlist *a)
{
	struct allow_stats s = a->stats;

	s.nets = a->set.n;
	s.names = count_kind(a, ALLOW_NAME);
	s.files = count_kind(a, ALLOW_FILE);
	return s;
}
