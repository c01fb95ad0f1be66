// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Lines against filters with everything in them: sessions, a line buffer,
 * names, networks.  Nothing a line holds may do harm, and an address is only
 * reported when the line has it.
 */
#include <stdlib.h>

#include "regex/regex.h"
#include "match/explain.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const struct text session_regexes[] = {
	{ "^fail <HOST>(?: user <F-USER>.*?</F-USER>)?$" },
	{ "^<F-NOFAIL>try</F-NOFAIL>(?: <SUBNET>)?(?: user <F-USER>\\S*</F-USER>)?" },
	{ "^<F-MLFGAINED>welcome</F-MLFGAINED> <F-TUPLE_USER>\\w+</F-TUPLE_USER>" },
	{ "^<F-MLFFORGET>bye</F-MLFFORGET>" },
	{ "^id <F-ID>[^ ]+</F-ID>(?: <F-ALT_USER_1>\\w*</F-ALT_USER_1>)?" },
};

static const struct text buffer_regexes[] = {
	{ "^begin (?P<n>\\w*)<SKIPLINES>end (?P=n) <HOST>$" },
	{ "x<SKIPLINES>y<SKIPLINES><ADDR>" },
};

static const struct text ignored[] = { { "good" } };

static const struct filter_spec specs[] = {
	{ .name = "session", .prefregex = { "^<F-MLFID>\\w*</F-MLFID> <F-CONTENT>.+</F-CONTENT>$" },
	  .failregex = session_regexes, .n_failregex = ARRAY_SIZE(session_regexes),
	  .ignoreregex = ignored, .n_ignoreregex = 1, .names = FILTER_NAMES_RESOLVE },
	{ .name = "buffer", .failregex = buffer_regexes,
	  .n_failregex = ARRAY_SIZE(buffer_regexes), .maxlines = 4,
	  .ignoreregex = ignored, .n_ignoreregex = 1, .names = FILTER_NAMES_RAW },
};

static wall_t when(void *ctx)
{
	int64_t *s = ctx;

	*s += 40;
	return (wall_t){ *s * US_PER_S };
}

static void check(struct filter *f, const struct hit *hit)
{
	struct hit_text id = filter_id(f, hit);
	struct ipaddr a;

	if (!id.len || !hit->attempts || hit->n_lines > hit->attempts)
		abort();
	if (hit->addr.family && (hit->bogus || hit->dns || !hit->addr.prefix))
		abort();
	if (hit->bogus && !ipaddr_parse(id.s, id.len, &a))
		abort();
}

static void note(void *ctx, const struct explain_step *step)
{
	(void)ctx;
	if (!step->matched && (step->reached > step->text.len || step->at > strlen(step->regex)))
		abort();
}

static void feed(struct filter *f, const char *data, size_t size)
{
	int64_t now = 0;

	for (const char *p = data, *end = data + size, *nl; p < end; p = nl + 1) {
		struct filter_line line = { .s = p, .when = when, .ctx = &now };
		struct hit hit;

		nl = memchr(p, '\n', (size_t)(end - p));
		if (!nl)
			nl = end;
		line.len = (size_t)(nl - p);
		line.ended = nl < end;
		/* The first two bytes say where the date would be. */
		if (line.len > 2) {
			line.date_start = (unsigned char)p[0];
			line.date_end = (unsigned char)p[1];
			line.s += 2;
			line.len -= 2;
		}
		if (filter_match(f, &line, &hit))
			check(f, &hit);
		else if (line.len % 16 == 1)
			filter_explain(f, &line, note, NULL);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct regex_env *env = regex_env_new();
	struct filter *f;

	if (!size) {
		regex_env_free(env);
		return 0;
	}
	if (!env || filter_new(&f, &specs[data[0] & 1], env, NULL))
		abort();
	feed(f, (const char *)data + 1, size - 1);
	filter_free(f);
	regex_env_free(env);
	return 0;
}
