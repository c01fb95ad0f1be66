#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Run the tests that exist and add up their results.
#
#   tests/run.sh BUILD-DIR [KIND[/PATTERN]...]
#
# KIND is one of unit bpf config replay netns exam kernels; with a pattern, as
# netns/attach_*, those whose file's name begins so, or, as unit/base, whose folder's.
#
# A test is a program whose last line reads 'N passed, N failed[, N skipped]'.
# Exit status 77 says that the machine lacks something: its output says what.
# The output of a test is shown when it fails, or always with V=1.
#
# JOBS of them run at once (two for each processor: most wait more than they
# compute); results are told in the order of the list.  A test with 'alone: WHY'
# at the beginning of a comment line waits until all others are done.
# Each has a TMPDIR of its own, which goes when it ends, however it ends.
# A quarter of an hour is too long for any, on a machine that is not SLOW times slower.
#
# With sanitizers (make SAN=1), what they report of any process that a test started
# fails the test, wherever that process writes its errors, also leaks found at its end.
set -u
cd "$(dirname "$0")/.." || exit 1
build=${1:-build}
shift
kinds=${*:-unit bpf config replay exam netns}
jobs=${JOBS:-$((2 * $(nproc)))}
export XDPBAN=$PWD/$build/xdpban BUILD=$PWD/$build
passed=0 failed=0 skipped=0

# A python3 that is a wrapper looks for the real one each time: we do so once.
python=$(python3 -c 'import os, sys; print(os.path.dirname(sys.executable))' 2>/dev/null) &&
	PATH=$python:$PATH
sanitized= own_asan=${ASAN_OPTIONS:-} own_ubsan=${UBSAN_OPTIONS:-} own_tsan=${TSAN_OPTIONS:-}
! grep -qsaE '__[at]san_init' "$XDPBAN" || sanitized=1

# ---- which ---------------------------------------------------------------------

together=() alone=()

add() {
	local test=$1 source=$1

	[[ $test == *.sh ]] || source=${test#"$build"/}.c
	if grep -qsE '^( \*|#) alone: ' "$source"; then
		alone+=("$test")
	else
		together+=("$test")
	fi
}

# find_tests DIR PATTERN: by name, or by the folder and the name in it.
find_tests() {
	find "$1" -type f \( -name "$2" -o -path "$1/$2" \) 2>/dev/null | sort
}

set -f		# patterns are for find
for kind in $kinds; do
	pattern=
	[[ $kind != */* ]] || pattern=${kind#*/}
	pattern=${pattern%_test*}
	kind=${kind%%/*}
	case $kind in
	unit|bpf)	list=$(find_tests "$build/tests/$kind" "${pattern}*_test") ;;
	*)		list=$(find_tests "tests/$kind" "${pattern}*_test.sh") ;;
	esac
	# Passing no test at all would look like passing.
	if [ -z "$list" ] && [ -n "$pattern" ]; then
		echo "there is no test $kind/$pattern" >&2
		exit 2
	fi
	for test in $list; do
		case $kind in
		bpf|netns)
			if [ "$(id -u)" != 0 ]; then
				echo "SKIP  ${test#"$build"/}: needs root"
				skipped=$((skipped + 1))
				continue
			fi ;;
		esac
		add "$test"
	done
done
set +f

# ---- run -----------------------------------------------------------------------

# Interrupted, we pass it on: `timeout` hands the signal to all that its test started.
dir=$(mktemp -d /tmp/xdpban.XXXXXX) || exit 1
chmod 755 "$dir"
trap 'kill $(jobs -p) 2>/dev/null; wait; rm -rf "$dir"' EXIT
trap 'exit 130' INT TERM HUP

# Test number I has the log $dir/I.log and the TMPDIR $dir/I, where everybody may
# write, as in /tmp: some tests run services as other users.  Sanitizers report in
# $dir/I.reports.
number=()	# by process
began=() took=() status=()	# by number

start() {
	local i=$1 tmp=$dir/$1

	mkdir -m 1777 "$tmp" "$tmp.reports"
	began[i]=$SECONDS
	if [ $sanitized ]; then
		export SAN_REPORTS=$tmp.reports
		export ASAN_OPTIONS=$own_asan:log_path=$SAN_REPORTS/asan
		export UBSAN_OPTIONS=$own_ubsan:print_stacktrace=1:log_path=$SAN_REPORTS/ubsan
		export TSAN_OPTIONS=$own_tsan:log_path=$SAN_REPORTS/tsan
	fi
	TMPDIR=$tmp timeout -k 10 $((900 * ${SLOW:-1})) "${tests[i]}" >"$tmp.log" 2>&1 </dev/null &
	number[$!]=$i
}

# Into the log of test I what sanitizers reported; their number.
reports_of() {
	local i=$1 report n=0

	for report in "$dir/$i.reports"/*; do
		[ -s "$report" ] || continue
		n=$((n + 1))
		head -n 80 "$report" >>"$dir/$i.log"
	done
	echo $n
}

# One that runs, whichever: the first to end.
end_of_one() {
	local pid i result

	wait -n -p pid
	result=$?
	i=${number[pid]}
	status[i]=$result took[i]=$((SECONDS - began[i]))
	rm -rf --one-file-system "${dir:?}/$i"
}

report() {
	local i=$1 name=${tests[$1]#"$build"/} log=$dir/$1.log last p f s r

	name=${name#tests/}
	r=$(reports_of "$i")
	last=$(grep -aE '^[0-9]+ passed, [0-9]+ failed' "$log" | tail -n 1)
	if [ "${status[i]}" = 77 ] && [ "$r" = 0 ]; then
		skipped=$((skipped + 1))
		printf 'SKIP  %-40s %s\n' "$name" "$(tail -n 1 "$log")"
		return
	fi
	p=$(sed -n 's/^\([0-9]*\) passed.*/\1/p' <<<"$last")
	f=$(sed -n 's/.* \([0-9]*\) failed.*/\1/p' <<<"$last")
	s=$(sed -n 's/.* \([0-9]*\) skipped.*/\1/p' <<<"$last")
	# A crash, a time-out or a test that ran nothing is a failure too.
	if [ "${status[i]}" != 0 ] || [ -z "$last" ]; then
		[ "${f:-0}" -gt 0 ] || f=$((${f:-0} + 1))
	fi
	if [ "$r" -gt 0 ]; then
		f=$((${f:-0} + r)) last="$last, $r reports of sanitizers"
	fi
	passed=$((passed + ${p:-0})) failed=$((failed + ${f:-0})) skipped=$((skipped + ${s:-0}))
	if [ "${f:-0}" -gt 0 ]; then
		printf 'FAIL  %-40s %s (exit status %d)\n' "$name" "$last" "${status[i]}"
		sed 's/^/      /' "$log"
	else
		printf 'ok    %-40s %s, %d s\n' "$name" "$last" "${took[i]}"
		[ "${V:-0}" = 1 ] && sed 's/^/      /' "$log"
		grep -a '^SKIP' "$log"
	fi
}

# run_until N JOBS: the tests that come before number N.
started=0 ended=0 reported=0
run_until() {
	while [ $ended -lt "$1" ]; do
		while [ $started -lt "$1" ] && [ $((started - ended)) -lt "$2" ]; do
			start $started
			started=$((started + 1))
		done
		end_of_one
		ended=$((ended + 1))
		while [ -n "${status[reported]:-}" ]; do
			report $reported
			reported=$((reported + 1))
		done
	done
}

tests=("${together[@]}" "${alone[@]}")
run_until ${#together[@]} "$jobs"
run_until ${#tests[@]} 1
printf '%d passed, %d failed, %d skipped\n' $passed $failed $skipped
[ $failed = 0 ] && [ $passed -gt 0 ]
