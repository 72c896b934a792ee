#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# This script moves data through all ways of cutting big segments and merging
# small ones, in hosts and in a router, and looks at what the link carried.
. "$(dirname "$0")/lib.sh"

[ "$TTP_FAMILY" = ttp ] || { echo "1..0 # SKIP the traces are TTP's"; exit 4; }

R=ttpR-$$
SIZE=1000000
MSS=1460		# IPv4; IPv6 has 20 less
PORT=7400

# move ADDRESS: SIZE bytes from A to B, and compare.
move()
{
	PORT=$((PORT + 1))
	in_b ttpcat -l -N "$1" $PORT </dev/null >"$TMP/got" &
	until_state "$B" LISTEN $PORT
	in_a timeout 60 ttpcat -N "$1" $PORT <"$TMP/data" || fail "the sender failed"
	wait $! || fail "the receiver failed"
	cmp "$TMP/data" "$TMP/got" || fail "other data arrived"
}

expect_sent_big() { [ "$(longest "$A" ttp_send $PORT)" -gt $MSS ] || fail "no big segment was sent"; }
expect_got_small() { [ "$(longest "$B" ttp_recv $PORT)" -le $MSS ] || fail "a segment of $(longest "$B" ttp_recv $PORT) bytes arrived"; }
expect_got_big() { [ "$(longest "$B" ttp_recv $PORT)" -gt $MSS ] || fail "nothing was merged"; }


whole()			# a veth carries big segments as they are
{
	local before=$(errors)
	way "$A" ttpA tx tso gso
	way "$B" ttpB
	trace_start
	move "$(address "$1")"
	expect_sent_big
	expect_got_big
	expect_clean "$before"
}

cut()			# FEATURES of the device that does not take them
{
	local before=$(errors) ip=$1
	shift
	way "$A" ttpA "$@"
	way "$B" ttpB
	trace_start
	move "$(address "$ip")"
	expect_sent_big
	expect_got_small
	expect_clean "$before"
}

merged()
{
	local before=$(errors)
	way "$A" ttpA tx gso
	way "$B" ttpB gro
	patient "$B" ttpB
	trace_start
	move "$(address "$1")"
	expect_got_big
	expect_clean "$before"
}

# What is damaged is not merged, and not what it is next to either.
damaged()
{
	local before=$(counter "$B" TtpDropChecksum)
	# without GSO, so that netem sees each segment
	way "$A" ttpA tx
	way "$B" ttpB gro
	patient "$B" ttpB
	tc -n "$A" qdisc add dev ttpA root netem corrupt 5% || missing "netem"
	trace_start
	move "$(address "$1")"
	tc -n "$A" qdisc del dev ttpA root
	expect_got_big
	[ "$(counter "$B" TtpDropChecksum)" -gt "$before" ] || fail "nothing was damaged"
}

forwarded()		# 4|6: how many packets R has passed on
{
	if [ "$1" = 4 ]; then
		ip netns exec "$R" awk '$1 == "Ip:" && $7 ~ /^[0-9]/ { print $7 }' /proc/net/snmp
	else
		ip netns exec "$R" awk '$1 == "Ip6OutForwDatagrams" { print $2 }' /proc/net/snmp6
	fi
}

# arrived: how many packets R's links have brought it, before anything is merged.
arrived()
{
	ip netns exec "$R" awk '$1 == "rA:" || $1 == "rB:" { n += $3 } END { print n }' /proc/net/dev
}

# R merges what comes in, routes it once, and cuts it again for the next link.
routed()
{
	local before=$(errors) came=$(arrived) passed=$(forwarded "$1") merged
	way "$A" ttpA tx gso
	way "$R" rA gro
	patient "$R" rA
	way "$R" rB tx gso
	way "$B" ttpB
	trace_start
	move "$(address "$1")"
	expect_got_small
	expect_clean "$before"
	came=$(($(arrived) - came)) passed=$(($(forwarded "$1") - passed))
	# two segments at a time are half of them; a slow sender sends no more at once
	merged=$((came - passed))
	[ $merged -gt $((SIZE / MSS / 4)) ] || fail "$came packets came, $passed were routed: next to nothing was merged"
}

captured() { [ "$(stat -c %s "$TMP/card.pcap")" -gt $SIZE ]; }
listening_on() { grep -q 'listening on' "$TMP/tcpdump"; }

# A leaves the sums of single segments to others, too; a link that is like a card's carries them with their sums. tshark knows TCP's.
summed()
{
	local dumper sums
	need tcpdump
	need tshark
	way "$A" ttpA tx tso gso
	way "$R" rA
	way "$R" rB gso
	way "$B" ttpB
	ip -n "$A" link set ttpA gso_max_segs 1
	nsenter --net="/run/netns/$R" tcpdump -i rB -U -B 8192 -w "$TMP/card.pcap" "ip proto 253 or ip6 proto 253" 2>"$TMP/tcpdump" &
	dumper=$!
	until_true listening_on || fail "tcpdump does not listen: $(cat "$TMP/tcpdump")"
	move "$(address "$1")"
	until_true captured || fail "tcpdump is missing packets: $(cat "$TMP/tcpdump")"
	kill -TERM $dumper
	wait $dumper
	ip -n "$A" link set ttpA gso_max_segs 65535
	pcap_as_tcp <"$TMP/card.pcap" >"$TMP/tcp.pcap" || fail "not a capture of TTP"
	sums=$(tshark -r "$TMP/tcp.pcap" -o tcp.check_checksum:TRUE -T fields -e tcp.checksum.status 2>/dev/null | sort | uniq -c | xargs)
	[[ $sums =~ ^[0-9]+\ 1$ ]] || fail "number of segments, state of the sum: $sums"
}

leave() { ip netns del "$R" 2>/dev/null; cleanup; }
trap leave EXIT

hosts || { echo "1..0 # SKIP no network namespaces"; exit 4; }
command -v ethtool >/dev/null || { echo "1..0 # SKIP no ethtool"; exit 4; }
head -c $SIZE /dev/urandom >"$TMP/data"

# Starting programs is what takes the time: minutes on the debug kernel.
ips="4 6"
[ "${TTP_KERNEL:-}" != debug ] || ips=4
for ip in $ips; do
	t "big segments cross a link whole, IPv$ip" whole $ip
	t "they are cut for a device without TSO, IPv$ip" cut $ip tx gso
	t "they are cut for a device without checksums, IPv$ip" cut $ip gso
	t "small ones are merged on their way in, IPv$ip" merged $ip
	t "damaged ones are not, IPv$ip" damaged $ip
done
if router; then
	for ip in $ips; do
		t "a router merges and cuts again, IPv$ip" routed $ip
		t "no card is asked for a sum, IPv$ip" summed $ip
	done
fi
[ "$ips" != 4 ] || result 4 ipv6 "the debug kernel is too slow for both; the stock ones run it"
finish
