// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What the nftables backend says to a kernel and takes from it.  The kernel is the
 * other end of a pair of sockets, where answers lie ready: right ones, odd ones,
 * and such as no kernel gives.
 */
#include <arpa/inet.h>
#include <linux/netfilter/nf_tables.h>
#include <sys/socket.h>
#include <unistd.h>

#include "../t.h"
#include "base/log.h"
#include "netfilter/nft.h"

#define RECEIVED	(256u << 10)
#define SUBSYS		(NFNL_SUBSYS_NFTABLES << 8)
#define HEADERS		(NLMSG_HDRLEN + NLMSG_ALIGN(sizeof(struct nfgenmsg)))
#define COMMENT(text)	"\x07" text	/* as nft(8) keeps it; its length comes between */

struct stage {
	struct nft n;
	struct nl other;	/* who answers */
	struct nlbuf out;	/* the answers */
};

static void stage_init(struct stage *s)
{
	/* A kernel always answers; where these tests do not, nobody waits for long. */
	struct timeval patience = { .tv_usec = 20000 };
	int fds[2];

	*s = (struct stage){ 0 };
	t_is("a pair of sockets", socketpair(AF_UNIX, SOCK_DGRAM, 0, fds), 0);
	setsockopt(fds[0], SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
	s->n.nl = (struct nl){ .fd = fds[0], .buf = malloc(RECEIVED) };
	s->other = (struct nl){ .fd = fds[1], .buf = malloc(RECEIVED) };
}

static void stage_fini(struct stage *s)
{
	nl_close(&s->n.nl);
	nl_close(&s->other);
	nlbuf_fini(&s->n.out);
	nlbuf_fini(&s->out);
	free(s->n.sets);
}

/* ---- answers -------------------------------------------------------------------- */

static void say(struct stage *s)
{
	t_is("the answer lies ready", send(s->other.fd, s->out.data, s->out.len, 0),
	     (int64_t)s->out.len);
	nlbuf_reset(&s->out);
}

static struct nlmsghdr *last(struct stage *s)
{
	return (struct nlmsghdr *)(s->out.data + s->out.msg);
}

static void say_done(struct stage *s, uint16_t flags)
{
	nlbuf_msg(&s->other, &s->out, NLMSG_DONE, flags, 0);
	say(s);
}

static void say_error(struct stage *s, int err)
{
	struct nlmsgerr *e;

	nlbuf_msg(&s->other, &s->out, NLMSG_ERROR, 0, 0);
	nlbuf_put(&s->out, 0, "0123456789abcdef", 16);
	e = NLMSG_DATA(last(s));
	e->error = err;
	say(s);
}

/* @comment NULL: none; else a type, and the text without its length. */
static void put_set(struct stage *s, const char *table, const char *name,
		    const char *comment)
{
	nlbuf_msg(&s->other, &s->out, SUBSYS | NFT_MSG_NEWSET, NLM_F_MULTI, 1);
	if (table)
		nlbuf_str(&s->out, NFTA_SET_TABLE, table);
	if (name)
		nlbuf_str(&s->out, NFTA_SET_NAME, name);
	if (comment) {
		char udata[128] = { comment[0], (char)strlen(comment) };

		memcpy(udata + 2, comment + 1, strlen(comment));
		nlbuf_put(&s->out, NFTA_SET_USERDATA, udata, 1 + strlen(comment) + 1);
	}
}

/* ---- which sets there are ----------------------------------------------------------- */

#define LONG32	"s3.ban4.32s3.ban4.32s3.ban4.32s3."

static const struct {
	const char *table, *name, *comment;
	bool ours;
} sets[] = {
	{ "xdpban", "ban4.32", NULL, true },
	{ "xdpban", "ban4.0", NULL, true },
	{ "xdpban", "ban6.128", NULL, true },
	{ "xdpban", "allow4.24", NULL, true },
	{ "xdpban", "s3.ban4.32", COMMENT("udp/5060"), true },
	{ "xdpban", "s511.ban6.48", COMMENT("tcp/22"), true },
	{ "xdpban", "s3.ban4.32", NULL, false },
	{ "xdpban", "s3.ban4.32", "", false },
	{ "xdpban", "s3.ban4.32", COMMENT(""), false },
	{ "xdpban", "s3.ban4.32", COMMENT("what is this"), false },
	{ "xdpban", "s3.ban4.32", "\x06udp/5060", false },
	{ "xdpban", "s0.ban4.32", COMMENT("udp/5060"), false },
	{ "xdpban", "s512.ban4.32", COMMENT("udp/5060"), false },
	{ "xdpban", "s-1.ban4.32", COMMENT("udp/5060"), false },
	{ "xdpban", "ban4.33", NULL, false },
	{ "xdpban", "ban6.129", NULL, false },
	{ "xdpban", "ban5.1", NULL, false },
	{ "xdpban", "ban4.032", NULL, false },
	{ "xdpban", "ban4.+3", NULL, false },
	{ "xdpban", "ban4.32 ", NULL, false },
	{ "xdpban", "ban4", NULL, false },
	{ "xdpban", "allow4.33", NULL, false },
	{ "xdpban", "s3.allow4.32", COMMENT("udp/5060"), false },
	{ "xdpban", LONG32 LONG32 LONG32, NULL, false },
	{ "xdpban", "", NULL, false },
	{ "xdpban", NULL, NULL, false },
	{ "xdpbanned", "ban4.32", NULL, false },
	{ "", "ban4.32", NULL, false },
	{ NULL, "ban4.32", NULL, false },
};

static void check_sets(void)
{
	for (size_t i = 0; i < ARRAY_SIZE(sets); i++) {
		char label[160], name[NFT_NAME] = "";
		struct stage s;

		stage_init(&s);
		snprintf(label, sizeof(label), "set '%s' of table '%s'", sets[i].name ?: "-",
			 sets[i].table ?: "-");
		put_set(&s, sets[i].table, sets[i].name, sets[i].comment);
		put_set(&s, sets[i].table, sets[i].name, sets[i].comment);
		say(&s);
		say_done(&s, 0);
		t_is(label, nft_load(&s.n), 0);
		t_is(label, (int64_t)s.n.n_sets, sets[i].ours);
		if (s.n.n_sets)
			t_str("by its name", nft_set_name(&s.n.sets[0], name), sets[i].name);
		stage_fini(&s);
	}
}

/* A comment that claims to be longer than it is must not be read beyond its end. */
static void check_comment_lies(void)
{
	static const char lies[][4] = { "\x07\xff" "u", "\x07\x02" "u", "\x07\x80" "u", "\x07" };

	for (size_t i = 0; i < ARRAY_SIZE(lies); i++) {
		struct stage s;

		stage_init(&s);
		put_set(&s, NFT_TABLE, "s3.ban4.32", NULL);
		nlbuf_put(&s.out, NFTA_SET_USERDATA, lies[i], i == 3 ? 1 : 3);
		say(&s);
		say_done(&s, 0);
		t_is("a comment that lies about its length", nft_load(&s.n), 0);
		t_is("does not say what a set is for", (int64_t)s.n.n_sets, 0);
		stage_fini(&s);
	}
}

static void check_load_errors(void)
{
	struct stage s;

	stage_init(&s);
	say_error(&s, -ENOENT);
	t_is("no table is no error", nft_load(&s.n), 0);
	say_error(&s, -EPERM);
	t_is("not being allowed is one", nft_load(&s.n), -EPERM);
	nlbuf_msg(&s.other, &s.out, NLMSG_ERROR, 0, 0);
	last(&s)->nlmsg_len = NLMSG_HDRLEN;
	say(&s);
	t_is("an error that does not say which", nft_load(&s.n), -EPROTO);
	put_set(&s, NFT_TABLE, "ban4.31", NULL);
	say(&s);
	say_done(&s, NLM_F_DUMP_INTR);
	put_set(&s, NFT_TABLE, "ban4.32", NULL);
	say(&s);
	say_done(&s, 0);
	t_is("a torn list is asked for again", nft_load(&s.n), 0);
	t_ok("and forgotten", s.n.n_sets == 1 && s.n.sets[0].prefix == 32);
	for (int i = 0; i < 8; i++)
		say_done(&s, NLM_F_DUMP_INTR);
	t_is("but not for ever", nft_load(&s.n), -EINTR);
	stage_fini(&s);
}

/* Every byte of a list in turn becomes another one: whatever it says, no more sets. */
static void check_flipped(void)
{
	bool ok = true;
	struct stage s;
	size_t len = 1;

	stage_init(&s);
	for (size_t at = 0; at < len; at++) {
		put_set(&s, NFT_TABLE, "ban4.32", NULL);
		put_set(&s, NFT_TABLE, "s3.ban4.32", COMMENT("udp/5060"));
		len = s.out.len;
		s.out.data[at] ^= (char)(1u << at % 8 | 0x80);
		if (send(s.other.fd, s.out.data, len - at % 3, 0) < 0)
			ok = false;
		nlbuf_reset(&s.out);
		say_done(&s, 0);
		nft_load(&s.n);
		ok = ok && s.n.n_sets <= 2;
		while (recv(s.n.nl.fd, s.n.nl.buf, RECEIVED, MSG_DONTWAIT) >= 0)
			;
	}
	t_ok("a list with one wrong byte", ok);
	stage_fini(&s);
}

/* ---- elements ---------------------------------------------------------------------------- */

#define NOW	1000000000ull
#define MS	1000000ull

static const struct {
	const char *what, *key;
	size_t key_len;
	uint8_t family;
	uint64_t left_ms;	/* 0: does not say */
	const char *expr;
	bool taken;
	uint64_t until, frames;
} elems[] = {
	{ "an address", "\300\0\2\1", 4, 4, 5000, "counter", true, NOW + 5000 * MS, 7 },
	{ "for ever", "\300\0\2\1", 4, 4, 0, "counter", true, UINT64_MAX, 7 },
	{ "IPv6", "\x20\1\xd\xb8\0\0\0\0\0\0\0\0\0\0\0\1", 16, 6, 1, NULL, true, NOW + MS, 0 },
	{ "so long that it does not fit", "\300\0\2\1", 4, 4, UINT64_MAX / MS, NULL, true,
	  UINT64_MAX, 0 },
	{ "longer than any number", "\300\0\2\1", 4, 4, UINT64_MAX, NULL, true, UINT64_MAX, 0 },
	{ "with a quota", "\300\0\2\1", 4, 4, 0, "quota", true, UINT64_MAX, 0 },
	{ "cut short", "\300\0\2", 3, 4, 0, NULL, false, 0, 0 },
	{ "IPv6 in a set of IPv4", "\x20\1\xd\xb8\0\0\0\0\0\0\0\0\0\0\0\1", 16, 4, 0, NULL, false,
	  0, 0 },
	{ "IPv4 in a set of IPv6", "\300\0\2\1", 4, 6, 0, NULL, false, 0, 0 },
	{ "without a key", NULL, 0, 4, 0, "counter", false, 0, 0 },
	{ "with an empty one", "", 0, 4, 0, "counter", false, 0, 0 },
};

static void put_elem(struct nlbuf *b, size_t i)
{
	size_t elem = nlbuf_nest(b, NFTA_LIST_ELEM), nest, data;

	if (elems[i].key) {
		nest = nlbuf_nest(b, NFTA_SET_ELEM_KEY);
		nlbuf_put(b, NFTA_DATA_VALUE, elems[i].key, elems[i].key_len);
		nlbuf_nest_end(b, nest);
	}
	if (elems[i].left_ms)
		nlbuf_u64(b, NFTA_SET_ELEM_EXPIRATION, elems[i].left_ms);
	if (elems[i].expr) {
		nest = nlbuf_nest(b, NFTA_SET_ELEM_EXPR);
		nlbuf_str(b, NFTA_EXPR_NAME, elems[i].expr);
		data = nlbuf_nest(b, NFTA_EXPR_DATA);
		nlbuf_u64(b, NFTA_COUNTER_BYTES, 700);
		nlbuf_u64(b, NFTA_COUNTER_PACKETS, 7);
		nlbuf_nest_end(b, data);
		nlbuf_nest_end(b, nest);
	}
	nlbuf_nest_end(b, elem);
}

struct taken {
	struct nft_elem elem;
	int n;
};

static int take_elem(void *ctx, const struct nft_set *s, const struct nft_elem *e)
{
	struct taken *t = ctx;

	(void)s;
	t->elem = *e;
	t->n++;
	return 0;
}

static void check_elems(void)
{
	struct nl nl = { .fd = -1 };

	for (size_t i = 0; i < ARRAY_SIZE(elems); i++) {
		struct nft_set set = { .family = elems[i].family,
				       .prefix = elems[i].family == 4 ? 32 : 128 };
		struct taken t = { 0 };
		struct nlbuf b = { 0 };
		size_t list;

		nlbuf_msg(&nl, &b, SUBSYS | NFT_MSG_NEWSETELEM, 0, 1);
		list = nlbuf_nest(&b, NFTA_SET_ELEM_LIST_ELEMENTS);
		put_elem(&b, i);
		nlbuf_nest_end(&b, list);
		nft_elems_decode((struct nlval){ b.data + HEADERS, b.len - HEADERS }, &set,
				 (boot_t){ NOW }, take_elem, &t);
		t_is(elems[i].what, t.n, elems[i].taken);
		t_ok("its address", !t.n || !memcmp(t.elem.who.bytes, elems[i].key,
						    elems[i].key_len));
		t_ok("its end", !t.n || t.elem.until.ns == elems[i].until);
		t_is("its packets", (int64_t)t.elem.hits.frames, (int64_t)elems[i].frames);
		nlbuf_fini(&b);
	}
}

/* ---- what is written --------------------------------------------------------------------- */

/* All commands sent so far, in words: "make ban4.32; ask ..." */
static const char *heard(struct stage *s, char *text, size_t size)
{
	static const struct { int type; uint16_t attr; const char *word; } words[] = {
		{ NFT_MSG_NEWSET, NFTA_SET_NAME, "make" },
		{ NFT_MSG_DELSET, NFTA_SET_NAME, "drop" },
		{ NFT_MSG_GETSETELEM, NFTA_SET_ELEM_LIST_SET, "ask" },
		{ NFT_MSG_NEWSETELEM, NFTA_SET_ELEM_LIST_SET, "put" },
		{ NFT_MSG_DELSETELEM, NFTA_SET_ELEM_LIST_SET, "del" },
	};
	ssize_t got;

	*text = 0;
	while ((got = recv(s->other.fd, s->other.buf, RECEIVED, MSG_DONTWAIT)) > 0) {
		const struct nlmsghdr *hdr = (const struct nlmsghdr *)s->other.buf;

		for (; NLMSG_OK(hdr, got); hdr = NLMSG_NEXT(hdr, got)) {
			struct nlval attrs = { (const char *)hdr + HEADERS,
					       hdr->nlmsg_len - HEADERS };
			char name[64];

			for (size_t w = 0; w < ARRAY_SIZE(words); w++) {
				if (hdr->nlmsg_type != (SUBSYS | words[w].type))
					continue;
				nlval_copy(nl_get(attrs, words[w].attr), name, sizeof(name));
				snprintf(text + strlen(text), size - strlen(text), "%s %s; ",
					 words[w].word, name);
			}
		}
	}
	return text;
}

static struct enforce_ban ban_of(const char *who, uint16_t scope)
{
	struct enforce_ban b = { .n = 1, .ends = { { scope, BOOT_NEVER } } };

	ipaddr_parse_net(who, strlen(who), &b.who);
	return b;
}

static const struct {
	const char *who;
	uint16_t scope;
	int ret;
	const char *first, *again;	/* what is sent, and when the set is there */
} writes[] = {
	{ "192.0.2.1", 0, 0, "make ban4.32; ask ban4.32; put ban4.32; ",
	  "ask ban4.32; put ban4.32; " },
	{ "2001:db8::/48", 0, 0, "make ban6.48; ask ban6.48; put ban6.48; ",
	  "ask ban6.48; put ban6.48; " },
	{ "192.0.2.1", 3, 0, "make s3.ban4.32; ask s3.ban4.32; put s3.ban4.32; ",
	  "ask s3.ban4.32; put s3.ban4.32; " },
	{ "192.0.2.1", 4, -EINVAL, "", "" },		/* a scope without a meaning */
	{ "192.0.2.1", 600, -EINVAL, "", "" },
};

static void check_writes(void)
{
	for (size_t i = 0; i < ARRAY_SIZE(writes); i++) {
		struct enforce_ban b = ban_of(writes[i].who, writes[i].scope);
		char text[400];
		struct stage s;

		stage_init(&s);
		scopes_set(&s.n.scopes, 3, "udp/5060");
		t_is(writes[i].who, nft_add(&s.n.e, &b, 1), writes[i].ret);
		t_str("is told", heard(&s, text, sizeof(text)), writes[i].first);
		t_is("again", nft_add(&s.n.e, &b, 1), writes[i].ret);
		t_str("is told so", heard(&s, text, sizeof(text)), writes[i].again);
		stage_fini(&s);
	}
}

/* The kernel has 192.0.2.1 already, without an end, it says as answer @seq. */
static void answer_with_elem(struct stage *s, uint32_t seq, uint64_t left_ms)
{
	size_t list, elem, key;

	nlbuf_msg(&s->other, &s->out, SUBSYS | NFT_MSG_NEWSETELEM, 0, 1);
	last(s)->nlmsg_seq = seq;
	list = nlbuf_nest(&s->out, NFTA_SET_ELEM_LIST_ELEMENTS);
	elem = nlbuf_nest(&s->out, NFTA_LIST_ELEM);
	key = nlbuf_nest(&s->out, NFTA_SET_ELEM_KEY);
	nlbuf_put(&s->out, NFTA_DATA_VALUE, "\300\0\2\1", 4);
	nlbuf_nest_end(&s->out, key);
	if (left_ms)
		nlbuf_u64(&s->out, NFTA_SET_ELEM_EXPIRATION, left_ms);
	nlbuf_nest_end(&s->out, elem);
	nlbuf_nest_end(&s->out, list);
	say(s);
}

static const struct {
	const char *what;
	uint32_t seq;		/* more than the question's */
	uint64_t left_ms;
	const char *then;
} answers[] = {
	{ "it is there", 0, 0, "ask ban4.32; " },
	{ "with another end", 0, 5000, "ask ban4.32; del ban4.32; put ban4.32; " },
	{ "an answer to no question", 1, 0, "ask ban4.32; put ban4.32; " },
	{ "to one of long ago", UINT32_MAX, 0, "ask ban4.32; put ban4.32; " },
	{ "to one far ahead", 1u << 30, 0, "ask ban4.32; put ban4.32; " },
};

static void check_answers(void)
{
	struct enforce_ban b = ban_of("192.0.2.1", 0);

	for (size_t i = 0; i < ARRAY_SIZE(answers); i++) {
		char text[400];
		struct stage s;

		stage_init(&s);
		nft_add(&s.n.e, &b, 1);
		heard(&s, text, sizeof(text));
		answer_with_elem(&s, s.n.nl.seq + 1 + answers[i].seq, answers[i].left_ms);
		t_is(answers[i].what, nft_add(&s.n.e, &b, 1), 0);
		t_str("so it says", heard(&s, text, sizeof(text)), answers[i].then);
		stage_fini(&s);
	}
}

static void check_refused(void)
{
	struct enforce_ban b = ban_of("192.0.2.1", 0);
	char text[400];
	struct stage s;

	stage_init(&s);
	say_error(&s, -EPERM);
	t_is("a set that is refused", nft_add(&s.n.e, &b, 1), -EPERM);
	t_is("is not there", (int64_t)s.n.n_sets, 0);
	t_str("nothing is put into it", heard(&s, text, sizeof(text)), "make ban4.32; ");
	stage_fini(&s);
}

int main(void)
{
	log_plain(LOG_LEVEL_ERROR);
	check_sets();
	check_comment_lies();
	check_load_errors();
	check_flipped();
	check_elems();
	check_writes();
	check_answers();
	check_refused();
	return t_done();
}
