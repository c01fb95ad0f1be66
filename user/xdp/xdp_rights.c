// SPDX-License-Identifier: GPL-2.0-or-later
/* xdp_rights - what the kernel has, and what it asks for. */
#include "xdp.h"

#include <bpf/bpf.h>
#include <errno.h>
#include <linux/bpf.h>
#include <linux/capability.h>
#include <sys/capability.h>
#include <unistd.h>

/* Frames in several buffers (jumbo frames) need kernel 5.18: ask, by loading. */
bool xdp_kernel_has_frags(void)
{
	const struct bpf_insn pass[] = {
		{ .code = BPF_ALU64 | BPF_MOV | BPF_K, .dst_reg = 0, .imm = XDP_PASS },
		{ .code = BPF_JMP | BPF_EXIT },
	};
	LIBBPF_OPTS(bpf_prog_load_opts, opts, .prog_flags = BPF_F_XDP_HAS_FRAGS);
	int fd = bpf_prog_load(BPF_PROG_TYPE_XDP, "xdpban_probe", "GPL", pass, 2, &opts);

	if (fd >= 0)
		close(fd);
	return fd >= 0;
}

/*
 * An attachment that outlives whoever made it is a link, for XDP since kernel 5.9.
 * To try it would take an interface; but the call to detach one came with it.
 */
bool xdp_kernel_has_links(void)
{
	return bpf_link_detach(-1) != -EINVAL;
}

/*
 * Before kernel 5.19 every call needs CAP_BPF where kernel.unprivileged_bpf_disabled
 * is set, as it mostly is; afterwards what is open may be used.  Ask, without it.
 */
bool xdp_needs_bpf(const struct enforcer *e)
{
	static const cap_value_t rights[] = { CAP_BPF, CAP_SYS_ADMIN };
	const struct xdp *x = (const struct xdp *)e;
	cap_t have = cap_get_proc(), less = cap_dup(have);
	struct settings s;
	__u32 zero = 0;
	bool needs = false;

	if (less && !cap_set_flag(less, CAP_EFFECTIVE, ARRAY_SIZE(rights), rights, CAP_CLEAR) &&
	    !cap_set_proc(less)) {
		needs = bpf_map_lookup_elem(x->maps.fd[MAP_SETTINGS], &zero, &s) == -EPERM;
		cap_set_proc(have);
	}
	cap_free(less);
	cap_free(have);
	return needs;
}
