// SPDX-License-Identifier: GPL-2.0-or-later
#include "control/ctl_server.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/log.h"
#include "base/unix_socket.h"

/* Without a descriptor for a client, wait so long before the next try. */
#define PAUSE_NS	(NS_PER_S / 5)

struct ctl_conn {
	struct ctl_server *server;	/* borrows; NULL: slot is free */
	int fd;
	struct str in;
	struct ctl_reply reply;
	size_t sent;			/* bytes of reply.out already written */
	bool answering;
	struct loop_timer idle;
};

struct ctl_server {
	struct loop *loop;		/* borrows */
	const struct ctl_handler *handlers;	/* borrows */
	void *ctx;
	int fd;
	char *path;			/* owns */
	uint64_t refused;
	struct loop_timer pause;
	struct ctl_conn conns[CTL_CLIENTS_MAX];
};

void ctl_reply_add(struct ctl_reply *r, json_t *obj)
{
	char *text = json_dumps(obj, JSON_COMPACT);

	json_decref(obj);
	if (!text) {
		r->out.failed = true;
		return;
	}
	str_puts(&r->out, text);
	str_putc(&r->out, '\n');
	free(text);
}

/* ---- one client ---------------------------------------------------------- */

static void end_answer(struct ctl_conn *c)
{
	if (c->reply.free_state)
		c->reply.free_state(c->reply.state);
	str_reset(&c->reply.out);
	c->reply = (struct ctl_reply){ .out = c->reply.out };
	c->sent = 0;
	c->answering = false;
}

static void close_conn(struct ctl_conn *c)
{
	struct loop *loop = c->server->loop;

	end_answer(c);
	loop_timer_cancel(loop, &c->idle);
	loop_del(loop, c->fd);
	close(c->fd);
	str_fini(&c->in);
	str_fini(&c->reply.out);
	c->server = NULL;
}

static void close_idle(void *ctx)
{
	close_conn(ctx);
}

static const struct ctl_handler *find_handler(const struct ctl_server *s,
					      const char *verb)
{
	for (const struct ctl_handler *h = s->handlers; h->verb; h++)
		if (verb && streq(verb, h->verb))
			return h;
	return NULL;
}

static void add_error(struct ctl_reply *r, const char *text)
{
	ctl_reply_add(r, json_pack("{s:s}", "error", text));
}

static void answer(struct ctl_conn *c, const char *line, size_t len)
{
	json_error_t bad;
	json_t *req = json_loadb(line, len, JSON_REJECT_DUPLICATES, &bad);
	const char *verb = json_string_value(json_object_get(req, "verb"));
	const struct ctl_handler *h = find_handler(c->server, verb);
	struct str why = { 0 };
	int err;

	c->answering = true;
	if (!req) {
		add_error(&c->reply, "the request is not a JSON object");
	} else if (!h) {
		add_error(&c->reply, "the daemon does not know this verb");
	} else {
		err = h->run(c->server->ctx, req, &c->reply, &why);
		if (err)
			add_error(&c->reply, why.len ? why.s : strerror(-err));
		else if (!c->reply.more)
			ctl_reply_add(&c->reply, json_pack("{s:b}", "done", 1));
	}
	str_fini(&why);
	json_decref(req);
}

/* Have more text in the output, or know that the answer has ended. */
static bool refill(struct ctl_conn *c)
{
	struct ctl_reply *r = &c->reply;

	str_reset(&r->out);
	c->sent = 0;
	if (!r->more)
		return false;
	if (!r->more(r->state, r)) {
		r->more = NULL;
		ctl_reply_add(r, json_pack("{s:b}", "done", 1));
	}
	return true;
}

/* 0: all was said; -EAGAIN: the socket is full; -EINPROGRESS: the answer waits. */
static int write_out(struct ctl_conn *c)
{
	struct str *out = &c->reply.out;

	for (;;) {
		ssize_t n;

		if (c->sent == out->len && c->reply.waits)
			return -EINPROGRESS;
		if (c->sent == out->len && !refill(c))
			return 0;
		if (out->failed)
			return -ENOMEM;
		n = send(c->fd, out->s + c->sent, out->len - c->sent,
			 MSG_NOSIGNAL | MSG_DONTWAIT);
		if (n < 0)
			return -errno;
		c->sent += (size_t)n;
	}
}

/* Answer every whole line in the input, one after another. */
static int serve(struct ctl_conn *c)
{
	char *end;
	size_t used;
	int err;

	for (;;) {
		if (c->answering) {
			err = write_out(c);
			if (err)
				return err;
			end_answer(c);
		}
		end = c->in.len ? memchr(c->in.s, '\n', c->in.len) : NULL;
		if (!end)
			return 0;
		used = (size_t)(end - c->in.s) + 1;
		answer(c, c->in.s, used - 1);
		memmove(c->in.s, c->in.s + used, c->in.len - used);
		c->in.len -= used;
	}
}

static int read_in(struct ctl_conn *c)
{
	char buf[16384];
	ssize_t n = recv(c->fd, buf, sizeof(buf), MSG_DONTWAIT);

	if (n < 0)
		return errno == EAGAIN || errno == EINTR ? 0 : -errno;
	if (!n)
		return -ECONNRESET;
	if (c->in.len + (size_t)n > CTL_REQUEST_MAX)
		return -E2BIG;
	str_add(&c->in, buf, (size_t)n);
	return c->in.failed ? -ENOMEM : 0;
}

static void serve_or_close(struct ctl_conn *c)
{
	struct loop *loop = c->server->loop;
	int err = serve(c);

	if (err && err != -EAGAIN && err != -EINPROGRESS) {
		close_conn(c);
		return;
	}
	/* That the client is gone is told in any case. */
	loop_change(loop, c->fd, err == -EAGAIN ? EPOLLOUT : err ? 0 : EPOLLIN);
	loop_timer_in(loop, &c->idle, CTL_IDLE_S * NS_PER_S);
}

void ctl_reply_go_on(struct ctl_reply *r)
{
	r->waits = false;
	serve_or_close(container_of(r, struct ctl_conn, reply));
}

static void on_client(void *ctx, int fd, uint32_t events)
{
	struct ctl_conn *c = ctx;
	int err = 0;

	(void)fd;

	/* While an answer waits for the reader, new requests wait too. */
	if (events & (EPOLLIN | EPOLLHUP | EPOLLERR) && !c->answering)
		err = read_in(c);
	else if (events & (EPOLLHUP | EPOLLERR))
		err = -ECONNRESET;
	if (err)
		close_conn(c);
	else
		serve_or_close(c);
}

/* ---- the listening socket ------------------------------------------------ */

static void go_on_accepting(void *ctx)
{
	struct ctl_server *s = ctx;

	loop_change(s->loop, s->fd, EPOLLIN);
}

/* The client still waits, so the socket would wake the loop again at once. */
static void pause_accepting(struct ctl_server *s)
{
	if (!loop_timer_in(s->loop, &s->pause, PAUSE_NS))
		loop_change(s->loop, s->fd, 0);
}

static void on_accept(void *ctx, int fd, uint32_t events)
{
	struct ctl_server *s = ctx;
	int client = accept4(fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
	struct ctl_conn *c = NULL;

	(void)events;
	if (client < 0) {
		if (errno != EAGAIN && errno != EINTR && errno != ECONNABORTED)
			pause_accepting(s);
		return;
	}
	for (size_t i = 0; i < CTL_CLIENTS_MAX && !c; i++)
		if (!s->conns[i].server)
			c = &s->conns[i];
	if (!c || loop_add(s->loop, client, EPOLLIN, on_client, c)) {
		s->refused++;
		close(client);
		return;
	}
	*c = (struct ctl_conn){ .server = s, .fd = client,
				.idle = { .fn = close_idle, .ctx = c } };
	loop_timer_in(s->loop, &c->idle, CTL_IDLE_S * NS_PER_S);
}

static int make_parents(const char *path)
{
	char *copy = strdup(path);
	int err = 0;

	if (!copy)
		return -ENOMEM;
	for (char *p = strchr(copy + 1, '/'); p && !err; p = strchr(p + 1, '/')) {
		*p = '\0';
		if (mkdir(copy, 0755) && errno != EEXIST)
			err = -errno;
		*p = '/';
	}
	free(copy);
	return err;
}

static int open_socket(const char *path)
{
	int fd, err = make_parents(path);

	if (err)
		return err;
	fd = unix_socket_bind(path, SOCK_STREAM);
	if (fd >= 0 && listen(fd, CTL_CLIENTS_MAX)) {
		err = -errno;
		close(fd);
		return err;
	}
	return fd;
}

int ctl_server_new(struct ctl_server **out, struct loop *loop, const char *path,
		   const struct ctl_handler *handlers, void *ctx)
{
	struct ctl_server *s = calloc(1, sizeof(*s));
	int err;

	if (!s)
		return -ENOMEM;
	*s = (struct ctl_server){ .loop = loop, .handlers = handlers, .ctx = ctx,
				  .fd = -1,
				  .pause = { .fn = go_on_accepting, .ctx = s } };
	s->fd = open_socket(path);
	if (s->fd < 0) {
		err = s->fd;
		goto fail;
	}
	s->path = strdup(path);
	err = s->path ? loop_add(loop, s->fd, EPOLLIN, on_accept, s) : -ENOMEM;
	if (err)
		goto fail;
	*out = s;
	return 0;
fail:
	if (err == -EADDRINUSE)
		log_err("control: another daemon answers at %s; stop it, or use --socket",
			path);
	else
		log_err("control: cannot listen on %s: %s", path, strerror(-err));
	ctl_server_free(s);
	return err;
}

void ctl_server_free(struct ctl_server *s)
{
	if (!s)
		return;
	for (size_t i = 0; i < CTL_CLIENTS_MAX; i++)
		if (s->conns[i].server)
			close_conn(&s->conns[i]);
	loop_timer_cancel(s->loop, &s->pause);
	if (s->fd >= 0) {
		loop_del(s->loop, s->fd);
		close(s->fd);
	}
	if (s->path)
		unlink(s->path);
	free(s->path);
	free(s);
}

uint64_t ctl_server_refused(const struct ctl_server *s)
{
	return s->refused;
}
