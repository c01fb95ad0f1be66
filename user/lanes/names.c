// SPDX-License-Identifier: GPL-2.0-or-later
#include "lanes/names.h"

#include <errno.h>
#include <stdlib.h>

struct names {
	struct loop *loop;		/* borrows */
	struct resolver *resolver;	/* borrows */
	struct pipeline *const *pipeline;
	struct loop_timer timer;
};

/* One question; the answer is for every jail that has the name. */
struct inquiry {
	struct pipeline *const *pipeline;
	char name[];
};

static void on_answer(void *ctx, const struct ipaddr *addrs, size_t n)
{
	struct inquiry *q = ctx;
	struct pipeline *pl = *q->pipeline;

	for (size_t i = 0; pl && i < pipeline_count(pl); i++)
		allowlist_set_resolved(lane_allow(pipeline_lane(pl, i)), q->name,
				       addrs, n);
	free(q);
}

static void ask(struct names *n, const char *name)
{
	size_t size = strlen(name) + 1;
	struct inquiry *q = malloc(sizeof(*q) + size);

	if (!q)
		return;
	q->pipeline = n->pipeline;
	memcpy(q->name, name, size);
	if (resolver_ask(n->resolver, q->name, on_answer, q))
		free(q);
}

void names_refresh(struct names *n)
{
	struct pipeline *pl = *n->pipeline;
	const char *name;
	bool any = false;

	for (size_t i = 0; i < pipeline_count(pl); i++) {
		struct allowlist *allow = lane_allow(pipeline_lane(pl, i));

		for (size_t k = 0; (name = allowlist_name(allow, k)); k++) {
			ask(n, name);
			any = true;
		}
	}
	if (any)
		loop_timer_in(n->loop, &n->timer, NAMES_EVERY_NS);
}

static void on_timer(void *ctx)
{
	names_refresh(ctx);
}

int names_new(struct names **out, struct loop *loop, struct resolver *resolver,
	      struct pipeline *const *pipeline)
{
	struct names *n = calloc(1, sizeof(*n));

	if (!n)
		return -ENOMEM;
	*n = (struct names){
		.loop = loop, .resolver = resolver, .pipeline = pipeline,
		.timer = { .fn = on_timer, .ctx = n },
	};
	*out = n;
	return 0;
}

void names_free(struct names *n)
{
	if (!n)
		return;
	loop_timer_cancel(n->loop, &n->timer);
	free(n);
}
