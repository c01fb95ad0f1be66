/* SPDX-License-Identifier: GPL-2.0-or-later */
/* trust_setting - what the setting `trust` means: which sources there are. */
#pragma once
#include "config/config.h"
#include "trust/source.h"

#define TRUST_MAX_SOURCES	64u	/* and one for the operator's own list */

/*
 * The sources of @s, without the operator's own; words that are none are
 * reported to @d (may be NULL).  Gives how many; they borrow from @s.
 */
size_t trust_setting_sources(const struct config_settings *s,
			     struct trust_source v[static TRUST_MAX_SOURCES], struct diag *d);
/* Was it named by the setting, or is it one where a PBX may have something? */
bool trust_setting_names(const struct config_settings *s, const struct trust_source *src);
