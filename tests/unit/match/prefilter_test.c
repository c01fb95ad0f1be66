// SPDX-License-Identifier: GPL-2.0-or-later
/* Which expressions the sieve leaves for a line. */
#include "scene.h"

static const struct scene three = {
	"three", .prefregex = "^daemon: <F-CONTENT>.+</F-CONTENT>$",
	.failregex = { "^bad user \\S+ from <ADDR>$", "^(?:refused|rejected) <ADDR>$", "^<ADDR>$" },
	.ignoreregex = { "^harmless" },
};

static const struct scene weak = {
	"weak", .prefregex = "^daemon: (?:reject|refuse) <F-CONTENT>.+</F-CONTENT>$",
	.failregex = { "^from <ADDR>", "<ADDR> long enough" },
};

static const struct scene first = {
	"ignoring first", .failregex = { "^abc <ADDR>", "^def <ADDR>", "^ghi <ADDR>", "^jkl <ADDR>" },
	.ignoreregex = { "harmless" },
};

static const struct scene buffered = {
	"buffered", .failregex = { "^abc$<SKIPLINES>^def <ADDR>$" }, .maxlines = 3,
};

static const struct {
	const struct scene *filter;
	const char *line;
	uint64_t marks;
} cases[] = {
	{ &three, "daemon: bad user x from 192.0.2.1", 1 | 4 },
	{ &three, "daemon: refused 192.0.2.1", 2 | 4 },
	{ &three, "daemon: rejected 192.0.2.1", 2 | 4 },
	{ &three, "daemon: accepted 192.0.2.1", 4 },
	{ &three, "other: bad user x from 192.0.2.1", 1 },
	{ &three, "other: accepted 192.0.2.1", 0 },
	{ &three, "harmless", 0 },
	{ &three, "", 0 },
	{ &first, "def 192.0.2.1", 2 },
	{ &first, "harmless", FILTER_MARK_IGNORE },
	{ &first, "a def that is harmless", FILTER_MARK_IGNORE | 2 },
	{ &first, "something else", 0 },
	{ &weak, "daemon: reject from 192.0.2.1 long enough", 1 | 2 },
	{ &weak, "daemon: accept from 192.0.2.1", 0 },
	{ &weak, "x long enough", 2 },
	{ &buffered, "anything", FILTER_MARKS_ALL & ~FILTER_MARK_PREF },
};

static uint64_t marks_of(const struct filter *f, const char *line, size_t len)
{
	return filter_marks(f, sieve_marks(filter_sieve(f), line, len), line, len, 0, 0);
}

int main(void)
{
	struct regex_env *env = regex_env_new();

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct diag d = { 0 };
		struct filter *f;

		if (!t_is("a filter", scene_filter(&f, cases[i].filter, env, &d), 0)) {
			t_is(cases[i].line,
			     (int64_t)marks_of(f, cases[i].line, strlen(cases[i].line)),
			     (int64_t)cases[i].marks);
			filter_free(f);
		}
		diag_fini(&d);
	}
	regex_env_free(env);
	return t_done();
}
