// SPDX-License-Identifier: GPL-2.0-or-later
#include "out.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <time.h>
#include <unistd.h>

#include "base/utf8.h"

const char *out_duration(double seconds, char buf[static 32])
{
	static const struct { int64_t s; const char *name; } units[] = {
		{ 86400, "d" }, { 3600, "h" }, { 60, "m" }, { 1, "s" },
	};
	int64_t left = (int64_t)seconds;
	size_t i = 0;

	if (seconds < 0)
		return strcpy(buf, "ever");
	while (i < 3 && left < units[i].s)
		i++;
	if (i == 3 || left % units[i].s < units[i + 1].s)
		snprintf(buf, 32, "%lld%s", (long long)(left / units[i].s), units[i].name);
	else	/* two units say enough */
		snprintf(buf, 32, "%lld%s %lld%s", (long long)(left / units[i].s),
			 units[i].name, (long long)(left % units[i].s / units[i + 1].s),
			 units[i + 1].name);
	return buf;
}

const char *out_count(double n, char buf[static 16])
{
	static const char suffix[] = " kMGTP";
	size_t i = 0;

	while (n >= 1000 && i < sizeof(suffix) - 2) {
		n /= 1000;
		i++;
	}
	if (!i)
		snprintf(buf, 16, "%.0f", n);
	else
		snprintf(buf, 16, n < 10 ? "%.1f%c" : "%.0f%c", n, suffix[i]);
	return buf;
}

const char *out_time(double epoch, char buf[static 32])
{
	time_t t = (time_t)epoch;
	struct tm tm;

	if (!t)
		return strcpy(buf, "-");
	localtime_r(&t, &tm);
	strftime(buf, 32, "%F %T", &tm);
	return buf;
}

const char *out_str(const json_t *obj, const char *name)
{
	const char *s = json_string_value(json_object_get(obj, name));

	return s && *s ? s : "-";
}

double out_num(const json_t *obj, const char *name)
{
	return json_number_value(json_object_get(obj, name));
}

size_t out_columns(void)
{
	const char *given = getenv("COLUMNS");
	struct winsize w;

	if (given && atoi(given) > 0)
		return (size_t)atoi(given);
	return ioctl(STDOUT_FILENO, TIOCGWINSZ, &w) || !w.ws_col ? SIZE_MAX : w.ws_col;
}

void out_text_to(FILE *f, const char *text)
{
	utf8_print(f, text, strlen(text));
}

void out_text(const char *text)
{
	out_text_to(stdout, text);
}

void out_json_row(void *ctx, const json_t *obj)
{
	(void)ctx;
	out_json(obj);
}

void out_json(const json_t *obj)
{
	json_dumpf(obj, stdout, JSON_COMPACT);
	putchar('\n');
}

int out_failed(struct cli *c, int err, const char *why)
{
	const char *path = c->opt[OPT_SOCKET];

	switch (err) {
	case -EREMOTEIO:
		return cli_fail("%s", why);
	case -ENOENT:
	case -ECONNREFUSED:
		return cli_fail("no daemon answers at %s; start it with 'systemctl start "
				"xdpban' or 'xdpban run', or name its socket with --socket",
				path);
	case -EACCES:
		return cli_fail("%s: permission denied; run this as root", path);
	case -EAGAIN:
		return cli_fail("%s: the daemon does not answer", path);
	default:
		return cli_fail("%s: %s", path, strerror(-err));
	}
}

static int ask(struct cli *c, json_t *req, ctl_row_fn *row, void *ctx, bool quietly)
{
	char why[512] = "";
	int err = ctl_request(c->opt[OPT_SOCKET], req, row, ctx, why, sizeof(why));

	if (!err)
		return EXIT_DONE;
	if (quietly && (err == -ENOENT || err == -ECONNREFUSED))
		return err;
	return out_failed(c, err, why);
}

int out_ask(struct cli *c, json_t *req, ctl_row_fn *row, void *ctx)
{
	return ask(c, req, row, ctx, false);
}

int out_ask_quietly(struct cli *c, json_t *req, ctl_row_fn *row, void *ctx)
{
	return ask(c, req, row, ctx, true);
}

int out_problems(struct diag *d, int err)
{
	static const char *const level[] = { "", "warning: ", "note: " };
	char buf[2048];

	for (size_t i = 0; i < d->n; i++) {
		fputs(!d->entries[i].file && d->entries[i].level == DIAG_ERROR ? "xdpban: " :
		      level[d->entries[i].level], stderr);
		out_text_to(stderr, diag_format(&d->entries[i], buf, sizeof(buf)));
		fputc('\n', stderr);
	}
	if (err && !d->count[DIAG_ERROR])
		fprintf(stderr, "xdpban: %s\n", strerror(-err));
	diag_fini(d);
	return err ? EXIT_FAILED : EXIT_DONE;
}
