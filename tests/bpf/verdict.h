/* SPDX-License-Identifier: GPL-2.0-or-later */
/* verdict - what the program says to the shortest frame that has a source. */
#pragma once
#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <string.h>

#include "base/ipaddr.h"

/* XDP_DROP, XDP_PASS ..., or -1. */
static inline int verdict_on(int prog_fd, const struct ipaddr *who)
{
	uint8_t frame[64] = { [12] = 8, [14] = 0x45 };
	LIBBPF_OPTS(bpf_test_run_opts, opts, .data_in = frame, .data_size_in = sizeof(frame));

	if (who->family == 6) {
		memcpy(frame + 12, "\x86\xdd\x60", 3);
		memcpy(frame + 22, who->bytes, 16);
	} else {
		memcpy(frame + 26, who->bytes, 4);
	}
	return bpf_prog_test_run_opts(prog_fd, &opts) ? -1 : (int)opts.retval;
}
