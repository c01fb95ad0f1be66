// SPDX-License-Identifier: GPL-2.0-or-later
#include "delay.h"

static void drop_first(struct delay *d, unsigned int n)
{
	memmove(d->marks, d->marks + n, (d->n - n) * sizeof(*d->marks));
	d->n -= n;
}

/* Time in which nobody could read does not count. */
static void leave_out(struct delay *d, boot_t now)
{
	uint64_t gap = now.ns - d->noted.ns;

	for (unsigned int i = 0; i < d->n && gap > DELAY_GAP_NS; i++)
		d->marks[i].when.ns += gap - DELAY_GAP_NS;
	d->noted = now;
}

void delay_note(struct delay *d, uint64_t done, uint64_t end, boot_t now, uint64_t step_ns)
{
	const struct delay_mark *last = d->n ? &d->marks[d->n - 1] : NULL;
	unsigned int read = 0;

	leave_out(d, now);
	/* There is less than there was: nobody knows which part went. */
	if (last && end < last->end)
		d->n = 0;
	while (read < d->n && d->marks[read].end <= done)
		read++;
	drop_first(d, read);
	last = d->n ? &d->marks[d->n - 1] : NULL;
	if (end <= done || (last && (end == last->end || now.ns - last->when.ns < step_ns)))
		return;
	/* Full: the second oldest says least. */
	if (d->n == DELAY_MARKS) {
		d->marks[1].when = d->marks[0].when;
		drop_first(d, 1);
	}
	d->marks[d->n++] = (struct delay_mark){ end, now };
}

void delay_clear(struct delay *d)
{
	d->n = 0;
}

uint64_t delay_age_ns(const struct delay *d, boot_t now)
{
	return d->n ? now.ns - d->marks[0].when.ns : 0;
}

uint64_t delay_end_at(const struct delay *d, boot_t when)
{
	uint64_t end = 0;

	for (unsigned int i = 0; i < d->n && d->marks[i].when.ns <= when.ns; i++)
		end = d->marks[i].end;
	return end;
}
