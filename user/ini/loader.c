// SPDX-License-Identifier: GPL-2.0-or-later
#include "loader.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>

int loader_init(struct loader *l, struct pool *pool, const char *dir, struct diag *d)
{
	size_t len = strlen(dir);

	while (len > 1 && dir[len - 1] == '/')
		len--;
	*l = (struct loader){ .pool = pool, .diag = d, .error_level = DIAG_ERROR };
	l->dir = pool_strndup(pool, dir, len);
	return l->dir ? 0 : -ENOMEM;
}

/* Two jails may share a filter: its faults are told once. */
static bool already_told(const struct diag *d, struct place at, const char *text)
{
	for (size_t i = 0; i < d->n; i++) {
		const struct diag_entry *e = &d->entries[i];

		if (e->line == at.line && e->text && streq(e->text, text) &&
		    ((!e->file && !at.file) ||
		     (e->file && at.file && streq(e->file, at.file))))
			return true;
	}
	return false;
}

static void report(struct loader *l, enum diag_level level, struct place at,
		   const char *fmt, va_list ap)
{
	char text[1024];

	if (!l->diag)
		return;
	vsnprintf(text, sizeof(text), fmt, ap);
	if (!already_told(l->diag, at, text))
		diag_add(l->diag, level, at.file, at.line, "%s", text);
}

void loader_error(struct loader *l, struct place at, const char *fmt, ...)
{
	va_list ap;

	l->errors++;
	va_start(ap, fmt);
	report(l, l->error_level, at, fmt, ap);
	va_end(ap);
}

void loader_warn(struct loader *l, struct place at, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	report(l, DIAG_WARNING, at, fmt, ap);
	va_end(ap);
}

int loader_nomem(struct loader *l)
{
	loader_error(l, (struct place){ 0 },
		     "the configuration needs more memory than there is");
	return -ENOMEM;
}

const char *quote(const char *s, char buf[static QUOTE_SIZE])
{
	size_t n = 0;

	for (; s[n] && s[n] != '\n' && n < 60; n++)
		buf[n] = (unsigned char)s[n] < ' ' ? '?' : s[n];
	/* Do not cut a UTF-8 sequence in two. */
	while (n && ((unsigned char)s[n] & 0xc0) == 0x80)
		n--;
	strcpy(buf + n, s[n] ? "..." : "");
	return buf;
}

void *loader_grow(struct loader *l, void *array, size_t n, size_t size)
{
	void *bigger;

	if (n && (n < 4 || (n & (n - 1))))
		return array;
	bigger = pool_array(l->pool, n ? n * 2 : 4, size);
	if (bigger && n)
		memcpy(bigger, array, n * size);
	return bigger;
}
