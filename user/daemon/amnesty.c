// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/amnesty.h"

#include "base/log.h"
#include "daemon/parts.h"

enum { AT_ONCE = 256 };		/* looked for in one walk over the bans */

struct banned { struct ipaddr who[AT_ONCE]; size_t n; };

/* The store must not change while we walk. */
static void find(struct daemon *d, struct banned *found)
{
	boot_t now = loop_boot(d->loop);
	struct ban_cursor c = { 0 };
	struct ipaddr who;

	found->n = 0;
	while (found->n < AT_ONCE && ban_store_next_address(bans_store(d->bans), &c, &who))
		if (allowlist_has(d->everyone, NULL, 0, &who, now, NULL))
			found->who[found->n++] = who;
}

/* For a network its addresses' counts stay. */
void amnesty_pardon(struct daemon *d, const struct ipaddr *who, const char *jail)
{
	neighbours_forget(d->neighbours, who);
	for (size_t i = 0; i < pipeline_count(d->pipeline); i++) {
		struct jail *j = lane_jail(pipeline_lane(d->pipeline, i));
		struct window_id id = { .addr = jail_counted(j, who) };

		if (jail && !streq(jail, jail_name(j)))
			continue;
		window_forget(jail_window(j), &id);
		if (jail_unproven(j))
			window_forget(jail_unproven(j), &id);
	}
}

size_t amnesty(struct daemon *d)
{
	char text[IPADDR_TEXT];
	struct banned found;
	size_t lifted = 0;

	do {
		find(d, &found);
		for (size_t i = 0; i < found.n; i++) {
			size_t n = bans_lift(d->bans, &found.who[i], NULL);

			amnesty_pardon(d, &found.who[i], NULL);
			lifted += n;
			log_notice("%s was banned and is trusted now: unbanned",
				   ipaddr_format(&found.who[i], text));
			/* One that cannot be lifted must not keep us here. */
			if (!n)
				return lifted;
		}
	} while (found.n == AT_ONCE);
	if (lifted)
		saver_hurry(d->saver);
	return lifted;
}
