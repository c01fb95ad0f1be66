// SPDX-License-Identifier: GPL-2.0-or-later
#include "stamp/defaults.h"

const struct default_pattern default_patterns[] = {
	{ DEFAULT_ISO, .clock = true },
	{ DEFAULT_SYSLOG, .clock = true },
	/* Sun Jan 23 2005 21:59:59.011 */
	{ "(?:%a )?%b %d %ExY %k:%M:%S(?:\\.%f)?", .clock = true },
	/* 23/01/2005 21:59:59, 17-07-08 17:23:25 */
	{ "%d(?P<_sep>[-/])%m(?P=_sep)(?:%ExY|%Exy) %k:%M:%S", .clock = true },
	{ DEFAULT_APACHE, .clock = true },
	/* cPanel: 05/20/2008:01:57:39 */
	{ "%m/%d/%ExY:%H:%M:%S", .clock = true },
	/* 01-27-2012 16:22:44.252 */
	{ "%m-%d-%ExY %k:%M:%S(?:\\.%f)?", .clock = true },
	{ DEFAULT_EPOCH, .word = "Epoch" },
	{ "{^LN-BEG}%H:%M:%S", .line_begin = true, .clock = true },
	{ "^<%m/%d/%Exy@%H:%M:%S>", .line_begin = true, .clock = true },
	/* MySQL: 130322 11:46:11 */
	{ "%Exy%Exm%Exd  ?%H:%M:%S", .clock = true },
	/* Tomcat: Feb 03, 2013 11:46:11 AM */
	{ "%b %d, %ExY %I:%M:%S %p", .clock = true },
	/* ASSP: Apr-27-13 02:33:06 */
	{ "^%b-%d-%Exy %k:%M:%S", .line_begin = true, .clock = true },
	/* 20050123T215959 */
	{ "%ExY%Exm%Exd(?:T|  ?)%ExH%ExM%ExS(?:[.,]%f)?(?:\\s*%z)?" },
	/* monit: PDT Apr 16 21:05:29 */
	{ "(?:%Z )?(?:%a )?%b %d %k:%M:%S(?:\\.%f)?(?: %ExY)?", .clock = true },
	/* +00:00 Jan 23 21:59:59.011 2005 */
	{ "(?:%z )?(?:%a )?%b %d %k:%M:%S(?:\\.%f)?(?: %ExY)?", .clock = true },
	{ "TAI64N", .word = "TAI64N" },
};
const size_t n_default_patterns = ARRAY_SIZE(default_patterns);
