// SPDX-License-Identifier: GPL-2.0-or-later
#include "file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

/* Of a file that says nothing of its size, as those of /proc, some without an end. */
enum { UNTOLD_MAX = 64 << 10 };

static int read_fd(int fd, size_t max, struct str *out)
{
	char buf[16384];
	ssize_t got;

	do {
		got = read(fd, buf, sizeof(buf));
		if (got < 0 && errno != EINTR)
			return -errno;
		if (got > 0)
			str_add(out, buf, (size_t)got);
		if (out->failed)
			return -ENOMEM;
		if (out->len > max)
			return -EFBIG;
	} while (got);
	return 0;
}

int file_read(const char *path, size_t max, struct str *out, mode_t *mode)
{
	/* Not to wait for whoever might open the other end of a pipe. */
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY), err;
	struct stat st;

	if (fd < 0)
		return -errno;
	if (fstat(fd, &st))
		err = -errno;
	else if (!S_ISREG(st.st_mode))
		err = S_ISDIR(st.st_mode) ? -EISDIR : -EINVAL;
	else if ((uint64_t)st.st_size > max)
		err = -EFBIG;
	else	/* it may grow meanwhile */
		err = read_fd(fd, out->len + (st.st_size || max < UNTOLD_MAX ? max : UNTOLD_MAX),
			      out);
	if (!err && mode)
		*mode = st.st_mode & 0777;
	close(fd);
	return err;
}

static int write_fd(int fd, const struct str *bytes)
{
	for (size_t at = 0; at < bytes->len;) {
		ssize_t n = write(fd, bytes->s + at, bytes->len - at);

		if (n < 0 && errno != EINTR)
			return -errno;
		at += n > 0 ? (size_t)n : 0;
	}
	return fsync(fd) ? -errno : 0;
}

int file_write(const char *path, const struct str *bytes, mode_t mode)
{
	char *temp;
	int fd, err;

	if (asprintf(&temp, "%s.XXXXXX", path) < 0)
		return -ENOMEM;
	fd = mkostemp(temp, O_CLOEXEC);
	if (fd < 0) {
		err = -errno;
		free(temp);
		return err;
	}
	err = write_fd(fd, bytes);
	if (!err && fchmod(fd, mode))
		err = -errno;
	if (close(fd) && !err)
		err = -errno;
	if (!err && rename(temp, path))
		err = -errno;
	if (err)
		unlink(temp);
	free(temp);
	return err;
}
