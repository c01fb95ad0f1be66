/* SPDX-License-Identifier: GPL-2.0-or-later */
/* measure - what every bench of frames needs: a core of its own, and honest figures. */
#pragma once

/* @ret, unless it is negative: then says that @what failed and why, and ends. */
int need(const char *what, int ret);
/*
 * Nothing else runs on our core while we measure, as on a busy router's.  The
 * last core: the first one usually has the machine's interrupts.
 */
void take_core(void);
/* The value that @part of @n (0 to 1) are below; puts them in order. */
double quantile(double *values, int n, double part);
/* For qsort(): numbers, the smallest first. */
int compare_numbers(const void *a, const void *b);
/* For whoever watches: round @r (from 0) of @rounds is over; @r = @rounds clears it away. */
void show_round(int r, int rounds);
