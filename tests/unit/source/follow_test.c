// SPDX-License-Identifier: GPL-2.0-or-later
/* Patterns, several users of one file, and what the kernel may refuse. */
#include <sched.h>
#include <sys/wait.h>

#include "source/family.h"
#include "follower.h"

static void a_pattern_finds_new_files(void)
{
	struct follower f;

	t_ok("directories", !mkdir("d1", 0755) && !mkdir("d2", 0755));
	append("d1/a.log", "1\n");
	append("d1/a.log.1", "old\n");
	append("d1/.hidden.log", "hidden\n");
	append("d2/b.txt", "other\n");
	follower_open(&f, NULL);
	follow(&f, "d*/*.log*");
	expect(&f, "what is there", "1\n");
	append("d2/b.log", "2\n");
	expect(&f, "a new file", "2\n");
	t_is("a new directory", mkdir("d3", 0755), 0);
	append("d3/c.log", "3\n");
	expect(&f, "a file in a new directory", "3\n");
	move("d1/a.log", "d1/a.log.2");
	append("d1/a.log", "4\n");
	expect(&f, "rotation under matching names", "4\n");
	append("d1/a.log", "5\n");
	copy("d1/a.log", "d1/a.log-20240131");
	t_is("truncate", truncate("d1/a.log", 0), 0);
	append("d1/a.log", "6\n");
	expect(&f, "a copy under a matching name", "5\n6\n");
	append("d2/b.log.gz", "garbage\n");
	expect_nothing(&f, "compressed files are left alone");
	t_is("sources", f.opened, 3);
	t_ok("gone", !unlink("d2/b.log"));
	expect_nothing(&f, "a file is deleted");
	t_is("and let go", f.closed, 1);
	follower_close(&f);
}

static void a_directory_is_renamed(void)
{
	const struct source_options soon = { .linger_ns = NS_PER_S / 1000 };
	struct follower f;

	t_ok("directories", !mkdir("pbx1", 0755) && !mkdir("pbx1/log", 0755));
	append("pbx1/log/full", "1\nhalf a ");
	follower_open(&f, &soon);
	follow(&f, "pbx*/*/full");
	expect(&f, "what is there", "1\n");
	move("pbx1", "pbx2");
	append("pbx2/log/full", "line\n");
	expect(&f, "it goes on under its new name", "half a line\n");
	t_str("which it has", source_name(sources_first(f.all)), "./pbx2/log/full");
	expect_nothing(&f, "the old name is let go");
	move("pbx2/log/full", "pbx2/log/full.1");
	append("pbx2/log/full", "2\n");
	expect(&f, "a rotation there", "2\n");
	t_ok("the old directory again", !mkdir("pbx1", 0755) && !mkdir("pbx1/log", 0755));
	append("pbx1/log/full", "3\n");
	expect(&f, "is another one", "3\n");
	append("pbx2/log/full", "4\n");
	expect(&f, "beside it", "4\n");
	t_is("sources", f.opened, 2);
	follower_close(&f);
}

static void two_names_of_one_file(void)
{
	struct follower f;

	append("a.log", "1\n");
	t_ok("links", !symlink("a.log", "current.log") && !link("a.log", "b.log"));
	follower_open(&f, NULL);
	follow(&f, "*.log");
	expect(&f, "read once", "1\n");
	append("a.log", "2\n");
	expect(&f, "and on", "2\n");
	follower_close(&f);
}

static void more_files_than_allowed(void)
{
	struct source_options o = { .max_files = 2 };
	struct sources_stats stats;
	struct follower f;

	append("a.log", "a\n");
	append("b.log", "b\n");
	append("c.log", "c\n");
	follower_open(&f, &o);
	follow(&f, "*.log");
	expect(&f, "two of them", "a\nb\n");
	sources_stats(f.all, &stats);
	t_is("files", stats.files, 2);
	t_is("the third is counted", (int64_t)stats.refused, 1);
	append("d.log", "d\n");
	unlink("b.log");
	unlink("c.log");
	expect(&f, "one that finds room", "d\n");
	sources_stats(f.all, &stats);
	t_is("and nobody is left out", (int64_t)stats.refused, 0);
	follower_close(&f);
}

enum { FULL = 50000, BURST = 600 };

static void make_files(int first, int n)
{
	char name[32];
	int made = 0;

	for (int i = first; i < first + n; i++) {
		snprintf(name, sizeof(name), "x%06d.log", i);
		made += !mknod(name, S_IFREG | 0600, 0);
	}
	t_is("files", made, n);
}

static uint64_t refused_of(const struct follower *f)
{
	struct sources_stats stats;

	sources_stats(f->all, &stats);
	return stats.refused;
}

static bool has_counted_burst(struct follower *f)
{
	return refused_of(f) == FULL + BURST - 1;
}

/*
 * A service that may write there makes so many names that looking at them takes all
 * our time: it is done now and then, and meanwhile logs are read.  The rest is 5 s.
 */
static void a_directory_is_full_of_names(void)
{
	struct source_options o = { .max_files = 2, .poll_ns = 1000000 };
	struct follower f;

	append("a.log", "1\n");
	make_files(0, FULL);
	follower_open(&f, &o);
	follow(&f, "*.log");
	expect(&f, "the log", "1\n");
	t_is("all others are counted", (int64_t)refused_of(&f), FULL - 1);
	make_files(FULL, BURST);
	append("a.log", "2\n");
	expect(&f, "the log goes on", "2\n");
	t_is("and they are not looked at at once", (int64_t)refused_of(&f), FULL - 1);
	t_ok("but later", follower_run(&f, has_counted_burst));
	follower_close(&f);
}

/* Whoever may write there can make such links; logs sort behind them. */
static void a_link_to_itself_hides_nobody(void)
{
	struct source_stats stats = { 0 };
	struct follower f;

	append("b.log", "b\n");
	t_ok("a link to itself", !symlink("a.log", "a.log"));
	t_ok("and one of a directory", !symlink("a", "a") && !mkdir("b", 0700));
	append("b/c.log", "c\n");
	follower_open(&f, NULL);
	follow(&f, "*.log");
	follow(&f, "*/*.log");
	expect(&f, "logs are read", "b\nc\n");
	for (struct source *s = sources_first(f.all); s; s = source_next(s))
		if (strstr(source_name(s), "a.log"))
			source_stats(s, &stats);
	t_is("and the link is told of", stats.error, ELOOP);
	follower_close(&f);
}

static void a_named_log_has_its_place(void)
{
	struct source_options o = { .max_files = 2 };
	struct follower f;

	append("a.log", "a\n");
	append("b.log", "b\n");
	append("named", "named\n");
	follower_open(&f, &o);
	follow(&f, "*.log");
	follow(&f, "named");
	expect(&f, "it is read, too", "a\nb\nnamed\n");
	follower_close(&f);
}

/* Names sort before the log's own, and rotation may keep many. */
static void old_generations_take_no_place(void)
{
	struct source_options o = { .max_files = 2 };
	struct sources_stats stats;
	struct follower f;

	append("a-1.log.gz", "1\n");
	append("a-2.log.xz", "2\n");
	append("a-3.log.zst", "3\n");
	append("b.log", "b\n");
	follower_open(&f, &o);
	follow(&f, "*.log*");
	expect(&f, "the log is read", "b\n");
	sources_stats(f.all, &stats);
	t_is("nothing that should be read is left out", (int64_t)stats.refused, 0);
	follower_close(&f);
}

static void users_share_a_file(void)
{
	struct source_spec spec = { .path = "log" };
	struct source_follow *second, *third;
	struct follower f;
	int user[2];

	append("log", "1\n");
	follower_open(&f, NULL);
	follow(&f, "log");
	spec.user = &user[0];
	t_is("a second user", sources_follow(f.all, &spec, &second), 0);
	spec.user = &user[1];
	spec.encoding = "latin-1";
	t_is("a third, who reads it otherwise", sources_follow(f.all, &spec, &third), 0);
	t_is("has a source of its own", f.opened, 2);
	sources_unfollow(f.all, third);
	t_is("for as long as it is there", f.closed, 1);
	expect(&f, "once for both", "1\n");
	sources_unfollow(f.all, f.follow);
	append("log", "2\n");
	expect(&f, "one is left", "2\n");
	sources_unfollow(f.all, second);
	t_is("none is left", f.closed, 2);
	t_is("nothing is followed", sources_first(f.all) == NULL, 1);
	spec.path = "";
	t_is("no path", sources_follow(f.all, &spec, &second), -EINVAL);
	follower_close(&f);
}

static void a_rewind_is_for_one_user(void)
{
	struct source_spec spec = { .path = "log" };
	struct source_position before, after;
	struct source_follow *second;
	struct follower f;
	int user;

	begin_with(&f, "1\n2\n3\n");
	spec.user = &user;
	t_is("a second user", sources_follow(f.all, &spec, &second), 0);
	expect_nothing(&f, "begins where we are");
	f.only = &user;
	t_is("position", source_position(sources_first(f.all), &before), 1);
	t_is("rewind", source_rewind(sources_first(f.all), &user, 2), 0);
	t_is("position", source_position(sources_first(f.all), &after), 1);
	t_is("a stored position never goes back", after.offset, before.offset);
	expect(&f, "gets what it asked for", "2\n3\n");
	t_is("rewind", source_rewind(sources_first(f.all), &user, 0), 0);
	append("log", "4\n");
	f.only = &f;
	expect(&f, "the first user gets only what is new", "4\n");
	f.only = NULL;
	append("log", "5\n");
	expect(&f, "and then both", "5\n");
	follower_close(&f);
}

static void two_rewind_to_one_place(void)
{
	struct source_spec spec = { .path = "log" };
	struct source_follow *follow_of;
	struct follower f;
	int users[2];

	begin_with(&f, "1\n2\n3\n");
	for (int i = 0; i < 2; i++) {
		spec.user = &users[i];
		t_is("another", sources_follow(f.all, &spec, &follow_of), 0);
	}
	t_is("one goes back", source_rewind(sources_first(f.all), &users[0], 2), 0);
	t_is("the other too", source_rewind(sources_first(f.all), &users[1], 2), 0);
	f.only = &users[1];
	expect(&f, "both get it", "2\n3\n");
	t_is("one goes back", source_rewind(sources_first(f.all), &users[0], 2), 0);
	t_is("the other less", source_rewind(sources_first(f.all), &users[1], 4), 0);
	expect(&f, "its own part", "3\n");
	t_is("one goes back", source_rewind(sources_first(f.all), &users[0], 2), 0);
	t_is("nobody goes forward", source_rewind(sources_first(f.all), &users[1], 6), 0);
	append("log", "4\n");
	expect(&f, "then all", "4\n");
	follower_close(&f);
}

/* A large log must not keep a small one waiting. */
static bool small_came(struct follower *f)
{
	return f->lines.len && strstr(f->lines.s, "small") != NULL;
}

static void turns_are_bounded(void)
{
	struct source_options o = { .read_size = 4096, .budget = 8192 };
	struct source_stats stats;
	struct str text = { 0 };
	struct follower f;

	for (int i = 0; i < 20000; i++)
		str_puts(&text, "large\n");
	append("large", text.s);
	append("small", "small\n");
	follower_open(&f, &o);
	follow(&f, "large");
	follow(&f, "small");
	t_ok("the small one comes", follower_run(&f, small_came));
	t_ok("before the large one ends", f.lines.len < text.len / 2);
	source_stats(sources_first(f.all), &stats);
	t_is("the lag is known", stats.lag, text.len - stats.bytes);
	t_is("and the state", stats.state, SOURCE_CATCHING_UP);
	f.want_len = text.len + 6;
	t_ok("all of it", follower_run(&f, has_wanted));
	follower_close(&f);
	str_fini(&text);
}

/* More events than the kernel keeps for us: nothing may be lost but events. */
static void events_run_over(void)
{
	struct follower f;
	char name[32];

	append("log", "1\n");
	follower_open(&f, NULL);
	follow(&f, "l*g");
	expect(&f, "before", "1\n");
	for (int i = 0; i < 17000; i++) {
		snprintf(name, sizeof(name), "x%d", i % 10);
		close(open(name, O_CREAT | O_WRONLY, 0644));
		unlink(name);
	}
	append("log", "2\n");
	move("log", "log.1");
	append("log", "3\n");
	append("lag", "4\n");
	f.want_len = 4;
	t_ok("all comes", follower_run(&f, has_wanted));
	t_ok("each once", f.lines.len == 6 && strstr(f.lines.s, "2\n") && strstr(f.lines.s, "3\n") &&
	     strstr(f.lines.s, "4\n"));
	follower_close(&f);
}

static bool write_file(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY);
	bool ok = fd >= 0 && write(fd, text, strlen(text)) > 0;

	close(fd);
	return ok;
}

/* In a user namespace the kernel lets us have as few watches as we like. */
static int without_watches(void)
{
	struct source_options o = { .poll_ns = 1000000 };
	struct sources_stats stats;
	struct follower f;

	if (unshare(CLONE_NEWUSER) || !write_file("/proc/self/uid_map", "0 0 1") ||
	    !write_file("/proc/sys/user/max_inotify_watches", "1"))
		return 77;
	t_failed = 0;
	follower_open(&f, &o);
	follow(&f, "a/log");
	t_is("directory", mkdir("a", 0755), 0);
	append("a/log", "1\n");
	expect(&f, "comes all the same", "1\n");
	append("a/log", "2\n");
	expect(&f, "and on", "2\n");
	sources_stats(f.all, &stats);
	t_ok("and it is told why it is slow", stats.watches_full);
	follower_close(&f);
	return t_failed;
}

static void watches_run_out(void)
{
	int status;
	pid_t pid;

	fflush(stdout);
	pid = fork();
	if (!pid)
		_exit(without_watches());
	t_is("child", waitpid(pid, &status, 0), pid);
	if (WIFEXITED(status) && WEXITSTATUS(status) == 77)
		puts("SKIP  no user namespaces here: exhausted watches not tested");
	else
		t_is("exit status", status, 0);
}

static const struct { const char *leaf, *name; bool rotated; } names[] = {
	{ "full", "full.1", true }, { "full", "full.12", true },
	{ "full", "full-20240131", true }, { "full", "full.2024-01-31T10:00:00", true },
	{ "full", "full.1.gz", true }, { "full", "full.old", true },
	{ "full", "full.0", true }, { "full", "full", false },
	{ "full", "fuller", false }, { "full", "full.log", false },
	{ "full", "full-sip", false }, { "full", "full.", false },
	{ "a.log", "a.log.1", true }, { "a.log", "a-20240131.log", true },
	{ "a.log", "a.1.log.gz", true }, { "a.log", "ab.log", false },
	{ "a.log", "a-b.log", false }, { "a.log", "a1.log", false },
	{ "full", ".1", false }, { "full", "full-", false },
};

static void names_of_rotated_files(void)
{
	for (size_t i = 0; i < ARRAY_SIZE(names); i++)
		t_is(names[i].name, family_is_rotated(names[i].leaf, names[i].name),
		     names[i].rotated);
}

int main(void)
{
	in_directory(a_pattern_finds_new_files);
	in_directory(a_directory_is_renamed);
	in_directory(two_names_of_one_file);
	in_directory(more_files_than_allowed);
	in_directory(a_directory_is_full_of_names);
	in_directory(a_link_to_itself_hides_nobody);
	in_directory(a_named_log_has_its_place);
	in_directory(old_generations_take_no_place);
	in_directory(users_share_a_file);
	in_directory(a_rewind_is_for_one_user);
	in_directory(two_rewind_to_one_place);
	in_directory(turns_are_bounded);
	in_directory(events_run_over);
	in_directory(watches_run_out);
	names_of_rotated_files();
	return t_done();
}
