#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# This script moves megabytes over links that lose, reorder, repeat and damage
# packets, and compares the hash of what arrived with that of what was sent.
#
# TTP_BULK_MB (default 2) sets the size, SEED the bytes.
. "$(dirname "$0")/lib.sh"

MB=${TTP_BULK_MB:-2}
SEED=${SEED:-$RANDOM}
PORT=7400

# move IP WHO BYTES: WHO is "down" (B to A), "up", or "both" at once.
move()
{
	local addr=$B4 flag= there here m
	[ "$1" = 4 ] || addr=$B6 flag=-6
	case $2 in
	down)	there=send here=recv ;;
	up)	there=recv here=send ;;
	both)	there=both here=both ;;
	esac
	m=$(mktemp -d "$TMP/move.XXXX")
	PORT=$((PORT + 1))
	in_b stream $flag -n "$3" -s $((SEED + 1)) -m "$m/listening" listen $addr $PORT $there >"$m/there" &
	until_true test -e "$m/listening" || fail "no listener"
	in_a timeout 240 stream $flag -n "$3" -s "$SEED" connect $addr $PORT $here >"$m/here" || fail "client: $(cat "$m/here")"
	wait $! || fail "server: $(cat "$m/there")"
	cat "$m/here" "$m/there"
	same "$m/here" "$m/there" && same "$m/there" "$m/here"
}

# same FILE OTHER: what one sent is what the other received.
same()
{
	local sent
	sent=$(awk '$1 == "sent" { print $2, $3 }' "$1")
	[ -z "$sent" ] || [ "$sent" = "$(awk '$1 == "received" { print $2, $3 }' "$2")" ] ||
		fail "sent $sent, received $(grep received "$2") (SEED=$SEED)"
}

# over IP WHO BYTES NETEM...: the same, over a bad link.
over()
{
	local v=$1 who=$2 bytes=$3
	shift 3
	netem "$@" || missing "no netem here"
	move "$v" "$who" "$bytes" || exit
	netem
}

moved() { [ "$TTP_FAMILY" != ttp ] || [ "$(($(counter "$1" "$2") - $3))" -gt 0 ] || fail "$2 did not move"; }

clean()		{ move "$1" "$2" $((MB * 4 << 20)); }
loss_1()	{ over "$1" "$2" $((MB << 20)) loss 1%; }
loss_5()	{ over "$1" "$2" $((MB << 19)) loss 5%; }
reorder()	{ over "$1" "$2" $((MB << 20)) delay 5ms reorder 75% 50%; }
duplicate()	{ over "$1" "$2" $((MB << 20)) duplicate 10%; }
everything()	{ over "$1" "$2" $((MB << 19)) delay 2ms 1ms loss 1% duplicate 2% corrupt 1%; }

# netem flips a bit: the checksum must find every one of them.
corrupt()
{
	local before
	[ "$TTP_FAMILY" = tcp ] || before=$(counter "$A" TtpDropChecksum)
	over "$1" "$2" $((MB << 20)) corrupt 2%
	moved "$A" TtpDropChecksum "${before:-0}"
}

loss_is_repaired_fast()
{
	local fast all
	[ "$TTP_FAMILY" = ttp ] || { echo "only for TTP"; exit 4; }
	fast=$(counter "$B" TtpFastRetrans) all=$(counter "$B" TtpRetransSegs)
	over "$1" down $((MB << 20)) delay 5ms loss 1%
	moved "$B" TtpRetransSegs "$all"
	moved "$B" TtpFastRetrans "$fast"
}

small_mtu()
{
	in_a ip link set ttpA mtu 1300 && in_b ip link set ttpB mtu 1300
	move "$1" both $((MB << 20)) || exit
	in_a ip link set ttpA mtu 1500 && in_b ip link set ttpB mtu 1500
}

# queued: bytes in all send and receive queues of B and A.
queued()
{
	local n=0 q
	for q in $(cat /proc/{${KEEPER[$A]},${KEEPER[$B]}}/net/{$NAME,${NAME}6} | awk '$5 ~ /:.*[0-9A-F]/ { print $5 }'); do
		n=$((n + 16#${q%:*} + 16#${q#*:}))
	done
	echo $n
}
queued_is_steady() { local n; n=$(queued); sleep 0.5; [ "$n" -gt 0 ] && [ "$n" = "$(queued)" ]; }

is_probed()
{
	[ "$TTP_FAMILY" != ttp ] || [ "$(counter "$B" TtpToZeroWindowAdv)" -gt 0 ] || [ "$(counter "$A" TtpWinProbe)" -gt 0 ]
}

# Nobody reads: the sender stops, the memory is bounded; then all arrives.
slow_reader()
{
	local addr=$B4 flag= m bytes=$((MB * 8 << 20)) n sent reader
	[ "$1" = 4 ] || addr=$B6 flag=-6
	m=$(mktemp -d "$TMP/slow.XXXX")
	PORT=$((PORT + 1))
	in_b stream $flag -m "$m/listening" -w "$m/go" listen $addr $PORT recv >"$m/there" &
	reader=$!
	until_true test -e "$m/listening" || fail "no listener"
	in_a stream $flag -n $bytes -s "$SEED" connect $addr $PORT send >"$m/here" &
	sent=$!
	until_true queued_is_steady || fail "the queues keep growing: $(queued)"
	n=$(queued)
	echo "$n bytes are queued"
	[ "$n" -lt $bytes ] || fail "all $bytes bytes went into queues"
	kill -0 $sent 2>/dev/null || fail "the sender did not block"
	until_true is_probed || fail "the window is neither closed nor probed"
	touch "$m/go"
	wait $sent || fail "the sender failed"
	wait $reader || fail "the reader failed"
	same "$m/here" "$m/there"
}

all()
{
	t clean_v$1 clean "$1" both
	t small_mtu_v$1 small_mtu "$1"
	t slow_reader_v$1 slow_reader "$1"
	without_offloads
	for test in loss_1 loss_5 reorder duplicate corrupt everything; do
		t ${test}_v$1 $test "$1" down
	done
	t loss_both_ways_v$1 loss_1 "$1" both
	t loss_is_repaired_fast_v$1 loss_is_repaired_fast "$1"
}

echo "# SEED=$SEED TTP_BULK_MB=$MB"
# Starting programs is what takes the time: minutes on the debug kernel.
[ "${TTP_KERNEL:-}" != debug ] || VERSIONS=6
both_ip all
finish
