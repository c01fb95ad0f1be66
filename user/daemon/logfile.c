// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/logfile.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>
#include <zlib.h>

enum { READ_SIZE = 256 << 10 };

/* gzread() passes what is not compressed through as it is. */
static int read_all(gzFile gz, struct framer *framer)
{
	char *buf = malloc(READ_SIZE);
	int n, err = 0;

	if (!buf)
		return -ENOMEM;
	while ((n = gzread(gz, buf, READ_SIZE)) > 0)
		framer_push(framer, buf, (size_t)n);
	if (n < 0) {
		gzerror(gz, &err);
		err = err == Z_ERRNO ? -errno : -EIO;
	}
	framer_finish(framer);
	free(buf);
	return err;
}

int logfile_read(const char *path, const char *encoding, framer_run_fn *run, void *ctx)
{
	int fd = streq(path, "-") ? dup(STDIN_FILENO) : open(path, O_RDONLY | O_CLOEXEC);
	struct framer *framer = NULL;
	gzFile gz;
	int err;

	if (fd < 0)
		return -errno;
	gz = gzdopen(fd, "rb");
	if (!gz) {
		close(fd);
		return -ENOMEM;
	}
	err = framer_new(&framer, encoding, 0, run, ctx);
	if (!err)
		err = read_all(gz, framer);
	framer_free(framer);
	gzclose(gz);
	return err;
}
