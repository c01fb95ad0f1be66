// SPDX-License-Identifier: GPL-2.0-or-later
#include "lanes/logfile.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>
#include <zlib.h>

/* What the processor's second cache holds while the lanes look at it. */
enum { READ_SIZE = 256 << 10 };

/* Bytes read, 0 at the end, or -errno. */
struct reader {
	int fd;
	gzFile gz;		/* NULL: not compressed */
};

static ssize_t read_some(struct reader *r, char *buf)
{
	int n, err = 0;

	if (!r->gz) {
		ssize_t got = read(r->fd, buf, READ_SIZE);

		return got < 0 ? -errno : got;
	}
	n = gzread(r->gz, buf, READ_SIZE);
	if (n >= 0)
		return n;
	gzerror(r->gz, &err);
	return err == Z_ERRNO ? -errno : -EIO;
}

static int read_all(struct reader *r, struct framer *framer)
{
	char *buf = malloc(READ_SIZE);
	ssize_t n;

	if (!buf)
		return -ENOMEM;
	while ((n = read_some(r, buf)) > 0)
		framer_push(framer, buf, (size_t)n);
	framer_finish(framer);
	free(buf);
	return (int)n;
}

/* zlib also passes through what is not compressed, but copies it twice. */
static bool is_plain(int fd)
{
	unsigned char magic[2];

	return pread(fd, magic, sizeof(magic), 0) == sizeof(magic) &&
	       (magic[0] != 0x1f || magic[1] != 0x8b);
}

int logfile_read(const char *path, const char *encoding, framer_run_fn *run, void *ctx)
{
	int fd = streq(path, "-") ? dup(STDIN_FILENO) : open(path, O_RDONLY | O_CLOEXEC);
	struct reader r = { .fd = fd };
	struct framer *framer = NULL;
	int err;

	if (fd < 0)
		return -errno;
	if (!is_plain(fd)) {
		r.gz = gzdopen(fd, "rb");
		if (!r.gz) {
			close(fd);
			return -ENOMEM;
		}
	}
	err = framer_new(&framer, encoding, 0, run, ctx);
	if (!err)
		err = read_all(&r, framer);
	framer_free(framer);
	if (r.gz)
		gzclose(r.gz);
	else
		close(fd);
	return err;
}
