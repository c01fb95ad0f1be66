# SPDX-License-Identifier: GPL-2.0-or-later
#
#   make install [PREFIX=/usr/local] [DESTDIR=]     binary, manual, completion, unit, configuration
#   make uninstall                                  the same without the configuration
#
# The configuration goes to /etc/xdpban whatever PREFIX is.  A file that the
# operator has changed there is left alone, and the new one put beside it.

PREFIX	?= /usr/local
SBINDIR	:= $(DESTDIR)$(PREFIX)/sbin
MANDIR	:= $(DESTDIR)$(PREFIX)/share/man/man8
COMPDIR	:= $(DESTDIR)$(PREFIX)/share/bash-completion/completions
SHAREDIR := $(DESTDIR)$(PREFIX)/share/xdpban
UNITDIR	:= $(DESTDIR)$(if $(filter /usr,$(PREFIX)),/lib,$(PREFIX)/lib)/systemd/system
ETCDIR	:= $(DESTDIR)/etc/xdpban

# On a machine that runs, not into a package.
systemd_reload = @[ -n "$(DESTDIR)" ] || [ ! -d /run/systemd/system ] || systemctl daemon-reload

install: all
	install -D -m 755 $(B)/xdpban $(SBINDIR)/xdpban
	install -D -m 644 docs/xdpban.8 $(MANDIR)/xdpban.8
	install -D -m 644 scripts/xdpban.completion $(COMPDIR)/xdpban
	install -d $(UNITDIR)
	sed 's,@SBINDIR@,$(PREFIX)/sbin,' scripts/xdpban.service >$(UNITDIR)/xdpban.service
	install -d $(DESTDIR)/etc/logrotate.d
	[ -e $(DESTDIR)/etc/logrotate.d/xdpban ] || \
		install -m 644 scripts/xdpban.logrotate $(DESTDIR)/etc/logrotate.d/xdpban
	scripts/install-configs.sh configs $(ETCDIR) $(SHAREDIR)/configs
	$(systemd_reload)

# Without the program nobody could take the bans out of the kernel.
uninstall:
	@if [ -z "$(DESTDIR)" ] && $(SBINDIR)/xdpban list >/dev/null 2>&1; then \
		echo 'first:  systemctl disable --now xdpban;  xdpban detach --all' >&2; \
		exit 1; \
	fi
	rm -f $(SBINDIR)/xdpban $(MANDIR)/xdpban.8 $(UNITDIR)/xdpban.service \
		$(COMPDIR)/xdpban \
		$(DESTDIR)/etc/logrotate.d/xdpban
	rm -rf $(SHAREDIR)
	$(systemd_reload)
	@echo 'left, for you to keep or to remove: $(ETCDIR) /var/lib/xdpban /var/log/xdpban.log*'

.PHONY: install uninstall
