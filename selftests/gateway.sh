#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# This script joins a host with TTP (A) and one with kernel TCP (B) by the
# gateway: packets one by one, nginx and curl, offloads, losses, ICMP errors.
#
# TTP_PROGRAM_MB (default 1) sets the size of the files.
. "$(dirname "$0")/lib.sh"
. "$HERE/web.sh"

# Programs of others, or thousands of segments: what the module does for them, other tests show there as well.
[ "${TTP_KERNEL:-}" != debug ] || { echo "1..0 # SKIP half an hour on the debug kernel"; exit 4; }

[ "$TTP_FAMILY" = ttp ] || { echo "1..0 # SKIP the gateway needs both"; exit 4; }
MB=${TTP_PROGRAM_MB:-1}
DEADLINE=120		# nginx starts slowly where the machine is emulated
R=ttpR-$$
PORT=7700


# join HOST DEVICE HOST DEVICE: what comes in at the first is for TTP, at the second for TCP.
join() { ttp_gateway -n "$1" up "$2" to-ttp && ttp_gateway -n "$3" up "$4" to-tcp; }

# Each has spoken its own protocol only.
apart()
{
	[ "$(in_a awk '/^Tcp: [0-9]/ { print $11 + $12 }' /proc/net/snmp)" = 0 ] || fail "A has used TCP"
	[ "$(($(counter "$B" TtpInSegs) + $(counter "$B" TtpOutSegs)))" = 0 ] || fail "B has used TTP"
}

# -- the classifiers ---------------------------------------------------------

id_of() { tc -n "$1" filter show dev "$2" ingress | sed -n 's/.*:\[to-t.p\] .* id \([0-9]*\) .*/\1/p'; }

packets()
{
	gateway_cases "$(id_of "$B" ttpB)" "$(id_of "$A" ttpA)" >"$TMP/cases" || fail "$(head -n 40 "$TMP/cases")"
	note "$(cat "$TMP/cases")"
}

# expect STATUS PATTERN ARGUMENT...: how ttp_gateway ends, and what it says.
expect()
{
	local status=$1 pattern=$2 got
	shift 2
	ttp_gateway "$@" >"$TMP/said" 2>&1
	got=$?
	[ $got = "$status" ] && grep -q -e "$pattern" "$TMP/said" || fail "ttp_gateway $*: status $got: $(cat "$TMP/said")"
}

command_line()
{
	local host=$A-cli
	ip netns add "$host" && ip -n "$host" link add cli0 type veth peer name cli1 || fail "no link"
	expect 2 'usage'
	expect 0 'usage' --help
	expect 2 'unknown command' sideways cli0
	expect 2 'unknown option' -x
	expect 2 'wrong number' up cli0
	expect 2 'neither' up cli0 tcp
	expect 1 'no network namespace' -n nowhere status
	expect 1 'no device nowhere' -n "$host" up nowhere to-tcp
	expect 1 'no Ethernet' -n "$host" up lo to-tcp
	expect 1 'no gateway' -n "$host" down cli0
	ttp_gateway -n "$host" up cli0 to-tcp || fail "not up"
	expect 0 '^cli0 to-tcp$' -n "$host" status
	expect 1 'already: to-tcp' -n "$host" up cli0 to-ttp
	# filters of others stay, and so does what they hang on
	tc -n "$host" filter add dev cli0 ingress pref 7 matchall action ok || fail "no second filter"
	ttp_gateway -n "$host" down cli0 || fail "not down"
	[ -z "$(ttp_gateway -n "$host" status)" ] || fail "still up"
	tc -n "$host" filter show dev cli0 ingress | grep -q 'pref 7' || fail "the other filter is gone"
	ttp_gateway -n "$host" up cli0 to-ttp && tc -n "$host" filter del dev cli0 ingress pref 7 &&
		ttp_gateway -n "$host" down cli0 || fail "not up and down again"
	[ -z "$(tc -n "$host" qdisc show dev cli0 clsact)" ] || fail "something is left"
	ip netns del "$host"
}

# -- programs ----------------------------------------------------------------

curl_tcp_nginx_ttp()
{
	serve "$A" ttp "$1"
	fetch "$B" "$(url_of "$(of_ip "$1" $A4 $A6)" "$1")"
	no_longer_serve
	apart
}

curl_ttp_nginx_tcp()
{
	serve "$B" tcp "$1"
	fetch "$A" "$(url_of "$(of_ip "$1" $B4 $B6)" "$1")" ttp_run
	no_longer_serve
	apart
}

# lossy COMMAND...: a bad link, packet by packet.
lossy()
{
	without_offloads
	netem delay 10ms loss 1% limit 10000 || missing "no netem here"
	"$@"
	netem
}

# -- offloads ----------------------------------------------------------------

# move IP BYTES: both ways at once; the TTP side listens.
move()
{
	local six=
	[ "$1" != 6 ] || six=-6
	PORT=$((PORT + 1))
	in_a stream -F ttp $six -n "$2" listen "$(of_ip "$1" $A4 $A6)" $PORT both >"$TMP/ttp$1" &
	until_true listens "$A" ttp $PORT || fail "no listener"
	in_b timeout 100 stream -F tcp $six -n "$2" -s 2 connect "$(of_ip "$1" $A4 $A6)" $PORT both >"$TMP/tcp$1" ||
		fail "kernel TCP's side failed"
	wait $! || fail "TTP's side failed"
	[ "$(sed -n 's/^sent //p' "$TMP/ttp$1")" = "$(sed -n 's/^received //p' "$TMP/tcp$1")" ] || fail "TCP got other data"
	[ "$(sed -n 's/^sent //p' "$TMP/tcp$1")" = "$(sed -n 's/^received //p' "$TMP/ttp$1")" ] || fail "TTP got other data"
}

# mean HOST DEVICE: bytes of the packets that came in there since the counts in $2 and $3.
received() { awk -v dev="$2:" '$1 == dev { print $2, $3 }' "/proc/${KEEPER[$1]}/net/dev"; }
mean_since()		# HOST DEVICE BYTES PACKETS
{
	local bytes packets
	read -r bytes packets < <(received "$1" "$2")
	echo $(((bytes - $3) / (packets - $4 + 1)))
}

# What TCP sent in one piece, TTP takes in one piece, its checksum not even begun; and the other way round.
big()
{
	local before longest
	way "$A" ttpA tx tso gso gro
	way "$B" ttpB tx tso gso gro
	before=$(received "$B" ttpB)
	trace_start
	move "$1" 1000000
	longest=$(trace_of "$A" | sed -n 's/.* ttp_recv .* len=\([0-9]*\).*/\1/p' | sort -n | tail -n 1)
	[ "$longest" -gt 3000 ] || fail "TTP got no more than $longest bytes at once"
	[ "$(mean_since "$B" ttpB $before)" -gt 1500 ] || fail "TCP got small packets: $(mean_since "$B" ttpB $before)"
	apart
	echo "up to $longest bytes at once"
}

# Each state of a checksum and each size meets each way to take it in.
ways()
{
	local a b
	while IFS=: read -r a b; do
		way "$A" ttpA $a
		way "$B" ttpB $b
		( move "$1" 200000 ) || fail "with A's $a and B's $b"
		PORT=$((PORT + 1))
	done <<-END
		tx tso gso:tx gso
		tx gso gro:gso
		gso gro:gro
		:tx tso gso gro
		tx tso gso gro:
	END
	apart
}

# -- errors of ICMP ----------------------------------------------------------

# reject HOST PROTOCOL: it refuses what comes in, by a quote.
reject()
{
	in_host "$1" nft -f - <<-END || missing "nft cannot do it here"
		add table inet refuse
		add chain inet refuse in { type filter hook input priority 0; }
		add rule inet refuse in meta l4proto $2 reject with icmpx type admin-prohibited
	END
	# of a protocol that it does not know, nft cannot verify the checksum
	way "$A" ttpA tx
	way "$B" ttpB tx
}
told() { grep -q 'No route to host\|Permission denied' "$1" || fail "nobody was told: $(cat "$1")"; }

quoted_to_tcp()
{
	reject "$A" 253
	in_b timeout 60 bash -c "</dev/tcp/$(of_ip "$1" $A4 $A6)/7" 2>"$TMP/error$1"
	in_a nft delete table inet refuse
	told "$TMP/error$1"
}

quoted_to_ttp()
{
	reject "$B" 6
	in_a timeout 60 ttpcat "$(of_ip "$1" $B4 $B6)" 7 </dev/null 2>"$TMP/error$1"
	in_b nft delete table inet refuse
	told "$TMP/error$1"
}

# The gateway on the link from A to a router, and a narrow link to B.
narrow_hosts()
{
	router || return 1
	# A learns nothing from B's segment size, only from R
	ip -n "$R" link set rB mtu 1300 && ip -n "$B" link set ttpB mtu 1300
	ip -n "$B" route change default via 10.253.0.3 advmss 1460
	ip -n "$B" -6 route change default via fd00:253::3 advmss 1440
	join "$A" ttpA "$R" rA
}

# R tells A by a quoted packet, in TCP's name, how much fits.
narrow()
{
	local A4=10.253.1.1 A6=fd00:254::1 to
	to=$(of_ip "$1" $B4 $B6)
	move "$1" 500000
	ip -n "$A" route get "$to" | grep -q 'mtu 1300' || fail "TTP has not learned the MTU: $(ip -n "$A" route get "$to")"
	apart
}

all()
{
	join "$A" ttpA "$B" ttpB || fail "no gateway"
	[ "$1" = 6 ] || t packets packets
	[ "$1" = 6 ] || t command_line command_line
	t big_v$1 big "$1"
	t offloads_v$1 ways "$1"
	t icmp_to_tcp_v$1 quoted_to_tcp "$1"
	t icmp_to_ttp_v$1 quoted_to_ttp "$1"
	t curl_tcp_nginx_ttp_v$1 curl_tcp_nginx_ttp "$1"
	t curl_ttp_nginx_tcp_v$1 curl_ttp_nginx_tcp "$1"
	t lossy_curl_tcp_nginx_ttp_v$1 lossy curl_tcp_nginx_ttp "$1"
	t lossy_curl_ttp_nginx_tcp_v$1 lossy curl_ttp_nginx_tcp "$1"
	R=$R-$1
	if narrow_hosts; then t mtu_v$1 narrow "$1"; else echo "not ok router_v$1"; fi
	ip netns del "$R"
}

tools()
{
	local tool
	for tool in ttp_gateway nginx curl ethtool nft; do need $tool; done
	[ -r "$(dirname "$(command -v ttp_gateway)")/ttp_gateway.bpf.o" ] || missing "the classifiers are not built: no clang"
}
if ! why=$(tools); then
	result "$([ -n "${TTP_CI:-}" ] && echo 1 || echo 4)" tools "$why"
	finish
fi
[ "${TTP_KERNEL:-}" != debug ] || VERSIONS=4
both_ip all
finish
