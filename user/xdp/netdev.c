// SPDX-License-Identifier: GPL-2.0-or-later
#include "netdev.h"

#include <errno.h>
#include <linux/ethtool.h>
#include <net/if_arp.h>
#include <linux/sockios.h>
#include <net/if.h>
#include <stdio.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

static int ask(int fd, unsigned long request, struct ifreq *r)
{
	return ioctl(fd, request, r) ? -errno : 0;
}

/*
 * Devices made by software are on no bus, though some say so in words.  Not asked
 * of /sys, which may show the interfaces of another network namespace.
 */
static bool is_hardware(const struct ethtool_drvinfo *drv)
{
	return *drv->bus_info && !streq(drv->bus_info, "N/A") && !streq(drv->driver, "tun");
}

int netdev_look(const char *ifname, struct netdev *out)
{
	struct ethtool_drvinfo drv = { .cmd = ETHTOOL_GDRVINFO };
	struct ifreq r = { 0 };
	int fd, err;

	*out = (struct netdev){ 0 };
	if (strlen(ifname) >= sizeof(r.ifr_name))
		return -ENODEV;
	memcpy(r.ifr_name, ifname, strlen(ifname));
	fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return -errno;
	err = ask(fd, SIOCGIFINDEX, &r);
	out->ifindex = r.ifr_ifindex;
	if (!err)
		err = ask(fd, SIOCGIFMTU, &r);
	out->mtu = r.ifr_mtu;
	if (!err)
		err = ask(fd, SIOCGIFHWADDR, &r);
	out->ethernet = r.ifr_hwaddr.sa_family == ARPHRD_ETHER ||
			r.ifr_hwaddr.sa_family == ARPHRD_LOOPBACK;
	r.ifr_data = (char *)&drv;
	if (!err && !ask(fd, SIOCETHTOOL, &r))
		snprintf(out->driver, sizeof(out->driver), "%s", drv.driver);
	out->hardware = !err && is_hardware(&drv);
	close(fd);
	return err;
}
