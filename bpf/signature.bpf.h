/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * signature - looks into a message: for credentials, and for the signatures that
 * user space has set.  Asked only for what the buckets let through, or have not
 * decided, so that a flood does not have it done for each of its messages.
 *
 * What is searched has been copied behind struct sip_event, where it is shown to
 * user space from.
 */
#pragma once
#include "sip.bpf.h"

static __always_inline struct sip_scratch *scratch(void)
{
	__u32 zero = 0;

	return bpf_map_lookup_elem(&sip_scratch, &zero);
}

/*
 * Copy the message that begins at @from; its length, as far as it is in the
 * frame's first buffer.  By hand, since bpf_xdp_load_bytes() is of kernel 5.18.
 */
__noinline int sip_copy(struct xdp_md *ctx, __u32 from)
{
	struct cursor c = { (void *)(long)ctx->data, (void *)(long)ctx->data_end };
	struct sip_scratch *s = scratch();
	__u32 n = 0;

	if (!s || !cur_take(&c, from & AT_MASK))
		return 0;
	for (; n < SIP_TEXT_MAX; n += sizeof(__u64)) {
		__u64 *word = cur_take(&c, sizeof(*word));

		if (!word)
			break;
		__builtin_memcpy(s->ev.text + n, word, sizeof(*word));
	}
	for (int i = 0; i < (int)sizeof(__u64) && n < SIP_TEXT_MAX; i++, n++) {
		__u8 *b = cur_take(&c, 1);

		if (!b)
			break;
		s->ev.text[n] = *b;
	}
	return n;
}

/* The first place from @from on where @word is, letters in any case; or -1. */
__noinline int sip_find(__u32 from, __u32 len, __u64 word)
{
	struct sip_scratch *s = scratch();

	if (!s || from >= len)
		return -1;
	from &= SIP_TEXT_MAX - 1;
	len -= from;
	for (__u32 i = 0; i < SIP_TEXT_MAX && i < len; i++) {
		__u64 here;

		__builtin_memcpy(&here, s->ev.text + from + i, sizeof(here));
		if ((here | LOWER) == word)
			return from + i;
	}
	return -1;
}

#define LINE_MAX	128	/* so much of a line is searched */

/* How long the line at @from is; @len is where the message ends. */
__noinline int sip_line(__u32 from, __u32 len)
{
	struct sip_scratch *s = scratch();

	if (!s)
		return 0;
	from &= SIP_TEXT_MAX - 1;
	for (__u32 i = 0; i < LINE_MAX; i++)
		if (from + i >= len || s->ev.text[from + i] == '\n')
			return i;
	return LINE_MAX;
}

static __always_inline bool fits(const struct sip_signature *g, const __u8 *at)
{
	__u64 differs = 0, here;

	for (int w = 0; w < SIP_SIGNATURE_WORDS; w++) {
		__builtin_memcpy(&here, at + w * sizeof(here), sizeof(here));
		differs |= ((here | g->fold[w]) & g->mask[w]) ^ g->text[w];
		if (differs)
			return false;
	}
	return true;
}

/* Does signature number @which occur in the @len bytes at @from? */
__noinline int sip_has(__u32 which, __u32 from, __u32 len)
{
	struct sip_signature *g = bpf_map_lookup_elem(&sip_signatures, &which);
	struct sip_scratch *s = scratch();

	if (!g || !s)
		return 0;
	from &= SIP_TEXT_MAX - 1;
	for (__u32 i = 0; i < LINE_MAX; i++) {
		if (i + g->len > len)
			return 0;
		if (fits(g, s->ev.text + from + i))
			return 1;
	}
	return 0;
}

/* 1 + the number of the first signature that the message has, or 0. */
__noinline int sip_signature_of(__u32 len)
{
	__u32 first, agent = 0, n_agent = 0;
	int at;

	if (len > SIP_SEARCHED)
		len = SIP_SEARCHED;
	first = sip_line(0, len);
	at = sip_find(first, len, EIGHT("\nuser-ag") | LOWER);
	if (at >= 0) {
		agent = at + sizeof("\nUser-Agent") - 1;
		n_agent = sip_line(agent, len);
	}
	for (__u32 i = 0; i < SIP_SIGNATURES && i < sip_settings.n_signatures; i++) {
		__u32 key = i;	/* whose address is taken: not the one that counts */
		struct sip_signature *g = bpf_map_lookup_elem(&sip_signatures, &key);
		bool in_agent;

		if (!g)
			break;
		in_agent = g->where == SIP_USER_AGENT;
		if (sip_has(i, in_agent ? agent : 0, in_agent ? n_agent : first)) {
			g->found++;
			return i + 1;
		}
	}
	return 0;
}

/* Authorization or Proxy-Authorization: an answer to a challenge, if not a right one. */
static __always_inline bool sip_has_credentials(__u32 len)
{
	return sip_find(0, len, EIGHT("authoriz")) >= 0;
}
