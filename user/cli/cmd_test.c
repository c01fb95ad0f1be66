// SPDX-License-Identifier: GPL-2.0-or-later
/* test, replay - filters and jails on logs that exist, without a daemon. */
#include <math.h>
#include <stdlib.h>

#include "offline/replay.h"
#include "offline/trial.h"
#include "out.h"

/* --now, or the time it is.  False: not a number. */
static bool pretended_now(const struct cli *c, wall_t *now)
{
	const char *text = c->opt[OPT_NOW];
	char *end;
	double s;

	*now = wall_now();
	if (!text)
		return true;
	s = strtod(text, &end);
	if (end == text || *end || !isfinite(s) || fabs(s) > 1e11)
		return false;
	*now = wall_from_s(s);
	return true;
}

int cmd_test(struct cli *c, int argc, char **argv)
{
	struct trial_options o = {
		.config = c->opt[OPT_CONFIG], .what = argv[0],
		.log = argc > 1 ? argv[1] : "-", .json = c->json,
		.journal = c->opt[OPT_JOURNAL], .explain = c->opt[OPT_EXPLAIN],
	};
	struct diag d = { 0 };
	int err;

	/* Waiting for a terminal would look like work. */
	if (argc < 2 && !o.explain)
		return cli_usage("test: name a log after the filter, or - for standard input, "
				 "or one line with --explain");
	if (o.explain && o.json)
		return cli_usage("test: --explain is for people to read, and not with --json");
	if (!pretended_now(c, &o.now))
		return cli_usage("test: --now '%s' is not a number of seconds",
				 c->opt[OPT_NOW]);
	err = trial_run(&o, &d);
	return out_problems(&d, err);
}

int cmd_replay(struct cli *c, int argc, char **argv)
{
	struct replay_options o = {
		.config = c->opt[OPT_CONFIG], .jail = c->opt[OPT_JAIL],
		.json = c->json, .logs = argv, .n_logs = argc,
	};
	struct diag d = { 0 };
	int err;

	if (!pretended_now(c, &o.now))
		return cli_usage("replay: --now '%s' is not a number of seconds",
				 c->opt[OPT_NOW]);
	err = replay_run(&o, &d);
	return out_problems(&d, err);
}
