/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * xdp - what the files of the XDP backend share: the program, its maps, the directory
 * of pins, the attachments.
 */
#pragma once
#include <limits.h>
#include <net/if.h>

#include "enforce/backend.h"
#include "maps/maps.h"

struct bpf_map;
struct bpf_object;
struct xdp_pinned_link;

struct xdp {
	struct maps maps;		/* first: the enforcer that they are is ours */
	char dir[PATH_MAX - 64];	/* PIN/vN; "": nothing is pinned */
	int prog_fd;			/* owns; -1: only looking */
	int out_fd;			/* owns; its program for what goes out, or -1 */
	int lock_fd;			/* owns; -1: not locked */
	int writer_fd;			/* owns; -1: not the only one that writes */
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

/* The map of @obj that is pinned as map_names[m]. */
struct bpf_map *xdp_map_of(const struct bpf_object *obj, enum map_id m);

/* ---- xdp_sensor.c ----------------------------------------------------------- */

/* Shall there be a sensor?  Asks the kernel, and what is pinned. */
bool xdp_sensor_wanted(const struct xdp *x, const struct xdp_params *p);
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
/* Where we are attached, have it, or do not: as x->maps.sensor says. */
void xdp_out_upgrade(struct xdp *x);

/* ---- xdp_older.c ------------------------------------------------------------ */

/* Entries of an older version's map of bans, so that ours has room; 0: none. */
uint32_t xdp_older_entries(const struct xdp *x, int family);
/* Take over pins of older versions; nothing to do where there are none. */
int xdp_older_take(struct xdp *x, const struct xdp_making *mk);

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
