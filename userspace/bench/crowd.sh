#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# This script measures servers in a crowd inside a VM, TTP beside kernel TCP: connects during a flood of forged SYNs, with
# each setting of syncookies, and what many TIME_WAIT entries and many connections cost. It prints tables.
#
# usage: crowd.sh [-d DIVISOR] [flood|timewait|established]...
set -u
HERE=$(cd "$(dirname "$0")" && pwd)
BIN=${TTP_BIN:-$HERE/../../build/bin}

A=crowdA B=crowdB A4=10.253.1.1 B4=10.253.1.2
PORT=5001
divisor=1
RATES="0 1000 10000 max"
ATTEMPTS=100 INTERVAL=50 DEADLINE=5000	# milliseconds
ENTRIES=100000
CONNECTIONS=100000

fail() { echo "crowd.sh: $*" >&2; exit 1; }
in_a() { ip netns exec $A "$@"; }
in_b() { ip netns exec $B "$@"; }

# hosts: A, who floods and connects, and B. What B answers to forged addresses goes to A, who has no use for it.
hosts()
{
	local host
	ip netns add $A && ip netns add $B || return 1
	ip -n $A link add $A type veth peer name $B netns $B || return 1
	ip -n $A addr add $A4/24 dev $A && ip -n $B addr add $B4/24 dev $B || return 1
	for host in $A $B; do
		# Who was there before is not let in first, and IPv6's own messages are not measured.
		ip netns exec $host sysctl -qw net.ipv4.tcp_no_metrics_save=1 net.ipv6.conf.$host.disable_ipv6=1
		ip -n $host link set lo up && ip -n $host link set $host up || return 1
	done
	ip -n $B route add default via $A4
}

no_hosts() { ip netns del $A; ip netns del $B; }

knob() { [ "$1" = tcp ] && echo "net.ipv4.tcp_$2" || echo "net.ttp.$2"; }
value() { sed -n "s/.*\b$1=\([0-9]*\).*/\1/p" <<<"$2"; }

# ratio A B [DIGITS]: "-" if there is no A.
ratio() { awk -v a="$1" -v b="$2" -v d="${3:-2}" 'BEGIN { if (a == "") print "-"; else printf "%.*f\n", d, b ? a / b : 0 }'; }

# Counted by B: cookies sent, SYNs dropped. Kernel TCP has no counter for a full SYN queue alone.
counts()
{
	if [ "$1" = tcp ]; then
		in_b nstat -asz TcpExtSyncookiesSent TcpExtListenDrops |
			awk '{ n[$1] = $2 } END { print n["TcpExtSyncookiesSent"], n["TcpExtListenDrops"] }'
	else
		in_b awk '{ n[$1] = $2 } END { print n["TtpSyncookiesSent"], n["TtpListenDrops"] }' /proc/net/ttp_snmp
	fi
}

arrived() { in_b awk -v dev="$B:" '$1 == dev { print $3 }' /proc/net/dev; }

# one_flood PROTOCOL COOKIES RATE: in hosts of its own, so that no queue is full from before.
one_flood()
{
	local proto=$1 cookies=$2 rate=$3 flooder= result sent= per_s=0
	hosts || fail "no hosts"
	in_b sysctl -qw "$(knob "$proto" syncookies)=$cookies"
	if [ "$rate" != 0 ]; then
		# From before the client begins until it is done; no function, so that it is the process that is killed.
		ip netns exec $A ./synflood $([ "$rate" = max ] || echo "-r $rate") "$proto" $B4 $PORT >flooded &
		flooder=$!
		until [ "$(arrived)" -gt 50 ]; do sleep 0.01; done
	fi
	result=$(./ttpbench -t 100 -C $A -S $B -a $B4 -p $PORT "$proto" paced $((ATTEMPTS / divisor)) $INTERVAL $DEADLINE 2>errors) ||
		result="$result error=$(head -n 1 errors)"
	if [ -n "$flooder" ]; then
		kill -TERM $flooder
		wait $flooder
		sent=$(cat flooded)
		per_s=$(ratio "$(value sent "$sent")" "$(value ns "$sent")e-9" 0)
	fi
	printf '%-5s %-10s %-7s %9s %9s %6s %9s %9s %9s %9s %9s\n' "$proto" "$cookies" "$rate" "$per_s" "$(value count "$result")" \
		"$(value good "$result")" $(for p in p50 p99; do ratio "$(value $p "$result")" 1e6; done) $(counts "$proto") \
		"$(sed -n 's/.*error=//p' <<<"$result")"
	no_hosts
}

flood()
{
	local rate cookies proto
	echo "$((ATTEMPTS / divisor)) connects, one each $INTERVAL ms, given up after $DEADLINE ms; latencies in ms of those that got an answer"
	printf '%-5s %-10s %-7s %9s %9s %6s %9s %9s %9s %9s\n' proto syncookies rate SYN/s connects good p50 p99 cookies drops
	for rate in $RATES; do
		for cookies in 0 1 2; do
			for proto in tcp ttp; do
				one_flood $proto $cookies "$rate"
			done
		done
	done
}

shrink_slabs()
{
	local cache
	sleep 1
	for cache in /sys/kernel/slab/*/shrink; do
		echo 1 >"$cache" 2>/dev/null
	done
	:
}

timewait()
{
	local proto result
	echo "$((ENTRIES / divisor)) entries on loopback; times in microseconds, before and with them"
	printf '%-5s %9s %8s %14s %12s %12s %10s %10s\n' proto entries object "slab/entry" "connection" "with them" "round trip" "with them"
	for proto in tcp ttp; do
		ip netns add $A && ip -n $A link set lo up || fail "no host"
		in_a sysctl -qw "$(knob $proto max_tw_buckets)=$((2 * ENTRIES))"
		shrink_slabs
		result=$(in_a ./ttpbench -t 300 -a 0.0.0.0 $proto timewait $((ENTRIES / divisor)) 2>&1)
		printf '%-5s %9s %8s %14s %12s %12s %10s %10s\n' $proto "$(value entries "$result")" "$(value object "$result")" \
			"$(value slab "$result")" $(for v in crr_before crr_after rr_before rr_after; do
				ratio "$(value $v "$result")" 1000 1; done)
		grep -q entries= <<<"$result" || echo "  $result"
		ip netns del $A
	done
}

# Both ends are here, so twice as many sockets.
established()
{
	local proto result n=$((CONNECTIONS / divisor))
	echo "$n connections on loopback; times in microseconds, before and with them"
	printf '%-5s %9s %10s %12s %12s %12s %10s %10s\n' proto count "slab/conn" "memory/conn" "connection" "with them" "round trip" "with them"
	for proto in tcp ttp; do
		ip netns add $A && ip -n $A link set lo up || fail "no host"
		shrink_slabs
		result=$(ulimit -n $((n + 1000)) && in_a ./ttpbench -t 600 -a 0.0.0.0 $proto established $n 2>&1)
		printf '%-5s %9s %10s %12s %12s %12s %10s %10s\n' $proto $(for v in count slab memory; do value $v "$result"; done) \
			$(for v in crr_before crr_after rr_before rr_after; do ratio "$(value $v "$result")" 1000 1; done)
		grep -q rr_after= <<<"$result" || echo "  $result"
		ip netns del $A
	done
}

while getopts d: opt; do
	case $opt in
	d) divisor=$OPTARG ;;
	*) exec sed -n '/^# usage/,/^set/{/^#/p}' "$0" ;;
	esac
done
shift $((OPTIND - 1))
[ $# -gt 0 ] || set -- flood timewait established
# Waiting for the host's files would be counted: all of it happens in memory.
work=$(mktemp -d -p /dev/shm) && cd "$work" || exit 1
cp "$BIN/ttpbench" "$BIN/synflood" . || fail "the programs are not built"
[ -d /proc/sys/net/ttp ] || insmod "$TTP_KO" || fail "no module"
for scene; do
	case $scene in
	flood | timewait | established)	"$scene" ;;
	*)			fail "no scene '$scene'" ;;
	esac
done
