// SPDX-License-Identifier: GPL-2.0-or-later
/* Bans that grew longer: the kernel and the database are told once a second. */
#include "keeping/bans_private.h"

#define LATER_NS	NS_PER_S

bool bans_can_wait(const struct bans *b, const struct ban *before, const struct ban *now)
{
	/* Twice: the timer may be late. */
	return before->scope == now->scope &&
	       before->until.ns > loop_boot(b->loop).ns + 2 * LATER_NS;
}

void bans_put_off(struct bans *b, const struct ban *ban)
{
	if (!ban_store_mark(b->store, &ban->who, ban->jail))
		return;
	if (b->n_later == LATER)
		bans_tell_all(b);
	b->later[b->n_later++] = ban->who;
	if (!b->tell_later.armed)
		loop_timer_in(b->loop, &b->tell_later, LATER_NS);
}

bool bans_wants_lines(const struct bans *b, const char *jail, const struct ipaddr *who)
{
	return !ban_store_is_marked(b->store, who, jail);
}

void bans_tell_all(struct bans *b)
{
	struct ban ban;

	for (size_t i = 0; i < b->n_later; i++)
		while (ban_store_unmark(b->store, &b->later[i], &ban)) {
			bans_enforce_later(b, &ban.who, false);
			bans_save(b, &ban, NULL);
		}
	b->n_later = 0;
	loop_timer_cancel(b->loop, &b->tell_later);
	bans_enforce_pending(b);
}

void bans_on_later(void *ctx)
{
	bans_tell_all(ctx);
}
