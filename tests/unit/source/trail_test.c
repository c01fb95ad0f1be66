// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Links in directories that others may write into: where they lead, whose they are,
 * and that nothing but a regular file is ever opened.
 */
#include <sys/inotify.h>

#include "base/log.h"
#include "follower.h"
#include "paths/trail.h"

enum { ROOT, USER = 1000, OTHER = 1001 };

static void own(const char *path, uid_t who)
{
	t_is(path, lchown(path, who, (gid_t)-1), 0);
}

static void make_link(const char *target, const char *path, uid_t who)
{
	t_is(path, symlink(target, path), 0);
	own(path, who);
}

static void make_file(const char *path, uid_t who)
{
	append(path, "secret\n");
	t_is(path, chmod(path, 0600), 0);
	own(path, who);
}

/* ---- one path ---------------------------------------------------------------------- */

static const struct { const char *what, *path; int err; } paths[] = {
	{ "a file", "root.log", 0 },
	{ "through . and ..", "./in/.././in//mine", 0 },
	{ "no such file", "nothing", -ENOENT },
	{ "through a file", "root.log/x", -ENOTDIR },
	{ "root's link to anybody's file", "in/root-to-mine", 0 },
	{ "root's link to root's file", "in/root-to-root", 0 },
	{ "a user's link to his own file", "in/to-mine", 0 },
	{ "to root's", "in/to-root", -EPERM },
	{ "to another user's", "in/to-other", -EPERM },
	{ "over root's link to root's", "in/to-root-to-root", -EPERM },
	{ "root's link to a user's link to root's", "root-to-to-root", -EPERM },
	{ "root's link to a user's link to his own", "root-to-to-mine", 0 },
	{ "a user's link to another's to the first one's file", "in/to-to-mine", -EPERM },
	{ "a user's link to a directory, his file there", "in/dir/in/mine", 0 },
	{ "root's file there", "in/dir/root.log", -EPERM },
	{ "an absolute link", "in/absolute", -EPERM },
	{ "itself", "in/loop", -ELOOP },
	{ "a directory", "in", -EINVAL },
	{ "a FIFO", "fifo", -EINVAL },
	{ "root's link to a device", "in/zero", -EINVAL },
	{ "what the kernel makes up", "/proc/self/pagemap", -EINVAL },
	{ "a link in /proc", "/proc/self/cwd/root.log", 0 },
};

static void where_links_lead(void)
{
	struct stat st;

	t_is("in", mkdir("in", 0755), 0);
	own("in", USER);
	make_file("root.log", ROOT);
	make_file("other.log", OTHER);
	make_file("in/mine", USER);
	make_link("mine", "in/root-to-mine", ROOT);
	make_link("../root.log", "in/root-to-root", ROOT);
	make_link("mine", "in/to-mine", USER);
	make_link("../root.log", "in/to-root", USER);
	make_link("../other.log", "in/to-other", USER);
	make_link("root-to-root", "in/to-root-to-root", USER);
	make_link("in/to-root", "root-to-to-root", ROOT);
	make_link("in/to-mine", "root-to-to-mine", ROOT);
	make_link("to-mine", "in/to-to-mine", OTHER);
	make_link("..", "in/dir", USER);
	make_link("/etc/shadow", "in/absolute", USER);
	make_link("loop", "in/loop", USER);
	make_link("/dev/zero", "in/zero", ROOT);
	t_is("fifo", mkfifo("fifo", 0600), 0);
	for (size_t i = 0; i < ARRAY_SIZE(paths); i++) {
		int fd = trail_open(paths[i].path, TRAIL_ANYBODY, &st);

		t_is(paths[i].what, fd < 0 ? fd : 0, paths[i].err);
		if (fd >= 0)
			close(fd);
	}
	t_is("he may have only his own", trail_open("root.log", USER, &st), -EPERM);
}

static void very_long_ways(void)
{
	char path[PATH_MAX + 16], name[NAME_MAX + 2], target[16];
	struct stat st;

	memset(path, 'a', sizeof(path));
	path[sizeof(path) - 1] = '\0';
	t_is("a path", trail_open(path, TRAIL_ANYBODY, &st), -ENAMETOOLONG);
	memset(name, 'a', sizeof(name));
	name[sizeof(name) - 1] = '\0';
	t_is("a name", trail_open(name, TRAIL_ANYBODY, &st), -ENAMETOOLONG);
	for (int i = 0; i < 45; i++) {
		snprintf(name, sizeof(name), "link%d", i + 1);
		snprintf(target, sizeof(target), "link%d", i);
		make_link(target, name, ROOT);
	}
	make_file("link0", ROOT);
	t_ok("40 links", trail_open("link40", TRAIL_ANYBODY, &st) >= 0);
	t_is("41", trail_open("link41", TRAIL_ANYBODY, &st), -ELOOP);
}

/* ---- logs that are followed ----------------------------------------------------------- */

static int error_of(const struct follower *f)
{
	struct source_stats st;

	source_stats(sources_first(f->all), &st);
	return st.error;
}

static void a_secret_is_not_read(void)
{
	struct follower f;

	t_is("in", mkdir("in", 0755), 0);
	t_is("theirs", mkdir("theirs", 0755), 0);
	own("in", USER);
	make_file("theirs/secret", ROOT);
	follower_open(&f, NULL);
	follow(&f, "in/*.log");
	make_link("../theirs/secret", "in/a.log", USER);
	expect_nothing(&f, "of another's");
	t_is("and it is told", error_of(&f), EPERM);
	append("theirs/secret", "more\n");
	expect_nothing(&f, "when it grows");
	move("theirs/secret", "theirs/secret.1");
	make_file("theirs/secret", ROOT);
	expect_nothing(&f, "when it is rotated");
	t_is("root", unlink("in/a.log"), 0);
	make_link("../theirs/secret", "in/a.log", ROOT);
	expect(&f, "root's link is followed", "secret\n");
	move("theirs/secret", "theirs/secret.1");
	append("theirs/secret", "new\n");
	expect(&f, "through rotation where it is", "new\n");
	follower_close(&f);
}

/* He links to his own file where others have files, too, and takes it away. */
static void a_name_that_becomes_anothers(void)
{
	struct follower f;

	t_is("tmp", mkdir("tmp", 01777), 0);
	make_file("tmp/x", USER);
	make_link("tmp/x", "log", USER);
	follower_open(&f, NULL);
	follow(&f, "log");
	expect(&f, "his own", "secret\n");
	t_is("gone", unlink("tmp/x"), 0);
	make_file("tmp/new", OTHER);
	move("tmp/new", "tmp/x");
	expect_nothing(&f, "another's");
	t_is("and it is told", error_of(&f), EPERM);
	t_is("gone", unlink("tmp/x"), 0);
	append("tmp/x", "his own\n");
	own("tmp/x", USER);
	expect(&f, "his own again", "his own\n");
	follower_close(&f);
}

/* O_PATH is no opening: a device or the other end of a FIFO would notice one. */
static void only_files_are_opened(void)
{
	int watch = inotify_init1(IN_NONBLOCK);
	struct follower f;
	char events[1024];

	t_is("fifo", mkfifo("fifo", 0666), 0);
	own("fifo", USER);
	make_link("fifo", "log", USER);
	make_link("fifo", "b.log", USER);
	t_ok("a watch", inotify_add_watch(watch, "fifo", IN_OPEN) >= 0);
	follower_open(&f, NULL);
	follow(&f, "log");
	follow(&f, "*.log");
	expect_nothing(&f, "from a FIFO");
	t_is("and it is told", error_of(&f), EINVAL);
	t_is("touched", chmod("fifo", 0600), 0);
	expect_nothing(&f, "nor later");
	t_is("it was never opened", read(watch, events, sizeof(events)), -1);
	t_ok("the log comes", !unlink("log"));
	append("log", "1\n");
	expect(&f, "and is read", "1\n");
	follower_close(&f);
	close(watch);
}

int main(void)
{
	if (geteuid()) {
		puts("needs root, to have files of others");
		return 77;
	}
	log_plain(LOG_LEVEL_ERROR);
	in_directory(where_links_lead);
	in_directory(very_long_ways);
	in_directory(a_secret_is_not_read);
	in_directory(a_name_that_becomes_anothers);
	in_directory(only_files_are_opened);
	return t_done();
}
