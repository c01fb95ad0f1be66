// SPDX-License-Identifier: GPL-2.0-or-later
/* Answers that wait until what they tell of would outlive us. */
#include <errno.h>
#include <stdlib.h>

#include "requests/requests_private.h"

/* The ban is in force in any case; nobody is kept waiting for a disk for longer. */
#define PATIENCE_NS	(2 * NS_PER_S)

struct saving {
	struct daemon *d;		/* borrows */
	struct ctl_reply *reply;	/* borrows */
	struct saver_wait wait;
	struct loop_timer late;
	bool saved;
};

static void add_unsaved(struct daemon *d, struct ctl_reply *r)
{
	struct ban_db_state st = ban_db_state(d->db);

	ctl_reply_add(r, json_pack("{s:s}", "unsaved",
				   *st.text ? st.text : "the database is busy"));
}

static void on_saved(void *ctx)
{
	struct saving *s = ctx;

	s->saved = true;
	ctl_reply_go_on(s->reply);
}

static void on_late(void *ctx)
{
	struct saving *s = ctx;

	ctl_reply_go_on(s->reply);
}

static bool say_end(void *state, struct ctl_reply *r)
{
	struct saving *s = state;

	if (!s->saved)
		add_unsaved(s->d, r);
	return false;
}

static void free_saving(void *state)
{
	struct saving *s = state;

	saver_wait_cancel(&s->wait);
	loop_timer_cancel(s->d->loop, &s->late);
	free(s);
}

void request_wait_saved(struct daemon *d, struct ctl_reply *r)
{
	enum ban_db_health health = ban_db_state(d->db).health;
	struct saving *s = health == BAN_DB_OK ? calloc(1, sizeof(*s)) : NULL;

	if (!s) {
		saver_hurry(d->saver);
		if (health != BAN_DB_OFF)
			add_unsaved(d, r);
		return;
	}
	*s = (struct saving){
		.d = d, .reply = r, .wait = { .saved = on_saved, .ctx = s },
		.late = { .fn = on_late, .ctx = s },
	};
	r->more = say_end;
	r->free_state = free_saving;
	r->state = s;
	r->waits = true;
	saver_wait(d->saver, &s->wait);
	loop_timer_in(d->loop, &s->late, PATIENCE_NS);
}
