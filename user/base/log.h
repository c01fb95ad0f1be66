/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * log - where messages for the operator go: standard error, a file or syslog.
 * Lines keep Fail2ban's layout (time, logger, pid, level, text), because other
 * programs and the recidive jail read it.  Never log for each line that is
 * read; count, and report the count.
 * Logging keeps errno.
 */
#pragma once
#include "util.h"

enum log_level { LOG_LEVEL_ERROR, LOG_LEVEL_WARNING, LOG_LEVEL_NOTICE,
		 LOG_LEVEL_INFO, LOG_LEVEL_DEBUG };

/*
 * Choose level and target: "stderr", "stdout", "syslog" or a path, which is
 * opened for appending.  0 or -errno; on error the target stays as it was.
 */
int log_open(const char *target, enum log_level level);
/* Open the file again after rotation; nothing to do for other targets.  0 or -errno. */
int log_reopen(void);
/* As both do it: @path, open for appending, or -errno. */
int log_open_file(const char *path);
/*
 * From now on somebody else opens the file, who knows its path: gives a descriptor or
 * -errno.  NULL: we do.
 */
void log_opener(int (*opener)(void *ctx), void *ctx);
/* Is the last message in the file?  0, or -errno; for other targets always 0. */
int log_error(void);
/* Fail2ban's names (ERROR, warning, ...) into a level; -EINVAL if unknown. */
int log_level_parse(const char *name);
/*
 * Keep messages of this level and above off the sink: a verb that prints data
 * sets LOG_LEVEL_WARNING.  Plain style drops time and pid, for terminals.
 */
void log_plain(enum log_level level);
/*
 * Warnings and errors go to standard error as well, in plain style: while a
 * program starts, whoever started it looks there and not into a log.  Not where
 * both are the journal.
 */
void log_echo(bool on);

void log_msg(enum log_level level, const char *fmt, ...) PRINTF_LIKE(2, 3);

#define log_err(...)	log_msg(LOG_LEVEL_ERROR, __VA_ARGS__)
#define log_warn(...)	log_msg(LOG_LEVEL_WARNING, __VA_ARGS__)
#define log_notice(...)	log_msg(LOG_LEVEL_NOTICE, __VA_ARGS__)
#define log_info(...)	log_msg(LOG_LEVEL_INFO, __VA_ARGS__)
#define log_debug(...)	log_msg(LOG_LEVEL_DEBUG, __VA_ARGS__)
