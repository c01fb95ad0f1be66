# SPDX-License-Identifier: GPL-2.0-or-later
#
# Which rooms a room may look into, beside base/, itself and include/xdpban/: a whole
# room, or one header of it.  A room that is not here sees no other.
# The Makefile links tests by this, scripts/check-layers.sh holds every #include
# against it, and none may lead back to where it came from.

# The stages: expressions are a tool that some of them need, a file's language is not
# what it says, and where files and journals are is not what is read there.
KNOWS_config	:= ini
KNOWS_source	:= journal/journal.h paths
KNOWS_line	:= regex/sieve.h
KNOWS_stamp	:= regex
KNOWS_match	:= regex

# Above them, from the kernel up; docs/design.md says what they own.
KNOWS_maps	:= enforce
KNOWS_sensor	:= enforce maps
KNOWS_xdp	:= enforce maps sensor/sensor_maps.h
KNOWS_netfilter	:= enforce
KNOWS_attach	:= config enforce/enforcer.h netfilter/netfilter.h xdp/xdp_attach.h xdp/xdp_open.h
KNOWS_confine	:= config
KNOWS_lanes	:= config confine/runner.h source journal/journal.h line stamp match decide regex/sieve.h sip/challenge.h
KNOWS_pbx	:= config decide event lanes match paths/watch.h sip trust sensor/sensor.h
KNOWS_keeping	:= ban config decide enforce/enforcer.h lanes pbx/sip.h
KNOWS_daemon	:= attach confine control decide journal/journal.h keeping lanes pbx regex
KNOWS_requests	:= config control daemon keeping line pbx regex xdp/xdp_attach.h
KNOWS_offline	:= ban config journal/journal.h keeping lanes match pbx regex
KNOWS_cli	:= attach/ladder.h config/timespan.h control/ctl_client.h daemon/daemon.h \
		   event/notice.h offline regex requests/requests.h xdp/xdp_attach.h xdp/xdp_place.h
