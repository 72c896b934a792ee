#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# This script captures the link during transfers, lossless and lossy, IPv4 and
# IPv6, and lets tshark judge every segment: nothing malformed, every checksum
# right, the handshake's options in the order that Linux TCP has.
. "$(dirname "$0")/lib.sh"

KB=${TTP_WIRE_KB:-400}
PORT=7500

for tool in tcpdump tshark; do
	command -v $tool >/dev/null || t tools missing "$tool is not installed"
done
[ $results = 0 ] || finish

listening_on() { grep -q 'listening on' "$TMP/tcpdump"; }

transfer()		# IP
{
	local addr=$B4 flag=
	[ "$1" = 4 ] || addr=$B6 flag=-6
	PORT=$((PORT + 1))
	rm -f "$TMP/up"
	in_b stream $flag -n $((KB << 10)) -m "$TMP/up" listen $addr $PORT both >/dev/null &
	until_true test -e "$TMP/up" || fail "no listener"
	in_a timeout 120 stream $flag -n $((KB << 10)) connect $addr $PORT both >/dev/null || fail "the client failed"
	wait $! || fail "the server failed"
	until_no_state "$B" LAST_ACK $PORT
	until_no_state "$A" LAST_ACK $PORT
}

capture()
{
	local v
	without_offloads
	nsenter --net="/run/netns/$A" tcpdump -i ttpA -U -B 8192 -w "$TMP/wire.pcap" "ip proto $PROTO or ip6 proto $PROTO" 2>"$TMP/tcpdump" &
	TCPDUMP=$!
	until_true listening_on || fail "tcpdump does not listen: $(cat "$TMP/tcpdump")"
	for v in 4 6; do transfer $v; done
	if netem_works; then
		netem delay 2ms loss 1% duplicate 1%
		for v in 4 6; do transfer $v; done
		netem
	fi
	in_a sockdo noconnect $B4 9 111	# a RST, too
	kill -TERM $TCPDUMP
	wait $TCPDUMP
	grep -q '^0 packets dropped' "$TMP/tcpdump" || fail "$(cat "$TMP/tcpdump")"
}

# One line per segment, columns as in FIELDS.
FIELDS="frame.number tcp.checksum.status ip.checksum.status tcp.flags tcp.options ip.flags.df ip.version tcp.stream tcp.seq_raw tcp.options.mss_val _ws.malformed"
dissect()
{
	local f args=()
	for f in $FIELDS; do args+=(-e "$f"); done
	if [ $PROTO = 6 ]; then
		cp "$TMP/wire.pcap" "$TMP/tcp.pcap"
	else
		pcap_as_tcp <"$TMP/wire.pcap" >"$TMP/tcp.pcap" || fail "no conversion"
	fi
	tshark -r "$TMP/tcp.pcap" -o tcp.check_checksum:TRUE -o ip.check_checksum:TRUE \
		-o tcp.relative_sequence_numbers:FALSE -T fields -E separator=, -E occurrence=f "${args[@]}" \
		>"$TMP/fields" 2>"$TMP/tshark" || fail "$(cat "$TMP/tshark")"
	[ "$(wc -l <"$TMP/fields")" -gt 500 ] || fail "only $(wc -l <"$TMP/fields") segments captured"
	echo "$(wc -l <"$TMP/fields") segments"
}

# not_one CONDITION: no line of the fields may meet it.
not_one()
{
	! awk -F, "$1 { print \"segment \" \$0; n++ } n >= 5 { exit } END { exit !n }" "$TMP/fields"
}

# As it is on the link: protocol 253, decoded as TCP.
nothing_malformed()
{
	[ $PROTO = 6 ] || tshark -r "$TMP/wire.pcap" -d ip.proto==253,tcp -T fields -E separator=, -E occurrence=f \
		-e frame.number -e tcp.srcport -e _ws.malformed >"$TMP/raw" 2>"$TMP/tshark" || fail "$(cat "$TMP/tshark")"
	if [ $PROTO != 6 ]; then
		[ "$(wc -l <"$TMP/raw")" = "$(wc -l <"$TMP/fields")" ] || fail "tshark saw other numbers of segments"
		! grep -v '^[0-9]*,[0-9]*,$' "$TMP/raw" || fail "malformed, or not decoded"
	fi
	not_one '$11 != ""'
}

segment_checksums()	{ not_one '$2 != 1'; }
header_checksums()	{ not_one '$7 == 4 && $3 != 1'; }
no_fragmentation()	{ not_one '$7 == 4 && $6 != 1 && $6 != "True"'; }

# Claim 2: only the first SYN and some RSTs have no ACK.
ack_everywhere()
{
	awk -F, '{ f = $4; sub("0x", "", f); low = substr(f, length(f)); high = substr(f, length(f) - 1, 1)
		if (high !~ /[13579bBdDfF]/ && low != "2" && low != "4") { print "segment " $0; bad = 1 } }
		END { exit bad }' "$TMP/fields"
}

# The kinds of the options of SYN and SYN+ACK, in order.
option_order()
{
	awk -F, '
		function hex(s) { return index("0123456789abcdef", tolower(substr(s, 1, 1))) * 16 - 16 + \
					 index("0123456789abcdef", tolower(substr(s, 2, 1))) - 1 }
		$4 !~ /2$/ { next }
		{ o = $5; gsub(":", "", o); kinds = ""
		  while (length(o)) {
			k = hex(o); kinds = kinds " " k
			if (k == 0) break
			o = substr(o, 1 + 2 * (k == 1 ? 1 : hex(substr(o, 3))))
		  }
		  if (kinds !~ /^ 2( 4 8 1 3| 1 1 4 1 3| 1 3|)$/) { print "options" kinds; bad = 1 }
		  n++ }
		END { if (n < 4) { print "only " n + 0 " SYNs"; bad = 1 } exit bad }' "$TMP/fields"
}

# Claim 6.
mss_values() { not_one '$4 ~ /2$/ && $10 != ($7 == 4 ? 1460 : 1440)'; }

# Claim 5: each connection, each direction its own.
isns_differ()
{
	[ -z "$(awk -F, '$4 ~ /2$/ { print $8, $4, $9 }' "$TMP/fields" | sort -u | awk '{ print $3 }' | sort | uniq -d)" ]
}

hosts || { echo "1..0 # SKIP no network namespaces joined by veth"; exit 4; }
t capture capture
t dissect dissect
for test in nothing_malformed segment_checksums header_checksums no_fragmentation ack_everywhere option_order \
	mss_values isns_differ; do
	t $test $test
done
finish
