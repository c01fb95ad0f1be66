// SPDX-License-Identifier: GPL-2.0-or-later
#include "lanes/lookout.h"

#include "base/log.h"
#include "base/util.h"

static bool is_waiting(const struct config_jail *j)
{
	return j->enabled && !j->broken && j->journal_instead;
}

static const struct config_jail *find(const struct config *c,
				      bool (*is)(const struct config_jail *))
{
	for (size_t i = 0; i < c->n_jails; i++)
		if (is(&c->jails[i]))
			return &c->jails[i];
	return NULL;
}

static bool has_appeared(const struct config_jail *j)
{
	return is_waiting(j) && config_has_log(j);
}

static void look(void *ctx)
{
	struct lookout *l = ctx;
	const struct config_jail *jail = find(l->config, has_appeared);

	if (!jail) {
		loop_timer_in(l->loop, &l->timer, l->every_ns);
		return;
	}
	/* If the configuration is refused, looking again would not help. */
	log_notice("jail '%s' reads the journal, but has a log now: reading the "
		   "configuration again", jail->name);
	l->appeared(l->ctx);
}

void lookout_init(struct lookout *l, struct loop *loop, void (*appeared)(void *ctx),
		  void *ctx)
{
	*l = (struct lookout){ .loop = loop, .appeared = appeared, .ctx = ctx,
			       .every_ns = LOOKOUT_NS,
			       .timer = { .fn = look, .ctx = l } };
}

void lookout_fini(struct lookout *l)
{
	if (l->loop)
		loop_timer_cancel(l->loop, &l->timer);
}

void lookout_watch(struct lookout *l, const struct config *config)
{
	l->config = config;
	if (find(config, is_waiting))
		loop_timer_in(l->loop, &l->timer, l->every_ns);
	else
		loop_timer_cancel(l->loop, &l->timer);
}
