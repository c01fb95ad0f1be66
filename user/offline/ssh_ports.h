/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * ssh_ports - does a ban of the sshd jail shut the ports that sshd listens on?
 * Who has moved sshd to another port and not the jail bans attackers from a door
 * that nobody uses; Fail2ban's users ask about that more than about anything.
 */
#pragma once
#include "config/config.h"

#define SSH_PORTS_MAX	16	/* more are not looked at */

struct ssh_ports {
	uint16_t v[SSH_PORTS_MAX];	/* host byte order */
	size_t n;			/* 0: nothing is known */
};

/* What sshd_config @path says, with the files that it includes. */
void ssh_ports_read(const char *path, struct ssh_ports *out);
/* The first of @ports that no ban of @jail shuts; 0: they all are shut. */
uint16_t ssh_ports_left_open(const struct ssh_ports *ports, const struct config_jail *jail);
