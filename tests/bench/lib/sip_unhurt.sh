# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# Who is not hurt by xdpban itself: a busy trunk, an office, a victim whose address
# others forge.  Prints a line for each.

sip_status() {
	xdpban_at status --json 2>/dev/null | jq "(.sip$1) // 0"
}

# said WHAT FIGURES DROPPED: the messages that were limited meanwhile.
said() {
	local what=$1 dropped=$3

	set -- $2
	printf '%-52s %5s %% in time, %5s %% at all; %s messages limited\n' "$what" "$1" "$4" \
		"$dropped"
}

# unhurt WHAT COMMAND...: COMMAND prints figures.
unhurt() {
	local what=$1 before figures

	shift
	before=$(sip_status .messages.dropped)
	figures=$("$@")
	said "$what" "$figures" $(($(sip_status .messages.dropped) - before))
}

# Ten thousand sources, one REGISTER each, and one of them is somebody who lives:
# nobody is banned, and the server's other services are there for him.
forged() {
	local victim sent answers

	victim=$("$BUILD/tests/bench/drop" --sources 1)
	client victim "$victim"
	boot xdpban $STAGE/echo.out python3 "$top/tests/netns/talk.py" serve 5555
	sip_flood xdpban ${number[xdpban]} REGISTER 10000 2000 5 >$STAGE/sent
	sleep 12	# unanswered challenges have become failures
	read -r sent _ <$STAGE/sent
	answers=no
	! on victim python3 "$top/tests/netns/talk.py" ask 0.5 "$(pbx_addr ${number[xdpban]})" \
		5555 || answers=yes
	printf '%-52s %s banned, %s limited; the victim %s is answered on other ports: %s\n' \
		"$sent forged REGISTER of 10,000 sources" \
		"$(xdpban_at list --json | wc -l)" \
		"$(sip_status .senders.limited)" "$victim" $answers
}

unhurt_all() {
	local n=${number[xdpban]}

	[ "$QUICK" = 1 ] && return
	unhurt "trunk, 500 calls a second" trunk busy "$n" 4 500
	office settle "$n" office 20 >/dev/null
	unhurt "office of $OFFICE_PHONES phones, known, all at once" office back "$n" office 20
	unhurt "the same, its address is new, 50 ms away" office new "$n" branch 50
	forged
}
