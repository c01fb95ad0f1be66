// SPDX-License-Identifier: GPL-2.0-or-later
#include "offline/check.h"

#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "journal/journal.h"
#include "lanes/jail_journal.h"
#include "lanes/lane.h"
#include "offline/ssh_ports.h"
#include "pbx/events.h"
#include "pbx/sip_settings.h"
#include "pbx/trust.h"
#include "regex/regex.h"

#define SSHD_CONFIG	"/etc/ssh/sshd_config"
#define SPARES_MAX	4096	/* filters that no jail uses */

static size_t count_regexes(struct filter *f)
{
	return filter_count(f, FILTER_PREF) + filter_count(f, FILTER_FAIL) +
	       filter_count(f, FILTER_IGNORE);
}

static void warn_of_actions(const struct config_jail *jail, struct diag *d)
{
	bool native = false;

	for (size_t i = 0; i < jail->n_actions; i++) {
		const struct config_action *a = &jail->actions[i];

		native |= a->native;
		if (a->reversed)
			diag_warn(d, &a->where, "jail '%s': action '%s' lets through whom "
				  "it bans, which is not done", jail->name, a->name);
		else if (!a->native)
			/* Without the jail: many have it from [DEFAULT]. */
			diag_warn(d, &a->where, "action '%s' is a command and is not run",
				  a->name);
	}
	if (!native)
		diag_warn(d, &jail->where, "jail '%s' has no firewall action: it reports "
			  "and bans nobody", jail->name);
}

static void warn_of_ssh_ports(const struct config_jail *jail, struct diag *d)
{
	struct ssh_ports ports;
	uint16_t open;

	if (!jail->filter.name || !streq(jail->filter.name, "sshd"))
		return;
	ssh_ports_read(SSHD_CONFIG, &ports);
	open = ssh_ports_left_open(&ports, jail);
	if (open)
		diag_warn(d, &jail->where, "jail '%s': sshd listens on port %u (" SSHD_CONFIG
			  "), which a ban leaves open: add it to 'port'", jail->name, open);
}

/* What can never be a log's path, though nothing is there to show it. */
static void warn_of_paths(const struct config_jail *jail, struct diag *d)
{
	for (size_t i = 0; i < jail->n_logpaths; i++) {
		const struct text *t = &jail->logpaths[i].path;
		struct stat st;

		if (*t->s != '/')
			diag_warn(d, t, "jail '%s': \"%s\" is looked for wherever the daemon "
				  "is started: write the whole path", jail->name, t->s);
		else if (!stat(t->s, &st) && S_ISDIR(st.st_mode))
			diag_warn(d, t, "jail '%s': \"%s\" is a directory: name the files in "
				  "it, as %s/*.log", jail->name, t->s, t->s);
	}
}

/* It may come into being with its service; or its name is misspelt. */
static void note_missing_logs(const struct config_jail *jail, struct diag *d)
{
	const struct text *at;

	if (jail->backend == LOG_SYSTEMD || !backend_reads_log(jail->backend) ||
	    jail->backend == LOG_AMI || jail->skip_if_nologs || config_has_log(jail))
		return;
	at = jail->n_logpaths ? &jail->logpaths[0].path : &jail->where;
	if (jail->n_logpaths)
		diag_add(d, DIAG_NOTE, at->file, at->line, "jail '%s': there is no log %s%s "
			 "now; it is read when it appears", jail->name, at->s,
			 jail->n_logpaths > 1 ? " or the like" : "");
	else
		diag_add(d, DIAG_NOTE, at->file, at->line, "jail '%s' has no logpath",
			 jail->name);
}

/*
 * Compile all that a jail has, also when it is broken already: one run shows
 * every problem.  0, -EINVAL, -ENOMEM.
 */
static int compile(const struct config *c, const struct config_jail *jail,
		   struct regex_env *env, struct check_result *out, struct diag *d)
{
	struct lane_params p = { .conf = jail, .env = env, .max_ids = 1 };
	struct lane *lane;
	int err, journal = 0;

	if (jail->broken && !jail->filter.failregex.n)
		return -EINVAL;
	if (jail->backend == LOG_SYSTEMD)
		journal = jail_journal_check(jail, d);
	err = lane_new(&lane, &p, wall_now(), d);
	if (err)
		return err;
	out->regexes += count_regexes(lane_filter(lane));
	sip_check_filter(&c->settings, jail, lane_filter(lane), d);
	lane_free(lane);
	return jail->broken ? -EINVAL : journal;
}

static void add_name(struct str *names, const char *name)
{
	str_printf(names, "%s%s", names->len ? ", " : "", name);
}

void check_result_fini(struct check_result *r)
{
	str_fini(&r->would_run);
	str_fini(&r->would_not);
}

static int check_enabled(const struct config *c, const struct config_jail *jail,
			 struct regex_env *env, struct check_result *out, struct diag *d)
{
	int err = compile(c, jail, env, out, d);

	out->enabled++;
	out->broken += err != 0;
	add_name(err ? &out->would_not : &out->would_run, jail->name);
	if (!err) {
		warn_of_actions(jail, d);
		warn_of_ssh_ports(jail, d);
		warn_of_paths(jail, d);
	}
	note_missing_logs(jail, d);
	return err == -ENOMEM ? err : 0;
}

/* What is wrong with something that does not run anyway is a warning. */
static void append_as_warnings(struct diag *d, const struct diag *from)
{
	for (size_t i = 0; i < from->n; i++) {
		const struct diag_entry *e = &from->entries[i];

		diag_add(d, e->level == DIAG_ERROR ? DIAG_WARNING : e->level, e->file,
			 e->line, "%s", e->text ? e->text : "out of memory");
	}
}

static int check_disabled(const struct config *c, const struct config_jail *jail,
			  struct regex_env *env, struct check_result *out, struct diag *d)
{
	struct diag unused = { 0 };
	int err = compile(c, jail, env, out, &unused);

	append_as_warnings(d, &unused);
	diag_fini(&unused);
	return err == -ENOMEM ? err : 0;
}

/* ---- filters that no jail uses ---------------------------------------------- */

struct spare {
	char *path;			/* owns, as all three */
	struct config *config;
	struct diag d;
};

struct spares {
	struct spare *v;		/* owns */
	size_t n;
};

static void spares_fini(struct spares *s)
{
	for (size_t i = 0; i < s->n; i++) {
		free(s->v[i].path);
		config_free(s->v[i].config);
		diag_fini(&s->v[i].d);
	}
	free(s->v);
}

/* Takes @path, the file of the filter @name of @dir. */
static int add_spare(struct spares *s, const char *dir, const char *name, char *path)
{
	struct spare *v = realloc(s->v, (s->n + 1) * sizeof(*v));

	if (!v) {
		free(path);
		return -ENOMEM;
	}
	s->v = v;
	v += s->n++;
	*v = (struct spare){ .path = path };
	v->config = config_load_filter(dir, name, false, &v->d);
	return v->config ? 0 : -ENOMEM;
}

/* One file of filter.d, "NAME.conf", unless a jail has it. */
static int find_spare(struct spares *s, const struct config *used, const char *file)
{
	size_t len = strlen(file);
	char *path, *name;
	int err;

	if (len <= 5 || *file == '.' || !streq(file + len - 5, ".conf") ||
	    s->n == SPARES_MAX)
		return 0;
	if (asprintf(&path, "%s/filter.d/%s", used->dir, file) < 0)
		return -ENOMEM;
	if (config_has_read(used, path)) {
		free(path);
		return 0;
	}
	name = strndup(file, len - 5);
	err = name ? add_spare(s, used->dir, name, path) : -ENOMEM;
	if (!name)
		free(path);
	free(name);
	return err;
}

static int find_spares(struct spares *s, const struct config *used)
{
	struct dirent *e;
	char *path;
	int err = 0;
	DIR *dir;

	if (asprintf(&path, "%s/filter.d", used->dir) < 0)
		return -ENOMEM;
	dir = opendir(path);
	free(path);
	while (dir && !err && (e = readdir(dir)))
		err = find_spare(s, used, e->d_name);
	if (dir)
		closedir(dir);
	return err;
}

/* A file that another one includes is a part, and may make no sense alone. */
static bool is_part(const struct spares *s, size_t i)
{
	for (size_t k = 0; k < s->n; k++)
		if (k != i && config_has_read(s->v[k].config, s->v[i].path))
			return true;
	return false;
}

static int check_spares(const struct config *used, struct regex_env *env,
			struct check_result *out, struct diag *d)
{
	struct spares s = { 0 };
	int err = find_spares(&s, used);

	for (size_t i = 0; i < s.n && !err; i++) {
		struct spare *spare = &s.v[i];

		if (is_part(&s, i))
			continue;
		if (spare->config->jails->filter.failregex.n)
			err = compile(spare->config, spare->config->jails, env, out, &spare->d);
		err = err == -ENOMEM ? err : 0;
		append_as_warnings(d, &spare->d);
	}
	spares_fini(&s);
	return err;
}

/* ---- all of it ---------------------------------------------------------------- */

/* Without the sensor, what is fed by it is off, whatever its `enabled` says. */
static bool runs(const struct config *c, const struct config_jail *jail)
{
	return jail->enabled && (jail->backend != LOG_SENSOR || c->settings.sip_sensor);
}

static bool has_directory(const struct text *t)
{
	const char *slash = t->s ? strrchr(t->s, '/') : NULL;
	char dir[PATH_MAX];

	if (!slash)
		return true;
	snprintf(dir, sizeof(dir), "%.*s/.", (int)(slash - t->s), t->s);
	return !access(dir, F_OK) || (errno != ENOENT && errno != ENOTDIR);
}

/* The daemon makes these files, but no directories. */
static void check_directories(const struct config_settings *s, struct diag *d)
{
	if (!has_directory(&s->logtarget))
		diag_error(d, &s->logtarget, "\"logtarget = %s\": there is no such directory",
			   s->logtarget.s);
	if (!has_directory(&s->dbfile))
		diag_error(d, &s->dbfile, "\"dbfile = %s\": there is no such directory",
			   s->dbfile.s);
}

static int check_all(const struct config *c, struct regex_env *env,
		     struct check_result *out, struct diag *d)
{
	int err = 0;

	for (size_t i = 0; !err && i < c->n_jails; i++)
		err = runs(c, &c->jails[i]) ? check_enabled(c, &c->jails[i], env, out, d) :
					      check_disabled(c, &c->jails[i], env, out, d);
	events_check(c, true, d);
	sip_check(&c->settings, d);
	check_directories(&c->settings, d);
	return err ? err : check_spares(c, env, out, d);
}

int check_config(const char *dir, struct check_result *out, struct diag *d)
{
	struct config_options o = {
		.dir = dir, .disabled_too = true, .look_for_logs = journal_exists(),
	};
	struct config *c = config_load(&o, d);
	struct regex_env *env = regex_env_new();
	int err = !env ? -ENOMEM : c ? 0 : -EINVAL;

	*out = (struct check_result){ .jails = c ? c->n_jails : 0 };
	if (!err)
		err = check_all(c, env, out, d);
	if (c)
		trust_check_sources(&c->settings, d);
	diag_sort(d);
	regex_env_free(env);
	config_free(c);
	return err ? err : d->count[DIAG_ERROR] ? -EINVAL : 0;
}

int check_print(const char *dir, struct diag *d)
{
	struct config_options o = { .dir = dir, .look_for_logs = journal_exists() };
	struct config *c = config_load(&o, d);
	int err = c ? config_print(c, stdout) : -EINVAL;

	config_free(c);
	return err ? err : d->count[DIAG_ERROR] ? -EINVAL : 0;
}

bool check_attaches(const char *dir, const char *interface)
{
	struct config_options o = { .dir = dir };
	struct diag unheard = { 0 };
	struct config *c = config_load(&o, &unheard);
	bool found = false;

	for (size_t i = 0; c && i < c->settings.interfaces.n; i++)
		found |= streq(c->settings.interfaces.v[i].s, interface);
	config_free(c);
	diag_fini(&unheard);
	return found;
}

void check_guess(struct guess *near)
{
	config_guess(near);
}

bool check_explain(const char *setting, struct str *out)
{
	return config_explain(setting, out);
}

void check_settings(void (*fn)(void *ctx, const char *name, const char *doc), void *ctx)
{
	config_each_setting(fn, ctx);
}
