/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * f2b - answers in the words of fail2ban-client, when xdpban is called by that
 * name: for the scripts and dashboards that read its output.  A translator; what
 * it says comes from the daemon through the control socket, like everything else.
 * Commands give 0, or 255 after an error, as there.
 */
#pragma once
#include "out.h"

enum { F2B_OK = 0, F2B_FAILED = 255 };

struct f2b {
	struct cli c;
	char why[512];		/* why the daemon refused the last request */
};

int f2b_main(int argc, char **argv);

/* Ask the daemon; 0, -EREMOTEIO with f->why, or another -errno, said already. */
int f2b_ask(struct f2b *f, json_t *req, void (*row)(void *ctx, const json_t *row), void *ctx);
/* The same for requests that give one row; NULL: it failed. */
json_t *f2b_ask_one(struct f2b *f, json_t *req);
/* Print what was wrong, as fail2ban-client does, and give F2B_FAILED. */
int f2b_refuse(const char *fmt, ...) PRINTF_LIKE(1, 2);
int f2b_no_jail(const char *jail);
bool f2b_has_jail(struct f2b *f, const char *jail);

/* Commands: words behind the first one or two. */
int f2b_status(struct f2b *f, int argc, char **argv);
int f2b_get(struct f2b *f, const char *jail, int argc, char **argv);
int f2b_set(struct f2b *f, const char *jail, int argc, char **argv);

int f2b_banned(struct f2b *f, int argc, char **argv);
int f2b_unban(struct f2b *f, int argc, char **argv);
int f2b_get_banned(struct f2b *f, const char *jail, int argc, char **argv);
int f2b_get_banip(struct f2b *f, const char *jail, int argc, char **argv);
int f2b_banip(struct f2b *f, const char *jail, int argc, char **argv);
int f2b_unbanip(struct f2b *f, const char *jail, int argc, char **argv);
/* The last line of `status JAIL`: addresses in the order in which they came. */
int f2b_print_banned_line(struct f2b *f, const char *jail);
