// SPDX-License-Identifier: GPL-2.0-or-later
#include "pbx/sip_settings.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "match/filter.h"

/* ---- ports --------------------------------------------------------------------- */

/* "5060", "5060-5070" */
static int read_port(const char *s, struct sensor_ports *out)
{
	unsigned int first, last;
	int used = 0, n = sscanf(s, "%5u-%5u%n", &first, &last, &used);

	if (n == 1) {
		sscanf(s, "%5u%n", &first, &used);
		last = first;
	}
	if (n < 1 || s[used] || !first || last > UINT16_MAX || first > last)
		return -EINVAL;
	*out = (struct sensor_ports){ (uint16_t)first, (uint16_t)last };
	return 0;
}

static int read_ports(struct sensor_settings *out, const struct texts *words, struct diag *d)
{
	int err = 0;

	out->n_ports = 0;
	for (size_t i = 0; i < words->n; i++) {
		if (out->n_ports == SENSOR_PORTS) {
			diag_error(d, &words->v[i], "sip-ports: more than %d", SENSOR_PORTS);
			return -EINVAL;
		}
		if (!read_port(words->v[i].s, &out->ports[out->n_ports])) {
			out->n_ports++;
			continue;
		}
		err = -EINVAL;
		diag_error(d, &words->v[i], "sip-ports: \"%s\" is not a port or a range of "
			   "ports", words->v[i].s);
	}
	return err;
}

/* ---- limits -------------------------------------------------------------------- */

/* The rate called @name: a class, "all-" and a class, known, penalty.  NULL: none. */
static struct sensor_rate *rate_named(struct sensor_settings *s, const char *name)
{
	struct sensor_rate *rates = s->source;

	if (streq(name, "known"))
		return &s->known;
	if (streq(name, "penalty"))
		return &s->penalty;
	if (starts_with(name, "all-")) {
		rates = s->all;
		name += 4;
	}
	for (int c = 0; c < SIP_CLASSES; c++)
		if (streq(name, sensor_class_name((enum sip_class)c)))
			return &rates[c];
	return streq(name, "answer") ? &rates[SIP_BUCKET_ANSWER] :
	       streq(name, "suspect") ? &rates[SIP_BUCKET_SUSPECT] : NULL;
}

/* "register=1/20": one a second, twenty at once; "register=0": no limit. */
static int read_limit(struct sensor_settings *s, const char *word)
{
	size_t len = strcspn(word, "=");
	struct sensor_rate *rate, new = { 0 };
	char name[32], *end;
	unsigned long burst;

	if (!word[len] || len >= sizeof(name))
		return -EINVAL;
	memcpy(name, word, len);
	name[len] = '\0';
	rate = rate_named(s, name);
	new.per_s = strtod(word + len + 1, &end);
	if (!rate || end == word + len + 1 || !(new.per_s >= 0 && new.per_s <= 1e6))
		return -EINVAL;
	if (new.per_s > 0) {
		if (*end++ != '/' || *end < '0' || *end > '9')
			return -EINVAL;
		burst = strtoul(end, &end, 10);
		if (new.per_s < 1e-3 || !burst || burst > 1000000)
			return -EINVAL;
		new.burst = (uint32_t)burst;
	}
	if (*end)
		return -EINVAL;
	*rate = new;
	return 0;
}

static int read_limits(struct sensor_settings *out, const struct texts *words, struct diag *d)
{
	int err = 0;

	for (size_t i = 0; i < words->n; i++) {
		if (!read_limit(out, words->v[i].s))
			continue;
		err = -EINVAL;
		diag_error(d, &words->v[i], "sip-limits: \"%s\" is not NAME=RATE/BURST, with "
			   "a name such as register, all-register or known", words->v[i].s);
	}
	return err;
}

/* ---- signatures ------------------------------------------------------------------ */

/* The word that @line begins with, if it is one of @words; the rest in @line. */
static int take_word(const char **line, const char *const *words)
{
	size_t len = strcspn(*line, " \t");

	for (int i = 0; words[i]; i++) {
		if (strlen(words[i]) != len || memcmp(words[i], *line, len))
			continue;
		*line += len + strspn(*line + len, " \t");
		return i;
	}
	return -EINVAL;
}

/* "drop agent friendly-scanner" */
static int read_signature(const char *line, struct sensor_signature *out)
{
	static const char *const actions[] = {
		[SIP_COUNT] = "count", [SIP_SLOW] = "slow", [SIP_DROP] = "drop", NULL,
	};
	static const char *const places[] = {
		[SIP_FIRST_LINE] = "line", [SIP_USER_AGENT] = "agent", NULL,
	};
	int action = take_word(&line, actions), where = action < 0 ? -1 : take_word(&line, places);

	if (where < 0 || !*line || strlen(line) > SIP_SIGNATURE_LEN)
		return -EINVAL;
	*out = (struct sensor_signature){
		.text = line, .where = (enum sip_where)where, .action = (enum sip_action)action,
	};
	return 0;
}

static int read_signatures(struct sip_rules *out, const struct texts *lines, struct diag *d)
{
	int err = 0;

	out->n_signatures = 0;
	for (size_t i = 0; i < lines->n; i++) {
		if (out->n_signatures == SIP_SIGNATURES) {
			diag_error(d, &lines->v[i], "sip-signatures: more than %d", SIP_SIGNATURES);
			return -EINVAL;
		}
		if (!read_signature(lines->v[i].s, &out->signatures[out->n_signatures])) {
			out->n_signatures++;
			continue;
		}
		err = -EINVAL;
		diag_error(d, &lines->v[i], "sip-signatures: \"%s\" is not drop, slow or count, "
			   "then agent or line, then a text of at most %d bytes",
			   lines->v[i].s, SIP_SIGNATURE_LEN);
	}
	return err;
}

int sip_rules_read(struct sip_rules *out, const struct config_settings *c, struct diag *d)
{
	int ports, limits, signatures;

	*out = (struct sip_rules){ 0 };
	sensor_defaults(&out->limits);
	ports = read_ports(&out->limits, &c->sip_ports, d);
	limits = read_limits(&out->limits, &c->sip_limits, d);
	signatures = read_signatures(out, &c->sip_signatures, d);
	return ports ? ports : limits ? limits : signatures;
}

/* ---- check ----------------------------------------------------------------------- */

void sip_check(const struct config_settings *c, struct diag *d)
{
	struct sip_rules rules;

	sip_rules_read(&rules, c, d);
}

void sip_check_filter(const struct config_settings *c, const struct config_jail *jail,
		      const struct filter *filter, struct diag *d)
{
	bool proven = jail->evidence == EVIDENCE_PROVEN ||
		      (jail->evidence == EVIDENCE_AUTO && jail->sip && c->sip_sensor);

	if (jail->enabled && proven && backend_reads_log(jail->backend) && !filter_grades(filter))
		diag_warn(d, &jail->where, "jail '%s': its filter does not say how messages "
			  "came, so nothing proves their senders: it limits, for SIP, and "
			  "bans nobody (evidence = any bans)", jail->name);
}
