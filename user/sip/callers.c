// SPDX-License-Identifier: GPL-2.0-or-later
#include "callers.h"

#include <stdlib.h>

#include "ways.h"

struct caller {
	struct ipaddr who;
	boot_t heard;			/* of the last answered call; 0: free */
	boot_t counted;			/* of the last one that counts */
	uint64_t calls[CALLERS_CALLS_MAX];
	unsigned int n;
};

struct callers {
	struct ways ways;		/* first */
	struct caller entries[];	/* as many as ways says */
};

struct callers *callers_new(size_t max)
{
	return ways_new(max, sizeof(struct callers), sizeof(struct caller));
}

void callers_free(struct callers *c)
{
	free(c);
}

static struct caller *set_of(struct callers *c, const struct ipaddr *who)
{
	return &c->entries[ways_at(&c->ways, hmap_hash_addr(c->ways.seed, who))];
}

/* NULL: nothing is known of him. */
static struct caller *find(struct callers *c, const struct ipaddr *who)
{
	struct caller *set = set_of(c, who);

	for (int i = 0; i < WAYS; i++)
		if (set[i].heard.ns && ipaddr_equal(&set[i].who, who))
			return &set[i];
	return NULL;
}

static struct caller *begin(struct callers *c, const struct ipaddr *who)
{
	struct caller *set = set_of(c, who), *oldest = set;

	for (int i = 1; i < WAYS; i++)
		if (set[i].heard.ns < oldest->heard.ns)
			oldest = &set[i];
	*oldest = (struct caller){ .who = *who };
	return oldest;
}

/* A call that goes on for hours is one call, however often it is renewed. */
static bool is_new(const struct caller *e, uint64_t call)
{
	for (unsigned int i = 0; i < e->n; i++)
		if (e->calls[i] == call)
			return false;
	return true;
}

bool callers_answered(struct callers *c, const struct ipaddr *who, uint64_t call, boot_t now,
		      const struct callers_rule *rule)
{
	unsigned int enough = rule->calls < CALLERS_CALLS_MAX ? rule->calls : CALLERS_CALLS_MAX;
	struct caller *e = find(c, who);

	if (!enough)
		return false;
	if (!e)
		e = begin(c, who);
	if (e->heard.ns + CALLERS_AGE_NS < now.ns)
		e->n = 0;
	e->heard.ns = now.ns ? now.ns : 1;
	if (e->n < enough && is_new(e, call) &&
	    (!e->n || now.ns >= e->counted.ns + rule->apart_ns)) {
		e->calls[e->n++] = call;
		e->counted = now;
	}
	return e->n >= enough;
}

void callers_refused(struct callers *c, const struct ipaddr *who)
{
	struct caller *e = find(c, who);

	if (e)
		*e = (struct caller){ .who = *who };
}
