#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# The power comes back, and a hundred phones behind one address register at once.
# Of an office that is known, nothing is limited; one whose address is new gets in
# as well, a little later.
. "$(dirname "$0")/sip_lib.sh"
sip_server_up

is_known() { [ "$(standing "$1")" = known ]; }

check_is "the office is unknown" "$(standing $OFFICE)" ""
sed -n 1,2p $STAGE/office.csv >$STAGE/one.csv
all_succeed "one phone of the office" "$(sipp_run office one "$SIP_DIR/register.xml" 1 1 1 \
	-inf $STAGE/one.csv -i $OFFICE; figures one register REGISTER)"
check "now the office is known" wait_until 5 is_known $OFFICE
before=$(dropped)
all_succeed "the power is back" "$(office burst 1 office 20)"
check_is "not one message was limited" "$(dropped)" "$before"
check "they came from a known source" [ "$(messages register pass-known)" -ge 200 ]

# Known over a restart, too: the database has it.
daemon_stop
daemon_up
check "it is still known" is_known $OFFICE
all_succeed "the power is back once more" "$(office again 1 office 20)"
check_is "still not one" "$(dropped)" "$before"

check_is "nobody knows the branch" "$(standing $BRANCH)" ""
all_succeed "the branch registers" "$(office new 1 branch 50)"
check "now it is known" wait_until 5 is_known $BRANCH
after=$(dropped)
all_succeed "and comes back" "$(office back 1 branch 50)"
check_is "with nothing limited" "$(dropped)" "$after"
check_is "nobody was banned" "$(x list --json | wc -l)" 0
finish
