/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * parts - what a running daemon consists of, for the files that make it work as one
 * (parts.c, wiring.c, reload.c, allowed.c; daemon.c has the order) and for those who
 * answer questions about it (requests/).
 */
#pragma once
#include "attach/attacher.h"
#include "attach/ladder.h"
#include "attach/netwatch.h"
#include "base/loop.h"
#include "confine/confine.h"
#include "confine/runner.h"
#include "control/ctl_server.h"
#include "daemon/daemon.h"
#include "daemon/gateways.h"
#include "keeping/bans.h"
#include "keeping/neighbours.h"
#include "keeping/saver.h"
#include "keeping/upkeep.h"
#include "lanes/deferred.h"
#include "lanes/lookout.h"
#include "lanes/names.h"
#include "lanes/pipeline.h"
#include "lanes/positions.h"
#include "pbx/events.h"
#include "pbx/sip.h"
#include "pbx/trust.h"

struct daemon {
	const struct daemon_options *o;
	struct loop *loop;
	struct config *config;
	struct regex_env *env;
	struct enforcer *enforcer;
	struct enforcer_choice backend;	/* and why not a better one */
	struct allowlist *everyone;	/* whom nobody bans: us, gateways ... */
	struct window_pool *tracked;	/* ids with failures, of all jails */
	struct ban_db *db;
	struct bans *bans;
	struct neighbours *neighbours;
	struct positions positions;
	struct deferred *deferred;
	struct names *names;
	struct trust *trust;
	struct events *events;
	struct sip *sip;		/* the SIP sensor, if there is one */
	struct pipeline *pipeline;
	struct saver *saver;
	struct upkeep *upkeep;
	struct ctl_server *control;
	struct netwatch *netwatch;
	struct gateways *gateways;
	struct attacher *attacher;	/* NULL unless XDP drops the banned */
	struct runner *runner;
	struct confined confined;
	struct lookout lookout;
	bool restored;			/* the bans of the last run are in force */
	boot_t started;
	struct diag problems;		/* of the configuration in force */
	uint64_t allow_version;		/* of what the kernel was told */
	uint64_t resolvers;		/* host_resolvers_state() of what is allowed */
	boot_t resolvers_due;		/* when to look next, if somebody is to be banned */
};

/*
 * parts.c: make and take down.  parts_init() is what reading the configuration needs,
 * parts_open() all the rest, by d->config; each 0 or -errno.  Its last step, all
 * but the kernel and the database, is parts_join().  parts_fini() is fine with
 * what is half made.
 */
int parts_init(struct daemon *d);
int parts_open(struct daemon *d);
int parts_join(struct daemon *d);
/* From here on the daemon may do only what it is there for; before its first thread. */
void parts_confine(struct daemon *d);
void parts_fini(struct daemon *d);

/*
 * wiring.c: the stages for @config, in *@out, and whom they ask and tell.  Lanes of
 * @old whose jail is the same go on.  Borrows @config.  0 or -errno; what is wrong, in
 * @problems.
 */
int daemon_build_pipeline(struct daemon *d, struct config *config, struct pipeline *old,
			  struct pipeline **out, struct diag *problems);
/* Lines were read, or an event came: there is something to save, later to forget. */
void daemon_progressed(void *ctx);

/* reload.c: NULL: it cannot be read; @problems has the reasons. */
struct config *daemon_read_config(const struct daemon_options *o, struct diag *problems);
/* 0 or -errno, after logging to the log there was before. */
int daemon_open_log(const struct daemon_options *o, const struct config_settings *s);
void daemon_log_problems(const struct diag *problems);
/*
 * Read the configuration again and put it in force.  0; on any error the old one
 * stays, and @problems has the reasons: -EINVAL, or another -errno.
 */
int daemon_reload(struct daemon *d, struct diag *problems);
/* The same, for those who do not wait for an answer. */
void daemon_config_changed(void *ctx);

/*
 * allowed.c: own addresses, gateways and resolvers, and the kernel's copy of them.
 * 0, or -errno, after logging: it has not all of them.
 */
int daemon_find_allowed(struct daemon *d);
/* From now on hear when they change; acted on in the loop.  0 or -errno. */
int daemon_watch_allowed(struct daemon *d);
/* Before somebody is banned: has the machine other name servers by now? */
void daemon_check_resolvers(struct daemon *d);
/* Everybody's allowlist is another one now: the kernel hears of it. */
void daemon_trust_changed(void *ctx);
