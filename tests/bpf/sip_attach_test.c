// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The sensor on an interface: switched on and off beside a ban that lets nothing
 * through meanwhile, both of its programs pinned, found again, used by a process
 * without privileges, and taken off.  Where the kernel has tcx by that, else by
 * clsact, beside a filter of somebody else.
 * Runs in a network and mount namespace of its own.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <glob.h>
#include <linux/if_packet.h>
#include <net/ethernet.h>
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <sys/wait.h>

#include "xdp/xdp_attach.h"
#include "lift.h"
#include "nobody.h"
#include "sip.h"

#define REGISTER "REGISTER sip:pbx SIP/2.0\r\nCSeq: 1 REGISTER\r\n\r\n"
#define OK	"SIP/2.0 200 OK\r\nCSeq: 1 REGISTER\r\n\r\n"

struct stage {
	char dir[T_DIR], pin[T_DIR + 8];
	int wire, phone;		/* sends frames in; sends datagrams out */
};

static int open_wire(void)
{
	struct sockaddr_ll to = { .sll_family = AF_PACKET, .sll_protocol = htons(ETH_P_ALL),
				  .sll_ifindex = (int)if_nametoindex("wire") };
	int fd = socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC, 0);

	return fd < 0 || bind(fd, (struct sockaddr *)&to, sizeof(to)) ? -1 : fd;
}

/* The server's own socket. */
static int open_phone(void)
{
	struct sockaddr_in from = { .sin_family = AF_INET, .sin_port = htons(5060) };
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	inet_pton(AF_INET, "192.0.2.254", &from.sin_addr);
	return fd < 0 || bind(fd, (struct sockaddr *)&from, sizeof(from)) ? -1 : fd;
}

static bool set_up(struct stage *s)
{
	if (unshare(CLONE_NEWNS | CLONE_NEWNET) || !t_dir(s->dir) ||
	    mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) ||
	    mount("bpf", s->dir, "bpf", 0, NULL))
		return false;
	snprintf(s->pin, sizeof(s->pin), "%s/xdpban", s->dir);
	/* No frames but ours. */
	if (system("sysctl -qw net.ipv6.conf.default.disable_ipv6=1 && "
		   "ip link add srv type veth peer name wire && ip link set srv up && "
		   "ip link set wire up && ip addr add 192.0.2.254/24 dev srv && "
		   "ip neigh add 192.0.2.7 lladdr 02:00:00:00:00:07 dev srv"))
		return false;
	s->wire = open_wire();
	s->phone = open_phone();
	return s->wire >= 0 && s->phone >= 0;
}

static struct xdp *open_with(struct stage *s, enum enforce_sensor choice)
{
	struct xdp_params params = { .pin = s->pin, .max_bans = { 1000, 1000 },
				     .sensor = choice };
	struct xdp *x = NULL;

	if (xdp_open(&x, &params)) {
		puts("the program cannot be loaded");
		exit(1);
	}
	xdp_pins_unlock(x);
	return x;
}

static void send_in(struct stage *s, const char *frame)
{
	struct packet p;

	sip_build(&p, frame, REGISTER, strlen(REGISTER));
	t_is("a frame goes in", send(s->wire, p.bytes, p.len, 0), (int64_t)p.len);
}

static void send_out(struct stage *s)
{
	struct sockaddr_in to = { .sin_family = AF_INET, .sin_port = htons(40000) };

	inet_pton(AF_INET, "192.0.2.7", &to.sin_addr);
	t_is("an answer goes out", sendto(s->phone, OK, strlen(OK), 0, (struct sockaddr *)&to,
					 sizeof(to)), (int64_t)strlen(OK));
}

static uint64_t in_all(struct sensor *sensor)
{
	struct sensor_counts c;

	t_is("counters", sensor_counts(sensor, &c), 0);
	return sensor_sum(&c, 0, SIP_VERDICTS - 1);
}

static uint64_t out_all(struct sensor *sensor)
{
	struct sensor_counts c;

	t_is("counters", sensor_counts(sensor, &c), 0);
	return c.answers;
}

static bool is_pinned(struct stage *s, const char *name)
{
	char path[160];

	snprintf(path, sizeof(path), "%s/v%d/%s", s->pin, ABI_VERSION, name);
	return !access(path, F_OK);
}

/* What of the sensor is left in the directory of pins. */
static size_t left_behind(struct stage *s)
{
	char pattern[160];
	size_t n = 0;
	glob_t found;

	snprintf(pattern, sizeof(pattern), "%s/v%d/*", s->pin, ABI_VERSION);
	if (glob(pattern, 0, NULL, &found))
		return 0;
	for (size_t i = 0; i < found.gl_pathc; i++) {
		const char *name = strrchr(found.gl_pathv[i], '/') + 1;

		n += starts_with(name, "sip_") || starts_with(name, "out_") ||
		     streq(name, "prog_out");
	}
	globfree(&found);
	return n;
}

static void check_counts(struct stage *s, struct sensor *sensor, const char *what)
{
	uint64_t in = in_all(sensor), out = out_all(sensor);

	send_in(s, "eth ip4:192.0.2.7 udp:5060");
	send_out(s);
	t_is(what, (int64_t)(in_all(sensor) - in), 1);
	t_is(what, (int64_t)(out_all(sensor) - out), 1);
}

static void check_off(struct stage *s)
{
	struct xdp *x = open_with(s, SENSOR_AS_IT_IS);
	struct sensor *sensor;
	struct xdp_attached a;

	t_ok("nobody asked for it", !x->maps.sensor);
	t_is("there is none", sensor_open(&sensor, &x->maps.e), -ENOENT);
	t_is("attach", xdp_attach(s->pin, "srv", XDP_MODE_AUTO, &a), 0);
	t_is("nothing of it is there", (int64_t)left_behind(s), 0);
	xdp_close(x);
}

static void check_on(struct stage *s)
{
	struct xdp *x = open_with(s, SENSOR_ON), *again;
	struct sensor *sensor;
	struct xdp_attached a;

	if (t_ok("the kernel can", x->maps.sensor))
		return;
	t_is("there is one", sensor_open(&sensor, &x->maps.e), 0);
	check_counts(s, sensor, "it came to where we were attached already");
	t_is("another process attaches", xdp_attach(s->pin, "srv", XDP_MODE_AUTO, &a), 0);
	t_is("and changes nothing", a.how, XDP_UNCHANGED);
	t_ok("but says that it is there", a.sensor);
	check_counts(s, sensor, "once");
	again = open_with(s, SENSOR_AS_IT_IS);
	t_ok("it is found again", again->maps.sensor);
	t_ok("messages are shown", sensor_read(sensor, 100, sip_ignore, NULL) >= 2);
	xdp_close(again);
	sensor_close(sensor);
	xdp_close(x);
	t_ok("it stays when everybody has gone", is_pinned(s, "sip_settings"));
}

/* Detach, attach; elsewhere, too. */
static void check_attached(struct stage *s)
{
	struct xdp *x = open_with(s, SENSOR_AS_IT_IS);
	struct sensor *sensor = NULL;
	struct xdp_attached a;
	uint64_t seen;

	sensor_open(&sensor, &x->maps.e);
	t_is("detach", xdp_detach(s->pin, "srv"), 0);
	t_ok("its pin is gone", !is_pinned(s, "out_srv"));
	seen = in_all(sensor) + out_all(sensor);
	send_in(s, "eth ip4:192.0.2.7 udp:5060");
	send_out(s);
	t_is("nothing is seen", (int64_t)(in_all(sensor) + out_all(sensor)), (int64_t)seen);
	t_is("attach", xdp_attach(s->pin, "srv", XDP_MODE_GENERIC, &a), 0);
	check_counts(s, sensor, "attached again");
	t_is("a second interface", system("ip link add e.1 type veth peer name other && "
					  "ip link set e.1 up && ip link set other up"), 0);
	t_is("attach", xdp_attach(s->pin, "e.1", XDP_MODE_AUTO, &a), 0);
	t_is("it goes", system("ip link del e.1"), 0);
	xdp_close(x);
	x = open_with(s, SENSOR_AS_IT_IS);
	t_ok("and is forgotten", !is_pinned(s, "out_e:1"));
	sensor_close(sensor);
	xdp_close(x);
}

/* Somebody removes all pins: whoever is there holds both programs, and pins them. */
static void check_unpinned(struct stage *s)
{
	struct xdp *x = open_with(s, SENSOR_AS_IT_IS);
	struct sensor *sensor = NULL;
	uint64_t repaired = 0;
	char command[256];

	sensor_open(&sensor, &x->maps.e);
	snprintf(command, sizeof(command), "rm -r %s/v%d", s->pin, ABI_VERSION);
	t_is("all pins are removed", system(command), 0);
	check_counts(s, sensor, "both programs are still there");
	t_is("maps are pinned again", xdp_pins_repair(x, &repaired), 0);
	t_is("so are attachments", xdp_links_repair(x, &repaired), 0);
	t_ok("that of the way in", is_pinned(s, "link_srv"));
	t_ok("and out, where it needs a pin",
	     is_pinned(s, "out_srv") == (x->links[0].out_fd >= 0));
	sensor_close(sensor);
	xdp_close(x);
	x = open_with(s, SENSOR_AS_IT_IS);
	t_ok("and are found again", x->maps.sensor && x->n_links == 1);
	sensor_open(&sensor, &x->maps.e);
	check_counts(s, sensor, "both");
	sensor_close(sensor);
	xdp_close(x);
}

/* ---- for whoever has no privileges ---------------------------------------------------- */

static int count_one(void *ctx, const struct sensor_source *source)
{
	(void)source;
	++*(unsigned int *)ctx;
	return 0;
}

static int work_as_nobody(struct sensor *s)
{
	struct ipaddr nets[] = { sip_address("10.0.0.0/8"), sip_address("192.0.2.9") };
	struct sensor_entry e = { sip_address("192.0.2.8"), SIP_KNOWN, BOOT_NEVER, { 0 } };
	struct sensor_signature sig = { "x", SIP_FIRST_LINE, SIP_COUNT };
	struct sensor_settings set;
	struct sensor_source found;
	struct sensor_heavy top;
	struct sensor_counts c;
	unsigned int n = 0;
	int failed = 0;

	sensor_defaults(&set);
	failed += sensor_configure(s, &set) != 0;
	failed += sensor_signatures(s, &sig, 1) != 0 || sensor_signatures(s, NULL, 0) != 0;
	failed += sensor_siege(s, (boot_t){ 1 }) != 0 || sensor_siege(s, (boot_t){ 0 }) != 0;
	failed += sensor_trust(s, nets, 2) != 0;
	failed += sensor_set(s, &e, 1) != 0;
	failed += sensor_find(s, &e.who, boot_now(), &found) != 0 ||
		  found.standing != SIP_KNOWN;
	failed += sensor_each(s, boot_now(), count_one, &n) != 0 || n != 3;
	failed += sensor_sweep(s, boot_now()) < 0;
	failed += sensor_unset(s, &e.who, 1) != 0;
	failed += sensor_counts(s, &c) != 0 || sensor_heavy(s, &top, 1) < 0;
	failed += sensor_read(s, 100, sip_ignore, NULL) != 1;
	return failed;
}

static void check_nobody(struct stage *s)
{
	struct xdp *x = open_with(s, SENSOR_ON);
	bool needs_bpf = enforcer_needs_bpf(&x->maps.e);
	struct sensor *sensor = NULL;
	int status = -1;
	pid_t pid;

	sensor_open(&sensor, &x->maps.e);
	sensor_read(sensor, 1000, sip_ignore, NULL);
	send_in(s, "eth ip4:192.0.2.7 udp:5060");
	pid = fork();
	if (!pid)
		_exit(become_nobody(needs_bpf) ? work_as_nobody(sensor) : 100);
	waitpid(pid, &status, 0);
	t_ok("the worker ended by itself", WIFEXITED(status));
	t_is("calls that failed for nobody", WEXITSTATUS(status), 0);
	sensor_close(sensor);
	xdp_close(x);
}

/* ---- no gap ------------------------------------------------------------------------------ */

struct flood {
	int fd;
	atomic_bool stop;
	atomic_ulong sent;
};

static void *flood(void *ctx)
{
	struct flood *f = ctx;
	struct packet p;

	sip_build(&p, "eth ip4:192.0.2.66 udp:5060", REGISTER, strlen(REGISTER));
	while (!f->stop)
		f->sent += send(f->fd, p.bytes, p.len, 0) == (ssize_t)p.len;
	return NULL;
}

static uint64_t total(struct xdp *x, enum reason why)
{
	struct enforce_stats stats = { 0 };

	enforcer_stats(&x->maps.e, &stats);
	return stats.totals[why].frames;
}

/* Frames of a banned source, while the sensor comes and goes: none may pass. */
static void check_no_gap(struct stage *s)
{
	struct enforce_ban b = { .who = sip_address("192.0.2.66"), .n = 1,
				 .ends = { { 0, BOOT_NEVER } } };
	struct xdp *x = open_with(s, SENSOR_ON);
	struct flood f = { .fd = open_wire() };
	uint64_t dropped, passed;
	pthread_t thread;

	t_is("ban", enforcer_add(&x->maps.e, &b, 1), 0);
	dropped = total(x, DROP_HOST);
	passed = total(x, PASS_NOT_BANNED);
	t_is("a flood", pthread_create(&thread, NULL, flood, &f), 0);
	for (int i = 0; i < 10; i++) {
		unsigned long before = f.sent;

		xdp_close(open_with(s, i & 1 ? SENSOR_ON : SENSOR_OFF));
		while (f.sent < before + 100)
			sched_yield();
	}
	f.stop = true;
	pthread_join(thread, NULL);
	t_is("every frame was dropped", (int64_t)(total(x, DROP_HOST) - dropped),
	     (int64_t)f.sent);
	t_is("none passed", (int64_t)(total(x, PASS_NOT_BANNED) - passed), 0);
	lift(&x->maps.e, &b.who, 1);
	close(f.fd);
	xdp_close(x);
}

static void check_off_again(struct stage *s)
{
	struct xdp *x = open_with(s, SENSOR_OFF);
	struct xdp_link *links;
	size_t n;

	t_ok("it is off", !x->maps.sensor);
	t_is("nothing of it is left", (int64_t)left_behind(s), 0);
	t_is("the interface is there", xdp_links(s->pin, &links, &n), 0);
	t_ok("and has our program", n == 1 && links[0].ok);
	free(links);
	send_out(s);
	xdp_close(x);
	x = open_with(s, SENSOR_AS_IT_IS);
	t_ok("it stays off", !x->maps.sensor);
	xdp_close(x);
}

int main(void)
{
	struct stage s;

	if (!set_up(&s)) {
		puts("no private namespaces, veth or BPF file system here");
		return 77;
	}
	check_off(&s);
	check_on(&s);
	check_attached(&s);
	check_unpinned(&s);
	check_nobody(&s);
	check_no_gap(&s);
	check_off_again(&s);
	umount(s.dir);
	rmdir(s.dir);
	return t_done();
}
