/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * asterisk - what the readers of Asterisk's files share: access lists, which may
 * stand in a section or be named in acl.conf.
 */
#pragma once
#include "acl.h"
#include "ast_conf.h"

/* acl.conf of @dir; what is missing is empty. */
void ast_acls_read(struct ast_conf *acls, struct trust_reading *r, const char *dir);

/*
 * Add whom the access lists of @s name: its own permit and deny, and those of
 * @acls that its option acl names.  @acls may be NULL.
 */
void ast_acl_name(struct trust_reading *r, const struct ast_conf *acls,
		  const struct ast_section *s, const char *role);
/* Where an option, or a section, stands. */
struct trust_place ast_place(const struct ast_section *s, const struct ast_option *o,
			     const char *role);
