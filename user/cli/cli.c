// SPDX-License-Identifier: GPL-2.0-or-later
#include "cli.h"

#include <stdarg.h>
#include <stdio.h>

static int say(int status, const char *fmt, va_list ap)
{
	fputs("xdpban: ", stderr);
	vfprintf(stderr, fmt, ap);
	fputc('\n', stderr);
	return status;
}

int cli_fail(const char *fmt, ...)
{
	va_list ap;
	int status;

	va_start(ap, fmt);
	status = say(EXIT_FAILED, fmt, ap);
	va_end(ap);
	return status;
}

int cli_usage(const char *fmt, ...)
{
	va_list ap;
	int status;

	va_start(ap, fmt);
	status = say(EXIT_USAGE, fmt, ap);
	va_end(ap);
	return status;
}
