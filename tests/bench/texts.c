// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * texts - prints the texts that the sieve of a jail's filter looks for, one a
 * line: what log.sh gives to grep-like programs, to see what reading costs.
 *
 *	texts CONFIG-DIR FILTER[opt=val]
 */
#include <stdio.h>

#include "regex/regex.h"
#include "regex/sieve.h"
#include "lanes/lane.h"

static void print(void *ctx, const struct sieve_text *t)
{
	(void)ctx;
	printf("%.*s\n", t->len, t->s);
}

static int print_texts(const struct config_jail *jail, struct regex_env *env, struct diag *d)
{
	struct lane_params p = { .conf = jail, .env = env, .max_ids = 1 };
	struct lane *lane;
	int err = lane_new(&lane, &p, wall_now(), d);

	if (err)
		return err;
	sieve_each(filter_sieve(lane_filter(lane)), print, NULL);
	lane_free(lane);
	return 0;
}

int main(int argc, char **argv)
{
	struct regex_env *env = regex_env_new();
	struct config *c = NULL;
	struct diag d = { 0 };
	int err = -1;

	if (argc == 3 && env)
		c = config_load_filter(argv[1], argv[2], false, &d);
	if (c && c->n_jails && !c->jails[0].broken)
		err = print_texts(&c->jails[0], env, &d);
	if (err)
		fprintf(stderr, "usage: texts CONFIG-DIR FILTER[opt=val]\n");
	config_free(c);
	diag_fini(&d);
	regex_env_free(env);
	return err ? 1 : 0;
}
