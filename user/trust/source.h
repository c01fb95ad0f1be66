/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * source - the places where trunks are named: "KIND:PATH", and which of them a
 * PBX usually has.  Knows the readers; what is done with what they find is
 * decided elsewhere.
 */
#pragma once
#include "reading.h"

enum trust_kind {
	TRUST_ASTERISK, TRUST_PJSIP, TRUST_SIP, TRUST_FREESWITCH, TRUST_KAMAILIO,
	TRUST_OPENSIPS, TRUST_DISPATCHER, TRUST_ADDRESS, TRUST_DBTEXT, TRUST_LIST,
};

struct trust_source {
	enum trust_kind kind;
	const char *path;	/* borrows */
};

/* "KIND:/absolute/path", borrowing from @word.  0 or -EINVAL. */
int trust_source_parse(const char *word, struct trust_source *out);
const char *trust_kind_name(enum trust_kind kind);
/* "asterisk, pjsip, ...": for messages. */
const char *trust_kind_names(void);

/* Where distributions and the PBXs' own installers put them. */
extern const struct trust_source trust_standard[];
extern const size_t n_trust_standard;

/* Read all of it; what is wrong is in @out, also -ENOMEM. */
void trust_read(const struct trust_source *s, const struct trust_limits *limits,
		struct trust_reading *out);
