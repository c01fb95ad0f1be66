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

/* Instead of the transport, when it proves nothing. */
#define AMI_UNPROVEN	"UNPROVEN"

/*
 * True: a service of this server lets clients put line ends into events.  Then any
 * event that follows may be one that a client has made up as a whole.
 */
bool ami_event_gives_doubt(const struct ami_message *m);
/*
 * Make the line in @out, which is emptied first.  @doubted: such a service has
 * been seen; then only failures count, and their transport is AMI_UNPROVEN.
 * 0; -ENOMSG: not a security event, or none that counts; -EBADMSG: one that
 * Asterisk did not write like that, so nobody may be blamed for it; -ENOMEM.
 */
int ami_event_line(const struct ami_message *m, bool doubted, struct str *out);
