# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# What sip.sh prints.  A line of $STAGE/results is
#	METHOD SOURCES RATE WHO, four figures each of registrations, the phones'
#	calls and the trunk's (tests/sip/stage.sh), what sipflood printed

head_line() {
	echo "Linux $(uname -r), $(sed -n 's/^model name[^:]*: //p' /proc/cpuinfo | head -n 1)," \
		"$(nproc) CPUs; Kamailio $(kamailio -v | sed -n 's/^version: kamailio \([^ ]*\).*/\1/p')," \
		"sipp $(sipp -v | sed -n 's/.*SIPp v\([0-9.]*\).*/\1/p'); veth;" \
		"medians of $ROUNDS rounds; load before: $(cut -d ' ' -f 1 /proc/loadavg)"
}

# The median of each column of such lines, for each case and contender, in order of
# appearance.
medians() {
	awk '
		{
			k = $1 " " $2 " " $3 " " $4
			if (!(k in n)) order[++keys] = k
			n[k]++
			for (i = 5; i <= NF; i++) v[k, i, n[k]] = $i
			if ($18) v[k, 17, n[k]] = $17 / $18
			v[k, 18, n[k]] = $19
			cols[k] = NF
		}
		function median(k, i,    a, j, m, t) {
			for (j = 1; j <= n[k]; j++) a[j] = v[k, i, j]
			for (j = 2; j <= n[k]; j++)
				for (m = j; m > 1 && a[m - 1] + 0 > a[m] + 0; m--) {
					t = a[m]; a[m] = a[m - 1]; a[m - 1] = t
				}
			return (a[int((n[k] + 1) / 2)] + a[int(n[k] / 2) + 1]) / 2
		}
		END {
			for (o = 1; o <= keys; o++) {
				k = order[o]
				printf "%s", k
				for (i = 5; i <= cols[k] && i <= 18; i++) printf " %s", median(k, i)
				print ""
			}
		}'
}

# Those without a flood again, each as the median of as many runs as the others have.
# What is left over is left out.
noise() {
	grep "^none .* $1 " $STAGE/results | awk -v rounds="$ROUNDS" '
		{ $1 = "again"; $2 = int((NR - 1) / rounds); line[NR] = $0 }
		END { for (i = 1; i <= NR - NR % rounds; i++) print line[i] }'
}

# In time, median and p95 of the three, beside the same without a flood.
report() {
	{ medians <$STAGE/results; noise plain | medians; } | awk '
		function rate(r) {
			return r >= 1e6 ? sprintf("%.1f M", r / 1e6) : r >= 1000 ? int(r / 1000) " k" : r
		}
		function sources(n) {
			return n >= 1e6 ? n / 1e6 " M" : n
		}
		function row(who,    i) {
			printf "| %-34s |", who
			for (i = 0; i < 3; i++)
				printf " %5.1f %% %7.2f %8.2f |", $(5 + 4 * i), $(6 + 4 * i), $(7 + 4 * i)
			print ""
		}
		# Within a fifth of what @who has without a flood?
		function near(what, who,    i) {
			for (i = 0; i < 3; i++) {
				lost[what] += $(5 + 4 * i) < 100
				medians[what] += $(6 + 4 * i) > 1.2 * base[who, 6 + 4 * i]
				p95s[what] += $(7 + 4 * i) > 1.2 * base[who, 7 + 4 * i]
				figures[what]++
			}
		}
		function above(what) {
			return sprintf("%d medians and %d p95 of %d", medians[what], p95s[what], figures[what])
		}
		NR == 1 {
			printf "| %-34s | %-24s | %-24s | %-24s |\n", "in time; median and p95, ms",
				"phones register", "phones call", "trunk calls"
			print "|---|---|---|---|"
		}
		$1 == "none" {
			for (i = 5; i <= 16; i++) base[$4, i] = $i
			row("no flood" ($4 == "plain" ? "" : ", " $4))
			next
		}
		$1 == "again" { near("noise", "plain"); next }
		{ row($4 ": " $1 ", " sources($2) ", " rate($17) "/s" ($18 > 20 ? " *" : "")) }
		$4 == "xdpban" { near("plain", "plain"); near("xdpban", "xdpban") }
		$18 > 20 { uneven++ }
		END {
			printf "xdpban under floods: %d of %d figures below 100 %% in time; more than a fifth above\n",
				lost["plain"], figures["plain"]
			print "    no flood, without xdpban: " above("plain")
			print "    no flood, with xdpban:    " above("xdpban")
			print "    and no flood, without xdpban, above itself: " above("noise")
			if (uneven)
				print "* the flood came in bursts: other work on this machine"
		}'
}
