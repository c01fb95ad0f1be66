// SPDX-License-Identifier: GPL-2.0-or-later
#include "stamp/defaults.h"

#define DIGIT	.need = NEED_CLOCK, .first = NEED_DIGIT_FIRST
#define LETTER	.need = NEED_CLOCK, .first = NEED_LETTER_FIRST

const struct default_pattern default_patterns[] = {
	{ DEFAULT_ISO, DIGIT },
	{ DEFAULT_SYSLOG, LETTER },
	/* Sun Jan 23 2005 21:59:59.011 */
	{ "(?:%a )?%b %d %ExY %k:%M:%S(?:\\.%f)?", LETTER },
	/* 23/01/2005 21:59:59, 17-07-08 17:23:25 */
	{ "%d(?P<_sep>[-/])%m(?P=_sep)(?:%ExY|%Exy) %k:%M:%S", DIGIT },
	{ DEFAULT_APACHE, DIGIT },
	/* cPanel: 05/20/2008:01:57:39 */
	{ "%m/%d/%ExY:%H:%M:%S", DIGIT },
	/* 01-27-2012 16:22:44.252 */
	{ "%m-%d-%ExY %k:%M:%S(?:\\.%f)?", DIGIT },
	{ DEFAULT_EPOCH, .need = NEED_NUMBER, .first = NEED_DIGIT_FIRST,
	  .word = "Epoch" },
	{ "{^LN-BEG}%H:%M:%S", .line_begin = true, DIGIT },
	{ "^<%m/%d/%Exy@%H:%M:%S>", .line_begin = true, DIGIT },
	/* MySQL: 130322 11:46:11 */
	{ "%Exy%Exm%Exd  ?%H:%M:%S", DIGIT },
	/* Tomcat: Feb 03, 2013 11:46:11 AM */
	{ "%b %d, %ExY %I:%M:%S %p", LETTER },
	/* ASSP: Apr-27-13 02:33:06 */
	{ "^%b-%d-%Exy %k:%M:%S", .line_begin = true, LETTER },
	/* 20050123T215959 */
	{ "%ExY%Exm%Exd(?:T|  ?)%ExH%ExM%ExS(?:[.,]%f)?(?:\\s*%z)?",
	  .need = NEED_NUMBER, .first = NEED_DIGIT_FIRST },
	/* monit: PDT Apr 16 21:05:29 */
	{ "(?:%Z )?(?:%a )?%b %d %k:%M:%S(?:\\.%f)?(?: %ExY)?", LETTER },
	/* +00:00 Jan 23 21:59:59.011 2005; the zone may be missing, or UTC */
	{ "(?:%z )?(?:%a )?%b %d %k:%M:%S(?:\\.%f)?(?: %ExY)?",
	  .need = NEED_CLOCK },
	{ "TAI64N", .need = NEED_TAI64N, .word = "TAI64N" },
};
const size_t n_default_patterns = ARRAY_SIZE(default_patterns);
