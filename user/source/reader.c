// SPDX-License-Identifier: GPL-2.0-or-later
#include "reader.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

int reader_open(const char *path, uid_t owner, uint64_t *dev, uint64_t *inode)
{
	struct stat st;
	int fd = trail_open(path, owner, &st);

	if (fd < 0)
		return fd;
	*dev = st.st_dev;
	*inode = st.st_ino;
	return fd;
}

bool reader_is_remote(const char *path)
{
	static const uint32_t types[] = {	/* statfs(2) */
		0x6969 /* NFS */, 0xff534d42 /* CIFS */, 0xfe534d42 /* SMB2 */,
		0x517b /* SMB */, 0x65735546 /* FUSE */, 0x01021997 /* 9P */,
		0x00c36400 /* CEPH */, 0x5346414f /* AFS */, 0x73757245 /* CODA */,
		0x47504653 /* GPFS */, 0x0bd00bd0 /* LUSTRE */,
	};
	struct statfs fs;

	if (statfs(path, &fs))
		return false;
	for (size_t i = 0; i < ARRAY_SIZE(types); i++)
		if ((uint32_t)fs.f_type == types[i])
			return true;
	return false;
}

struct reader *reader_new(int fd, uint64_t dev, uint64_t inode)
{
	struct reader *r = calloc(1, sizeof(*r));

	if (!r)
		return NULL;
	r->fd = fd;
	r->dev = dev;
	r->inode = inode;
	r->ready = fd >= 0;
	return r;
}

void reader_free(struct reader *r)
{
	if (!r)
		return;
	if (r->fd >= 0)
		close(r->fd);
	free(r->name);
	free(r);
}

/* The last bytes of the @len at @p. */
static void mark_set(struct mark *m, const char *p, size_t len)
{
	m->len = len < MARK_MAX ? (uint32_t)len : MARK_MAX;
	memcpy(m->bytes, p + len - m->len, m->len);
}

ssize_t reader_read(struct reader *r, char *buf, size_t size, const char **data)
{
	size_t before = r->here.len;
	ssize_t n;

	do {
		n = pread(r->fd, buf, before + size, (off_t)(r->offset - before));
	} while (n < 0 && errno == EINTR);
	if (n < 0)
		return -errno;
	if ((size_t)n < before || memcmp(buf, r->here.bytes, before))
		return -ESTALE;
	*data = buf + before;
	return n - (ssize_t)before;
}

void reader_taken(struct reader *r, const char *buf, size_t len, size_t pending)
{
	size_t total = r->here.len + len;

	r->offset += len;
	r->pending = pending;
	/* An unfinished line from before this read keeps its beginning's mark. */
	if (pending <= len)
		mark_set(&r->safe, buf, total - pending);
	mark_set(&r->here, buf, total);
}

void reader_rewind(struct reader *r)
{
	r->offset -= r->pending;
	r->pending = 0;
	r->here = r->safe;
}

int reader_seek(struct reader *r, uint64_t offset)
{
	size_t len = offset < MARK_MAX ? (size_t)offset : MARK_MAX;
	char bytes[MARK_MAX];
	ssize_t n = pread(r->fd, bytes, len, (off_t)(offset - len));

	if (n < 0)
		return -errno;
	if ((size_t)n < len)
		return -ESTALE;
	mark_set(&r->here, bytes, len);
	r->safe = r->here;
	r->offset = offset;
	r->pending = 0;
	r->ready = true;
	return 0;
}

void reader_restart(struct reader *r)
{
	off_t data = lseek(r->fd, 0, SEEK_DATA);

	r->offset = r->pending = 0;
	r->here.len = r->safe.len = 0;
	if (data > 0)
		reader_seek(r, (uint64_t)data);
	r->ready = r->skip_nul = true;
}

bool reader_inside(const struct reader *r)
{
	const struct mark *m = &r->here;
	uint32_t at = m->len;

	if (!at || r->skip_nul)
		return false;
	/* "\n" in little-endian UTF-16 and UTF-32 is followed by NULs. */
	while (at && m->len - at < 3 && !m->bytes[at - 1])
		at--;
	return !at || m->bytes[at - 1] != '\n';
}

uint64_t reader_lag(const struct reader *r)
{
	struct stat st;

	if (r->fd < 0 || fstat(r->fd, &st) || (uint64_t)st.st_size < r->offset)
		return 0;
	return (uint64_t)st.st_size - r->offset;
}

/* FNV-1a: nobody gains by a collision, and it is the same after a restart. */
static uint64_t hash(const char *p, size_t len)
{
	uint64_t h = 0xcbf29ce484222325ull;

	for (size_t i = 0; i < len; i++)
		h = (h ^ (unsigned char)p[i]) * 0x100000001b3ull;
	return h;
}

void reader_position(const struct reader *r, struct source_position *p)
{
	*p = (struct source_position){
		.dev = r->dev, .inode = r->inode, .offset = r->offset - r->pending,
		.hash = hash(r->safe.bytes, r->safe.len), .hash_len = r->safe.len,
	};
}

bool reader_holds(int fd, const struct source_position *p)
{
	char bytes[MARK_MAX];

	if (!p->hash_len || p->hash_len > MARK_MAX || p->hash_len > p->offset)
		return false;
	return pread(fd, bytes, p->hash_len, (off_t)(p->offset - p->hash_len)) ==
	       (ssize_t)p->hash_len && hash(bytes, p->hash_len) == p->hash;
}

static bool same_bytes(int fd, int of, uint64_t offset, size_t len)
{
	char a[MARK_MAX], b[MARK_MAX];

	return pread(fd, a, len, (off_t)offset) == (ssize_t)len &&
	       pread(of, b, len, (off_t)offset) == (ssize_t)len && !memcmp(a, b, len);
}

/* Both ends of what it holds are compared: beginnings alone are often alike. */
bool reader_is_copy(int fd, int of)
{
	struct stat st;
	uint64_t size;
	size_t len;

	if (fstat(fd, &st) || !st.st_size)
		return true;
	size = (uint64_t)st.st_size;
	len = size < MARK_MAX ? (size_t)size : MARK_MAX;
	return same_bytes(fd, of, 0, len) && same_bytes(fd, of, size - len, len);
}

/*
 * The kernel grants a read lease only on a file that nobody has open for
 * writing.  A process that opens it meanwhile makes the kernel signal us: with
 * SIGURG, which is ignored unless asked for, instead of the deadly SIGIO.
 */
int reader_is_written(int fd)
{
	if (fcntl(fd, F_SETSIG, SIGURG))
		return -errno;
	if (fcntl(fd, F_SETLEASE, F_RDLCK))
		return errno == EAGAIN ? 1 : -errno;
	fcntl(fd, F_SETLEASE, F_UNLCK);
	return 0;
}
