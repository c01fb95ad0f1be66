// SPDX-License-Identifier: GPL-2.0-or-later
/* Entries as lines: what filters were written for. */
#include <errno.h>
#include <stdlib.h>

#include "journal/journal_line.h"
#include "../t.h"

static const struct journal_stamp stamp = { 1700000000000001, 5123456 };

/* Fields are separated by '|'. */
static const struct {
	const char *what, *fields, *want;
} cases[] = {
	{ "a service", "_HOSTNAME=h|SYSLOG_IDENTIFIER=sshd|_PID=7|_COMM=x|MESSAGE=m",
	  "h sshd[7]: m" },
	{ "the order does not matter", "MESSAGE=m|_PID=7|_COMM=x|_HOSTNAME=h", "h x[7]: m" },
	{ "a command stands in", "_HOSTNAME=h|_COMM=sshd|MESSAGE=m", "h sshd: m" },
	{ "for an empty identifier", "SYSLOG_IDENTIFIER=|_COMM=sshd|MESSAGE=m", "sshd: m" },
	{ "the sender's pid first", "_COMM=c|SYSLOG_PID=1|_PID=2|MESSAGE=m", "c[1]: m" },
	{ "0 is no pid", "_COMM=c|SYSLOG_PID=0|_PID=2|MESSAGE=m", "c[2]: m" },
	{ "nor is nothing", "_COMM=c|SYSLOG_PID=|_PID=2|MESSAGE=m", "c[2]: m" },
	{ "no pid at all", "_COMM=c|SYSLOG_PID=0|_PID=0|MESSAGE=m", "c: m" },
	{ "a pid that is no number", "_COMM=c|SYSLOG_PID=x|MESSAGE=m", "c[x]: m" },
	{ "no program", "_HOSTNAME=h|_PID=2|MESSAGE=m", "h m" },
	{ "nothing but a message", "MESSAGE=m", "m" },
	{ "an empty host", "_HOSTNAME=|MESSAGE=m", "m" },
	{ "no message", "_HOSTNAME=h|_COMM=c", "h c: " },
	{ "nothing", "", "" },
	{ "the kernel, with its own clock",
	  "_HOSTNAME=h|SYSLOG_IDENTIFIER=kernel|_SOURCE_MONOTONIC_TIMESTAMP=12000345|MESSAGE=m",
	  "h kernel: [   12.000345] m" },
	{ "the kernel, with journald's", "SYSLOG_IDENTIFIER=kernel|MESSAGE=m",
	  "kernel: [    5.123456] m" },
	{ "the kernel, up for long",
	  "_COMM=kernel|_SOURCE_MONOTONIC_TIMESTAMP=12345678901234|MESSAGE=m",
	  "kernel: [12345678.901234] m" },
	{ "a program of that name", "SYSLOG_IDENTIFIER=kernel|_PID=3|MESSAGE=m", "kernel[3]: m" },
	{ "line ends", "_COMM=c|MESSAGE=a\nb\n\nc\n", "c: a\\nb\\n\\nc\\n" },
	{ "line ends anywhere", "_HOSTNAME=h\nh|_COMM=c\nc|SYSLOG_PID=1\n2|MESSAGE=m",
	  "h\\nh c\\nc[1\\n2]: m" },
	{ "several messages", "_COMM=c|MESSAGE=a|MESSAGE=|MESSAGE=b", "c: a  b" },
	{ "of other values the first", "_COMM=c|_COMM=d|_HOSTNAME=h|_HOSTNAME=i|MESSAGE=m",
	  "h c: m" },
	{ "names that only begin alike", "MESSAGE_ID=x|_COMMAND=y|_PIDX=z|MESSAGE", "" },
};

static void take(struct journal_line *l, const char *fields)
{
	journal_line_begin(l);
	while (*fields) {
		size_t n = strcspn(fields, "|");

		journal_line_field(l, fields, n);
		fields += n + (fields[n] == '|');
	}
}

static void test_text(void)
{
	struct journal_line l = { 0 };
	wall_t when;

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		take(&l, cases[i].fields);
		t_is(cases[i].what, journal_line_finish(&l, &stamp, &when), 0);
		t_str(cases[i].what, l.text.s, cases[i].want);
	}
	journal_line_fini(&l);
}

static void test_time(void)
{
	static const struct { const char *fields; int64_t want; } times[] = {
		{ "MESSAGE=m", 1700000000000001 },
		{ "_SOURCE_REALTIME_TIMESTAMP=1600000000000002", 1600000000000002 },
		{ "_SOURCE_REALTIME_TIMESTAMP=", 1700000000000001 },
		{ "_SOURCE_REALTIME_TIMESTAMP=1x", 1700000000000001 },
		{ "_SOURCE_REALTIME_TIMESTAMP=-1", 1700000000000001 },
		{ "_SOURCE_REALTIME_TIMESTAMP=99999999999999999999", 1700000000000001 },
	};
	struct journal_line l = { 0 };
	wall_t when;

	for (size_t i = 0; i < ARRAY_SIZE(times); i++) {
		take(&l, times[i].fields);
		journal_line_finish(&l, &stamp, &when);
		t_is(times[i].fields, when.us, times[i].want);
	}
	journal_line_fini(&l);
}

static int finish_long(struct journal_line *l, size_t len, char c)
{
	static char field[2 * JOURNAL_LINE_MAX] = "MESSAGE=";
	wall_t when;

	memset(field + 8, c, len);
	journal_line_begin(l);
	journal_line_field(l, field, len + 8);
	return journal_line_finish(l, &stamp, &when);
}

static void test_length(void)
{
	struct journal_line l = { 0 };

	t_is("as long as a line may be", finish_long(&l, JOURNAL_LINE_MAX, 'x'), 0);
	t_is("all of it", (int64_t)l.text.len, JOURNAL_LINE_MAX);
	t_is("longer", finish_long(&l, JOURNAL_LINE_MAX + 1, 'x'), -E2BIG);
	t_is("longer when it is one line", finish_long(&l, JOURNAL_LINE_MAX / 2 + 1, '\n'), -E2BIG);
	t_is("and what follows", finish_long(&l, 3, 'x'), 0);
	t_str("is whole", l.text.s, "xxx");
	journal_line_fini(&l);
}

int main(void)
{
	test_text();
	test_time();
	test_length();
	return t_done();
}
