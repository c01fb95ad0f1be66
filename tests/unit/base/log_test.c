// SPDX-License-Identifier: GPL-2.0-or-later
/* Lines of the log: layout, levels, hostile text, rotation. */
#include <errno.h>
#include <fcntl.h>
#include <regex.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/log.h"
#include "../t.h"

static const char *contents(const char *path)
{
	static char buf[8192];
	int fd = open(path, O_RDONLY);
	ssize_t n = fd < 0 ? -1 : read(fd, buf, sizeof(buf) - 1);

	close(fd);
	buf[n < 0 ? 0 : n] = '\0';
	return buf;
}

static void matches(const char *what, const char *text, const char *pattern)
{
	regex_t re;

	t_is(what, regcomp(&re, pattern, REG_EXTENDED | REG_NOSUB), 0);
	if (t_ok(what, !regexec(&re, text, 0, NULL, 0)))
		printf("  \"%s\"\n", text);
	regfree(&re);
}

#define STAMP "^[0-9]{4}-[0-9]{2}-[0-9]{2} [0-9]{2}:[0-9]{2}:[0-9]{2},[0-9]{3} "

static void layout_is_fail2bans(void)
{
	t_is("open", log_open("log", LOG_LEVEL_NOTICE), 0);
	log_notice("[sshd] Ban %s", "192.0.2.1");
	matches("what dashboards read", contents("log"),
		STAMP "fail2ban\\.actions {8}\\[[0-9]+\\]: NOTICE  \\[sshd\\] Ban 192\\.0\\.2\\.1\n$");
	t_is("empty", truncate("log", 0), 0);
	log_warn("source: something");
	log_info("not at this level");
	log_debug("nor this");
	matches("what is only ours", contents("log"),
		STAMP "xdpban {18}\\[[0-9]+\\]: WARNING source: something\n$");
}

/* Whatever a line of some other log put into a message: it stays one line. */
static void hostile_text_stays_in_its_line(void)
{
	char large[5000];

	t_is("empty", truncate("log", 0), 0);
	log_err("user \"a\nb\rc\033[2Jd\x7f\x01\te\x80\xff \xc3\xa9 \xc2\x9b\"");
	matches("control characters", contents("log"),
		"user \"a\\?b\\?c\\?\\[2Jd\\?\\?\te\\?\\? \xc3\xa9 \\?\\?\"\n$");
	t_is("empty", truncate("log", 0), 0);
	memset(large, 'x', sizeof(large) - 1);
	large[sizeof(large) - 1] = '\0';
	log_err("%s", large);
	t_is("a long message is cut, and ends its line", strlen(contents("log")), 2047);
	t_is("which is the only one", strcspn(contents("log"), "\n"), 2046);
}

static void rotation(void)
{
	t_is("rename", rename("log", "log.1"), 0);
	log_err("still the old file");
	t_is("reopen", log_reopen(), 0);
	log_err("the new file");
	matches("old", contents("log.1"), "still the old file\n$");
	matches("new", contents("log"), "ERROR   the new file\n$");
	t_is("a target that cannot be", log_open("no/such/dir/log", LOG_LEVEL_DEBUG), -ENOENT);
	log_err("kept");
	matches("leaves the one there was", contents("log"), "the new file\n.*ERROR   kept\n$");
	log_debug("and its level");
	t_ok("not written", !strstr(contents("log"), "and its level"));
}

/* What standard error gets of a warning while @target is where the log goes. */
static const char *echoed(const char *target, bool journal)
{
	int own = dup(STDERR_FILENO), fd = open("echo", O_RDWR | O_CREAT | O_TRUNC, 0600);
	char stream[64];
	struct stat st;

	fstat(fd, &st);
	snprintf(stream, sizeof(stream), "%ju:%ju", (uintmax_t)st.st_dev, (uintmax_t)st.st_ino);
	setenv("JOURNAL_STREAM", journal ? stream : "1:2", 1);
	dup2(fd, STDERR_FILENO);
	t_is("open", log_open(target, LOG_LEVEL_WARNING), 0);
	log_echo(true);
	log_warn("a test of xdpban's log");
	log_echo(false);
	dup2(own, STDERR_FILENO);
	close(own);
	close(fd);
	return contents("echo");
}

static void echo(void)
{
	static const char said[] = "xdpban: a test of xdpban's log\n";

	t_str("beside a file", echoed("log", false), said);
	t_str("beside a file, in the journal", echoed("log", true), said);
	t_str("beside syslog", echoed("syslog", false), said);
	t_str("syslog is in the journal", echoed("syslog", true), "");
	matches("not beside itself", echoed("stderr", false), STAMP "[^\n]*log\n$");
	t_is("clean up", unlink("echo"), 0);
}

static void errno_is_kept(void)
{
	errno = EXDEV;
	log_err("something");
	t_is("errno", errno, EXDEV);
}

static void levels(void)
{
	t_is("error", log_level_parse("ERROR"), LOG_LEVEL_ERROR);
	t_is("critical", log_level_parse("CRITICAL"), LOG_LEVEL_ERROR);
	t_is("warning", log_level_parse("warning"), LOG_LEVEL_WARNING);
	t_is("notice", log_level_parse("Notice"), LOG_LEVEL_NOTICE);
	t_is("info", log_level_parse("INFO"), LOG_LEVEL_INFO);
	t_is("debug", log_level_parse("DEBUG"), LOG_LEVEL_DEBUG);
	t_is("no such level", log_level_parse("LOUD"), -EINVAL);
	t_is("nothing", log_level_parse(""), -EINVAL);
}

static void a_full_disk_is_known(void)
{
	t_is("open", log_open("/dev/full", LOG_LEVEL_INFO), 0);
	t_is("nothing was written", log_error(), 0);
	log_err("lost");
	t_is("no room for it", log_error(), -ENOSPC);
	t_is("a disk with room", log_open("log", LOG_LEVEL_INFO), 0);
	log_err("kept");
	t_is("nothing is wrong any more", log_error(), 0);
}

int main(void)
{
	char dir[T_DIR];

	t_ok("a directory", t_dir(dir) && !chdir(dir));
	layout_is_fail2bans();
	hostile_text_stays_in_its_line();
	rotation();
	echo();
	errno_is_kept();
	a_full_disk_is_known();
	levels();
	log_open("stderr", LOG_LEVEL_ERROR);
	t_ok("clean up", !unlink("log") && !unlink("log.1") && !chdir("/") && !rmdir(dir));
	return t_done();
}
