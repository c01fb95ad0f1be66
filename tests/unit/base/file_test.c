// SPDX-License-Identifier: GPL-2.0-or-later
/* Whole files: what is none, what is too large, and all or nothing when writing. */
#include <errno.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "../t.h"

static void write_text(const char *path, const char *text, mode_t mode)
{
	struct str s = { 0 };

	str_puts(&s, text);
	t_is(path, file_write(path, &s, mode), 0);
	str_fini(&s);
}

static void read_is(const char *what, const char *path, size_t max, int ret, const char *want)
{
	struct str s = { 0 };

	str_puts(&s, "before ");
	t_is(what, file_read(path, max, &s, NULL), ret);
	if (!ret)
		t_str(what, s.s, want);
	str_fini(&s);
}

static void test_reading(void)
{
	write_text("five", "12345", 0644);
	write_text("empty", "", 0644);
	t_is("a directory", mkdir("dir", 0755), 0);
	t_is("a pipe that nobody writes to", mkfifo("pipe", 0644), 0);
	read_is("a file", "five", 100, 0, "before 12345");
	read_is("as large as may be", "five", 5, 0, "before 12345");
	read_is("larger", "five", 4, -EFBIG, NULL);
	read_is("nothing in it", "empty", 0, 0, "before ");
	read_is("a directory is none", "dir", 100, -EISDIR, NULL);
	read_is("nor a pipe, nor is it waited for", "pipe", 100, -EINVAL, NULL);
	read_is("nor a device", "/dev/zero", 100, -EINVAL, NULL);
	/* Its size is said to be 0. */
	read_is("a file that says nothing of its size", "/proc/self/maps", 10, -EFBIG, NULL);
	read_is("one without an end", "/proc/self/pagemap", STR_MAX * 2, -EFBIG, NULL);
	read_is("nothing there", "none", 100, -ENOENT, NULL);
}

static void test_writing(void)
{
	struct str text = { 0 };
	mode_t mode = 0;

	write_text("conf", "old\n", 0640);
	write_text("conf", "new\n", 0600);
	t_is("read back", file_read("conf", FILE_CONF_MAX, &text, &mode), 0);
	t_str("the new one", text.s, "new\n");
	t_is("its permissions", mode, 0600);
	t_is("nothing is left beside it", system("[ \"$(ls -A)\" = conf ]"), 0);
	t_is("where there is no directory", file_write("none/conf", &text, 0600), -ENOENT);
	str_fini(&text);
}

static void in_a_directory(void (*test)(void))
{
	char dir[T_DIR], command[T_DIR + 32];

	t_ok("a directory", t_dir(dir) && !chdir(dir));
	test();
	snprintf(command, sizeof(command), "rm -rf '%s'", dir);
	t_ok("clean up", !chdir("/") && !system(command));
}

int main(void)
{
	in_a_directory(test_reading);
	in_a_directory(test_writing);
	return t_done();
}
