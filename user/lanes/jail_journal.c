// SPDX-License-Identifier: GPL-2.0-or-later
#include "lanes/jail_journal.h"

#include <errno.h>
#include <stdlib.h>

#include "base/str.h"
#include "journal/journal.h"

static char *join(const struct texts *matches)
{
	struct str s = { 0 };

	for (size_t i = 0; i < matches->n; i++) {
		if (i)
			str_putc(&s, '\n');
		str_puts(&s, matches->v[i].s);
	}
	return str_take(&s);
}

static struct journal_wish wish_of(const struct config_jail *jail, const char *match)
{
	const struct config_params *o = &jail->backend_options;

	return (struct journal_wish){
		.match = match, .path = config_param(o, "journalpath"),
		.files = config_param(o, "journalfiles"),
		.flags = config_param(o, "journalflags"),
		.namespace = config_param(o, "namespace"),
	};
}

static int report(const struct config_jail *jail, int err, const char *why, struct diag *d)
{
	if (err)
		diag_error(d, &jail->where, "jail '%s': cannot read the journal: %s",
			   jail->name, *why ? why : strerror(-err));
	return err;
}

int jail_journal_follow(const struct config_jail *jail, struct sources *all, void *user,
			wall_t now, struct diag *d)
{
	char *match = join(&jail->filter.journalmatch), why[256] = "";
	struct journal_wish wish = wish_of(jail, match);
	struct source_follow *follow;
	int err;

	if (!match)
		return -ENOMEM;
	wish.since.us = now.us - (int64_t)(jail->findtime * 1e6);
	if (!*match)
		diag_warn(d, &jail->where, "jail '%s' has no journalmatch: every entry of "
			  "the journal is tried", jail->name);
	err = sources_follow_journal(all, &wish, user, &follow, why, sizeof(why));
	free(match);
	return report(jail, err, why, d) == -ENOMEM ? -ENOMEM : 0;
}

int jail_journal_check(const struct config_jail *jail, struct diag *d)
{
	char *match = join(&jail->filter.journalmatch), why[256] = "";
	struct journal_wish wish = wish_of(jail, match);
	int err;

	if (!match)
		return -ENOMEM;
	err = journal_check(&wish, why, sizeof(why));
	free(match);
	return report(jail, err, why, d);
}
