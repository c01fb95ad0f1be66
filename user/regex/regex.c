// SPDX-License-Identifier: GPL-2.0-or-later
#include "regex_private.h"

#include "plain.h"

#include <errno.h>

_Static_assert(REGEX_UNSET == PCRE2_UNSET, "spans take PCRE2's offsets");
_Static_assert(sizeof(struct regex_span) == 2 * sizeof(PCRE2_SIZE), "and their form");

/* Of all its groups PCRE2 says where they are, or that they are not. */
static void fill_spans(const struct regex *re, struct regex_span *spans, unsigned int n)
{
	const PCRE2_SIZE *at = pcre2_get_ovector_pointer(re->env->data);

	memcpy(spans, at, (n < re->n_groups ? n : re->n_groups) * sizeof(*spans));
	for (unsigned int i = re->n_groups; i < n; i++)
		spans[i] = (struct regex_span){ REGEX_UNSET, REGEX_UNSET };
}

static inline uint32_t steps_for(size_t len)
{
	return len <= STEPS_BYTES / STEPS ? STEPS : (uint32_t)(STEPS_BYTES / len) + 1;
}

static inline int run(const struct regex *re, const struct code *c, const char *subject,
		      size_t len, size_t start)
{
	struct regex_env *env = re->env;
	PCRE2_SPTR s = (PCRE2_SPTR)subject;

	regex_set_steps(env, steps_for(len));
	if (c->jit)
		return pcre2_jit_match(c->code, s, len, start, 0, env->data, env->match);
	return pcre2_match(c->code, s, len, start, 0, env->data, env->match);
}

static int run_utf(const struct regex *re, const char *subject, size_t len, size_t start)
{
	if (!re->seldom->utf_ready)
		regex_prepare_utf(re);
	if (!re->seldom->utf.code)
		return PCRE2_ERROR_NOMEMORY;
	return run(re, &re->seldom->utf, subject, len, start);
}

static int run_watched(const struct regex *re, const char *subject, size_t len,
		       size_t start)
{
	struct regex_env *env = re->env;

	env->fuel -= env->fuel < FUEL_LIMIT ? env->fuel : FUEL_LIMIT;
	if (env->fuel && !re->seldom->watched)
		regex_prepare_watched(re);
	if (!env->fuel || !re->seldom->watched)
		return PCRE2_ERROR_MATCHLIMIT;
	env->last = start;
	regex_set_steps(env, WATCHED_STEPS);
	return pcre2_match(re->seldom->watched, (PCRE2_SPTR)subject, len, start, 0,
			   env->data, env->match);
}

/* As memcmp(), whose call costs more than this. */
static inline bool begins_with(const char *subject, const char *prefix, size_t len)
{
	uint64_t a, b;

	for (; len >= sizeof(a); len -= sizeof(a)) {
		memcpy(&a, subject, sizeof(a));
		memcpy(&b, prefix, sizeof(b));
		if (a != b)
			return false;
		subject += sizeof(a);
		prefix += sizeof(b);
	}
	while (len && *subject == *prefix)
		subject++, prefix++, len--;
	return !len;
}

static inline bool is_found(const struct regex *re, const char *subject, size_t len,
			    bool plain, size_t start)
{
	int found = PCRE2_ERROR_MATCHLIMIT;

	/* Most expressions of a filter are told apart by how they begin. */
	if (re->prefix_len && (start || len < re->prefix_len ||
			       !begins_with(subject, re->prefix, re->prefix_len)))
		return false;
	if (re->env->fuel)
		found = plain && re->plain.code
			? run(re, &re->plain, subject, len, start)
			: run_utf(re, subject, len, start);
	if (found == PCRE2_ERROR_MATCHLIMIT)
		found = run_watched(re, subject, len, start);
	/* Anything but a plain "no" is a limit: of steps, depth or memory. */
	re->env->limited += found <= 0 && found != PCRE2_ERROR_NOMATCH;
	return found > 0;
}

int regex_match_known(const struct regex *re, const char *subject, size_t len,
		      bool plain, size_t start, struct regex_span *spans,
		      unsigned int n)
{
	if (!is_found(re, subject, len, plain, start))
		return 0;
	fill_spans(re, spans, n);
	return 1;
}

const struct regex_span *regex_search(const struct regex *re, const char *subject,
				      size_t len, bool plain)
{
	if (!is_found(re, subject, len, plain, 0))
		return NULL;
	return (const struct regex_span *)pcre2_get_ovector_pointer(re->env->data);
}

static void reach_with(const struct regex *re, const pcre2_code *code,
		       const char *subject, size_t len, struct regex_reach *out)
{
	struct regex_env *env = re->env;

	regex_env_refill(env);
	regex_set_steps(env, WATCHED_STEPS);
	env->last = 0;
	env->reach = out;
	pcre2_match(code, (PCRE2_SPTR)subject, len, 0, 0, env->data, env->match);
	env->reach = NULL;
}

int regex_reach(const struct regex *re, const char *subject, size_t len,
		struct regex_reach *out)
{
	const struct seldom *s = re->seldom;
	pcre2_code *code = NULL;
	struct regex_error err;
	struct pyregex py;

	*out = (struct regex_reach){ 0 };
	/* Not a step may be optimised away, or there is nothing to tell. */
	if (!pyregex_translate(&py, s->pattern, s->flags, &err))
		code = regex_compile_steps(re, &py, PCRE2_NO_START_OPTIMIZE |
					      PCRE2_NO_AUTO_POSSESS);
	if (code)
		reach_with(re, code, subject, len, out);
	out->pattern = pyregex_place(&py, out->pattern);
	pyregex_fini(&py);
	pcre2_code_free(code);
	return code ? 0 : -ENOMEM;
}

int regex_match(const struct regex *re, const char *subject, size_t len,
		size_t start, struct regex_span *spans, unsigned int n)
{
	bool plain = plain_is_ascii(subject, len);

	regex_env_refill(re->env);
	if (plain && re->seldom->flags & REGEX_LINE)
		plain = len && memchr(subject, '\n', len) == subject + len - 1;
	return regex_match_known(re, subject, len, plain, start, spans, n);
}
