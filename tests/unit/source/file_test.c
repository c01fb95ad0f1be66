// SPDX-License-Identifier: GPL-2.0-or-later
/* What can happen to a log, one thing after the other. */
#include "follower.h"

static void reads_what_is_there_and_what_comes(void)
{
	struct follower f;

	begin_with(&f, "one\ntwo\n");
	append("log", "thr");
	expect_nothing(&f, "a part of a line waits");
	append("log", "ee\nfour\n");
	expect(&f, "until it is whole", "three\nfour\n");
	t_is("caught up once", f.caught_up, 1);
	t_is("one source", f.opened, 1);
	follower_close(&f);
}

static void tail_skips_what_is_there(void)
{
	static const char *const before[] = { "one\ntwo\n", "one\nunfin", "", "\n", "a\nb\n" };

	for (size_t i = 0; i < ARRAY_SIZE(before); i++) {
		struct source_spec spec = { .path = "log", .tail = true };
		struct follower f;

		put("log", O_TRUNC, before[i]);
		follower_open(&f, NULL);
		t_is("follow", sources_follow(f.all, &spec, &f.follow), 0);
		follower_run(&f, many_rounds);
		append("log", "new\nnewer\n");
		expect(&f, before[i], i == 1 ? "newer\n" : "new\nnewer\n");
		follower_close(&f);
		unlink("log");
	}
}

static void a_start_may_be_inside_a_line(void)
{
	struct follower f;

	append("log", "first line\nsecond line\nthird\n");
	follower_open(&f, NULL);
	f.start = 15;
	follow(&f, "log");
	expect(&f, "the next whole line", "third\n");
	follower_close(&f);
}

static void waits_for_files_and_directories(void)
{
	struct source_stats stats;
	struct follower f;

	follower_open(&f, NULL);
	follow(&f, "a/b/c/log");
	expect_nothing(&f, "no such file");
	source_stats(sources_first(f.all), &stats);
	t_is("it waits", stats.state, SOURCE_WAITING);
	t_is("and is caught up with nothing", f.caught_up, 1);
	t_ok("directories", !mkdir("a", 0755) && !mkdir("a/b", 0755));
	expect_nothing(&f, "still none");
	t_is("the last one", mkdir("a/b/c", 0755), 0);
	append("a/b/c/log", "late\n");
	expect(&f, "created late", "late\n");
	move("a/b", "a/away");
	t_ok("made anew", !mkdir("a/b", 0755) && !mkdir("a/b/c", 0755));
	append("a/b/c/log", "again\n");
	expect(&f, "in a directory made anew", "again\n");
	follower_close(&f);
}

static void rename_and_create(void)
{
	struct source_stats stats;
	struct follower f;
	int old;

	begin_with(&f, "1\n");
	old = open("log", O_WRONLY | O_APPEND);
	move("log", "log.1");
	t_is("write", write(old, "2\n", 2), 2);
	expect(&f, "the renamed file goes on", "2\n");
	put("log", O_EXCL, "");
	t_is("write", write(old, "3\n", 2), 2);
	expect(&f, "also beside the new one", "3\n");
	source_stats(sources_first(f.all), &stats);
	t_is("both are open", stats.open_files, 2);
	t_is("write", write(old, "4\nhalf", 6), 6);
	close(old);
	append("log", "5\n");
	expect(&f, "the old one first", "4\n5\n");
	expect_nothing(&f, "and half a line is none");
	source_stats(sources_first(f.all), &stats);
	t_is("the writer is gone, and the old file with it", stats.open_files, 1);
	t_is("one rotation", stats.rotations, 1);
	t_is("nothing is left", stats.lag, 0);
	t_is("live", stats.state, SOURCE_LIVE);
	follower_close(&f);
}

static void several_rotations_unseen(void)
{
	struct source_stats stats;
	struct follower f;

	begin_with(&f, "1\n");
	append("log", "2\n");
	move("log", "log.1");
	append("log", "3\n");
	move("log.1", "log.2");
	move("log", "log.1");
	append("log", "4\n");
	move("log.2", "log.3");
	move("log.1", "log.2");
	move("log", "log.1");
	append("log", "5\n");
	expect(&f, "each of them, in order", "2\n3\n4\n5\n");
	source_stats(sources_first(f.all), &stats);
	t_is("rotations", stats.rotations, 3);
	t_is("no gap", stats.gaps, 0);
	t_is("one is open", stats.open_files, 1);
	follower_close(&f);
}

static void renamed_there_and_back(void)
{
	struct follower f;

	begin_with(&f, "1\n");
	move("log", "log.tmp");
	move("log.tmp", "log");
	append("log", "2\n");
	expect(&f, "nothing twice", "2\n");
	move("log", "log.tmp");
	append("log.tmp", "3\n");
	expect(&f, "under the other name", "3\n");
	move("log.tmp", "log");
	append("log", "4\n");
	expect(&f, "and back, closed meanwhile", "4\n");
	follower_close(&f);
}

static void copied_and_truncated(void)
{
	struct source_stats stats;
	struct follower f;

	begin_with(&f, "one\n");
	append("log", "two\nhal");
	copy("log", "log.1");
	t_is("truncate", truncate("log", 0), 0);
	append("log", "3\n");
	expect(&f, "the rest is in the copy", "two\n3\n");
	append("log", "four: longer than what was there before\n");
	expect(&f, "and on", "four: longer than what was there before\n");
	copy("log", "log.1");
	t_is("truncate", truncate("log", 0), 0);
	append("log", "five: as long as all before, and then some more, and more\n");
	expect(&f, "grown past the place unseen",
	       "five: as long as all before, and then some more, and more\n");
	source_stats(sources_first(f.all), &stats);
	t_is("truncations", stats.truncations, 2);
	follower_close(&f);
}

static void truncated_without_a_copy(void)
{
	struct follower f;
	int fd;

	begin_with(&f, "one\n");
	fd = open("log", O_WRONLY);
	put("log", O_TRUNC, "");
	append("log", "two\n");
	expect(&f, "from the beginning", "two\n");
	put("log", O_TRUNC, "");
	t_is("write far behind", pwrite(fd, "three\n", 6, 9000), 6);
	expect(&f, "a hole is no text", "three\n");
	t_is("and on", pwrite(fd, "four\n", 5, 9006), 5);
	expect(&f, "the next", "four\n");
	close(fd);
	follower_close(&f);
}

static void deleted_and_created(void)
{
	struct source_stats stats;
	struct follower f;
	int fd;

	begin_with(&f, "1\n");
	fd = open("log", O_WRONLY | O_APPEND);
	t_is("unlink", unlink("log"), 0);
	t_is("write", write(fd, "2\n", 2), 2);
	expect(&f, "a deleted file goes on", "2\n");
	close(fd);
	expect_nothing(&f, "until its writer closes it");
	source_stats(sources_first(f.all), &stats);
	t_is("and is let go then", stats.open_files, 0);
	t_is("waiting", stats.state, SOURCE_WAITING);
	append("log", "3\n");
	expect(&f, "a new one", "3\n");
	follower_close(&f);
}

static void links(void)
{
	struct follower f;

	t_ok("directories", !mkdir("real", 0755) && !mkdir("other", 0755));
	append("real/log", "1\n");
	t_is("link", symlink("real/log", "log"), 0);
	follower_open(&f, NULL);
	follow(&f, "log");
	expect(&f, "through the link", "1\n");
	append("real/log", "2\n");
	move("real/log", "real/log.1");
	append("real/log", "3\n");
	move("real/log.1", "real/log.2");
	move("real/log", "real/log.1");
	append("real/log", "4\n");
	expect(&f, "rotated where the file is", "2\n3\n4\n");
	append("other/log", "5\n");
	t_ok("link again", !symlink("other/log", "log.new"));
	move("log.new", "log");
	expect(&f, "the link points elsewhere", "5\n");
	append("other/log", "6\n");
	move("other/log", "other/log.1");
	append("other/log", "7\n");
	expect(&f, "and is followed there", "6\n7\n");
	t_ok("dangling", !symlink("nowhere/log", "log.new"));
	move("log.new", "log");
	expect_nothing(&f, "points at nothing");
	t_is("directory", mkdir("nowhere", 0755), 0);
	append("nowhere/log", "8\n");
	expect(&f, "until there is something", "8\n");
	follower_close(&f);
}

static void no_regular_file(void)
{
	struct source_stats stats;
	struct follower f;

	t_is("a pipe", mkfifo("log", 0644), 0);
	follower_open(&f, NULL);
	follow(&f, "log");
	expect_nothing(&f, "a pipe is no log");
	t_is("directory", !unlink("log") && !mkdir("log", 0755), 1);
	expect_nothing(&f, "neither is a directory");
	source_stats(sources_first(f.all), &stats);
	t_is("that is told", stats.state, SOURCE_FAILING);
	t_is("why", stats.error, EINVAL);
	t_is("gone", rmdir("log"), 0);
	append("log", "1\n");
	expect(&f, "a file at last", "1\n");
	source_stats(sources_first(f.all), &stats);
	t_is("fine again", stats.state, SOURCE_LIVE);
	follower_close(&f);
}

static void polling_sees_it_too(void)
{
	struct source_options o = { .poll = SOURCE_POLL_ALWAYS, .poll_ns = 1000000 };
	struct source_stats stats;
	struct follower f;

	follower_open(&f, &o);
	follow(&f, "d/*.log");
	t_is("directory", mkdir("d", 0755), 0);
	append("d/a.log", "1\n");
	expect(&f, "created", "1\n");
	append("d/a.log", "2\n");
	expect(&f, "grown", "2\n");
	append("d/a.log", "3\n");
	move("d/a.log", "d/a.log.1");
	append("d/a.log", "4\n");
	expect(&f, "rotated", "3\n4\n");
	t_is("truncate", truncate("d/a.log", 0), 0);
	append("d/a.log", "5\n");
	expect(&f, "truncated", "5\n");
	source_stats(sources_first(f.all), &stats);
	t_ok("that is told", stats.polled);
	follower_close(&f);
}

int main(void)
{
	in_directory(reads_what_is_there_and_what_comes);
	in_directory(tail_skips_what_is_there);
	in_directory(a_start_may_be_inside_a_line);
	in_directory(waits_for_files_and_directories);
	in_directory(rename_and_create);
	in_directory(several_rotations_unseen);
	in_directory(renamed_there_and_back);
	in_directory(copied_and_truncated);
	in_directory(truncated_without_a_copy);
	in_directory(deleted_and_created);
	in_directory(links);
	in_directory(no_regular_file);
	in_directory(polling_sees_it_too);
	return t_done();
}
