// SPDX-License-Identifier: GPL-2.0-or-later
/* Going on after a restart, whatever rotation did meanwhile. */
#include "follower.h"

/* Stop as a daemon does: what the position says is all that is known later. */
static void stop_at(struct follower *f, struct source_position *p)
{
	t_ok("a position", source_position(sources_first(f->all), p));
	follower_close(f);
}

static void start_at(struct follower *f, const struct source_position *p)
{
	follower_open(f, NULL);
	f->resume = *p;
	f->resuming = true;
	follow(f, "log");
}

static void first_run(struct source_position *p, const char *text, const char *lines)
{
	struct follower f;

	append("log", text);
	follower_open(&f, NULL);
	follow(&f, "log");
	expect(&f, "first run", lines);
	stop_at(&f, p);
}

static uint64_t gaps(const struct follower *f)
{
	struct source_stats stats;

	source_stats(sources_first(f->all), &stats);
	return stats.gaps;
}

static void the_same_file(void)
{
	struct source_position p;
	struct follower f;

	first_run(&p, "1\n2\nhal", "1\n2\n");
	t_is("before the unfinished line", p.offset, 4);
	append("log", "f\n3\n");
	start_at(&f, &p);
	expect(&f, "goes on", "half\n3\n");
	stop_at(&f, &p);
	start_at(&f, &p);
	expect_nothing(&f, "nothing twice");
	t_is("and no gap", gaps(&f), 0);
	stop_at(&f, &p);
	t_is("the position stays", p.offset, 11);
}

static void renamed_meanwhile(void)
{
	struct source_position p;
	struct follower f;

	first_run(&p, "1\n2\n", "1\n2\n");
	append("log", "3\n");
	move("log", "log.1");
	append("log", "4\n");
	start_at(&f, &p);
	expect(&f, "the old one first", "3\n4\n");
	stop_at(&f, &p);
	append("log", "5\n");
	move("log", "log-20240131");
	start_at(&f, &p);
	expect(&f, "the new one does not exist yet", "5\n");
	append("log", "6\n");
	expect(&f, "now it does", "6\n");
	follower_close(&f);
}

static void rotated_several_times(void)
{
	struct source_position p;
	struct follower f;

	append("log.3", "0\n");
	append("log.other", "not ours\n");
	first_run(&p, "1\n", "1\n");
	append("log", "2\n");
	move("log", "log.2");
	append("log.1", "3\n4\n");
	append("log.0.gz", "compressed\n");
	append("log", "5\n");
	start_at(&f, &p);
	expect(&f, "all that came after", "2\n3\n4\n5\n");
	follower_close(&f);
}

static void copied_and_truncated_meanwhile(void)
{
	struct source_position p;
	struct follower f;

	first_run(&p, "1\n2\n", "1\n2\n");
	append("log", "3\n");
	copy("log", "log.1");
	put("log", O_TRUNC, "four, which makes the file as long as before\n");
	start_at(&f, &p);
	expect(&f, "the copy's rest, then the file",
	       "3\nfour, which makes the file as long as before\n");
	t_is("no gap", gaps(&f), 0);
	follower_close(&f);
}

static void gone_for_good(void)
{
	struct source_position p;
	struct follower f;

	first_run(&p, "1\n2\n", "1\n2\n");
	put("log.new", 0, "3\n4\n5\n");
	move("log.new", "log");
	start_at(&f, &p);
	expect(&f, "another file", "3\n4\n5\n");
	t_is("and a gap that is told", gaps(&f), 1);
	follower_close(&f);
}

static void replaced_by_an_editor(void)
{
	static const char line[] = "a line that an editor has kept, with some text to it\n";
	struct source_position p;
	struct str text = { 0 };
	struct follower f;

	for (int i = 0; i < 6; i++)
		str_puts(&text, line);
	first_run(&p, text.s, text.s);
	copy("log", "log.new");
	append("log.new", "added\n");
	move("log.new", "log");
	start_at(&f, &p);
	expect(&f, "only what was added", "added\n");
	copy("log", "log.new");
	append("log.new", "more\n");
	move("log.new", "log");
	expect(&f, "also while we look", "more\n");
	follower_close(&f);
	str_fini(&text);
}

static void a_position_inside_a_line(void)
{
	struct source_position p;
	struct follower f;

	first_run(&p, "1\n2\n", "1\n2\n");
	p.offset = 3;
	p.hash_len = 0;
	start_at(&f, &p);
	expect(&f, "without proof, from the head", "1\n2\n");
	follower_close(&f);
}

static void nothing_was_read(void)
{
	struct source_position p;
	struct follower f;

	append("log", "");
	follower_open(&f, NULL);
	follow(&f, "log");
	expect_nothing(&f, "an empty file");
	stop_at(&f, &p);
	append("log", "1\n");
	move("log", "log.1");
	append("log", "2\n");
	start_at(&f, &p);
	expect(&f, "its first line is not lost", "1\n2\n");
	follower_close(&f);
}

static void two_files_open(void)
{
	struct source_position p;
	struct follower f;
	int fd;

	begin_with(&f, "1\n");
	fd = open("log", O_WRONLY | O_APPEND);
	move("log", "log.1");
	t_is("write", write(fd, "2\n", 2), 2);
	append("log", "3\n");
	expect(&f, "both", "2\n3\n");
	stop_at(&f, &p);
	append("log", "4\n");
	start_at(&f, &p);
	expect(&f, "nothing twice", "4\n");
	close(fd);
	follower_close(&f);
}

static uint64_t inode_of(const char *path)
{
	struct stat st;

	return stat(path, &st) ? 0 : st.st_ino;
}

static uint64_t place(const struct follower *f)
{
	struct source_position p = { 0 };

	source_position(sources_first(f->all), &p);
	return p.inode;
}

static bool one_is_open(struct follower *f)
{
	struct source_stats stats;

	source_stats(sources_first(f->all), &stats);
	return stats.open_files == 1;
}

/*
 * A service writes to an old file while the next one comes and goes.  What it writes
 * is read, but the place to go on from stays behind the younger one, also when the
 * old one is let go at last.
 */
static void an_old_file_goes_on(void)
{
	int fd = open("log", O_WRONLY | O_APPEND | O_CREAT, 0644);
	struct source_position p;
	struct follower f;

	follower_open(&f, NULL);
	follow(&f, "log");
	t_ok("written", write(fd, "1\n", 2) == 2);
	expect(&f, "the old one", "1\n");
	move("log", "log.1");
	append("log", "2\n");
	expect(&f, "the next one", "2\n");
	move("log.1", "log.2");
	move("log", "log.1");
	put("log", 0, "");
	t_ok("written", write(fd, "1 b\n", 4) == 4);
	expect(&f, "what the old one still gets", "1 b\n");
	t_is("the place is in the next one", (int64_t)place(&f), (int64_t)inode_of("log.1"));
	close(fd);
	t_ok("both are let go", follower_run(&f, one_is_open));
	t_is("the place stays", (int64_t)place(&f), (int64_t)inode_of("log.1"));
	stop_at(&f, &p);
	append("log", "3\n");
	start_at(&f, &p);
	expect(&f, "nothing twice", "3\n");
	t_is("and no gap", gaps(&f), 0);
	follower_close(&f);
}

/* A file that comes and goes with nothing in it is no place to go on from. */
static void an_empty_one_between(void)
{
	struct source_position p;
	struct follower f;

	begin_with(&f, "1\n");
	move("log", "log.1");
	put("log", 0, "");
	expect_nothing(&f, "nothing in the next");
	t_ok("it is open", follower_run(&f, one_is_open));
	t_is("gone", unlink("log"), 0);
	expect_nothing(&f, "nor now");
	t_is("the place stays", (int64_t)place(&f), (int64_t)inode_of("log.1"));
	stop_at(&f, &p);
	append("log.1", "2\n");
	append("log", "3\n");
	start_at(&f, &p);
	expect(&f, "nothing is left out", "2\n3\n");
	t_is("and no gap", gaps(&f), 0);
	follower_close(&f);
}

/*
 * An old file, to which the service still writes, has the name again, and what had it
 * meanwhile is gone: it is the newest then, and the place to go on from is in it.
 */
static void comes_back(int (*back)(const char *from, const char *to))
{
	int fd = open("log", O_WRONLY | O_APPEND | O_CREAT, 0644);
	struct source_position p;
	struct follower f;

	follower_open(&f, NULL);
	follow(&f, "log");
	t_ok("written", write(fd, "1\n", 2) == 2);
	expect(&f, "the old one", "1\n");
	move("log", "log.1");
	append("log", "2\n");
	expect(&f, "the next one", "2\n");
	t_is("gone", unlink("log"), 0);
	t_is("the old one is back", back("log.1", "log"), 0);
	t_ok("written", write(fd, "3\n", 2) == 2);
	expect(&f, "it goes on", "3\n");
	t_ok("the other is let go", follower_run(&f, one_is_open));
	t_is("the place is in it", (int64_t)place(&f), (int64_t)inode_of("log"));
	stop_at(&f, &p);
	t_ok("written", write(fd, "4\n", 2) == 2);
	close(fd);
	start_at(&f, &p);
	expect(&f, "nothing twice", "4\n");
	t_is("and no gap", gaps(&f), 0);
	follower_close(&f);
}

static void comes_back_by_name(void)
{
	comes_back(rename);
}

static void comes_back_by_link(void)
{
	comes_back(link);
}

/* Lines of two files come in turns, one of them in two halves. */
static void half_a_line_in_each(void)
{
	int fd = open("log", O_WRONLY | O_APPEND | O_CREAT, 0644);
	struct follower f;

	follower_open(&f, NULL);
	follow(&f, "log");
	t_ok("written", write(fd, "1\nol", 4) == 4);
	expect(&f, "the old one", "1\n");
	move("log", "log.1");
	append("log", "2\nne");
	expect(&f, "the next one", "2\n");
	t_ok("written", write(fd, "d\n", 2) == 2);
	expect(&f, "the other half of the old one's", "old\n");
	append("log", "w\n");
	expect(&f, "and of the next one's", "new\n");
	close(fd);
	follower_close(&f);
}

static void gone_before_it_was_seen(void)
{
	struct follower f;

	append("log", "1\n");
	follower_open(&f, NULL);
	follow(&f, "log");
	expect(&f, "the first", "1\n");
	move("log", "log.1");
	append("log", "lost\n");
	t_is("gone", unlink("log"), 0);
	append("log", "2\n");
	expect(&f, "what is there", "2\n");
	t_is("what is not is told", gaps(&f), 1);
	follower_close(&f);
}

int main(void)
{
	in_directory(the_same_file);
	in_directory(renamed_meanwhile);
	in_directory(rotated_several_times);
	in_directory(copied_and_truncated_meanwhile);
	in_directory(gone_for_good);
	in_directory(replaced_by_an_editor);
	in_directory(a_position_inside_a_line);
	in_directory(nothing_was_read);
	in_directory(two_files_open);
	in_directory(an_old_file_goes_on);
	in_directory(an_empty_one_between);
	in_directory(comes_back_by_name);
	in_directory(comes_back_by_link);
	in_directory(half_a_line_in_each);
	in_directory(gone_before_it_was_seen);
	return t_done();
}
