// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * trust, the operator's own list: a file in the state directory, one peer a line,
 * which is a source like any other.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "pbx/trust_private.h"
#include "trust/reading.h"

/* The first word of @line is @peer. */
static bool names(const char *line, const char *peer)
{
	size_t len = strlen(peer);

	line += strspn(line, " \t");
	return !strncasecmp(line, peer, len) && strchr(" \t#\r", line[len]);
}

/* Every line of the list but those that name @peer; gives how many did. */
static int copy_others(struct trust *t, const char *peer, struct str *out, size_t *found)
{
	struct trust_reading r = { 0 };
	struct trust_text text;
	int err = trust_load(&r, t->own_path, NULL, &text);
	char *line;

	*found = 0;
	while (!err && (line = trust_line(&text))) {
		if (names(line, peer))
			++*found;
		else
			str_printf(out, "%s\n", line);
	}
	trust_text_fini(&text);
	trust_reading_fini(&r);
	return err == -ENOENT ? 0 : err;
}

static void add_line(struct str *out, const char *peer, const char *note)
{
	char quoted[TRUST_QUOTE];

	str_puts(out, peer);
	if (note && *note)
		str_printf(out, "\t# %s", trust_quote(note, quoted));
	str_putc(out, '\n');
}

static int change(struct trust *t, const char *peer, const char *note, bool add)
{
	struct str text = { 0 };
	size_t found;
	int err = copy_others(t, peer, &text, &found);

	if (!err && add == !!found)
		err = add ? -EEXIST : -ENOENT;
	if (!err && add)
		add_line(&text, peer, note);
	if (!err)
		err = trust_replace_file(t->own_path, &text);
	str_fini(&text);
	return err ? err : trust_reread(t);
}

int trust_add_own(struct trust *t, const char *peer, const char *note)
{
	struct trust_peer p;

	if (trust_peer_parse(peer, strlen(peer), &p) || strpbrk(peer, " \t\r\n#,;"))
		return -EINVAL;
	return change(t, peer, note, true);
}

int trust_del_own(struct trust *t, const char *peer)
{
	return strpbrk(peer, " \t\r\n#,;") || !*peer ? -ENOENT : change(t, peer, NULL, false);
}
