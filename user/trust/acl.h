/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * acl - lists of permit and deny, and whom they name.
 * A list names somebody only if it keeps out everybody else.  Not every network
 * that is let in is trust: one with a hole in it is refused, "everybody" names
 * nobody, and private networks are the operator's phones (trust_add_reach()).
 */
#pragma once
#include "reading.h"

#define ACL_MAX_RULES	4096u

/* Whose word counts for an address that several rules match. */
enum acl_order {
	ACL_LAST,		/* Asterisk: the last rule; without any: permitted */
	ACL_LONGEST,		/* FreeSWITCH: the longest; without any: the default */
};

struct acl_rule {
	struct ipaddr net;
	bool permit;
	const char *file;	/* borrows */
	int line;
};

struct acl {
	enum acl_order order;
	bool closed;		/* ACL_LONGEST: denied by default */
	struct acl_rule *rules;	/* owns */
	size_t n, size;
};

void acl_fini(struct acl *a);
/*
 * One option's value: networks, separated by commas, each with "!" in front for
 * the opposite.  What is no network is warned of.
 */
void acl_add(struct acl *a, struct trust_reading *r, const struct trust_place *at,
	     const char *text, bool permit);
/* Add everybody whom it names to @r, as @role and @name of @at. */
void acl_name(const struct acl *a, struct trust_reading *r, const struct trust_place *at);
