/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A child process that becomes what the daemon is when it reads logs. */
#pragma once
#include <stdbool.h>
#include <sys/capability.h>
#include <sys/prctl.h>
#include <unistd.h>

/* Give up everything but, where @needs_bpf (enforcer_needs_bpf()), that. */
static inline bool become_nobody(bool needs_bpf)
{
	cap_t caps = cap_from_text(needs_bpf ? "cap_bpf=ep" : "=");

	return !prctl(PR_SET_KEEPCAPS, 1) && !setresgid(65534, 65534, 65534) &&
	       !setresuid(65534, 65534, 65534) && caps && !cap_set_proc(caps) &&
	       !cap_free(caps);
}
