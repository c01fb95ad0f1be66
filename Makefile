# SPDX-License-Identifier: GPL-2.0-or-later
#
#   make              build/xdpban, the one binary that runs
#   make check        all tests (as root: the kernel tests too)
#   make SAN=1 ...    the same with address and undefined-behaviour sanitizers
#   make CC=clang     with another compiler;  make V=1  shows the commands
#
# Rooms (user/*) are found by wildcard: a new .c file needs no line here, and
# neither does a new test under tests/unit/ROOM/.

VERSION	:= 0.1.0

Q	= $(if $(filter 1,$(V)),,@)
say	= $(if $(Q),@printf '  %-6s %s\n' '$(1)' '$@')

B	:= build$(if $(filter 1,$(SAN)),/san)

CLANG	?= clang
BPFTOOL	?= $(firstword $(shell command -v bpftool /usr/sbin/bpftool) bpftool)
PKGS	:= libbpf libpcre2-8 sqlite3 jansson libsystemd libcares libcap zlib
# Loaded when it is needed (user/event/tls_library.h): only its headers.
LOADED	:= gnutls

WARN	:= -Wall -Wextra -Werror -Wshadow -Wstrict-prototypes \
	   -Wmissing-prototypes -Wpointer-arith -Wno-missing-field-initializers
OPT	?= -O2 -g
,	:= ,
SANFLAGS := $(if $(filter 1,$(SAN)),-fsanitize=address$(,)undefined \
	   -fno-sanitize-recover=undefined -fno-omit-frame-pointer)
CFLAGS	+= -std=gnu11 $(OPT) $(WARN) $(SANFLAGS) -fstack-protector-strong
CPPFLAGS += -D_GNU_SOURCE -DXDPBAN_VERSION='"$(VERSION)"' \
	   -Iuser -Iinclude -I$(B) $(shell pkg-config --cflags $(PKGS) $(LOADED) 2>/dev/null)
LDLIBS	+= $(shell pkg-config --libs $(PKGS) 2>/dev/null) -lm -ldl -pthread
LDFLAGS	+= $(SANFLAGS)

ROOMS	:= $(notdir $(wildcard user/*))
SRCS	:= $(wildcard user/*/*.c)
OBJS	:= $(SRCS:%.c=$(B)/%.o)
MAIN	:= $(B)/user/cli/main.o
BPFSRC	:= $(wildcard bpf/*.bpf.c)
SKELS	:= $(patsubst bpf/%.bpf.c,$(B)/%.skel.h,$(BPFSRC))

all: $(B)/xdpban

# ---- build ------------------------------------------------------------------

# Objects depend on the flags they were made with, so `make CC=clang` after
# `make` rebuilds instead of mixing.
FLAGS	:= $(CC) $(CFLAGS) $(CPPFLAGS) $(LDFLAGS) $(LDLIBS)
$(B)/.flags: FORCE
	$(Q)mkdir -p $(@D)
	$(Q)printf '%s\n' "$$FLAGS" | cmp -s - $@ || printf '%s\n' "$$FLAGS" >$@
export FLAGS
FORCE:

$(B)/%.o: %.c $(B)/.flags | $(SKELS)
	$(call say,CC)
	$(Q)mkdir -p $(@D)
	$(Q)$(CC) $(CPPFLAGS) $(CFLAGS) -MMD -MP -c $< -o $@

# -g gives the object its own BTF (map types); -O2 is what the verifier wants.
define BPF
	$(call say,BPF)
	$(Q)mkdir -p $(@D)
	$(Q)$(CLANG) -g -O2 -Wall --target=bpf -mcpu=v2 \
		-Iinclude -Ivmlinux -Ibpf -MMD -MP -c $< -o $@
endef
$(B)/%.bpf.o: bpf/%.bpf.c
	$(BPF)
$(B)/tests/%.bpf.o: tests/%.bpf.c
	$(BPF)

$(B)/%.skel.h: $(B)/%.bpf.o
	$(call say,SKEL)
	$(Q)$(BPFTOOL) gen skeleton $< name $(notdir $*)_bpf >$@

# One archive for each room: a unit test links its own room, those that this one
# may know and base, no other, so a stage that reaches into another one does not link.
include scripts/rooms.mk
define ROOM
$(B)/$(1).a: $$(filter-out $(MAIN),$$(filter $(B)/user/$(1)/%,$$(OBJS)))
	$$(call say,AR)
	$$(Q)mkdir -p $$(@D)
	$$(Q)rm -f $$@ && $$(AR) rcs $$@ $$^
endef
$(foreach r,$(ROOMS),$(eval $(call ROOM,$(r))))

LIBS	:= $(ROOMS:%=$(B)/%.a)

$(B)/xdpban: $(MAIN) $(LIBS) | $(B)/.layers
	$(call say,LD)
	$(Q)$(CC) $(LDFLAGS) -o $@ $(MAIN) -Wl,--start-group $(LIBS) -Wl,--end-group $(LDLIBS)

$(B)/.layers: scripts/check-layers.sh scripts/rooms.mk $(SRCS) $(wildcard user/*/*.h)
	$(call say,LAYERS)
	$(Q)mkdir -p $(@D)
	$(Q)scripts/check-layers.sh
	$(Q)touch $@

# ---- tests ------------------------------------------------------------------

UNIT	:= $(patsubst %.c,$(B)/%,$(wildcard tests/unit/*/*_test.c))
BPFTEST	:= $(patsubst %.c,$(B)/%,$(wildcard tests/bpf/*_test.c))
unit_room = $(word 3,$(subst /, ,$(patsubst $(B)/%,%,$(1))))
# A room and, one after the other, those below it.
rooms_below = $(1) $(foreach r,$(KNOWS_$(1)),$(call rooms_below,$(firstword $(subst /, ,$(r)))))
room_libs = $(patsubst %,$(B)/%.a,$(sort $(call rooms_below,$(1)) base))

.SECONDEXPANSION:
$(UNIT): $(B)/tests/unit/%_test: $(B)/tests/unit/%_test.o $$(call room_libs,$$(call unit_room,$$@))
	$(call say,LD)
	$(Q)$(CC) $(LDFLAGS) -o $@ $< -Wl,--start-group $(filter %.a,$^) -Wl,--end-group $(LDLIBS)

$(BPFTEST): $(B)/tests/bpf/%_test: $(B)/tests/bpf/%_test.o $(LIBS)
	$(call say,LD)
	$(Q)$(CC) $(LDFLAGS) -o $@ $< -Wl,--start-group $(filter %.a,$^) -Wl,--end-group $(LDLIBS)

# Every tests/bench/*.c is a program; what they share is in tests/bench/lib.
BENCH	:= $(patsubst %.c,$(B)/%,$(wildcard tests/bench/*.c))
# Their programs for the kernel, in tests/bench/bpf, become skeletons there.
BENCHLIB := $(patsubst %.c,$(B)/%.o,$(wildcard tests/bench/lib/*.c))
BENCHBPF := $(patsubst %.bpf.c,$(B)/%.bpf.o,$(wildcard tests/bench/bpf/*.bpf.c))
$(BENCHLIB) $(BENCH:=.o): | $(BENCHBPF:.bpf.o=.skel.h)
$(BENCH): $(B)/tests/bench/%: $(B)/tests/bench/%.o $(BENCHLIB) $(LIBS)
	$(call say,LD)
	$(Q)$(CC) $(LDFLAGS) -o $@ $< $(BENCHLIB) -Wl,--start-group $(LIBS) -Wl,--end-group $(LDLIBS)

tests: $(UNIT) $(BPFTEST) $(BENCH)
	@:

# What a newcomer types builds with all processors, -j or not.
submake	= $(MAKE) --no-print-directory $(if $(filter -j%,$(MAKEFLAGS)),,-j$(shell nproc))

# `make check` on a fresh machine installs what it needs first (as root).
check: check-deps
	+$(Q)$(submake) all tests
	$(Q)tests/run.sh $(B)

# Maps filled to the largest capacities, churned on every processor: a minute.
capacity: tests
	$(Q)$(B)/tests/bpf/lru_test 1000000 4000000

# What touches the kernel, on Debian's, in qemu: half an hour without KVM.
kernels:
	$(Q)scripts/deps.sh --kernels --if-root
	+$(Q)$(submake) all tests
	$(Q)tests/kernels/run.sh $(B)

# Floods, crashes, rotations and a million bans, as root: half an hour.
soak: check-deps
	+$(Q)$(submake) all
	$(Q)tests/soak/run.sh $(B)/xdpban

# Every stock filter of Fail2ban against every sample log: two minutes.
exam: all
	$(Q)FULL=1 tests/run.sh $(B) exam

# Only the tests that need nothing but the build: for the edit-compile loop.
unit: $(UNIT)
	$(Q)tests/run.sh $(B) unit

check-deps:
	$(Q)scripts/deps.sh --test --if-root

deps:
	$(Q)scripts/deps.sh --build

demo:
	$(Q)scripts/deps.sh --demo
	+$(Q)$(submake) all benches
	$(Q)scripts/demo.sh $(B)/xdpban

benches: $(BENCH)
	@:

bench-%: check-deps
	+$(Q)$(submake) all benches
	$(Q)tests/bench/$*.sh $(B)/xdpban

clean:
	rm -rf build

-include $(OBJS:.o=.d) $(UNIT:=.d) $(BPFTEST:=.d) $(BENCH:=.d) $(BENCHLIB:.o=.d) $(BENCHBPF:.o=.d) $(BPFSRC:bpf/%.bpf.c=$(B)/%.bpf.d)

.PHONY: all tests benches check check-deps capacity kernels exam unit deps demo clean FORCE
.SECONDARY:
.DELETE_ON_ERROR:
-include scripts/install.mk scripts/fuzz.mk
