/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * requests - what the control socket of a running daemon can be asked.
 */
#pragma once
#include "control/ctl_server.h"

/* For daemon_options; each handler's @ctx is the struct daemon. */
extern const struct ctl_handler daemon_requests[];
