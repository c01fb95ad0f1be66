// SPDX-License-Identifier: GPL-2.0-or-later
/* Where a file is, and where to begin reading in it. */
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/log.h"
#include "family.h"
#include "file.h"

enum { PASSES_MAX = 8 };

/* ---- where it is --------------------------------------------------------- */

static bool set_location(struct file_source *f, const char *path)
{
	const char *slash = strrchr(path, '/');
	char *dir = !slash ? strdup(".") :
		    strndup(path, slash == path ? 1 : (size_t)(slash - path));
	char *leaf = strdup(slash ? slash + 1 : path);
	struct watches *ws = f->base.all->watches;

	if (!dir || !leaf) {
		free(dir);
		free(leaf);
		return false;
	}
	if (ws)
		watch_name_set(ws, &f->leaf_watch, &f->watch, leaf, 0);
	free(f->dir);
	free(f->leaf);
	f->dir = dir;
	f->leaf = leaf;
	return true;
}

/* Of what @t has found; without /proc by asking again.  False: it is gone. */
static bool real_path(const struct trail *t, const char *name, char out[static PATH_MAX])
{
	char proc[32];
	ssize_t n;

	snprintf(proc, sizeof(proc), "/proc/self/fd/%d", t->fd);
	n = readlink(proc, out, PATH_MAX - 1);
	out[n > 0 ? n : 0] = '\0';
	if (n < 0 && t->owner == TRAIL_ANYBODY)
		return realpath(name, out);
	return n > 0 && t->st.st_nlink;
}

static bool leads_to(const char *path, const struct stat *file)
{
	struct stat st;

	return !stat(path, &st) && st.st_ino == file->st_ino && st.st_dev == file->st_dev;
}

/* False: the file was renamed while we asked what it is called. */
static bool locate_once(struct file_source *f)
{
	char path[PATH_MAX], known[PATH_MAX];
	struct trail t;
	int err = trail_follow(f->base.name, &t);
	bool sure = true;

	if (!err && t.owner != TRAIL_ANYBODY && t.st.st_uid != t.owner) {
		close(t.fd);
		err = -EPERM;
	}
	snprintf(known, sizeof(known), "%s/%s", f->dir, f->leaf);
	if (err == -EPERM && !streq(f->base.name, known))
		set_location(f, f->base.name);
	if (err)
		return true;
	f->owner = t.owner;
	if (real_path(&t, f->base.name, path) && !streq(path, known)) {
		sure = leads_to(f->base.name, &t.st) && leads_to(path, &t.st);
		if (sure)
			set_location(f, path);
	}
	close(t.fd);
	return sure;
}

/*
 * Rotation happens where the file is, not where a link to it stands.  While the
 * file is missing, the last place is where it will be again.  Where a link leads that
 * we do not follow we have nothing to look for.
 */
void file_locate(struct file_source *f)
{
	for (int i = 0; i < PASSES_MAX && !locate_once(f); i++)
		;
}

void file_watch_dir(struct file_source *f)
{
	struct watches *ws = f->base.all->watches;
	int err = ws ? watch_path(ws, &f->watch, f->dir, WATCH_DIR) : -ENOSYS;

	/* Without the directory there is nothing to watch; its follow waits. */
	if (!err || err == -ENOENT || err == -ENOTDIR)
		return;
	f->base.stats.polled = true;
	sources_poll(f->base.all, err);
}

int file_new(struct source **out, struct sources *all, const char *path,
	     const char *encoding)
{
	struct file_source *f = calloc(1, sizeof(*f));

	if (!f)
		return -ENOMEM;
	f->base.kind = &source_file_kind;
	f->base.all = all;
	f->base.name = strdup(path);
	f->base.encoding = encoding ? strdup(encoding) : NULL;
	f->owner = TRAIL_ANYBODY;
	file_init_watch(f);
	f->linger = (struct loop_timer){ .fn = file_linger_rang, .ctx = f };
	if (!f->base.name || (encoding && !f->base.encoding) || !set_location(f, path)) {
		free(f->base.name);
		free(f->base.encoding);
		free(f);
		return -ENOMEM;
	}
	*out = &f->base;
	return 0;
}

int file_move(struct source *s, const char *path)
{
	struct file_source *f = file_of(s);
	int err = source_rename(s, path);

	if (err)
		return err;
	file_locate(f);
	file_watch_dir(f);
	file_touch(s);
	return 0;
}

/* ---- where to begin ------------------------------------------------------ */

static bool is_file_of(const struct reader *r, const struct source_position *p)
{
	if (!p->hash_len)
		return r->inode == p->inode && !p->offset;
	return reader_holds(r->fd, p);
}

/* Nobody writes to it, and no line ends behind @offset. */
static bool is_finished(int fd, uint64_t offset)
{
	char buf[4096];
	ssize_t n;

	if (reader_is_written(fd))
		return false;
	while ((n = pread(fd, buf, sizeof(buf), (off_t)offset)) > 0) {
		if (memchr(buf, '\n', (size_t)n))
			return false;
		offset += (uint64_t)n;
	}
	return !n;
}

/*
 * Add @fd, to be read from @offset, before @now.  Takes the descriptor; does
 * nothing if that file is read already, or if it is only a copy of what @now holds.
 */
static void insert_older(struct file_source *f, int fd, const char *name, uint64_t offset,
			 struct reader *now)
{
	struct reader *r;
	struct stat st;

	if (fstat(fd, &st) || file_reads(f, st.st_dev, st.st_ino) ||
	    is_finished(fd, offset) || (!offset && now && reader_is_copy(fd, now->fd))) {
		close(fd);
		return;
	}
	r = file_insert(f, fd, st.st_dev, st.st_ino, name, now);
	if (r)
		reader_seek(r, offset);
}

/*
 * Open what rotation put between the file at @at and the present one.  A name
 * may be another file's since it was listed: then it is left for the next pass.
 */
static void insert_younger(struct file_source *f, const struct family *fam, size_t at,
			   struct reader *now)
{
	while (++at < fam->n && (!now || fam->list[at].inode != now->inode)) {
		char path[PATH_MAX];
		uint64_t dev, inode;
		int fd;

		snprintf(path, sizeof(path), "%s/%s", f->dir, fam->list[at].name);
		fd = reader_open(path, f->owner, &dev, &inode);
		if (fd < 0)
			f->base.stats.gaps += fd != -ENOENT;
		else if (inode != fam->list[at].inode)
			close(fd);
		else
			insert_older(f, fd, fam->list[at].name, 0, now);
	}
}

/*
 * True when @fam shows one moment as far as @now is concerned: it is listed, or
 * has our name, or has none.  Otherwise it was renamed while we made the list.
 */
static bool is_consistent(const struct file_source *f, const struct family *fam,
			  const struct reader *now)
{
	struct stat st;

	if (!now || (!stat(f->base.name, &st) && st.st_ino == now->inode))
		return true;
	for (size_t i = 0; i < fam->n; i++)
		if (fam->list[i].inode == now->inode)
			return true;
	return fstat(now->fd, &st) || !st.st_nlink;
}

static int find_older_once(struct file_source *f, struct reader *now)
{
	struct source_position p;
	struct family fam;
	size_t at = 0;
	int fd;

	if (!file_read_end(f, &p))
		return -ENOENT;
	fd = family_load(&fam, f->dir, f->leaf, p.inode);
	if (!fd && !is_consistent(f, &fam, now))
		fd = -EAGAIN;
	if (!fd)
		fd = family_find(&fam, f->dir, f->owner, &p, &at);
	if (fd >= 0) {
		insert_older(f, fd, fam.list[at].name, p.offset, now);
		insert_younger(f, &fam, at, now);
	}
	family_fini(&fam);
	return fd < 0 ? fd : 0;
}

/* What is renamed while we look may escape us: look until all was quiet. */
int file_find_older(struct file_source *f, struct reader *now)
{
	struct watches *ws = f->base.all->watches;
	int err;

	for (int i = 0; i < PASSES_MAX; i++) {
		err = find_older_once(f, now);
		if (!(ws && watches_drain(ws)) && err != -EAGAIN)
			break;
	}
	return err;
}

static void resume(struct file_source *f, struct reader *r, const struct source_position *p)
{
	if (r && is_file_of(r, p)) {
		reader_seek(r, p->offset);
		return;
	}
	f->last = *p;
	f->has_last = true;
	if (!file_find_older(f, r))
		return;
	f->base.stats.gaps++;
	log_notice("source: %s: what was read last is gone: rotated out of sight meanwhile",
		   f->base.name);
}

static void start(struct file_source *f, struct reader *r, bool tail)
{
	const struct sources *all = f->base.all;
	uint64_t size = reader_lag(r), at = 0;

	if (tail)
		at = size;
	else if (size && all->sink->start)
		at = all->sink->start(all->ctx, &f->base, size);
	if (at && at <= size)
		reader_seek(r, at);
}

void file_begin(struct source *s, bool tail)
{
	struct file_source *f = file_of(s);
	const struct sources *all = s->all;
	struct source_position p = { 0 };
	struct reader *r = NULL;
	uint64_t dev, inode;
	int fd;

	file_locate(f);
	file_watch_dir(f);
	fd = reader_open(s->name, TRAIL_ANYBODY, &dev, &inode);
	if (fd >= 0)
		r = file_insert(f, fd, dev, inode, f->leaf, NULL);
	else if (fd != -ENOENT && fd != -ENOTDIR)
		source_failed(s, "open", fd);
	if (all->sink->resume && all->sink->resume(all->ctx, s, &p))
		resume(f, r, &p);
	else if (r)
		start(f, r, tail);
	source_enqueue(s);
}
