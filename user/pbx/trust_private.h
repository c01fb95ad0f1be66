/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the files trust*.c share: the thing itself. */
#pragma once
#include "pbx/trust.h"
#include "pbx/trust_setting.h"
#include "paths/watch.h"

/* A directory that is watched; may be gone, and come again. */
struct trust_watch {
	struct watch watch;
	struct trust_watch *next;
	bool wanted;
	char path[];
};

struct trust {
	struct loop *loop;		/* borrows, as in trust_params */
	struct resolver *resolver;
	struct allowlist *everyone;
	void (*changed)(void *ctx);
	void *ctx;

	struct trust_book *book;	/* owns, as all below */
	bool named[TRUST_MAX_SOURCES];	/* by the setting: it should be there */
	char *names_path, *own_path;
	char **labels;			/* in the allowlist now; sorted */
	size_t n_labels, n_nets;

	struct watches *watches;
	struct trust_watch *dirs;
	bool noted;			/* an event that matters came */
	bool polling;			/* not all of it can be watched */
	boot_t first_event;		/* not acted on yet; 0: none */
	boot_t rested;			/* not read again before, see TRUST_REST */
	struct loop_timer settle;

	size_t asking;
	bool closing;			/* no more questions */
	bool must_save;
	struct loop_timer ask, save;
	uint64_t readings;
	bool names_loaded;
};

/* trust_watch.c: watch the directories that the last reading came from. */
int trust_watch_start(struct trust *t);
void trust_watch_stop(struct trust *t);
void trust_watch_dirs(struct trust *t);

/* trust_names.c: ask for what is due, and save what is known. */
void trust_names_start(struct trust *t);
void trust_names_stop(struct trust *t);	/* before the resolver goes */
void trust_names_load(struct trust *t);
void trust_names_due(struct trust *t);

/* Put @text where @path is; a crash leaves the old file or the new one. */
int trust_replace_file(const char *path, const struct str *text);

/* trust.c: the book has changed. */
void trust_apply(struct trust *t);
