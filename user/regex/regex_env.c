// SPDX-License-Identifier: GPL-2.0-or-later
#include "regex_private.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#define FUEL_BYTES	64		/* read by one step for one unit of fuel */
#define HEAP_LIMIT	(16u << 10)	/* kB, for the interpreter */
#define JIT_STACK_MIN	(32u << 10)
#define JIT_STACK_MAX	(4u << 20)

static void note_reach(struct regex_reach *r, const pcre2_callout_block *b)
{
	size_t len = b->current_position - b->start_match, best = r->end - r->start;

	/* Looking behind, it may be before the start. */
	if (b->current_position < b->start_match || len < best)
		return;
	if (len == best && (b->start_match != r->start || b->pattern_position < r->pattern))
		return;
	*r = (struct regex_reach){ b->start_match, b->current_position, b->pattern_position };
}

/* A step that read far costs more; backwards counts as well. */
static int on_step(pcre2_callout_block *b, void *data)
{
	struct regex_env *env = data;
	size_t at = b->current_position;
	size_t moved = at > env->last ? at - env->last : env->last - at;
	uint64_t cost = 1 + moved / FUEL_BYTES;

	env->last = at;
	if (env->reach)
		note_reach(env->reach, b);
	if (cost > env->fuel) {
		env->fuel = 0;
		return PCRE2_ERROR_MATCHLIMIT;
	}
	env->fuel -= cost;
	return 0;
}

struct regex_env *regex_env_new(void)
{
	struct regex_env *env = calloc(1, sizeof(*env));
	uint32_t jit = 0;

	if (!env)
		return NULL;
	env->compile = pcre2_compile_context_create(NULL);
	env->match = pcre2_match_context_create(NULL);
	if (!env->compile || !env->match)
		goto fail;
	pcre2_set_newline(env->compile, PCRE2_NEWLINE_LF);
	pcre2_set_heap_limit(env->match, HEAP_LIMIT);
	pcre2_set_callout(env->match, on_step, env);
	pcre2_config(PCRE2_CONFIG_JIT, &jit);
	env->stack = jit ? pcre2_jit_stack_create(JIT_STACK_MIN, JIT_STACK_MAX, NULL)
			 : NULL;
	/* Cleared when the first expression finds no executable memory. */
	env->jit = env->stack != NULL;
	pcre2_jit_stack_assign(env->match, NULL, env->stack);
	return env;
fail:
	regex_env_free(env);
	return NULL;
}

void regex_env_free(struct regex_env *env)
{
	if (!env)
		return;
	pcre2_match_data_free(env->data);
	pcre2_jit_stack_free(env->stack);
	pcre2_match_context_free(env->match);
	pcre2_compile_context_free(env->compile);
	free(env);
}

void regex_env_refill(struct regex_env *env)
{
	env->fuel = FUEL;
}

uint64_t regex_env_limited(const struct regex_env *env)
{
	return env->limited;
}

bool regex_env_jit(const struct regex_env *env)
{
	return env->jit;
}

const char *regex_library(char *buf, size_t size)
{
	char version[64];

	pcre2_config(PCRE2_CONFIG_VERSION, version);	/* at most 24 bytes */
	snprintf(buf, size, "%.*s", (int)strcspn(version, " "), version);
	return buf;
}

int regex_env_reserve(struct regex_env *env, uint32_t pairs)
{
	pcre2_match_data *data;

	if (pairs <= env->data_pairs)
		return 0;
	data = pcre2_match_data_create(pairs, NULL);
	if (!data)
		return -ENOMEM;
	pcre2_match_data_free(env->data);
	env->data = data;
	env->data_pairs = pairs;
	return 0;
}
