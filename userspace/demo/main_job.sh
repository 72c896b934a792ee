#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# This script is the main job: nginx and curl, unmodified, exchange files over TTP between two hosts in a VM.
#
# usage: main_job.sh [MIB]     (size of the file, default $TTP_MB or 8; needs root and the VM's environment)
#
# The two hosts are network namespaces joined by a veth link. What each receives is delayed by 10 ms and lost with
# a probability of 1 %, packet by packet. Everything waits for a condition with a limit, nothing for a time.
set -u

mib=${1:-${TTP_MB:-8}}
limit=$((120 + 20 * mib))	# seconds that one transfer may take
C=ttp-curl N=ttp-nginx
C4=10.253.0.1 N4=10.253.0.2 C6=fd00:253::1 N6=fd00:253::2
work=$(mktemp -d)
nginx=
failed=

on_curl()  { ip netns exec $C "$@"; }
on_nginx() { ip netns exec $N "$@"; }

cleanup()
{
	[ -z "$nginx" ] || kill "$nginx" 2>/dev/null
	ip netns del $C 2>/dev/null
	ip netns del $N 2>/dev/null
	rm -rf "$work"
}
trap cleanup EXIT
trap 'exit 1' INT TERM HUP

die()
{
	printf '\n'
	[ ! -s "$work/nginx.log" ] || sed 's/^/   nginx: /' "$work/nginx.log"
	echo "TTP FAILED: $*"
	exit 1
}

# until_true SECONDS COMMAND...: poll until it succeeds.
until_true()
{
	local end=$((SECONDS + $1))
	shift
	until "$@"; do
		[ $SECONDS -lt $end ] || return 1
		sleep 0.2
	done
}

# link_end HOST DEVICE ADDRESS4 ADDRESS6: bring it up; what arrives passes through an ifb device, where the loss
# meets single packets whatever the sender's stack has put together.
link_end()
{
	ip -n "$1" addr add "$3/24" dev "$2" && ip -n "$1" addr add "$4/64" dev "$2" nodad &&
	ip -n "$1" link set lo up && ip -n "$1" link set "$2" up &&
	ip netns exec "$1" ethtool -K "$2" tso off gso off gro off tx off >/dev/null &&
	ip -n "$1" link add road type ifb && ip -n "$1" link set road up &&
	tc -n "$1" qdisc add dev "$2" ingress &&
	tc -n "$1" filter add dev "$2" parent ffff: matchall action mirred egress redirect dev road &&
	tc -n "$1" qdisc add dev road root netem delay 10ms loss 1% limit 10000
}

hosts()
{
	ip netns add $C && ip netns add $N &&
	ip -n $C link add ttp0 type veth peer name ttp0 netns $N &&
	link_end $C ttp0 $C4 $C6 && link_end $N ttp0 $N4 $N6 &&
	until_true 60 answers $N4 && until_true 60 answers $N6
}

# Also lets the hosts learn each other's link addresses, which would delay the first SYN by a round trip.
answers() { on_curl ping -q -c 1 -W 2 "$1" >/dev/null; }

# Packets that the link has lost, both directions.
lost()
{
	local host
	for host in $C $N; do
		tc -n $host -s qdisc show dev road
	done | sed -n 's/.*(dropped \([0-9]*\),.*/\1/p' | awk '{ n += $1 } END { print n + 0 }'
}

# counter NAME: of both hosts together, from /proc/net/ttp_snmp.
counter()
{
	{ on_curl cat /proc/net/ttp_snmp; on_nginx cat /proc/net/ttp_snmp; } |
		awk -v name="$1" '$1 == name { n += $2 } END { print n + 0 }'
}

# Segments that kernel TCP has sent or received in the two hosts: none, if all of this is true.
tcp_segments()
{
	{ on_curl cat /proc/net/snmp; on_nginx cat /proc/net/snmp; } |
		awk '/^Tcp: [0-9]/ { n += $11 + $12 } END { print n + 0 }'
}

start_nginx()
{
	mkdir -p "$work/www/up" "$work/body"
	chmod 755 "$work" "$work/www"
	chown www-data "$work/www/up" "$work/body"
	cat >"$work/nginx.conf" <<-END
		daemon off;
		user www-data;
		pid $work/nginx.pid;
		error_log stderr warn;
		events { }
		http {
			access_log off;
			sendfile on;
			client_body_temp_path $work/body;
			client_max_body_size 0;
			server {
				listen 80;
				listen [::]:80;
				root $work/www;
				location /up/ { dav_methods PUT; }
			}
		}
	END
	# No function here: $! is to be nginx itself.
	ip netns exec $N ttp_run nginx -c "$work/nginx.conf" -e stderr 2>"$work/nginx.log" &
	nginx=$!
	until_true 30 listening || die "nginx does not listen on its TTP ports"
}

# 0A is LISTEN, 0050 is 80.
listening()
{
	kill -0 $nginx 2>/dev/null || die "nginx ended"
	on_nginx grep -q ':0050 .* 0A ' /proc/net/ttp && on_nginx grep -q ':0050 .* 0A ' /proc/net/ttp6
}

same() { cmp -s <(sha256sum <"$1") <(sha256sum <"$2"); }

# Percent done, from curl's own meter: lines that overwrite each other.
percent()
{
	local meter n
	meter=$(<"$work/meter")
	read -r n _ <<<"${meter##*$'\r'}"
	[[ $n =~ ^[0-9]+$ ]] && echo "$n" || echo 0
}

ended()  { ! kill -0 "$job" 2>/dev/null; }
passed() { ended || [ "$(percent)" -ge "$1" ]; }

# transfer NAME SOURCE COPY CURL_ARGUMENT...: run curl, show how far it is, compare the hashes.
transfer()
{
	local name=$1 source=$2 copy=$3 start end mark job status
	shift 3
	printf '   %-14s %3d MiB ' "$name" "$mib"
	: >"$work/meter"
	start=${EPOCHREALTIME/,/.}
	ip netns exec $C ttp_run curl -f --connect-timeout 60 --max-time $limit "$@" 2>"$work/meter" &
	job=$!
	for mark in 20 40 60 80; do
		until_true $limit passed $mark
		! ended || break
		printf '.%s' "$mark"
	done
	wait $job
	status=$?
	end=${EPOCHREALTIME/,/.}
	if [ $status != 0 ]; then
		printf ' curl says: %s\n' "$(tr '\r' '\n' <"$work/meter" | sed -n '$p')"
		failed="${failed:+$failed; }$name: curl ended with status $status"
	elif ! same "$source" "$copy"; then
		printf ' the copy differs\n'
		failed="${failed:+$failed; }$name: the copy differs"
	else
		awk -v t0="$start" -v t1="$end" -v n="$mib" -v sum="$(sha256sum <"$copy")" 'BEGIN {
			t = t1 - t0
			printf ".100 %%  %6.1f s  %5.2f MiB/s  SHA-256 %.8s is right\n", t, n / t, sum }'
	fi
	rm -f "$copy"
}

page()
{
	on_curl ttp_ladder -p 80 -w 100 -- ttp_run curl -sS -f --max-time 60 -o "$work/page" http://$N4/index.html \
		>"$work/ladder" 2>&1 || failed="the page or its ladder did not come"
	sed 's/^/   /' "$work/ladder"
	same "$work/www/index.html" "$work/page" || failed="${failed:+$failed; }the page differs"
}

unloads() { rmmod ttp 2>"$work/rmmod"; }

printf 'Linux %s loads %s and starts nginx on one of two hosts, curl on the other.\n' "$(uname -r)" "${TTP_KO##*/}"
insmod "$TTP_KO" || die "insmod"
hosts || die "the two hosts cannot be set up"
cp /usr/share/nginx/html/index.html "$work/page.html" 2>/dev/null || die "no page: is nginx-light installed?"
start_nginx
cp "$work/page.html" "$work/www/index.html"
# Real files, one after the other, until there is enough.
cat /usr/lib/x86_64-linux-gnu/*.so.* 2>/dev/null | head -c "${mib}M" >"$work/www/file"

printf '\n1. The page that Debian ships with nginx, over IPv4, %s to %s:\n\n' $C4 $N4
page

printf '\n2. A file of %s MiB, 20 ms round trip, 1 %% loss each way:\n\n' "$mib"
transfer "IPv4 download" "$work/www/file" "$work/down" -o "$work/down" "http://$N4/file"
transfer "IPv6 download" "$work/www/file" "$work/down" -o "$work/down" "http://[$N6]/file"
transfer "IPv4 upload"   "$work/www/file" "$work/www/up/file" -T "$work/www/file" "http://$N4/up/file"
transfer "IPv6 upload"   "$work/www/file" "$work/www/up/file" -T "$work/www/file" "http://[$N6]/up/file"
printf '\n   %s segments sent, %s packets lost on the link, %s segments sent again; kernel TCP saw %s.\n' \
	"$(counter TtpOutSegs)" "$(lost)" "$(counter TtpRetransSegs)" "$(tcp_segments)"
[ "$(tcp_segments)" = 0 ] || failed="${failed:+$failed; }kernel TCP was in use"

kill $nginx
wait $nginx
nginx=
# What has been sent last may still have to be acknowledged.
until_true 60 unloads || failed="${failed:+$failed; }rmmod: $(cat "$work/rmmod")"
[ -z "$failed" ] || die "$failed"
printf '\nTTP works: nginx and curl exchanged a page and 4 files intact over IPv4 and IPv6 on Linux %s in %s s.\n' \
	"$(uname -r)" $SECONDS
