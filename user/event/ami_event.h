/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * ami_event - a security event of the manager interface, as the line that
 * Asterisk's security log (res_security_log) has for it.
 * So the filters for that log serve both.  Better than the log in one way: values
 * are quoted, so that none can pass for another field, and long ones are cut.
 */
#pragma once
#include "base/str.h"

struct ami_message;

#define AMI_VALUE_MAX	256u	/* bytes of a value in the line */

/*
 * Make the line in @out, which is emptied first.  0; -ENOMSG: not a security
 * event; -EBADMSG: one that Asterisk did not write like that, so nobody may be
 * blamed for it; -ENOMEM.
 */
int ami_event_line(const struct ami_message *m, struct str *out);
