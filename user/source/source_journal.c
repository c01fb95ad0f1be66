// SPDX-License-Identifier: GPL-2.0-or-later
#include "internal.h"
const struct source_kind source_journal_kind;
#include "source/source.h"

#include <errno.h>
#include <stdio.h>

/* Refused, with a reason that `check` and `status` show, until it is read. */
int sources_follow_journal(struct sources *all, const struct source_journal_spec *spec,
			   struct source_follow **out, char *why, size_t why_size)
{
	(void)all, (void)spec, (void)out;
	if (why)
		snprintf(why, why_size, "the journal is not read in this version");
	return -EOPNOTSUPP;
}
