/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * upkeep - forgets what is of no use any more: failures that are too old to
 * count, offenders who have been good, records of old bans, places in logs that
 * are gone.
 * Wakes up only while there is something to forget, and then seldom.
 */
#pragma once
#include "keeping/bans.h"
#include "keeping/saver.h"
#include "lanes/pipeline.h"

#define UPKEEP_LEAST_NS	(60 * NS_PER_S)		/* between two looks */
#define UPKEEP_MOST_NS	(3600 * NS_PER_S)

struct upkeep;

/* Borrows all; @pipeline is looked at whenever there is something to do. */
struct upkeep_params {
	struct loop *loop;
	struct ban_db *db;
	struct bans *bans;
	struct neighbours *neighbours;
	struct saver *saver;
	struct positions *positions;
	struct pipeline *const *pipeline;
};

/* 0 or -ENOMEM. */
int upkeep_new(struct upkeep **out, const struct upkeep_params *p);
void upkeep_free(struct upkeep *u);	/* NULL is fine */
/* Something was counted, or somebody banned.  Cheap. */
void upkeep_touch(struct upkeep *u);
