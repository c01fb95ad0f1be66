// SPDX-License-Identifier: GPL-2.0-or-later
#include "stamp/defaults.h"

const struct default_pattern default_patterns[] = {
	{ DEFAULT_ISO, .need = NEED_CLOCK },
	{ DEFAULT_SYSLOG, .need = NEED_CLOCK },
	/* Sun Jan 23 2005 21:59:59.011 */
	{ "(?:%a )?%b %d %ExY %k:%M:%S(?:\\.%f)?", .need = NEED_CLOCK },
	/* 23/01/2005 21:59:59, 17-07-08 17:23:25 */
	{ "%d(?P<_sep>[-/])%m(?P=_sep)(?:%ExY|%Exy) %k:%M:%S", .need = NEED_CLOCK },
	{ DEFAULT_APACHE, .need = NEED_CLOCK },
	/* cPanel: 05/20/2008:01:57:39 */
	{ "%m/%d/%ExY:%H:%M:%S", .need = NEED_CLOCK },
	/* 01-27-2012 16:22:44.252 */
	{ "%m-%d-%ExY %k:%M:%S(?:\\.%f)?", .need = NEED_CLOCK },
	{ DEFAULT_EPOCH, .need = NEED_NUMBER, .word = "Epoch" },
	{ "{^LN-BEG}%H:%M:%S", .line_begin = true, .need = NEED_CLOCK },
	{ "^<%m/%d/%Exy@%H:%M:%S>", .line_begin = true, .need = NEED_CLOCK },
	/* MySQL: 130322 11:46:11 */
	{ "%Exy%Exm%Exd  ?%H:%M:%S", .need = NEED_CLOCK },
	/* Tomcat: Feb 03, 2013 11:46:11 AM */
	{ "%b %d, %ExY %I:%M:%S %p", .need = NEED_CLOCK },
	/* ASSP: Apr-27-13 02:33:06 */
	{ "^%b-%d-%Exy %k:%M:%S", .line_begin = true, .need = NEED_CLOCK },
	/* 20050123T215959 */
	{ "%ExY%Exm%Exd(?:T|  ?)%ExH%ExM%ExS(?:[.,]%f)?(?:\\s*%z)?",
	  .need = NEED_NUMBER },
	/* monit: PDT Apr 16 21:05:29 */
	{ "(?:%Z )?(?:%a )?%b %d %k:%M:%S(?:\\.%f)?(?: %ExY)?", .need = NEED_CLOCK },
	/* +00:00 Jan 23 21:59:59.011 2005 */
	{ "(?:%z )?(?:%a )?%b %d %k:%M:%S(?:\\.%f)?(?: %ExY)?", .need = NEED_CLOCK },
	{ "TAI64N", .need = NEED_TAI64N, .word = "TAI64N" },
};
const size_t n_default_patterns = ARRAY_SIZE(default_patterns);
