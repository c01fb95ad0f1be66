// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Very many files under one pattern: another one costs what it costs beside few, and
 * is found in all the ways that a file can come, change and go.
 *
 * With a number as argument it only adds files beside that many, for counting the
 * instructions: valgrind --tool=callgrind --toggle-collect=add_files ... 5000
 * (a second number: how many).
 */
#include <stdarg.h>
#include <sys/inotify.h>
#include <sys/syscall.h>

#include "source/family.h"
#include "follower.h"

static int added = 50;

/* ---- what is counted: calls of these, which we have in libc's place ----------- */

static uint64_t calls;

int stat(const char *restrict path, struct stat *restrict st)
{
	calls++;
	return fstatat(AT_FDCWD, path, st, 0);
}

int lstat(const char *restrict path, struct stat *restrict st)
{
	calls++;
	return fstatat(AT_FDCWD, path, st, AT_SYMLINK_NOFOLLOW);
}

int inotify_add_watch(int fd, const char *path, uint32_t mask)
{
	calls++;
	return (int)syscall(SYS_inotify_add_watch, fd, path, mask);
}

int strcmp(const char *a, const char *b)
{
	calls++;
	while (*a && *a == *b) {
		a++;
		b++;
	}
	return (unsigned char)*a - (unsigned char)*b;
}

/* ---- one more beside many ------------------------------------------------------ */

/* One after the other, as services make them; each is read before the next comes. */
static __attribute__((noinline)) void add_files(struct follower *f)
{
	for (int i = 0; i < added; i++) {
		char name[32];

		snprintf(name, sizeof(name), "new-%c%d.log", 'a' + i % 26, i);
		append(name, "new\n");
		expect(f, "a new file", "new\n");
	}
}

static uint64_t cost_beside(int files)
{
	struct source_options o = { .max_files = 10000 };
	struct str all = { 0 };
	struct follower f;
	char dir[T_DIR];
	uint64_t before;

	enter_directory(dir);
	for (int i = 0; i < files; i++) {
		char name[32];

		snprintf(name, sizeof(name), "service%d.log", i);
		append(name, "old\n");
		str_puts(&all, "old\n");
	}
	follower_open(&f, &o);
	follow(&f, "*.log");
	expect(&f, "those that are there", all.s);
	before = calls;
	add_files(&f);
	before = calls - before;
	t_is("all are followed", f.opened, files + added);
	follower_close(&f);
	str_fini(&all);
	leave_directory(dir);
	return before / added;
}

static void one_more_is_cheap(void)
{
	uint64_t few = cost_beside(20), many = cost_beside(1500);

	t_ok("beside many it costs what it costs beside few", many < few + few / 4);
}

/* ---- coming and going ----------------------------------------------------------- */

static bool is_followed(const struct follower *f, const char *path)
{
	for (struct source *s = sources_first(f->all); s; s = source_next(s))
		if (!strcmp(source_name(s), path))
			return true;
	return false;
}

static const char *expected_gone;

static bool has_a3(struct follower *f)
{
	return f->lines.len && strstr(f->lines.s, "a3\n");
}

static bool has_gone(struct follower *f)
{
	return !is_followed(f, expected_gone);
}

static bool goes(struct follower *f, const char *path)
{
	expected_gone = path;
	return follower_run(f, has_gone);
}

static void directories_come_and_go(void)
{
	struct follower f;

	t_ok("a directory", !mkdir("a", 0755) && !mkdir("elsewhere", 0755));
	append("a/log", "a1\n");
	append("elsewhere/log", "e1\n");
	follower_open(&f, NULL);
	follow(&f, "[a-c]*/log");
	expect(&f, "what is there", "a1\n");
	t_ok("another", !mkdir("b", 0755));
	append("b/log", "b1\n");
	expect(&f, "its log", "b1\n");
	move("a", "away");
	append("away/log", "a2\n");
	expect(&f, "a directory that matches under its new name, too", "a2\n");
	append("away/log", "a3\n");
	t_ok("is read on", follower_run(&f, has_a3));
	str_reset(&f.lines);
	t_ok("a link", !symlink("elsewhere", "c"));
	expect(&f, "to a directory", "e1\n");
	t_ok("the link goes", !unlink("c"));
	t_ok("and its log with it", goes(&f, "./c/log"));
	t_ok("a directory is emptied", !unlink("b/log") && !rmdir("b"));
	t_ok("and forgotten", goes(&f, "./b/log"));
	t_ok("and made anew", !mkdir("b", 0755));
	append("b/log", "b2\n");
	expect(&f, "its log", "b2\n");
	follower_close(&f);
}

static void links_point_elsewhere(void)
{
	struct follower f;

	t_ok("directories", !mkdir("one", 0755) && !mkdir("two", 0755) && !mkdir("in", 0755));
	append("one/x", "1\n");
	append("two/x", "2\n");
	follower_open(&f, NULL);
	follow(&f, "in/*.log");
	t_ok("a link", !symlink("../one/x", "in/a.log"));
	expect(&f, "what it leads to", "1\n");
	t_ok("another", !symlink("../two/x", "in/new"));
	move("in/new", "in/a.log");
	expect(&f, "in its place", "2\n");
	append("two/x", "3\n");
	expect(&f, "is read", "3\n");
	t_ok("its file goes", !unlink("two/x"));
	t_ok("and is forgotten", goes(&f, "./in/a.log"));
	append("two/x", "4\n");
	expect(&f, "and comes again", "4\n");
	for (int i = 0; i < 600; i++)
		t_ok("links to nothing", !symlink("nowhere/at/all", "in/b.log") &&
		     !unlink("in/b.log"));
	append("in/c.log", "5\n");
	expect(&f, "hide nobody", "5\n");
	follower_close(&f);
}

/* The second name was left alone, as the file was read already. */
static void second_names(void)
{
	struct follower f;

	t_ok("directories", !mkdir("x", 0755) && !mkdir("y", 0755));
	append("x/a.log", "1\n");
	t_ok("a second name", !link("x/a.log", "x/b.log"));
	follower_open(&f, NULL);
	follow(&f, "[xy]/*.log");
	expect(&f, "read once", "1\n");
	t_ok("the first one goes", !unlink("x/a.log"));
	t_ok("and is forgotten", goes(&f, "./x/a.log"));
	f.lines.len = 0;	/* a name that we have not seen begins at the beginning */
	append("x/b.log", "2\n");
	f.want_len = 2;
	t_ok("the second is followed", follower_run(&f, has_wanted) &&
	     is_followed(&f, "./x/b.log"));
	str_reset(&f.lines);
	move("x/b.log", "y/c.log");
	append("y/c.log", "3\n");
	expect(&f, "to another directory of the pattern", "3\n");
	follower_close(&f);
}

/* ---- the limit -------------------------------------------------------------------- */

static uint64_t refused_now;

static bool is_refused(struct follower *f)
{
	struct sources_stats st;

	sources_stats(f->all, &st);
	return st.refused == refused_now;
}

static bool refuses(struct follower *f, uint64_t n)
{
	refused_now = n;
	return follower_run(f, is_refused);
}

static void the_limit_is_kept(void)
{
	struct source_options o = { .max_files = 3, .poll_ns = 1000000 };
	struct follower f;

	append("a.log", "a\n");
	append("b.log", "b\n");
	follower_open(&f, &o);
	follow(&f, "*.log");
	expect(&f, "two", "a\nb\n");
	append("c.log", "c\n");
	expect(&f, "a third", "c\n");
	append("d.log", "d\n");
	append("e.log", "e\n");
	t_ok("two too many", refuses(&f, 2));
	t_ok("the same again", !chmod("d.log", 0600) && refuses(&f, 2));
	append("f.log", "f\n");
	t_ok("one more", refuses(&f, 3));
	t_ok("one goes that was not read", !unlink("e.log") && refuses(&f, 2));
	t_ok("one that was", !unlink("a.log"));
	expect(&f, "makes room", "d\n");
	t_ok("for one", refuses(&f, 1));
	follower_close(&f);
}

/* ---- names ------------------------------------------------------------------------ */

struct wanted {
	const char *leaf;
	int n;
};

static void on_leaf(void *ctx, const char *leaf, size_t len)
{
	struct wanted *w = ctx;

	w->n += strlen(w->leaf) == len && !memcmp(w->leaf, leaf, len);
}

/* All names of up to six of these letters: both ways must agree. */
static void both_ways_agree(void)
{
	static const char letters[] = "a.1-o";
	size_t wrong = 0, related = 0;
	char name[8], leaf[8];

	for (unsigned int i = 1; i < 46656; i++) {
		size_t len = 0;

		for (unsigned int rest = i; rest; rest /= 6)
			name[len++] = rest % 6 ? letters[rest % 6 - 1] : 'b';
		name[len] = '\0';
		for (size_t cut = 1; cut < len; cut++) {
			for (size_t skip = cut; skip <= len; skip++) {
				struct wanted w = { .leaf = leaf };

				snprintf(leaf, sizeof(leaf), "%.*s%s", (int)cut, name, name + skip);
				family_leaves(name, on_leaf, &w);
				wrong += family_is_rotated(leaf, name) != (w.n > 0);
				related += w.n > 0;
			}
		}
	}
	t_is("names on which they do not agree", (int64_t)wrong, 0);
	t_ok("and some are related", related > 1000);
}

static void compressed_ones(void)
{
	struct wanted w = { .leaf = "a.log" };

	family_leaves("a.log.1.gz", on_leaf, &w);
	family_leaves("a-20240131.log.xz", on_leaf, &w);
	t_is("compressed or not", w.n, 2);
}

int main(int argc, char **argv)
{
	if (argc > 1) {
		added = argc > 2 ? atoi(argv[2]) : added;
		cost_beside(atoi(argv[1]));
		return t_done();
	}
	one_more_is_cheap();
	in_directory(directories_come_and_go);
	in_directory(links_point_elsewhere);
	in_directory(second_names);
	in_directory(the_limit_is_kept);
	both_ways_agree();
	compressed_ones();
	return t_done();
}
