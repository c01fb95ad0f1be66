// SPDX-License-Identifier: GPL-2.0-or-later
#include "journal_line.h"

#include <errno.h>

/* ---- taking fields ------------------------------------------------------------ */

void journal_line_fini(struct journal_line *l)
{
	str_fini(&l->host);
	str_fini(&l->identifier);
	str_fini(&l->comm);
	str_fini(&l->syslog_pid);
	str_fini(&l->pid);
	str_fini(&l->message);
	str_fini(&l->text);
}

void journal_line_begin(struct journal_line *l)
{
	str_reset(&l->host);
	str_reset(&l->identifier);
	str_reset(&l->comm);
	str_reset(&l->syslog_pid);
	str_reset(&l->pid);
	str_reset(&l->message);
	str_reset(&l->text);
	l->has_realtime = l->has_monotonic = l->has_message = l->too_long = false;
}

static void add_text(struct journal_line *l, struct str *to, const char *s, size_t len)
{
	if (len > JOURNAL_LINE_MAX - to->len)
		l->too_long = true;
	else
		str_add(to, s, len);
}

static void take_text(struct journal_line *l, struct str *to, const char *s, size_t len)
{
	if (!to->len)
		add_text(l, to, s, len);
}

static void take_message(struct journal_line *l, const char *s, size_t len)
{
	if (l->has_message)
		add_text(l, &l->message, " ", 1);
	add_text(l, &l->message, s, len);
	l->has_message = true;
}

static void take_number(uint64_t *to, bool *has, const char *s, size_t len)
{
	uint64_t n = 0;

	/* 18 digits do not overflow, and last for 30,000 years. */
	if (*has || !len || len > 18)
		return;
	for (size_t i = 0; i < len; i++) {
		if (s[i] < '0' || s[i] > '9')
			return;
		n = n * 10 + (uint64_t)(s[i] - '0');
	}
	*to = n;
	*has = true;
}

static bool is_field(const char *data, size_t len, const char *name, const char **value,
		     size_t *value_len)
{
	size_t n = strlen(name);

	if (len <= n || data[n] != '=' || memcmp(data, name, n))
		return false;
	*value = data + n + 1;
	*value_len = len - n - 1;
	return true;
}

void journal_line_field(struct journal_line *l, const char *data, size_t len)
{
	const char *s;
	size_t n;

	if (is_field(data, len, "MESSAGE", &s, &n))
		take_message(l, s, n);
	else if (is_field(data, len, "_HOSTNAME", &s, &n))
		take_text(l, &l->host, s, n);
	else if (is_field(data, len, "SYSLOG_IDENTIFIER", &s, &n))
		take_text(l, &l->identifier, s, n);
	else if (is_field(data, len, "_COMM", &s, &n))
		take_text(l, &l->comm, s, n);
	else if (is_field(data, len, "SYSLOG_PID", &s, &n))
		take_text(l, &l->syslog_pid, s, n);
	else if (is_field(data, len, "_PID", &s, &n))
		take_text(l, &l->pid, s, n);
	else if (is_field(data, len, "_SOURCE_REALTIME_TIMESTAMP", &s, &n))
		take_number(&l->source_realtime, &l->has_realtime, s, n);
	else if (is_field(data, len, "_SOURCE_MONOTONIC_TIMESTAMP", &s, &n))
		take_number(&l->source_monotonic, &l->has_monotonic, s, n);
}

/* ---- composing ------------------------------------------------------------------ */

/* One entry is one line, whatever its fields hold. */
static void add_on_one_line(struct journal_line *l, const struct str *field)
{
	const char *s = field->s, *end, *nl;

	if (!field->len)
		return;
	end = s + field->len;
	for (; (nl = memchr(s, '\n', (size_t)(end - s))); s = nl + 1) {
		str_add(&l->text, s, (size_t)(nl - s));
		str_puts(&l->text, "\\n");
	}
	str_add(&l->text, s, (size_t)(end - s));
}

/* An empty pid, and the 0 of those who have none, is none. */
static bool is_pid(const struct str *pid)
{
	return pid->len && strspn(pid->s, "0") < pid->len;
}

static void add_program(struct journal_line *l, const struct journal_stamp *stamp)
{
	const struct str *name = l->identifier.len ? &l->identifier : &l->comm;
	const struct str *pid = is_pid(&l->syslog_pid) ? &l->syslog_pid : &l->pid;
	uint64_t us = l->has_monotonic ? l->source_monotonic : stamp->monotonic;

	if (!name->len)
		return;
	add_on_one_line(l, name);
	if (is_pid(pid)) {
		str_putc(&l->text, '[');
		add_on_one_line(l, pid);
		str_putc(&l->text, ']');
	}
	str_puts(&l->text, ": ");
	if (!is_pid(pid) && streq(name->s, "kernel"))
		str_printf(&l->text, "[%5llu.%06llu] ",
			   (unsigned long long)us / US_PER_S,
			   (unsigned long long)us % US_PER_S);
}

static bool any_failed(const struct journal_line *l)
{
	return l->host.failed || l->identifier.failed || l->comm.failed ||
	       l->syslog_pid.failed || l->pid.failed || l->message.failed || l->text.failed;
}

int journal_line_finish(struct journal_line *l, const struct journal_stamp *stamp,
			wall_t *when)
{
	uint64_t us = l->has_realtime ? l->source_realtime : stamp->realtime;

	str_puts(&l->text, "");		/* so that it is not NULL */
	add_on_one_line(l, &l->host);
	if (l->host.len)
		str_putc(&l->text, ' ');
	add_program(l, stamp);
	add_on_one_line(l, &l->message);
	if (any_failed(l))
		return -ENOMEM;
	if (l->too_long || l->text.len > JOURNAL_LINE_MAX)
		return -E2BIG;
	*when = (wall_t){ (int64_t)us };
	return 0;
}
