#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# This script floods a listener with forged SYNs: with cookies every honest
# connect succeeds, without them the queue is full and says so.
. "$(dirname "$0")/lib.sh"

# Programs of others, or thousands of segments: what the module does for them, other tests show there as well.
[ "${TTP_KERNEL:-}" != debug ] || { echo "1..0 # SKIP half an hour on the debug kernel"; exit 4; }

DEADLINE=60
PORT=7800
BACKLOG=64		# small, so that a slow machine fills it too
CONNECTS=40		# fewer, so that they fit into the accept queue


# What B answers to forged addresses goes to A, who has no use for it.
drain()
{
	ip -n "$B" route add default via $A4 && ip -n "$B" -6 route add default via $A6
	in_b sysctl -qw net.core.somaxconn=$BACKLOG
	in_a sysctl -qw net.ipv4.tcp_no_metrics_save=1
	in_b sysctl -qw net.ipv4.tcp_no_metrics_save=1
}

# count NAME: of the server, by TTP's name; kernel TCP's are called nearly so.
count()
{
	local name=$1
	if [ "$TTP_FAMILY" = ttp ]; then
		counter "$B" "Ttp$name"
		return
	fi
	[ "$name" != DropSynQueue ] || name=ListenDrops
	in_b nstat -asz "TcpExt$name" | awk -v name="TcpExt$name" '$1 == name { print $2 }'
}
grown() { echo $(($(count "$1") - $2)); }

arrived() { awk '$1 == "ttpB:" { print $3 }' "/proc/${KEEPER[$B]}/net/dev"; }
has_arrived() { [ "$(arrived)" -gt "$1" ]; }

# flood IP: until $flooder is killed; it is under way.
flood()
{
	local before=$(arrived)
	nsenter --net="/run/netns/$A" synflood -r 500 $NAME "$(address "$1")" $PORT >"$TMP/flood$1" &
	flooder=$!
	until_true has_arrived $((before + 100)) || fail "the flood does not begin"
}

with_cookies()		# COOKIES IP
{
	local sent good drops result flooder
	sysctl_set syncookies "$1"
	sent=$(count SyncookiesSent) good=$(count SyncookiesRecv) drops=$(count DropSynQueue)
	flood "$2"
	result=$(ttpbench -t 400 -C "$A" -S "$B" -a "$(address "$2")" -p $PORT $NAME paced $CONNECTS 50 300000) ||
		fail "no measurement: $result"
	kill $flooder
	wait $flooder
	[[ $result == *" good=$CONNECTS "* ]] || fail "not all connected: $result"
	[ "$(grown SyncookiesSent "$sent")" -gt $BACKLOG ] || fail "there was no flood: $(cat "$TMP/flood$2")"
	[ "$(grown SyncookiesRecv "$good")" -gt 0 ] || fail "nobody came by a cookie"
	[ "$TTP_FAMILY" = tcp ] || [ "$(grown DropSynQueue "$drops")" = 0 ] || fail "SYNs were dropped"
	[ "$1" != 2 ] || [ "$(in_state "$B" SYN_RECV $PORT)" = 0 ] || fail "something was kept"
}

overflowed() { [ "$(grown DropSynQueue "$1")" -gt 100 ]; }

without_cookies()	# IP
{
	local sent drops flooder six=
	[ "$1" = 4 ] || six=-6
	sysctl_set syncookies 0
	sent=$(count SyncookiesSent) drops=$(count DropSynQueue)
	in_b sockdo $six bind "$(address "$1")" $PORT listen $BACKLOG wait "$TMP/never" &
	until_state "$B" LISTEN $PORT
	flood "$1"
	until_true overflowed "$drops" || fail "no SYN was dropped: $(count DropSynQueue)"
	[ "$(in_state "$B" SYN_RECV $PORT)" -le $((BACKLOG + 1)) ] || fail "the queue grew to $(in_state "$B" SYN_RECV $PORT)"
	[ "$(grown SyncookiesSent "$sent")" = 0 ] || fail "there were cookies"
	kill $flooder
	wait $flooder
	[ "$(grown DropSynQueue "$drops")" -le "$(sed -n 's/sent=\([0-9]*\).*/\1/p' "$TMP/flood$1")" ] || fail "more dropped than sent"
}

all()
{
	drain || fail "no routes"
	t syncookies_1_v$1 with_cookies 1 "$1"
	PORT=$((PORT + 1))
	t syncookies_2_v$1 with_cookies 2 "$1"
	PORT=$((PORT + 1))
	t syncookies_0_v$1 without_cookies "$1"
	kill_in_hosts
}

[ "${TTP_KERNEL:-}" != debug ] || VERSIONS=4
both_ip all
finish
