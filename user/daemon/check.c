// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/check.h"

#include <errno.h>
#include <stdio.h>

#include "base/regex.h"
#include "daemon/lane.h"

static size_t count_regexes(struct filter *f)
{
	return filter_count(f, FILTER_PREF) + filter_count(f, FILTER_FAIL) +
	       filter_count(f, FILTER_IGNORE);
}

static void warn_of_actions(const struct config_jail *jail, struct diag *d)
{
	bool native = false;

	for (size_t i = 0; i < jail->n_actions; i++) {
		const struct config_action *a = &jail->actions[i];

		native |= a->native;
		if (!a->native)
			diag_warn(d, &a->where, "jail '%s': action '%s' is a command and "
				  "is not run", jail->name, a->name);
	}
	if (!native)
		diag_warn(d, &jail->where, "jail '%s' has no firewall action: it reports "
			  "and bans nobody", jail->name);
}

static int check_jail(const struct config_jail *jail, struct regex_env *env,
		      struct check_result *out, struct diag *d)
{
	struct lane_params p = { .conf = jail, .env = env, .max_ids = 1 };
	struct lane *lane;
	int err = jail->broken ? -EINVAL : lane_new(&lane, &p, wall_now(), d);

	out->enabled++;
	if (err) {
		out->broken++;
		return err == -ENOMEM ? err : 0;
	}
	out->regexes += count_regexes(lane_filter(lane));
	lane_free(lane);
	warn_of_actions(jail, d);
	return 0;
}

int check_config(const char *dir, struct check_result *out, struct diag *d)
{
	struct config_options o = { .dir = dir };
	struct config *c = config_load(&o, d);
	struct regex_env *env = regex_env_new();
	int err = !env ? -ENOMEM : c ? 0 : -EINVAL;

	*out = (struct check_result){ .jails = c ? c->n_jails : 0 };
	for (size_t i = 0; !err && i < c->n_jails; i++)
		if (c->jails[i].enabled)
			err = check_jail(&c->jails[i], env, out, d);
	regex_env_free(env);
	config_free(c);
	return err ? err : d->count[DIAG_ERROR] ? -EINVAL : 0;
}

int check_print(const char *dir, struct diag *d)
{
	struct config_options o = { .dir = dir };
	struct config *c = config_load(&o, d);
	int err = c ? config_print(c, stdout) : -EINVAL;

	config_free(c);
	return err ? err : d->count[DIAG_ERROR] ? -EINVAL : 0;
}
