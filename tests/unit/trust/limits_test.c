// SPDX-License-Identifier: GPL-2.0-or-later
/* Files that were written to take for ever, or all memory: they end, and it is told. */
#include "scene.h"

#define REPEAT(out, n, ...)	do { for (int i_ = 0; i_ < (n); i_++) \
					str_printf(out, __VA_ARGS__); } while (0)

/* Each section has twice what the one before has. */
static void doubling(struct str *out)
{
	str_puts(out, "[a0](!)\ntype=identify\nmatch=198.51.100.1\n");
	for (int i = 1; i < 40; i++)
		str_printf(out, "[a%d](!,a%d,a%d)\n", i, i - 1, i - 1);
	str_puts(out, "[end](a39)\n");
}

static void heirs(struct str *out)
{
	str_puts(out, "[acl](!)\ntype=acl\ndeny=0.0.0.0/0\n");
	REPEAT(out, 2000, "permit=198.51.100.1\ndeny=203.0.113.1\n");
	REPEAT(out, 1000, "[x](acl)\n");
}

static void twins(struct str *out)
{
	REPEAT(out, 90000, "[e]\n");
	str_puts(out, "[f](!)\ntype=endpoint\naors=e");
	REPEAT(out, 2000, ",e");
	REPEAT(out, 3000, "\n[g](f)");
}

static void itself(struct str *out)
{
	REPEAT(out, 100, "#include pjsip.conf\n");
}

static void everything(struct str *out)
{
	REPEAT(out, 1000, "#include /proc/*/*\n");
}

static void directives(struct str *out)
{
	for (int i = 0; i < 1000; i++)
		str_printf(out, "#!define X%d %d\n", i, i);
	REPEAT(out, 100000, "#!ifdef NOPE\n#!endif\n");
}

static void variables(struct str *out)
{
	for (int i = 0; i < 2000; i++)
		str_printf(out, "<X-PRE-PROCESS cmd=\"set\" data=\"v%d=x\"/>", i);
	REPEAT(out, 50000, "<X-PRE-PROCESS cmd=\"set\" data=\"q=$${nope}\"/>");
}

static const struct {
	const char *what, *file;
	enum trust_kind kind;
	void (*write)(struct str *out);
} rows[] = {
	{ "templates that double", "pjsip.conf", TRUST_PJSIP, doubling },
	{ "a long access list with many heirs", "pjsip.conf", TRUST_PJSIP, heirs },
	{ "a name that many sections have", "pjsip.conf", TRUST_PJSIP, twins },
	{ "a file that includes itself", "pjsip.conf", TRUST_PJSIP, itself },
	{ "a pattern that matches everything", "pjsip.conf", TRUST_PJSIP, everything },
	{ "definitions to be looked for", "kamailio.cfg", TRUST_KAMAILIO, directives },
	{ "variables to be looked for", "freeswitch.xml", TRUST_FREESWITCH, variables },
};

static void check_row(size_t i)
{
	struct tree_file file = { rows[i].file, "" };
	struct trust_source src = { rows[i].kind, NULL };
	struct str text = { 0 };
	struct trust_reading r;
	char path[400], *dir;

	rows[i].write(&text);
	file.text = text.s;
	dir = tree_make(&file, 1);
	snprintf(path, sizeof(path), "%s%s%s", dir, rows[i].kind == TRUST_FREESWITCH ? "" : "/",
		 rows[i].kind == TRUST_FREESWITCH ? "" : rows[i].file);
	src.path = path;
	trust_read(&src, &scene_limits, &r);
	t_is(rows[i].what, r.err, 0);
	t_ok(rows[i].what, r.refused > 0);
	t_ok(rows[i].what, r.failed);
	t_ok(rows[i].what, r.n <= TRUST_MAX_ENTRIES && r.n_files <= TRUST_MAX_FILES &&
	     r.problems.n <= TRUST_MAX_PROBLEMS + 1);
	trust_reading_fini(&r);
	str_fini(&text);
	tree_remove(dir);
}

/* Nor a file that is nothing but zeros, nor one that is too large. */
static void check_zeros(void)
{
	char *dir = tree_make(NULL, 0), path[400];
	struct trust_source src = { TRUST_SIP, path };
	struct trust_reading r;

	snprintf(path, sizeof(path), "%s/sip.conf", dir);
	fclose(fopen(path, "w"));
	t_is("a file full of zeros", truncate(path, TRUST_MAX_FILE), 0);
	trust_read(&src, &scene_limits, &r);
	t_is("is read to its end", (int64_t)r.n_files, 1);
	trust_reading_fini(&r);
	t_is("a larger one", truncate(path, TRUST_MAX_FILE + 1), 0);
	trust_read(&src, &scene_limits, &r);
	t_ok("is not", r.failed && !r.n_files);
	trust_reading_fini(&r);
	tree_remove(dir);
}

int main(void)
{
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
		check_row(i);
	check_zeros();
	return t_done();
}
