// SPDX-License-Identifier: GPL-2.0-or-later
#include "family.h"

#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "reader.h"

enum { RELATIVES_MAX = 1000 };

static const char *const compressed[] = {
	".gz", ".xz", ".bz2", ".zst", ".Z", ".lz4", ".lzma", ".lzo", ".zip",
};

/* The length of @name without a suffix that says how it was compressed. */
static size_t readable_len(const char *name)
{
	size_t len = strlen(name);

	for (size_t i = 0; i < ARRAY_SIZE(compressed); i++) {
		size_t n = strlen(compressed[i]);

		if (len > n && streq(name + len - n, compressed[i]))
			return len - n;
	}
	return len;
}

bool family_is_compressed(const char *name)
{
	return name[readable_len(name)] != '\0';
}

/* What rotation appends: ".1", "-20240131", "_2024-01-31T10:00", ".old". */
static bool is_generation(const char *p, size_t len)
{
	bool digit = false;

	if (len < 2 || !strchr(".-_", p[0]))
		return false;
	if ((len == 4 && !memcmp(p + 1, "old", 3)) || (len == 2 && p[1] == '0'))
		return true;
	for (size_t i = 1; i < len; i++) {
		digit |= isdigit((unsigned char)p[i]) != 0;
		if (!isdigit((unsigned char)p[i]) && !strchr(".-_:TZ", p[i]))
			return false;
	}
	return digit;
}

bool family_is_rotated(const char *leaf, const char *name)
{
	size_t len = readable_len(name), n = strlen(leaf);
	const char *dot = strrchr(leaf, '.');
	size_t stem = dot && dot != leaf ? (size_t)(dot - leaf) : n, ext = n - stem;

	if (len > n && !memcmp(name, leaf, n) && is_generation(name + n, len - n))
		return true;
	/* logrotate's `extension`: app.log becomes app-20240131.log */
	return ext && len > n && !memcmp(name, leaf, stem) &&
	       !memcmp(name + len - ext, leaf + stem, ext) &&
	       is_generation(name + stem, len - n);
}

void family_leaves(const char *name, void (*fn)(void *ctx, const char *leaf, size_t len),
		   void *ctx)
{
	size_t len = readable_len(name), end = len;
	char leaf[NAME_MAX];

	if (len > sizeof(leaf))
		return;
	while (end && name[end - 1] != '.')
		end--;
	memcpy(leaf, name, len);
	for (size_t i = 1; i < len; i++) {
		if (is_generation(name + i, len - i))
			fn(ctx, name, i);
		/* A name has one extension: what is behind its last dot. */
		if (i + 1 >= end || !is_generation(name + i, end - 1 - i))
			continue;
		memcpy(leaf + i, name + end - 1, len - end + 1);
		fn(ctx, leaf, i + len - end + 1);
		memcpy(leaf + i, name + i, len - i);
	}
}

/* Numbered 1, 2, 3 ... and not dated: the last number has few digits. */
static bool is_numbered(const char *name)
{
	size_t end = strlen(name), digits = 0;

	while (end && !isdigit((unsigned char)name[end - 1]))
		end--;
	while (digits < end && isdigit((unsigned char)name[end - 1 - digits]))
		digits++;
	return digits && digits <= 3;
}

/*
 * The oldest first.  Names tell: the higher number is the older one, the higher
 * date the younger.  Times tell less, because a writer may have gone on writing
 * to an old file; only names of both kinds are compared by them.
 */
static int by_age(const void *a, const void *b)
{
	const struct relative *x = a, *y = b;
	bool numbered = is_numbered(x->name);

	if (numbered != is_numbered(y->name))
		return x->mtime_ns < y->mtime_ns ? -1 : x->mtime_ns > y->mtime_ns;
	return (numbered ? -1 : 1) * strverscmp(x->name, y->name);
}

static int add(struct family *fam, int dir_fd, const char *name)
{
	struct relative *list;
	struct stat st;

	if (fam->n >= RELATIVES_MAX || fstatat(dir_fd, name, &st, 0) ||
	    !S_ISREG(st.st_mode))
		return 0;
	list = realloc(fam->list, (fam->n + 1) * sizeof(*list));
	if (!list)
		return -ENOMEM;
	fam->list = list;
	list += fam->n;
	list->name = strdup(name);
	if (!list->name)
		return -ENOMEM;
	list->inode = st.st_ino;
	list->mtime_ns = (int64_t)st.st_mtim.tv_sec * 1000000000 + st.st_mtim.tv_nsec;
	fam->n++;
	return 0;
}

int family_load(struct family *fam, const char *dir, const char *leaf, uint64_t inode)
{
	struct dirent *entry;
	DIR *d = opendir(dir);
	int err = 0;

	*fam = (struct family){ 0 };
	if (!d)
		return -errno;
	while (!err && (entry = readdir(d))) {
		bool rotated = family_is_rotated(leaf, entry->d_name);

		if (streq(entry->d_name, leaf) ||
		    (!rotated && (!inode || entry->d_ino != inode)))
			continue;
		if (family_is_compressed(entry->d_name))
			fam->compressed++;
		else
			err = add(fam, dirfd(d), entry->d_name);
	}
	closedir(d);
	if (fam->n)
		qsort(fam->list, fam->n, sizeof(*fam->list), by_age);
	return err;
}

void family_fini(struct family *fam)
{
	for (size_t i = 0; i < fam->n; i++)
		free(fam->list[i].name);
	free(fam->list);
	*fam = (struct family){ 0 };
}

/* The same file, or what copytruncate left: a copy with the same bytes there. */
static bool is_it(int fd, uint64_t inode, const struct source_position *p)
{
	if (!p->hash_len)
		return inode == p->inode && !p->offset;
	return reader_holds(fd, p);
}

int family_find(const struct family *fam, const char *dir, uid_t owner,
		const struct source_position *p, size_t *at)
{
	for (size_t i = fam->n; i-- > 0;) {
		char path[PATH_MAX];
		uint64_t dev, inode;
		int fd;

		if (snprintf(path, sizeof(path), "%s/%s", dir, fam->list[i].name) >= PATH_MAX)
			continue;
		fd = reader_open(path, owner, &dev, &inode);
		if (fd < 0)
			continue;
		*at = i;
		if (is_it(fd, inode, p))
			return fd;
		close(fd);
	}
	return -ENOENT;
}
