// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * import_notes - what means something else here than it did in Fail2ban: said
 * once, with the jails that it is true of, and mended where we know how.
 */
#include "import.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/file.h"

struct note {
	struct str text, jails;		/* "sshd, postfix"; empty: of all */
	const char *last;		/* borrows: the jail added last */
	size_t n_jails;
};

struct notes {
	struct note *v;			/* owns */
	size_t n;
	const char *jail;		/* whom the next one is about; NULL: all */
	bool failed;			/* no memory */
};

static struct note *find(struct notes *n, const char *text)
{
	struct note *more;

	for (size_t i = 0; i < n->n; i++)
		if (streq(n->v[i].text.s, text))
			return &n->v[i];
	more = reallocarray(n->v, n->n + 1, sizeof(*more));
	if (!more)
		return NULL;
	n->v = more;
	more += n->n;
	*more = (struct note){ 0 };
	str_puts(&more->text, text);
	if (more->text.failed) {
		str_fini(&more->text);
		return NULL;
	}
	n->n++;
	return more;
}

static void note(struct notes *n, const char *fmt, ...) PRINTF_LIKE(2, 3);
static void note(struct notes *n, const char *fmt, ...)
{
	char text[1024];
	struct note *it;
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	it = find(n, text);
	if (!it) {
		n->failed = true;
		return;
	}
	if (n->jail && it->last != n->jail)
		str_printf(&it->jails, "%s%s", it->n_jails++ ? ", " : "", n->jail);
	it->last = n->jail;
}

static void tell_all(struct notes *n, import_say *say, void *ctx)
{
	struct str line = { 0 };

	for (size_t i = 0; i < n->n; i++) {
		struct note *it = &n->v[i];

		str_reset(&line);
		if (it->n_jails)
			str_printf(&line, "jail%s %s: ", it->n_jails > 1 ? "s" : "",
				   it->jails.s ? it->jails.s : "");
		str_puts(&line, it->text.s);
		say(ctx, IMPORT_NOTE, NULL, line.s ? line.s : it->text.s);
		str_fini(&it->text);
		str_fini(&it->jails);
	}
	if (n->failed)
		say(ctx, IMPORT_FAILED, NULL, strerror(ENOMEM));
	str_fini(&line);
	free(n->v);
}

static void note_actions(struct notes *n, const struct config_jail *j)
{
	for (size_t i = 0; i < j->n_actions; i++) {
		const struct config_action *a = &j->actions[i];

		if (!a->native)
			note(n, "action \"%s\" is a command; commands are not run yet", a->name);
		else if (!streq(a->file, "xdpban"))
			note(n, "\"%s\" is done by xdpban itself: packets are dropped, not "
			     "rejected%s", a->file, a->scope.n_ports ? "" : ", on every port");
	}
}

/* The log that Fail2ban writes, if @j reads it. */
static const char *their_log(const struct config_jail *j)
{
	for (size_t i = 0; j->backend != LOG_BANS && i < j->n_logpaths; i++)
		if (strstr(j->logpaths[i].path.s, "fail2ban.log"))
			return j->logpaths[i].path.s;
	return NULL;
}

static void note_jail(struct notes *n, const struct config_jail *j)
{
	const char *log = their_log(j);

	if (j->broken) {
		note(n, "it has errors and will not run; see xdpban check");
		return;
	}
	note_actions(n, j);
	if (log)
		note(n, "it reads \"%s\", which xdpban does not write; \"backend = bans\" "
		     "counts the bans of all jails instead", log);
}

static void note_names(struct notes *n, const struct config *c)
{
	size_t jails = 0;

	for (size_t i = 0; i < c->n_jails; i++)
		jails += c->jails[i].enabled && (c->jails[i].filter.usedns == USEDNS_WARN ||
						 c->jails[i].filter.usedns == USEDNS_YES);
	if (jails)
		note(n, "%zu jails look up host names that attackers may choose; with "
		     "\"usedns = no\" they do not", jails);
}

void import_notes(const struct config *c, import_say *say, void *ctx)
{
	struct notes n = { 0 };

	note(&n, "failures are counted exactly, within findtime; Fail2ban estimates a rate");
	note(&n, "logtarget, dbfile, socket and pidfile of fail2ban.conf stay Fail2ban's; "
	     "xdpban.conf has xdpban's");
	note_names(&n, c);
	for (size_t i = 0; i < c->n_jails; i++) {
		if (!c->jails[i].enabled)
			continue;
		n.jail = c->jails[i].name;
		note_jail(&n, &c->jails[i]);
	}
	tell_all(&n, say, ctx);
}

/* ---- what we mend ------------------------------------------------------------- */

static const char mended[] = "jail.d/xdpban-import.local";

/* Fail2ban's own recidive, which finds its bans in its log. */
static bool is_recidive(const struct config_jail *j)
{
	return j->enabled && j->backend != LOG_BANS && j->filter.name &&
	       streq(j->filter.name, "recidive") && (their_log(j) || j->backend == LOG_SYSTEMD);
}

static int write_mended(const char *path, const struct str *jails)
{
	struct str text = { 0 };
	int err;

	str_puts(&text, "# By xdpban import: these count the bans of all other jails. In Fail2ban\n"
			"# they find them in a log that xdpban does not write.\n");
	str_add(&text, jails->s, jails->len);
	err = text.failed ? -ENOMEM : file_write(path, &text, 0644);
	str_fini(&text);
	return err;
}

int import_mend(const struct config *c, import_say *say, void *ctx)
{
	struct str jails = { 0 };
	char *path = NULL;
	int err = 0;

	for (size_t i = 0; i < c->n_jails; i++)
		if (is_recidive(&c->jails[i]))
			str_printf(&jails, "[%s]\nbackend = bans\nlogpath =\n", c->jails[i].name);
	if (!jails.len && !jails.failed)
		return 0;
	if (jails.failed || asprintf(&path, "%s/%s", c->dir, mended) < 0)
		err = -ENOMEM;
	else
		err = write_mended(path, &jails);
	free(path);
	str_fini(&jails);
	if (err)
		say(ctx, IMPORT_FAILED, mended, strerror(-err));
	else
		say(ctx, IMPORT_NOTE, mended, "recidive counts the bans of all other jails, "
		    "as Fail2ban's log is not written any more");
	return err ? err : 1;
}
