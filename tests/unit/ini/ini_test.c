// SPDX-License-Identifier: GPL-2.0-or-later
/* Syntax of one file, and %(references)s inside of it. */
#include "ini/ini.h"
#include "ini/interp.h"

#include "tree.h"

struct fixture {
	struct loader l;
	struct diag d;
	struct ini *ini;
};

static void setup(struct fixture *f, const char *text)
{
	struct ini *file;

	*f = (struct fixture){ 0 };
	loader_init(&f->l, pool_new(64 << 20), "/etc/test", &f->d);
	file = ini_new(&f->l);
	f->ini = ini_new(&f->l);
	t_is("parse", ini_parse(&f->l, file, "f", text, strlen(text)), 0);
	t_is("merge", ini_merge(&f->l, f->ini, file), 0);
}

/* Another file over it. */
static void lay(struct fixture *f, const char *name, const char *text)
{
	struct ini *file = ini_new(&f->l);

	t_is("parse", ini_parse(&f->l, file, name, text, strlen(text)), 0);
	t_is("merge", ini_merge(&f->l, f->ini, file), 0);
}

static void teardown(struct fixture *f)
{
	pool_free(f->l.pool);
	diag_fini(&f->d);
}

static const char *get(struct fixture *f, const char *section, const char *name)
{
	static struct value v;

	return ini_get(&f->l, f->ini, section, name, NULL, &v) > 0 ? v.s : NULL;
}

/* ---- syntax ------------------------------------------------------------------------- */

static const struct {
	const char *what, *text, *value;	/* of option x in section [s] */
} values[] = {
	{ "equals sign", "[s]\nx = 1\n", "1" },
	{ "colon", "[s]\nx: 1\n", "1" },
	{ "the first delimiter counts", "[s]\nx=a:b=c\n", "a:b=c" },
	{ "a colon before an equals sign", "[s]\nx : a=b\n", "a=b" },
	{ "no blanks at all", "[s]\nx=1", "1" },
	{ "names have no case", "[s]\nX = 1\n", "1" },
	{ "an empty value", "[s]\nx =\n", "" },
	{ "continuation", "[s]\nx = 1\n  2\n\t3\n", "1\n2\n3" },
	{ "value on the next line only", "[s]\nx =\n  2\n", "\n2" },
	{ "a blank line inside", "[s]\nx = 1\n\n  2\n", "1\n\n2" },
	{ "blank lines at the end go", "[s]\nx = 1\n\n\n", "1" },
	{ "a comment inside", "[s]\nx = 1\n# no\n  ; no\n  2\n", "1\n2" },
	{ "an inline comment", "[s]\nx = 1 ; no\n", "1" },
	{ "no inline comment without a blank", "[s]\nx = 1;2\n", "1;2" },
	{ "the first one after a blank counts", "[s]\nx = 1;2 ;no\n", "1;2" },
	{ "a hash sign is no inline comment", "[s]\nx = 1 # 2\n", "1 # 2" },
	{ "comment behind a section", "[s] ; no\nx = 1\n", "1" },
	{ "same indent is no continuation", "[s]\n  x = 1\n  y = 2\n", "1" },
	{ "deeper indent is", "[s]\n  x = 1\n   y = 2\n", "1\ny = 2" },
	{ "an indented header is a value", "[s]\nx = 1\n  [t]\n", "1\n[t]" },
	{ "CR LF", "[s]\r\nx = 1\r\n  2\r\n", "1\n2" },
	{ "CR alone", "[s]\rx = 1\r", "1" },
	{ "strange names", "[s]\na.b-c/d?e=f = 0\nx = 1\n", "1" },
	{ "a name with blanks", "[s]\na b = 0\nx = 1\n", "1" },
	{ "section with brackets", "[a]b]\nx = 0\n[s]\nx = 1\n", "1" },
	{ "no-break space", "[s]\nx =\xc2\xa0""1\xe2\x80\x83\n", "1" },
	{ "no-break space before a comment", "[s]\nx = 1\xc2\xa0; no\n", "1" },
	{ "from [DEFAULT]", "[DEFAULT]\nx = 1\n[s]\n", "1" },
	{ "section over [DEFAULT]", "[s]\nx = 1\n[DEFAULT]\nx = 0\n", "1" },
	{ "sections have case", "[S]\nx = 0\n[s]\nx = 1\n", "1" },
	{ "not set", "[s]\ny = 0\n[t]\nx = 1\n", NULL },
};

static void test_values(void)
{
	struct fixture f;

	for (size_t i = 0; i < ARRAY_SIZE(values); i++) {
		setup(&f, values[i].text);
		t_str(values[i].what, get(&f, "s", "x"), values[i].value);
		t_is(values[i].what, (int64_t)f.d.n, 0);
		teardown(&f);
	}
}

static const struct {
	const char *what, *text, *problem;
	bool section, file;		/* what it breaks: [s], everything */
} faults[] = {
	{ "no delimiter", "[s]\nfoo bar\n", "f:2: \"foo bar\": not a section and not an "
	  "option: there is no \"=\"", true, false },
	{ "its continuation is not a second fault", "[s]\nfoo\n  bar\n  baz\nx = 1\n",
	  "f:2: \"foo\": not a section and not an option: there is no \"=\"", true, false },
	{ "half a header, the first", "[s\n", "f:1: \"[s\": a section header needs a "
	  "\"]\"", false, true },
	{ "no section", "x = 1\n", "f:1: \"x = 1\": text before the first section header",
	  false, true },
	{ "no name", "[s]\n = 1\n", "f:2: \"= 1\": there is no name before the delimiter",
	  true, false },
	{ "no bracket", "[s]\n[t\n", "f:2: \"[t\": a section header needs a \"]\"", true, false },
	{ "twice", "[s]\nx = 1\ny = 2\nX = 3\n", "f:4: \"x\" is set a second time in section "
	  "\"[s]\", it was at line 2", true, false },
	{ "section twice", "[s]\nx = 1\n[s]\ny = 1\n", "f:3: section \"[s]\" begins a second "
	  "time, it was at line 1", true, false },
	{ "in [DEFAULT]", "[DEFAULT]\nfoo\n[s]\nx = 1\n", "f:2: \"foo\": not a section and not "
	  "an option: there is no \"=\"", false, true },
	{ "behind a header", "[s] x = 1\n[t] # one\n[u]; two\n", "f:1: \"x = 1\" behind a "
	  "section header counts for nothing: it belongs into the next line", false, false },
	{ "another section", "[t]\nfoo\n[s]\nx = 1\n", "f:2: \"foo\": not a section and not an "
	  "option: there is no \"=\"", false, false },
};

static void test_faults(void)
{
	struct fixture f;

	for (size_t i = 0; i < ARRAY_SIZE(faults); i++) {
		struct ini_section *s;

		setup(&f, faults[i].text);
		s = ini_section(f.ini, "s");
		t_str(faults[i].what, tree_problem(&f.d, "/none", 0), faults[i].problem);
		t_is(faults[i].what, (int64_t)f.d.n, 1);
		t_is(faults[i].what, s && s->broken, faults[i].section);
		t_is(faults[i].what, f.ini->broken, faults[i].file);
		teardown(&f);
	}
}

static void test_places(void)
{
	struct fixture f;
	struct value v;

	setup(&f, "[s]\nx = 1\n# no\n\n  2 %(z)s\n  %(y)s\n  3\ny = a\n    b\nz = q\n    r\n");
	t_is("get", ini_get(&f.l, f.ini, "s", "x", NULL, &v), 1);
	t_str("text", v.s, "1\n\n2 q\nr\na\nb\n3");
	t_is("first line", v.at[0].line, 2);
	t_is("blank line", v.at[1].line, 4);
	t_is("behind text, a reference is part of the line", v.at[2].line, 5);
	t_is("but its second line has its own place", v.at[3].line, 11);
	t_is("alone, it has its own place", v.at[4].line, 8);
	t_is("so has its second line", v.at[5].line, 9);
	t_is("then our own again", v.at[6].line, 7);
	t_str("file", v.at[6].file, "f");
	t_is("by offset", value_place(&v, 3).line, 5);
	teardown(&f);
}

/* ---- references ------------------------------------------------------------------------ */

static const struct {
	const char *what, *text, *value;	/* value NULL: problem is set */
	const char *problem;
} references[] = {
	{ "own section", "[s]\nx = a%(y)sc\ny = b\n", "abc", NULL },
	{ "[DEFAULT]", "[DEFAULT]\ny = b\n[s]\nx = a%(y)sc\n", "abc", NULL },
	{ "own section first", "[DEFAULT]\ny = 0\n[s]\nx = %(y)s\ny = b\n", "b", NULL },
	{ "upper case", "[s]\nx = %(Y)s\ny = b\n", "b", NULL },
	{ "in a reference", "[s]\nx = %(y)s\ny = %(z)s%(z)s\nz = c\n", "cc", NULL },
	{ "percent", "[s]\nx = 100%%\n", "100%", NULL },
	{ "percent that looks like one", "[s]\nx = %%(y)s\n", "%(y)s", NULL },
	{ "percent in a reference", "[s]\nx = %(y)s\ny = 1%%\n", "1%", NULL },
	{ "name of the section", "[s]\nx = %(__name__)s\n", "s", NULL },
	{ "directory", "[s]\nx = %(fail2ban_confpath)s/x\n", "/etc/test/x", NULL },
	{ "other section", "[s]\nx = %(t/y)s\n[t]\ny = b\n", "b", NULL },
	{ "other section, seen from here", "[s]\nx = %(t/y)s\nz = here\n[t]\ny = %(z)s\n"
	  "z = there\n", "here", NULL },
	{ "other section, then [DEFAULT]", "[DEFAULT]\ny = b\n[s]\nx = %(t/y)s\n[t]\n", "b", NULL },
	{ "other section in capitals", "[s]\nx = %(T/Y)s\n[T]\ny = b\n", "b", NULL },
	{ "[DEFAULT] by name", "[DEFAULT]\nx = b\n[s]\nx = a%(default/x)s\n", "ab", NULL },
	{ "before, from [DEFAULT]", "[DEFAULT]\nx = b\n[s]\nx = a%(known/x)s\n", "ab", NULL },
	{ "ten deep", "[s]\nx=%(a)s\na=%(b)s\nb=%(c)s\nc=%(d)s\nd=%(e)s\ne=%(f)s\nf=%(g)s\n"
	  "g=%(h)s\nh=%(i)s\ni=%(j)s\nj=1\n", "1", NULL },
	{ "eleven deep", "[s]\nx=%(a)s\na=%(b)s\nb=%(c)s\nc=%(d)s\nd=%(e)s\ne=%(f)s\nf=%(g)s\n"
	  "g=%(h)s\nh=%(i)s\ni=%(j)s\nj=%(k)s\nk=1\n", NULL, "f:11: \"%(j)s\": the option "
	  "refers to itself, or references are nested too deep" },
	{ "nobody", "[s]\nx = 1\n  a%(yy)s\n", NULL, "f:3: \"%(yy)s\" refers to an option that "
	  "is not set" },
	{ "nearly", "[s]\nx = %(log_dirs)s\nlog_dir = 1\n", NULL, "f:2: \"%(log_dirs)s\" refers "
	  "to an option that is not set (did you mean \"log_dir\"?)" },
	{ "nobody before", "[s]\nx = %(known/x)s\n", NULL, "f:2: \"%(known/x)s\" refers to an "
	  "option that is not set" },
	{ "no such section", "[s]\nx = %(t/x)s\n", NULL, "f:2: \"%(t/x)s\" refers to an option "
	  "that is not set" },
	{ "itself", "[s]\nx = %(x)s\n", NULL, "f:2: \"%(x)s\": the option refers to itself, or "
	  "references are nested too deep" },
	{ "each other", "[s]\nx = %(y)s\ny = %(x)s\n", NULL, "f:3: \"%(x)s\": the option refers "
	  "to itself, or references are nested too deep" },
	{ "a bare percent", "[s]\nx = 100%\n", NULL, "f:2: \"%\": a \"%\" must be written as "
	  "\"%%\", or be part of \"%(name)s\"" },
	{ "a date", "[s]\nx = %Y\n", NULL, "f:2: \"%Y\": a \"%\" must be written as \"%%\", or "
	  "be part of \"%(name)s\"" },
	{ "no s", "[s]\nx = %(y) z\ny = 1\n", NULL, "f:2: \"%(y) z\": a \"%\" must be written "
	  "as \"%%\", or be part of \"%(name)s\"" },
	{ "no name", "[s]\nx = %()s\n", NULL, "f:2: \"%()s\": a \"%\" must be written as "
	  "\"%%\", or be part of \"%(name)s\"" },
};

static void test_references(void)
{
	struct fixture f;

	for (size_t i = 0; i < ARRAY_SIZE(references); i++) {
		setup(&f, references[i].text);
		t_str(references[i].what, get(&f, "s", "x"), references[i].value);
		t_str(references[i].what, f.d.n ? tree_problem(&f.d, "/none", 0) : NULL,
		      references[i].problem);
		teardown(&f);
	}
}

/* Files one over another: each sees what was before it. */
static void test_layers(void)
{
	struct fixture f;
	struct value v;

	setup(&f, "[DEFAULT]\nd = 0\n[s]\nx = a\ny = %(known/x)s\nw = 1\n");
	lay(&f, "g", "[DEFAULT]\nd = %(known/d)s 1\n[s]\nx = %(known/x)s\n  b\n");
	lay(&f, "h", "[DEFAULT]\nd = %(known/d)s 2\n[s]\nx = %(known/x)s\n  %(z)s\nz = c\n");
	lay(&f, "i", "[s]\nw = %(known/x)s\n[u]\nx = new\n");
	t_str("three files, no loop", get(&f, "s", "x"), "a\nb\nc");
	t_str("[DEFAULT] too", get(&f, "s", "d"), "0 1 2");
	t_str("another option's last layer", get(&f, "s", "w"), "a\nb");
	t_str("the same, from the first file", get(&f, "s", "y"), "a\nb");
	t_str("a new section", get(&f, "u", "x"), "new");
	t_is("get", ini_get(&f.l, f.ini, "s", "x", NULL, &v), 1);
	t_str("first line's file", v.at[0].file, "f");
	t_str("second line's file", v.at[1].file, "g");
	t_str("third line's file", v.at[2].file, "h");
	t_is("no problem", (int64_t)f.d.n, 0);
	lay(&f, "h", "[s]\nx = %(known/x)s\n  %(z)s\nz = c\n");
	t_is("conditional", ini_section(f.ini, "s?family=inet6") == NULL, 1);
	lay(&f, "j", "[s?family=inet6]\nx = six\n");
	t_str("folded into its section", get(&f, "s", "x?family=inet6"), "six");
	teardown(&f);
}

/* A file that is included twice does not extend its own value. */
static void test_same_file_twice(void)
{
	const char *text = "[s]\nx = %(known/x)s b\n";
	struct fixture f;
	struct ini *file;

	setup(&f, "[s]\nx = a\n");
	file = ini_new(&f.l);
	t_is("parse", ini_parse(&f.l, file, "g", text, strlen(text)), 0);
	ini_merge(&f.l, f.ini, file);
	ini_merge(&f.l, f.ini, file);
	t_str("once", get(&f, "s", "x"), "a b");
	teardown(&f);
}

/* ---- caps ---------------------------------------------------------------------------------- */

static char *repeat(const char *head, const char *part, size_t n)
{
	struct str s = { 0 };

	str_puts(&s, head);
	for (size_t i = 0; i < n; i++)
		str_printf(&s, part, (int)i);
	return str_take(&s);
}

static void expect_problem(const char *what, char *text, const char *part)
{
	struct fixture f;
	bool found = false;

	setup(&f, text);
	get(&f, "s", "x");
	for (size_t i = 0; i < f.d.n; i++)
		found |= strstr(f.d.entries[i].text, part) != NULL;
	t_ok(what, found);
	teardown(&f);
	free(text);
}

static void test_caps(void)
{
	expect_problem("options", repeat("[s]\n", "o%d = 1\n", INI_OPTIONS_MAX + 1),
		       "more than 4096 options in section");
	expect_problem("sections", repeat("", "[s%d]\n", INI_SECTIONS_MAX + 1),
		       "more than 4096 sections");
	expect_problem("length of a value", repeat("[s]\nx = 1\n", "  %0100d\n", 11000),
		       "the value of \"x\" is longer than");
	expect_problem("errors", repeat("[s]\n", "bad %d\n", 1000), "more than 199 errors");
	expect_problem("references", repeat("[s]\ny = %%\nx =", " %%(y)s%.0d", 20001),
		       "too many references");
	expect_problem("length of the result",
		       repeat("[s]\nx = %(a)s%(a)s%(a)s%(a)s%(a)s%(a)s%(a)s%(a)s\na = 1\n",
			      "  %0200d\n", 1000), "too long");
}

int main(void)
{
	test_values();
	test_faults();
	test_places();
	test_references();
	test_layers();
	test_same_file_twice();
	test_caps();
	return t_done();
}
