#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# This script puts two clients behind a router that gives both the same address,
# and shows whom net.ttp.tw_recycle lets in.
. "$(dirname "$0")/lib.sh"

[ "$TTP_FAMILY" = ttp ] || { echo "1..0 # SKIP kernel TCP has tw_recycle no longer"; exit 4; }

# Processes by the dozen: what the module does for them, tw_recycle.c shows there as well.
[ "${TTP_KERNEL:-}" != debug ] || { echo "1..0 # SKIP too slow on the debug kernel"; exit 4; }

R=ttpR-$$ C=ttpC-$$
PORT=7600
# Both sums are those of the address that the router puts in their place, so
# that no checksum changes (RFC 6296): netfilter cannot correct TTP's.
A4=10.252.0.10 C4=10.251.0.11 NAT4=10.253.0.9
A6=fd00:252::a C6=fd00:251::b NAT6=fd00:253::9
declare -A CPORT=([$A]=41001 [$C]=41002)

# end HOST DEVICE ADDRESS4 ADDRESS6 [GATEWAY4 GATEWAY6]
end()
{
	host_end "$@" || return 1
	[ $# = 4 ] || { ip -n "$1" route add default via "$5" && ip -n "$1" -6 route add default via "$6"; }
}

translate()
{
	ip netns exec "$R" sysctl -qw net.ipv4.ip_forward=1 net.ipv6.conf.all.forwarding=1
	in_host "$R" nft -f - <<-END
		add table inet translate
		add chain inet translate out { type filter hook postrouting priority 0; }
		add rule inet translate out ip saddr { $A4, $C4 } ip saddr set $NAT4
		add rule inet translate out ip6 saddr { $A6, $C6 } ip6 saddr set $NAT6
		add chain inet translate in { type filter hook prerouting priority -300; }
		add rule inet translate in ip daddr $NAT4 @th,16,16 ${CPORT[$A]} ip daddr set $A4
		add rule inet translate in ip daddr $NAT4 @th,16,16 ${CPORT[$C]} ip daddr set $C4
		add rule inet translate in ip6 daddr $NAT6 @th,16,16 ${CPORT[$A]} ip6 daddr set $A6
		add rule inet translate in ip6 daddr $NAT6 @th,16,16 ${CPORT[$C]} ip6 daddr set $C6
	END
}

# A and C, clients, behind R; B, the server, on the other side.
network()
{
	local n
	for n in A B C R; do ip netns add "${!n}" || return 1; done
	keeper "$B"
	for n in A B C; do
		ip link add r$n netns "$R" type veth peer name ttp$n netns "${!n}" || return 1
	done
	end "$R" rA 10.252.0.1 fd00:252::1 && end "$A" ttpA $A4 $A6 10.252.0.1 fd00:252::1 &&
	end "$R" rC 10.251.0.1 fd00:251::1 && end "$C" ttpC $C4 $C6 10.251.0.1 fd00:251::1 &&
	end "$R" rB $NAT4 $NAT6 && end "$B" ttpB $B4 $B6 || return 1
	translate || missing "nft cannot do it here"
}

refused() { counter "$B" TtpPAWSPassive; }

# visit 4|6 HOST: the server closes first. 0: done, 1: refused; each client
# keeps to its port, so that each has one clock (RFC 7323 5.4).
visit()
{
	local before from=A$1 to=B$1 six=
	before=$(refused)
	[ "$2" = "$A" ] || from=C$1
	[ "$1" = 4 ] || six=-6
	in_host "$2" sockdo $six bind "${!from}" "${CPORT[$2]}" connect "${!to}" $PORT eof close && return
	[ "$(refused)" -gt "$before" ] || fail "$2 did not get through, but was not refused"
	return 1
}

# knob HOST NAME VALUE
knob() { in_host "$1" sh -c "echo $3 >/proc/sys/net/ttp/$2"; }

# One of the two has the later clock; the other one stays outside.
one_is_refused()
{
	knob "$B" tw_recycle 1
	visit "$1" "$A" || fail "the first was refused"
	# 3 s are enough to be refused
	knob "$A" syn_retries 1
	knob "$C" syn_retries 1
	visit "$1" "$C" && visit "$1" "$A" && fail "nobody was refused"
	knob "$A" syn_retries 7
	knob "$C" syn_retries 7
}

all_are_served()	# 4|6 VALUE
{
	local before=$(refused)
	knob "$B" tw_recycle "$2"
	visit "$1" "$A" && visit "$1" "$C" && visit "$1" "$A" || fail "one was refused"
	[ "$(refused)" = "$before" ] || fail "counted, but nobody was refused"
}

leave()
{
	local host
	cleanup
	for host in "$C" "$R"; do
		ip netns pids "$host" | xargs -r kill -9
		ip netns del "$host"
	done
}
trap leave EXIT

command -v nft >/dev/null || { result "$([ -n "${TTP_CI:-}" ] && echo 1 || echo 4)" tools "nft is not installed"; finish; }
network || { echo "1..0 # SKIP no network namespaces"; exit 4; }
(exec nsenter --net="/run/netns/$B" ttpcat -l -k -N $PORT) </dev/null &
disown
until_state "$B" LISTEN $PORT
for ip in 4 6; do
	# first, while no entry stands that a SYN could meet instead of the listener
	t "tw_recycle_1_refuses_one_v$ip" one_is_refused $ip
	[ $ip = 6 ] || t tw_recycle_0_serves_all_v4 all_are_served 4 0
	t "tw_recycle_2_serves_all_v$ip" all_are_served $ip 2
done
finish
