// SPDX-License-Identifier: GPL-2.0-or-later
#include "ban_lists.h"

#include <errno.h>
#include <stdio.h>

#include "addr_list.h"
#include "base/ipaddr.h"

enum { CHUNK = 1000, COMPLAINTS = 20 };

struct sending {
	struct cli *c;
	const char *verb, *path;
	struct str plain;		/* addresses to be sent, with blanks between */
	json_t *chunk;			/* owns; those of which there is more to say */
	size_t n;			/* in both */
	double done, already, refused;
	size_t bad;
	int status;			/* of the last request that failed */
	struct ctl_client *client;	/* owns; NULL: not connected */
	bool waiting;			/* the daemon owes us an answer */
};

/* Many of a kind say no more than the first few. */
static bool may_complain(const struct sending *s)
{
	return (double)s->bad + s->refused <= COMPLAINTS;
}

static void take_answer(void *ctx, const json_t *row)
{
	struct sending *s = ctx;

	if (json_is_string(json_object_get(row, "refused"))) {
		s->bad++;
		if (may_complain(s))
			fprintf(stderr, "%s: %s\n", out_str(row, "refused"),
				out_str(row, "why"));
		s->bad--;
		return;
	}
	s->done += out_num(row, "banned") + out_num(row, "unbanned");
	s->already += out_num(row, "already");
	s->refused += out_num(row, "refused");
}

static void hang_up(struct sending *s)
{
	ctl_client_close(s->client);
	s->client = NULL;
	s->waiting = false;
}

static void take_err(struct sending *s, int err, const char *why)
{
	if (!err)
		return;
	s->status = out_failed(s->c, err, why);
	if (err != -EREMOTEIO)
		hang_up(s);
}

static void hear(struct sending *s)
{
	char why[512] = "";

	if (!s->waiting)
		return;
	s->waiting = false;
	take_err(s, ctl_client_answer(s->client, take_answer, s, why, sizeof(why)), why);
}

static json_t *request_of(struct sending *s)
{
	return json_pack("{s:s, s:s*, s:O, s:s*, s:s*, s:s*}", "verb", s->verb,
			 "addresses", s->plain.s, "bans", s->chunk, "for", s->c->opt[OPT_FOR],
			 "jail", s->c->opt[OPT_JAIL], "reason", s->c->opt[OPT_REASON]);
}

static void say(struct sending *s)
{
	if (!s->client)
		take_err(s, ctl_client_open(&s->client, s->c->opt[OPT_SOCKET]), "");
	if (s->client)
		take_err(s, ctl_client_send(s->client, request_of(s)), "");
}

/*
 * While the daemon works on one chunk the next is read from the list and sent.
 * Not if it is long: then both would wait for the other one to read.  A list may
 * come from somebody slow, so the daemon may have hung up.
 */
static void send_chunk(struct sending *s)
{
	bool waiting, ahead = !json_array_size(s->chunk) && s->plain.len < CTL_AHEAD / 2;

	if (!s->n)
		return;
	if (s->plain.failed)
		s->status = cli_fail("%s", strerror(ENOMEM));
	if (!ahead || (s->client && ctl_client_is_stale(s->client))) {
		hear(s);
		hang_up(s);
	}
	waiting = s->waiting;
	if (!s->status)
		say(s);
	if (waiting && s->client)
		hear(s);
	s->waiting = s->client && !s->status;
	json_array_clear(s->chunk);
	str_reset(&s->plain);
	s->n = 0;
}

static void count_row(struct sending *s)
{
	if (++s->n == CHUNK)
		send_chunk(s);
}

static void take_row(void *ctx, json_t *row)
{
	struct sending *s = ctx;

	if (s->status) {		/* no daemon, say: the rest would fare no better */
		json_decref(row);
		return;
	}
	json_array_append_new(s->chunk, row);
	count_row(s);
}

static void take_plain(void *ctx, const char *address)
{
	struct sending *s = ctx;

	if (s->status)
		return;
	if (s->plain.len)
		str_putc(&s->plain, ' ');
	str_puts(&s->plain, address);
	count_row(s);
}

static void take_bad(void *ctx, size_t line, const char *what)
{
	struct sending *s = ctx;

	s->bad++;
	if (!may_complain(s))
		return;
	fprintf(stderr, "%s:%zu: '", streq(s->path, "-") ? "standard input" : s->path, line);
	out_text_to(stderr, what);
	fputs("' is not an address or network\n", stderr);
}

static int report(struct sending *s)
{
	const char *done = starts_with(s->verb, "un") ? "lifted" : "banned";

	hear(s);
	hang_up(s);
	json_decref(s->chunk);
	str_fini(&s->plain);
	if (s->status)
		return s->status;
	if (s->c->json)
		printf("{\"%s\": %.0f, \"already\": %.0f, \"refused\": %.0f, \"bad\": %zu}\n",
		       done, s->done, s->already, s->refused, s->bad);
	else
		printf("%.0f %s, %.0f %s, %.0f refused, %zu not understood\n", s->done, done,
		       s->already, starts_with(s->verb, "un") ? "were not banned" :
		       "were banned already", s->refused, s->bad);
	return s->refused || s->bad ? EXIT_FAILED : EXIT_DONE;
}

int ban_list_file(struct cli *c, const char *verb, const char *path)
{
	struct sending s = { .c = c, .verb = verb, .path = path, .chunk = json_array() };
	struct addr_list l = { .row = take_row, .plain = take_plain, .bad = take_bad, .ctx = &s };
	FILE *f = streq(path, "-") ? stdin : fopen(path, "re");
	int err;

	if (!f) {
		json_decref(s.chunk);
		return cli_fail("%s: %s", path, strerror(errno));
	}
	err = addr_list_read(&l, f);
	if (f != stdin)
		fclose(f);
	send_chunk(&s);
	if (err)
		s.status = cli_fail("%s: %s", path, strerror(-err));
	return report(&s);
}

int ban_list_words(struct cli *c, const char *verb, int argc, char **argv)
{
	struct sending s = { .c = c, .verb = verb, .chunk = json_array() };
	struct ipaddr who;

	for (int i = 0; i < argc; i++) {
		if (ipaddr_parse_net(argv[i], strlen(argv[i]), &who)) {
			json_decref(s.chunk);
			str_fini(&s.plain);
			return cli_usage("%s: '%s' is not an address or network", starts_with(
					 verb, "un") ? "unban" : "ban", argv[i]);
		}
		take_plain(&s, argv[i]);
	}
	send_chunk(&s);
	return report(&s);
}
