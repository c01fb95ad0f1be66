/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * report - the state of the daemon as JSON: bans, and `status`.
 */
#pragma once
#include "daemon/parts.h"

/* What is enforced, what is read, what is wrong; a new object.  @jail NULL: of all. */
json_t *report_status(struct daemon *d, const char *jail);
/* What limits refused; a new object, holes go to @problems. */
json_t *report_caps(const struct daemon *d, json_t *problems);
/* One ban with what it dropped; a new object. */
json_t *report_ban(struct daemon *d, const struct ban *ban);
