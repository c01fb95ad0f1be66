/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * jail_journal - what a jail with backend = systemd wants of the journal.
 */
#pragma once
#include "config/config.h"
#include "source/source.h"

/*
 * Have @user read it, from @jail's findtime before @now on if it was never read.
 * What is wrong goes to @d and costs the jail.  0 or -ENOMEM.
 */
int jail_journal_follow(const struct config_jail *jail, struct sources *all, void *user,
			wall_t now, struct diag *d);
/* The same, but only to see what is wrong: 0, -EINVAL or -ENOMEM. */
int jail_journal_check(const struct config_jail *jail, struct diag *d);
