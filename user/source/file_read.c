// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Reading the files of one name, the oldest first.  An old file is left only
 * when nobody has it open for writing any more: a service goes on writing to the
 * renamed file until it is told to open its log again, and some never are.
 */
#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/log.h"
#include "file.h"

/* The oldest file that may have something for us. */
static struct reader *next_ready(const struct file_source *f)
{
	for (struct reader *r = f->readers; r; r = r->next)
		if (r->ready)
			return r;
	return NULL;
}

/* ---- the end of a file --------------------------------------------------- */

void file_linger_rang(void *ctx)
{
	struct file_source *f = ctx;

	for (struct reader *r = f->readers; r; r = r->next)
		if (r->fd >= 0 && !file_has_name(f, r))
			file_wake(f, r);
}

/*
 * An old file was read to its end.  If nobody writes to it, whatever was written
 * before we asked is read once more, and then it is closed.
 */
static void finish(struct file_source *f, struct reader *r)
{
	struct sources *all = f->base.all;
	uint64_t now = loop_boot(all->loop).ns;
	int written = reader_is_written(r->fd);
	bool told = false;

	if (r->last_look) {
		file_drop(f, r);
		return;
	}
	if (!r->quiet_ns)
		r->quiet_ns = now;
	if (!written || (written < 0 && now - r->quiet_ns >= all->opt.linger_ns)) {
		r->last_look = true;
		file_wake(f, r);
		return;
	}
	/* The writer's close(2) wakes us, or else the timer. */
	if (all->watches)
		told = !watch_fd(all->watches, &r->watch, r->fd, WATCH_FILE | IN_CLOSE_WRITE);
	if ((written < 0 || !told) && !f->linger.armed)
		loop_timer_in(all->loop, &f->linger, all->opt.linger_ns);
}

/* ---- truncation ---------------------------------------------------------- */

static void forget_from(struct file_source *f)
{
	for (struct user *u = f->base.users; u; u = (struct user *)u->pub.next)
		u->pub.from = 0;
	f->rewound = NULL;
}

/*
 * The file is not what it was up to our place.  If it was copied before it was
 * truncated, the rest that we have not read is in the copy.
 */
static void truncated(struct file_source *f, struct reader *r)
{
	f->base.stats.truncations++;
	file_keep_end(f, r);
	if (f->current == r)
		f->current = NULL;
	if (f->rewound == r)
		forget_from(f);
	reader_restart(r);
	r->copied = true;
	if (!file_is_overtaken(r))
		file_find_older(f, r);
}

static bool older_is_ready(const struct file_source *f, const struct reader *r)
{
	for (const struct reader *older = f->readers; older != r; older = older->next)
		if (older->ready)
			return true;
	return false;
}

/*
 * What may be a copy of @r appeared before anything of @r counted as read.  If
 * @r was truncated since, what it held is in the copy and nowhere else.  Asked
 * after each first read, because it may be truncated at any moment: a copy that
 * is still like @r now was so when we read.  True: read that one first.
 */
static bool copy_comes_first(struct file_source *f, struct reader *r)
{
	if (file_was_read(r) || file_is_overtaken(r))
		return false;
	if (f->base.all->watches)
		watches_drain(f->base.all->watches);
	if (!r->copied)
		return false;
	if (!older_is_ready(f, r))
		file_find_older(f, r);
	r->copied = older_is_ready(f, r);
	return r->copied;
}

/* ---- reading ------------------------------------------------------------- */

/* Another file than last time: the unfinished line of that one stays there. */
static void switch_to(struct file_source *f, struct reader *r)
{
	const struct sources *all = f->base.all;

	if (f->current == r)
		return;
	if (f->current)
		reader_rewind(f->current);
	f->current = r;
	all->sink->restart(all->ctx, &f->base, reader_inside(r));
}

/*
 * After a rewind users have different places to go on from: say whose turn it
 * is, and stop where that changes.
 */
static size_t until_change(struct file_source *f, const struct reader *r, size_t len)
{
	bool waiting = false;

	for (struct user *u = f->base.users; u; u = (struct user *)u->pub.next) {
		u->pub.reading = r != f->rewound || r->offset >= u->pub.from;
		if (u->pub.reading)
			continue;
		waiting = true;
		if (u->pub.from - r->offset < len)
			len = (size_t)(u->pub.from - r->offset);
	}
	if (r == f->rewound && !waiting)
		forget_from(f);
	return len;
}

static size_t leading_nuls(const char *data, size_t len)
{
	size_t n = 0;

	while (n < len && !data[n])
		n++;
	return n;
}

/* @len bytes at @data, which is in the registry's buffer. */
static void give(struct file_source *f, struct reader *r, const char *data, size_t len)
{
	const struct sources *all = f->base.all;
	size_t hole = 0, pending = 0;

	/* Who writes without O_APPEND leaves a hole before what follows a cut. */
	if (r->skip_nul) {
		hole = leading_nuls(data, len);
		r->skip_nul = hole == len;
	}
	if (hole < len)
		pending = all->sink->bytes(all->ctx, &f->base, data + hole, len - hole);
	reader_taken(r, all->buf, len, pending);
	f->base.stats.bytes += len - hole;
	f->done += len;
	r->quiet_ns = 0;
	r->last_look = false;
}

/* True: everything there is has been read. */
static bool read_piece(struct file_source *f, struct reader *r, size_t *done)
{
	const struct sources *all = f->base.all;
	const char *data;
	size_t len;
	ssize_t n;

	n = reader_read(r, all->buf, all->opt.read_size, &data);
	if (n == -ESTALE) {
		truncated(f, r);
		return false;
	}
	source_failed(&f->base, "read", n < 0 ? (int)n : 0);
	if (copy_comes_first(f, r))
		return false;
	if (n <= 0)
		return true;
	len = until_change(f, r, (size_t)n);
	give(f, r, data, len);
	*done += len;
	return len < all->opt.read_size && len == (size_t)n;
}

/* ---- a log that grows faster than it is read ------------------------------ */

static uint64_t lag_of(const struct file_source *f)
{
	uint64_t lag = 0;

	for (const struct reader *r = f->readers; r; r = r->next)
		lag += reader_lag(r);
	return lag;
}

/* Leave out the oldest @bytes that were not read. */
static void skip(struct file_source *f, uint64_t bytes)
{
	struct reader *newest = file_newest(f), *next;
	uint64_t left = bytes;

	forget_from(f);
	for (struct reader *r = f->readers; r && left; r = next) {
		uint64_t lag = reader_lag(r), n = lag < left ? lag : left;

		next = r->next;
		left -= n;
		if (f->current == r)
			f->current = NULL;
		if (n == lag && r != newest)
			file_drop(f, r);
		else if (reader_seek(r, r->offset + n))
			left += n;
	}
	f->done += bytes - left;
	f->base.stats.skipped += bytes - left;
	delay_clear(&f->delay);
	log_warn("source: %s grows faster than it can be read: %llu bytes were left out, as "
		 "they had waited for too long", f->base.name,
		 (unsigned long long)(bytes - left));
}

/*
 * What has waited longer than half the limit is left out when something has
 * waited for all of it.  The oldest goes, not the newest: who attacks now stands
 * at the end, and who stood at the beginning and still attacks stands there too.
 */
static void bound_delay(struct file_source *f)
{
	uint64_t limit = f->base.all->opt.max_delay_ns;
	boot_t now = loop_boot(f->base.all->loop);
	uint64_t end;

	delay_note(&f->delay, f->done, f->done + lag_of(f), now, limit / DELAY_MARKS);
	if (delay_age_ns(&f->delay, now) <= limit)
		return;
	end = delay_end_at(&f->delay, (boot_t){ now.ns - limit / 2 });
	if (end > f->done)
		skip(f, end - f->done);
}

static bool file_step(struct source *s, size_t *done)
{
	struct file_source *f = file_of(s);
	struct reader *r = next_ready(f);

	if (r) {
		switch_to(f, r);
		/* Before reading: an event that comes meanwhile sets it again. */
		r->ready = false;
		if (!read_piece(f, r, done))
			r->ready = true;
		/* While a renaming is not understood, the file is kept. */
		else if (!r->ready && !file_has_name(f, r) && !s->touched)
			finish(f, r);
	}
	if (next_ready(f)) {
		if (s->all->opt.max_delay_ns)
			bound_delay(f);
		return true;
	}
	delay_clear(&f->delay);
	source_caught_up(s);
	return false;
}

/* ---- what others may ask ------------------------------------------------- */

/*
 * The newest file of which anything was handed out.  An older one that gets
 * another line after that loses it if we are killed right then; the other choice
 * would be to read all of the newer one twice.
 */
static const struct reader *farthest(const struct file_source *f)
{
	const struct reader *farthest = NULL;

	for (const struct reader *r = f->readers; r; r = r->next)
		if (file_was_read(r) && !r->superseded)
			farthest = r;
	return farthest;
}

bool file_read_end(const struct file_source *f, struct source_position *p)
{
	const struct reader *r = farthest(f);

	if (r && r == f->rewound && r->offset < f->top.offset)
		*p = f->top;
	else if (r)
		reader_position(r, p);
	else if (f->has_last)
		*p = f->last;
	return r || f->has_last;
}

static bool file_position(const struct source *s, struct source_position *p)
{
	const struct file_source *f = file_of(s);
	const struct reader *r = file_newest(f);

	if (file_read_end(f, p))
		return true;
	if (r)
		reader_position(r, p);
	return r != NULL;
}

static void file_stats(const struct source *s, struct source_stats *out)
{
	const struct file_source *f = file_of(s);

	out->lag = out->open_files = 0;
	out->delay_ns = delay_age_ns(&f->delay, loop_boot(s->all->loop));
	for (const struct reader *r = f->readers; r; r = r->next) {
		out->lag += reader_lag(r);
		out->open_files += r->fd >= 0;
	}
	if (!out->open_files)
		out->state = SOURCE_WAITING;
}

static void file_free(struct source *s)
{
	struct file_source *f = file_of(s);

	while (f->readers)
		file_drop(f, f->readers);
	if (s->all->watches) {
		watch_name_set(s->all->watches, &f->leaf_watch, &f->watch, NULL, 0);
		watch_del(s->all->watches, &f->watch);
	}
	loop_timer_cancel(s->all->loop, &f->linger);
	free(f->dir);
	free(f->leaf);
	free(f);
}

const struct source_kind source_file_kind = {
	.step = file_step,
	.position = file_position,
	.stats = file_stats,
	.free = file_free,
};

ssize_t source_pread(const struct source *s, void *buf, size_t len, uint64_t offset)
{
	const struct reader *r = s->kind == &source_file_kind ? file_newest(file_of(s)) : NULL;
	ssize_t n = r ? pread(r->fd, buf, len, (off_t)offset) : -ENOENT;

	return !r || n >= 0 ? n : -errno;
}

/* Go back in @r to @offset, unless another rewind went further. */
static int seek_back(struct file_source *f, struct reader *r, uint64_t offset)
{
	int err;

	if (r != f->rewound)
		reader_position(r, &f->top);
	if (offset >= r->offset - r->pending)
		return 0;
	err = reader_seek(r, offset);
	if (err)
		return err;
	f->rewound = r;
	f->current = f->current == r ? NULL : f->current;
	return 0;
}

int source_rewind(struct source *s, const void *ctx, uint64_t offset)
{
	struct file_source *f;
	struct reader *r;
	uint64_t here;
	int err;

	if (s->kind != &source_file_kind)
		return -EOPNOTSUPP;
	f = file_of(s);
	r = file_newest(f);
	if (!r)
		return -ENOENT;
	here = r->offset - r->pending;
	if (offset >= (r == f->rewound ? f->top.offset : here))
		return 0;
	err = seek_back(f, r, offset);
	if (err)
		return err;
	for (struct user *u = s->users; u; u = (struct user *)u->pub.next) {
		if (u->pub.ctx == ctx) {
			u->pub.from = offset;
			u->pub.live = false;
		} else if (u->pub.from < here) {
			u->pub.from = here;
		}
	}
	source_enqueue(s);
	return 0;
}
