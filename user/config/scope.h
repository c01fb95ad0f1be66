/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * scope - port lists and protocols, as firewall actions write them, as sets.
 */
#pragma once
#include "ini/loader.h"
#include "config.h"

/*
 * Add "ssh,80,5060:5069" to @scope; all of 0:65535 (or from 1) means every
 * port.  0, or -EINVAL/-ENOMEM, reported.
 */
int scope_set_ports(struct loader *l, struct config_scope *scope, const struct text *t);
/* "tcp", "tcp,udp", "all".  Likewise. */
int scope_set_protocols(struct loader *l, struct config_scope *scope, const struct text *t);
/* Both in their written form ("22,80:90", "tcp,udp"); "" for every one. */
void scope_format_ports(const struct config_scope *scope, struct str *out);
void scope_format_protocols(const struct config_scope *scope, struct str *out);
