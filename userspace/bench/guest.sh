#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# This script measures TTP beside kernel TCP inside a VM and writes one line per measurement.
#
# usage: guest.sh [-r ROUNDS] [-s FIRST_SEED] [-d DIVISOR] [-o FILE] [-wWx] [CASE...]     (-l lists the cases)
#
# Every round measures every case in the order TCP TTP TTP TCP, so that whatever drifts hits both alike; goodput under loss, which
# takes long and does not drift, in the first round only, then TCP TTP with other losses. The first round then has MPTCP and SCTP
# where they can do the same. A line starts with round=, case=, turn=, proto=; what follows is ttpbench's. A measurement that
# failed has error=. -w: only the chosen cases are warmed up. -W: time is the wall's, and not waited for.
# -x: no MPTCP, no SCTP.
set -u
HERE=$(cd "$(dirname "$0")" && pwd)
BIN=${TTP_BIN:-$HERE/../../build/bin}

A=benchA B=benchB A4=10.253.1.1 B4=10.253.1.2
CARD_A=benchC CARD_B=benchD C4=10.253.2.1 D4=10.253.2.2
PORT=5001 FLOOD=10000	# SYNs a second
rounds=1 seed=1 divisor=1 out=/dev/stdout warm_chosen= wall= only_two=

# Name, link, mode (@congestion control), arguments; the last argument, the work, is divided by -d (a time by 2 at most, and what
# flood-veth waits for a connection not at all).
cases()
{
	cat <<-END
		bulk-loopback     loopback  bulk   100000000
		bulk-veth         offloads  bulk   100000000
		bulk-veth-gro     gro       bulk   40000000
		bulk-veth-plain   plain     bulk   40000000
		bulk-veth-one     one       bulk   30000000
		bulk-nic          cards     bulk   40000000
		bulk-8-loopback   loopback  streams 8 12500000
		bulk-8-veth       offloads  streams 8 12500000
		rr-1-loopback     loopback  rr     1 1 1500
		rr-1-veth         offloads  rr     1 1 1500
		rr-1-nic          cards     rr     1 1 1000
		rr-1024-veth      offloads  rr     1024 1024 1000
		rr-4096-veth      offloads  rr     4096 4096 1000
		rr-65536-veth     offloads  rr     65536 65536 200
		active-veth       offloads  active 500 10
		pairs-veth        offloads  pairs  4 1000
		crr-loopback      loopback  crr    1 1 300
		crr-veth          offloads  crr    1 1 300
		crr-nic           cards     crr    1 1 300
		accept-veth       offloads  accept 4 1000
		flood-veth        offloads  paced  20 50 5000
		idle-loopback     loopback  idle   1000
		goodput-0%        loss-0    timed  3000
		goodput-0.1%      loss-0.1  timed  10000
		goodput-1%        loss-1    timed  20000
		goodput-3%        loss-3    timed  20000
		goodput-burst     burst-1   timed  20000
		goodput-reorder   reorder   timed  10000
		bbr-0%            loss-0    timed@bbr  3000
		bbr-0.1%          loss-0.1  timed@bbr  3000
		bbr-1%            loss-1    timed@bbr  3000
		bbr-3%            loss-3    timed@bbr  3000
		bbr-burst         burst-1   timed@bbr  3000
		bbr-reorder       reorder   timed@bbr  3000
	END
}

fail() { echo "guest.sh: $*" >&2; exit 1; }

# -- two hosts ---------------------------------------------------------------

in_b() { ip netns exec $B "$@"; }

# host NAME ADDRESS: its device, which has its name.
host()
{
	ip netns exec $1 sysctl -qw net.ipv4.tcp_no_metrics_save=1 net.ipv6.conf.$1.disable_ipv6=1
	ip -n $1 addr add $2/24 dev $1 && ip -n $1 link set lo up && ip -n $1 link set $1 up
}

hosts()
{
	# What one TCP connection learned must not help the next one.
	sysctl -qw net.ipv4.tcp_no_metrics_save=1
	ip netns add $A && ip netns add $B || return 1
	ip -n $A link add $A type veth peer name $B netns $B || return 1
	host $A $A4 && host $B $B4 || return 1
	# What B answers to forged addresses goes to A, who has no use for it.
	ip -n $B route add default via $A4 || return 1
	# ip and tc give their namespaces a fresh /sys, so the one there does not do.
	mkdir bpf && mount -t bpf none bpf
}

# One virtio card for each of two more hosts; tools/vm/run -N has them, and a cable between.
cards()
{
	local card driver name=$CARD_A addr=$C4
	modprobe -q virtio_net
	for card in /sys/class/net/*; do
		driver=$(readlink -f "$card/device/driver")
		[ "${driver##*/}" = virtio_net ] || continue
		ip netns add $name && ip link set "${card##*/}" netns $name name $name && host $name $addr || return 1
		name=$CARD_B addr=$D4
	done
	:
}

# shape TSO GRO SEGMENTS: the offloads of both ends, and how many segments one packet may carry.
shape()
{
	local host
	for host in $A $B; do
		ip netns exec $host ethtool -K $host tso "$1" gro "$2" >/dev/null || return 1
		ip -n $host link set $host gso_max_segs "$3" || return 1
		tc -n $host qdisc del dev $host root 2>/dev/null
	done
	tc -n $B qdisc del dev $B clsact 2>/dev/null
	:
}

# lossy PERCENT SEED [BURST [NETEM...]]: 100 Mbit/s and 20 ms of round trip. Packets are lost where the receiver takes them in: netem at
# the sender would drop whole bursts, which favours whoever builds big ones.
lossy()
{
	shape off off 1 || return 1
	rm -f bpf/drop
	./seeded_drop "$1" "$2" "$PWD/bpf/drop" "${3:-1}" || return 1
	tc -n $B qdisc add dev $B clsact &&
		tc -n $B filter add dev $B ingress bpf direct-action object-pinned "$PWD/bpf/drop" &&
		tc -n $A qdisc add dev $A root netem limit 1000 delay 10ms rate 100mbit "${@:4}" &&
		tc -n $B qdisc add dev $B root netem limit 1000 delay 10ms
}

# link NAME ROUND: sets $where, ttpbench's arguments that choose it.
link()
{
	where="-C $A -S $B -a $B4"
	case $1 in
	loopback)	where= ;;
	cards)		where="-C $CARD_A -S $CARD_B -a $D4" ;;
	offloads)	shape on off 65535 ;;
	gro)		shape off on 65535 ;;
	plain)		shape off off 65535 ;;
	one)		shape on off 1 ;;
	loss-*)		lossy "${1#loss-}" $((seed + $2 - 1)) ;;
	burst-*)	lossy "${1#burst-}" $((seed + $2 - 1)) 8 ;;
	# One in a hundred overtakes ten milliseconds of others.
	reorder)	lossy 0 1 1 reorder 1% gap 1 ;;
	*)		false ;;
	esac
}

# -- measurements ------------------------------------------------------------

# Empty slabs that earlier connections left behind would hide what new ones take.
shrink_slabs()
{
	local cache
	sleep 1
	for cache in /sys/kernel/slab/*/shrink; do
		echo 1 >"$cache" 2>/dev/null
	done
	:
}

# flooded PROTOCOL COMMAND...: while A sends B forged SYNs, so many that B takes to cookies.
flooded()
{
	local flooder status
	ip netns exec $A ./synflood -r $FLOOD "$1" $B4 $PORT >/dev/null &
	flooder=$!
	sleep 0.1
	"${@:2}"
	status=$?
	kill -TERM $flooder
	wait $flooder
	return $status
}

# measure NAME LINK MODE ROUND TURN PROTOCOL ARGUMENT...
measure()
{
	local name=$1 link=$2 mode=$3 round=$4 turn=$5 proto=$6 line control meanwhile=
	shift 6
	line="round=$round case=$name turn=$turn"
	control=
	if [ "$mode" != "${mode%@*}" ]; then
		control="-g ${mode#*@}" mode=${mode%@*}
	fi
	if ! link "$link" "$round"; then
		echo "$line proto=$proto error=link"
		return
	fi
	[ "$mode" != idle ] || shrink_slabs
	[ "$mode" != paced ] || meanwhile="flooded $proto"
	if result=$($meanwhile ./ttpbench -t 100 -p $PORT $where $control "$proto" "$mode" "$@" 2>errors); then
		echo "$line $result"
	else
		echo "$line proto=$proto error=$(tr -c '[:alnum:]\n' - <errors | head -n 1)"
	fi
	# Connections in TIME_WAIT are not the next one's burden. Where a second takes a second, their timers are no more than noise.
	[ "$mode" != crr ] || [ -n "$wall" ] || sleep 61
}

# others MODE: who is measured beside TCP and TTP. SCTP hands out a port to one listener only.
others()
{
	case $1 in
	bulk | streams | rr | crr | active | idle)	echo mptcp sctp ;;
	accept | pairs)					echo mptcp ;;
	esac
}

# again ROUND MODE: the second half of the order, where there is one; round 0 warms up.
again()
{
	[ "$1" = 0 ] || [[ $1 -gt 1 && $2 == timed* ]] || echo ttp tcp
}

# one_case ROUND NAME LINK MODE ARGUMENT...
one_case()
{
	local round=$1 name=$2 link=$3 mode=$4 turn=0 proto last by=$divisor
	shift 4
	# The start of a connection must not be what a lossy link measures.
	[ "${mode%@*}" != timed ] || by=$((divisor < 2 ? divisor : 2))
	[ "$mode" != paced ] || by=1
	last=$((${!#} / by))
	set -- "${@:1:$(($# - 1))}" $((last > 0 ? last : 1))
	for proto in tcp ttp $(again "$round" "$mode") $([ -n "$only_two" ] || [ "$round" != 1 ] || others "$mode"); do
		turn=$((turn + 1))
		measure "$name" "$link" "$mode" "$round" $turn $proto "$@"
	done
}

# The first use of a path costs page faults, allocations of caches, static keys.
warm_up()
{
	local name link mode rest
	while read -r name link mode rest; do
		[ "${mode%@*}" != timed ] || rest=600
		one_case 0 "$name" "$link" "$mode" $rest
	done < <(chosen "$@" | grep -v '^idle') >/dev/null
}

chosen()
{
	local name rest wanted
	cases | while read -r name rest; do
		[[ $rest != cards* || -e /run/netns/$CARD_B ]] || continue
		for wanted in "$@"; do
			[[ $name == $wanted ]] && echo "$name $rest" && break
		done
	done
}

main()
{
	local round name rest
	cp "$BIN/ttpbench" "$BIN/seeded_drop" "$BIN/synflood" . || fail "the programs are not built"
	[ -d /proc/sys/net/ttp ] || insmod "$TTP_KO" || fail "no module"
	hosts || fail "cannot set up two hosts"
	cards || fail "cannot set up two cards"
	modprobe -q -a tcp_bbr sctp
	if [ -n "$warm_chosen" ]; then
		divisor=$((divisor * 10)) warm_up "$@"
	else
		divisor=$((divisor * 10)) warm_up '*'
	fi
	for round in $(seq "$rounds"); do
		while read -r name rest; do
			one_case "$round" "$name" $rest >>"$out"
			echo "round $round: $name" >&2
		done < <(chosen "$@")
	done
}

while getopts r:s:d:o:lwWx opt; do
	case $opt in
	r) rounds=$OPTARG ;;	s) seed=$OPTARG ;;	d) divisor=$OPTARG ;;
	o) out=$OPTARG ;;	l) cases; exit ;;
	w) warm_chosen=1 ;;	W) wall=1 ;;	x) only_two=1 ;;
	*) exec sed -n '/^# usage/,/^set/{/^#/p}' "$0" ;;
	esac
done
shift $((OPTIND - 1))
[ $# -gt 0 ] || set -- '*'
# Waiting for the host's files would be counted: all of it happens in memory.
work=$(mktemp -d -p /dev/shm) && cd "$work" || exit 1
main "$@"
