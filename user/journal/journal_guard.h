/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * journal_guard - a journal file that is cut while it is being read.
 * libsystemd reads journals through memory maps.  journald cuts a file when it is
 * archived or vacuumed (systemd issues 24320, 33277), a full disk or a bad one does the
 * like, and what reads there gets SIGBUS, which the library leaves to its callers.
 * Here the page that is gone becomes one of zeros; the library finds a damaged file,
 * and whoever asked opens the journal again.
 */
#pragma once
#include "base/util.h"

/* From now on, in this thread, until journal_guard_end(); not nested. */
void journal_guard_begin(void);
/* True when a page was gone since the beginning: nothing read since then is of use. */
bool journal_guard_end(void);
