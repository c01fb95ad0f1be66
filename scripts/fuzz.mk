# SPDX-License-Identifier: GPL-2.0-or-later
#
#   make fuzz                    every target, FUZZ_SECONDS (20) each
#   make fuzz FUZZ=config/ini    only those whose name holds this
#
# tests/fuzz/ROOM/NAME_fuzz.c is linked with the sources of its room, of those
# below it (scripts/rooms.mk) and of base, all with address and undefined-behaviour
# sanitizers.  What a run finds new is kept in build/fuzz/corpus, so the next one
# starts where it ended;
# tests/fuzz/ROOM/NAME_seeds/ (if it is there) holds inputs worth starting from.

FUZZ_SECONDS	?= 20
FUZZ		?=
FUZZ_ALL	:= $(wildcard tests/fuzz/*/*_fuzz.c)
FUZZ_SRC	:= $(if $(FUZZ),$(foreach s,$(FUZZ_ALL),$(if $(findstring $(FUZZ),$(s)),$(s))),$(FUZZ_ALL))
FUZZ_BIN	:= $(FUZZ_SRC:tests/fuzz/%.c=$(B)/fuzz/%)
FUZZ_FLAGS	:= -std=gnu11 -O1 -g -fno-omit-frame-pointer \
		   -fsanitize=fuzzer,address,undefined -fno-sanitize-recover=undefined

fuzz_sources = $(filter-out user/cli/main.c,$(wildcard $(patsubst %,user/%/*.c,\
	$(sort $(call rooms_below,$(word 3,$(subst /, ,$(1)))) base))))

.SECONDEXPANSION:
$(B)/fuzz/%: tests/fuzz/%.c $$(call fuzz_sources,tests/fuzz/%.c) $(wildcard user/*/*.h) | $(SKELS)
	$(call say,FUZZ)
	$(Q)mkdir -p $(@D)
	$(Q)$(CLANG) $(CPPFLAGS) $(FUZZ_FLAGS) -o $@ $(filter %.c,$^) $(LDLIBS)

# An input that takes longer than 10 s, or more than 2 GB, is a finding too.
fuzz: $(FUZZ_BIN)
	$(Q)set -e; for bin in $(FUZZ_BIN); do \
		name=$${bin#$(B)/fuzz/}; corpus=$(B)/fuzz/corpus/$$name; \
		seeds=tests/fuzz/$${name%_fuzz}_seeds; [ -d $$seeds ] || seeds=; \
		mkdir -p $$corpus; \
		$$bin -max_total_time=$(FUZZ_SECONDS) -timeout=10 -rss_limit_mb=2048 \
			-artifact_prefix=$(B)/fuzz/ -print_final_stats=1 \
			$$corpus $$seeds >$$bin.log 2>&1 || { tail -n 60 $$bin.log; exit 1; }; \
		sed -n "s|^stat::number_of_executed_units: *|  ok     $$name: |p" $$bin.log; \
	done

.PHONY: fuzz
