#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# This script runs the selftests in the VM: loads the module, runs each test,
# and prints one KTAP stream, then "N passed, N failed[, N skipped]".
#
# usage: run_tests.sh [-F tcp] [PATTERN...]     (all, or those whose names match)
#
# TTP_KO names the module. TTP_CI=1: a missing tool is a failure, not a skip.
# TTP_HALF=1: each case of a program in C over IPv4 or IPv6, by turns; 2: the other half.
# TTP_PART=1: what comes before transitions.sh, 2: the others; what the whole run has covered is not asked then.
set -u
HERE=$(cd "$(dirname "$0")" && pwd)
export TTP_SELFTESTS_BIN=${TTP_SELFTESTS_BIN:-$HERE/../build/selftests}
BIN=$TTP_SELFTESTS_BIN
export TTP_FAMILY=${TTP_FAMILY:-ttp}
if [ "${1:-}" = -F ]; then TTP_FAMILY=$2; shift 2; fi

# In this order: first what the others build on.
TESTS="sock_open reuseport sock_connect sock_data splice zerocopy sock_poll sock_opts sock_close states segments attacks limits pieces urgent urgent_wire timestamps cookies cookies_age fastopen fastopen_server fastopen_client fastopen_path fastopen_lack timewait clamp linger opt_limits reply_marks sack ecn ecn_marks knobs routes drops backlog flow congestion path mtu_probing timeouts
tw_end tw_recycle tw_yields defer orphans usertimeout sysctl_effects sysctls memory edge buffers many txhash steering race dialogues.sh conform ip_options recovery recovery_tail recovery_reno recovery_undo transitions.sh loss.sh fastopen.sh nat.sh offload.sh jumbo.sh bulk.sh marks.sh wire.sh programs.sh urgent_programs.sh gateway.sh flood.sh timewait_size.sh alloc_fail module_life.sh"

case ${TTP_PART:-} in
1)	TESTS=${TESTS%transitions.sh*} ;;
2)	TESTS="transitions.sh${TESTS##*transitions.sh}" ;;
esac

number=0 passed=0 failed=0 skipped=0
COVERAGE=$(mktemp) DROPPED=$(mktemp) RAN=$(mktemp)
TRACE=/sys/kernel/tracing/instances/coverage
trap 'rm -f "$COVERAGE" "$DROPPED" "$RAN"' EXIT

result()		# STATUS TEXT: one line of the stream
{
	number=$((number + 1))
	echo "$1 $2" >>"$RAN"
	case $1 in
	ok)	passed=$((passed + 1)); echo "ok $number $2" ;;
	skip)	skipped=$((skipped + 1)); echo "ok $number $2" ;;
	*)	failed=$((failed + 1)); echo "not ok $number $2" ;;
	esac
}

# The KTAP of one program, with its name before each test's.
relay()
{
	local line rest plan= seen=0
	while IFS= read -r line; do
		case $line in
		"ok "* | "not ok "*)
			seen=$((seen + 1))
			rest=${line#not }
			rest=${rest#ok }
			rest="$1: ${rest#* }"
			case $line in
			not*)		result fail "$rest" ;;
			*"# SKIP"*)	result skip "$rest" ;;
			*)		result ok "$rest" ;;
			esac ;;
		1..0*)	plan=0; result skip "$1 # SKIP ${line#*SKIP }" ;;
		1..*)	plan=${line#1..} ;;
		"TAP "*) ;;
		"#"*)	echo "$line" ;;
		*)	echo "# $line" ;;
		esac
	done
	[ "$plan" = "$seen" ] || [ "$plan" = 0 ] || result fail "$1: the plan says ${plan:-nothing}, $seen ended"
}

# coverage_begin / _collect: every change of state and every reason of a drop, over the whole run.
coverage_begin()
{
	mountpoint -q /sys/kernel/tracing || mount -t tracefs tracefs /sys/kernel/tracing || return
	mkdir -p $TRACE && echo 8192 >$TRACE/buffer_size_kb && echo 1 >$TRACE/events/ttp/ttp_state/enable &&
		echo 1 >$TRACE/events/ttp/ttp_drop/enable
}

coverage_collect()
{
	[ -e $TRACE/trace ] || return
	sed -n 's/.* old=\([A-Z_0-9]*\) new=\([A-Z_0-9]*\) event=\([A-Z_0-9]*\).*/\1 \3 \2/p' $TRACE/trace |
		sort -u - "$COVERAGE" -o "$COVERAGE"
	sed -n 's/.* ttp_drop: .* reason=\([A-Za-z]*\).*/\1/p' $TRACE/trace | sort -u - "$DROPPED" -o "$DROPPED"
	echo >$TRACE/trace
	# a reason is news once: thousands of the same must not push states out of the buffer
	[ ! -s "$DROPPED" ] || [ ! -e $TRACE/events/ttp/ttp_drop/filter ] ||
		sed 's/.*/reason != "&"/' "$DROPPED" | paste -sd '&' | sed 's/&/ \&\& /g' >$TRACE/events/ttp/ttp_drop/filter
}

# Each edge of the diagram that changes the state must have been taken.
coverage_report()
{
	local want allowed missed
	coverage_collect
	want=$(grep -v '^#\|?$' "$HERE/transitions.txt" | sort -u)
	allowed=$(sed '/^#/d; s/ ?$//' "$HERE/transitions.txt" | sort -u)
	missed=$(comm -23 <(echo "$want") "$COVERAGE")
	echo "# $(comm -12 <(echo "$want") "$COVERAGE" | wc -l) of $(wc -l <<<"$want") transitions exercised"
	[ -z "$missed" ] || sed 's/^/# not exercised: /' <<<"$missed"
	[ -n "$missed" ] && result fail "coverage of the state diagram" || result ok "coverage of the state diagram"
	missed=$(comm -13 <(echo "$allowed") <(awk '$1 != $3' "$COVERAGE" | sort -u))
	[ -z "$missed" ] || sed 's/^/# not in the diagram: /' <<<"$missed"
	[ -n "$missed" ] && result fail "no transition outside the diagram" || result ok "no transition outside the diagram"
	want=$(sed -n 's/^TtpDrop\([A-Za-z]*\).*/\1/p' /proc/net/ttp_snmp | sort -u)
	missed=$(comm -23 <(echo "$want") "$DROPPED")
	echo "# $(comm -12 <(echo "$want") "$DROPPED" | wc -l) of $(wc -l <<<"$want") reasons of a drop exercised"
	[ -z "$missed" ] || sed 's/^/# never the reason of a drop: /' <<<"$missed"
	[ -n "$missed" ] && result fail "coverage of the reasons of a drop" || result ok "coverage of the reasons of a drop"
}

# What the tables of conformance name has been run, and passed.
conformance_report()
{
	local missed
	missed=$("$HERE/../tools/conformance" -r "$RAN") && result ok "the tests that show conformance" && return
	sed 's/^/# /' <<<"$missed"
	result fail "the tests that show conformance"
}

chosen()
{
	local p
	[ ${#PATTERNS[@]} != 0 ] || return 0
	for p in "${PATTERNS[@]}"; do
		case $1 in *$p*) return 0 ;; esac
	done
	return 1
}

run_one()
{
	local program=$BIN/$1 start=$SECONDS before=$failed status=0
	case $1 in *.sh) program=$HERE/$1 ;; esac
	if [ ! -x "$program" ]; then
		result fail "${1%.sh}: not built (make -C selftests)"
		return
	fi
	relay "${1%.sh}" < <("$program" 2>&1; echo $? >"$COVERAGE.status")
	status=$(cat "$COVERAGE.status")
	rm -f "$COVERAGE.status"
	case $status in
	0 | 4)	;;
	*)	[ $failed != "$before" ] || result fail "${1%.sh}: exit status $status" ;;
	esac
	echo "# ${1%.sh} took $((SECONDS - start)) s"
	coverage_collect
}

unload()
{
	local end=$((SECONDS + 120))
	until rmmod ttp 2>/dev/null; do
		[ $SECONDS -lt $end ] || { rmmod ttp; grep ^ttp /proc/modules /proc/slabinfo; return 1; }
		sleep 0.2
	done
	! grep '^ttp' /proc/slabinfo
}

# What a debug kernel says of itself while it boots is no report.
clean_log()
{
	! dmesg | tail -n +$((LOG_START + 1)) | grep -E 'WARNING:|BUG:|Oops|KASAN:|UBSAN:|suspected memory leak|possible .* detected|inconsistent lock|suspicious RCU|blocked for more|refcount_t:|general protection'
}

PATTERNS=("$@")
LOG_START=$(dmesg | wc -l)
echo "TAP version 14"
if [ "$TTP_FAMILY" = ttp ]; then
	[ -e /proc/net/ttp ] || insmod "${TTP_KO:?the module to test}" || { echo "Bail out! the module does not load"; exit 1; }
	coverage_begin
fi
for test in $TESTS; do
	if chosen "$test"; then run_one "$test"; fi
done
if [ "$TTP_FAMILY" = ttp ]; then
	[ -n "$*${TTP_PART:-}" ] || coverage_report
	[ -n "$*${TTP_PART:-}" ] || conformance_report
	[ ! -d $TRACE ] || { echo 0 >$TRACE/events/enable; rmdir $TRACE; }
	unload && result ok "the module unloads, nothing is left" || result fail "the module unloads, nothing is left"
fi
clean_log | sed 's/^/# /'
[ "${PIPESTATUS[0]}" = 0 ] && result ok "no kernel warning" || result fail "no kernel warning"
echo "1..$number"
if [ $skipped = 0 ]; then echo "$passed passed, $failed failed"; else echo "$passed passed, $failed failed, $skipped skipped"; fi
[ $failed = 0 ]
