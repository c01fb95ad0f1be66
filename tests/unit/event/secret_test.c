// SPDX-License-Identifier: GPL-2.0-or-later
/* Passwords in files, and the fingerprints of certificates. */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "../t.h"
#include "event/secret.h"
#include "event/stream.h"

static const struct {
	const char *what, *text;
	mode_t mode;
	int ret;
	const char *secret;
} files[] = {
	{ "a line", "secret\n", 0600, 0, "secret" },
	{ "without its end", "secret", 0400, 0, "secret" },
	{ "of another system", "secret\r\n", 0600, 0, "secret" },
	{ "blanks and UTF-8 belong to it", " s\xc3\xa9 t \n", 0600, 0, " s\xc3\xa9 t " },
	{ "only the first", "one\ntwo\n", 0600, 0, "one" },
	{ "nothing", "", 0600, -EINVAL, NULL },
	{ "an empty line", "\nsecret\n", 0600, -EINVAL, NULL },
	{ "a tab", "a\tb\n", 0600, -EINVAL, NULL },
	{ "a carriage return that would end a header", "a\rb\n", 0600, -EINVAL, NULL },
	{ "the group may read", "secret\n", 0640, -EPERM, NULL },
	{ "all may", "secret\n", 0604, -EPERM, NULL },
	{ "others may write", "secret\n", 0602, -EPERM, NULL },
};

static void write_file(const char *path, const char *text, mode_t mode)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600);

	t_ok("write", write(fd, text, strlen(text)) == (ssize_t)strlen(text));
	fchmod(fd, mode);
	close(fd);
}

static void check_files(const char *dir)
{
	char path[T_DIR + 8], long_line[SECRET_MAX + 2], secret[SECRET_MAX];

	snprintf(path, sizeof(path), "%s/secret", dir);
	for (size_t i = 0; i < ARRAY_SIZE(files); i++) {
		unlink(path);
		write_file(path, files[i].text, files[i].mode);
		t_is(files[i].what, secret_read(path, secret), files[i].ret);
		if (files[i].secret)
			t_str(files[i].what, secret, files[i].secret);
		t_ok("there are words for it", *secret_why(files[i].ret));
	}
	memset(long_line, 'x', sizeof(long_line));
	long_line[SECRET_MAX - 2] = '\0';
	unlink(path);
	write_file(path, long_line, 0600);
	t_is("as long as may be", secret_read(path, secret), 0);
	long_line[SECRET_MAX - 2] = 'x';
	long_line[SECRET_MAX - 1] = '\0';
	write_file(path, long_line, 0600);
	t_is("too long", secret_read(path, secret), -EINVAL);
	unlink(path);
	t_is("none", secret_read(path, secret), -ENOENT);
	t_is("a directory", secret_read(dir, secret), -EINVAL);
}

static void check_fingerprints(void)
{
	char print[100] = "";

	for (int i = 0; i < 32; i++)
		snprintf(print + strlen(print), sizeof(print) - strlen(print), "%sAb", i ? ":" : "");
	t_ok("as openssl prints it", stream_fingerprint_ok(print));
	print[strlen(print) - 1] = '\0';
	t_ok("half a byte", !stream_fingerprint_ok(print));
	print[strlen(print) - 2] = '\0';
	t_ok("a byte too few", !stream_fingerprint_ok(print));
	memset(print, 'f', 64);
	print[64] = '\0';
	t_ok("without colons", stream_fingerprint_ok(print));
	print[64] = 'f';
	print[65] = '\0';
	t_ok("too long", !stream_fingerprint_ok(print));
	t_ok("no hex", !stream_fingerprint_ok("xy"));
	t_ok("nothing", !stream_fingerprint_ok(""));
}

int main(void)
{
	char dir[T_DIR], md5[33];

	t_ok("a directory", t_dir(dir));
	check_files(dir);
	rmdir(dir);
	check_fingerprints();
	t_is("MD5", stream_md5("abc", 3, md5), 0);
	t_str("of RFC 1321", md5, "900150983cd24fb0d6963f7d28e17f72");
	return t_done();
}
