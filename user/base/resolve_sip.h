/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * resolve_sip - all addresses behind a SIP domain: those of its servers (RFC 3263:
 * NAPTR, then SRV), over every transport, and its own.
 * For whom it is enough to know where the domain may be; who wants to call it
 * needs order and ports, and would not ask for everything at once.
 */
#pragma once
#include "base/resolve.h"

#define RESOLVE_SIP_ADDRS	64u	/* of one domain; more are left out */
#define RESOLVE_SIP_TARGETS	16u	/* servers looked up */
#define RESOLVE_SIP_SERVICES	8u	/* SRV names looked up */

/*
 * @srv false: only the addresses of the host.  @fn is called once, perhaps before
 * this returns; its answer counts as answered only when every part of it was.
 * 0 or -ENOMEM; what the resolver refuses is an answer that did not come.
 */
int resolve_sip(struct resolver *r, const char *host, bool srv, resolve_result_fn *fn,
		void *ctx);
