/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * ctl - the words of the control socket, both ends.
 * A unix stream socket; a request is one JSON object on one line with the
 * member "verb", the answer is any number of JSON objects, each on its line.
 * The last one is {"done": true} or {"error": "..."}.  So a shell can talk to
 * it, and a list of a million bans streams instead of being built in memory.
 */
#pragma once
#include <jansson.h>

#include "base/str.h"
#include "base/util.h"

#define CTL_REQUEST_MAX	(1u << 20)	/* bytes of one request line */
#define CTL_CLIENTS_MAX	16		/* connections at once */
#define CTL_IDLE_S	30		/* a silent client is closed after this */
#define CTL_CHUNK	(64u << 10)	/* output built before it is written */
