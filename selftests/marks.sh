#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# This script sends through a queue that marks instead of dropping (fq_codel),
# and looks that the sender slows down without having lost anything.
. "$(dirname "$0")/lib.sh"

PORT=7500
BYTES=200000

# A link out of A so narrow that no machine is slower than it: what waits there longer than a millisecond is marked.
narrow()
{
	tc -n "$A" qdisc add dev ttpA root handle 1: tbf rate 1mbit burst 4kb limit 400kb &&
		tc -n "$A" qdisc add dev ttpA parent 1:1 fq_codel target 400ms interval 800ms ce_threshold 1ms ||
		missing "no tbf and fq_codel here"
}

# The number behind this word in what tc tells of the queue.
queue_says() { tc -n "$A" -s qdisc show dev ttpA parent 1:1 | sed -n "s/.*\b$1 \([0-9]*\).*/\1/p" | head -n 1; }

# send IP: from A to B.
send()
{
	local addr=$B4 flag= m
	[ "$1" = 4 ] || addr=$B6 flag=-6
	m=$(mktemp -d "$TMP/move.XXXX")
	PORT=$((PORT + 1))
	in_b stream $flag -m "$m/listening" listen $addr $PORT recv >"$m/there" &
	until_true test -e "$m/listening" || fail "no listener"
	in_a timeout 240 stream $flag -n $BYTES connect $addr $PORT send >"$m/here" || fail "client: $(cat "$m/here")"
	wait $! || fail "server: $(cat "$m/there")"
	[ "$(awk '/^received/ { print $3 }' "$m/there")" = "$(awk '/^sent/ { print $3 }' "$m/here")" ] ||
		fail "$(cat "$m/here"), $(cat "$m/there")"
}

marked_and_slowed()
{
	local marks again ce
	sysctl_set ecn 1
	if [ "$TTP_FAMILY" = ttp ]; then
		# only what is lost is to be sent again, not what a slow machine delays
		sysctl_set early_retrans 0 && sysctl_set rto_min_us 30000000
		trace_start || fail "no trace"
		again=$(counter "$A" TtpRetransSegs) ce=$(counter "$A" TtpDeliveredCE)
	fi
	send "$1"
	marks=$(queue_says ce_mark)
	[ "${marks:-0}" -gt 0 ] || fail "nothing was marked: $(tc -n "$A" -s qdisc show dev ttpA)"
	[ "$(queue_says dropped)" = 0 ] || fail "the queue dropped"
	[ "$TTP_FAMILY" = ttp ] || return 0
	ce=$(($(counter "$A" TtpDeliveredCE) - ce))
	echo "$marks marks, $ce segments acknowledged with ECE, CWR sent $(sent "$A" '.*C.*') times"
	[ $ce -gt 0 ] || fail "no echo of a mark came"
	[ "$(sent "$A" '.*C.*')" -gt 0 ] || fail "the window was never reduced"
	[ "$(counter "$A" TtpRetransSegs)" = "$again" ] || fail "something was sent again"
}

# The same queue has nothing to mark when nobody asked.
not_marked()
{
	local before
	sysctl_set ecn 0
	before=$(queue_says ce_mark)
	send "$1"
	[ "$(queue_says ce_mark)" = "$before" ] || fail "packets were marked that are not ECT"
}

all()
{
	t queue_v$1 narrow
	t marked_and_slowed_v$1 marked_and_slowed "$1"
	t not_marked_v$1 not_marked "$1"
}

# Starting programs is what takes the time: minutes on the debug kernel.
[ "${TTP_KERNEL:-}" != debug ] || VERSIONS=4
both_ip all
finish
