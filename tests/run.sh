#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Run the tests that exist and add up their results.
#
#   tests/run.sh BUILD-DIR [KIND[/PATTERN]...]
#
# KIND is one of unit bpf config replay netns exam kernels; with a pattern, as
# netns/attach_*, those whose file's name begins so.
#
# A test is a program whose last line reads 'N passed, N failed[, N skipped]'.
# Exit status 77 says that the machine lacks something: its output says what.
# The output of a test is shown when it fails, or always with V=1.
set -u
cd "$(dirname "$0")/.." || exit 1
build=${1:-build}
shift
kinds=${*:-unit bpf config replay exam netns}
export XDPBAN=$PWD/$build/xdpban BUILD=$PWD/$build
passed=0 failed=0 skipped=0
log=$(mktemp)
trap 'rm -f "$log"' EXIT

run_one() {
	local name=$1 start status last p f s
	shift
	start=$SECONDS
	timeout -k 10 900 "$@" >"$log" 2>&1 </dev/null
	status=$?
	last=$(grep -aE '^[0-9]+ passed, [0-9]+ failed' "$log" | tail -n 1)
	if [ $status = 77 ]; then
		skipped=$((skipped + 1))
		printf 'SKIP  %-40s %s\n' "$name" "$(tail -n 1 "$log")"
		return
	fi
	p=$(sed -n 's/^\([0-9]*\) passed.*/\1/p' <<<"$last")
	f=$(sed -n 's/.* \([0-9]*\) failed.*/\1/p' <<<"$last")
	s=$(sed -n 's/.* \([0-9]*\) skipped.*/\1/p' <<<"$last")
	# A crash, a time-out or a test that ran nothing is a failure too.
	if [ $status != 0 ] || [ -z "$last" ]; then
		[ "${f:-0}" -gt 0 ] || f=$((${f:-0} + 1))
	fi
	passed=$((passed + ${p:-0})) failed=$((failed + ${f:-0})) skipped=$((skipped + ${s:-0}))
	if [ "${f:-0}" -gt 0 ]; then
		printf 'FAIL  %-40s %s (exit status %d)\n' "$name" "$last" $status
		sed 's/^/      /' "$log"
	else
		printf 'ok    %-40s %s, %d s\n' "$name" "$last" $((SECONDS - start))
		[ "${V:-0}" = 1 ] && sed 's/^/      /' "$log"
		grep -a '^SKIP' "$log"
	fi
}

set -f		# patterns are for find
for kind in $kinds; do
	pattern=
	[[ $kind != */* ]] || pattern=${kind#*/}
	kind=${kind%%/*}
	case $kind in
	unit|bpf)	list=$(find "$build/tests/$kind" -type f -name "${pattern}*_test" 2>/dev/null | sort) ;;
	*)		list=$(find "tests/$kind" -type f -name "${pattern}*_test.sh" 2>/dev/null | sort) ;;
	esac
	for test in $list; do
		name=${test#"$build"/}
		case $kind in
		bpf|netns)
			if [ "$(id -u)" != 0 ]; then
				echo "SKIP  $name: needs root"
				skipped=$((skipped + 1))
				continue
			fi ;;
		esac
		run_one "${name#tests/}" "$test"
	done
done
printf '%d passed, %d failed, %d skipped\n' $passed $failed $skipped
[ $failed = 0 ] && [ $passed -gt 0 ]
