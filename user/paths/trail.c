// SPDX-License-Identifier: GPL-2.0-or-later
#include "trail.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/magic.h>
#include <stdio.h>
#include <sys/vfs.h>
#include <unistd.h>

enum { LINKS_MAX = 40 };	/* as the kernel */

/* What is left of the path, and how far we are. */
struct steps {
	struct trail *t;
	char rest[PATH_MAX];
	int links;
};

static int note_owner(struct trail *t, uid_t owner)
{
	if (!owner || owner == geteuid() || owner == t->owner)
		return 0;
	if (t->owner != TRAIL_ANYBODY)
		return -EPERM;
	t->owner = owner;
	return 0;
}

static bool is_proc(int fd)
{
	struct statfs fs;

	return !fstatfs(fd, &fs) && (unsigned long)fs.f_type == PROC_SUPER_MAGIC;
}

static int move_to(struct trail *t, int fd)
{
	if (fd < 0)
		return -errno;
	if (t->fd >= 0)
		close(t->fd);
	t->fd = fd;
	return fstat(fd, &t->st) ? -errno : 0;
}

/* @link, which takes the place of what has been gone of the path. */
static int take_link(struct steps *s, int link)
{
	char target[PATH_MAX], rest[PATH_MAX];
	ssize_t n = readlinkat(link, "", target, sizeof(target) - 1);

	if (n < 0)
		return -errno;
	target[n] = '\0';
	if (snprintf(rest, sizeof(rest), "%s/%s", target, s->rest) >= (int)sizeof(rest))
		return -ENAMETOOLONG;
	strcpy(s->rest, rest);
	return target[0] == '/' ? move_to(s->t, open("/", O_PATH | O_CLOEXEC)) : 0;
}

static int step(struct steps *s, const char *part)
{
	int fd = openat(s->t->fd, part, O_PATH | O_NOFOLLOW | O_CLOEXEC), err;
	struct stat st;

	if (fd < 0)
		return -errno;
	err = fstat(fd, &st) ? -errno : 0;
	if (err || !S_ISLNK(st.st_mode))
		return err ? (close(fd), err) : move_to(s->t, fd);
	err = ++s->links > LINKS_MAX ? -ELOOP : note_owner(s->t, st.st_uid);
	/* A link in /proc leads to what it stands for, not to what it says. */
	if (!err && is_proc(fd))
		err = move_to(s->t, openat(s->t->fd, part, O_PATH | O_CLOEXEC));
	else if (!err)
		err = take_link(s, fd);
	close(fd);
	return err;
}

static int go(struct steps *s)
{
	char part[NAME_MAX + 1];
	int err = 0;

	while (!err) {
		const char *p = s->rest + strspn(s->rest, "/");
		size_t len = strcspn(p, "/");

		if (!len)
			return 0;
		if (len > NAME_MAX)
			return -ENAMETOOLONG;
		memcpy(part, p, len);
		part[len] = '\0';
		memmove(s->rest, p + len, strlen(p + len) + 1);
		err = step(s, part);
	}
	return err;
}

int trail_follow(const char *path, struct trail *t)
{
	struct steps s = { .t = t };
	int err;

	*t = (struct trail){ .fd = -1, .owner = TRAIL_ANYBODY };
	if (snprintf(s.rest, sizeof(s.rest), "%s", path) >= (int)sizeof(s.rest))
		return -ENAMETOOLONG;
	err = move_to(t, open(*path == '/' ? "/" : ".", O_PATH | O_CLOEXEC));
	if (!err)
		err = go(&s);
	if (err && t->fd >= 0) {
		close(t->fd);
		t->fd = -1;
	}
	return err;
}

static bool is_owned_by(const struct stat *st, uid_t owner)
{
	return owner == TRAIL_ANYBODY || st->st_uid == owner;
}

/* What we looked at, not what has its name by now. */
static int open_that(const struct trail *t, const char *path, struct stat *st)
{
	const int flags = O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY;
	char proc[32];
	int fd, err;

	snprintf(proc, sizeof(proc), "/proc/self/fd/%d", t->fd);
	fd = open(proc, flags);
	if (fd < 0 && errno == ENOENT)	/* no /proc */
		fd = open(path, flags);
	if (fd < 0)
		return -errno;
	err = fstat(fd, st) ? -errno :
	      st->st_ino != t->st.st_ino || st->st_dev != t->st.st_dev ? -EAGAIN : 0;
	if (err)
		close(fd);
	return err ? err : fd;
}

int trail_open(const char *path, uid_t owner, struct stat *st)
{
	struct trail t;
	int ret = trail_follow(path, &t);

	if (ret)
		return ret;
	/* Files of /proc are regular and need have no end. */
	if (!S_ISREG(t.st.st_mode) || is_proc(t.fd))
		ret = -EINVAL;
	else if (!is_owned_by(&t.st, t.owner) || !is_owned_by(&t.st, owner))
		ret = -EPERM;
	else
		ret = open_that(&t, path, st);
	close(t.fd);
	return ret;
}
