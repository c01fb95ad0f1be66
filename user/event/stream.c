// SPDX-License-Identifier: GPL-2.0-or-later
#include "stream.h"

#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/str.h"
#include "tls.h"

#define DEAD_MS		20000u	/* unacknowledged for so long: the far end is gone */

enum stage { CONNECTING, SHAKING_HANDS, OPEN, OVER };

struct stream {
	struct loop *loop;		/* borrows, as ops and ctx */
	const struct stream_ops *ops;
	void *ctx;
	int fd;
	enum stage stage;
	struct tls *tls;		/* owns; NULL: none */
	struct str out;			/* not sent yet */
};

bool stream_fingerprint_ok(const char *text)
{
	uint8_t unused[TLS_FINGERPRINT];

	return !tls_fingerprint_parse(text, unused);
}

bool stream_secrets_ok(void)
{
	return tls_available();
}

int stream_md5(const void *data, size_t len, char out[static 33])
{
	return tls_md5(data, len, out);
}

static void shut(struct stream *s)
{
	if (s->fd < 0)
		return;
	loop_del(s->loop, s->fd);
	tls_free(s->tls);
	close(s->fd);
	s->tls = NULL;
	s->fd = -1;
}

static void end(struct stream *s, const char *why)
{
	if (s->stage == OVER)
		return;
	s->stage = OVER;
	s->ops->over(s->ctx, why);
	shut(s);
}

static void want(struct stream *s)
{
	bool out = s->stage == CONNECTING || s->out.len ||
		   (s->stage == SHAKING_HANDS && tls_wants_write(s->tls));

	loop_change(s->loop, s->fd, EPOLLIN | (out ? EPOLLOUT : 0));
}

/* ---- sending and receiving ------------------------------------------------ */

static ssize_t send_some(struct stream *s)
{
	ssize_t n;

	if (s->tls)
		return tls_send(s->tls, s->out.s, s->out.len);
	n = send(s->fd, s->out.s, s->out.len, MSG_NOSIGNAL | MSG_DONTWAIT);
	return n < 0 ? -errno : n;
}

static void flush(struct stream *s)
{
	while (s->stage == OPEN && s->out.len) {
		ssize_t n = send_some(s);

		if (n == -EAGAIN || n == -EINTR)
			return;
		if (n < 0) {
			end(s, s->tls ? tls_why(s->tls) : strerror((int)-n));
			return;
		}
		memmove(s->out.s, s->out.s + n, s->out.len - (size_t)n);
		s->out.len -= (size_t)n;
	}
}

static ssize_t receive_some(struct stream *s, char *buf, size_t size)
{
	ssize_t n;

	if (s->tls)
		return tls_receive(s->tls, buf, size);
	n = recv(s->fd, buf, size, MSG_DONTWAIT);
	return n < 0 ? -errno : n;
}

/* What TLS has decrypted already would not wake the loop. */
static bool has_turn(const struct stream *s, size_t done)
{
	return s->stage == OPEN && (done < STREAM_TURN || (s->tls && tls_pending(s->tls)));
}

static void hand_over(struct stream *s)
{
	char buf[STREAM_READ];
	const char *why;
	size_t done = 0;

	while (has_turn(s, done)) {
		ssize_t n = receive_some(s, buf, sizeof(buf));

		if (n == -EAGAIN || n == -EINTR)
			return;
		if (n <= 0) {
			end(s, !n ? "the far end closed the connection" :
			    s->tls ? tls_why(s->tls) : strerror((int)-n));
			return;
		}
		done += (size_t)n;
		why = s->ops->bytes(s->ctx, buf, (size_t)n);
		if (why)
			end(s, why);
	}
}

/* ---- becoming open ----------------------------------------------------------- */

static void shake_hands(struct stream *s)
{
	int err = tls_handshake(s->tls);

	if (err == -EAGAIN)
		return;
	if (err) {
		end(s, tls_why(s->tls));
		return;
	}
	s->stage = OPEN;
	s->ops->open(s->ctx);
}

static void connected(struct stream *s)
{
	socklen_t len = sizeof(int);
	int err = 0;

	if (getsockopt(s->fd, SOL_SOCKET, SO_ERROR, &err, &len))
		err = errno;
	if (err) {
		end(s, strerror(err));
		return;
	}
	s->stage = s->tls ? SHAKING_HANDS : OPEN;
	if (!s->tls)
		s->ops->open(s->ctx);
}

static void on_socket(void *ctx, int fd, uint32_t events)
{
	struct stream *s = ctx;

	(void)fd, (void)events;
	if (s->stage == CONNECTING)
		connected(s);
	if (s->stage == SHAKING_HANDS)
		shake_hands(s);
	flush(s);
	hand_over(s);
	if (s->stage != OVER)
		want(s);
}

static int begin(struct stream *s, const struct ipaddr *to, uint16_t port)
{
	struct sockaddr_in6 a6 = { .sin6_family = AF_INET6, .sin6_port = htons(port) };
	struct sockaddr_in a4 = { .sin_family = AF_INET, .sin_port = htons(port) };
	unsigned int dead = DEAD_MS;
	int one = 1;

	s->fd = socket(to->family == 4 ? AF_INET : AF_INET6,
		       SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (s->fd < 0)
		return -errno;
	setsockopt(s->fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
	setsockopt(s->fd, IPPROTO_TCP, TCP_USER_TIMEOUT, &dead, sizeof(dead));
	memcpy(&a4.sin_addr, to->bytes, sizeof(a4.sin_addr));
	memcpy(&a6.sin6_addr, to->bytes, sizeof(a6.sin6_addr));
	if (connect(s->fd, to->family == 4 ? (struct sockaddr *)&a4 : (struct sockaddr *)&a6,
		    to->family == 4 ? sizeof(a4) : sizeof(a6)) && errno != EINPROGRESS)
		return -errno;
	return loop_add(s->loop, s->fd, EPOLLIN | EPOLLOUT, on_socket, s);
}

int stream_open(struct stream **out, struct loop *loop, const struct ipaddr *to,
		uint16_t port, const struct stream_tls *tls,
		const struct stream_ops *ops, void *ctx, const char **why)
{
	struct stream *s = calloc(1, sizeof(*s));
	int err;

	if (!s)
		return -ENOMEM;
	*s = (struct stream){ .loop = loop, .ops = ops, .ctx = ctx, .fd = -1 };
	err = begin(s, to, port);
	if (!err && tls)
		err = tls_new(&s->tls, s->fd, tls, why);
	if (err) {
		stream_close(s);
		return err;
	}
	*out = s;
	return 0;
}

int stream_write(struct stream *s, const char *data, size_t len)
{
	if (s->out.len + len > STREAM_OUT_MAX)
		return -ENOSPC;
	str_add(&s->out, data, len);
	if (s->out.failed)
		return -ENOMEM;
	if (s->stage == OPEN)
		want(s);
	return 0;
}

void stream_close(struct stream *s)
{
	if (!s)
		return;
	shut(s);
	/* It may have held a password. */
	if (s->out.s)
		explicit_bzero(s->out.s, s->out.size);
	str_fini(&s->out);
	free(s);
}
