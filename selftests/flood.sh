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
CONNECTS=20		# fewer, so that they fit into the accept queue
FEW=10			# while the machine does all it can

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

# flood IP [RATE]: until stop_flood, so many SYNs a second or as many as the machine can; it is under way.
flood()
{
	local before=$(arrived)
	nsenter --net="/run/netns/$A" synflood ${2:+-r "$2"} $NAME "$(address "$1")" $PORT >"$TMP/flood$1" &
	flooder=$!
	until_true has_arrived $((before + 100)) || fail "the flood does not begin"
}

stop_flood()
{
	kill $flooder
	wait $flooder
}

value() { sed -n "s/.*\b$1=\([0-9]*\).*/\1/p" <<<"$2"; }

# connects IP COUNT: so many made during the flood, measured in $result; and then it ends.
connects()
{
	local status
	result=$(ttpbench -t 400 -C "$A" -S "$B" -a "$(address "$1")" -p $PORT $NAME paced "$2" 50 300000)
	status=$?
	stop_flood
	return $status
}

# row COOKIES IP RESULT: of the table.
row()
{
	local sent=$(cat "$TMP/flood$2") rate
	rate=$(awk -v n="$(value sent "$sent")" -v ns="$(value ns "$sent")" 'BEGIN { printf "%.0f", n * 1e9 / (ns + 1) }')
	printf 'syncookies %s, IPv%s, %s, %s SYN/s: %s of %s connects, slowest of 99 %% %d ms\n' "$1" "$2" $NAME "$rate" \
		"$(value good "$3")" "$(value count "$3")" $(($(value p99 "$3") / 1000000)) >>"$TMP/table$2"
}

with_cookies()		# COOKIES IP CONNECTS [RATE]
{
	local sent good drops result flooder
	sysctl_set syncookies "$1"
	sent=$(count SyncookiesSent) good=$(count SyncookiesRecv) drops=$(count DropSynQueue)
	flood "$2" ${4:-}
	connects "$2" "$3" || fail "no measurement: $result"
	row "$1" "$2" "$result"
	[[ $result == *" good=$3 "* ]] || fail "not all connected: $result"
	[ "$(grown SyncookiesSent "$sent")" -gt $BACKLOG ] || fail "there was no flood: $(cat "$TMP/flood$2")"
	[ "$(grown SyncookiesRecv "$good")" -gt 0 ] || fail "nobody came by a cookie"
	[ "$TTP_FAMILY" = tcp ] || [ "$(grown DropSynQueue "$drops")" = 0 ] || fail "SYNs were dropped"
	[ "$1" != 2 ] || [ "$(in_state "$B" SYN_RECV $PORT)" = 0 ] || fail "something was kept"
}

# kernel_tcp COOKIES IP: what becomes of the same connects there, at the rate that the machine reaches with it.
kernel_tcp()
{
	local result flooder
	TTP_FAMILY=tcp NAME=tcp
	sysctl_set syncookies "$1"
	flood "$2"
	connects "$2" $FEW && row "$1" "$2" "$result"
}

overflowed() { [ "$(grown DropSynQueue "$1")" -gt 100 ]; }

without_cookies()	# IP
{
	local sent drops flooder attempt="was not there in 2 s" six=
	[ "$1" = 4 ] || six=-6
	sysctl_set syncookies 0
	sent=$(count SyncookiesSent) drops=$(count DropSynQueue)
	in_b sockdo $six bind "$(address "$1")" $PORT listen $BACKLOG wait "$TMP/never" &
	until_state "$B" LISTEN $PORT
	flood "$1" 500
	until_true overflowed "$drops" || fail "no SYN was dropped: $(count DropSynQueue)"
	[ "$(in_state "$B" SYN_RECV $PORT)" -le $((BACKLOG + 1)) ] || fail "the queue grew to $(in_state "$B" SYN_RECV $PORT)"
	# by chance it finds a place that a request has just left
	in_a timeout 2 sockdo $six connect "$(address "$1")" $PORT && attempt=succeeded
	echo "syncookies 0, IPv$1, $NAME, 500 SYN/s: a connect $attempt" >>"$TMP/table$1"
	[ "$(grown SyncookiesSent "$sent")" = 0 ] || fail "there were cookies"
	stop_flood
	[ "$(grown DropSynQueue "$drops")" -le "$(sed -n 's/sent=\([0-9]*\).*/\1/p' "$TMP/flood$1")" ] || fail "more dropped than sent"
}

all()
{
	local cookies
	drain || fail "no routes"
	: >"$TMP/table$1"
	for cookies in 1 2; do
		t syncookies_${cookies}_v$1 with_cookies $cookies "$1" $CONNECTS 500
		PORT=$((PORT + 1))
		t syncookies_${cookies}_full_speed_v$1 with_cookies $cookies "$1" $FEW
		PORT=$((PORT + 1))
		[ "$TTP_FAMILY" = tcp ] || ( kernel_tcp $cookies "$1" ) >/dev/null
	done
	t syncookies_0_v$1 without_cookies "$1"
	note "$(cat "$TMP/table$1")"
	kill_in_hosts
}

both_ip all
finish
