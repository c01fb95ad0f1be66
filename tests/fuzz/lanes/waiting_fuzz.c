// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Any bytes as a failure that a database kept because it waits for an answer.  What is
 * taken is written down as it was read, and can be counted.
 */
#include <stdlib.h>

#include "base/loop.h"
#include "lanes/deferred.h"
#include "regex/regex.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const struct config_jail jail = {
	.name = "sip-sensor", .loaded = true, .backend = LOG_SENSOR, .maxretry = 3,
	.maxmatches = 3, .findtime = 600, .bantime = 600, .ignorecommand = { .s = "exit 1" },
};

/* What all inputs share: the program's other half is not what is looked for. */
struct stage {
	struct loop *loop;
	struct regex_env *env;
	struct lane *lane;
};

static void on_verdict(void *ctx, struct lane *lane, const struct verdict *v,
		       const struct now *now)
{
	(void)ctx, (void)lane, (void)v, (void)now;
}

static bool raise_stage(struct stage *s)
{
	struct lane_params p = { .conf = &jail, .max_ids = 100, .ops.verdict = on_verdict };
	struct diag d = { 0 };
	int err;

	s->loop = loop_new();
	p.env = s->env = regex_env_new();
	err = lane_new(&s->lane, &p, (wall_t){ 1700000000 * US_PER_S }, &d);
	diag_fini(&d);
	return s->loop && !err;
}

static void strike_stage(struct stage *s)
{
	lane_free(s->lane);
	regex_env_free(s->env);
	loop_free(s->loop);
}

struct kept {
	const uint8_t *key, *value;
	size_t key_len, value_len, n;
};

static void is_same(void *ctx, const char *name, const void *key, size_t key_len,
		    const void *value, size_t value_len)
{
	struct kept *k = ctx;

	/* Bytes between the members are not kept, and lines only up to a cap. */
	if (strcmp(name, jail.name) || key_len != k->key_len || memcmp(key, k->key, key_len) ||
	    !value || value_len > k->value_len)
		abort();
	k->n++;
}

static void try_one(struct stage *s, struct kept *k)
{
	struct deferred *d;
	int err;

	if (deferred_new(&d, s->loop, NULL))
		abort();
	err = deferred_import(d, s->lane, k->key, k->key_len, k->value, k->value_len);
	deferred_touch(d);
	deferred_export(d, is_same, k);
	if (k->n != !err)
		abort();
	/* The resolver is not asked, the command not run: nobody runs the loop. */
	deferred_free(d);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const uint8_t begin[] = "waiting";
	struct stage s;
	uint8_t key[sizeof(begin) + 8];
	uint8_t *value = malloc(size + 1);
	struct kept k = { .key = key, .value = value, .key_len = sizeof(key) };

	if (size < 8 || !value) {
		free(value);
		return 0;
	}
	memcpy(key, begin, sizeof(begin));
	memcpy(key + sizeof(begin), data, 8);
	k.value_len = size - 8;
	value = realloc(value, k.value_len + !k.value_len);
	k.value = value;
	memcpy(value, data + 8, k.value_len);
	if (!raise_stage(&s))
		abort();
	try_one(&s, &k);
	strike_stage(&s);
	free(value);
	return 0;
}
