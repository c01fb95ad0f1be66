// SPDX-License-Identifier: GPL-2.0-or-later
/* What `status` says of events. */
#include "pbx/events_private.h"
#include "base/jsontext.h"

#define PATIENCE_NS	(15 * NS_PER_S)	/* a server may need so long to answer */

static const char *state_name(enum ami_state state, bool doubted)
{
	switch (state) {
	case AMI_LIVE:		return doubted ? "live (proves nothing)" : "live";
	case AMI_CONNECTING:	return "connecting";
	default:		return "waiting for the next try";
	}
}

static double seconds(uint64_t ns)
{
	return (double)ns / NS_PER_S;
}

static json_t *report_ami(const struct events *e, json_t *problems)
{
	struct ami_stats s;

	ami_stats(e->ami, &s);
	if (s.state != AMI_LIVE && (*s.why || s.down_ns > PATIENCE_NS))
		json_add_text(problems, "%s: no events for %.0f s: %s", s.name,
			      seconds(s.down_ns), *s.why ? s.why : "it does not answer");
	return json_pack("{s:s, s:s, s:o*, s:I, s:I, s:I, s:I, s:I, s:I, s:f}",
			 "name", s.name, "state", state_name(s.state, s.doubted),
			 "error", *s.why ? json_word(s.why) : NULL,
			 "taken", (json_int_t)s.lines, "refused", (json_int_t)s.refused,
			 "other", (json_int_t)s.other, "cut", (json_int_t)s.cut,
			 "too_long", (json_int_t)s.too_long,
			 "losses", (json_int_t)s.losses, "lost_seconds", seconds(s.lost_ns));
}

static json_t *report_mailbox(const struct mailbox *m, json_t *problems)
{
	const struct mailbox_stats *s = mailbox_stats(m);

	if (s->too_many + s->overrun)
		json_add_text(problems, "%s: %llu events came too fast and were lost "
			      "(events-rate)", mailbox_name(m),
			      (unsigned long long)(s->too_many + s->overrun));
	return json_pack("{s:s, s:s, s:I, s:I, s:I, s:I, s:I, s:I}",
			 "name", mailbox_name(m), "state", "live",
			 "taken", (json_int_t)s->taken, "refused", (json_int_t)s->bad,
			 "too_long", (json_int_t)s->too_long,
			 "too_many", (json_int_t)s->too_many,
			 "strangers", (json_int_t)s->strangers,
			 "overrun", (json_int_t)s->overrun);
}

json_t *events_report(const struct events *e, json_t *problems)
{
	json_t *list = json_array();

	if (e->ami)
		json_array_append_new(list, report_ami(e, problems));
	if (e->local)
		json_array_append_new(list, report_mailbox(e->local, problems));
	if (e->udp)
		json_array_append_new(list, report_mailbox(e->udp, problems));
	if (e->local_error)
		json_add_text(problems, "events: cannot open %s: %s", e->path,
			      strerror(-e->local_error));
	if (e->udp_error)
		json_add_text(problems, "events: cannot open events-udp: %s",
			      strerror(-e->udp_error));
	if (e->strays)
		json_add_text(problems, "events: %llu named a jail that does not run",
			      (unsigned long long)e->strays);
	if (e->unbelieved)
		json_add_text(problems, "events: %llu told of a success by UDP, which is not "
			      "believed", (unsigned long long)e->unbelieved);
	return list;
}

json_t *events_report_ami(const struct events *e)
{
	struct ami_stats s;

	if (!e->ami)
		return json_array();
	ami_stats(e->ami, &s);
	return json_pack("[{s:s, s:s, s:I, s:I, s:I, s:I, s:f, s:I, s:I, s:b, s:o*}]",
			 "path", s.name, "state", state_name(s.state, s.doubted),
			 "lines", (json_int_t)s.lines, "too_long", (json_int_t)s.too_long,
			 "bytes", (json_int_t)s.bytes, "lag", (json_int_t)0, "delay", 0.,
			 "skipped", (json_int_t)0, "rotations", (json_int_t)s.losses,
			 "polled", 0, "error", *s.why ? json_word(s.why) : NULL);
}
