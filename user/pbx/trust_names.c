// SPDX-License-Identifier: GPL-2.0-or-later
/* trust, its names: asked for when they are due, known across restarts. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/log.h"
#include "base/resolve_sip.h"
#include "pbx/trust_private.h"

enum { MAX_FILE = 8 << 20 };		/* of names that were saved */

#define SAVE_AFTER_NS	(5 * NS_PER_S)	/* several names change together */

/* ---- asking ------------------------------------------------------------------- */

/* One question; the name may be forgotten before the answer comes. */
struct inquiry {
	struct trust *t;
	bool srv;
	char host[TRUST_HOST];
};

static void rearm(struct trust *t)
{
	boot_t due = trust_book_due(t->book);

	if (t->closing || t->asking >= TRUST_ASKING_MAX || due.ns == BOOT_NEVER.ns)
		loop_timer_cancel(t->loop, &t->ask);
	else
		loop_timer_at(t->loop, &t->ask, due);
}

static void on_answer(void *ctx, const struct resolve_result *r)
{
	struct inquiry *q = ctx;
	struct trust *t = q->t;
	const struct trust_answer a = { r->addrs, r->n, r->ttl_s, r->answered };

	t->asking--;
	if (!t->closing && trust_book_answer(t->book, q->host, q->srv, &a,
					     loop_boot(t->loop), loop_wall(t->loop))) {
		trust_apply(t);
		t->must_save = true;
		if (!t->save.armed)
			loop_timer_in(t->loop, &t->save, SAVE_AFTER_NS);
	}
	rearm(t);
	free(q);
}

static void ask(struct trust *t, const struct trust_name *n)
{
	struct inquiry *q = calloc(1, sizeof(*q));

	if (!q) {
		trust_book_put_off(t->book, n->host, n->srv, loop_boot(t->loop));
		return;
	}
	q->t = t;
	q->srv = n->srv;
	memcpy(q->host, n->host, sizeof(q->host));
	t->asking++;
	if (resolve_sip(t->resolver, q->host, q->srv, on_answer, q)) {
		t->asking--;
		trust_book_put_off(t->book, n->host, n->srv, loop_boot(t->loop));
		free(q);
	}
}

void trust_names_due(struct trust *t)
{
	const struct trust_name *n;

	while (!t->closing && t->asking < TRUST_ASKING_MAX &&
	       (n = trust_book_ask(t->book, loop_boot(t->loop))))
		ask(t, n);
	rearm(t);
}

static void on_due(void *ctx)
{
	trust_names_due(ctx);
}

/* ---- saving --------------------------------------------------------------------- */

static int write_all(int fd, const char *s, size_t len)
{
	while (len) {
		ssize_t n = write(fd, s, len);

		if (n < 0 && errno != EINTR)
			return -errno;
		if (n > 0)
			s += n, len -= (size_t)n;
	}
	return 0;
}

int trust_replace_file(const char *path, const struct str *text)
{
	char *tmp = NULL;
	int fd, err;

	if (text->failed || asprintf(&tmp, "%s.new", path) < 0)
		return -ENOMEM;
	fd = open(tmp, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600);
	err = fd < 0 ? -errno : write_all(fd, text->s ? text->s : "", text->len);
	if (fd >= 0 && close(fd) && !err)
		err = -errno;
	if (!err && rename(tmp, path))
		err = -errno;
	free(tmp);
	return err;
}

static void on_save(void *ctx)
{
	struct trust *t = ctx;
	struct str text = { 0 };
	int err;

	if (!t->must_save)
		return;
	trust_book_save(t->book, &text);
	err = trust_replace_file(t->names_path, &text);
	if (err)
		log_warn("trust: cannot write %s: %s; after a restart, names must be "
			 "resolved anew", t->names_path, strerror(-err));
	str_fini(&text);
	t->must_save = false;
}

void trust_names_load(struct trust *t)
{
	int fd = open(t->names_path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
	struct stat st;
	ssize_t n = 0;
	char *buf = NULL;

	if (fd < 0)
		return;
	if (!fstat(fd, &st) && S_ISREG(st.st_mode) && st.st_size <= MAX_FILE)
		buf = malloc((size_t)st.st_size + 1);
	if (buf)
		n = read(fd, buf, (size_t)st.st_size);
	if (n > 0)
		trust_book_load(t->book, buf, (size_t)n);
	free(buf);
	close(fd);
}

void trust_names_start(struct trust *t)
{
	t->ask = (struct loop_timer){ .fn = on_due, .ctx = t };
	t->save = (struct loop_timer){ .fn = on_save, .ctx = t };
}

void trust_names_stop(struct trust *t)
{
	t->closing = true;
	loop_timer_cancel(t->loop, &t->ask);
	loop_timer_cancel(t->loop, &t->save);
	on_save(t);
}
