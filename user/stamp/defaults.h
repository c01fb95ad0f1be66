/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * defaults - the date patterns that are tried when a filter names none, in
 * this order.  Fail2ban's users rely on both the forms and the order.
 */
#pragma once
#include "stamp/subject.h"

/* Those that have a hand-written matcher (fast.h). */
#define DEFAULT_ISO	"%ExY(?P<_sep>[-/.])%m(?P=_sep)%d(?:T|  ?)%H:%M:%S" \
			"(?:[.,]%f)?(?:\\s*%z)?"
#define DEFAULT_SYSLOG	"(?:%a )?%b %d %k:%M:%S(?:\\.%f)?(?: %ExY)?"
#define DEFAULT_APACHE	"%d(?P<_sep>[-/])%b(?P=_sep)%ExY[ :]?%H:%M:%S" \
			"(?:\\.%f)?(?: %z)?"
#define DEFAULT_EPOCH	"EPOCH"

struct default_pattern {
	const char *text;
	bool line_begin;	/* bound to the begin of the line as it is */
	unsigned int need;	/* enum subject_need: without, it can't match */
	unsigned int first;	/* likewise, where it begins a line */
	const char *word;	/* a word, not a pattern: how it stands for itself */
};

extern const struct default_pattern default_patterns[];
extern const size_t n_default_patterns;
