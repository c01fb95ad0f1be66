// SPDX-License-Identifier: GPL-2.0-or-later
#include "journal_place.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "journal_match.h"

#define PATTERNS_MAX	256

/* ---- the parameters --------------------------------------------------------- */

static int refuse(char *why, size_t why_size, const char *reason)
{
	if (why)
		snprintf(why, why_size, "%s", reason);
	return -EINVAL;
}

/* Blanks, commas and line ends separate the files. */
static int split_patterns(struct journal_place *p, const char *files)
{
	static const char separators[] = " ,\n";

	p->patterns = calloc(PATTERNS_MAX, sizeof(*p->patterns));
	if (!p->patterns)
		return -ENOMEM;
	for (files += strspn(files, separators); *files;
	     files += strspn(files, separators)) {
		size_t n = strcspn(files, separators);

		if (p->n_patterns == PATTERNS_MAX)
			return -E2BIG;
		p->patterns[p->n_patterns] = strndup(files, n);
		if (!p->patterns[p->n_patterns++])
			return -ENOMEM;
		files += n;
	}
	return p->n_patterns ? 0 : -EINVAL;
}

static int parse_flags(struct journal_place *p, const char *flags)
{
	char *end;
	long n;

	errno = 0;
	n = strtol(flags, &end, 10);
	if (errno || end == flags || *end || n < 0 || n > INT32_MAX)
		return -EINVAL;
	p->flags = (int)n;
	return 0;
}

static int copy(char **to, const char *from)
{
	*to = from && *from ? strdup(from) : NULL;
	return from && *from && !*to ? -ENOMEM : 0;
}

static int parse(struct journal_place *p, const struct journal_wish *wish,
		 char *why, size_t size)
{
	int err = copy(&p->path, wish->path);

	if (!err)
		err = copy(&p->namespace, wish->namespace);
	if (!err && wish->files && *wish->files)
		err = split_patterns(p, wish->files);
	if (err == -EINVAL)
		return refuse(why, size, "journalfiles names no file");
	if (err == -E2BIG)
		return refuse(why, size, "journalfiles names more than 256 files");
	if (err)
		return err;
	if (!!p->path + !!p->patterns + !!p->namespace > 1)
		return refuse(why, size, "only one of journalpath, journalfiles and namespace "
			      "can be given");
	if (wish->flags && *wish->flags && parse_flags(p, wish->flags))
		return refuse(why, size, "journalflags is not a number");
	return 0;
}

int journal_place_parse(struct journal_place *p, const struct journal_wish *wish,
			char *why, size_t why_size)
{
	int err;

	*p = (struct journal_place){ .flags = -1 };
	err = parse(p, wish, why, why_size);
	if (err)
		journal_place_fini(p);
	return err;
}

void journal_place_fini(struct journal_place *p)
{
	for (size_t i = 0; i < p->n_patterns; i++)
		free(p->patterns[i]);
	free(p->patterns);
	free(p->path);
	free(p->namespace);
	*p = (struct journal_place){ 0 };
}

static void print_one(struct str *out, const char *name, const char *value)
{
	if (!value)
		return;
	str_printf(out, " %s=", name);
	journal_match_quote(value, out);
}

void journal_place_print(const struct journal_place *p, struct str *out)
{
	print_one(out, "path", p->path);
	for (size_t i = 0; i < p->n_patterns; i++)
		print_one(out, "file", p->patterns[i]);
	print_one(out, "namespace", p->namespace);
	if (p->flags >= 0)
		str_printf(out, " flags=%d", p->flags);
}

/* ---- the files -------------------------------------------------------------- */

static int add_matches(const char *pattern, glob_t *files)
{
	return glob(pattern, GLOB_APPEND, NULL, files) == GLOB_NOSPACE ? -ENOMEM : 0;
}

/*
 * journald calls a DIR/system.journal that is full DIR/system@....journal, and
 * one that was not closed the same with a "~".  True of patterns as well.
 */
static int add_rotated(const char *pattern, glob_t *files)
{
	static const char *const endings[] = { "@*.journal", "@*.journal~" };
	size_t len = strlen(pattern), stem = len - strlen(".journal");
	const char *leaf = strrchr(pattern, '/');
	int err = 0;

	if (len < strlen(".journal") || !streq(pattern + stem, ".journal") ||
	    strchr(leaf ? leaf : pattern, '@'))
		return 0;
	for (size_t i = 0; i < ARRAY_SIZE(endings) && !err; i++) {
		char *rotated;

		if (asprintf(&rotated, "%.*s%s", (int)stem, pattern, endings[i]) < 0)
			return -ENOMEM;
		err = add_matches(rotated, files);
		free(rotated);
	}
	return err;
}

int journal_place_files(const struct journal_place *p, glob_t *files)
{
	int err = 0;

	*files = (glob_t){ 0 };
	for (size_t i = 0; i < p->n_patterns && !err; i++) {
		err = add_matches(p->patterns[i], files);
		if (!err)
			err = add_rotated(p->patterns[i], files);
	}
	if (!err && !files->gl_pathc)
		err = -ENOENT;
	if (err)
		globfree(files);
	return err;
}

/* FNV-1a. */
static void mix(uint64_t *h, const void *data, size_t len)
{
	const unsigned char *p = data;

	for (size_t i = 0; i < len; i++)
		*h = (*h ^ p[i]) * 0x100000001b3ull;
}

static void mix_file(uint64_t *h, const char *path)
{
	struct stat st = { 0 };

	if (stat(path, &st))
		st.st_ino = 0;
	mix(h, path, strlen(path) + 1);
	mix(h, &st.st_dev, sizeof(st.st_dev));
	mix(h, &st.st_ino, sizeof(st.st_ino));
}

uint64_t journal_place_layout(const struct journal_place *p)
{
	uint64_t h = 0xcbf29ce484222325ull;
	glob_t files;

	if (p->path)
		mix_file(&h, p->path);
	if (!p->patterns || journal_place_files(p, &files))
		return h;
	for (size_t i = 0; i < files.gl_pathc; i++)
		mix_file(&h, files.gl_pathv[i]);
	globfree(&files);
	return h;
}
