#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# This script opens and closes connections between two hosts in every way and
# reads from the trace which states each side passed through.
. "$(dirname "$0")/lib.sh"

# both IP SERVER_OPERATIONS -- CLIENT_OPERATIONS: on B a server after accept(),
# on A a client after connect(); they meet through files $M/NAME.
both()
{
	local v=$1 server=() flag=()
	shift
	while [ "$1" != -- ]; do server+=("$1"); shift; done
	shift
	if [ "$v" = 6 ]; then SADDR=$B6 CADDR=$A6 flag=(-6); else SADDR=$B4 CADDR=$A4; fi
	M=$(mktemp -d "$TMP/meet.XXXX")
	trace_start || return 1
	in_b sockdo "${flag[@]}" bind $SADDR $SPORT listen 4 mark "$M/listening" accept unlisten \
		"${server[@]//@/$M/}" &
	until_true test -e "$M/listening" || fail "no listener"
	in_a sockdo "${flag[@]}" bind $CADDR $CPORT connect $SADDR $SPORT "${@//@/$M/}" ||
		fail "the client failed"
	wait $! || fail "the server failed"
}

# passed HOST PORT CHAIN: the states, once the last of them is reached.
chain_is() { [ "$(chain "$1" "$2")" = "$3" ]; }
passed()
{
	[ "$TTP_FAMILY" = ttp ] || return 0
	until_true chain_is "$@" || fail "$1 passed $(chain "$1" "$2"), expected $3"
}

OPEN_C="CLOSE>SYN_SENT>ESTABLISHED"
OPEN_S="LISTEN>SYN_RECV>ESTABLISHED"

server_done() { until_no_state "$B" LAST_ACK $SPORT; }

four_way_close()
{
	both "$1" recv 10 eof mark @eof wait @half send 5 close -- \
		send 10 shutdown wr wait @eof state FIN_WAIT2 mark @half recv 5 eof close
	until_state "$A" TIME_WAIT $CPORT
	server_done
	passed "$A" $CPORT "$OPEN_C>FIN_WAIT1>FIN_WAIT2>TIME_WAIT"
	passed "$B" $SPORT "$OPEN_S>CLOSE_WAIT>LAST_ACK>CLOSE"
}

# The server's program closes at once: its ACK can travel with its FIN.
quick_close()
{
	both "$1" eof close -- close
	until_state "$A" TIME_WAIT $CPORT
	server_done
	passed "$B" $SPORT "$OPEN_S>CLOSE_WAIT>LAST_ACK>CLOSE"
}

server_closes_first()
{
	both "$1" send 3 close -- recv 3 eof close
	until_state "$B" TIME_WAIT $SPORT
	until_no_state "$A" LAST_ACK $CPORT
	passed "$A" $CPORT "$OPEN_C>CLOSE_WAIT>LAST_ACK>CLOSE"
	passed "$B" $SPORT "$OPEN_S>FIN_WAIT1>FIN_WAIT2>TIME_WAIT"
}

# Claim 21: both FINs are on the way at once; a long link makes it certain.
simultaneous_close()
{
	netem delay 300ms
	both "$1" mark @up wait @go close -- wait @up mark @go close
	until_state "$A" TIME_WAIT $CPORT
	until_state "$B" TIME_WAIT $SPORT
	netem
	passed "$A" $CPORT "$OPEN_C>FIN_WAIT1>CLOSING>TIME_WAIT"
	passed "$B" $SPORT "$OPEN_S>FIN_WAIT1>CLOSING>TIME_WAIT"
}

# Claim 17: two SYNs cross on a long link; one connection comes of it.
simultaneous_open()
{
	local flag=() a=$A4 b=$B4 m other
	if [ "$1" = 6 ]; then flag=(-6) a=$A6 b=$B6; fi
	m=$(mktemp -d "$TMP/meet.XXXX")
	trace_start
	netem delay 300ms
	in_b sockdo "${flag[@]}" bind $b $SPORT mark "$m/b" wait "$m/a" start $a $CPORT finish \
		recv 4 send 4 eof close &
	other=$!
	in_a sockdo "${flag[@]}" bind $a $CPORT wait "$m/b" mark "$m/a" start $b $SPORT finish \
		send 4 recv 4 shutdown wr eof close || fail "one side failed"
	wait $other || fail "the other side failed"
	netem
	passed "$A" $CPORT "CLOSE>SYN_SENT>SYN_RECV>ESTABLISHED>FIN_WAIT1>FIN_WAIT2>TIME_WAIT"
	passed "$B" $SPORT "CLOSE>SYN_SENT>SYN_RECV>ESTABLISHED>CLOSE_WAIT>LAST_ACK>CLOSE"
}

abort_established()
{
	both "$1" recv 1 mark @got noread 104 -- send 1 wait @got abort
	passed "$A" $CPORT "$OPEN_C>CLOSE"
	passed "$B" $SPORT "$OPEN_S>CLOSE"
}

abort_half_closed()
{
	both "$1" eof mark @eof error 32 -- shutdown wr wait @eof state FIN_WAIT2 abort
	passed "$A" $CPORT "$OPEN_C>FIN_WAIT1>FIN_WAIT2>CLOSE"
}

abort_close_wait()
{
	both "$1" eof wait @half abort -- shutdown wr state FIN_WAIT2 mark @half noread 104
	passed "$B" $SPORT "$OPEN_S>CLOSE_WAIT>CLOSE"
	passed "$A" $CPORT "$OPEN_C>FIN_WAIT1>FIN_WAIT2>CLOSE"
}

refused()
{
	local flag=() b=$B4
	if [ "$1" = 6 ]; then flag=(-6) b=$B6; fi
	trace_start
	in_a sockdo "${flag[@]}" bind $([ "$1" = 6 ] && echo $A6 || echo $A4) $CPORT \
		noconnect $b 9 111 || fail "not refused"
	passed "$A" $CPORT "CLOSE>SYN_SENT>CLOSE"
}

to_self()
{
	local flag=() a=127.0.0.1
	if [ "$1" = 6 ]; then flag=(-6) a=::1; fi
	trace_start
	in_a sockdo "${flag[@]}" bind $a $CPORT connect $a $CPORT send 9 recv 9 shutdown wr eof close ||
		fail "no connection to oneself"
	passed "$A" $CPORT "CLOSE>SYN_SENT>SYN_RECV>ESTABLISHED>FIN_WAIT1>CLOSING>TIME_WAIT"
}

# A shorter 2MSL, and then the tuple is free again.
time_wait_ends()
{
	[ "$TTP_FAMILY" = ttp ] || { echo "kernel TCP has a fixed 2MSL"; exit 4; }
	sysctl_set tw_timeout 1
	both "$1" eof close -- close
	until_no_state "$A" TIME_WAIT $CPORT
	sysctl_set tw_timeout 60
	passed "$A" $CPORT "$OPEN_C>FIN_WAIT1>FIN_WAIT2>TIME_WAIT>CLOSE"
}

every_transition()
{
	local test
	for test in four_way_close quick_close server_closes_first abort_established abort_half_closed \
		abort_close_wait refused to_self time_wait_ends; do
		next_ports
		t ${test}_v$1 $test "$1"
	done
	for test in simultaneous_close simultaneous_open; do
		next_ports
		if netem_works; then t ${test}_v$1 $test "$1"; else t ${test}_v$1 missing "no netem here"; fi
	done
}

# Starting programs is what takes the time: minutes on the debug kernel.
[ "${TTP_KERNEL:-}" != debug ] || VERSIONS=4
both_ip every_transition
finish
