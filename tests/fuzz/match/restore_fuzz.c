// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Any bytes as what a database kept of a filter's sessions and buffer.  Lines go on
 * from there, whatever it was, and what is then written down is read back as it is.
 */
#include <stdlib.h>

#include "base/str.h"
#include "match/filter.h"
#include "regex/regex.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const struct text session_regexes[] = {
	{ "^fail <HOST>(?: user <F-USER>.*?</F-USER>)?$" },
	{ "^<F-NOFAIL>try</F-NOFAIL>(?: <SUBNET>)?(?: user <F-USER>\\S*</F-USER>)?" },
	{ "^bad" },
	{ "^<F-MLFFORGET>bye</F-MLFFORGET>(?: <F-ALT_USER_1>\\w*</F-ALT_USER_1>)?" },
};

static const struct text buffer_regexes[] = {
	{ "^begin (?P<n>\\w*)<SKIPLINES>end (?P=n) <HOST>$" },
	{ "x<SKIPLINES>y<SKIPLINES><ADDR>" },
};

static const struct filter_spec specs[] = {
	{ .name = "session", .prefregex = { "^<F-MLFID>\\w*</F-MLFID> <F-CONTENT>.+</F-CONTENT>$" },
	  .failregex = session_regexes, .n_failregex = ARRAY_SIZE(session_regexes) },
	{ .name = "buffer", .failregex = buffer_regexes,
	  .n_failregex = ARRAY_SIZE(buffer_regexes), .maxlines = 4,
	  .names = FILTER_NAMES_RAW },
};

static const char *const lines[] = {
	"a bad", "a try 192.0.2.1 user bob", "a fail 192.0.2.1 user eve", "b bad", "b bye",
	"a bye", " bad", "y", "end 192.0.2.3", "end a 192.0.2.4", "192.0.2.5",
};

static wall_t when(void *ctx)
{
	int64_t *s = ctx;

	*s += 40;
	return (wall_t){ *s * US_PER_S };
}

static void go_on(struct filter *f)
{
	int64_t now = 1700000000;

	for (size_t i = 0; i < ARRAY_SIZE(lines); i++) {
		struct filter_line line = { .s = lines[i], .len = strlen(lines[i]),
					    .when = when, .ctx = &now };
		const struct hit_field *fields;
		struct hit hit;

		if (filter_match(f, &line, &hit)) {
			if (!filter_id(f, &hit).len || !hit.attempts ||
			    hit.n_lines > hit.attempts)
				abort();
			filter_fields(f, &hit, &fields);
		}
	}
}

static struct filter *make(const struct filter_spec *spec, struct regex_env *env)
{
	struct filter *f;

	if (filter_new(&f, spec, env, NULL))
		abort();
	return f;
}

static struct str save(struct filter *f)
{
	struct str s = { 0 };

	filter_touch(f);
	filter_save(f, &s);
	if (s.failed || s.len > 2 * FILTER_SAVE_MAX)
		abort();
	return s;
}

/* What was read, as far as it could be, is written as it would be read again. */
static void check_saved(struct filter *f, const struct filter_spec *spec,
			struct regex_env *env)
{
	struct filter *copy = make(spec, env);
	struct str first = save(f), second;

	if (first.len && filter_restore(copy, first.s, first.len))
		abort();
	second = save(copy);
	if (first.len != second.len || (first.len && memcmp(first.s, second.s, first.len)))
		abort();
	str_fini(&first);
	str_fini(&second);
	filter_free(copy);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct regex_env *env = regex_env_new();
	const struct filter_spec *spec;
	struct filter *f;
	uint8_t *copy = malloc(size + 1);

	if (!env || !copy)
		abort();
	spec = &specs[size ? data[0] & 1 : 0];
	f = make(spec, env);
	if (size) {
		/* A copy of its own, so that a byte too far is noticed. */
		copy = realloc(copy, size);
		memcpy(copy, data + 1, size - 1);
		filter_restore(f, copy, size - 1);
	}
	check_saved(f, spec, env);
	go_on(f);
	check_saved(f, spec, env);
	free(copy);
	filter_free(f);
	regex_env_free(env);
	return 0;
}
