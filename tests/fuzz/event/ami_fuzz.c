// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The manager interface: the first byte says in what pieces the rest comes.  What
 * becomes a line has one address, no line end, and quotes only around values.
 */
#include <ctype.h>
#include <stdlib.h>

#include "event/ami_event.h"
#include "event/ami_parse.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static size_t count(const char *s, const char *part)
{
	size_t n = 0;

	for (; (s = strstr(s, part)); s++)
		n++;
	return n;
}

static void take(void *ctx, const struct ami_message *m)
{
	struct str *line = ctx;
	bool doubted = ami_event_gives_doubt(m);

	if (m->n > AMI_FIELDS_MAX)
		abort();
	if (ami_event_line(m, doubted, line))
		return;
	if (doubted && !strstr(line->s, "/" AMI_UNPROVEN "/"))
		abort();
	if (strlen(line->s) != line->len || count(line->s, "\",RemoteAddress=\"") != 1)
		abort();
	for (size_t i = 0; i < line->len; i++)
		if (iscntrl((unsigned char)line->s[i]))
			abort();
	if (count(line->s, "\"") % 2)
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char banner[] = "Asterisk Call Manager/8.0.2\r\n";
	struct str line = { 0 };
	struct ami_parser *p = ami_parser_new(take, &line);
	size_t step = size ? data[0] + 1u : 1;
	int err = ami_parser_push(p, banner, sizeof(banner) - 1);

	for (size_t i = 1; i < size && !err; i += step)
		err = ami_parser_push(p, (const char *)data + i,
				      size - i < step ? size - i : step);
	ami_parser_free(p);
	str_fini(&line);
	return 0;
}
