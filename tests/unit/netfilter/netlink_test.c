// SPDX-License-Identifier: GPL-2.0-or-later
/* Messages as they are built, and as they are read: also those that lie. */
#include "../t.h"
#include "netfilter/netlink.h"

#define HEADERS	(NLMSG_HDRLEN + NLMSG_ALIGN(sizeof(struct nfgenmsg)))

static struct nlval attributes(const struct nlbuf *b)
{
	return (struct nlval){ b->data + HEADERS, b->len - HEADERS };
}

static void check_built(void)
{
	struct nl nl = { .fd = -1 };
	struct nlbuf b = { 0 };
	struct nlval v;
	char text[4];
	size_t nest;

	nlbuf_msg(&nl, &b, 0x0601, NLM_F_ACK, 2);
	nlbuf_u8(&b, 1, 7);
	nlbuf_str(&b, 2, "xdpban");
	nest = nlbuf_nest(&b, 3);
	nlbuf_u32(&b, 1, 0x01020304);
	nlbuf_u64(&b, 2, 0x0102030405060708ull);
	nlbuf_nest_end(&b, nest);
	t_is("the length is in the header", ((struct nlmsghdr *)b.data)->nlmsg_len, b.len);
	t_is("all is aligned", b.len % 4, 0);
	t_is("a byte", nlval_u8(nl_get(attributes(&b), 1)), 7);
	t_ok("a text", nlval_is(nl_get(attributes(&b), 2), "xdpban"));
	t_ok("no other", !nlval_is(nl_get(attributes(&b), 2), "xdpba"));
	nlval_copy(nl_get(attributes(&b), 2), text, sizeof(text));
	t_str("cut", text, "xdp");
	v = nl_get(attributes(&b), 3);
	t_is("in network order", nlval_u32(nl_get(v, 1)), 0x01020304);
	t_ok("on the wire, too", !memcmp(nl_get(v, 1).data, "\1\2\3\4", 4));
	t_ok("eight bytes", nlval_u64(nl_get(v, 2)) == 0x0102030405060708ull);
	t_ok("what is not there is not there", !nl_get(attributes(&b), 9).data);
	t_is("and is 0", nlval_u32(nl_get(attributes(&b), 9)), 0);
	nlbuf_fini(&b);
}

static const struct {
	const char *what, *bytes;
	size_t len;
	size_t attributes;	/* that are found in it */
} read_[] = {
	{ "nothing", "", 0, 0 },
	{ "half a header", "\x04\x00", 2, 0 },
	{ "empty", "\x04\x00\x01\x00", 4, 1 },
	{ "longer than what there is", "\x09\x00\x01\x00" "abcd", 8, 0 },
	{ "shorter than its header", "\x03\x00\x01\x00" "abcd", 8, 0 },
	{ "of length 0: no endless loop", "\x00\x00\x01\x00" "\x04\x00\x01\x00", 8, 0 },
	{ "two, the first padded", "\x05\x00\x01\x00" "a\0\0\0" "\x04\x00\x02\x00", 12, 2 },
	{ "the last without its padding", "\x05\x00\x01\x00" "a", 5, 1 },
};

static void check_read(void)
{
	for (size_t i = 0; i < ARRAY_SIZE(read_); i++) {
		char bytes[16] __attribute__((aligned(4))) = { 0 };
		struct nlval all = { bytes, read_[i].len }, v;
		uint16_t type;
		size_t n = 0;

		memcpy(bytes, read_[i].bytes, read_[i].len);
		while (nl_next(&all, &v, &type))
			n++;
		t_is(read_[i].what, n, read_[i].attributes);
	}
	t_is("a number that is too short is 0",
	     nlval_u32((struct nlval){ "\1\2", 2 }), 0);
}

int main(void)
{
	check_built();
	check_read();
	return t_done();
}
