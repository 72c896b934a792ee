#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# This script sends bursts of more than 64 KB, which IPv6 may where the device takes them: over links that carry,
# cut or merge them, through routers that cut, refuse or make them, and over the loopback device.
. "$(dirname "$0")/lib.sh"

[ "$TTP_FAMILY" = ttp ] || { echo "1..0 # SKIP the traces are TTP's"; exit 4; }

R=ttpR-$$
SIZE=4000000
[ "${TTP_KERNEL:-}" != debug ] || SIZE=2000000
MSS=1440		# IPv6, without the timestamps
PLAIN=65535		# bytes, what the length in an IP header can say
BIG=185000		# bytes, what the devices are told to take
PORT=7500

# move FROM-HOST TO-HOST ADDRESS [FLAG [SENDER'S-FLAG SENDER'S-ADDRESS]]: SIZE bytes, compared by hash; a FLAG is -6 or nothing.
move()
{
	PORT=$((PORT + 1))
	rm -f "$TMP/listening"
	in_host "$2" stream ${4--6} -m "$TMP/listening" listen "$3" $PORT recv >"$TMP/received" &
	until_true test -e "$TMP/listening" || fail "no listener"
	in_host "$1" timeout 120 stream ${5-${4--6}} -n $SIZE -b 1000000 connect "${6:-$3}" $PORT send >"$TMP/sent" ||
		fail "the sender failed"
	wait $! || fail "the receiver failed"
	[ "$(cut -d' ' -f 2- "$TMP/sent")" = "$(cut -d' ' -f 2- "$TMP/received")" ] ||
		fail "$(cat "$TMP/sent"), but $(cat "$TMP/received")"
}

device() { ip -n "$1" link set "$2" "${@:3}" || missing "ip cannot set ${*:3}"; }

# How long bursts are follows from rate and windows: neither shall depend on how fast this machine is.
eager()			# [via ROUTER4 ROUTER6]: and on the way to B
{
	sysctl_set pacing_ss_ratio 1000 && sysctl_set pacing_ca_ratio 1000 && sysctl_set slow_start_after_idle 0 &&
		sysctl_set rmem "4096 4000000 6000000" &&
		ip -n "$A" route add $B4 ${1:+via $2} dev ttpA initcwnd 4000 &&
		ip -n "$A" route add $B6 ${1:+via $3} dev ttpA initcwnd 4000
}

# events HOST EVENT MORE-THAN: how many with more payload, of this connection's data.
events()
{
	trace_of "$1" | awk -v event="$2" -v port="dport=$PORT" -v most="$3" '$2 == event && $0 ~ port {
		for (i = 3; i <= NF; i++) if ($i ~ /^len=/ && substr($i, 5) + 0 > most) n++ }
		END { print n + 0 }'
}

expect_sent()		# big|plain
{
	local len=$(longest "$A" ttp_send $PORT)
	case $1 in
	big)	[ "$len" -gt $PLAIN ] || fail "the longest burst has $len bytes" ;;
	plain)	[ "$len" -le $PLAIN ] && [ "$len" -gt $((PLAIN / 2)) ] || fail "the longest burst has $len bytes" ;;
	esac
}

expect_got()		# big|plain|small
{
	local len=$(longest "${2:-$B}" ttp_recv $PORT)
	case $1 in
	big)	[ "$len" -gt $PLAIN ] ;;
	plain)	[ "$len" -le $PLAIN ] ;;
	small)	[ "$len" -le $MSS ] ;;
	esac || fail "the longest packet has $len bytes"
}

# What B found damaged, or IP before it: a piece that says that it is longer than 64 KB.
errors()
{
	echo $(($(counter "$B" TtpDropChecksum) + $(counter "$B" TtpInErrs) +
		$(awk '$1 == "Ip6InHdrErrors" { print $2 }' "/proc/${KEEPER[$B]}/net/snmp6")))
}

listening_on() { grep -q 'listening on' "$TMP/tcpdump"; }
captured() { [ "$(frames $((PLAIN + 54)))" -gt 0 ]; }

# frames LENGTH: how many longer ones are in the capture, of which tcpdump keeps the headers.
frames() { tcpdump -nr "$TMP/link.pcap" "greater $1" 2>/dev/null | wc -l; }

# What B's end of the link gets is what A has built, and as long as the device takes.
whole()
{
	local before=$(errors) early=$(counter "$B" TtpEarlyDemux) dumper all big
	need tcpdump
	way "$A" ttpA tx tso gso
	way "$B" ttpB
	device "$A" ttpA gso_max_size $BIG
	nsenter --net="/run/netns/$B" tcpdump -i ttpB -U -s 96 -w "$TMP/link.pcap" ip6 2>"$TMP/tcpdump" &
	dumper=$!
	until_true listening_on || fail "tcpdump does not listen: $(cat "$TMP/tcpdump")"
	trace_start
	move "$A" "$B" $B6
	expect_sent big
	expect_got big
	expect_clean "$before"
	until_true captured || fail "no frame was longer than 64 KB: $(cat "$TMP/tcpdump")"
	kill -TERM $dumper
	wait $dumper
	[ "$(frames $BIG)" = 0 ] || fail "a frame was longer than the device takes"
	# their sockets are found before the route is, as others are
	early=$(($(counter "$B" TtpEarlyDemux) - early))
	all=$(events "$B" ttp_recv 0) big=$(events "$B" ttp_recv $PLAIN)
	[ "$early" -gt $((all - big / 2)) ] || fail "of $all packets, $big of them big, $early were found early"
}

# The device takes more, but IPv4 has no way to say it.
old()			# mapped, or not
{
	way "$A" ttpA tx tso gso
	way "$B" ttpB
	device "$A" ttpA gso_max_size $BIG
	trace_start
	if [ "${1:-}" = mapped ]; then
		move "$A" "$B" $B4 "" -6 ::ffff:$B4
	else
		move "$A" "$B" $B4 ""
	fi
	expect_sent plain
	expect_got plain
}

# Some kernels need the hop-by-hop header for the length, and there can be one only.
with_options()
{
	way "$A" ttpA tx tso gso
	way "$B" ttpB
	device "$A" ttpA gso_max_size $BIG
	trace_start
	move "$A" "$B" $B6 -6 "-6 -o"
	expect_sent plain
	expect_got plain
}

by_default()
{
	way "$A" ttpA tx tso gso
	way "$B" ttpB
	device "$A" ttpA gso_max_size 65536
	trace_start
	move "$A" "$B" $B6
	expect_sent plain
	expect_got plain
}

# Packets that A's device would not pass on, but for those that a CPU's queue had no room for.
unfit()
{
	local n=$(awk '$1 == "ttpA:" { print $13 }' "/proc/${KEEPER[$A]}/net/dev") full
	while read -r _ full _; do n=$((n - 16#$full)); done </proc/net/softnet_stat
	echo $n
}

cut_up()		# FEATURES of the device that does not take them
{
	local before=$(errors) unfit=$(unfit)
	way "$A" ttpA "$@"
	way "$B" ttpB
	device "$A" ttpA gso_max_size $BIG
	trace_start
	move "$A" "$B" $B6
	expect_sent big
	expect_got small
	expect_clean "$before"
	[ "$(unfit)" = "$unfit" ] || fail "$(($(unfit) - unfit)) pieces were not fit to be sent"
}

# What B makes of small segments.
merged()
{
	local before=$(errors)
	way "$A" ttpA tx gso
	way "$B" ttpB gro
	patient "$B" ttpB
	device "$A" ttpA gso_max_size $BIG
	device "$B" ttpB gro_max_size $BIG
	trace_start
	move "$A" "$B" $B6
	expect_got big
	expect_clean "$before"
}

looped()
{
	device "$A" lo gso_max_size $BIG
	trace_start
	move "$A" "$A" ::1
	expect_sent big
	expect_got big "$A"
	device "$A" lo gso_max_size 65536
	trace_start
	move "$A" "$A" ::1
	expect_sent plain
}

refused() { counter "$A" TtpPmtuRefused; }

# The link behind R is slower on sums and smaller: R gets them whole, and cuts them.
routed()
{
	local before=$(errors) no=$(refused)
	way "$A" ttpA tx tso gso
	way "$R" rA
	way "$R" rB gso
	way "$B" ttpB
	device "$A" ttpA gso_max_size $BIG
	# room for the header that some kernels count for each segment
	device "$R" rB mtu 1600
	device "$B" ttpB mtu 1600
	trace_start
	move "$A" "$B" $B6
	expect_sent big
	expect_got small
	expect_clean "$before"
	[ "$(refused)" = "$no" ] || fail "R refused them"
}

# Without that room such a kernel says "too big". What was under way then was the last of the kind.
refusing()
{
	local before=$(errors) no=$(refused) sizes half
	way "$A" ttpA tx tso gso
	way "$R" rA
	way "$R" rB tx tso gso
	way "$B" ttpB
	device "$A" ttpA gso_max_size $BIG
	device "$R" rB mtu 1500
	device "$B" ttpB mtu 1500
	trace_start
	move "$A" "$B" $B6
	expect_sent big
	expect_clean "$before"
	[ "$(refused)" != "$no" ] || { expect_big_late; return; }
	sizes=$(trace_of "$A" | grep " ttp_send .*dport=$PORT" | sed -n 's/.* len=\([0-9]*\).*/\1/p')
	half=$(($(wc -l <<<"$sizes") / 2))
	[ "$(tail -n $half <<<"$sizes" | sort -n | tail -n 1)" -le $PLAIN ] || fail "A goes on with what R refuses:" $sizes
}

# This kernel passes them on.
expect_big_late() { [ "$(events "$A" ttp_send $PLAIN)" -gt 4 ] || fail "few big bursts, and nobody had refused any"; }

# What R merges it must be able to pass on.
routed_merged()
{
	local before=$(errors) no=$(refused)
	way "$A" ttpA tx gso
	way "$R" rA gro
	patient "$R" rA
	way "$R" rB gso
	way "$B" ttpB
	device "$A" ttpA gso_max_size $BIG
	device "$R" rA gro_max_size $BIG
	trace_start
	move "$A" "$B" $B6
	expect_got small
	expect_clean "$before"
	[ "$(refused)" = "$no" ] || fail "R merged more than it can pass on"
}

leave() { ip netns del "$R" 2>/dev/null; cleanup; }
trap leave EXIT

hosts && eager || { echo "1..0 # SKIP no network namespaces"; exit 4; }
command -v ethtool >/dev/null || { echo "1..0 # SKIP no ethtool"; exit 4; }

t "bursts beyond 64 KB cross a link whole" whole
t "they are cut for a device without checksums" cut_up gso
t "small segments are merged to more than 64 KB" merged
# Starting programs is what takes the time: minutes on the debug kernel.
if [ "${TTP_KERNEL:-}" != debug ]; then
	t "they are cut for a device without TSO" cut_up tx gso
	t "they are no longer than the device takes" by_default
	t "IPv4 keeps to 64 KB" old
	t "so does IPv4 on an IPv6 socket" old mapped
	t "so does who has options in the way" with_options
	t "the loopback device carries them" looped
fi
if router && eager via 10.253.1.2 fd00:254::2; then
	t "a router cuts them" routed
	if [ "${TTP_KERNEL:-}" != debug ]; then
		t "a router that refuses them gets no more" refusing
		t "a router merges no more than it can pass on" routed_merged
	fi
fi
[ "${TTP_KERNEL:-}" != debug ] || result 4 the_rest "the debug kernel is too slow for all; the stock ones run them"
finish
