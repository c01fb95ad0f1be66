// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/gateways.h"

#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/log.h"
#include "decide/host_nets.h"

#define RETRY_NS	(10 * NS_PER_S)

struct gateways {
	struct loop *loop;		/* borrows, as the allowlist */
	struct allowlist *allowed;
	int fd;				/* owns; -1: nothing is being read */
	struct host_nets found;
	uint64_t parts;			/* of this reading */
	bool again;			/* something changed since it began */
	bool failed;			/* the last time; said once */
	boot_t due;			/* not before */
	struct loop_timer timer;
	void (*changed)(void *ctx);
	void *ctx;
};

static void stop(struct gateways *g)
{
	if (g->fd < 0)
		return;
	loop_del(g->loop, g->fd);
	close(g->fd);
	g->fd = -1;
}

static void finish(struct gateways *g, int err)
{
	uint64_t rest = g->parts * GATEWAYS_REST_NS;

	stop(g);
	err = host_nets_put(&g->found, g->allowed, ALLOW_GATEWAY, err);
	if (err && !g->failed)
		log_warn("allowlist: cannot learn the gateways: %s; those before stay",
			 strerror(-err));
	g->failed = err != 0;
	if (err && rest < RETRY_NS)
		rest = RETRY_NS;
	g->due.ns = loop_boot(g->loop).ns + rest;
	if (!err)
		g->changed(g->ctx);
	if (err || g->again)
		gateways_look(g);
}

static void on_part(void *ctx, int fd, uint32_t events)
{
	struct gateways *g = ctx;
	int ret = host_read_routes(fd, host_nets_add, &g->found);

	(void)events;
	g->parts++;
	if (ret <= 0)
		finish(g, ret);
}

static void begin(void *ctx)
{
	struct gateways *g = ctx;
	int err = 0;

	g->again = false;
	g->parts = 0;
	g->fd = host_ask_routes();
	if (g->fd < 0)
		err = g->fd;
	else
		err = loop_add(g->loop, g->fd, EPOLLIN, on_part, g);
	if (err)
		finish(g, err);
}

void gateways_look(struct gateways *g)
{
	if (g->fd >= 0)
		g->again = true;
	else if (!g->timer.armed)
		loop_timer_at(g->loop, &g->timer, g->due);
}

int gateways_new(struct gateways **out, struct loop *loop, struct allowlist *a,
		 void (*changed)(void *ctx), void *ctx)
{
	struct gateways *g = calloc(1, sizeof(*g));

	if (!g)
		return -ENOMEM;
	*g = (struct gateways){
		.loop = loop, .allowed = a, .fd = -1, .changed = changed, .ctx = ctx,
		.timer = { .fn = begin, .ctx = g },
	};
	*out = g;
	return 0;
}

void gateways_free(struct gateways *g)
{
	if (!g)
		return;
	stop(g);
	loop_timer_cancel(g->loop, &g->timer);
	free(g->found.v);
	free(g);
}
