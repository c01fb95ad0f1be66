// SPDX-License-Identifier: GPL-2.0-or-later
#include "log.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <syslog.h>
#include <time.h>
#include <unistd.h>

#include "utf8.h"

/* The one place with file-scope state: a log is global by nature. */
static struct {
	enum log_level level;
	int fd;
	bool plain, to_syslog, echo;
	char *path;		/* owns; NULL unless the target is a file */
	int error;		/* of the last message, if it is not in the file */
	int (*opener)(void *ctx);	/* NULL: we open it ourselves */
	void *ctx;
} sink = { .level = LOG_LEVEL_INFO, .fd = STDERR_FILENO, .plain = true };

static const struct { const char *name; int syslog; } levels[] = {
	[LOG_LEVEL_ERROR]	= { "ERROR", LOG_ERR },
	[LOG_LEVEL_WARNING]	= { "WARNING", LOG_WARNING },
	[LOG_LEVEL_NOTICE]	= { "NOTICE", LOG_NOTICE },
	[LOG_LEVEL_INFO]	= { "INFO", LOG_INFO },
	[LOG_LEVEL_DEBUG]	= { "DEBUG", LOG_DEBUG },
};

int log_level_parse(const char *name)
{
	if (!strcasecmp(name, "critical"))
		return LOG_LEVEL_ERROR;
	for (size_t i = 0; i < ARRAY_SIZE(levels); i++)
		if (!strcasecmp(name, levels[i].name))
			return (int)i;
	return -EINVAL;
}

int log_open_file(const char *path)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0640);

	return fd < 0 ? -errno : fd;
}

void log_opener(int (*opener)(void *ctx), void *ctx)
{
	sink.opener = opener;
	sink.ctx = ctx;
}

static int open_file(const char *path)
{
	return sink.opener ? sink.opener(sink.ctx) : log_open_file(path);
}

static void set_target(int fd, char *path, bool to_syslog)
{
	if (sink.path)
		close(sink.fd);
	free(sink.path);
	sink.fd = fd;
	sink.path = path;
	sink.to_syslog = to_syslog;
	sink.plain = false;
}

int log_open(const char *target, enum log_level level)
{
	char *path;
	int fd;

	if (!strcasecmp(target, "stderr") || !strcasecmp(target, "stdout")) {
		set_target(strcasecmp(target, "stderr") ? STDOUT_FILENO :
			   STDERR_FILENO, NULL, false);
	} else if (!strcasecmp(target, "syslog")) {
		openlog("xdpban", LOG_PID, LOG_DAEMON);
		set_target(STDERR_FILENO, NULL, true);
	} else {
		fd = open_file(target);
		if (fd < 0)
			return fd;
		path = strdup(target);
		if (!path) {
			close(fd);
			return -ENOMEM;
		}
		set_target(fd, path, false);
	}
	sink.level = level;
	return 0;
}

int log_reopen(void)
{
	int fd;

	if (!sink.path)
		return 0;
	fd = open_file(sink.path);
	if (fd < 0)
		return fd;
	close(sink.fd);
	sink.fd = fd;
	return 0;
}

void log_plain(enum log_level level)
{
	sink.plain = true;
	sink.level = level;
}

/* What systemd reads ends where syslog does. */
static bool stderr_is_journal(void)
{
	const char *journal = getenv("JOURNAL_STREAM");
	char ours[64];
	struct stat st;

	if (!journal || fstat(STDERR_FILENO, &st))
		return false;
	snprintf(ours, sizeof(ours), "%ju:%ju", (uintmax_t)st.st_dev, (uintmax_t)st.st_ino);
	return !strcmp(journal, ours);
}

void log_echo(bool on)
{
	bool elsewhere = sink.to_syslog ? !stderr_is_journal() : sink.fd != STDERR_FILENO;

	sink.echo = on && elsewhere;
}

static size_t put_header(char *buf, size_t size, enum log_level level,
			 const char *logger)
{
	struct timeval tv;
	struct tm tm;
	size_t len;

	if (sink.plain)
		return (size_t)snprintf(buf, size, "xdpban: ");
	gettimeofday(&tv, NULL);
	localtime_r(&tv.tv_sec, &tm);
	len = strftime(buf, size, "%Y-%m-%d %H:%M:%S", &tm);
	/* Fail2ban's columns: logger padded to 24, level to 7. */
	len += (size_t)snprintf(buf + len, size - len, ",%03d %-24s[%d]: %-7s ",
				(int)(tv.tv_usec / 1000), logger, (int)getpid(),
				levels[level].name);
	return len;
}

/*
 * "[jail] Ban ..." has the name that Fail2ban's recidive filter and everybody's
 * dashboards look for; the rest is only ours.
 */
static const char *logger_of(const char *fmt)
{
	return *fmt == '[' ? "fail2ban.actions" : "xdpban";
}

void log_msg(enum log_level level, const char *fmt, ...)
{
	int saved = errno;
	char buf[2048];
	size_t len = 0, head;
	ssize_t done;
	va_list ap;
	int n;

	if (level > sink.level)
		return;
	if (!sink.to_syslog)
		len = put_header(buf, sizeof(buf) - 1, level, logger_of(fmt));
	head = len;
	va_start(ap, fmt);
	n = vsnprintf(buf + len, sizeof(buf) - 1 - len, fmt, ap);
	va_end(ap);
	if (n > 0)
		len += (size_t)n;
	if (len > sizeof(buf) - 2)
		len = sizeof(buf) - 2;
	utf8_tame(buf, len);	/* text from outside, too: one message, one line */
	if (sink.echo && level <= LOG_LEVEL_WARNING)
		dprintf(STDERR_FILENO, "xdpban: %.*s\n", (int)(len - head), buf + head);
	if (sink.to_syslog) {
		syslog(levels[level].syslog, "%.*s", (int)len, buf);
	} else {
		buf[len++] = '\n';
		do {	/* one write, so that lines of several processes stay whole */
			done = write(sink.fd, buf, len);
		} while (done < 0 && errno == EINTR);
		sink.error = !sink.path || done == (ssize_t)len ? 0 :
			     done < 0 ? errno : ENOSPC;
	}
	errno = saved;
}

int log_error(void)
{
	return -sink.error;
}
