/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * events_private - what events.c, events_check.c and events_report.c share.
 */
#pragma once
#include <sys/types.h>

#include "event/ami.h"
#include "event/mailbox.h"
#include "pbx/events.h"

#define EVENTS_SOCKET	"events.sock"

struct events {
	struct events_params p;
	struct ami *ami;		/* owns; NULL: no jail wants it */
	struct mailbox *local, *udp;	/* owns; NULL: not wanted, or see the error */
	int local_error, udp_error;
	char *path, *group, *udp_spec;	/* owns; what the sockets were opened with */
	struct freshness fresh;
	uint64_t strays;		/* notices for jails that do not run */
	uint64_t unbelieved;		/* successes told by UDP */
	uint64_t dropped;		/* for lack of memory */
	boot_t quiet_until;		/* no complaints before */
};

/* "ADDRESS:PORT", an IPv6 address in brackets: 0 or -EINVAL. */
int events_udp_parse(const char *text, struct ipaddr *at, uint16_t *port);
/* All as addresses or networks; *@out is the caller's.  0, -EINVAL, -ENOMEM. */
int events_peers(const struct texts *words, struct ipaddr **out, size_t *n);
int events_group(const char *name, gid_t *gid);		/* 0 or -ENOENT */
