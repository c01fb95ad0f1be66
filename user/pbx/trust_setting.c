// SPDX-License-Identifier: GPL-2.0-or-later
#include "pbx/trust_setting.h"

#include "pbx/trust.h"

static void add(struct trust_source *v, size_t *n, const struct trust_source *s,
		struct diag *d, const struct text *word)
{
	if (*n < TRUST_MAX_SOURCES - 1)
		v[(*n)++] = *s;
	else
		diag_error(d, word, "\"trust = %s\": there are too many sources (%u at most)",
			   word->s, TRUST_MAX_SOURCES - 1);
}

size_t trust_setting_sources(const struct config_settings *s,
			     struct trust_source v[static TRUST_MAX_SOURCES], struct diag *d)
{
	struct trust_source src;
	size_t n = 0;

	for (size_t i = 0; i < s->trust.n; i++) {
		const struct text *word = &s->trust.v[i];

		if (streq(word->s, "off"))
			continue;
		if (streq(word->s, "auto"))
			for (size_t k = 0; k < n_trust_standard; k++)
				add(v, &n, &trust_standard[k], d, word);
		else if (!trust_source_parse(word->s, &src))
			add(v, &n, &src, d, word);
		else
			diag_error(d, word, "\"trust = %s\": neither auto nor off nor "
				   "KIND:/PATH (kinds: %s)", word->s, trust_kind_names());
	}
	return n;
}

bool trust_setting_names(const struct config_settings *s, const struct trust_source *src)
{
	struct trust_source named;

	for (size_t i = 0; i < s->trust.n; i++)
		if (!trust_source_parse(s->trust.v[i].s, &named) &&
		    named.kind == src->kind && streq(named.path, src->path))
			return true;
	return false;
}

void trust_check_setting(const struct config_settings *s, struct diag *d)
{
	struct trust_source v[TRUST_MAX_SOURCES];

	trust_setting_sources(s, v, d);
}
