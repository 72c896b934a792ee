# SPDX-License-Identifier: GPL-2.0
# This file holds what the shell selftests share: KTAP, two hosts joined by a
# link, dropping the n-th segment of a kind, traces, counters.
#
# TTP_FAMILY=tcp runs the same over kernel TCP, to test the tests.

set -u
HERE=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
BIN=${TTP_SELFTESTS_BIN:-$HERE/../build/selftests}
export PATH=$BIN:$BIN/helpers:${TTP_BIN:-$HERE/../build/bin}:/usr/sbin:/sbin:/usr/bin:/bin:$PATH

export TTP_FAMILY=${TTP_FAMILY:-ttp}
if [ "$TTP_FAMILY" = ttp ]; then
	PROTO=253 NAME=ttp PROC_V4=/proc/net/ttp PROC_V6=/proc/net/ttp6
else
	PROTO=6 NAME=tcp PROC_V4=/proc/net/tcp PROC_V6=/proc/net/tcp6
fi
A=ttpA-$$ B=ttpB-$$
A4=10.253.0.1 B4=10.253.0.2 A6=fd00:253::1 B6=fd00:253::2
TMP=$(mktemp -d)
TRACING=/sys/kernel/tracing
TRACE=$TRACING/instances/selftest-$$
DEADLINE=20		# seconds that a condition may take to come true
if [ "${TTP_KERNEL:-}" = debug ]; then
	DEADLINE=60
	: "${TTP_BULK_MB:=1}" "${TTP_PROGRAM_MB:=1}" "${TTP_WIRE_KB:=200}"
fi

# -- results ---------------------------------------------------------------

results=0 failures=0 passes=0
echo "TAP version 14"

note() { sed 's/^/# /' <<<"$*"; }

result()		# STATUS NAME [WHY]
{
	results=$((results + 1))
	case $1 in
	0) passes=$((passes + 1)); echo "ok $results $2" ;;
	4) echo "ok $results $2 # SKIP ${3:-}" ;;
	*) failures=$((failures + 1)); echo "not ok $results $2" ;;
	esac
}

# t NAME COMMAND...: a test; 0 passes, 4 skips (last line says why), all else fails.
t()
{
	local name=$1 log=$TMP/log.$A out status
	shift
	# a file, no pipe: what a failed test leaves running would hold it open
	( "$@" ) >"$log" 2>&1
	status=$?
	out=$(cat "$log")
	[ $status = 0 ] || [ ! -e "/run/netns/$A" ] || { kill_in_hosts; netem; drop_none; }
	case $status in
	4) result 4 "$name" "$(tail -n 1 <<<"$out")" ;;
	0) [ -z "${VERBOSE:-}" ] || note "$out"; result 0 "$name" ;;
	*) note "$out"; result 1 "$name" ;;
	esac
}

fail() { echo "$*"; exit 1; }

# A tool that should be there is missing: on CI that is a failure.
missing() { echo "$*"; [ -z "${TTP_CI:-}" ] || exit 1; exit 4; }
need() { command -v "$1" >/dev/null || missing "$1 is not installed"; }

# both_ip FUNCTION: run FUNCTION 4 and FUNCTION 6 side by side, each with two
# hosts of its own; it calls t for its tests.
both_ip()
{
	local v versions=${VERSIONS:-4 6}
	: >"$TMP/ktap.4" >"$TMP/ktap.6"
	for v in $versions; do
		(
			A=ttpA-$$-$v B=ttpB-$$-$v TRACE=$TRACE-$v
			results=0 failures=0 passes=0
			trap cleanup_hosts EXIT
			trap 'exit 1' INT TERM
			hosts || { echo "not ok 1 hosts_v$v"; exit; }
			"$@" $v
		) >"$TMP/ktap.$v" 2>&1 &
	done
	wait
	while IFS= read -r line; do
		case $line in
		"ok "*"# SKIP "*)	line=${line#ok * }; result 4 "${line%% *}" "${line#*# SKIP }" ;;
		"ok "*)			result 0 "${line#ok * }" ;;
		"not ok "*)		result 1 "${line#not ok * }" ;;
		*)			echo "$line" ;;
		esac
	done < <(cat "$TMP/ktap.4" "$TMP/ktap.6")
	[ "$versions" != 4 ] || result 4 ipv6 "the debug kernel is too slow for both; the stock ones run it"
	[ "$versions" != 6 ] || result 4 ipv4 "the debug kernel is too slow for both; the stock ones run it"
}

finish()
{
	echo "1..$results"
	[ $failures = 0 ] || exit 1
	[ $passes != 0 ] || exit 4
	exit 0
}

kill_in_hosts()
{
	local host
	for host in "$A" "$B"; do
		[ ! -e "/run/netns/$host" ] ||
			ip netns pids "$host" | grep -vx "${KEEPER[$host]:-0}" | xargs -r kill -9 2>/dev/null
	done
}

cleanup_hosts()
{
	local host
	kill_in_hosts
	for host in "$A" "$B"; do
		[ -z "${KEEPER[$host]:-}" ] || kill -9 "${KEEPER[$host]}" 2>/dev/null
		unset "KEEPER[$host]"
	done
	ip netns del "$A" 2>/dev/null
	ip netns del "$B" 2>/dev/null
	if [ -d "$TRACE" ]; then
		echo 0 >"$TRACE/events/enable"
		rmdir "$TRACE"
	fi
}
cleanup() { cleanup_hosts; rm -rf "$TMP"; }
trap cleanup EXIT
trap 'exit 1' INT TERM

# of_ip 4|6 THIS THAT: what is for IPv4, or what is for IPv6.
of_ip() { if [ "$1" = 6 ]; then echo "$3"; else echo "$2"; fi; }
address() { of_ip "$1" $B4 $B6; }

# until_true COMMAND...: poll until it succeeds; fails after the deadline.
until_true()
{
	local end=$((SECONDS + DEADLINE))
	until "$@"; do
		[ $SECONDS -lt $end ] || return 1
		sleep 0.05
	done
}

# -- two hosts -------------------------------------------------------------

# Not "ip netns exec": its mounts take longer than what is run, where the
# machine is emulated.
in_host() { nsenter --net="/run/netns/$1" "${@:2}"; }
in_a() { in_host "$A" "$@"; }
in_b() { in_host "$B" "$@"; }

# A process in each host: through its /proc one looks inside without going there.
declare -A KEEPER NETNS
keeper()
{
	local want
	nsenter --net="/run/netns/$1" sleep infinity >/dev/null 2>&1 &
	KEEPER[$1]=$!
	disown
	NETNS[$1]=$(netns_number "$1")
	want="net:[${NETNS[$1]}]"
	until_true keeper_is_in "$1" "$want"
}
keeper_is_in() { [ "$(readlink "/proc/${KEEPER[$1]}/ns/net")" = "$2" ]; }

host_end()		# HOST DEVICE ADDRESS4 ADDRESS6
{
	ip -n "$1" -batch - <<-END
		addr add $3/24 dev $2
		addr add $4/64 dev $2 nodad
		link set lo up
		link set $2 up
	END
}

# hosts: A and B, joined by a veth link, IPv4 and IPv6.
hosts()
{
	ip netns del "$A" 2>/dev/null	# a failed test left them
	ip netns del "$B" 2>/dev/null
	ip netns add "$A" && ip netns add "$B" || return 1
	keeper "$A" && keeper "$B" || return 1
	ip link add ttpA netns "$A" type veth peer name ttpB netns "$B" || return 1
	host_end "$A" ttpA $A4 $A6 && host_end "$B" ttpB $B4 $B6 || return 1
	# A slow host repeats its FIN, gets two ACKs, and answers the second by an RST: that must not end TIME_WAIT here.
	sysctl_set rfc1337 1 || return 1
	# newer kernel TCP repeats the first SYNs without doubling
	[ ! -e /proc/sys/net/ipv4/tcp_syn_linear_timeouts ] || {
		in_a sysctl -qw net.ipv4.tcp_syn_linear_timeouts=0
		in_b sysctl -qw net.ipv4.tcp_syn_linear_timeouts=0
	}
}

# router: a third host $R between A and B, in networks of their own.
router()
{
	local n
	ip netns add "$R" || return 1
	ip -n "$A" link del ttpA
	for n in A B; do
		ip -n "$R" link add r$n type veth peer name ttp$n netns "${!n}" || return 1
		ip -n "$R" link set r$n up
		ip -n "${!n}" link set ttp$n up
	done
	ip -n "$A" addr add 10.253.1.1/24 dev ttpA && ip -n "$R" addr add 10.253.1.2/24 dev rA
	ip -n "$B" addr add $B4/24 dev ttpB && ip -n "$R" addr add 10.253.0.3/24 dev rB
	ip -n "$A" addr add fd00:254::1/64 dev ttpA nodad && ip -n "$R" addr add fd00:254::2/64 dev rA nodad
	ip -n "$B" addr add $B6/64 dev ttpB nodad && ip -n "$R" addr add fd00:253::3/64 dev rB nodad
	ip netns exec "$R" sysctl -qw net.ipv4.ip_forward=1 net.ipv6.conf.all.forwarding=1
	ip -n "$A" route add default via 10.253.1.2 && ip -n "$B" route add default via 10.253.0.3
	ip -n "$A" -6 route add default via fd00:254::2 && ip -n "$B" -6 route add default via fd00:253::3
}

# without_offloads: each segment is a packet of its own, with its checksum done.
without_offloads()
{
	in_a ethtool -K ttpA tx off tso off gso off gro off >/dev/null 2>&1
	in_b ethtool -K ttpB tx off tso off gso off gro off >/dev/null 2>&1
}

# netem ARGUMENT...: the same for both directions; without arguments, none.
netem()
{
	local host dev
	for host in "$A" "$B"; do
		dev=${host%%-*}
		tc -n "$host" qdisc del dev "$dev" root 2>/dev/null
		[ $# = 0 ] || tc -n "$host" qdisc add dev "$dev" root netem "$@" || return 1
	done
}

netem_works()
{
	netem
	tc -n "$A" qdisc add dev ttpA root netem delay 1ms 2>/dev/null && tc -n "$A" qdisc del dev ttpA root
}

# next_ports: each test has its own, lest it meets the TIME_WAIT of another.
SPORT=7200 CPORT=7201
next_ports() { SPORT=$((SPORT + 2)) CPORT=$((CPORT + 2)); }

# sysctl_set NAME VALUE: in both hosts, the transport's own name.
sysctl_set()
{
	local path=/proc/sys/net/ttp/$1
	[ "$TTP_FAMILY" = ttp ] || path=/proc/sys/net/ipv4/tcp_$1
	in_a sh -c "echo $2 >$path" && in_b sh -c "echo $2 >$path"
}

# counter HOST NAME: from /proc/net/ttp_snmp.
counter() { awk -v name="$2" '$1 == name { print $2 }' "/proc/${KEEPER[$1]}/net/ttp_snmp"; }

declare -A STATE_NUMBER=([ESTABLISHED]=01 [SYN_SENT]=02 [SYN_RECV]=03 [FIN_WAIT1]=04 [FIN_WAIT2]=05
	[TIME_WAIT]=06 [CLOSE]=07 [CLOSE_WAIT]=08 [LAST_ACK]=09 [LISTEN]=0A [CLOSING]=0B)

# in_state HOST STATE PORT: how many sockets with this local port are in the state.
in_state()
{
	local port dir=/proc/${KEEPER[$1]}/net
	printf -v port ':%04X' "$3"
	awk -v st="${STATE_NUMBER[$2]}" -v port="$port\$" '$4 == st && $2 ~ port { n++ } END { print n + 0 }' \
		"$dir/$NAME" "$dir/${NAME}6"
}
has_state() { [ "$(in_state "$1" "$2" "$3")" -ge "${4:-1}" ]; }
no_state() { [ "$(in_state "$1" "$2" "$3")" = 0 ]; }
until_state() { until_true has_state "$@" || fail "$1: no socket of port $3 came into $2"; }
until_no_state() { until_true no_state "$@" || fail "$1: a socket of port $3 stays in $2"; }

# -- dropping exactly the n-th segment of a kind ----------------------------

FIN=0x01 SYN=0x02 RST=0x04 ACK=0x10
# flags are compared without PSH, URG, ECE, CWR
KIND_MASK=0x17

# drop_nth HOST FLAGS FIRST [COUNT]: HOST does not see the segments of these
# flags from the FIRST one on, COUNT of them.
drop_nth()
{
	local match="@th,104,8 & $KIND_MASK == $2 limit rate 1/day burst"
	touch "$TMP/drops.$1"
	{
		echo "add table inet ttpdrop"
		echo "delete table inet ttpdrop"
		echo "add table inet ttpdrop"
		# nft 1.0.6 cannot list a rule with both a protocol it does not know and a payload
		echo "add chain inet ttpdrop kind"
		echo "add chain inet ttpdrop in { type filter hook input priority 0; }"
		echo "add rule inet ttpdrop in meta l4proto $PROTO jump kind"
		[ "$3" -le 1 ] || echo "add rule inet ttpdrop kind $match $(($3 - 1)) packets accept"
		echo "add rule inet ttpdrop kind $match ${4:-1} packets counter drop"
	} | in_host "$1" nft -f - || missing "nft cannot do it here"
}

# dropped HOST: how many were.
dropped()
{
	in_host "$1" nft list chain inet ttpdrop kind | sed -n 's/.* counter packets \([0-9]*\) .* drop$/\1/p'
}

# drop_none [HOST]: HOST, or both, see all again. (nft takes a second to start.)
drop_none()
{
	local host
	[ $# != 0 ] || set -- "$A" "$B"
	for host in "$@"; do
		[ -e "$TMP/drops.$host" ] || continue
		in_host "$host" nft delete table inet ttpdrop
		rm -f "$TMP/drops.$host"
	done
}

# -- offloads --------------------------------------------------------------

# way HOST DEVICE FEATURE...: these offloads are on, all others off.
way()
{
	local host=$1 dev=$2 f on=
	shift 2
	for f in tx tso gso gro; do
		case " $* " in *" $f "*) on="$on $f on" ;; *) on="$on $f off" ;; esac
	done
	# what a device cannot switch is left as it is
	in_host "$host" ethtool -K "$dev" $on >/dev/null 2>&1
	:
}

# patient HOST DEVICE: what comes while a host is idle would pass alone: GRO waits for more, 20 ms.
patient()
{
	ip netns exec "$1" sh -c "echo 20000000 >/sys/class/net/$2/gro_flush_timeout" || missing "no timeout of GRO"
}

# errors: how many segments B found damaged.
errors() { echo $(($(counter "$B" TtpDropChecksum) + $(counter "$B" TtpInErrs))); }
expect_clean() { [ "$(errors)" = "$1" ] || fail "segments arrived damaged"; }

# -- traces ----------------------------------------------------------------

trace_start()		# a fresh one
{
	[ "$TTP_FAMILY" = ttp ] || return 0
	if [ ! -d "$TRACE" ]; then
		mountpoint -q $TRACING || mount -t tracefs tracefs $TRACING || return 1
		mkdir "$TRACE" || return 1
		echo 4096 >"$TRACE/buffer_size_kb"
		echo 1 >"$TRACE/events/ttp/enable"
	fi
	echo >"$TRACE/trace"
}

netns_number() { stat -L -c %i "/run/netns/$1"; }

# trace_of HOST: its events, "SECONDS EVENT key=value ...".
trace_of()
{
	awk -v net="net=${NETNS[$1]}" '
		/^#/ { next }
		{ for (i = 1; i <= NF; i++) if ($i == net) break
		  if (i > NF) next
		  time = $(i - 2); sub(":$", "", time); event = $(i - 1); sub(":$", "", event)
		  out = time " " event
		  for (i++; i <= NF; i++) out = out " " $i
		  print out }' "$TRACE/trace"
}

# longest HOST EVENT PORT: the largest payload of one event on the way to this port.
longest()
{
	trace_of "$1" | awk -v event="$2" -v port="dport=$3" '$2 == event && $0 ~ port {
		for (i = 3; i <= NF; i++) if ($i ~ /^len=/ && substr($i, 5) + 0 > max) max = substr($i, 5) + 0 }
		END { print max + 0 }'
}

# chain HOST PORT: the states of the connection with this local port, as
# CLOSE>SYN_SENT>...; a listener and what it spawned are told apart by rport.
chain()
{
	trace_of "$1" | awk -v lport="lport=$2" '
		$2 == "ttp_state" {
			split("", f)
			for (i = 3; i <= NF; i++) { split($i, kv, "="); f[kv[1]] = kv[2] }
			if ("lport=" f["lport"] != lport || f["rport"] == 0) next
			if (f["old"] == f["new"]) next
			if (out == "") out = f["old"]
			out = out ">" f["new"]
		}
		END { print out }'
}

# times HOST EVENT FLAGS: when segments of these flags (a pattern that the
# whole text must match, e.g. "F?P?A") met the event, seconds.
times()
{
	trace_of "$1" | awk -v event="$2" -v flags="^flags=($3)$" '$2 == event {
		for (i = 3; i <= NF; i++) if ($i ~ flags) print $1 }'
}
sent() { times "$1" ttp_send "$2" | wc -l; }

# grows FIRST FACTOR: standard input are times; the first interval is FIRST
# seconds, each next FACTOR times as long. Late is the machine's fault, early
# is the module's.
grows()
{
	awk -v want="$1" -v factor="$2" '
		NR > 1 { gap = $1 - last
			if (gap < want * 0.7 || gap > want * 4 + 2) {
				print "interval " NR - 1 " is " gap " s, expected " want; exit 1 }
			want *= factor }
		{ last = $1 }'
}
