// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The sieve as it is built for machines other than x86, here: its scanning takes
 * the place of the one in base.a, and has to pass all of sieve_test.
 */
#define SIEVE_PORTABLE
#include "../../../user/regex/sieve_scan.c"

#include "sieve_test.c"
