// SPDX-License-Identifier: GPL-2.0-or-later
#include "ini/params.h"

#include "tree.h"

struct fixture {
	struct loader l;
	struct diag d;
	struct value v;
};

static void setup(struct fixture *f, const char *text)
{
	*f = (struct fixture){ 0 };
	loader_init(&f->l, pool_new(1 << 20), "/none", &f->d);
	value_make(f->l.pool, &f->v, text, (struct place){ "f", 1 });
}

static void teardown(struct fixture *f)
{
	pool_free(f->l.pool);
	diag_fini(&f->d);
}

/* All items as "name{a=1|b=2}" behind one another; "!" for a rejected one. */
static const char *spell(struct fixture *f)
{
	static char out[1024];
	size_t offset = 0, n = 0;
	struct params p;
	int got;

	out[0] = '\0';
	while ((got = params_next(&f->l, &f->v, &offset, &p))) {
		n += (size_t)snprintf(out + n, sizeof(out) - n, "%s", got < 0 ? "!" : p.name);
		for (size_t i = 0; got > 0 && i < p.n; i++)
			n += (size_t)snprintf(out + n, sizeof(out) - n, "%s%s=%s", i ? "|" : "{",
					      p.vars[i].name, p.vars[i].value.s);
		if (got > 0 && p.n)
			n += (size_t)snprintf(out + n, sizeof(out) - n, "}");
	}
	return out;
}

static const struct {
	const char *what, *text, *items;
} good[] = {
	{ "nothing", "", "" },
	{ "blanks only", " \n ", "" },
	{ "a name", "sshd", "sshd" },
	{ "an empty list", "sshd[]", "sshd" },
	{ "one", "sshd[mode=normal]", "sshd{mode=normal}" },
	{ "two", "a[b=1, c=2]", "a{b=1|c=2}" },
	{ "two lists", "a[b=1][c=2]", "a{b=1|c=2}" },
	{ "blanks between the lists", "a[b=1] [c=2]", "a{b=1|c=2}" },
	{ "a blank before the list", "a [b=1]", "a{b=1}" },
	{ "the last one wins", "a[b=1, b=2]", "a{b=2}" },
	{ "double quotes", "a[b=\"x, y] z\", c=2]", "a{b=x, y] z|c=2}" },
	{ "single quotes", "a[b='x, \"y\"]', c=2]", "a{b=x, \"y\"]|c=2}" },
	{ "quotes inside", "a[b=it's, c=2]", "a{b=it's|c=2}" },
	{ "a quote that stays open", "a[b=\"x, c=2]", "a{b=\"x|c=2}" },
	{ "a blank before a quote makes it text", "a[b= \"x\"]", "a{b=\"x\"}" },
	{ "newlines in quotes", "a[b=\"x\n  y\"]", "a{b=x\n  y}" },
	{ "blanks around go", "a[b=  x  , c=\" y \"]", "a{b=x|c=y}" },
	{ "an empty value", "a[b=, c=\"\"]", "a{b=|c=}" },
	{ "a comma at the end", "a[b=1,]", "a{b=1}" },
	{ "nothing but a comma", "a[,]", "a" },
	{ "lines between", "a[b=1,\n  c=2]", "a{b=1|c=2}" },
	{ "a value with equals signs", "a[b=c=d]", "a{b=c=d}" },
	{ "a value with an opening bracket", "a[b=c[d]", "a{b=c[d}" },
	{ "dots and dashes", "a-b.c[d-e.f_g=1]", "a-b.c{d-e.f_g=1}" },
	{ "for one family", "a[b?family=inet6=\"x\"]", "a{b?family=inet6=x}" },
	{ "several names", "a b\nc[d=1]  e", "abc{d=1}e" },
	{ "an address", "a[b=<known/chain>]", "a{b=<known/chain>}" },
};

static const struct {
	const char *what, *text, *problem, *items;
} bad[] = {
	{ "a bare word", "sshd[mode]", "f:1: \"sshd[mode]\": a parameter is written "
	  "name=value; at column 6, before \"mode]\"", "!" },
	{ "a blank before the equals sign", "a[b =1]", "f:1: \"a[b =1]\": a parameter is "
	  "written name=value; at column 3, before \"b =1]\"", "!" },
	{ "not closed", "a[b=1", "f:1: \"a[b=1\": the \"]\" is missing at column 6, before \"\"",
	  "!" },
	{ "text behind a quote", "a[b=\"x\"y]", "f:1: \"a[b=\"x\"y]\": a \",\" or \"]\" is missing "
	  "at column 8, before \"y]\"", "!" },
	{ "text behind the list", "a[b=1]c", "f:1: \"a[b=1]c\": text follows the \"]\" at column "
	  "7, before \"c\"", "!" },
	{ "no name", "[b=1]", "f:1: \"[b=1]\": a name is missing at column 1, before \"[b=1]\"",
	  "!" },
	{ "the next line is read all the same", "a[b\nc[d=1]", "f:1: \"a[b...\": a parameter is "
	  "written name=value; at column 3, before \"b...\"", "!c{d=1}" },
};

static void test_places(void)
{
	static const struct place at[] = { { "f", 1 }, { "f", 2 }, { "f", 3 } };
	struct fixture f;
	struct params p;
	size_t offset = 0;

	setup(&f, "a\nb[c=1,\nd=2]");
	f.v.at = at;
	t_is("first", params_next(&f.l, &f.v, &offset, &p), 1);
	t_is("its line", p.at.line, 1);
	t_is("second", params_next(&f.l, &f.v, &offset, &p), 1);
	t_is("its line", p.at.line, 2);
	t_is("line of the second value", params_get(&p, "d")->at[0].line, 3);
	teardown(&f);
}

static void test_one(void)
{
	struct fixture f;
	struct params p;

	setup(&f, "a[b=1] c");
	t_is("two are too many", params_parse(&f.l, &f.v, &p), -22);
	t_is("and it is said", (int64_t)f.d.n, 1);
	teardown(&f);
	setup(&f, "  a[b=1]\n");
	t_is("one is right", params_parse(&f.l, &f.v, &p), 1);
	t_str("value", params_get(&p, "b")->s, "1");
	teardown(&f);
}

static void test_cap(void)
{
	struct str s = { 0 };
	struct fixture f;

	str_puts(&s, "a[");
	for (int i = 0; i <= PARAMS_MAX; i++)
		str_printf(&s, "p%d=1,", i);
	str_puts(&s, "]");
	setup(&f, s.s);
	t_str("too many", spell(&f), "!");
	teardown(&f);
	str_fini(&s);
}

int main(void)
{
	struct fixture f;

	for (size_t i = 0; i < ARRAY_SIZE(good); i++) {
		setup(&f, good[i].text);
		t_str(good[i].what, spell(&f), good[i].items);
		t_is(good[i].what, (int64_t)f.d.n, 0);
		teardown(&f);
	}
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
		setup(&f, bad[i].text);
		t_str(bad[i].what, spell(&f), bad[i].items);
		t_str(bad[i].what, tree_problem(&f.d, "/none", 0), bad[i].problem);
		teardown(&f);
	}
	test_places();
	test_one();
	test_cap();
	return t_done();
}
