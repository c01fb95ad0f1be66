/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * sip_settings - what the settings sip-ports, sip-limits and sip-signatures say, in
 * the sensor's own form.
 */
#pragma once
#include "config/config.h"
#include "sensor/sensor.h"

struct sip_rules {
	struct sensor_settings limits;
	struct sensor_signature signatures[SIP_SIGNATURES];	/* borrow their texts */
	size_t n_signatures;
};

/*
 * What is wrong is in @d, and left out; the rest holds.  0 or -EINVAL.  @out's
 * texts are those of @c.
 */
int sip_rules_read(struct sip_rules *out, const struct config_settings *c, struct diag *d);

/* What is wrong with them, into @d. */
void sip_check(const struct config_settings *c, struct diag *d);
/*
 * While the sensor runs, can failures of this jail, as its filter tells of them, ever
 * lead to a ban?  A warning if not.
 */
struct filter;
void sip_check_filter(const struct config_settings *c, const struct config_jail *jail,
		      const struct filter *filter, struct diag *d);
