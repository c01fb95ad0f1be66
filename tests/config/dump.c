// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * dump - a configuration as JSON, with the place of every text: what the
 * comparison with Fail2ban's own reader reads.
 *
 *   dump DIR             every jail of DIR, disabled ones too
 *   dump DIR FILTER      what `xdpban test FILTER` would use
 *   dump DIR --print     config_print() of every jail
 *
 * Problems are on standard error, as "LEVEL file:line: text".
 */
#include <stdio.h>
#include <stdlib.h>

#include "config/config.h"

static void put_string(const char *s)
{
	if (!s) {
		fputs("null", stdout);
		return;
	}
	putchar('"');
	for (; *s; s++) {
		if (*s == '"' || *s == '\\')
			printf("\\%c", *s);
		else if ((unsigned char)*s < ' ')
			printf("\\u%04x", *s);
		else
			putchar(*s);
	}
	putchar('"');
}

static void put_text(const struct text *t)
{
	printf("{\"s\": ");
	put_string(t->s);
	printf(", \"file\": ");
	put_string(t->file);
	printf(", \"line\": %d}", t->line);
}

static void put_texts(const char *name, const struct texts *list)
{
	printf("\"%s\": [", name);
	for (size_t i = 0; i < list->n; i++) {
		printf(i ? ", " : "");
		put_text(&list->v[i]);
	}
	printf("], ");
}

static void put_params(const char *name, const struct config_params *p)
{
	printf("\"%s\": {", name);
	for (size_t i = 0; i < p->n; i++) {
		printf(i ? ", " : "");
		put_string(p->v[i].name);
		printf(": ");
		put_string(p->v[i].value.s);
	}
	printf("}");
}

static void put_filter(const struct config_filter *f)
{
	static const char *const usedns[] = { "warn", "yes", "no", "raw" };

	printf("\"filter\": {\"name\": ");
	put_string(f->name);
	printf(", \"prefregex\": ");
	put_text(&f->prefregex);
	printf(", ");
	put_texts("failregex", &f->failregex);
	put_texts("ignoreregex", &f->ignoreregex);
	put_texts("datepattern", &f->datepattern);
	put_texts("journalmatch", &f->journalmatch);
	printf("\"maxlines\": %d, \"usedns\": \"%s\"}, ", f->maxlines, usedns[f->usedns]);
}

static void put_scope(const struct config_scope *s)
{
	printf("\"ports\": [");
	for (size_t i = 0; i < s->n_ports; i++)
		printf("%s[%d, %d]", i ? ", " : "", s->ports[i].first, s->ports[i].last);
	printf("], \"protocols\": [");
	for (size_t i = 0; i < s->n_protocols; i++)
		printf("%s%d", i ? ", " : "", s->protocols[i]);
	printf("], ");
}

static void put_action(const struct config_action *a)
{
	printf("{\"name\": ");
	put_string(a->name);
	printf(", \"file\": ");
	put_string(a->file);
	printf(", \"native\": %s, ", a->native || a->reversed ? "true" : "false");
	put_scope(&a->scope);
	put_params("parameters", &a->parameters);
	printf(", ");
	put_params("options", &a->options);
	printf("}");
}

static void put_times(const struct config_jail *j)
{
	const struct config_increment *inc = &j->increment;

	printf("\"maxretry\": %d, \"maxmatches\": %d, \"findtime\": %.15g, \"bantime\": %.15g, ",
	       j->maxretry, j->maxmatches, j->findtime, j->bantime);
	printf("\"increment\": %s, \"factor\": %.15g, \"maxtime\": %.15g, \"rndtime\": %.15g, "
	       "\"overalljails\": %s, \"multipliers\": %zu, ", inc->on ? "true" : "false",
	       inc->factor, inc->maxtime, inc->rndtime, inc->overalljails ? "true" : "false",
	       inc->n_multipliers);
}

static void put_jail(const struct config_jail *j)
{
	printf("{\"name\": ");
	put_string(j->name);
	printf(", \"enabled\": %s, \"broken\": %s, \"backend\": %d, ",
	       j->enabled ? "true" : "false", j->broken ? "true" : "false", j->backend);
	put_params("backend_options", &j->backend_options);
	printf(", \"logpath\": [");
	for (size_t i = 0; i < j->n_logpaths; i++) {
		printf(i ? ", " : "");
		put_text(&j->logpaths[i].path);
	}
	printf("], ");
	put_times(j);
	put_texts("ignoreip", &j->ignoreip);
	printf("\"ignorecommand\": ");
	put_string(j->ignorecommand.s);
	printf(", ");
	put_filter(&j->filter);
	printf("\"actions\": [");
	for (size_t i = 0; i < j->n_actions; i++) {
		printf(i ? ",\n  " : "");
		put_action(&j->actions[i]);
	}
	printf("]}");
}

static void put_config(const struct config *c)
{
	printf("[");
	for (size_t i = 0; i < c->n_jails; i++) {
		printf(i ? ",\n" : "");
		put_jail(&c->jails[i]);
	}
	printf("]\n");
}

static void put_problems(const struct diag *d)
{
	static const char *const levels[] = { "error", "warning", "note" };
	char buf[2048];

	for (size_t i = 0; i < d->n; i++)
		fprintf(stderr, "%s %s\n", levels[d->entries[i].level],
			diag_format(&d->entries[i], buf, sizeof(buf)));
}

int main(int argc, char **argv)
{
	struct config_options o = { .dir = argc > 1 ? argv[1] : ".", .disabled_too = true };
	bool print = argc > 2 && streq(argv[2], "--print");
	struct diag d = { 0 };
	struct config *c = argc > 2 && !print ?
			   config_load_filter(argv[1], argv[2], false, &d) :
			   config_load(&o, &d);
	int err = 0;

	put_problems(&d);
	if (c && print)
		err = config_print(c, stdout);
	else if (c)
		put_config(c);
	config_free(c);
	diag_fini(&d);
	return !c || err;
}
