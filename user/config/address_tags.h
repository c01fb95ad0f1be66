/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * address_tags - what an ignorecommand or the key of an ignorecache may say of an
 * address: <ip>, <fid> and <F-ID> are its text, <family> is inet4 or inet6.  All of it
 * is text that we make ourselves: nothing of a log line ever becomes part of a command.
 */
#pragma once

struct ipaddr;

/* Heap memory that the caller frees; NULL: no memory. */
char *address_tags_fill(const char *text, const struct ipaddr *who);
