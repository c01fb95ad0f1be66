// SPDX-License-Identifier: GPL-2.0-or-later
#include "netlink.h"

#include <endian.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#define RECEIVE		(256u << 10)	/* bytes of one answer, far above what comes */
#define SOCKET_BUFFER	(8 << 20)	/* for the answers to one batch */

int nl_open(struct nl *nl)
{
	struct sockaddr_nl kernel = { .nl_family = AF_NETLINK };
	int on = 1, size = SOCKET_BUFFER;

	*nl = (struct nl){ .fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC,
					NETLINK_NETFILTER) };
	if (nl->fd < 0)
		return -errno;
	nl->buf = malloc(RECEIVE);
	if (!nl->buf)
		return -ENOMEM;
	if (connect(nl->fd, (struct sockaddr *)&kernel, sizeof(kernel)))
		return -errno;
	/* Errors without a copy of the request; both are only savings. */
	setsockopt(nl->fd, SOL_NETLINK, NETLINK_CAP_ACK, &on, sizeof(on));
	setsockopt(nl->fd, SOL_SOCKET, SO_SNDBUFFORCE, &size, sizeof(size));
	setsockopt(nl->fd, SOL_SOCKET, SO_RCVBUFFORCE, &size, sizeof(size));
	return 0;
}

void nl_close(struct nl *nl)
{
	if (nl->fd >= 0)
		close(nl->fd);
	free(nl->buf);
	*nl = (struct nl){ .fd = -1 };
}

/* ---- requests ----------------------------------------------------------------- */

void nlbuf_fini(struct nlbuf *b)
{
	free(b->data);
	*b = (struct nlbuf){ 0 };
}

void nlbuf_reset(struct nlbuf *b)
{
	b->len = b->msg = 0;
	b->failed = false;
}

/* Room for @len bytes more, zeroed up to the alignment of netlink. */
static void *grow(struct nlbuf *b, size_t len)
{
	size_t end = b->len + NLMSG_ALIGN(len);
	void *at;

	if (end > b->size) {
		size_t size = 2 * end + 4096;
		char *data = realloc(b->data, size);

		if (!data) {
			b->failed = true;
			return NULL;
		}
		b->data = data;
		b->size = size;
	}
	at = b->data + b->len;
	memset(at, 0, NLMSG_ALIGN(len));
	b->len = end;
	if (b->len > b->msg)
		((struct nlmsghdr *)(b->data + b->msg))->nlmsg_len =
			(uint32_t)(b->len - b->msg);
	return at;
}

static void message(struct nl *nl, struct nlbuf *b, const struct nlmsghdr *type,
		    const struct nfgenmsg *gen)
{
	struct nlmsghdr *hdr;
	struct nfgenmsg *g;

	b->msg = b->len;
	hdr = grow(b, sizeof(*hdr) + sizeof(*g));
	if (!hdr)
		return;
	hdr->nlmsg_type = type->nlmsg_type;
	hdr->nlmsg_flags = type->nlmsg_flags | NLM_F_REQUEST;
	hdr->nlmsg_seq = ++nl->seq;
	g = NLMSG_DATA(hdr);
	*g = *gen;
}

void nlbuf_msg(struct nl *nl, struct nlbuf *b, uint16_t type, uint16_t flags,
	       uint8_t family)
{
	struct nlmsghdr hdr = { .nlmsg_type = type, .nlmsg_flags = flags };
	struct nfgenmsg gen = { .nfgen_family = family, .version = NFNETLINK_V0 };

	message(nl, b, &hdr, &gen);
}

static void batch_mark(struct nl *nl, struct nlbuf *b, uint16_t type, uint16_t subsystem)
{
	struct nlmsghdr hdr = { .nlmsg_type = type };
	struct nfgenmsg gen = { .version = NFNETLINK_V0, .res_id = htobe16(subsystem) };

	message(nl, b, &hdr, &gen);
}

void nlbuf_batch_begin(struct nl *nl, struct nlbuf *b, uint16_t subsystem)
{
	batch_mark(nl, b, NFNL_MSG_BATCH_BEGIN, subsystem);
}

void nlbuf_batch_end(struct nl *nl, struct nlbuf *b)
{
	batch_mark(nl, b, NFNL_MSG_BATCH_END, 0);
}

void nlbuf_put(struct nlbuf *b, uint16_t type, const void *data, size_t len)
{
	struct nlattr *a = grow(b, NLA_HDRLEN + len);

	if (!a)
		return;
	a->nla_type = type;
	a->nla_len = (uint16_t)(NLA_HDRLEN + len);
	if (len)
		memcpy((char *)a + NLA_HDRLEN, data, len);
}

void nlbuf_u8(struct nlbuf *b, uint16_t type, uint8_t value)
{
	nlbuf_put(b, type, &value, sizeof(value));
}

void nlbuf_u32(struct nlbuf *b, uint16_t type, uint32_t value)
{
	value = htobe32(value);
	nlbuf_put(b, type, &value, sizeof(value));
}

void nlbuf_u64(struct nlbuf *b, uint16_t type, uint64_t value)
{
	value = htobe64(value);
	nlbuf_put(b, type, &value, sizeof(value));
}

void nlbuf_str(struct nlbuf *b, uint16_t type, const char *text)
{
	nlbuf_put(b, type, text, strlen(text) + 1);
}

size_t nlbuf_nest(struct nlbuf *b, uint16_t type)
{
	size_t at = b->len;

	nlbuf_put(b, type | NLA_F_NESTED, NULL, 0);
	return at;
}

size_t nlbuf_nest_len(const struct nlbuf *b, size_t nest)
{
	return b->len - nest;
}

void nlbuf_nest_end(struct nlbuf *b, size_t nest)
{
	if (!b->failed)
		((struct nlattr *)(b->data + nest))->nla_len = (uint16_t)(b->len - nest);
}

/* ---- answers ------------------------------------------------------------------- */

bool nl_next(struct nlval *from, struct nlval *out, uint16_t *type)
{
	const struct nlattr *a = from->data;
	size_t whole;

	if (!a || from->len < NLA_HDRLEN || a->nla_len < NLA_HDRLEN || a->nla_len > from->len)
		return false;
	*type = a->nla_type & NLA_TYPE_MASK;
	*out = (struct nlval){ (const char *)a + NLA_HDRLEN, a->nla_len - NLA_HDRLEN };
	whole = NLA_ALIGN((size_t)a->nla_len);
	if (whole > from->len)
		whole = from->len;
	from->data = (const char *)a + whole;
	from->len -= whole;
	return true;
}

struct nlval nl_get(struct nlval from, uint16_t wanted)
{
	struct nlval v;
	uint16_t type;

	while (nl_next(&from, &v, &type))
		if (type == wanted)
			return v;
	return (struct nlval){ 0 };
}

uint8_t nlval_u8(struct nlval v)
{
	return v.len >= 1 ? *(const uint8_t *)v.data : 0;
}

uint32_t nlval_u32(struct nlval v)
{
	uint32_t n = 0;

	if (v.len >= sizeof(n))
		memcpy(&n, v.data, sizeof(n));
	return be32toh(n);
}

uint64_t nlval_u64(struct nlval v)
{
	uint64_t n = 0;

	if (v.len >= sizeof(n))
		memcpy(&n, v.data, sizeof(n));
	return be64toh(n);
}

bool nlval_is(struct nlval v, const char *text)
{
	size_t len = v.data ? strnlen(v.data, v.len) : 0;

	return v.data && len == strlen(text) && !memcmp(v.data, text, len);
}

void nlval_copy(struct nlval v, char *out, size_t size)
{
	int len = v.data ? (int)strnlen(v.data, v.len) : 0;

	snprintf(out, size, "%.*s", len, len ? (const char *)v.data : "");
}

/* ---- the conversation ------------------------------------------------------------ */

struct talk {
	nl_answer_fn *fn;
	void *ctx;
	int err;		/* the first */
	bool done;		/* the end of a dump */
	bool torn;		/* somebody changed what was being dumped */
};

static void take_error(struct talk *t, const struct nlmsghdr *hdr)
{
	const struct nlmsgerr *e = NLMSG_DATA(hdr);
	int err = hdr->nlmsg_len >= NLMSG_LENGTH(sizeof(e->error)) ? e->error : -EPROTO;

	if (err && !t->err)
		t->err = err;
	t->done |= err != 0;
	if (t->fn)
		t->fn(t->ctx, hdr->nlmsg_seq, err, 0, (struct nlval){ 0 });
}

static void take(struct talk *t, const struct nlmsghdr *hdr)
{
	size_t head = NLMSG_LENGTH(NLMSG_ALIGN(sizeof(struct nfgenmsg)));
	struct nlval attrs = { (const char *)hdr + head, hdr->nlmsg_len - head };

	t->torn |= hdr->nlmsg_flags & NLM_F_DUMP_INTR;
	if (hdr->nlmsg_type == NLMSG_ERROR)
		take_error(t, hdr);
	else if (hdr->nlmsg_type == NLMSG_DONE)
		t->done = true;
	else if (hdr->nlmsg_len >= head && t->fn)
		t->fn(t->ctx, hdr->nlmsg_seq, 0, hdr->nlmsg_type & 0xff, attrs);
}

/* Take what has come; -EAGAIN: nothing has. */
static int receive(struct nl *nl, struct talk *t, int flags)
{
	ssize_t n = recv(nl->fd, nl->buf, RECEIVE, flags);
	const struct nlmsghdr *hdr = (const struct nlmsghdr *)nl->buf;

	if (n < 0)
		return errno == EINTR ? 0 : -errno;
	for (; NLMSG_OK(hdr, n); hdr = NLMSG_NEXT(hdr, n))
		take(t, hdr);
	return 0;
}

static int send_all(struct nl *nl, struct nlbuf *b)
{
	int err = b->failed ? -ENOMEM : 0;

	if (!err && b->len && send(nl->fd, b->data, b->len, 0) < 0)
		err = -errno;
	nlbuf_reset(b);
	return err;
}

/* The kernel has answered when the sending returns; there is nothing to wait for. */
int nl_talk(struct nl *nl, struct nlbuf *b, nl_answer_fn *fn, void *ctx)
{
	struct talk t = { .fn = fn, .ctx = ctx };
	int err = send_all(nl, b);

	while (!err)
		err = receive(nl, &t, MSG_DONTWAIT);
	return err == -EAGAIN ? t.err : err;
}

int nl_dump_begin(struct nl *nl, struct nlbuf *b, struct nl_dumping *d)
{
	*d = (struct nl_dumping){ 0 };
	return send_all(nl, b);
}

int nl_dump_more(struct nl *nl, struct nl_dumping *d, nl_answer_fn *fn, void *ctx)
{
	struct talk t = { .fn = fn, .ctx = ctx };
	int err = receive(nl, &t, 0);

	d->torn |= t.torn;
	if (err || t.err)
		return err ? err : t.err;
	if (!t.done)
		return 1;
	return d->torn ? -EINTR : 0;
}

int nl_dump(struct nl *nl, struct nlbuf *b, nl_answer_fn *fn, void *ctx)
{
	struct nl_dumping d;
	int ret = nl_dump_begin(nl, b, &d);

	if (ret)
		return ret;
	do
		ret = nl_dump_more(nl, &d, fn, ctx);
	while (ret > 0);
	return ret;
}
