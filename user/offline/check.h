/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * check - the whole configuration, read and compiled as the daemon would, with
 * every problem of every file: for `xdpban check`.  Starts nothing.
 */
#pragma once
#include "base/clock.h"
#include "base/diag.h"
#include "base/str.h"

struct check_result {
	size_t enabled, jails;		/* how many there are */
	size_t regexes;			/* compiled */
	size_t broken;			/* enabled jails that would not run */
	struct str would_run, would_not;	/* own; names of enabled jails, "a, b" */
};

void check_result_fini(struct check_result *r);

/*
 * Read @dir, disabled jails and filters that no jail uses included.  Problems go
 * to @d: errors of enabled jails, warnings for what does not run anyway, is
 * ignored or refused.  0, -EINVAL when there is an error, or -ENOMEM.
 */
int check_config(const char *dir, struct check_result *out, struct diag *d);
/* Whether the daemon will attach to @interface by itself, as far as @dir can be read. */
bool check_attaches(const char *dir, const char *interface);
/* What a setting means, appended, for `xdpban help SETTING`; false: there is none. */
bool check_explain(const char *setting, struct str *out);
/* Offer all settings to a guess. */
struct guess;
void check_guess(struct guess *near);
/* All of them, for `xdpban help settings`; a heading, for those after it, has no @doc. */
void check_settings(void (*fn)(void *ctx, const char *name, const char *doc), void *ctx);
/*
 * The effective configuration in a form that reads back to the same: to stdout.  0,
 * -EINVAL when there is an error in it (@d), or another -errno.
 */
int check_print(const char *dir, struct diag *d);
