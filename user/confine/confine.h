/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * confine - lock in the process that reads logs, for the rest of its life.
 * It is root with hardly a capability, and root without any may still write to every
 * file of root's, have systemd start what it likes, and stop everybody's services.
 * After this it may read as before, and write only below the directories that it was
 * given (Landlock, Linux 5.13), and it may not start a program, change whose a file is
 * and who may use it, look into other processes or talk to local services (seccomp).
 * What must be done outside is done by others: confine/runner.h, attach/attacher.h.
 */
#pragma once
#include <stddef.h>
#include <stdbool.h>

struct confined {
	int landlock;		/* its version; 0: files are not confined ... */
	bool seccomp;		/* false: calls are not */
	const char *why;	/* ... and why, static text; NULL: all is */
};

/*
 * The calling thread and what it starts; so before there are others, and with
 * no_new_privs set.  Logs what is not possible, and goes on without.
 */
void confine(struct confined *out, const char *const *dirs, size_t n);

/* The two halves, 0 or -errno.  confine_files() gives the version of Landlock. */
int confine_files(const char *const *dirs, size_t n);
int confine_calls(void);
