// SPDX-License-Identifier: GPL-2.0-or-later
#include "source.h"

#include <errno.h>

#include "readers.h"

static const struct {
	const char *name;
	trust_reader_fn *read;
} kinds[] = {
	[TRUST_ASTERISK]   = { "asterisk", trust_read_asterisk },
	[TRUST_PJSIP]	   = { "pjsip", trust_read_pjsip },
	[TRUST_SIP]	   = { "sip", trust_read_chan_sip },
	[TRUST_FREESWITCH] = { "freeswitch", trust_read_freeswitch },
	[TRUST_KAMAILIO]   = { "kamailio", trust_read_kamailio },
	[TRUST_OPENSIPS]   = { "opensips", trust_read_kamailio },
	[TRUST_DISPATCHER] = { "dispatcher", trust_read_dispatcher },
	[TRUST_ADDRESS]	   = { "address", trust_read_address },
	[TRUST_DBTEXT]	   = { "dbtext", trust_read_dbtext },
	[TRUST_LIST]	   = { "list", trust_read_list },
};

const struct trust_source trust_standard[] = {
	{ TRUST_ASTERISK, "/etc/asterisk" },
	{ TRUST_FREESWITCH, "/etc/freeswitch" },
	{ TRUST_FREESWITCH, "/usr/local/freeswitch/conf" },
	{ TRUST_KAMAILIO, "/etc/kamailio/kamailio.cfg" },
	{ TRUST_KAMAILIO, "/usr/local/etc/kamailio/kamailio.cfg" },
	{ TRUST_OPENSIPS, "/etc/opensips/opensips.cfg" },
};
const size_t n_trust_standard = ARRAY_SIZE(trust_standard);

const char *trust_kind_name(enum trust_kind kind)
{
	return kinds[kind].name;
}

const char *trust_kind_names(void)
{
	return "asterisk, pjsip, sip, freeswitch, kamailio, opensips, dispatcher, address, "
	       "dbtext, list";
}

int trust_source_parse(const char *word, struct trust_source *out)
{
	const char *colon = strchr(word, ':');

	if (!colon || colon[1] != '/')
		return -EINVAL;
	for (size_t i = 0; i < ARRAY_SIZE(kinds); i++) {
		size_t len = strlen(kinds[i].name);

		if (len == (size_t)(colon - word) && !memcmp(word, kinds[i].name, len)) {
			*out = (struct trust_source){ (enum trust_kind)i, colon + 1 };
			return 0;
		}
	}
	return -EINVAL;
}

void trust_read(const struct trust_source *s, const struct trust_limits *limits,
		struct trust_reading *out)
{
	*out = (struct trust_reading){ .limits = *limits };
	/* So that it is noticed when it comes. */
	trust_watch_dir(out, s->path);
	kinds[s->kind].read(out, s->path);
	/* What is left out may be what was known before. */
	out->failed |= out->refused > 0;
	if (out->refused)
		trust_warn(out, s->path, 0, "too much: %llu entries, lines or files are left "
			   "out", (unsigned long long)out->refused);
}
