#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# This script loses each segment of the handshake and of the close in turn,
# and looks at what both sides then do.
. "$(dirname "$0")/lib.sh"

SYNACK=0x12 FINACK=0x11

# meet IP: addresses, ports and a meeting place for one test.
meet()
{
	if [ "$1" = 6 ]; then SADDR=$B6 CADDR=$A6 FLAG=-6; else SADDR=$B4 CADDR=$A4 FLAG=; fi
	M=$(mktemp -d "$TMP/meet.XXXX")
	trace_start
}

# lose HOST FLAGS FIRST [COUNT]: drop_nth, and nothing else any more.
lose()
{
	if [ "$1" = "$A" ]; then drop_none "$B"; else drop_none "$A"; fi
	drop_nth "$@"
}

server()		# OPERATION...: in the background
{
	in_b sockdo $FLAG bind $SADDR $SPORT listen 4 mark "$M/listening" "${@//@/$M/}" &
	SERVER=$!
	until_true test -e "$M/listening" || fail "no listener"
}

client() { in_a sockdo $FLAG bind $CADDR $CPORT "${@//@/$M/}" || fail "the client failed"; }
server_ended() { wait $SERVER || fail "the server failed"; }

# The rules' own count. TTP's trace tells as much, in a hundredth of the time.
lost() { [ "$TTP_FAMILY" = ttp ] || really_lost "$@"; }
really_lost() { [ "$(dropped "$1")" = "$2" ] || fail "$(dropped "$1") segments were lost, expected $2"; }

# sent_is HOST FLAGS N: so many segments of these flags were sent; "N+" for at least N.
sent_is()
{
	local n
	[ "$TTP_FAMILY" = ttp ] || return 0
	n=$(sent "$1" "$2")
	case $3 in
	*+) [ "$n" -ge "${3%+}" ] ;;
	*) [ "$n" = "$3" ] ;;
	esac || fail "$1 sent $n segments with flags $2, expected $3"
}

ever_state() { [ "$TTP_FAMILY" != ttp ] || chain "$1" "$2" | grep -q "$3" || fail "$1 was not in $3"; }

gaps() { [ "$TTP_FAMILY" != ttp ] || times "$1" ttp_send "$2" | grows "$3" "$4" || exit 1; }

# -- the handshake (claims 12 to 14) ----------------------------------------

syn_lost()
{
	meet "$1"
	lose "$B" $SYN 1
	server accept recv 3 eof
	client connect $SADDR $SPORT send 3 close
	server_ended
	lost "$B" 1
	sent_is "$A" S 2
	sent_is "$B" SA 1
	gaps "$A" S 1 2
}

two_syns_lost()
{
	meet "$1"
	lose "$B" $SYN 1 2
	server accept recv 3 eof
	client connect $SADDR $SPORT send 3 close
	server_ended
	lost "$B" 2
	sent_is "$A" S 3
	gaps "$A" S 1 2
}

every_syn_lost()
{
	meet "$1"
	sysctl_set syn_retries 1
	lose "$B" $SYN 1 100
	client noconnect $SADDR $SPORT 110
	sysctl_set syn_retries 6
	lost "$B" 2
	sent_is "$A" S 2
	ever_state "$A" $CPORT "SYN_SENT>CLOSE"
}

synack_lost()
{
	meet "$1"
	lose "$A" $SYNACK 1
	server accept recv 3 eof
	client connect $SADDR $SPORT send 3 close
	server_ended
	lost "$A" 1
	sent_is "$B" SA 2+
	ever_state "$B" $SPORT "SYN_RECV>ESTABLISHED"
}

# The server gives its request up, the client its attempt.
every_synack_lost()
{
	meet "$1"
	sysctl_set syn_retries 1
	sysctl_set synack_retries 1
	lose "$A" $SYNACK 1 100
	server mark @up wait @over
	client noconnect $SADDR $SPORT 110
	until_no_state "$B" SYN_RECV $SPORT
	touch "$M/over"
	server_ended
	sysctl_set syn_retries 6
	sysctl_set synack_retries 5
	sent_is "$B" SA 2+
}

# The client thinks that it is connected; the server asks again and learns it.
last_ack_of_handshake_lost()
{
	meet "$1"
	lose "$B" $ACK 1
	server accept mark @accepted eof
	client connect $SADDR $SPORT state ESTABLISHED wait @accepted close
	server_ended
	lost "$B" 1
	sent_is "$B" SA 2
	ever_state "$B" $SPORT "SYN_RECV>ESTABLISHED"
}

# Data acknowledges the SYN+ACK as well as a bare ACK does.
data_completes_handshake()
{
	meet "$1"
	lose "$B" $ACK 1
	server accept recv 5 mark @got eof
	client connect $SADDR $SPORT send 5 wait @got close
	server_ended
	really_lost "$B" 1
	ever_state "$B" $SPORT "SYN_RECV>ESTABLISHED"
}

# -- the close (claim 22) ----------------------------------------------------

first_fin_lost()
{
	meet "$1"
	lose "$B" $FINACK 1
	server accept eof wait @half close
	client connect $SADDR $SPORT shutdown wr state FIN_WAIT1 state FIN_WAIT2 mark @half eof close
	server_ended
	until_state "$A" TIME_WAIT $CPORT
	lost "$B" 1
	sent_is "$A" FP?A 2+
	ever_state "$A" $CPORT "FIN_WAIT1>FIN_WAIT2>TIME_WAIT"
}

# FIN_WAIT1 lasts until the repeated FIN is acknowledged.
ack_of_fin_lost()
{
	meet "$1"
	lose "$A" $ACK 1
	server accept eof wait @half close
	client connect $SADDR $SPORT shutdown wr state FIN_WAIT2 mark @half eof close
	server_ended
	until_state "$A" TIME_WAIT $CPORT
	lost "$A" 1
	sent_is "$A" FP?A 2+
	ever_state "$A" $CPORT "FIN_WAIT1>FIN_WAIT2>TIME_WAIT"
}

second_fin_lost()
{
	meet "$1"
	lose "$A" $FINACK 1
	server accept eof wait @half close
	client connect $SADDR $SPORT shutdown wr state FIN_WAIT2 mark @half eof close
	server_ended
	until_state "$A" TIME_WAIT $CPORT
	until_no_state "$B" LAST_ACK $SPORT
	lost "$A" 1
	sent_is "$B" FP?A 2+
	ever_state "$B" $SPORT "LAST_ACK>CLOSE"
}

# Nobody waits for ever for a FIN that does not come: fin_timeout, retries.
every_second_fin_lost()
{
	meet "$1"
	sysctl_set fin_timeout 1
	sysctl_set orphan_retries 2
	lose "$A" $FINACK 1 100
	server accept eof wait @half close
	client connect $SADDR $SPORT shutdown wr state FIN_WAIT2 mark @half close
	server_ended
	until_no_state "$A" FIN_WAIT2 $CPORT
	until_no_state "$B" LAST_ACK $SPORT
	sysctl_set fin_timeout 60
	sysctl_set orphan_retries 0
	[ "$(in_state "$A" TIME_WAIT $CPORT)" = 0 ] || [ "$TTP_FAMILY" = tcp ] || fail "TIME_WAIT without a FIN"
}

# The FIN comes again, TIME_WAIT answers it again.
last_ack_lost()
{
	meet "$1"
	lose "$B" $ACK 2
	server accept eof wait @half close
	client connect $SADDR $SPORT shutdown wr state FIN_WAIT2 mark @half eof close
	server_ended
	until_no_state "$B" LAST_ACK $SPORT
	lost "$B" 1
	sent_is "$B" FP?A 2+
	has_state "$A" TIME_WAIT $CPORT || fail "TIME_WAIT is over"
	ever_state "$B" $SPORT "LAST_ACK>CLOSE"
}

# Each loss is told in the counters.
losses_are_counted()
{
	local before after
	[ "$TTP_FAMILY" = ttp ] || { echo "only for TTP"; exit 4; }
	before=$(counter "$A" TtpRetransSegs) syn=$(counter "$A" TtpSynRetrans)
	syn_lost "$1"
	after=$(counter "$A" TtpRetransSegs)
	[ $((after - before)) = 1 ] || fail "TtpRetransSegs moved by $((after - before)), expected 1"
	[ $(($(counter "$A" TtpSynRetrans) - syn)) = 1 ] || fail "TtpSynRetrans did not move by 1"
}

every_loss()
{
	local test
	for test in syn_lost two_syns_lost every_syn_lost synack_lost every_synack_lost \
		last_ack_of_handshake_lost data_completes_handshake losses_are_counted first_fin_lost \
		ack_of_fin_lost second_fin_lost every_second_fin_lost last_ack_lost; do
		next_ports
		t ${test}_v$1 $test "$1"
	done
}

# Starting programs is what takes the time: minutes on the debug kernel.
[ "${TTP_KERNEL:-}" != debug ] || VERSIONS=4
both_ip every_loss
finish
