// SPDX-License-Identifier: GPL-2.0-or-later
#include "resolve.h"

#include <ares.h>
#include <errno.h>
#include <limits.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/time.h>

#include "base/hmap.h"

enum { NAME_MAX_LEN = 253 };		/* RFC 1035 2.3.4, as text */

struct answer {
	struct hmap_node node;
	struct answer *newer;		/* the order of their arrival */
	boot_t until;
	size_t n;
	struct ipaddr addrs[RESOLVE_ADDRS];
	char name[];
};

struct question {
	struct resolver *resolver;
	resolve_fn *fn;			/* one of the three */
	resolve_result_fn *fresh;
	resolve_packet_fn *packet;
	void *ctx;
	char name[];
};

struct resolver {
	struct loop *loop;		/* borrows */
	ares_channel channel;
	struct loop_timer timer;	/* c-ares' own time-outs and repeats */
	struct hmap answers;		/* owns them */
	struct answer *oldest, *newest;
	size_t waiting;
	uint64_t refused;
};

/* ---- answers that are kept ---------------------------------------------------- */

static struct answer *find_answer(const struct resolver *r, const char *name)
{
	uint64_t hash = hmap_hash(&r->answers, name, strlen(name));
	struct hmap_node *node = hmap_first(&r->answers, hash);

	for (; node; node = hmap_next(node)) {
		struct answer *a = container_of(node, struct answer, node);

		if (streq(a->name, name))
			return a;
	}
	return NULL;
}

static void drop_oldest(struct resolver *r)
{
	struct answer *a = r->oldest;

	r->oldest = a->newer;
	if (!r->oldest)
		r->newest = NULL;
	hmap_remove(&r->answers, &a->node);
	free(a);
}

static struct answer *new_answer(struct resolver *r, const char *name)
{
	size_t len = strlen(name);
	struct answer *a;

	while (r->answers.n >= RESOLVE_NAMES)
		drop_oldest(r);
	a = calloc(1, sizeof(*a) + len + 1);
	if (!a)
		return NULL;
	memcpy(a->name, name, len + 1);
	hmap_insert(&r->answers, &a->node, hmap_hash(&r->answers, name, len));
	if (r->newest)
		r->newest->newer = a;
	else
		r->oldest = a;
	r->newest = a;
	return a;
}

static void keep(struct resolver *r, const char *name, const struct ipaddr *addrs, size_t n)
{
	uint64_t seconds = n ? RESOLVE_KEEP_S : RESOLVE_FAILED_S;
	struct answer *a = find_answer(r, name);

	if (!a)
		a = new_answer(r, name);
	if (!a)
		return;
	a->until.ns = loop_boot(r->loop).ns + seconds * NS_PER_S;
	a->n = n;
	memcpy(a->addrs, addrs, n * sizeof(*addrs));
}

/* ---- c-ares in the loop --------------------------------------------------------- */

static void rearm(struct resolver *r)
{
	struct timeval tv;

	if (!r->waiting) {
		loop_timer_cancel(r->loop, &r->timer);
		return;
	}
	if (ares_timeout(r->channel, NULL, &tv))
		loop_timer_in(r->loop, &r->timer, (uint64_t)tv.tv_sec * NS_PER_S +
			      (uint64_t)tv.tv_usec * 1000);
}

static void on_timer(void *ctx)
{
	struct resolver *r = ctx;

	ares_process_fd(r->channel, ARES_SOCKET_BAD, ARES_SOCKET_BAD);
	rearm(r);
}

static void on_socket(void *ctx, int fd, uint32_t events)
{
	struct resolver *r = ctx;

	ares_process_fd(r->channel, events & ~(uint32_t)EPOLLOUT ? fd : ARES_SOCKET_BAD,
			events & EPOLLOUT ? fd : ARES_SOCKET_BAD);
	rearm(r);
}

/* c-ares says what it waits for; neither: it is about to close the socket. */
static void on_socket_state(void *ctx, ares_socket_t fd, int readable, int writable)
{
	struct resolver *r = ctx;
	uint32_t events = (readable ? EPOLLIN : 0u) | (writable ? EPOLLOUT : 0u);

	if (!events)
		loop_del(r->loop, fd);
	else if (loop_change(r->loop, fd, events))
		loop_add(r->loop, fd, events, on_socket, r);
}

/* ---- questions -------------------------------------------------------------------- */

static size_t take_addresses(const struct ares_addrinfo *info,
			     struct ipaddr addrs[static RESOLVE_ADDRS])
{
	const struct ares_addrinfo_node *node = info ? info->nodes : NULL;
	size_t n = 0;

	for (; node && n < RESOLVE_ADDRS; node = node->ai_next) {
		struct ipaddr a = { .family = 4, .prefix = 32 };

		if (node->ai_family == AF_INET) {
			memcpy(a.bytes, &((struct sockaddr_in *)(void *)
					  node->ai_addr)->sin_addr, 4);
		} else if (node->ai_family == AF_INET6) {
			a.family = 6;
			a.prefix = 128;
			memcpy(a.bytes, &((struct sockaddr_in6 *)(void *)
					  node->ai_addr)->sin6_addr, 16);
		} else {
			continue;
		}
		ipaddr_unmap(&a);	/* whoever answers may write it as he likes */
		addrs[n++] = a;
	}
	return n;
}

static unsigned int shortest_ttl(const struct ares_addrinfo *info)
{
	const struct ares_addrinfo_node *node = info ? info->nodes : NULL;
	unsigned int ttl = UINT_MAX;

	for (; node; node = node->ai_next)
		if (node->ai_ttl >= 0 && (unsigned int)node->ai_ttl < ttl)
			ttl = (unsigned int)node->ai_ttl;
	return ttl;
}

/* A server that knows of nothing has answered too. */
static bool is_answer(int status)
{
	return status == ARES_SUCCESS || status == ARES_ENODATA || status == ARES_ENOTFOUND;
}

static void on_fresh(void *ctx, int status, int timeouts, struct ares_addrinfo *info)
{
	struct question *q = ctx;
	struct ipaddr addrs[RESOLVE_ADDRS];
	struct resolve_result result = {
		.addrs = addrs, .ttl_s = shortest_ttl(info), .answered = is_answer(status),
	};

	(void)timeouts;
	result.n = take_addresses(status == ARES_SUCCESS ? info : NULL, addrs);
	if (info)
		ares_freeaddrinfo(info);
	q->resolver->waiting--;
	q->fresh(q->ctx, &result);
	free(q);
}

static void on_packet(void *ctx, int status, int timeouts, unsigned char *packet, int len)
{
	struct question *q = ctx;

	(void)timeouts;
	q->resolver->waiting--;
	q->packet(q->ctx, status == ARES_SUCCESS ? packet : NULL, len, is_answer(status));
	free(q);
}

static void on_answer(void *ctx, int status, int timeouts, struct ares_addrinfo *info)
{
	struct question *q = ctx;
	struct ipaddr addrs[RESOLVE_ADDRS];
	size_t n = take_addresses(status == ARES_SUCCESS ? info : NULL, addrs);

	(void)timeouts;
	if (info)
		ares_freeaddrinfo(info);
	q->resolver->waiting--;
	if (status != ARES_EDESTRUCTION)
		keep(q->resolver, q->name, addrs, n);
	q->fn(q->ctx, addrs, n);
	free(q);
}

static bool is_host_name(const char *name)
{
	size_t len = strlen(name);

	return len && len <= NAME_MAX_LEN &&
	       strspn(name, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
			    "0123456789-_.") == len;
}

/* NULL: *@err says why; else it counts as waiting. */
static struct question *new_question(struct resolver *r, const char *name, void *ctx,
				     int *err)
{
	struct question *q;

	*err = is_host_name(name) ? 0 : -EINVAL;
	if (!*err && r->waiting >= RESOLVE_WAITING) {
		r->refused++;
		*err = -EAGAIN;
	}
	q = *err ? NULL : calloc(1, sizeof(*q) + strlen(name) + 1);
	if (!q) {
		*err = *err ? *err : -ENOMEM;
		return NULL;
	}
	q->resolver = r;
	q->ctx = ctx;
	strcpy(q->name, name);
	r->waiting++;
	return q;
}

int resolver_ask(struct resolver *r, const char *name, resolve_fn *fn, void *ctx)
{
	struct ares_addrinfo_hints hints = { .ai_family = AF_UNSPEC };
	const struct answer *known = find_answer(r, name);
	struct question *q;
	int err;

	if (known && known->until.ns > loop_boot(r->loop).ns) {
		fn(ctx, known->addrs, known->n);
		return 0;
	}
	q = new_question(r, name, ctx, &err);
	if (!q)
		return err;
	q->fn = fn;
	ares_getaddrinfo(r->channel, q->name, NULL, &hints, on_answer, q);
	rearm(r);
	return 0;
}

int resolver_ask_fresh(struct resolver *r, const char *name, resolve_result_fn *fn,
		       void *ctx)
{
	struct ares_addrinfo_hints hints = { .ai_family = AF_UNSPEC };
	struct question *q;
	int err;

	q = new_question(r, name, ctx, &err);
	if (!q)
		return err;
	q->fresh = fn;
	ares_getaddrinfo(r->channel, q->name, NULL, &hints, on_fresh, q);
	rearm(r);
	return 0;
}

/* Newer versions of c-ares have other functions for this, and keep these. */
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wdeprecated-declarations"
int resolver_ask_packet(struct resolver *r, const char *name, enum resolve_type type,
			resolve_packet_fn *fn, void *ctx)
{
	struct question *q;
	int err;

	q = new_question(r, name, ctx, &err);
	if (!q)
		return err;
	q->packet = fn;
	ares_query(r->channel, q->name, 1 /* IN */, (int)type, on_packet, q);
	rearm(r);
	return 0;
}
#pragma GCC diagnostic pop

/* ---- lifetime ---------------------------------------------------------------------- */

int resolver_new(struct resolver **out, struct loop *loop)
{
	struct resolver *r = calloc(1, sizeof(*r));
	struct ares_options o = { .timeout = 2000, .tries = 2 };
	int err;

	if (!r)
		return -ENOMEM;
	r->loop = loop;
	r->timer = (struct loop_timer){ .fn = on_timer, .ctx = r };
	o.sock_state_cb = on_socket_state;
	o.sock_state_cb_data = r;
	err = hmap_init(&r->answers);
	if (!err && ares_library_init(ARES_LIB_INIT_ALL))
		err = -EIO;
	if (!err && ares_init_options(&r->channel, &o, ARES_OPT_SOCK_STATE_CB |
				      ARES_OPT_TIMEOUTMS | ARES_OPT_TRIES)) {
		ares_library_cleanup();
		err = -EIO;
	}
	if (err) {
		hmap_fini(&r->answers);
		free(r);
		return err;
	}
	*out = r;
	return 0;
}

void resolver_free(struct resolver *r)
{
	if (!r)
		return;
	ares_destroy(r->channel);	/* ends every question, without an answer */
	ares_library_cleanup();
	loop_timer_cancel(r->loop, &r->timer);
	while (r->oldest)
		drop_oldest(r);
	hmap_fini(&r->answers);
	free(r);
}

uint64_t resolver_refused(const struct resolver *r)
{
	return r->refused;
}
