/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * evidence - the log lines that led to a ban, as one text that store and database
 * keep with it: for each line its time, the index of the failregex and what was
 * logged.  Lines are hostile: whatever they hold, the text keeps its form.
 */
#pragma once
#include "base/jsontext.h"
#include "base/str.h"
#include "config/config.h"
#include "decide/window.h"

/* Append the last @max of @lines, oldest first. */
void evidence_write(struct window_lines lines, size_t max, struct str *out);
/*
 * As an array of {"time", "text", "regex", "expression", "proven"}; the last three
 * only where they are known.  @text and @filter (whose expressions the indexes mean) may be
 * NULL.  What is not of the form above is left out.
 */
json_t *evidence_json(const char *text, const struct config_filter *filter);
/* The way back, for bans that come from another machine. */
void evidence_read(const json_t *lines, struct str *out);
