// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Lines that match nothing are not shown to the filter: does that change what is
 * found?  Two lanes with the same filter read the same lines, one run by run,
 * sifted, the other line by line, every one of them looked at.  What they find
 * must be the same to the last field, also in mutants of the lines: with bytes
 * changed, pieces moved, and dates where none belong.
 */
#include <dirent.h>
#include <stdlib.h>
#include <unistd.h>

#include "../random.h"
#include "../t.h"
#include "regex/regex.h"
#include "base/str.h"
#include "lanes/lane.h"
#include "lanes/logfile.h"

#define STOCK		"/etc/fail2ban"
#define STOCK_LOGS	"/usr/lib/python3/dist-packages/fail2ban/tests/files/logs"
#define CORPUS_MAX	(256 << 10)	/* bytes of a file that are read */
#define MUTANTS		3	/* of each line; FULL=1: 30 */

/* ---- lines --------------------------------------------------------------- */

static void add_run(void *ctx, const char *data, size_t len)
{
	struct str *corpus = ctx;

	if (corpus->len < CORPUS_MAX)
		str_add(corpus, data, len < CORPUS_MAX ? len : CORPUS_MAX);
}

/* The lines of a file; nothing if there is no such file. */
static struct str read_corpus(const char *dir, const char *name)
{
	struct str corpus = { 0 };
	char path[512];

	snprintf(path, sizeof(path), "%s/%s", dir, name);
	logfile_read(path, NULL, add_run, &corpus);
	if (corpus.len && corpus.s[corpus.len - 1] != '\n')
		str_putc(&corpus, '\n');
	return corpus;
}

static void mutate_line(struct str *out, const struct str *all, const char *line,
			size_t len, uint64_t *random)
{
	static const char *const pieces[] = {
		"Jan 12 03:04:05 ", "2024-01-02 03:04:05", "[2024-01-02T03:04:05.678Z]",
		"1700000000", "\xc3\xa9", "\xe2\x84\xaa", "\xff", "\r", " ", "192.0.2.1", "]",
		": ", "'",
	};
	size_t at = len ? random_below(random, (uint32_t)len) : 0;
	size_t from = random_below(random, (uint32_t)all->len);
	size_t n = random_below(random, 12);
	const char *p = pieces[random_below(random, ARRAY_SIZE(pieces))];

	str_add(out, line, at);
	switch (random_below(random, 5)) {
	case 0:		/* a byte is another, in case or wholly */
		if (at < len)
			str_putc(out, (char)(line[at++] ^ (n & 1 ? 32 : 7)));
		break;
	case 1:		/* bytes are missing */
		at = at + n < len ? at + n : len;
		break;
	case 2:		/* something comes from elsewhere */
		n = memchr(all->s + from, '\n', n) || from + n > all->len ? 0 : n;
		str_add(out, all->s + from, n);
		break;
	default:
		str_puts(out, p);
	}
	str_add(out, line + at, len - at);
	str_putc(out, '\n');
}

static void mutate(struct str *out, const struct str *in, uint64_t *random)
{
	const char *at = in->s, *end = in->s + in->len, *line;
	int n = getenv("FULL") ? 30 : MUTANTS;
	size_t len;

	while (line_next(&at, end, &line, &len))
		for (int i = 0; i < n; i++)
			mutate_line(out, in, line, len, random);
}

/* ---- two lanes ----------------------------------------------------------- */

struct reader {
	struct lane *lane;
	struct freshness fresh;
	struct str found;		/* a line of text for each hit */
	struct now now;
};

static void put_text(struct str *out, struct hit_text t)
{
	str_putc(out, ' ');
	str_add(out, t.s, t.len);
}

static void on_hit(void *ctx, struct lane *lane, const struct hit *hit, const wall_t *when)
{
	struct reader *r = ctx;
	const struct hit_field *fields;
	size_t n = filter_fields(lane_filter(lane), hit, &fields);

	str_printf(&r->found, "%llu %u %d %u %lld",
		   (unsigned long long)lane_stats(lane)->lines, hit->regex, hit->nofail,
		   hit->attempts, when ? (long long)when->us : -1);
	put_text(&r->found, filter_id(lane_filter(lane), hit));
	for (size_t i = 0; i < n; i++)
		put_text(&r->found, fields[i].value);
	for (size_t i = 0; i < hit->n_users; i++)
		put_text(&r->found, hit->users[i]);
	for (size_t i = 0; i < hit->n_lines; i++)
		put_text(&r->found, hit->lines[i]);
	str_putc(&r->found, '\n');
}

static int reader_init(struct reader *r, const struct config_jail *jail,
		       struct regex_env *env, struct diag *d)
{
	struct lane_params p = {
		.conf = jail, .env = env, .max_ids = 1, .as_logged = true,
		.ops = { .hit = on_hit, .ctx = r },
	};

	*r = (struct reader){ .now = { { 1 }, { 1700000000 * US_PER_S } } };
	str_puts(&r->found, "");
	return lane_new(&r->lane, &p, r->now.wall, d);
}

static void read_lines(struct reader *r, const struct str *lines)
{
	const char *at = lines->s, *line;
	size_t len;

	while (line_next(&at, lines->s + lines->len, &line, &len))
		lane_line(r->lane, &r->fresh, line, len, &r->now);
}

/* In runs of any size, as a file grows. */
static void read_runs(struct reader *r, const struct str *lines, uint64_t *random)
{
	const char *p = lines->s, *end = p + lines->len, *stop;

	for (; p < end; p = stop) {
		size_t n = random_below(random, 20000);

		stop = (size_t)(end - p) > n ? memchr(p + n, '\n', (size_t)(end - p) - n) : NULL;
		stop = stop ? stop + 1 : end;
		lane_run(r->lane, &r->fresh, p, (size_t)(stop - p), &r->now);
	}
}

static bool same(const struct reader *a, const struct reader *b)
{
	const struct lane_stats *p = lane_stats(a->lane), *q = lane_stats(b->lane);

	return a->found.len == b->found.len &&
	       !memcmp(a->found.s, b->found.s, a->found.len) &&
	       p->lines == q->lines && p->bytes == q->bytes &&
	       filter_stats(lane_filter(a->lane)).ignored ==
	       filter_stats(lane_filter(b->lane)).ignored;
}

/* ---- filters ------------------------------------------------------------- */

struct stage {
	struct regex_env *env;
	uint64_t random;
	size_t hits;		/* plays in which there were some */
};

static void play(struct stage *st, const struct config_jail *jail, const char *what,
		 const struct str *lines)
{
	struct reader sifted = { 0 }, all = { 0 };
	struct diag d = { 0 };

	/* A mode that the filter does not have leaves it without expressions. */
	if (lines->len && !jail->broken && !reader_init(&sifted, jail, st->env, &d) &&
	    !reader_init(&all, jail, st->env, &d)) {
		read_runs(&sifted, lines, &st->random);
		read_lines(&all, lines);
		t_ok(what, same(&sifted, &all));
		st->hits += lane_stats(all.lane)->lines && all.found.len;
	}
	str_fini(&sifted.found);
	str_fini(&all.found);
	lane_free(sifted.lane);
	lane_free(all.lane);
	diag_fini(&d);
}

static void play_filter(struct stage *st, const char *config, const char *what,
			const struct str *lines)
{
	struct diag d = { 0 };
	struct config *c = config_load_filter(config, what, false, &d);
	struct str mutants = { 0 };

	if (c && c->n_jails) {
		play(st, &c->jails[0], what, lines);
		mutate(&mutants, lines, &st->random);
		play(st, &c->jails[0], what, &mutants);
	}
	str_fini(&mutants);
	config_free(c);
	diag_fini(&d);
}

/* All filters of @config, each with the log of its name in @logs. */
static void play_all(struct stage *st, const char *config, const char *logs,
		     const char *extension)
{
	char path[512], name[256];
	struct dirent *e;
	DIR *dir;

	snprintf(path, sizeof(path), "%s/filter.d", config);
	dir = opendir(path);
	while (dir && (e = readdir(dir))) {
		size_t len = strcspn(e->d_name, ".");
		struct str lines;

		if (!streq(e->d_name + len, ".conf"))
			continue;
		snprintf(name, sizeof(name), "%.*s%s", (int)len, e->d_name, extension);
		lines = read_corpus(logs, name);
		for (int i = 0; i < 2 && lines.len; i++) {
			snprintf(name, sizeof(name), "%.*s%s", (int)len, e->d_name,
				 i ? "[mode=aggressive]" : "");
			play_filter(st, config, name, &lines);
		}
		str_fini(&lines);
	}
	if (dir)
		closedir(dir);
}

/* Real attacks, where they lie beside the checkout. */
static void play_attacks(struct stage *st)
{
	static const struct { const char *filter, *dir, *log; } attacks[] = {
		{ "asterisk", "ast13-chansip-FT", "full.log" },
		{ "asterisk", "ast20-pjsip-default", "security.log" },
		{ "asterisk", "ast20-chansip-FT3q-domain-newyork", "full.json.log" },
		{ "asterisk", "ast20-chansip-forge", "messages.log" },
		{ "kamailio", "kamailio-antiflood", "kamailio-syslog.log" },
		{ "sshd[mode=aggressive]", "sshd-rsyslog", "auth.log" },
		{ "sshd", "sshd-rsyslog", "auth-iso.log" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(attacks); i++) {
		char dir[256];
		struct str lines;

		snprintf(dir, sizeof(dir), "../shared/logs/%s", attacks[i].dir);
		lines = read_corpus(dir, attacks[i].log);
		if (lines.len) {
			play_filter(st, "configs", attacks[i].filter, &lines);
			play_filter(st, STOCK, attacks[i].filter, &lines);
		}
		str_fini(&lines);
	}
}

int main(void)
{
	struct stage st = { .env = regex_env_new(), .random = 20261123 };
	size_t ours;

	setenv("TZ", "UTC", 1);
	play_all(&st, "configs", "tests/replay", ".log");
	ours = st.hits;
	t_ok("filters of ours hit something", ours >= 12);
	play_all(&st, STOCK, STOCK_LOGS, "");
	t_ok("filters of Fail2ban, too", access(STOCK_LOGS, F_OK) || st.hits >= ours + 100);
	play_attacks(&st);
	regex_env_free(st.env);
	return t_done();
}
