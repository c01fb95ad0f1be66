/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * xdp - what the files of the XDP backend share: the maps, the program, the
 * directory of pins, and how bans become values of maps.
 */
#pragma once
#include <limits.h>
#include <net/if.h>

#include "enforce/backend.h"
#include "xdpban/bpf_abi.h"
#include "xdpban/sip_abi.h"

struct bpf_map;
struct bpf_object;
struct xdp_pinned_link;

enum xdp_map {
	MAP_BANS4, MAP_BANS6, MAP_NETS4, MAP_NETS6, MAP_ALLOW4, MAP_ALLOW6,
	MAP_FRONT4, MAP_FRONT6, MAP_NEAR, MAP_SCOPES, MAP_SETTINGS, MAP_CPU,
	MAP_SENSOR,		/* from here on only with the SIP sensor */
	MAP_SIP_SOURCES = MAP_SENSOR, MAP_SIP_NETS, MAP_SIP_SKETCH, MAP_SIP_SIGNATURES,
	MAP_SIP_HEAVY, MAP_SIP_CPU, MAP_SIP_SCRATCH, MAP_SIP_EVENTS, MAP_SIP_SETTINGS,
	MAP_SIP_ALL, MAP_SIP_FRONT, MAP_SIP_READER, MAP_N
};
extern const char *const xdp_map_names[MAP_N];

/* The filter of one family; xdp_front.c. */
struct xdp_front {
	uint32_t entries;		/* of the map: all sizes of the filter */
	uint32_t lines;			/* of the largest size */
	struct front_line *live;	/* owns; the map's memory, or NULL */
	struct front_line *next;	/* owns; in the making, in the largest size */
	uint64_t n;			/* addresses in @next, some perhaps twice */
	bool whole;			/* @next has all that are in the hash */
	uint64_t target;		/* shape that @next is being put into place in, or 0 */
	uint32_t copied;		/* lines of it */
};

/* The map of neighbourhoods; xdp_near.c. */
struct xdp_near {
	uint64_t *live;			/* owns; the map's memory, or NULL */
	uint64_t *next;			/* owns; in the making, without the allowlist */
};

struct xdp {
	struct enforcer e;
	char dir[PATH_MAX - 64];	/* PIN/vN; "": nothing is pinned */
	int fd[MAP_N];			/* owns */
	int prog_fd;			/* owns; -1: only looking */
	bool sensor;			/* with the SIP sensor */
	int out_fd;			/* owns; its program for what goes out, or -1 */
	int lock_fd;			/* owns; -1: not locked */
	int writer_fd;			/* owns; -1: not the only one that writes */
	uint32_t max_bans[2];		/* IPv4, IPv6 */
	struct settings settings;	/* as in the map */
	struct settings *shared;	/* owns; the map's memory, or NULL */
	struct xdp_front front[2];	/* IPv4, IPv6 */
	struct xdp_near near;
	struct xdp_sync *sync;		/* owns; a comparison under way, or NULL */
	uint64_t hosts[2];		/* about how many are in the hashes */
	uint64_t tries_changed;		/* how often we changed their entries */
	uint64_t writes;		/* bans written or lifted */
	struct scope scopes[SCOPE_MAX];	/* what we asked for: .used is set */
	struct ipaddr *allow;		/* owns; what we were asked for */
	size_t n_allow;
	struct xdp_pinned_link *links;	/* owns; held open */
	size_t n_links;
	bool upgraded;			/* another program was pinned before */
};

/* ---- xdp_open.c ------------------------------------------------------------- */

struct xdp_params {
	const char *pin;		/* NULL: pin nothing */
	uint32_t max_bans[2];		/* 0: as it is, or the default */
	bool one_buffer;		/* not the program for several buffers */
	bool writer;			/* we are the one who writes bans */
	enum enforce_sensor sensor;
	uint32_t sip_sources;		/* as max_bans */
};
/* Find or make everything; the directory stays locked until xdp_pins_unlock(). */
int xdp_open(struct xdp **out, const struct xdp_params *p);
/* Only look at what is pinned. */
int xdp_open_pinned(struct xdp **out, const char *pin);
void xdp_close(struct xdp *x);
/* How many of enum xdp_map there are. */
int xdp_n_maps(const struct xdp *x);
/* Does this program, of whatever version, use our maps? */
bool xdp_prog_has_maps(const struct xdp *x, uint32_t prog_id);
/* The same instructions on the same maps? */
bool xdp_prog_same(int a, int b);
/* Join the dispatcher on an interface, and pin that; xdp_dispatcher.h. */
int xdp_join(const struct xdp *x, const char *ifname, int ifindex);

/* ---- xdp_rights.c ----------------------------------------------------------- */

bool xdp_kernel_has_frags(void);
bool xdp_kernel_has_links(void);
bool xdp_needs_bpf(const struct enforcer *e);

/* ---- xdp_pins.c ------------------------------------------------------------- */

/* libbpf's own words are for us, at DEBUG, not for operators. */
void xdp_quiet_libbpf(void);

int xdp_pins_name(struct xdp *x, const char *pin);
int xdp_pins_lock(struct xdp *x);	/* makes the directory if need be */
void xdp_pins_unlock(struct xdp *x);
/* Be the only one who writes bans, until we close; -EBUSY: another one is. */
int xdp_pins_be_writer(struct xdp *x);
void xdp_pins_path(const struct xdp *x, const char *name, char path[static PATH_MAX]);
int xdp_pins_get(const struct xdp *x, const char *name);	/* a descriptor, -errno */
int xdp_pins_put(const struct xdp *x, int fd, const char *name);
/* Pin maps again that are not; counts them in *@repaired. */
int xdp_pins_repair(struct xdp *x, uint64_t *repaired);

/* ---- xdp_maps.c ------------------------------------------------------------- */

/* Maps on their way from the object into a struct xdp. */
struct xdp_making {
	struct bpf_object *obj;		/* borrows */
	int old[MAP_N];			/* owns; pinned, to be copied from */
	bool made[MAP_N];		/* new: to be pinned */
	bool shared;			/* the kernel shares the memory of maps */
	uint32_t otherwise;		/* capacity where nobody asks for one */
};
int xdp_maps_prepare(struct xdp *x, struct xdp_making *mk, const struct xdp_params *p);
int xdp_maps_take(struct xdp *x, const struct xdp_making *mk);	/* when loaded */
int xdp_maps_pin(struct xdp *x, const struct xdp_making *mk);
void xdp_making_fini(struct xdp_making *mk);
int xdp_maps_open_pinned(struct xdp *x);

/*
 * Entries an LRU map needs so that @capacity of them are never evicted, and the
 * other way round.
 */
uint32_t xdp_lru_entries(uint32_t capacity, unsigned int cpus);
/* The map of @obj that is pinned as xdp_map_names[m]. */
struct bpf_map *xdp_map_of(const struct bpf_object *obj, enum xdp_map m);
uint32_t xdp_lru_capacity(uint32_t entries, unsigned int cpus);

/* ---- xdp_sensor.c ----------------------------------------------------------- */

/* Shall there be a sensor?  Asks the kernel, and what is pinned. */
bool xdp_sensor_wanted(const struct xdp *x, const struct xdp_params *p);
/* Settings that belong to the maps as they are now. */
int xdp_sensor_settle(struct xdp *x, const struct xdp_making *mk);
#define XDP_PIN_OUT	"prog_out"	/* where its program for what goes out is pinned */
/* Unpin what is only the sensor's; when no program uses it any more. */
void xdp_sensor_unpin(struct xdp *x);

/* ---- xdp_out.c -------------------------------------------------------------- */

/*
 * The program for what goes out of an interface, pinned as "out_" and its name.
 * Without it the sensor works, but does not see what is answered: so a failure
 * is a warning only.
 */
void xdp_out_attach(struct xdp *x, const char *ifname, int ifindex);
void xdp_out_detach(const struct xdp *x, const char *ifname, int ifindex);
/* What is pinned for @ifname; -1: nothing, as with clsact, which needs no pin. */
int xdp_out_get(const struct xdp *x, const char *ifname);
/* Pin it again if it has lost its pin. */
int xdp_out_repair(const struct xdp *x, struct xdp_pinned_link *l, uint64_t *repaired);
/* Where we are attached, have it, or do not: as x->sensor says. */
void xdp_out_upgrade(struct xdp *x);

/* ---- xdp_older.c ------------------------------------------------------------ */

/* Entries of an older version's map of bans, so that ours has room; 0: none. */
uint32_t xdp_older_entries(const struct xdp *x, int family);
/* Take over pins of older versions; nothing to do where there are none. */
int xdp_older_take(struct xdp *x, const struct xdp_making *mk);

/* ---- xdp_front.c ------------------------------------------------------------ */

/* Entries that the map of a filter for @capacity bans needs. */
uint32_t xdp_front_entries(uint32_t capacity);
void xdp_front_draw_keys(struct front_keys *keys);
/* Map the memory; without it (kernel before 5.5) there is no filter. */
void xdp_front_open(struct xdp *x);
void xdp_front_close(struct xdp *x);
/* False: @addr (in network order) is certainly not in the hash. */
bool xdp_front_maybe(struct xdp *x, int family, const void *addr);
/*
 * From now on the filter lets @addr through to the hash.  False: it did not
 * before.
 */
bool xdp_front_add(struct xdp *x, int family, const void *addr);
/* Are there so many more bans that a larger size would be better? */
bool xdp_front_full(const struct xdp *x, int family);
/* Begin new filters: every address that is banned has to be added again. */
int xdp_front_begin(struct xdp *x);
/* All that were in the hash before xdp_front_begin() have been added. */
void xdp_front_whole(struct xdp *x, int family);
/* Put the new one in the place of the old one, a portion; true when all is done. */
bool xdp_front_finish(struct xdp *x, int family);
/* Forget the new ones; the old ones stay. */
void xdp_front_abandon(struct xdp *x);

/* ---- xdp_near.c ------------------------------------------------------------- */

void xdp_near_open(struct xdp *x);		/* after xdp_front_open() */
void xdp_near_close(struct xdp *x);
/* From now on sources near @net are looked up.  False: they were not before. */
bool xdp_near_add(struct xdp *x, const struct ipaddr *net);
/* As those of the front. */
int xdp_near_begin(struct xdp *x);
int xdp_near_finish(struct xdp *x);
void xdp_near_abandon(struct xdp *x);
/*
 * From now on what x->allow has is looked up; gives how many entries lacked that,
 * though the map was in use.  And, when nothing else is in the tries: only that is.
 */
uint64_t xdp_near_allow(struct xdp *x);
int xdp_near_allow_only(struct xdp *x);

/* ---- xdp_walk.c ------------------------------------------------------------- */

/* Give 0 to go on; the entry given may be deleted. */
typedef int map_walk_fn(void *ctx, const void *key, const void *value);
/*
 * Call @fn for each entry: 0, what @fn gave, or -errno.  Entries that come or
 * go meanwhile may be given or not.
 */
int map_walk(int fd, map_walk_fn *fn, void *ctx);

/* The same in steps. */
struct map_walk;
int map_walk_begin(struct map_walk **out, int fd);
/* Go on, for about @n entries; gives what map_walk() does. */
int map_walk_step(struct map_walk *w, uint32_t n, map_walk_fn *fn, void *ctx);
bool map_walk_done(const struct map_walk *w);
void map_walk_end(struct map_walk *w);		/* NULL is fine */
int map_count(int fd, uint32_t *n);

/* ---- xdp_ban.c -------------------------------------------------------------- */

/* A ban as it should be in the maps: an address may be in both. */
struct ban_image {
	bool in_hash, in_trie;
	struct host_ban hash;
	struct net_ban trie;
};
void ban_encode(const struct enforce_ban *b, struct ban_image *out);
/* 0: IPv4, 1: IPv6; added to MAP_BANS4 and the like. */
int family_of(const struct ipaddr *who);
void prefix_make(const struct ipaddr *who, struct prefix6 *key);
void host_decode(int family, const void *key, const struct host_ban *v,
		 struct enforce_ban *out);
void net_decode(int family, const void *key, const struct net_ban *v,
		struct enforce_ban *out);

/* ---- xdp_write.c ------------------------------------------------------------ */

int xdp_add(struct enforcer *e, const struct enforce_ban *bans, size_t n);
int xdp_del(struct enforcer *e, const struct ipaddr *who, size_t n);
int xdp_allow(struct enforcer *e, const struct ipaddr *who, size_t n);
/* Write the allowlist again, and take out what is not on it; counts in *@repaired. */
int xdp_allow_repair(struct xdp *x, uint64_t *repaired);
int xdp_settings_write(struct xdp *x);
/* Count what the tries hold, all or only the allowlist, and write the settings. */
int xdp_settings_count(struct xdp *x);
int xdp_allow_count(struct xdp *x);
/* The count in @s that an entry of @m with this key is in. */
__u32 *xdp_trie_count(struct settings *s, enum xdp_map m, const struct prefix6 *key);

/* ---- xdp_read.c ------------------------------------------------------------- */

int xdp_hits(struct enforcer *e, const struct ipaddr *who, boot_t now,
	     struct enforce_hits *out);
int xdp_each(struct enforcer *e, boot_t now, enforce_entry_fn *fn, void *ctx);
int xdp_stats(struct enforcer *e, struct enforce_stats *out);

/* ---- xdp_scope.c ------------------------------------------------------------ */

int xdp_scope(struct enforcer *e, const struct enforce_scope *s);
int xdp_scope_get(struct enforcer *e, uint16_t scope, struct enforce_scope *out);
int xdp_scope_repair(struct xdp *x, uint64_t *repaired);

/* ---- xdp_sync.c ------------------------------------------------------------- */

int xdp_resync_step(struct enforcer *e, const struct enforce_truth *truth, boot_t now,
		    struct enforce_repairs *out);
void xdp_sync_stop(struct xdp *x);

/* ---- xdp_link.c ------------------------------------------------------------- */

/*
 * A pinned attachment of our program to an interface: the link, or where it has
 * joined others, the program.
 */
struct xdp_pinned_link {
	bool joined;
	int fd;				/* owns */
	int out_fd;			/* owns; the sensor's for what goes out, or -1 */
	int ifindex;			/* 0: gone, or detached by somebody */
	uint32_t prog_id;		/* ours */
	uint32_t on_it;			/* what the interface runs: ours, or a dispatcher */
	char ifname[IF_NAMESIZE];	/* when it was pinned */
};
/* All of them; the caller gives them back to _free.  0 or -errno. */
int xdp_links_load(const struct xdp *x, struct xdp_pinned_link **out, size_t *n);
void xdp_links_free(struct xdp_pinned_link *links, size_t n);
/* The name of a pin for @ifname. */
#define XDP_PIN_NAME	32
void xdp_link_name(const char *prefix, const char *ifname, char name[static XDP_PIN_NAME]);
int xdp_link_pin(const struct xdp *x, int fd, const char *ifname, bool joined);
void xdp_link_unpin(const struct xdp *x, const struct xdp_pinned_link *l);
/* Put our program in the place of the one there. */
int xdp_link_replace(struct xdp *x, const struct xdp_pinned_link *l);
/*
 * Put our program in the place of older ones on every interface that has one,
 * forget interfaces that are gone, and hold the attachments, so that they
 * survive it when somebody removes the pins.
 */
int xdp_links_upgrade(struct xdp *x);
/* Hold attachments made since, pin again those that lost their pin. */
int xdp_links_repair(struct xdp *x, uint64_t *repaired);
