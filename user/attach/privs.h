/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * privs - take what the daemon needs, give up what it does not.
 * It reads text that attackers write; what a hole in a parser could do then is
 * what this file left over.
 */
#pragma once

/* A higher priority, and more open files; no more than we may have. */
void privs_raise(void);
/*
 * Keep CAP_DAC_READ_SEARCH, because a rotated log may belong to asterisk or
 * syslog and be closed to others, and those of @more.  Everything else goes, also
 * from the bounding set, and no program started later can gain any (no_new_privs).
 * 0 or -errno, after logging; nothing to do and 0 when not root.  -EBUSY where there
 * are other threads: they would keep theirs.
 */
enum privs_more {
	PRIVS_NET_ADMIN = 1,	/* for backends that speak netlink */
	PRIVS_NET_RAW = 2,	/* for iptables, which opens a raw socket to find a set */
	PRIVS_BPF = 4,		/* for maps that are open, before kernel 5.19 */
};
int privs_drop(unsigned int more);
/*
 * For the process that only attaches to interfaces: what the kernel asks for that,
 * CAP_NET_ADMIN, CAP_BPF and CAP_PERFMON, and CAP_SYS_ADMIN to see which programs
 * are on them already; as far as we have them.  0 or -errno, as privs_drop().
 */
int privs_drop_to_attach(void);
