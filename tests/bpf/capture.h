/* SPDX-License-Identifier: GPL-2.0-or-later */
/* capture - reads packets from a .pcap.gz as tcpdump writes it, Ethernet frames only. */
#pragma once
#include <stdbool.h>
#include <stdint.h>
#include <string.h>
#include <zlib.h>

#define CAPTURE_FRAME	65536

struct capture {
	gzFile file;
	bool swapped, nanoseconds;
};

struct capture_frame {
	uint64_t ns;		/* since 1970 */
	uint32_t len;
	uint8_t bytes[CAPTURE_FRAME];
};

static inline uint32_t capture_number(const struct capture *c, uint32_t n)
{
	return c->swapped ? __builtin_bswap32(n) : n;
}

static inline bool capture_open(struct capture *c, const char *path)
{
	uint32_t head[6];

	*c = (struct capture){ .file = gzopen(path, "rb") };
	if (!c->file || gzread(c->file, head, sizeof(head)) != sizeof(head))
		return false;
	c->swapped = head[0] == 0xd4c3b2a1 || head[0] == 0x4d3cb2a1;
	head[0] = capture_number(c, head[0]);
	c->nanoseconds = head[0] == 0xa1b23c4d;
	return (c->nanoseconds || head[0] == 0xa1b2c3d4) && capture_number(c, head[5]) == 1;
}

static inline bool capture_next(struct capture *c, struct capture_frame *f)
{
	uint32_t head[4];

	if (gzread(c->file, head, sizeof(head)) != sizeof(head))
		return false;
	f->len = capture_number(c, head[2]);
	f->ns = capture_number(c, head[0]) * 1000000000ull +
		capture_number(c, head[1]) * (c->nanoseconds ? 1ull : 1000ull);
	return f->len <= sizeof(f->bytes) && gzread(c->file, f->bytes, f->len) == (int)f->len;
}
