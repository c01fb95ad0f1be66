// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A pattern, a NUL, a subject: compiling and matching end, errors are in the
 * pattern, and what was found is in the subject.  Whether a subject is known to
 * be ASCII changes nothing but the way to the result.
 */
#include <stdlib.h>

#include "regex/regex.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define SPANS 8

static void check_spans(const struct regex_span *spans, size_t len)
{
	if (spans[0].start == REGEX_UNSET)
		abort();
	for (int i = 0; i < SPANS; i++)
		if (spans[i].start != REGEX_UNSET && spans[i].end > len)
			abort();
}

static void check(const struct regex_env *env, const struct regex *re,
		  const char *subject, size_t len)
{
	struct regex_span known[SPANS], spans[SPANS];
	struct regex_reach reach;
	int found = regex_match(re, subject, len, 0, spans, SPANS);

	if (found)
		check_spans(spans, len);
	else if (regex_reach(re, subject, len, &reach) == 0 && reach.end > len)
		abort();
	/* The way for all subjects, also where the faster one would do. */
	if (regex_match_known(re, subject, len, false, 0, known, SPANS) != found) {
		if (!regex_env_limited(env))
			abort();
	} else if (found && memcmp(known, spans, sizeof(spans))) {
		abort();
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	/* A byte of flags, the pattern, a NUL, the subject. */
	const char *pattern = (const char *)data + 1;
	const char *nul = size ? memchr(pattern, 0, size - 1) : NULL;
	struct regex_env *env = regex_env_new();
	struct regex_error err;
	struct regex *re;

	if (!nul || !env)
		goto out;
	if (!regex_new(&re, env, pattern, data[0] & 63, &err)) {
		check(env, re, nul + 1, size - (size_t)(nul + 1 - (const char *)data));
		regex_free(re);
	} else if (err.at > strlen(pattern)) {
		abort();
	}
out:
	regex_env_free(env);
	return 0;
}
