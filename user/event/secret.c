// SPDX-License-Identifier: GPL-2.0-or-later
#include "secret.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

static int check_file(int fd)
{
	struct stat st;

	if (fstat(fd, &st))
		return -errno;
	if (!S_ISREG(st.st_mode))
		return -EINVAL;
	if (st.st_uid != 0 && st.st_uid != geteuid())
		return -EPERM;
	return st.st_mode & (S_IRWXG | S_IRWXO) ? -EPERM : 0;
}

/* One line, as far as it is one. */
static int check_text(char *s, size_t len)
{
	size_t n = 0;

	s[len] = '\0';
	while (n < len && s[n] != '\n')
		n++;
	if (n && s[n - 1] == '\r')
		n--;
	for (size_t i = 0; i < n; i++)
		if ((unsigned char)s[i] < 0x20 || s[i] == 0x7f)
			return -EINVAL;
	if (!n || n == SECRET_MAX - 1)
		return -EINVAL;
	explicit_bzero(s + n, SECRET_MAX - n);
	return 0;
}

int secret_read(const char *path, char out[static SECRET_MAX])
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY), err;
	ssize_t n = 0;

	if (fd < 0)
		return -errno;
	err = check_file(fd);
	if (!err)
		n = read(fd, out, SECRET_MAX - 1);
	if (n < 0)
		err = -errno;
	close(fd);
	if (!err && n >= 0)
		err = check_text(out, (size_t)n);
	if (err)
		explicit_bzero(out, SECRET_MAX);
	return err;
}

const char *secret_why(int err)
{
	switch (err) {
	case -EPERM:	return "others than root can read or write it (chmod 600)";
	case -EINVAL:	return "there is no password on its first line";
	default:	return strerror(-err);
	}
}
