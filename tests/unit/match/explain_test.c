// SPDX-License-Identifier: GPL-2.0-or-later
#include "match/explain.h"

#include "scene.h"

static const struct scene scene = {
	"explain",
	.prefregex = "^srv: <F-CONTENT>.+</F-CONTENT>$",
	.failregex = { "^bad user <F-USER>\\S+</F-USER> from <HOST>$",
		       "^refused <ADDR> now$", "^a <ADDR>", "^b <ADDR>", "^c <ADDR>" },
	.ignoreregex = { "from 192\\.0\\.2\\.9" },
	.names = FILTER_NAMES_RESOLVE,
};

/*
 * One line for each step: part and index, "+" or where it stopped: the text that
 * matched, a bar, and the rest of the expression as configured.
 */
static const struct {
	const char *what, *line, *want;
} cases[] = {
	{ "the prefregex stops early", "server: x",
	  "ignore 0 |from 192\\.0\\.2\\.9\n"
	  "pref 0 s|rv: <F-CONTENT>.+</F-CONTENT>$\n" },
	{ "an ignoreregex is asked first", "srv: bad user bob from 192.0.2.9",
	  "ignore 0 +\n" },
};

static const struct scene plain = {
	"explain",
	.prefregex = "^srv: <F-CONTENT>.+</F-CONTENT>$",
	.failregex = { "^bad user <F-USER>\\S+</F-USER> from <HOST>$",
		       "^refused <ADDR> now$" },
	.ignoreregex = { "192\\.0\\.2\\.9" },
	.names = FILTER_NAMES_RESOLVE,
};

static const struct {
	const char *what, *line, *want;
} plain_cases[] = {
	{ "the expression that matches ends it", "srv: bad user bob from 192.0.2.1",
	  "pref 0 +\nfail 0 +\nignore 0 192.0.2.|9\n" },
	{ "one that nearly does", "srv: refused 192.0.2.1 then",
	  "pref 0 +\nfail 0 |bad user <F-USER>\\S+</F-USER> from <HOST>$\n"
	  "fail 1 refused 192.0.2.1 |now$\n" },
	{ "within a tag: the tag", "srv: bad user bob from !",
	  "pref 0 +\nfail 0 bad user bob from |<HOST>$\n"
	  "fail 1 |refused <ADDR> now$\n" },
	{ "a match that is ignored", "srv: refused 192.0.2.9 now",
	  "pref 0 +\nfail 0 |bad user <F-USER>\\S+</F-USER> from <HOST>$\nfail 1 +\nignore 0 +\n" },
};

static void note(void *ctx, const struct explain_step *step)
{
	static const char *const names[] = { "pref", "fail", "ignore" };
	struct str *out = ctx;

	str_printf(out, "%s %zu ", names[step->part], step->index);
	if (step->matched)
		str_puts(out, "+\n");
	else
		str_printf(out, "%.*s|%s\n", (int)(step->reached - step->start),
			   step->text.s + step->start, step->regex + step->at);
}

static void explain(const struct scene *s, struct regex_env *env, const char *what,
		    const char *text, const char *want)
{
	wall_t now = { 0 };
	struct str out = { 0 };
	struct diag d = { 0 };
	struct filter_line line;
	struct filter *f;
	char buf[256];

	t_is(what, scene_filter(&f, s, env, &d), 0);
	line = scene_line(text, buf, &now);
	t_is(what, filter_explain(f, &line, note, &out), 0);
	t_str(what, out.s, want);
	str_fini(&out);
	filter_free(f);
}

int main(void)
{
	struct regex_env *env = regex_env_new();

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++)
		explain(&scene, env, cases[i].what, cases[i].line, cases[i].want);
	for (size_t i = 0; i < ARRAY_SIZE(plain_cases); i++)
		explain(&plain, env, plain_cases[i].what, plain_cases[i].line,
			plain_cases[i].want);
	regex_env_free(env);
	return t_done();
}
