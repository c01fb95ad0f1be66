/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the files of the allowlist share: what it holds, and asking it. */
#pragma once
#include "allow_file.h"
#include "allowlist.h"
#include "prefix_set.h"

/* Entries that came together and go together. */
struct group {
	enum allow_kind kind;
	char *label;		/* owns; NULL is a label too */
	struct ipaddr *nets;	/* owns; sorted */
	size_t n;
	/* of a file: */
	struct allow_file_id file;
	boot_t next_look;
	bool failed;		/* so that a lasting error is logged once */
};

struct allowlist {
	char *owner;		/* owns; NULL: nobody's */
	struct group *groups;	/* owns */
	size_t n_groups, room;
	struct prefix_set set;	/* of all groups; the tag is the group's index */
	bool changed;		/* @set must be made again */
	boot_t next_look;	/* at any file; { 0 }: now */
	size_t n_nets, max_nets;	/* in all groups, doubles too */
	uint64_t version;
	struct allow_stats stats;
};

/* The entries of @g, instead of those before; takes over @nets (malloc'd, or NULL). */
void allowlist_set_nets(struct allowlist *a, struct group *g, struct ipaddr *nets, size_t n);
